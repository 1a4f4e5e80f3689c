/** The rules of a messenger. */
import { expect, test } from "bun:test";
import type { Message } from "@chepiao/contracts";
import type { Messenger } from "./messenger.ts";

export type MessengerSubject = {
  readonly messenger: Messenger;
  /** What was taken for this recipient, oldest first. */
  sentTo(to: string): Promise<readonly Message[]>;
};

const code = (n: number): Message => ({
  messageId: `message-${n}`,
  channel: "sms",
  to: "13900000001",
  template: "passwordResetCode",
  facts: { code: String(n).padStart(8, "0"), minutes: 10 },
  language: "zh",
});

export function messengerSuite(adapter: string, create: () => Promise<MessengerSubject> | MessengerSubject): void {
  test(`${adapter}: a message is taken as it was written, for its recipient alone`, async () => {
    const { messenger, sentTo } = await create();
    const mail: Message = { ...code(2), channel: "mail", to: "a@example.com", language: "en" };
    await messenger.send(code(1));
    await messenger.send(mail);
    expect(await sentTo("13900000001")).toEqual([code(1)]);
    expect(await sentTo("a@example.com")).toEqual([mail]);
    expect(await sentTo("13900000002")).toEqual([]);
  });

  test(`I7 ${adapter}: a message that is handed over twice goes out once`, async () => {
    const { messenger, sentTo } = await create();
    await Promise.all([messenger.send(code(1)), messenger.send(code(1))]);
    await messenger.send(code(1));
    await messenger.send(code(2));
    expect(await sentTo("13900000001")).toEqual([code(1), code(2)]);
  });
}
