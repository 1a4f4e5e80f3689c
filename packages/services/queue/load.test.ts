/** Whether there is too much load, and for whom a queue would help. */
import { expect, test } from "bun:test";
import { type QueueLoadRules, type RunId, runId } from "@chepiao/contracts";
import { epochMs, secondMs, serviceDate } from "@chepiao/kernel";
import type { ProcessLoad } from "@chepiao/ports/purchase-load";
import { isCalm, isTooMuch, mostTried, nothingWatched, watchLoad } from "./load.ts";

const rules: QueueLoadRules = {
  waiting: { on: 100, off: 20 },
  unwrittenSeconds: { on: 30, off: 5 },
  afterSeconds: 3,
  calmSeconds: 10,
  perMinute: 60,
  inside: 10,
  lastsMinutes: 60,
};
const load = (waiting: number, unwrittenSeconds = 0, tries: Record<RunId, number> = {}): ProcessLoad => ({
  waiting,
  unwrittenMs: unwrittenSeconds * secondMs,
  tries,
});
const at = (seconds: number) => epochMs(1_800_000_000_000 + seconds * secondMs);

/** What is said of each second, from the first on. */
function watched(seconds: readonly (readonly ProcessLoad[])[]) {
  let watch = nothingWatched;
  return seconds.map((loads, second) => {
    watch = watchLoad(watch, loads, rules, at(second));
    return isTooMuch(watch, rules, at(second)) ? "too much" : isCalm(watch, rules, at(second)) ? "calm" : "neither";
  });
}
const times = <T>(count: number, what: T): T[] => Array.from({ length: count }, () => what);

test("there is too much once one process has had too much for long enough without a break", () => {
  expect(watched(times(5, [load(0), load(100)]))).toEqual(["neither", "neither", "neither", "too much", "too much"]);
  expect(watched(times(5, [load(0, 30)])).at(-1)).toBe("too much");
  const withBreak = [...times(3, [load(100)]), [load(99)], ...times(3, [load(100)])];
  expect(watched(withBreak)).toEqual(times(7, "neither"));
  expect(watched(times(5, [load(99, 29)]))).toEqual(times(5, "neither"));
});

test("orders that wait for less and less long to be written are not too much; those that do not get on are", () => {
  const draining = Array.from({ length: 20 }, (_, second) => [load(0, 60 - second)]);
  expect(watched(draining)).toEqual(times(20, "neither"));
  expect(watched([...draining, ...times(4, [load(0, 41)])]).at(-1)).toBe("too much");
  expect(watched(draining.map(() => [load(100, 60)])).at(-1)).toBe("too much");
});

test("it is calm once all have been calm for long enough, also where nobody buys; between the limits it is neither", () => {
  expect(watched(times(12, [load(20, 5)])).slice(-3)).toEqual(["neither", "calm", "calm"]);
  expect(watched(times(12, [])).at(-1)).toBe("calm");
  for (const loads of [[load(20), load(21)], [load(0, 6)]]) expect(watched(times(12, loads)).at(-1)).toBe("neither");
  expect(watched([...times(9, [load(0)]), [load(50)], ...times(9, [load(0)])]).at(-1)).toBe("neither");
});

test("who has not looked for a while knows nothing of before", () => {
  const seen = watchLoad(nothingWatched, [], rules, at(0));
  expect(isCalm(seen, rules, at(60))).toBe(false);
  expect(isCalm(watchLoad(seen, [], rules, at(60)), rules, at(60))).toBe(false);
  const busy = watchLoad(nothingWatched, [load(100)], rules, at(0));
  expect(isTooMuch(watchLoad(busy, [load(100)], rules, at(60)), rules, at(60))).toBe(false);
});

const [day, next] = [serviceDate("2027-01-20"), serviceDate("2027-01-21")];
const run = (trainNumber: string, date = day) => runId(trainNumber, date);
const free = () => true;

test("a queue is for the run that is tried most, by all processes together", () => {
  const loads = [load(0, 0, { [run("G1")]: 5, [run("G2")]: 6 }), load(0, 0, { [run("G1")]: 5 })];
  expect(mostTried(loads, free)).toBe(run("G1"));
  expect(mostTried([load(0)], free)).toBeNull();
  expect(mostTried([], free)).toBeNull();
});

test("where no run has half of what is tried of its day it is for the day", () => {
  const tries = { [run("G1")]: 4, [run("G2")]: 3, [run("G3")]: 3, [run("G4", next)]: 100 };
  expect(mostTried([load(0, 0, tries)], (scope) => scope !== run("G4", next))).toBe(day);
  expect(mostTried([load(0, 0, { [run("G1")]: 4, [run("G2")]: 4 })], free)).toBe(run("G1"));
});

test("what has a queue, or is exempt, gets none", () => {
  const tries = { [run("G1")]: 9, [run("G2", next)]: 1 };
  expect(mostTried([load(0, 0, tries)], (scope) => scope !== run("G1"))).toBe(run("G2", next));
  expect(mostTried([load(0, 0, tries)], (scope) => scope !== day)).toBe(run("G2", next));
  expect(mostTried([load(0, 0, tries)], () => false)).toBeNull();
});
