/** Codes that are sent to a phone or a mail address: who reads one there has it. Only a keyed hash of each is kept. */
import type { Message, MessageChannel, MessageTemplate } from "@chepiao/contracts";
import {
  epochMs,
  minuteMs,
  oneTimeCodeDigits,
  oneTimeCodeTriesMax,
  oneTimeCodeTtlMs,
  type UserId,
} from "@chepiao/kernel";
import type { Messenger } from "@chepiao/ports/messenger";
import type { CodeAsked, CodePurpose } from "@chepiao/ports/one-time-codes";
import { type Contact, type ContactKind, contactText } from "./contact.ts";
import type { UserDeps } from "./deps.ts";

const templates = {
  passwordReset: { phone: "passwordResetCode", email: "passwordResetCode" },
  contactProof: { phone: "phoneProofCode", email: "emailProofCode" },
  contactChange: { phone: "phoneProofCode", email: "emailProofCode" },
} as const satisfies Record<CodePurpose, Record<ContactKind, MessageTemplate>>;

/** How a message gets there. */
export const addressed = ({ kind, address }: Contact): Pick<Message, "channel" | "to"> => ({
  channel: channelOf[kind],
  to: address,
});
const channelOf = { phone: "sms", email: "mail" } as const satisfies Record<ContactKind, MessageChannel>;

/** Is there somebody who carries messages to that kind of contact? */
export const isCarried = (messenger: Messenger | null, { kind }: Pick<Contact, "kind">): boolean =>
  messenger?.channels.includes(channelOf[kind]) ?? false;

type Language = "zh" | "en";

export function codesFor(
  purpose: CodePurpose,
  deps: Pick<UserDeps, "codes" | "vault" | "clock" | "random" | "messenger">,
) {
  const { codes, vault, clock, random, messenger } = deps;
  /** Bound to where it is sent: once an account is reached elsewhere, a code that went to the place before is none. */
  const asked = (userId: UserId, contact: Contact | null, code: string): CodeAsked => ({
    userId,
    purpose,
    codeHash: vault.fingerprint(`code:${purpose}:${userId}:${code}:${contact === null ? "" : contactText(contact)}`),
  });
  return {
    /** A new one, in the place of the one before. */
    async make(userId: UserId, contact: Contact): Promise<string> {
      const code = random.digits(oneTimeCodeDigits);
      const now = clock.now();
      const expiresAt = epochMs(now + oneTimeCodeTtlMs);
      await codes.put({ ...asked(userId, contact, code), triesMax: oneTimeCodeTriesMax, createdAt: now, expiresAt });
      return code;
    },
    async send(contact: Contact, code: string, language: Language): Promise<void> {
      await messenger!.send({
        messageId: random.token(16),
        ...addressed(contact),
        template: templates[purpose][contact.kind],
        facts: { code, minutes: oneTimeCodeTtlMs / minuteMs },
        language,
      });
    },
    /** Costs the code a try. */
    try: (userId: UserId, contact: Contact | null, code: string) =>
      codes.try(asked(userId, contact, code), clock.now()),
    /** True once. */
    use: (userId: UserId, contact: Contact, code: string) => codes.use(asked(userId, contact, code), clock.now()),
    end: (userId: UserId) => codes.end(userId, purpose),
  };
}
