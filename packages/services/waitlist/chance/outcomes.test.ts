/** What is counted of a run, and by what it is told apart. */
import { expect, test } from "bun:test";
import { runId } from "@chepiao/contracts";
import { epochMs, fen, hourMs, type PassengerId } from "@chepiao/kernel";
import type { WaitlistRecord, WaitlistRelease } from "@chepiao/ports/waitlist-store";
import { choiceOf, day, departure, entryOf } from "../testing.ts";
import { outcomesOf } from "./outcomes.ts";
import { edgeNear, hoursWithin, spanHours, spanOf } from "./spans.ts";

const g1 = runId("G1", day);
const before = (hours: number) => epochMs(departure - hours * hourMs);
const passengers = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ passengerId: n as PassengerId, ticketType: "adult" as const }));

const tooLate = (joined: number, over: Partial<WaitlistRecord> = {}): WaitlistRecord =>
  entryOf({
    state: "expired",
    place: before(joined),
    endedAt: before(1),
    choices: [choiceOf(0, { endedBecause: "WaitlistTooLate", endedAt: before(1) })],
    ...over,
  });
const served = (joined: number, at: number, over: Partial<WaitlistRecord> = {}): WaitlistRecord =>
  entryOf({
    state: "served",
    place: before(joined),
    endedAt: before(at),
    granted: { choice: 0, seatClass: "second" },
    choices: [choiceOf(0)],
    ...over,
  });
const release = (at: number, over: Partial<WaitlistRelease> = {}): WaitlistRelease => ({
  runId: g1,
  at: before(at),
  seatClass: "second",
  fromStop: 0,
  toStop: 3,
  firstSeat: 0,
  seatCount: 2,
  servedIds: [],
  ...over,
});
const spanAt = (hours: number) => spanOf(hours);

test("an entry is counted as it joined, and at each edge that found it waiting", () => {
  const { waits } = outcomesOf(g1, [tooLate(24, { passengers: passengers(1) })], []);
  expect(waits.map(({ from, isNew, waited, served: got }) => [spanHours[from], isNew, waited, got])).toEqual([
    [24, true, 1, 0],
    [3, false, 1, 0],
    [6, false, 1, 0],
    [12, false, 1, 0],
  ]);
  expect(waits[0]).toMatchObject({ seatClasses: ["second"], wayLength: 1, partySize: 1, until: 1, ahead: 0 });
});

test("those before it are those who waited then, and could use the same seats", () => {
  const first = tooLate(30);
  const elsewhere = tooLate(29, {
    choices: [choiceOf(0, { fromStop: 2, toStop: 3, endedBecause: "WaitlistTooLate", endedAt: before(1) })],
  });
  const otherClass = tooLate(28, {
    choices: [choiceOf(0, { seatClasses: ["first"], endedBecause: "WaitlistTooLate", endedAt: before(1) })],
  });
  const left = served(27, 26);
  const asked = tooLate(24, { passengers: passengers(5) });
  const { waits } = outcomesOf(g1, [asked, left, otherClass, elsewhere, first], []);
  expect(waits.filter(({ partySize }) => partySize === 5).map(({ ahead }) => ahead)).toEqual([1, 1, 1, 1]);
});

test("who left of his own, or was served by another train, says nothing about this one", () => {
  const cancelled = entryOf({ state: "cancelled", place: before(20), endedAt: before(10) });
  const elsewhere = served(20, 10, {
    granted: { choice: 1, seatClass: "second" },
    choices: [choiceOf(0), choiceOf(1)],
  });
  const conflict = tooLate(20, {
    state: "failed",
    choices: [choiceOf(0, { endedBecause: "TripOverlaps", endedAt: before(9) })],
  });
  const unpaid = entryOf({ state: "expired", endedAt: before(5) });
  expect(outcomesOf(g1, [cancelled, elsewhere, conflict, unpaid], []).waits).toEqual([]);
});

test("releases count that seat the whole party over the whole way, for as long as somebody waited", () => {
  const { releases } = outcomesOf(
    g1,
    [served(20, 10), tooLate(8)],
    [
      release(15),
      release(14, { seatCount: 5 }),
      release(13, { toStop: 1 }),
      release(13, { seatClass: "first" }),
      release(7, { seatCount: 1 }),
      release(5),
    ],
  );
  expect(releases).toHaveLength(1);
  const [{ useful, watchedHours, ...kind }] = releases as [(typeof releases)[number]];
  expect(kind).toEqual({ seatClass: "second", wayLength: 1, partySize: 2 });
  expect([useful[spanAt(15)], useful[spanAt(7)], useful[spanAt(5)]]).toEqual([3, 0, 1]);
  // From 20 to 10 hours before, and from 8 to 1.
  expect([watchedHours[spanAt(15)], watchedHours[spanAt(7)], watchedHours[spanAt(5)]]).toEqual([8, 4, 3]);
  expect(watchedHours.reduce((sum, hours) => sum + hours, 0)).toBe(17);
});

test("a row stays small however many wait", () => {
  const many = Array.from({ length: 5_000 }, (_, n) =>
    tooLate(100 + n / 100, {
      passengers: passengers(1 + (n % 9)),
      prepayFen: fen(1),
      choices: [choiceOf(0, { toStop: 1 + (n % 9), endedBecause: "WaitlistTooLate", endedAt: before(1) })],
    }),
  );
  const outcomes = outcomesOf(
    g1,
    many,
    Array.from({ length: 2_000 }, (_, n) => release(n / 20)),
  );
  expect(outcomes.waits.length).toBeGreaterThan(100);
  expect(JSON.stringify(outcomes).length).toBeLessThan(100_000);
});

test("every hour lies in one span, and edges are where they are nearest", () => {
  for (let hours = 0; hours < 720; hours += 0.5)
    expect([...spanHours.keys()].slice(0, -1).filter((span) => hoursWithin(span, hours + 0.5, hours) > 0)).toEqual([
      spanOf(hours),
    ]);
  expect([0, 0.3, 1, 5, 20, 200, 5_000].map((hours) => spanHours[edgeNear(hours)])).toEqual([0, 0, 1, 6, 24, 192, 720]);
});
