/** Kept messages in a map. */
import type { SentMessage, SentMessages } from "./sent-messages.ts";

export function createMemorySentMessages(): SentMessages {
  const messages = new Map<string, SentMessage>();
  const newestFirst = () => [...messages.values()].toReversed().toSorted((a, b) => b.createdAt - a.createdAt);
  return {
    async add(message) {
      if (!messages.has(message.messageId)) messages.set(message.messageId, message);
    },
    of: async (recipientHash, limit) =>
      newestFirst()
        .filter((message) => message.recipientHash === recipientHash)
        .slice(0, limit),
    async purge(before, limit) {
      const old = [...messages.values()].filter(({ createdAt }) => createdAt < before).slice(0, limit);
      for (const { messageId } of old) messages.delete(messageId);
      return old.length;
    },
  };
}
