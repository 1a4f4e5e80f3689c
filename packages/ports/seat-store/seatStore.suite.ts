/** The rules of a seat store. Also the makers of runs and commands that other tests of seats use. */
import { describe, expect, test } from "bun:test";
import {
  type Coach,
  type Held,
  type HoldCommand,
  holdNameOf,
  type HoldName,
  type Leg,
  type Refusal,
  type RecordedHold,
  type Run,
  runId,
  type SeatClass,
  seatsOf,
  type SeatPreference,
} from "@chepiao/contracts";
import {
  type EpochMs,
  epochMs,
  hourMs,
  minuteMs,
  type OrderId,
  type Result,
  serviceDate,
  type ZoneName,
} from "@chepiao/kernel";
import type { SeatStore } from "./seatStore.ts";

export const dayStart = epochMs(Date.UTC(2026, 11, 1));
/** How long word of a change may take. */
const changesWithinMs = 30_000;
/** When the tests begin: the evening before. */
export const eve = epochMs(dayStart - 6 * hourMs);

/** A run that calls once an hour from 08:00 on. */
export function testRun(coaches: readonly Coach[], stopCount: number, trainNumber = "G1"): Run {
  const originDate = serviceDate("2026-12-01");
  return {
    runId: runId(trainNumber, originDate),
    originDate,
    dayStart,
    train: {
      trainVersionId: 1,
      trainNumber,
      trainType: "highSpeed",
      zone: "Asia/Shanghai" as ZoneName,
      composition: { code: `test-${trainNumber}`, coaches },
      stops: Array.from({ length: stopCount }, (_, i) => ({
        stationId: `S${i}`,
        name: `站${i}`,
        arriveS: (8 + i) * 3600,
        departS: (8 + i) * 3600 + 120,
        distanceM: i * 100_000,
      })),
    },
  };
}

/** The same run with another composition put to it. */
export function withComposition(run: Run, coaches: readonly Coach[]): Run {
  const { composition: replaces } = run.train;
  return { ...run, train: { ...run.train, composition: { code: `${replaces.code}+`, coaches, replaces } } };
}

/** One coach of each kind of section after the other: `coach("second", 20)`. */
export const coachesOf = (...sections: readonly [SeatClass, number][]): Coach[] =>
  sections.map(([seatClass, rows], i) => ({ no: i + 1, sections: [{ seatClass, rows }] }));

export type Wishes = readonly (SeatPreference | null)[];
export const nobodyWishes = (count: number): Wishes => Array.from({ length: count }, () => null);

let lastId = 0;
export function command(run: Run, over: Partial<HoldCommand> & { wishes?: Wishes } = {}): HoldCommand {
  const { wishes, ...rest } = over;
  return {
    holdId: ++lastId as OrderId,
    line: 0,
    run,
    seatClass: "second",
    fromStop: 0,
    toStop: run.train.stops.length - 1,
    preferences: wishes ?? [null],
    deadline: epochMs(eve + 20 * minuteMs),
    ...rest,
  };
}

/** How a command's hold is named. */
export const refOf = (hold: Pick<HoldCommand, "run" | "holdId" | "line">): HoldName => holdNameOf(hold);

type Decided = Result<Held, Refusal> | undefined;
const seatsIn = (decided: Decided): readonly number[] => {
  if (!decided?.ok) throw new Error(`expected seats, got ${JSON.stringify(decided)}`);
  return decided.value.seatIndexes;
};
const codeIn = (decided: Decided) => (decided && !decided.ok ? decided.error.code : "held");

export type SeatStoreSubject = { readonly seats: SeatStore; close?(): Promise<void> };
/** A rule that an adapter may break, and why it may. */
export type SeatStoreException = { readonly rule: string; readonly because: string };

export function seatStoreSuite(
  adapter: string,
  create: () => Promise<SeatStoreSubject>,
  exceptions: readonly SeatStoreException[] = [],
): void {
  const rule = (name: string, check: (seats: SeatStore) => Promise<void>) => {
    const exception = exceptions.find((each) => each.rule === name);
    // because the adapter says so, and the reason stands in the test's name
    if (exception) return test.skip(`${name} — not here, because ${exception.because}`, () => {});
    test(name, async () => {
      const subject = await create();
      try {
        await check(subject.seats);
      } finally {
        await subject.close?.();
      }
    });
  };
  const one = async (seats: SeatStore, request: HoldCommand, now: EpochMs = eve) =>
    (await seats.hold([request], now))[0];
  const freeOn = async (
    seats: SeatStore,
    run: Run,
    fromStop: number,
    toStop: number,
    seatClass: SeatClass = "second",
  ) => (await seats.available([{ run, fromStop, toStop }], eve))[0]!.get(seatClass)?.sellable;

  describe(`${adapter}: ways`, () => {
    rule("a seat sold Beijing–Jinan is free again from Jinan", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 4);
      await seats.hold([command(run, { toStop: 1, wishes: nobodyWishes(5) })], eve);
      expect(await freeOn(seats, run, 0, 1)).toBe(0);
      expect(await freeOn(seats, run, 1, 3)).toBe(5);
      expect(await freeOn(seats, run, 0, 3)).toBe(0);
      expect(codeIn(await one(seats, command(run, { fromStop: 1 })))).toBe("held");
    });

    rule("a seat is never held twice over the same segment", async (seats) => {
      const run = testRun(coachesOf(["second", 2]), 5);
      const requests = Array.from({ length: 60 }, (_, i) =>
        command(run, { fromStop: i % 4, toStop: (i % 4) + 1 + (i % (4 - (i % 4))) }),
      );
      const decided = await seats.hold(requests, eve);
      const owners = new Set<string>();
      let segments = 0;
      decided.forEach((each, i) => {
        if (!each.ok) return;
        for (let s = requests[i]!.fromStop; s < requests[i]!.toStop; s++) {
          owners.add(`${each.value.seatIndexes[0]}/${s}`);
          segments++;
        }
      });
      expect(owners.size).toBe(segments);
    });

    rule("runs do not touch each other's seats", async (seats) => {
      const [g1, g2] = [testRun(coachesOf(["second", 1]), 2, "G1"), testRun(coachesOf(["second", 1]), 2, "G2")];
      await seats.hold([command(g1, { wishes: nobodyWishes(5) })], eve);
      expect(await freeOn(seats, g1, 0, 1)).toBe(0);
      expect(await freeOn(seats, g2, 0, 1)).toBe(5);
    });

    rule("a short journey takes the seat with the shortest gap it fits, the lowest of equals", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 6);
      const held = await seats.hold(
        [command(run, { fromStop: 0, toStop: 2 }), command(run, { fromStop: 0, toStop: 3 })],
        eve,
      );
      expect(held.map(seatsIn)).toEqual([[0], [1]]);
      // Seat 1 is free for two segments, seat 0 for three, the others for five.
      expect(seatsIn(await one(seats, command(run, { fromStop: 3, toStop: 4 })))).toEqual([1]);
      expect(seatsIn(await one(seats, command(run, { fromStop: 3, toStop: 4 })))).toEqual([0]);
      expect(seatsIn(await one(seats, command(run, { fromStop: 3, toStop: 4 })))).toEqual([2]);
    });

    rule("a run of 128 segments is sold to the last", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 129);
      const legs = [
        [0, 128],
        [31, 33],
        [63, 65],
        [0, 32],
        [96, 128],
        [127, 128],
      ] as const;
      for (const [fromStop, toStop] of legs) expect(await freeOn(seats, run, fromStop, toStop)).toBe(5);
      await seats.hold([command(run, { fromStop: 31, toStop: 33, wishes: nobodyWishes(5) })], eve);
      expect(await Promise.all(legs.map(([from, to]) => freeOn(seats, run, from, to)))).toEqual([0, 0, 5, 0, 5, 5]);
    });
  });

  describe(`${adapter}: parties`, () => {
    rule("a party of two sits together", async (seats) => {
      const run = testRun(coachesOf(["second", 3]), 3);
      await seats.hold([command(run)], eve);
      const decided = await one(seats, command(run, { wishes: nobodyWishes(2) }));
      expect(decided).toEqual({
        ok: true,
        value: { seatIndexes: [1, 2], together: "adjacent", granted: [true, true] },
      });
    });

    rule("a party moves apart only as far as it must: row, coach, train", async (seats) => {
      const run = testRun(coachesOf(["second", 2], ["second", 1]), 2);
      await seats.reload([recordedHold(run, [1, 3, 5, 6, 8])]);
      const together = async (count: number) => {
        const decided = await one(seats, command(run, { wishes: nobodyWishes(count) }));
        return decided?.ok ? `${decided.value.together} ${decided.value.seatIndexes.join(",")}` : codeIn(decided);
      };
      expect(await together(5)).toBe("adjacent 10,11,12,13,14");
      expect(await together(3)).toBe("row 0,2,4");
      expect(await together(2)).toBe("row 7,9");
      expect(await together(1)).toBe("SoldOut");
    });

    rule("five have the seats they wish in one row; nine have theirs in one coach", async (seats) => {
      const run = testRun(coachesOf(["second", 2], ["second", 2]), 2);
      const wished = async (...wishes: (SeatPreference | null)[]) => {
        const decided = await one(seats, command(run, { wishes }));
        if (!decided?.ok) return codeIn(decided);
        const { together, seatIndexes, granted } = decided.value;
        return [together, Math.min(...seatIndexes), Math.max(...seatIndexes), granted.filter((each) => !each).length];
      };
      expect(await wished("F", "A", null, "B", "aisle")).toEqual(["adjacent", 0, 4, 0]);
      expect(await wished("A", "F", "A", "F", null, null, "C", null, null)).toEqual(["coach", 10, 19, 0]);
    });

    rule("of nine five have one row, and the others the next", async (seats) => {
      const run = testRun(coachesOf(["second", 4], ["second", 4]), 2);
      const decided = await one(seats, command(run, { wishes: nobodyWishes(9) }));
      expect(decided).toMatchObject({ ok: true, value: { together: "coach" } });
      const { seatIndexes } = (decided as { value: Held }).value;
      expect(seatIndexes.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    });

    rule("a party gets all its seats or none", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 2);
      await seats.hold([command(run, { wishes: nobodyWishes(2) })], eve);
      expect(codeIn(await one(seats, command(run, { wishes: nobodyWishes(4) })))).toBe("SoldOut");
      expect(await freeOn(seats, run, 0, 1)).toBe(3);
      expect(codeIn(await one(seats, command(run, { wishes: nobodyWishes(3) })))).toBe("held");
    });

    rule("each command of a batch is decided by itself, in order", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 2);
      const decided = await seats.hold(
        [4, 2, 1].map((count) => command(run, { wishes: nobodyWishes(count) })),
        eve,
      );
      expect(decided.map(codeIn)).toEqual(["held", "SoldOut", "held"]);
    });
  });

  describe(`${adapter}: wishes`, () => {
    rule("a wish is granted where it can be", async (seats) => {
      const run = testRun(coachesOf(["second", 2]), 2);
      const held = async (...wishes: SeatPreference[]) =>
        (await one(seats, command(run, { wishes }))) as { value: Held };
      expect((await held("F")).value).toEqual({ seatIndexes: [4], together: "adjacent", granted: [true] });
      expect((await held("window")).value.seatIndexes).toEqual([0]);
      expect((await held("aisle")).value.seatIndexes).toEqual([2]);
      expect((await held("F")).value.seatIndexes).toEqual([9]);
      // No seat F is left: any seat, and the answer says so.
      expect((await held("F")).value).toEqual({ seatIndexes: [1], together: "adjacent", granted: [false] });
    });

    rule("wishes decide among blocks, and each passenger gets his own", async (seats) => {
      const run = testRun(coachesOf(["second", 2]), 2);
      const decided = await one(seats, command(run, { wishes: ["F", "D"] }));
      expect(decided).toEqual({
        ok: true,
        value: { seatIndexes: [4, 3], together: "adjacent", granted: [true, true] },
      });
    });

    rule("sitting in one row comes before wishes, wishes before one coach", async (seats) => {
      const run = testRun(coachesOf(["second", 2], ["second", 1]), 2);
      // Free: row 1 B C, row 2 A, coach 2 F.
      await seats.reload([recordedHold(run, [0, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13])].map(inTwos).flat());
      const decided = await one(seats, command(run, { wishes: ["A", "B"] }));
      expect(decided).toEqual({
        ok: true,
        value: { seatIndexes: [2, 1], together: "adjacent", granted: [false, true] },
      });
      const rest = await one(seats, command(run, { wishes: ["F", "A"] }));
      expect(rest).toEqual({ ok: true, value: { seatIndexes: [14, 5], together: "split", granted: [true, true] } });
    });

    rule("berth levels are wishes in sleepers", async (seats) => {
      const run = testRun(coachesOf(["hardSleeper", 2]), 2);
      const decided = await one(
        seats,
        command(run, { seatClass: "hardSleeper", wishes: ["upper", "lower", "middleBerth"] }),
      );
      expect(decided).toEqual({
        ok: true,
        value: { seatIndexes: [2, 0, 1], together: "adjacent", granted: [true, true, true] },
      });
    });

    rule("a wish that no seat of the class could answer is refused", async (seats) => {
      const run = testRun(coachesOf(["second", 1], ["business", 1]), 2);
      expect(codeIn(await one(seats, command(run, { wishes: ["lower"] })))).toBe("PreferenceImpossible");
      expect(codeIn(await one(seats, command(run, { seatClass: "business", wishes: ["B"] })))).toBe(
        "PreferenceImpossible",
      );
    });

    rule("a class that the train does not have is refused", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 2);
      expect(codeIn(await one(seats, command(run, { seatClass: "softSleeper" })))).toBe("ClassNotOffered");
      expect(await seats.freeSeats({ run, fromStop: 0, toStop: 1 }, "softSleeper")).toEqual([]);
    });
  });

  describe(`${adapter}: standing`, () => {
    rule("standing places are sold once no seat of the parent class is left over the way", async (seats) => {
      const run = testRun(coachesOf(["hardSeat", 1], ["standing", 2]), 3);
      const standing = command(run, { seatClass: "standing", fromStop: 0, toStop: 1 });
      expect(await freeOn(seats, run, 0, 1, "standing")).toBe(0);
      expect(codeIn(await one(seats, standing))).toBe("StandingNotYet");
      await seats.hold([command(run, { seatClass: "hardSeat", fromStop: 0, toStop: 1, wishes: nobodyWishes(5) })], eve);
      expect(await freeOn(seats, run, 0, 1, "standing")).toBe(2);
      expect(await freeOn(seats, run, 1, 2, "standing")).toBe(0);
      expect(codeIn(await one(seats, standing))).toBe("held");
      expect(codeIn(await one(seats, command(run, { seatClass: "standing", fromStop: 1, toStop: 2 })))).toBe(
        "StandingNotYet",
      );
      expect(
        codeIn(await one(seats, command(run, { seatClass: "standing", toStop: 1, wishes: nobodyWishes(2) }))),
      ).toBe("SoldOut");
      expect(codeIn(await one(seats, command(run, { seatClass: "standing", toStop: 1, wishes: ["window"] })))).toBe(
        "PreferenceImpossible",
      );
    });
  });

  describe(`${adapter}: twice, late, out of order`, () => {
    rule("holding twice with one id gives the first answer", async (seats) => {
      const run = testRun(coachesOf(["second", 2]), 2);
      const request = command(run, { wishes: ["F", "D"] });
      const first = await one(seats, request);
      await seats.hold([command(run)], eve);
      expect(await one(seats, request)).toEqual(first);
      await seats.confirm([refOf(request)]);
      expect(await one(seats, request, epochMs(request.deadline + hourMs))).toEqual(first);
      await seats.release(refOf(request), eve, [seatsIn(first)[0]!]);
      expect(await one(seats, request)).toEqual(first);
      expect(await freeOn(seats, run, 0, 1)).toBe(8);
    });

    rule("a hold in the same batch twice is one hold", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 2);
      const request = command(run);
      const [first, second] = await seats.hold([request, request], eve);
      expect(second).toEqual(first);
      expect(await freeOn(seats, run, 0, 1)).toBe(4);
    });

    rule("a late copy of a released hold does not take seats again", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 2);
      const request = command(run);
      await seats.hold([request], eve);
      expect(await seats.release(refOf(request), eve)).toEqual([0]);
      expect(codeIn(await one(seats, request))).toBe("HoldExpired");
      // Also once it may have been forgotten.
      const late = epochMs(request.deadline + hourMs);
      expect(await seats.overdue(late, 10, epochMs(late + 1))).toEqual([]);
      expect(codeIn(await one(seats, request, late))).toBe("HoldExpired");
      expect(await freeOn(seats, run, 0, 1)).toBe(5);
    });

    rule("a refused hold is not remembered", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 2);
      const [first, second] = [command(run, { wishes: nobodyWishes(5) }), command(run)];
      expect((await seats.hold([first, second], eve)).map(codeIn)).toEqual(["held", "SoldOut"]);
      await seats.release(refOf(first), eve);
      expect(codeIn(await one(seats, second))).toBe("held");
    });

    rule("a hold whose deadline has passed is refused", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 2);
      expect(codeIn(await one(seats, command(run, { deadline: eve })))).toBe("HoldExpired");
    });

    rule("releasing twice gives back once", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 2);
      const [first, second] = [command(run), command(run)];
      await seats.hold([first], eve);
      expect(await seats.release(refOf(first), eve)).toEqual([0]);
      await seats.hold([second], eve);
      expect(await seats.release(refOf(first), eve)).toEqual([]);
      expect(await seats.release(refOf(first), eve, [0])).toEqual([]);
      expect(await freeOn(seats, run, 0, 1)).toBe(4);
    });

    rule("single seats of a hold are given back, others ignored", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 2);
      const request = command(run, { wishes: nobodyWishes(3) });
      await seats.hold([request], eve);
      await seats.confirm([refOf(request)]);
      expect(await seats.release(refOf(request), eve, [1, 4, 77])).toEqual([1]);
      expect(await seats.freeSeats({ run, fromStop: 0, toStop: 1 }, "second")).toEqual([
        false,
        true,
        false,
        true,
        true,
      ]);
      expect(await seats.release(refOf(request), eve)).toEqual([0, 2]);
      expect(await freeOn(seats, run, 0, 1)).toBe(5);
    });

    rule("a hold named with another run is not known", async (seats) => {
      const [run, other] = [testRun(coachesOf(["second", 1]), 2, "G1"), testRun(coachesOf(["second", 1]), 2, "G2")];
      const [request, others] = [command(run), command(other)];
      await seats.hold([request, others], eve);
      const misnamed = refOf({ ...request, run: other });
      expect(await seats.release(misnamed, eve)).toEqual([]);
      await seats.confirm([misnamed]);
      expect(await seats.overdue(request.deadline, 10, epochMs(request.deadline + 1))).toHaveLength(2);
      expect(await freeOn(seats, run, 0, 1)).toBe(4);
    });

    rule("confirming and releasing what is not known does nothing", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 2);
      const request = command(run);
      await seats.confirm([refOf(request)]);
      expect(await seats.release(refOf(request), eve)).toEqual([]);
      expect(codeIn(await one(seats, request))).toBe("held");
      await seats.release(refOf(request), eve);
      await seats.confirm([refOf(request)]);
      expect(await freeOn(seats, run, 0, 1)).toBe(5);
    });
  });

  describe(`${adapter}: deadlines`, () => {
    rule("a hold is overdue from its deadline on, until it is confirmed or released", async (seats) => {
      const run = testRun(coachesOf(["second", 2]), 2);
      const [kept, gone, paid] = [command(run), command(run), command(run)];
      await seats.hold([kept, gone, paid], eve);
      await seats.confirm([refOf(paid)]);
      await seats.release(refOf(gone), eve);
      const { deadline } = kept;
      expect(await seats.overdue(epochMs(deadline - 1), 10, epochMs(deadline + minuteMs))).toEqual([]);
      expect(await seats.overdue(deadline, 10, epochMs(deadline + minuteMs))).toEqual([refOf(kept)]);
      expect(await freeOn(seats, run, 0, 1)).toBe(8);
    });

    rule("an overdue hold is handed out again only when it was asked for", async (seats) => {
      const run = testRun(coachesOf(["second", 2]), 2);
      const requests = Array.from({ length: 5 }, () => command(run));
      await seats.hold(requests, eve);
      const at = (ms: number) => epochMs(requests[0]!.deadline + ms);
      const seen = [];
      for (let i = 0; i < 4; i++) seen.push(...(await seats.overdue(at(0), 2, at(minuteMs))));
      expect(seen.toSorted((a, b) => a.holdId - b.holdId)).toEqual(requests.map(refOf));
      expect(await seats.overdue(at(minuteMs - 1), 10, at(hourMs))).toEqual([]);
      await seats.confirm([refOf(requests[0]!)]);
      expect((await seats.overdue(at(minuteMs), 10, at(hourMs))).length).toBe(4);
    });

    rule("an overdue hold can still be confirmed", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 2);
      const request = command(run);
      await seats.hold([request], eve);
      await seats.overdue(request.deadline, 10, epochMs(request.deadline + minuteMs));
      await seats.confirm([refOf(request)]);
      expect(
        await seats.overdue(epochMs(request.deadline + hourMs), 10, epochMs(request.deadline + 2 * hourMs)),
      ).toEqual([]);
      expect(await freeOn(seats, run, 0, 1)).toBe(4);
    });

    rule("a retired run is forgotten and sold no more", async (seats) => {
      const [early, late] = [testRun(coachesOf(["second", 1]), 2, "G1"), testRun(coachesOf(["second", 1]), 5, "G2")];
      const [a, b] = [command(early), command(late)];
      await seats.hold([a, b], eve);
      expect(await seats.retire(epochMs(dayStart + 9.5 * hourMs))).toBe(1);
      expect(await seats.retire(epochMs(dayStart + 9.5 * hourMs))).toBe(0);
      expect(codeIn(await one(seats, a))).toBe("SaleClosed");
      expect(codeIn(await one(seats, command(early)))).toBe("SaleClosed");
      expect((await seats.available([leg(early)], eve))[0]).toEqual(new Map());
      expect(await seats.freeSeats(leg(early), "second")).toEqual([]);
      expect(await seats.release(refOf(a), eve)).toEqual([]);
      expect(await seats.release(refOf(b), eve)).toEqual([0]);
    });
  });

  describe(`${adapter}: counting changes`, () => {
    rule("a run's count moves with its free seats, and only with its own", async (seats) => {
      if (!seats.changes) return;
      const [run, other] = [testRun(coachesOf(["second", 2]), 3, "G1"), testRun(coachesOf(["second", 2]), 3, "G2")];
      const [changes, others] = [seats.changes(run), seats.changes(other)];
      const moved = async (step: () => Promise<unknown>) => {
        const before = changes.count;
        await step();
        return changes.count !== before;
      };
      const request = command(run, { wishes: nobodyWishes(2) });
      expect(await moved(() => seats.hold([request], eve))).toBe(true);
      expect(await moved(() => seats.hold([request], eve))).toBe(false);
      expect(await moved(() => seats.confirm([refOf(request)]))).toBe(false);
      expect(await moved(() => seats.hold([command(run, { seatClass: "first" })], eve))).toBe(false);
      expect(await moved(() => seats.release(refOf(request), eve, [0]))).toBe(true);
      expect(await moved(() => seats.release(refOf(request), eve, [0]))).toBe(false);
      expect(await moved(() => seats.reload([recordedHold(run, [7])]))).toBe(true);
      expect(others.count).toBe(seats.changes(other).count);
      expect(await moved(() => seats.hold([command(other)], eve))).toBe(false);
      expect(await moved(() => seats.retire(epochMs(dayStart + 48 * hourMs)))).toBe(true);
    });

    rule("the feed tells of every run that was sold from or given back to, and of no other", async (seats) => {
      if (!seats.changedRuns) return;
      const runs = ["G1", "G2", "G3"].map((number) => testRun(coachesOf(["second", 2]), 3, number));
      const [sold, untouched, restocked] = runs as [Run, Run, Run];
      let { place } = await seats.changedRuns(null);
      const told = async (count: number) => {
        const heard = new Set<string>();
        const until = performance.now() + changesWithinMs;
        while (heard.size < count && performance.now() < until) {
          const changed = await seats.changedRuns!(place);
          for (const each of changed.runIds!) heard.add(each);
          place = changed.place;
          if (heard.size < count) await Bun.sleep(10);
        }
        return [...heard].sort();
      };
      const request = command(sold);
      await seats.hold([request, command(untouched, { seatClass: "first" })], eve);
      await seats.reload([recordedHold(restocked, [7])]);
      expect(await told(2)).toEqual([sold.runId, restocked.runId]);
      await seats.confirm([refOf(request)]);
      await seats.release(refOf(request), eve);
      expect(await told(1)).toEqual([sold.runId]);
    });

    rule("a run that nobody has bought from counts its end too", async (seats) => {
      if (!seats.changes) return;
      const run = testRun(coachesOf(["second", 1]), 2);
      const changes = seats.changes(run);
      await seats.retire(epochMs(dayStart + 48 * hourMs));
      expect(changes.count).not.toBe(0);
    });
  });

  describe(`${adapter}: reloading`, () => {
    rule("what was sold before is sold after", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const request = command(run, { toStop: 1, wishes: ["A", null] });
      const paid = recordedHold(run, [2, 3], { fromStop: 1 });
      const unpaid = recordedHold(run, [0, 1], { holdId: request.holdId, toStop: 1, deadline: request.deadline });
      expect(await seats.reload([paid, unpaid])).toEqual([]);
      expect(await seats.reload([unpaid, paid])).toEqual([]);
      expect(await seats.freeSeats({ run, fromStop: 0, toStop: 2 }, "second")).toEqual([
        false,
        false,
        false,
        false,
        true,
      ]);
      // The request comes again after the restart: the answer of then.
      expect(await one(seats, request)).toEqual({
        ok: true,
        value: { seatIndexes: [0, 1], together: "adjacent", granted: [true, true] },
      });
      expect(await seats.overdue(request.deadline, 10, epochMs(request.deadline + 1))).toEqual([refOf(request)]);
      expect(await seats.release(refOf(paid), eve, [3])).toEqual([3]);
      expect(await freeOn(seats, run, 1, 2)).toBe(4);
    });

    rule(
      "a hold that was reloaded and given back does not come again with a late copy of its request",
      async (seats) => {
        const run = testRun(coachesOf(["second", 1]), 2);
        const paid = recordedHold(run, [0]);
        await seats.reload([paid]);
        await seats.release(refOf(paid), eve);
        expect(await seats.overdue(eve, 10, epochMs(eve + 1))).toEqual([]);
        expect(codeIn(await one(seats, command(run, { holdId: paid.holdId })))).toBe("HoldExpired");
      },
    );

    rule("a hold that overlaps another is not reloaded but reported", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const [first, second] = [recordedHold(run, [1], { toStop: 1 }), recordedHold(run, [0, 1, 2])];
      expect(await seats.reload([first, second])).toEqual([refOf(second)]);
      expect(await freeOn(seats, run, 0, 2)).toBe(4);
      expect(await freeOn(seats, run, 1, 2)).toBe(5);
    });
  });

  describe(`${adapter}: orders of several lines`, () => {
    const twoClasses = () => testRun(coachesOf(["first", 2], ["second", 2]), 4);
    /** Two classes, and a change of seats half-way, under one id. */
    function linesOn(run: Run) {
      const { holdId } = command(run);
      return [
        command(run, { holdId, line: 0, wishes: nobodyWishes(2) }),
        command(run, { holdId, line: 1, seatClass: "first", toStop: 2 }),
        command(run, { holdId, line: 2, fromStop: 2 }),
      ] as const;
    }

    rule("each line is held by itself, and gives its own first answer again", async (seats) => {
      const run = twoClasses();
      const lines = linesOn(run);
      const first = await seats.hold(lines, eve);
      expect(first.map((decided) => seatsIn(decided).length)).toEqual([2, 1, 1]);
      expect(await freeOn(seats, run, 0, 3)).toBe(7);
      expect(await seats.hold(lines.toReversed(), eve)).toEqual(first.toReversed());
      expect(await freeOn(seats, run, 2, 3)).toBe(7);
    });

    rule("a line that is refused leaves the others held, and one that is given back does too", async (seats) => {
      const run = twoClasses();
      const [first, second] = linesOn(run);
      const [held, refused] = await seats.hold([first, { ...second, preferences: ["lower"] }], eve);
      expect([codeIn(held), codeIn(refused)]).toEqual(["held", "PreferenceImpossible"]);
      // It was not remembered.
      expect(codeIn(await one(seats, second))).toBe("held");
      expect(await seats.release(refOf(first), eve)).toEqual(seatsIn(held));
      expect(codeIn(await one(seats, first))).toBe("HoldExpired");
      expect(codeIn(await one(seats, second))).toBe("held");
    });

    rule("a line is confirmed by its name, and falls due by its name", async (seats) => {
      const run = twoClasses();
      const [first, second, third] = linesOn(run);
      await seats.hold([first, second, third], eve);
      await seats.confirm([refOf(second)]);
      const due = await seats.overdue(first.deadline, 10, epochMs(first.deadline + minuteMs));
      expect(due.toSorted((a, b) => a.line - b.line)).toEqual([refOf(first), refOf(third)]);
      for (const hold of due) await seats.release(hold, eve);
      expect(await freeOn(seats, run, 0, 3)).toBe(10);
      expect(await seats.release(refOf(second), eve)).toHaveLength(1);
    });

    rule("lines are restored each by itself, and on different runs", async (seats) => {
      const [run, other] = [twoClasses(), testRun(coachesOf(["second", 1]), 2, "G2")];
      const { holdId } = command(run);
      const first = recordedHold(run, [0, 1], { holdId });
      const second = recordedHold(run, [0], { holdId, line: 1, seatClass: "first" });
      const overlapping = recordedHold(run, [1], { holdId, line: 2 });
      const elsewhere = recordedHold(other, [4], { holdId, line: 3 });
      expect(await seats.reload([first, second, overlapping, elsewhere])).toEqual([refOf(overlapping)]);
      expect(await seats.release(refOf(elsewhere), eve)).toEqual([4]);
      expect(await seats.release({ ...refOf(elsewhere), line: 0 }, eve)).toEqual([]);
      expect(await seats.release(refOf(second), eve)).toEqual([0]);
      if (!seats.holdsView) return;
      const known = (await seats.holdsView.holds(run)).toSorted((a, b) => a.line - b.line);
      expect(known).toEqual([
        { holdId, line: 0, seatClass: "second", fromStop: 0, toStop: 3, seatIndexes: [0, 1], isConfirmed: true },
        { holdId, line: 1, seatClass: "first", fromStop: 0, toStop: 3, seatIndexes: [], isConfirmed: true },
      ]);
      expect(await seats.holdsView.repair([first, second])).toEqual([]);
      expect(await seats.release(refOf(second), eve)).toEqual([0]);
    });
  });

  describe(`${adapter}: what it knows of a run`, () => {
    const knownOf = async ({ holdsView }: SeatStore, run: Run) =>
      (await holdsView!.holds(run)).toSorted((a, b) => a.holdId - b.holdId);

    rule("every hold is told, with the seats it still has", async (seats) => {
      if (!seats.holdsView) return;
      const [run, other] = [testRun(coachesOf(["second", 2]), 3, "G1"), testRun(coachesOf(["second", 2]), 3, "G2")];
      const [held, paid, gone] = [command(run), command(run, { wishes: nobodyWishes(3) }), command(run)];
      expect(await knownOf(seats, run)).toEqual([]);
      await seats.hold([held, paid, gone, command(other)], eve);
      await seats.confirm([refOf(paid)]);
      const given = (await knownOf(seats, run)).find(({ holdId }) => holdId === paid.holdId)!.seatIndexes[1]!;
      await seats.release(refOf(paid), eve, [given]);
      await seats.release(refOf(gone), eve);
      const known = await knownOf(seats, run);
      expect(known.map(({ holdId, seatIndexes, isConfirmed }) => [holdId, seatIndexes.length, isConfirmed])).toEqual([
        [held.holdId, 1, false],
        [paid.holdId, 2, true],
        [gone.holdId, 0, false],
      ]);
      expect(known[1]!.seatIndexes).not.toContain(given);
    });

    rule("what was given back by mistake is taken again, and nothing else that is known is touched", async (seats) => {
      if (!seats.holdsView) return;
      const run = testRun(coachesOf(["second", 1]), 3);
      const [live, mistaken, resold] = [command(run), command(run), command(run)];
      await seats.hold([live, mistaken, resold], eve);
      const seatOf = new Map((await knownOf(seats, run)).map(({ holdId, seatIndexes }) => [holdId, seatIndexes]));
      for (const each of [mistaken, resold]) await seats.release(refOf(each), eve);
      await seats.reload([recordedHold(run, seatOf.get(resold.holdId)!)]);
      const again = [live, mistaken, resold].map(({ holdId, deadline }) =>
        recordedHold(run, seatOf.get(holdId)!, { holdId, deadline }),
      );
      expect(await seats.holdsView.repair(again)).toEqual([refOf(resold)]);
      expect(await seats.holdsView.repair(again.slice(0, 2))).toEqual([]);
      expect(await freeOn(seats, run, 0, 1)).toBe(2);
      const overdue = await seats.overdue(live.deadline, 10, epochMs(live.deadline + minuteMs));
      expect(overdue.toSorted((a, b) => a.holdId - b.holdId)).toEqual([refOf(live), refOf(mistaken)]);
      expect(await seats.release(refOf(mistaken), eve)).toEqual(seatOf.get(mistaken.holdId)!);
    });
  });
}

const leg = (run: Run): Leg => ({ run, fromStop: 0, toStop: run.train.stops.length - 1 });

/** A confirmed hold of the whole way, unless told otherwise. */
export function recordedHold(run: Run, seatIndexes: readonly number[], over: Partial<RecordedHold> = {}): RecordedHold {
  const { holdId, fromStop, toStop } = command(run);
  return { holdId, line: 0, run, seatClass: "second", fromStop, toStop, seatIndexes, deadline: null, ...over };
}

/** The same seats in holds of at most two. */
function inTwos(hold: RecordedHold): RecordedHold[] {
  const holds = [];
  for (let i = 0; i < hold.seatIndexes.length; i += 2)
    holds.push(recordedHold(hold.run, hold.seatIndexes.slice(i, i + 2)));
  return holds;
}

/** All seats of a class, for tests that sell a train out. */
export const seatCountOf = (run: Run, seatClass: SeatClass): number =>
  seatsOf(run.train.composition).get(seatClass)?.length ?? 0;
