/** Messengers keep the rules of the port, and each channel has its own. */
import { expect, test } from "bun:test";
import type { Message, MessageChannel } from "@chepiao/contracts";
import { createMemoryMessenger, createMemorySentMessages, messengerOf } from "./index.ts";
import { messengerSuite } from "./messenger.suite.ts";
import { sentMessagesSuite } from "./sent-messages.suite.ts";

messengerSuite("memory", () => {
  const messenger = createMemoryMessenger();
  return { messenger, sentTo: async (recipient) => messenger.sent.filter(({ to }) => to === recipient) };
});

sentMessagesSuite("memory", createMemorySentMessages);

test("each channel goes to its own carrier, and a channel without one is not carried", async () => {
  const [mail, sms] = [createMemoryMessenger(), createMemoryMessenger()];
  const message = (channel: MessageChannel): Message => ({
    messageId: channel,
    channel,
    to: "someone",
    template: "passwordChanged",
    facts: {},
    language: "en",
  });
  const both = messengerOf({ mail, sms })!;
  expect([...both.channels].toSorted()).toEqual(["mail", "sms"]);
  await both.send(message("mail"));
  await both.send(message("sms"));
  expect([mail, sms].map(({ sent }) => sent.map(({ messageId }) => messageId))).toEqual([["mail"], ["sms"]]);
  const onlyMail = messengerOf({ mail, sms: null })!;
  expect(onlyMail.channels).toEqual(["mail"]);
  expect(onlyMail.send(message("sms"))).rejects.toThrow("nobody carries messages by sms");
  expect(messengerOf({ mail: null, sms: null })).toBeNull();
});
