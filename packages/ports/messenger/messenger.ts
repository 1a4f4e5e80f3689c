/**
 * Messages to people, by SMS or mail: one-time codes, word of their account, what became of their orders. A message names its template and the
 * facts that go into it, because carriers send only texts that were registered with them; the words are in `contracts/messages.ts`.
 */
import type { Message, MessageChannel } from "@chepiao/contracts";

export type Messenger = {
  /** Which are carried: nothing may be handed over for another. */
  readonly channels: readonly MessageChannel[];
  /**
   * Hands the message over to the one that carries it; resolves once it is taken, which is not yet delivered. The same
   * `messageId` again is the same message: it goes out once, or says by its own id that it is the same to whoever reads it.
   * Throws `MessageRefused` where it will never be taken, and something else where nobody takes it now.
   */
  send(message: Message): Promise<void>;
};

/** It is in vain to hand that message over again, as there is no such recipient. What it says has no address in it. */
export class MessageRefused extends Error {
  override readonly name = "MessageRefused";
}

/** Each channel by its own messenger; null where there is none for any. */
export function messengerOf(carriers: Readonly<Record<MessageChannel, Messenger | null>>): Messenger | null {
  const carried = Object.entries(carriers).filter(([, carrier]) => carrier !== null);
  if (carried.length === 0) return null;
  return {
    channels: carried.map(([channel]) => channel as MessageChannel),
    async send(message) {
      const carrier = carriers[message.channel];
      if (!carrier) throw new Error(`nobody carries messages by ${message.channel}`);
      await carrier.send(message);
    },
  };
}
