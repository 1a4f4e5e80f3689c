import { createMemoryMessenger, createMemorySentMessages } from "./index.ts";
import { messengerSuite } from "./messenger.suite.ts";
import { sentMessagesSuite } from "./sent-messages.suite.ts";

messengerSuite("memory", () => {
  const messenger = createMemoryMessenger();
  return { messenger, sentTo: async (recipient) => messenger.sent.filter(({ to }) => to === recipient) };
});

sentMessagesSuite("memory", createMemorySentMessages);
