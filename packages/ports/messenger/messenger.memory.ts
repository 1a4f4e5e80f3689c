/** Messages in a list instead of on their way. */
import type { Message } from "@chepiao/contracts";
import type { Messenger } from "./messenger.ts";

export type MemoryMessenger = Messenger & { readonly sent: readonly Message[] };

export function createMemoryMessenger(): MemoryMessenger {
  const sent: Message[] = [];
  return {
    sent,
    async send(message) {
      if (!sent.some(({ messageId }) => messageId === message.messageId)) sent.push(message);
    },
  };
}
