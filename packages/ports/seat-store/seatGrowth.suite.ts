/** A sold run that is given another composition: seats are added behind those that it has. The rules of every seat store. */
import { describe, expect } from "bun:test";
import { type HoldCommand, type Run, type SeatClass, seatsOf, ServiceUnavailable } from "@chepiao/contracts";
import { type EpochMs, epochMs, hourMs } from "@chepiao/kernel";
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
  const codesIn = (decided: Awaited<ReturnType<SeatStore["hold"]>>) =>
    decided.map((each) => (each.ok ? "held" : each.error.code));
  const withdrawn = (run: Run, some: readonly number[]) => ({ run, seatClass: "second" as const, withdrawn: some });
  async function sellable(seats: SeatStore, run: Run, now: EpochMs = eve) {
    const [all] = await seats.available([{ run, fromStop: 0, toStop: 2 }], now);
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

    rule(
      "who knows a run as it was before it grew sees and gives back what he knows, takes and sets nothing, and holds up nobody",
      async (seats) => {
        const run = before();
        const sold = command(run, { wishes: nobodyWishes(3) });
        await seats.hold([sold], eve);
        const grown = after(run);
        const other = testRun(coachesOf(["second", 1]), 3, "G2");
        const all = [command(run), command(grown), command(other)];
        expect((await seats.hold([command(grown)], eve))[0]!.ok).toBe(true);
        expect(codesIn(await seats.hold(all, eve))).toEqual(["ServiceUnavailable", "held", "held"]);
        expect(await sellable(seats, run)).toEqual({ first: 4, second: 0 });
        expect(await free(seats, run)).toEqual([]);
        expect(await seats.freeSeats({ run, fromStop: 0, toStop: 2 }, "second")).toHaveLength(5);
        expect(await seats.freeSeats({ run, fromStop: 0, toStop: 2 }, "business")).toEqual([]);
        // What is new would be on sale: he does not know that it is withdrawn.
        const set = await seats.setOffers(
          [run, other].map((each) => withdrawn(each, [])),
          eve,
        );
        expect(set.map((why) => why?.code)).toEqual(["ServiceUnavailable", undefined]);
        const [waits, later] = [need(run), need(other)];
        const joined = await seats.waitlists.join([waits, later], eve);
        expect(joined.map((why) => why?.code)).toEqual(["ServiceUnavailable", undefined]);
        expect(
          await seats.waitlists.set(run, [waits], waits.place, eve).catch((error: unknown) => error),
        ).toBeInstanceOf(ServiceUnavailable);
        await seats.waitlists.leave(run, [refOf(waits)]);
        expect(await seats.release(refOf(sold), eve)).toEqual([0, 1, 2]);
        expect([await free(seats, run), await free(seats, grown)]).toEqual([
          [0, 1, 2],
          [0, 1, 2],
        ]);
      },
    );

    rule(
      "I5 who waits for a run that has grown is served by whoever looks at it, and counted by everybody, however he knows it",
      async (seats, heard) => {
        const run = before();
        const limits = [0, 3].map((limit, n) => ({ since: epochMs(eve + n * hourMs), seats: limit }));
        const quotas = [{ fromStops: [0], toStops: [2], limits }];
        await seats.setOffers([{ run, seatClass: "second", quotas }], eve);
        const grown = after(run);
        const [one, two] = [need(grown, { wishes: nobodyWishes(2) }), need(grown)];
        await seats.waitlists.join([one, two, { ...need(grown), seatClasses: ["business", "second"] }], eve);
        const groups = (await seats.waitlists.groups(run)).map(
          ({ seatClasses, needs }) => `${seatClasses.join()} ${needs}`,
        );
        expect(groups.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(["business,second 1", "second 1", "second 1"]);
        expect(await seats.waitlists.ahead({ ...two, run, place: Number.MAX_SAFE_INTEGER })).toBe(3);
        expect(await seats.waitlists.serve([run], eve)).toEqual([epochMs(eve + hourMs)]);
        expect(await sellable(seats, run, epochMs(eve + hourMs))).toEqual({ first: 4, second: 0 });
        expect(heard.flatMap(({ grants }) => grants).map(({ seatIndexes }) => seatIndexes)).toEqual([[0, 1], [2]]);
        const grants = await seats.waitlists.grants(run);
        expect(grants.map(({ seatClass }) => seatClass)).toEqual(["second", "second"]);
      },
    );

    rule("I5 who waits is served in the name of a run that is to grow and has not yet", async (seats, heard) => {
      const run = before();
      const limits = [0, 3].map((limit, n) => ({ since: epochMs(eve + n * hourMs), seats: limit }));
      await seats.setOffers([{ run, seatClass: "second", quotas: [{ fromStops: [0], toStops: [2], limits }] }], eve);
      await seats.waitlists.join([need(run)], eve);
      await seats.waitlists.serve([after(run)], epochMs(eve + hourMs));
      expect(heard.flatMap(({ grants }) => grants).map(({ seatIndexes }) => seatIndexes)).toEqual([[0]]);
    });

    rule(
      "a party in a coach and in what was added to it is said to be apart, the first time and again",
      async (seats) => {
        const run = testRun(coachesOf(["second", 1], ["second", 1]), 3);
        const grown = withComposition(run, coachesOf(["second", 2], ["second", 1]));
        await onSale(seats, grown);
        const taken = [recordedHold(grown, [0, 1, 2, 3]), recordedHold(grown, [5, 6, 7, 8, 9])];
        expect(await seats.reload([...taken, recordedHold(grown, [11, 12, 13, 14])])).toEqual([]);
        const party = command(grown, { wishes: nobodyWishes(2) });
        for (let n = 0; n < 2; n++)
          expect(await seats.hold([party], eve)).toMatchObject([
            { ok: true, value: { seatIndexes: [4, 10], together: "split" } },
          ]);
      },
    );

    rule(
      "a composition that replaces another than the run has sells nothing of it, holds up nothing else, and is put right by one that replaces both",
      async (seats) => {
        const run = before();
        const grown = withComposition(run, coachesOf(["first", 1], ["second", 1], ["second", 1]));
        const wrong = withComposition(run, coachesOf(["first", 1], ["second", 3]));
        expect(await buy(seats, command(grown, { wishes: nobodyWishes(2) }))).toEqual([0, 1]);
        const other = testRun(coachesOf(["second", 1]), 3, "G2");
        const decided = await seats.hold([command(wrong), command(other), command(grown)], eve);
        expect(codesIn(decided)).toEqual(["ServiceUnavailable", "held", "held"]);
        expect(await sellable(seats, wrong)).toEqual({ first: 0, second: 0 });
        expect([await free(seats, wrong), await free(seats, wrong, "first")]).toEqual([[], []]);
        const set = await seats.setOffers([withdrawn(wrong, [0]), withdrawn(other, [4])], eve);
        expect(set.map((why) => why?.code)).toEqual(["ServiceUnavailable", undefined]);
        expect((await seats.waitlists.join([need(wrong)], eve)).map((why) => why?.code)).toEqual([
          "ServiceUnavailable",
        ]);
        expect(await free(seats, grown)).toEqual([3, 4]);
        const right = withComposition(grown, coachesOf(["first", 1], ["second", 3]));
        await onSale(seats, right);
        expect(await free(seats, right)).toHaveLength(20 - 3);
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
