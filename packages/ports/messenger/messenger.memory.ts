/** Messages in a list instead of on their way. */
import { type Message, messageChannels } from "@chepiao/contracts";
import type { Messenger } from "./messenger.ts";

export type MemoryMessenger = Messenger & { readonly sent: readonly Message[] };

export function createMemoryMessenger(channels: Messenger["channels"] = messageChannels): MemoryMessenger {
  const sent: Message[] = [];
  return {
    sent,
    channels,
    async send(message) {
      if (!sent.some(({ messageId }) => messageId === message.messageId)) sent.push(message);
    },
  };
}
