/** What it costs to ask how likely seats are. */
import { expect, test } from "bun:test";
import { policyDefault, runId, type WaitingPlace } from "@chepiao/contracts";
import { addDays, epochMs, minuteMs, type UserId } from "@chepiao/kernel";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemoryWaitlistStore } from "@chepiao/ports/waitlist-store";
import { type ChancesDeps, createChances } from "./chances.ts";
import { timetableOf, trainsOn } from "./railwayRules.suite.ts";
import { day, now } from "./testing.ts";

const anna = 7 as UserId;
const bert = 8 as UserId;
const question = (trains: number) => ({ from: "A", to: "C", choices: trainsOn([day], trains), passengerCount: 1 });

function open(over: Partial<ChancesDeps> = {}) {
  const asked: WaitingPlace[] = [];
  const time = { now };
  const clock = { now: () => time.now, soon: queueMicrotask };
  const store = createMemoryWaitlistStore(createMemoryOutbox());
  const chances = createChances({
    clock,
    timetable: () => timetableOf(policyDefault),
    store,
    limiter: createMemoryRateLimiter(clock),
    chancesPerAccountMinute: 3,
    inventory: {
      async ahead(places) {
        asked.push(...places);
        return places.map((_, n) => n);
      },
    },
    ...over,
  });
  return { chances, store, asked, time };
}

test("of many trains each is asked about as a whole, and the classes of the first six by themselves", async () => {
  const { chances, asked } = open();
  const answer = await chances.asked(anna, question(8));
  const choices = answer.ok ? answer.value.choices : [];
  expect(choices.map(({ choice }) => choice)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(choices.map(({ seatClasses }) => seatClasses.map(({ ahead }) => ahead).join())).toEqual([
    "1",
    "3",
    "5",
    "7",
    "9",
    "11",
    "",
    "",
  ]);
  expect(asked.map(({ run }) => run.train.trainNumber).slice(-4)).toEqual(["G6", "G6", "G7", "G8"]);
});

test("an account asks so often in a minute, of all others apart: past that nothing is looked up, and it is told when to come again", async () => {
  const { chances, asked, time } = open();
  const ask = async (userId: UserId) => {
    const answer = await chances.asked(userId, question(1));
    return answer.ok ? "told" : [answer.error.code, answer.error.facts?.["retryAfterSeconds"]];
  };
  expect([await ask(anna), await ask(anna), await ask(anna)]).toEqual(["told", "told", "told"]);
  const looked = asked.length;
  expect(await ask(anna)).toEqual(["TooManyRequests", 20]);
  expect(asked.length).toBe(looked);
  expect(await ask(bert)).toBe("told");
  time.now = epochMs(now + minuteMs / 3);
  expect(await ask(anna)).toBe("told");
  expect(await ask(anna)).toEqual(["TooManyRequests", 20]);
});

test("what is known is read a page at a time, each run once, and others have their turn between two pages", async () => {
  const { store } = open();
  const runs = 45;
  for (let n = 0; n < runs; n++)
    await store.addOutcomes({ runId: runId("G1", addDays(day, n - 60)), releases: [], waits: [] }, now);
  const happened: (number | "turn")[] = [];
  const { chances } = open({
    clock: {
      now: () => now,
      soon(call) {
        happened.push("turn");
        queueMicrotask(call);
      },
    },
    store: {
      async outcomes(after, limit) {
        const page = await store.outcomes(after, limit);
        happened.push(page.length);
        return page;
      },
    },
  });
  await chances.asked(anna, question(1));
  expect(happened).toEqual([20, "turn", 20, "turn", 5]);
  await chances.asked(anna, question(1));
  expect(happened).toHaveLength(5);
});
