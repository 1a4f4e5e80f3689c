/** A sold run that is given another composition: seats are added behind those that it has. The rules of every seat store. */
import { describe, expect } from "bun:test";
import { type HoldCommand, type Run, type SeatClass, seatsOf } from "@chepiao/contracts";
import { epochMs, hourMs } from "@chepiao/kernel";
import {
  coachesOf,
  command,
  eve,
  nobodyWishes,
  recordedHold,
  refOf,
  type SeatStoreSubject,
  testRun,
  withComposition,
} from "./seatStore.suite.ts";
import type { SeatStore } from "./seatStore.ts";
import { need, rulesOn } from "./seatWaitlist.suite.ts";

export function seatGrowthSuite(adapter: string, create: () => Promise<SeatStoreSubject>): void {
  const rule = rulesOn(create);

  /** Its seats, or with what it was refused. */
  async function buy(seats: SeatStore, request: HoldCommand) {
    const [decided] = await seats.hold([request], eve);
    return decided!.ok ? decided!.value.seatIndexes : decided!.error.code;
  }
  const free = async (seats: SeatStore, run: Run, seatClass: SeatClass = "second", fromStop = 0, toStop = 2) =>
    (await seats.freeSeats({ run, fromStop, toStop }, seatClass)).flatMap((isFree, seat) => (isFree ? [seat] : []));
  async function sellable(seats: SeatStore, run: Run) {
    const [all] = await seats.available([{ run, fromStop: 0, toStop: 2 }], eve);
    return Object.fromEntries([...all!].map(([seatClass, each]) => [seatClass, each.sellable]));
  }
  const onSale = (seats: SeatStore, run: Run) =>
    seats.setOffers(
      [...seatsOf(run.train.composition).keys()].map((seatClass) => ({ run, seatClass, withdrawn: [] })),
      eve,
    );
  const before = () => testRun(coachesOf(["first", 1], ["second", 1]), 3);
  /** Of the second class a row more in its coach, and a coach of a class that there was not. */
  const after = (run: Run) => withComposition(run, coachesOf(["first", 1], ["second", 2], ["business", 1]));

  describe(`${adapter}: a run that grows`, () => {
    rule(
      "every seat keeps its index and its holder, and what is new is sold to nobody before it is put on sale",
      async (seats) => {
        const run = before();
        const [sold, first] = [
          command(run, { wishes: nobodyWishes(3) }),
          command(run, { seatClass: "first", toStop: 1 }),
        ];
        expect([await buy(seats, sold), await buy(seats, first)]).toEqual([[0, 1, 2], [0]]);
        const grown = after(run);
        expect(await sellable(seats, grown)).toEqual({ first: 3, second: 2, business: 0 });
        expect(await buy(seats, { ...sold, run: grown })).toEqual([0, 1, 2]);
        expect(await buy(seats, command(grown, { wishes: nobodyWishes(3) }))).toBe("SoldOut");
        expect(await buy(seats, command(grown, { seatClass: "business" }))).toBe("SoldOut");
        expect(await seats.release(refOf(sold), eve, [1])).toEqual([1]);
        expect(await free(seats, grown)).toEqual([1, 3, 4]);
        expect(await onSale(seats, grown)).toEqual([null, null, null]);
        expect(await free(seats, grown)).toEqual([1, 3, 4, 5, 6, 7, 8, 9]);
        expect(await sellable(seats, grown)).toEqual({ first: 3, second: 8, business: 3 });
        expect(await buy(seats, command(grown, { seatClass: "business", wishes: ["window", "window"] }))).toEqual([
          0, 2,
        ]);
        expect(await seats.release(refOf(first), eve)).toEqual([0]);
        expect(await sellable(seats, grown)).toEqual({ first: 4, second: 8, business: 1 });
      },
    );

    rule(
      "of a run that nobody has touched what is new is withdrawn, too, also where it has grown more than once",
      async (seats) => {
        const grown = after(before());
        expect([await sellable(seats, grown), await free(seats, grown, "business")]).toEqual([
          { first: 4, second: 5, business: 0 },
          [],
        ]);
        const more = withComposition(grown, coachesOf(["first", 1], ["second", 3]));
        expect(await free(seats, more)).toEqual([0, 1, 2, 3, 4]);
        expect(await buy(seats, command(more, { wishes: nobodyWishes(6) }))).toBe("SoldOut");
        expect(await buy(seats, command(more, { wishes: nobodyWishes(5) }))).toEqual([0, 1, 2, 3, 4]);
        expect(await buy(seats, command(more))).toBe("SoldOut");
        await onSale(seats, more);
        expect(await sellable(seats, more)).toEqual({ first: 4, second: 10, business: 3 });
      },
    );

    rule("what was set for its sale stays in force: gates, quotas and what is withdrawn", async (seats) => {
      const run = before();
      const way = { fromStops: [0], toStops: [2] };
      const quotas = [{ ...way, limits: [{ since: epochMs(0), seats: 2 }] }];
      await seats.setOffers(
        [
          { run, seatClass: "first", waitlistGate: [way] },
          { run, seatClass: "second", quotas, withdrawn: [0] },
        ],
        eve,
      );
      expect(await buy(seats, command(run))).toEqual([1]);
      const grown = after(run);
      expect(await buy(seats, command(grown, { seatClass: "first" }))).toBe("WaitlistFirst");
      expect(await free(seats, grown)).toEqual([2, 3, 4]);
      expect(await buy(seats, command(grown))).toEqual([2]);
      expect(await buy(seats, command(grown))).toBe("NotOnSaleBetween");
    });

    rule(
      "I5 who waits goes on waiting, and has what is new before the public once it is on sale",
      async (seats, heard) => {
        const run = before();
        await seats.hold([command(run, { wishes: nobodyWishes(5) })], eve);
        const waits = need(run);
        await seats.waitlists.join([waits], eve);
        const grown = after(run);
        await seats.waitlists.join([{ ...need(grown), seatClasses: ["business"] }], eve);
        expect(heard.flatMap(({ grants }) => grants)).toEqual([]);
        const groups = await seats.waitlists.groups(grown);
        expect(groups.flatMap(({ seatClasses }) => seatClasses).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
          "business",
          "second",
        ]);
        await onSale(seats, grown);
        expect(
          heard.flatMap(({ grants }) => grants).map(({ seatClass, seatIndexes }) => [seatClass, seatIndexes]),
        ).toEqual([
          ["second", [5]],
          ["business", [0]],
        ]);
      },
    );

    rule(
      "I1 what was sold is reloaded and given back on seats that are new, withdrawn or not, and each once",
      async (seats) => {
        const run = before();
        const old = recordedHold(run, [0]);
        await seats.reload([old]);
        const grown = after(run);
        const [moved, over] = [recordedHold(grown, [4, 5]), recordedHold(grown, [5], { toStop: 1 })];
        expect(await seats.reload([{ ...old, run: grown }, moved])).toEqual([]);
        expect(await seats.reload([over])).toEqual([refOf(over)]);
        expect(await free(seats, grown)).toEqual([1, 2, 3]);
        expect(await seats.release(refOf(moved), eve)).toEqual([4, 5]);
        expect(await free(seats, grown)).toEqual([1, 2, 3, 4]);
      },
    );

    rule(
      "I7 a composition without a seat more changes nothing, and who watches a run that grows is told",
      async (seats) => {
        const run = before();
        await seats.hold([command(run)], eve);
        const fewer = withComposition(run, coachesOf(["first", 1]));
        expect(await sellable(seats, fewer)).toEqual({ first: 4, second: 4 });
        const seen = seats.changes?.(run).count;
        const grown = after(fewer);
        for (let n = 0; n < 2; n++) expect(await sellable(seats, grown)).toEqual({ first: 4, second: 4, business: 0 });
        if (seats.changes) expect(seats.changes(grown).count).not.toBe(seen!);
      },
    );

    rule("a run that has grown is retired as any other, and its place is another's", async (seats) => {
      const run = before();
      await seats.hold([command(run)], eve);
      const grown = after(run);
      expect(await sellable(seats, grown)).toMatchObject({ second: 4 });
      expect(await seats.retire(epochMs(run.dayStart + 48 * hourMs))).toBe(1);
      expect(await seats.available([{ run: grown, fromStop: 0, toStop: 2 }], eve)).toEqual([new Map()]);
      const next = {
        ...before(),
        runId: `${run.runId}-next` as Run["runId"],
        dayStart: epochMs(run.dayStart + 96 * hourMs),
      };
      expect(await buy(seats, command(next, { wishes: nobodyWishes(5) }))).toEqual([0, 1, 2, 3, 4]);
      expect(await sellable(seats, after(next))).toEqual({ first: 4, second: 0, business: 0 });
    });
  });
}
