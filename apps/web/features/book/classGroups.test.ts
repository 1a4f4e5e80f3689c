/** Two in second class and one in first are one order of two lines. */
import { expect, test } from "bun:test";
import type { ClassOffer, Passenger, SeatClass } from "@chepiao/contracts";
import type { Wanted } from "./address.ts";
import { classGroups, isShort, linesOfPurchase, mayMoveTo, purchaseOf } from "./classGroups.ts";
import { emptyDraft } from "./draft.ts";

const offer = (seatClass: SeatClass, free = 9, sellable = true) =>
  ({ seatClass, free, sellable, fareFen: 1 }) as ClassOffer;
const offers = [offer("business"), offer("first"), offer("second")];
const party = [1, 2, 3].map((passengerId) => ({ passengerId }) as Passenger);
const said = (groups: ReturnType<typeof classGroups>) =>
  groups.map(({ offer: { seatClass }, party: some }) => [seatClass, some.map(({ passengerId }) => passengerId)]);
const wanted: Wanted = {
  from: "A",
  to: "C",
  date: "2026-12-01",
  trainNumber: "G1",
  originDate: "2026-12-01",
  board: "A",
  alight: "C",
  seatClass: "second",
};
const request = (others: Readonly<Record<number, SeatClass>>) =>
  purchaseOf(
    classGroups(party, others, "second", offers),
    wanted,
    { ...emptyDraft, wishes: { 2: "A" } },
    () => "adult",
  );

test("a party is divided by class, that of the page first, and everybody is in one", () => {
  expect(said(classGroups(party, {}, "second", offers))).toEqual([["second", [1, 2, 3]]]);
  expect(said(classGroups(party, { 2: "first" }, "second", offers))).toEqual([
    ["second", [1, 3]],
    ["first", [2]],
  ]);
  expect(said(classGroups(party, { 1: "first", 2: "first", 3: "first" }, "second", offers))).toEqual([
    ["first", [1, 2, 3]],
  ]);
  expect(said(classGroups(party, { 2: "softSleeper" }, "second", offers))).toEqual([["second", [1, 2, 3]]]);
});

test("one class is bought as it always was, two as lines of one order, each with its own people and wishes", () => {
  expect(request({})).toMatchObject({ seatClass: "second", passengers: [{}, { preference: "A" }, {}] });
  const mixed = linesOfPurchase(request({ 2: "first" }));
  expect(mixed.map(({ seatClass, passengers }) => [seatClass, passengers])).toEqual([
    [
      "second",
      [
        { passengerId: 1, ticketType: "adult" },
        { passengerId: 3, ticketType: "adult" },
      ],
    ],
    ["first", [{ passengerId: 2, ticketType: "adult", preference: "A" }]],
  ]);
  expect(linesOfPurchase(request({})).length).toBe(1);
});

test("free children travel where adults have room for them, one each, and the platform hears of those who are left", () => {
  const people = [1, 2, 3].map((passengerId) => ({ passengerId, child: passengerId === 3 }) as Passenger);
  const groups = classGroups(people, { 2: "first" }, "second", offers);
  const freeIn = (...freeChildIds: readonly number[]) =>
    linesOfPurchase(purchaseOf(groups, wanted, { ...emptyDraft, freeChildIds }, () => "adult")).map(
      ({ freeChildren }) => freeChildren,
    );
  expect(freeIn(8)).toEqual([[8], undefined]);
  expect(freeIn(8, 9)).toEqual([[8], [9]]);
  expect(freeIn(7, 8, 9)).toEqual([[7], [8, 9]]);
});

test("a class is short by those who are to travel in it, and nobody is moved to where nothing is sold, or to stand", () => {
  expect([
    isShort({ offer: offer("first", 2), party: [1, 2] }),
    isShort({ offer: offer("first", 1), party: [1, 2] }),
  ]).toEqual([false, true]);
  expect([offer("first"), offer("first", 9, false), offer("standing")].map(mayMoveTo)).toEqual([true, false, false]);
});
