/** Why seats that came back were not for an entry, as its owner is told. */
import { expect, test } from "bun:test";
import { type OrderId } from "@chepiao/kernel";
import type { WaitlistChoice, WaitlistRecord, WaitlistRelease } from "@chepiao/ports/waitlist-store";
import { decideNotOrdered } from "./decide.ts";
import { releasesAsked, storyOf } from "./story.ts";
import { choiceOf, later, waitingEntry } from "./testing.ts";

const minute = 60_000;
const none = new Map<number, number>();
const entry = waitingEntry();
const release = (over: Partial<WaitlistRelease> = {}): WaitlistRelease => ({
  runId: entry.choices[0]!.runId,
  at: later(5 * minute),
  seatClass: "second",
  fromStop: 0,
  toStop: 3,
  firstSeat: 4,
  seatCount: 2,
  servedIds: [],
  ...over,
});
const reasons = (releases: readonly WaitlistRelease[], of: WaitlistRecord = entry) =>
  storyOf(of, none, releases).passedOver.map(({ because }) => because);

test("it says why seats that came back were not for this entry", () => {
  const other = [999 as OrderId];
  expect(reasons([release({ servedIds: other })])).toEqual(["ahead"]);
  expect(reasons([release({ seatCount: 1 })])).toEqual(["tooFew"]);
  expect(reasons([release({ seatCount: 1, servedIds: other })])).toEqual(["tooFew"]);
  expect(reasons([release({ fromStop: 1 })])).toEqual(["partOfWay"]);
  expect(reasons([release({ toStop: 1 })])).toEqual(["partOfWay"]);
  expect(reasons([release()])).toEqual(["keptBack"]);
});

test("what it could not have used, what it was given and what came before it waited are none of its story", () => {
  const others = [
    release({ fromStop: 2, toStop: 3 }),
    release({ seatClass: "first" }),
    release({ at: later(0) }),
    release({ servedIds: [entry.entryId] }),
    release({ runId: choiceOf(5).runId }),
  ];
  expect(reasons(others)).toEqual([]);
  expect(reasons([release()], { ...entry, state: "awaitingPrepayment", place: null })).toEqual([]);
  expect(reasons([release()], { ...entry, state: "cancelled", endedAt: later(2 * minute) })).toEqual([]);
});

test("the newest comes first, and a conflict is told with what was against it", () => {
  const granted = { ...entry, state: "granted", granted: { choice: 0, seatClass: "second" }, grantCount: 1 } as const;
  const after = decideNotOrdered(granted, "TripOverlaps", later(9 * minute))!.entry;
  const { passedOver } = storyOf(after, none, [release({ at: later(3 * minute), seatCount: 1 })]);
  expect(passedOver.map(({ because, refusal }) => [because, refusal])).toEqual([
    ["conflict", "TripOverlaps"],
    ["tooFew", null],
  ]);
});

test("its places are counted from one, and it says what it waits for", () => {
  expect(storyOf(entry, new Map([[0, 2]]), [])).toMatchObject({
    places: [{ choice: 0, place: 3 }],
    waitsFor: "seats",
  });
  expect(storyOf({ ...entry, state: "awaitingPrepayment" }, none, []).waitsFor).toBe("prepayment");
  expect(storyOf({ ...entry, state: "served" }, none, []).waitsFor).toBe("nothing");
});

test("seats are asked for that it could use, until it has ended", () => {
  const twice = waitingEntry({ choices: [choiceOf(0, { endedAt: later(5) }), choiceOf(1)] });
  const [first, second] = twice.choices as readonly [WaitlistChoice, WaitlistChoice];
  expect(releasesAsked(twice)).toEqual([
    { runId: first.runId, use: first, until: later(5) },
    { runId: second.runId, use: second },
  ]);
  expect(releasesAsked({ ...twice, endedAt: later(9) }).map(({ until }) => until)).toEqual([later(5), later(9)]);
});
