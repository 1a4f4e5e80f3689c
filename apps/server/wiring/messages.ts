/**
 * Who carries messages to people: the mail server that the operator named, or an inbox to practise with, which everybody reads. What nobody
 * carries is not sent: whoever asks for it is told so.
 */
import { addressForms, readAddress, tlsFor } from "@chepiao/adapters/engine-address";
import {
  createSandboxMessages,
  type SandboxMessages,
  type SandboxMessagesDeps,
} from "@chepiao/adapters/sandbox-messages";
import { createSmtpMessenger } from "@chepiao/adapters/smtp";
import { type Messenger, messengerOf } from "@chepiao/ports/messenger";
import { type Config, isHere, isPractice, mailServer } from "../config.ts";

export type MessagesWiring = {
  readonly messenger: Messenger | null;
  /** The inbox to practise with; null where there is none: what is in it is sealed, by keys that the user role has. */
  readonly practised: SandboxMessages | null;
};

type MessagesWiringDeps = SandboxMessagesDeps & { readonly config: Config };

export function wireMessages({ config, ...deps }: MessagesWiringDeps): MessagesWiring {
  const practised = isPractice(config) && config.roles.includes("user") ? createSandboxMessages(deps) : null;
  return { messenger: messengerOf({ mail: smtpOf(config) ?? practised, sms: practised }), practised };
}

function smtpOf(config: Config): Messenger | null {
  const said = mailServer(config);
  if (said === null) return null;
  const { tls, ...address } = readAddress(said.url, addressForms.smtp);
  const isTls = said.url.startsWith(`${addressForms.smtp.tls}:`);
  return createSmtpMessenger({
    server: {
      ...address,
      // A relay of this machine has no certificate, and nobody listens between here and here.
      security: isTls ? "tls" : isHere(address.host) ? "clear" : "startTls",
      // No engine of ours: whom those trust says nothing about it.
      tls: tlsFor({ tls })!,
    },
    from: said.from,
  });
}
