/** The rules of messages that are kept. */
import { expect, test } from "bun:test";
import { epochMs } from "@chepiao/kernel";
import type { SentMessage, SentMessages } from "./sent-messages.ts";

const hash = (text: string) => Buffer.from(text.padEnd(32, ".")).toString("hex");
const message = (n: number, to = "anna"): SentMessage => ({
  messageId: `message-${n}`,
  recipientHash: hash(to),
  contentSealed: `sealed ${n}`,
  createdAt: epochMs(1_800_000_000_000 + n),
});

export function sentMessagesSuite(adapter: string, create: () => Promise<SentMessages> | SentMessages): void {
  test(`${adapter}: messages come back newest first, each once, and for their recipient alone`, async () => {
    const messages = await create();
    for (const n of [1, 3, 2, 2]) await messages.add(message(n));
    await Promise.all([messages.add(message(4, "bert")), messages.add(message(4, "bert"))]);
    await messages.add({ ...message(1), contentSealed: "another" });
    expect(await messages.of(hash("anna"), 10)).toEqual([message(3), message(2), message(1)]);
    expect(await messages.of(hash("anna"), 2)).toEqual([message(3), message(2)]);
    expect(await messages.of(hash("bert"), 10)).toEqual([message(4, "bert")]);
    expect(await messages.of(hash("carl"), 10)).toEqual([]);
  });

  test(`${adapter}: old messages are forgotten, a bounded number at a time`, async () => {
    const messages = await create();
    for (const n of [1, 2, 3, 4]) await messages.add(message(n));
    const before = message(4).createdAt;
    expect([await messages.purge(before, 2), await messages.purge(before, 2), await messages.purge(before, 2)]).toEqual(
      [2, 1, 0],
    );
    expect(await messages.of(hash("anna"), 10)).toEqual([message(4)]);
  });
}
