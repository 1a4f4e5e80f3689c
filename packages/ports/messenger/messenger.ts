/**
 * Messages to people, by SMS or mail: one-time codes today, word of trains tomorrow. A message names its template and the facts
 * that go into it, because carriers send only texts that were registered with them; the words are in `contracts/messages.ts`.
 */
import type { Message } from "@chepiao/contracts";

export type Messenger = {
  /**
   * Hands the message over to the one that carries it; resolves once it is taken, which is not yet delivered. The same
   * `messageId` again is the same message and goes out once. Throws where nobody takes it now.
   */
  send(message: Message): Promise<void>;
};
