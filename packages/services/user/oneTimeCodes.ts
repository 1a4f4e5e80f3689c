/** Codes that are sent to a phone or a mail address: who reads one there has it. Only a keyed hash of each is kept. */
import type { Message, MessageChannel, MessageTemplate } from "@chepiao/contracts";
import {
  epochMs,
  minuteMs,
  oneTimeCodeDigits,
  oneTimeCodeTriesMax,
  oneTimeCodeTtlMs,
  secondMs,
  type UserId,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Messenger } from "@chepiao/ports/messenger";
import type { CodeAsked, CodePurpose } from "@chepiao/ports/one-time-codes";
import type { Sending } from "./attempts.ts";
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

/**
 * Whoever asked for a code hears by then that nobody took it: before a gateway takes the silence for a role that hangs (9 s), and before
 * a quiet connection is dropped (10 s).
 */
export const codeWithinMs = 6 * secondMs;

/** Throws where it takes longer; what was begun goes on, as a carrier that is slow may have the message already. */
export function inTime<T>(clock: Pick<Clock, "after">, sending: Promise<T>, withinMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const takeBack = clock.after(withinMs, () => late.reject(new Error(`nobody took a code within ${withinMs} ms`)));
  return Promise.race([sending, late.promise]).finally(takeBack);
}

/** Hands a message over; what was counted for it is given back where nobody took it, also when its asker has long been told. */
export async function sendCounted(messenger: Messenger, message: Message, counted: Sending): Promise<void> {
  try {
    await messenger.send(message);
  } catch (error) {
    await counted.withdraw();
    throw error;
  }
}
const uncounted: Sending = { withdraw: async () => {} };

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
    async send(contact: Contact, code: string, language: Language, counted = uncounted): Promise<void> {
      const message: Message = {
        messageId: random.token(16),
        ...addressed(contact),
        template: templates[purpose][contact.kind],
        facts: { code, minutes: oneTimeCodeTtlMs / minuteMs },
        language,
      };
      await sendCounted(messenger!, message, counted);
    },
    /** Costs the code a try. */
    try: (userId: UserId, contact: Contact | null, code: string) =>
      codes.try(asked(userId, contact, code), clock.now()),
    /** True once. */
    use: (userId: UserId, contact: Contact, code: string) => codes.use(asked(userId, contact, code), clock.now()),
    end: (userId: UserId) => codes.end(userId, purpose),
  };
}
