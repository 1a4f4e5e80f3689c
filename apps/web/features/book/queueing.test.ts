/** Which queue a page that is looked at before the sale opens takes a lot in, and how long one waits. */
import { expect, test } from "bun:test";
import { queueOf, queuesOn } from "./useQueueing.ts";
import { minutesLeft } from "./useQueuePlace.ts";

const queue = (queueId: string, scope: string, more: { readonly ended?: boolean } = {}) => ({
  queueId,
  scope,
  collectsFrom: "2026-12-01T08:00:00+08:00",
  ended: false,
  ...more,
});
const run = { trainNumber: "G1", originDate: "2026-12-15" };

test("a queue is on from when lots are taken until it ends", () => {
  const collects = Date.parse("2026-12-01T08:00:00+08:00");
  const queues = [queue("on", "G1/2026-12-15"), queue("over", "2026-12-15", { ended: true })];
  expect(queuesOn(queues, collects - 1)).toEqual([]);
  expect(queuesOn(queues, collects).map(({ queueId }) => queueId)).toEqual(["on"]);
});

test("it is that of the run, else that of its day, and none of others", () => {
  const others = [queue("train", "G2/2026-12-15"), queue("day", "2026-12-16")];
  expect(queueOf(others, [run])).toBe(null);
  expect(queueOf([...others, queue("ofTheDay", "2026-12-15")], [run])).toBe("ofTheDay");
  expect(queueOf([queue("ofTheDay", "2026-12-15"), queue("ofTheRun", "G1/2026-12-15")], [run])).toBe("ofTheRun");
  expect(queueOf([queue("ofTheDay", "2026-12-15")], [])).toBe(null);
});

test("nobody waits less than it takes to call all who are ahead", () => {
  expect([minutesLeft(0, 600), minutesLeft(599, 600), minutesLeft(600, 600)]).toEqual([1, 1, 2]);
});
