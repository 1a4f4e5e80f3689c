/** Appeals: one of an account against a block that is its own, in plain text, with what became of it. */
import { expect, test } from "bun:test";
import { type Appeal, type SessionView, type Timetable } from "@chepiao/contracts";
import { epochMs, minuteMs, parseZone } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { type BlockSubject, createMemoryRiskStore } from "@chepiao/ports/risk-store";
import { createAppeals } from "./appeals.ts";

const timetable = { zone: parseZone("Asia/Shanghai")! } as unknown as Timetable;
const [reference, other] = ["0F1E2D3C4B5A", "1F1E2D3C4B5A"];

async function open(subject: BlockSubject = "account 7") {
  const clock = createManualClock(epochMs(30_000_000 * minuteMs));
  const store = createMemoryRiskStore();
  const limiter = createMemoryRateLimiter(clock);
  const { handlers } = createAppeals({ clock, store, limiter, timetable: () => timetable });
  const block = (blockId: string, whom: BlockSubject) =>
    store.block({ blockId, subject: whom, reason: "resells", since: clock.now(), until: null });
  await block(reference, subject);
  const sessionOf = (userId: number): SessionView => ({ sessionId: "S1", userId, role: "passenger" });
  async function send(text: string, userId = 7, against = reference) {
    const answered = await handlers.appeal({ session: sessionOf(userId), body: { reference: against, text } } as never);
    return answered.ok ? (answered.value.body as Appeal) : answered.error.code;
  }
  async function read(userId = 7) {
    const answered = await handlers.appeals({ session: sessionOf(userId) } as never);
    if (!answered.ok) return answered.error.code;
    return (answered.value.body as { appeals: Appeal[] }).appeals.map(({ state, answer }) => [state, answer]);
  }
  return { clock, store, block, send, read };
}

test("who is blocked appeals once: the same again changes nothing, another text is refused, and nobody else reads it", async () => {
  const { send, read, store } = await open();
  const sent = await send("I bought for my family.");
  expect(sent).toMatchObject({ reference, text: "I bought for my family.", state: "open", answer: null });
  expect(await send("I bought for my family.")).toEqual(sent);
  expect(await send("Please!")).toBe("AppealStands");
  expect([await read(7), await read(8)]).toEqual([[["open", null]], []]);
  expect(await store.appeals("all", 10)).toHaveLength(1);
});

test("a block of another account, or none, is not appealed against; one of a network is by whoever knows its reference", async () => {
  const own = await open();
  expect(await own.send("Why?", 8)).toBe("AppealUnknown");
  expect(await own.send("Why?", 7, other)).toBe("AppealUnknown");
  const network = await open("network 203.0.113.0/24");
  expect([await network.send("Why?", 7), await network.send("Why?", 8)]).toMatchObject([
    { text: "Why?" },
    { text: "Why?" },
  ]);
});

test("what was decided is read with its answer; a block that ended by itself leaves an appeal that is over", async () => {
  const { send, read, store, block, clock } = await open();
  await send("Why?");
  await store.decideAppeals(reference, { isGranted: true, answer: "Our mistake.", at: clock.now() });
  expect(await read()).toEqual([["granted", "Our mistake."]]);
  await clock.advance(1_000);
  await block(other, "account 7");
  await send("Again?", 7, other);
  expect(await read()).toEqual([
    ["open", null],
    ["granted", "Our mistake."],
  ]);
  await store.unblock("account 7");
  expect(await read()).toEqual([
    ["over", null],
    ["granted", "Our mistake."],
  ]);
});

test("what moves a cursor, ends a line or turns the direction is no part of a text, and nothing else is taken from it", async () => {
  const { send } = await open();
  expect(await send("\u202E\u0007 \n\u200B\uD800")).toBe("AppealEmpty");
  const enemy = "Hello\u001b[2J\r\nworld\u2028\u202Eegrof \uD800 家族👨‍👩‍👧 <b>";
  expect(await send(enemy)).toMatchObject({ text: "Hello [2J world egrof 家族👨‍👩‍👧 <b>" });
});

test("an account that floods is told to wait, and so are the many accounts of one network", async () => {
  const { send, read } = await open("network 203.0.113.0/24");
  for (let n = 0; n < 5; n++) await send("Why?");
  expect(await send("Why?")).toBe("TooManyRequests");
  const answers = [];
  for (let userId = 100; userId < 150; userId++) answers.push(await send("Why?", userId));
  expect(answers.at(-2)).toMatchObject({ state: "open" });
  expect(answers.at(-1)).toBe("TooManyRequests");
  const reads = [];
  for (let n = 0; n <= 30; n++) reads.push(await read());
  expect(reads.at(-1)).toBe("TooManyRequests");
});
