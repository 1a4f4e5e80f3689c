/** A few seeds of the simulation, which `npm run sim` runs by the thousand: I1 to I8 hold, and one seed is one history. */
import { expect, test } from "bun:test";
import { faultNames, faultsOf, hasFired, kindOf } from "./faults/faults.ts";
import { roundOf, worldOf } from "./plan.ts";
import { runSeed } from "./run.ts";
import { shrink } from "./shrink.ts";
import { storyOf } from "./story.ts";

const steps = 20_000;

/** Two clusters and two platforms in one process. */
test.each([1, 2, 3, 5])("seed %d: nothing is wrong when all is quiet again", (seed) => {
  const { violations, rounds, steps: taken, orders } = runSeed({ seed, steps });
  expect(violations).toEqual([]);
  expect([rounds > 0, taken >= steps, orders.size > 2]).toEqual([true, true, true]);
});

test("who waits in line is served, leaves, or is too late", () => {
  const { entries } = runSeed({ seed: 7, steps });
  expect(["served", "cancelled", "expired"].filter((state) => !entries.has(state))).toEqual([]);
});

test("who has a ticket of a train that is cancelled while it is sold has the money back", () => {
  const { violations, told, orders } = runSeed({ seed: 252, steps: 10_000, rounds: 1 });
  expect(violations).toEqual([]);
  const happened = ["cancelled a train: done", "RunCancelled"].every((what) => (told.get(what) ?? 0) > 0);
  expect([happened, (orders.get("refunded") ?? 0) > 0]).toEqual([true, true]);
});

test("who stands in a queue is drawn, called and buys, and others do not", () => {
  const { violations, told } = runSeed({ seed: 6, steps: 10_000, rounds: 1 });
  expect(violations).toEqual([]);
  const happened = ["took a place in a queue", "in a queue: waits", "in a queue: inside", "QueueOn"];
  expect(happened.filter((what) => !told.has(what))).toEqual([]);
});

test("what happens to orders is told once, and mailed whatever happens to the mail server and to who hands mails over", () => {
  const { violations, told, fired } = runSeed({ seed: 27, steps: 20_000, rounds: 1 });
  expect(violations).toEqual([]);
  const isTroubled = [...fired.keys()].some((what) => what.startsWith("mail: "));
  expect([isTroubled, (told.get("was mailed") ?? 0) > 20]).toEqual([true, true]);
});

test("one seed is one history, however often it is told and whoever listens", () => {
  for (const kind of ["cluster", "embedded"] as const) {
    const first = runSeed({ seed: 4, steps: 8_000, kind });
    let heard = 0;
    const again = runSeed({ seed: 4, steps: 8_000, kind, listener: () => heard++ });
    expect([again.hash, again.steps]).toEqual([first.hash, first.steps]);
    expect(heard).toBeGreaterThan(first.steps);
    expect(runSeed({ seed: 5, steps: 8_000, kind }).hash).not.toBe(first.hash);
  }
});

test("both kinds of world are chosen, and every kind of fault is planned in one of them", () => {
  const seeds = Array.from({ length: 400 }, (_, seed) => seed);
  expect(new Set(seeds.map((seed) => worldOf({ seed }))).size).toBe(2);
  const planned = new Set(
    seeds.flatMap((seed) => [0, 1, 2].flatMap((n) => roundOf(n, { seed }).faults)).map(({ kind }) => kind),
  );
  expect(faultNames.filter((name) => !planned.has(name))).toEqual([]);
  expect(faultsOf("embedded").every((name) => kindOf(name).where !== "cluster")).toBe(true);
});

test("a kind of fault has fired once what it does has happened, not when it was planned", () => {
  expect(hasFired("hints lost", new Map([["delay: hint lost", 1]]))).toBe(true);
  expect(hasFired("hints lost", new Map([["hints lost", 1]]))).toBe(false);
  expect(hasFired("log away", new Map([["log away", 1]]))).toBe(true);
});

test("people and faults that stay away leave the others as they were", () => {
  const whole = roundOf(0, { seed: 7 });
  const [person] = whole.people;
  const [fault] = whole.faults;
  const only = new Set([person!.id, fault!.id]);
  expect(roundOf(0, { seed: 7, only })).toEqual({
    ...whole,
    people: [person!],
    faults: [fault!],
    changes: [],
    imports: [],
    cancellations: [],
    withdrawals: [],
    exchanges: [],
    passages: [],
    queues: [],
    mailTroubles: [],
    leavers: [],
  });
});

test("a failure shrinks to what it needs, and is told as the story of its order", () => {
  // Nothing of the platform is wrong, so the failure is made up: somebody's order is expired.
  const options = { seed: 1, steps: 8_000 };
  const outcome = runSeed(options);
  const shrunk = shrink(options, { ...outcome, violations: ["I4: made up"], failedInRound: 0 }, Infinity, () => 0);
  expect(shrunk.options).toBe(options);
  expect(shrunk.trials).toBe(1);
  const lines: string[] = [];
  runSeed({ ...options, listener: (_, __, what, detail) => void (what === "order.submit" && lines.push(detail)) });
  const orderNo = /E\d{17}/.exec(lines.find((line) => line.includes('"status":202'))!)![0];
  const story = storyOf(options, orderNo);
  expect(story.some((line) => line.includes("orders.accept"))).toBe(true);
  expect(story.every((line) => /^ +\d+\.\d{3} s {2}\S/.test(line))).toBe(true);
});
