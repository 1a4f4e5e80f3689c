/** Seats that are withdrawn from sale, as those of a coach that the train runs without: the rules of every seat store. */
import { describe, expect } from "bun:test";
import { type HoldCommand, type Run, saleChannels, type SeatClass } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import {
  coachesOf,
  command,
  eve,
  nobodyWishes,
  recordedHold,
  refOf,
  type SeatStoreSubject,
  testRun,
} from "./seatStore.suite.ts";
import type { SeatStore } from "./seatStore.ts";
import { need, rulesOn } from "./seatWaitlist.suite.ts";

export function seatWithdrawnSuite(adapter: string, create: () => Promise<SeatStoreSubject>): void {
  const rule = rulesOn(create);

  async function withdraw(seats: SeatStore, run: Run, withdrawn: readonly number[], seatClass: SeatClass = "second") {
    expect(await seats.setOffers([{ run, seatClass, withdrawn }], eve)).toEqual([null]);
  }
  /** Its seats, or with what it was refused. */
  async function buy(seats: SeatStore, request: HoldCommand) {
    const [decided] = await seats.hold([request], eve);
    return decided!.ok ? decided!.value.seatIndexes : decided!.error.code;
  }
  const free = async (seats: SeatStore, run: Run, fromStop: number, toStop: number, seatClass: SeatClass = "second") =>
    (await seats.freeSeats({ run, fromStop, toStop }, seatClass)).flatMap((isFree, seat) => (isFree ? [seat] : []));
  async function sellable(
    seats: SeatStore,
    run: Run,
    fromStop: number,
    toStop: number,
    seatClass: SeatClass = "second",
  ) {
    const [all] = await seats.available([{ run, fromStop, toStop }], eve);
    return all!.get(seatClass)!.sellable;
  }

  describe(`${adapter}: withdrawn seats`, () => {
    rule(
      "a withdrawn seat is sold through no channel and shown to nobody, until it is put on sale again",
      async (seats) => {
        const run = testRun(coachesOf(["second", 1], ["second", 1]), 3);
        await withdraw(seats, run, [0, 1, 2, 3, 4]);
        expect(await free(seats, run, 0, 2)).toEqual([5, 6, 7, 8, 9]);
        expect(await sellable(seats, run, 0, 1)).toBe(5);
        expect(await buy(seats, command(run, { wishes: nobodyWishes(5) }))).toEqual([5, 6, 7, 8, 9]);
        for (const channel of saleChannels) expect(await buy(seats, command(run, { channel }))).toBe("SoldOut");
        await withdraw(seats, run, [1, 2, 3, 4]);
        expect(await free(seats, run, 0, 2)).toEqual([0]);
        await withdraw(seats, run, []);
        expect(await buy(seats, command(run, { wishes: nobodyWishes(5) }))).toEqual([0, 1, 2, 3, 4]);
      },
    );

    rule(
      "who has a withdrawn seat keeps it, and once given back it is free for nobody, in the same step",
      async (seats) => {
        const run = testRun(coachesOf(["second", 1]), 4);
        const [all, part] = [
          command(run, { wishes: nobodyWishes(5), fromStop: 0, toStop: 2 }),
          command(run, { fromStop: 2, toStop: 3 }),
        ];
        const first = await buy(seats, all);
        expect(await buy(seats, part)).toEqual([0]);
        await withdraw(seats, run, [0, 1, 2]);
        expect(await buy(seats, all)).toEqual(first);
        await seats.confirm([refOf(all)]);
        expect(await seats.release(refOf(all), eve, [1, 4])).toEqual([1, 4]);
        expect(await free(seats, run, 0, 2)).toEqual([4]);
        expect(await seats.release(refOf(all), eve, [1])).toEqual([]);
        // Put back on sale it is free where nobody has it.
        await withdraw(seats, run, []);
        expect(await free(seats, run, 0, 2)).toEqual([1, 4]);
        expect(await free(seats, run, 2, 3)).toEqual([1, 2, 3, 4]);
        expect(await seats.release(refOf(part), eve)).toEqual([0]);
        expect(await free(seats, run, 2, 3)).toEqual([0, 1, 2, 3, 4]);
      },
    );

    rule(
      "I5 who waits is not served with a withdrawn seat, and is the first once it is on sale again",
      async (seats, heard) => {
        const run = testRun(coachesOf(["second", 1]), 3);
        const sold = command(run, { wishes: nobodyWishes(5) });
        await seats.hold([sold], eve);
        const waits = [need(run), need(run)];
        expect(await seats.waitlists.join(waits, eve)).toEqual([null, null]);
        await withdraw(seats, run, [0, 1]);
        await seats.release(refOf(sold), eve, [0, 1]);
        expect(heard.flatMap(({ grants }) => grants)).toEqual([]);
        await seats.release(refOf(sold), eve, [2]);
        expect(heard.flatMap(({ grants }) => grants)).toMatchObject([{ holdId: waits[0]!.holdId, seatIndexes: [2] }]);
        await withdraw(seats, run, [1]);
        expect(heard.flatMap(({ grants }) => grants)[1]).toMatchObject({ holdId: waits[1]!.holdId, seatIndexes: [0] });
      },
    );

    rule("I5 nobody is given a place to stand in the coach that is withdrawn", async (seats, heard) => {
      const coaches = [
        { no: 1, sections: [{ seatClass: "second" as const, rows: 1 }] },
        {
          no: 2,
          sections: [
            { seatClass: "second" as const, rows: 1 },
            { seatClass: "standing" as const, rows: 1 },
          ],
        },
      ];
      const run = testRun(coaches, 3);
      await seats.hold([command(run, { wishes: nobodyWishes(5) })], eve);
      await seats.waitlists.join([{ ...need(run), seatClasses: ["standing"] }], eve);
      const standing = await free(seats, run, 0, 2, "standing");
      const coach = [
        { run, seatClass: "second" as const, withdrawn: [5, 6, 7, 8, 9] },
        { run, seatClass: "standing" as const, withdrawn: standing },
      ];
      expect([standing.length > 0, await seats.setOffers(coach, eve)]).toEqual([true, [null, null]]);
      expect(heard.flatMap(({ grants }) => grants)).toEqual([]);
    });

    rule(
      "I5 who waits has the class he wants most of a coach that is put back on sale, wherever in a call it stands",
      async (seats, heard) => {
        const run = testRun(coachesOf(["second", 1], ["first", 1]), 3);
        const other = testRun(coachesOf(["second", 1]), 3, "G2");
        const whole = (second: readonly number[], first: readonly number[]) => [
          { run, seatClass: "second" as const, withdrawn: second },
          { run: other, seatClass: "second" as const, withdrawn: [] },
          { run, seatClass: "first" as const, withdrawn: first },
        ];
        await seats.setOffers(whole([0, 1, 2, 3, 4], [0, 1, 2, 3]), eve);
        await seats.waitlists.join([{ ...need(run), seatClasses: ["first", "second"] }], eve);
        await seats.setOffers(whole([], []), eve);
        expect(heard.flatMap(({ grants }) => grants)).toMatchObject([{ seatClass: "first", seatIndexes: [0] }]);
      },
    );

    rule(
      "I1 what was sold is reloaded on withdrawn seats, before they are withdrawn or after, and each once",
      async (seats) => {
        for (const isBefore of [true, false]) {
          const run = testRun(coachesOf(["second", 1]), 4, isBefore ? "G1" : "G2");
          const [sold, beside, over] = [
            recordedHold(run, [0, 1], { fromStop: 0, toStop: 2 }),
            recordedHold(run, [0], { fromStop: 2, toStop: 3 }),
            recordedHold(run, [1], { fromStop: 1, toStop: 3 }),
          ];
          if (isBefore) await withdraw(seats, run, [0, 1]);
          expect(await seats.reload([sold, beside])).toEqual([]);
          if (!isBefore) await withdraw(seats, run, [0, 1]);
          expect(await seats.reload([over])).toEqual([refOf(over)]);
          expect(await free(seats, run, 2, 3)).toEqual([2, 3, 4]);
          await withdraw(seats, run, []);
          expect(await free(seats, run, 0, 1)).toEqual([2, 3, 4]);
          expect(await free(seats, run, 2, 3)).toEqual([1, 2, 3, 4]);
        }
      },
    );

    rule("a quota counts who has a withdrawn seat, and not the seat that nobody has", async (seats) => {
      const run = testRun(coachesOf(["second", 2]), 3);
      const quotas = [{ fromStops: [0], toStops: [2], limits: [{ since: epochMs(0), seats: 4 }] }];
      await seats.setOffers([{ run, seatClass: "second", quotas }], eve);
      const sold = command(run, { wishes: nobodyWishes(3) });
      expect(await buy(seats, sold)).toEqual([0, 1, 2]);
      await withdraw(seats, run, [0, 1, 2, 3, 4]);
      expect(await sellable(seats, run, 0, 2)).toBe(1);
      await seats.release(refOf(sold), eve, [0, 1]);
      expect(await sellable(seats, run, 0, 2)).toBe(3);
      // Set anew, it counts the same.
      await seats.setOffers([{ run, seatClass: "second", quotas: [] }], eve);
      await seats.setOffers([{ run, seatClass: "second", quotas }], eve);
      expect(await sellable(seats, run, 0, 2)).toBe(3);
    });

    rule("where all seats that are left are withdrawn people may stand", async (seats) => {
      const run = testRun(coachesOf(["second", 1], ["standing", 2]), 3);
      expect(await buy(seats, command(run, { seatClass: "standing" }))).toBe("StandingNotYet");
      await seats.hold([command(run, { wishes: nobodyWishes(3) })], eve);
      await withdraw(seats, run, [3, 4]);
      expect(await buy(seats, command(run, { seatClass: "standing" }))).toEqual([0]);
    });

    rule(
      "I7 the same seats withdrawn again, in whichever order, change nothing; nor does a change of something else",
      async (seats) => {
        const run = testRun(coachesOf(["second", 1]), 3);
        const sold = command(run, { wishes: nobodyWishes(2) });
        await seats.hold([sold], eve);
        await withdraw(seats, run, [4, 0]);
        await withdraw(seats, run, [0, 4, 4]);
        await seats.setOffers([{ run, seatClass: "second", waitlistGate: [], quotas: [] }], eve);
        expect(await free(seats, run, 0, 2)).toEqual([2, 3]);
        await seats.release(refOf(sold), eve);
        expect(await free(seats, run, 0, 2)).toEqual([1, 2, 3]);
      },
    );

    rule("seats that the class does not have are refused, and none is withdrawn", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      for (const wrong of [[5], [-1], [0.5], [NaN], [0, 1, 2, 3, 4, 0]]) {
        const [refused] = await seats.setOffers([{ run, seatClass: "second", withdrawn: wrong }], eve);
        expect(refused).toMatchObject({ code: "MalformedRequest", fields: [{ path: "/withdrawn" }] });
      }
      expect((await seats.setOffers([{ run, seatClass: "first", withdrawn: [0] }], eve))[0]?.code).toBe(
        "ClassNotOffered",
      );
      expect(await free(seats, run, 0, 2)).toEqual([0, 1, 2, 3, 4]);
    });

    rule("seats are withdrawn on one run and in one class, and with a run that is retired no more", async (seats) => {
      const run = testRun(coachesOf(["second", 1], ["first", 1]), 3);
      const other = testRun(coachesOf(["second", 1], ["first", 1]), 3, "G2");
      await withdraw(seats, run, [0, 1, 2, 3, 4]);
      expect([await sellable(seats, run, 0, 2, "first"), await sellable(seats, other, 0, 2)]).toEqual([4, 5]);
      expect(await seats.retire(epochMs(run.dayStart + 48 * 3_600_000))).toBeGreaterThanOrEqual(1);
      expect((await seats.setOffers([{ run, seatClass: "second", withdrawn: [] }], eve))[0]?.code).toBe("SaleClosed");
      const dayStart = epochMs(run.dayStart + 96 * 3_600_000);
      const next = { ...run, dayStart, runId: `${run.runId}-next` as typeof run.runId };
      expect(await buy(seats, command(next, { wishes: nobodyWishes(5) }))).toEqual([0, 1, 2, 3, 4]);
    });

    rule(
      "a repair lets go of what is too much on a withdrawn seat, gives back what was sold, and frees none",
      async (seats) => {
        if (!seats.holdsView) return;
        const run = testRun(coachesOf(["second", 1]), 3);
        const [wrong, sold] = [recordedHold(run, [0, 1]), recordedHold(run, [0])];
        await seats.reload([wrong]);
        await withdraw(seats, run, [0, 1, 2]);
        expect(await seats.holdsView.repair([sold], [{ hold: refOf(wrong), seats: [0, 1] }])).toEqual([]);
        expect(await free(seats, run, 0, 2)).toEqual([3, 4]);
        const blocked = recordedHold(run, [0]);
        expect(await seats.holdsView.repair([blocked])).toEqual([refOf(blocked)]);
        await withdraw(seats, run, []);
        expect(await free(seats, run, 0, 2)).toEqual([1, 2, 3, 4]);
      },
    );
  });
}
