/** Who sits where once a coach is missing or the train is another: nobody twice, nobody dropped, nobody worse off, and parties together. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  betterClasses,
  type Composition,
  type Placement,
  type Refit,
  type Run,
  type Seat,
  type SeatClass,
  type SeatedParty,
  seatLabel,
  seatsOf,
} from "@chepiao/contracts";
import { createPrng, type OrderId } from "@chepiao/kernel";
import { planRefit } from "./refit.ts";

const section = (seatClass: SeatClass, rows: number) => ({ seatClass, rows });
const train: Composition = {
  code: "T",
  coaches: [
    { no: 1, sections: [section("business", 1), section("first", 2)] },
    { no: 2, sections: [section("second", 2)] },
    { no: 3, sections: [section("second", 3)] },
  ],
};
const small: Composition = {
  code: "S",
  coaches: [
    { no: 1, sections: [section("first", 1)] },
    { no: 2, sections: [section("second", 3), section("standing", 4)] },
  ],
};
const sleepers: Composition = {
  code: "K",
  coaches: [
    { no: 1, sections: [section("softSleeper", 1)] },
    { no: 2, sections: [section("hardSleeper", 2)] },
    { no: 3, sections: [section("hardSeat", 1), section("standing", 3)] },
    { no: 4, sections: [section("hardSeat", 2)] },
  ],
};
const stopCount = 5;
const runOf = (composition: Composition): Run =>
  ({ runId: "G1/2026-12-01", train: { composition, stops: Array.from({ length: stopCount }) } }) as unknown as Run;

let orders = 0;
const party = (
  seatIndexes: readonly number[],
  [fromStop, toStop]: readonly [number, number] = [0, 4],
  seatClass: SeatClass = "second",
): SeatedParty => {
  const orderId = ++orders as OrderId;
  return {
    orderId,
    line: 0,
    seatClass,
    fromStop,
    toStop,
    tickets: seatIndexes.map((seatIndex, n) => ({ ticketNo: `${orderId}-${n + 1}`, seatIndex })),
  };
};
const without = (...withoutCoaches: readonly number[]): Refit => ({ composition: train, withoutCoaches });
const labelsOf = (placements: readonly Placement[]) =>
  placements.map(({ after }) => after && `${after.seatClass} ${seatLabel(after.seatClass, after.seat)}`);

// Second: seats 0…9 in coach 2, 10…24 in coach 3.

test("who has a place that the train still has stays on it, and a party that loses its places sits together and as it sat", () => {
  const [stays, moves] = [party([10, 11]), party([0, 1, 2])];
  const placements = planRefit(runOf(train), without(2), [stays, moves]);
  expect(placements.map(({ isMoved }) => isMoved)).toEqual([false, false, true, true, true]);
  // Window, middle and aisle: row 1 has just that left.
  expect(labelsOf(placements)).toEqual([
    "second 03车01A",
    "second 03车01B",
    "second 03车01F",
    "second 03车01D",
    "second 03车01C",
  ]);
});

test("those of a party who could stay move with the others where that brings them together", () => {
  // One in each coach; in coach 3 the rest of his row is taken, and two rows are free.
  const apart = party([0, 10]);
  const neighbours = party([11, 12, 13, 14]);
  const placements = planRefit(runOf(train), without(2), [apart, neighbours]);
  expect(labelsOf(placements).slice(0, 2)).toEqual(["second 03车02A", "second 03车02F"]);
  expect(placements.map(({ isMoved }) => isMoved)).toEqual([true, true, false, false, false, false]);
  // Where it does not, he who may stay does.
  const beside = planRefit(runOf(train), without(2), [party([0, 10])]);
  expect([labelsOf(beside), beside[1]!.isMoved]).toEqual([["second 03车01F", "second 03车01A"], false]);
});

test("as people are moved nobody else moves, and nobody is given a seat of a coach that is withdrawn", () => {
  const asMoved = (withdrawnCoaches: readonly number[]): Refit => ({
    ...without(2),
    withdrawnCoaches,
    movesNobodyElse: true,
  });
  // Together they could have a row of coach 3; he who sits there stays all the same.
  const [apart, neighbours] = [party([0, 10]), party([11, 12, 13, 14])];
  const placements = planRefit(runOf(train), asMoved([2]), [apart, neighbours]);
  expect(placements.map(({ isMoved }) => isMoved)).toEqual([true, false, false, false, false, false]);
  expect(labelsOf(placements)[0]).toBe("second 03车02A");
  // Coach 3 is withdrawn: who has a seat there keeps it, and who has none is moved up.
  const up = planRefit(runOf(train), asMoved([2, 3]), [apart, neighbours]);
  expect([labelsOf(up)[0], labelsOf(up)[1]]).toEqual(["first 01车02A", "second 03车01A"]);
});

test("where a class does not suffice a party goes into a better one, all of it; then each where there is room; and who gets none is named", () => {
  const all = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24].map((seat) => party([seat]));
  const family = party([0, 1, 2]);
  const up = planRefit(runOf(train), without(2), [...all, family]);
  expect(labelsOf(up).slice(-3)).toEqual(["first 01车02A", "first 01车02D", "first 01车02C"]);
  // Business and first have eleven places, all but two of them sold.
  const dear = [party([0, 1, 2], [0, 4], "business"), party([0, 1, 2, 3, 4, 5], [0, 4], "first")];
  const few = planRefit(runOf(train), without(2), [...all, ...dear, family]);
  expect(labelsOf(few).slice(-3)).toEqual(["first 01车03F", "first 01车03D", null]);
  expect(few.filter(({ after }) => after === null).map(({ ticketNo }) => ticketNo)).toEqual([
    family.tickets[2]!.ticketNo,
  ]);
});

test("a place over two ways is two people's, and a better class is its own passengers' first", () => {
  const [early, late] = [party([0], [0, 2]), party([0], [2, 4])];
  const full = [...Array(15).keys()].map((n) => party([10 + n], n === 0 ? [0, 2] : [0, 4]));
  const placements = planRefit(runOf(train), without(2), [early, late, ...full]);
  expect(labelsOf(placements).slice(0, 2)).toEqual([expect.stringContaining("first"), "second 03车01A"]);
  const noFirst = planRefit(runOf(train), { composition: small, withoutCoaches: [] }, [
    ...Array.from({ length: 16 }, (_, n) => party([n])),
    party([4, 5, 6, 7], [0, 4], "first"),
  ]);
  // The four of first class have the row that is left of it; of second class one finds none.
  expect(
    labelsOf(noFirst)
      .slice(-4)
      .every((label) => label?.startsWith("first")),
  ).toBe(true);
  expect(noFirst.filter(({ after }) => after === null)).toHaveLength(1);
});

const nameOf = (seatClass: SeatClass, { coachNo, row, mark, kind }: Seat) =>
  [seatClass, coachNo, row, mark, kind].join();
const overlaps = (a: SeatedParty, b: SeatedParty) => a.fromStop < b.toStop && b.fromStop < a.toStop;

/** A sale as it could have been: parties on any seats, no two on one over the same segment. */
function sold(composition: Composition, seed: number, tries: number): SeatedParty[] {
  const chance = createPrng(seed);
  const seats = seatsOf(composition);
  const classes = [...seats.keys()];
  const parties: SeatedParty[] = [];
  for (let n = 0; n < tries; n++) {
    const seatClass = chance.pick(classes);
    const fromStop = chance.below(stopCount - 1);
    const way = [fromStop, fromStop + 1 + chance.below(stopCount - 1 - fromStop)] as const;
    const start = chance.below(seats.get(seatClass)!.length);
    const wished = chance.chance(0.7) ? [...Array(1 + chance.below(5)).keys()].map((place) => start + place) : [start];
    const next = party(
      wished.filter((seat) => seat < seats.get(seatClass)!.length),
      way,
      seatClass,
    );
    const isTaken = parties.some(
      (other) =>
        other.seatClass === seatClass &&
        overlaps(other, next) &&
        other.tickets.some(({ seatIndex }) => next.tickets.some((ticket) => ticket.seatIndex === seatIndex)),
    );
    if (!isTaken) parties.push(next);
  }
  return parties;
}

const refits: readonly (readonly [Composition, Refit])[] = [
  ...[[1], [2], [3], [2, 3], []].map((coaches) => [train, without(...coaches)] as const),
  [train, { composition: small, withoutCoaches: [] }],
  [small, { composition: train, withoutCoaches: [] }],
  ...[[2], [3], [4]].map((withoutCoaches) => [sleepers, { composition: sleepers, withoutCoaches }] as const),
  [train, { composition: sleepers, withoutCoaches: [] }],
];

test("I1 of any sale and any refit: no two on one place over an overlapping way, nobody dropped, nobody worse off, nobody left out for whom there is a place", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.constantFrom(...refits),
      fc.integer({ min: 0, max: 60 }),
      (seed, [before, refit], tries) => {
        const parties = sold(before, seed, tries);
        const placements = planRefit(runOf(before), refit, parties);
        expect(placements.map(({ ticketNo }) => ticketNo)).toEqual(
          parties.flatMap(({ tickets }) => tickets.map(({ ticketNo }) => ticketNo)),
        );
        const partyOf = new Map(parties.map((each) => [each.orderId, each]));
        const seats = seatsOf(refit.composition);
        const isFree = (seatClass: SeatClass, index: number, way: SeatedParty) =>
          !placements.some(
            ({ after, orderId }) =>
              after?.seatClass === seatClass && after.seat.index === index && overlaps(partyOf.get(orderId)!, way),
          );
        for (const [n, { after, before: place, orderId, isMoved }] of placements.entries()) {
          const own = partyOf.get(orderId)!;
          const allowed = [own.seatClass, ...betterClasses[own.seatClass]];
          if (after === null) {
            const left = allowed.flatMap((seatClass) =>
              (seats.get(seatClass) ?? []).filter(
                (seat) => !refit.withoutCoaches.includes(seat.coachNo) && isFree(seatClass, seat.index, own),
              ),
            );
            expect(left).toEqual([]);
            continue;
          }
          expect(allowed).toContain(after.seatClass);
          expect(refit.withoutCoaches).not.toContain(after.seat.coachNo);
          expect(seats.get(after.seatClass)![after.seat.index]).toBe(after.seat);
          const isSame =
            after.seatClass === place.seatClass &&
            (["coachNo", "row", "mark", "kind"] as const).every((key) => after.seat[key] === place.seat[key]);
          expect(isMoved).toBe(!isSame);
          for (const other of placements.slice(n + 1)) {
            const isOne = other.after?.seatClass === after.seatClass && other.after.seat.index === after.seat.index;
            if (isOne) expect(overlaps(own, partyOf.get(other.orderId)!)).toBe(false);
          }
        }
        expect(planRefit(runOf(before), refit, parties)).toEqual(placements);
      },
    ),
    { numRuns: 150 },
  );
});

test("a train that stays as it is moves nobody, and of a party that loses nothing nobody is moved", () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(...refits), (seed, [before, refit]) => {
      const parties = sold(before, seed, 40);
      const same = planRefit(runOf(before), { composition: before, withoutCoaches: [] }, parties);
      expect(same.filter(({ isMoved }) => isMoved)).toEqual([]);
      const places = new Set(
        [...seatsOf(refit.composition)].flatMap(([seatClass, seats]) =>
          seats.filter(({ coachNo }) => !refit.withoutCoaches.includes(coachNo)).map((seat) => nameOf(seatClass, seat)),
        ),
      );
      const byOrder = Map.groupBy(planRefit(runOf(before), refit, parties), ({ orderId }) => orderId);
      for (const placements of byOrder.values()) {
        const losesNone = placements.every(({ before: { seatClass, seat } }) => places.has(nameOf(seatClass, seat)));
        if (losesNone) expect(placements.every(({ isMoved }) => !isMoved)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});
