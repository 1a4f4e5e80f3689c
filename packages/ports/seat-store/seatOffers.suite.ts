/** What may be sold to whom: rule 0 of the policy, on every seat store. */
import { describe, expect, test } from "bun:test";
import {
  type ClassAvailability,
  type HoldCommand,
  type OdGroup,
  type OfferChange,
  type Quota,
  type Run,
  saleChannels,
  type SeatClass,
} from "@chepiao/contracts";
import { type EpochMs, epochMs, hourMs, minuteMs } from "@chepiao/kernel";
import {
  coachesOf,
  command,
  dayStart,
  eve,
  nobodyWishes,
  refOf,
  recordedHold,
  type SeatStoreSubject,
  testRun,
} from "./seatStore.suite.ts";
import type { SeatStore } from "./seatStore.ts";

const hour = (n: number) => epochMs(eve + n * hourMs);
/** From any of these stops to any of those. */
const ways = (fromStops: readonly number[], toStops: readonly number[]): OdGroup => ({ fromStops, toStops });
const quota = (group: OdGroup, ...limits: readonly [since: number, seats: number | null][]): Quota => ({
  ...group,
  limits: limits.map(([since, seats]) => ({ since: epochMs(since), seats })),
});
/** In force from the beginning. */
const limited = (group: OdGroup, seats: number) => quota(group, [0, seats]);

export function seatOffersSuite(adapter: string, create: () => Promise<SeatStoreSubject>): void {
  const rule = (name: string, check: (seats: SeatStore) => Promise<void>) =>
    test(name, async () => {
      const subject = await create();
      try {
        await check(subject.seats);
      } finally {
        await subject.close?.();
      }
    });

  /** "held", or with what it was refused. */
  async function buy(seats: SeatStore, request: HoldCommand, now = eve): Promise<string> {
    const [decided] = await seats.hold([request], now);
    return decided!.ok ? "held" : decided!.error.code;
  }
  const on = (run: Run, fromStop: number, toStop: number, over: Parameters<typeof command>[1] = {}) =>
    command(run, { fromStop, toStop, deadline: hour(48), ...over });
  async function stockOf(
    seats: SeatStore,
    run: Run,
    fromStop: number,
    toStop: number,
    { now = eve, seatClass = "second" }: { readonly now?: EpochMs; readonly seatClass?: SeatClass } = {},
  ): Promise<ClassAvailability> {
    const [all] = await seats.available([{ run, fromStop, toStop }], now);
    return all!.get(seatClass)!;
  }
  async function setAll(seats: SeatStore, ...changes: readonly OfferChange[]) {
    expect(await seats.setOffers(changes, eve)).toEqual(changes.map(() => null));
  }
  const second = (run: Run, parts: Omit<OfferChange, "run" | "seatClass">): OfferChange => ({
    run,
    seatClass: "second",
    ...parts,
  });
  const plain = (sellable: number): ClassAvailability => ({
    sellable,
    refusal: sellable > 0 ? null : "SoldOut",
    changesAt: null,
  });

  describe(`${adapter}: the waitlist's gate`, () => {
    rule("I5 what is free on a way of the gate is sold to the waitlist alone", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 4);
      await setAll(seats, second(run, { waitlistGate: [ways([0, 1], [2])] }));
      expect(await stockOf(seats, run, 0, 2)).toEqual({ sellable: 0, refusal: "WaitlistFirst", changesAt: null });
      expect(await buy(seats, on(run, 0, 2))).toBe("WaitlistFirst");
      expect(await buy(seats, on(run, 1, 2, { channel: "public" }))).toBe("WaitlistFirst");
      expect(await buy(seats, on(run, 0, 2, { channel: "change" }))).toBe("WaitlistFirst");
      expect(await buy(seats, on(run, 0, 2, { channel: "waitlist" }))).toBe("held");
      expect((await seats.freeSeats({ run, fromStop: 0, toStop: 2 }, "second")).filter(Boolean)).toHaveLength(4);
    });

    rule(
      "neither gate nor quota keeps from a seat whoever has one that the train has lost, and what he is given counts",
      async (seats) => {
        const run = testRun(coachesOf(["second", 1]), 4);
        const quotas = [{ ...ways([0, 1], [1, 2]), limits: [{ since: epochMs(0), seats: 1 }] }];
        await setAll(seats, second(run, { waitlistGate: [ways([0], [2])], quotas }));
        expect(await buy(seats, on(run, 0, 2, { channel: "reseat", wishes: nobodyWishes(2) }))).toBe("held");
        expect(await buy(seats, on(run, 1, 2))).toBe("NotOnSaleBetween");
        expect(await buy(seats, on(run, 0, 2, { channel: "waitlist" }))).toBe("NotOnSaleBetween");
        await setAll(seats, second(run, { quotas: [{ ...quotas[0]!, limits: [{ since: epochMs(0), seats: 3 }] }] }));
        expect(await buy(seats, on(run, 1, 2))).toBe("held");
        expect(await buy(seats, on(run, 1, 2))).toBe("NotOnSaleBetween");
        expect(await buy(seats, on(run, 0, 3, { channel: "reseat", wishes: nobodyWishes(3) }))).toBe("SoldOut");
      },
    );

    rule("on other ways, in other classes and on other runs all is sold as before", async (seats) => {
      const run = testRun(coachesOf(["second", 1], ["first", 1]), 4, "G1");
      const other = testRun(coachesOf(["second", 1]), 4, "G2");
      await setAll(seats, second(run, { waitlistGate: [ways([0, 1], [2])] }));
      for (const channel of saleChannels) {
        expect(await buy(seats, on(run, 0, 3, { channel }))).toBe("held");
        expect(await buy(seats, on(run, 0, 2, { channel, seatClass: "first" }))).toBe("held");
        expect(await buy(seats, on(other, 0, 2, { channel }))).toBe("held");
      }
      expect(await stockOf(seats, run, 2, 3)).toEqual(plain(5 - saleChannels.length));
    });

    rule("who finds nothing free is told that it is sold out, gate or not", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      await setAll(seats, second(run, { waitlistGate: [ways([0], [2])] }));
      await seats.reload([recordedHold(run, [0, 1, 2])]);
      expect(await buy(seats, on(run, 0, 2, { wishes: nobodyWishes(3) }))).toBe("SoldOut");
      expect(await buy(seats, on(run, 0, 2, { wishes: nobodyWishes(2) }))).toBe("WaitlistFirst");
      await seats.reload([recordedHold(run, [3, 4])]);
      expect(await buy(seats, on(run, 0, 2))).toBe("SoldOut");
      expect(await buy(seats, on(run, 0, 2, { channel: "waitlist" }))).toBe("SoldOut");
      expect(await stockOf(seats, run, 0, 2)).toEqual(plain(0));
    });

    rule("I5 a seat that comes back is behind the gate, and public once the gate is open", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const sold = on(run, 0, 2, { wishes: nobodyWishes(5) });
      await seats.hold([sold], eve);
      await setAll(seats, second(run, { waitlistGate: [ways([0, 1], [1, 2])] }));
      const [given] = await seats.release(refOf(sold), eve, [2]);
      expect(given).toBe(2);
      expect(await buy(seats, on(run, 1, 2))).toBe("WaitlistFirst");
      await setAll(seats, second(run, { waitlistGate: [] }));
      expect(await buy(seats, on(run, 1, 2))).toBe("held");
    });

    rule("a hold that was made before keeps its answer, and its seats", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const sold = on(run, 0, 2, { wishes: ["F", null] });
      const first = await seats.hold([sold], eve);
      await setAll(seats, second(run, { waitlistGate: [ways([0], [2])], quotas: [limited(ways([0], [2]), 0)] }));
      expect(await seats.hold([sold], eve)).toEqual(first);
      await seats.confirm([refOf(sold)]);
      expect(await seats.release(refOf(sold), eve)).toHaveLength(2);
    });

    rule("what was sold is reloaded, whatever may be sold now", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      await setAll(seats, second(run, { waitlistGate: [ways([0], [2])], quotas: [limited(ways([0], [2]), 0)] }));
      expect(await seats.reload([recordedHold(run, [0, 1])])).toEqual([]);
      expect((await seats.freeSeats({ run, fromStop: 0, toStop: 2 }, "second")).filter(Boolean)).toHaveLength(3);
    });
  });

  describe(`${adapter}: quotas`, () => {
    rule("no more seats are held over the ways of a quota than its limit, by all channels together", async (seats) => {
      const run = testRun(coachesOf(["second", 2]), 4);
      await setAll(seats, second(run, { quotas: [limited(ways([0], [1, 2]), 3)] }));
      expect(await stockOf(seats, run, 0, 2)).toEqual(plain(3));
      expect(await buy(seats, on(run, 0, 1, { wishes: nobodyWishes(2) }))).toBe("held");
      expect(await buy(seats, on(run, 0, 2, { wishes: nobodyWishes(2) }))).toBe("NotOnSaleBetween");
      expect(await stockOf(seats, run, 0, 2)).toEqual(plain(1));
      expect(await buy(seats, on(run, 0, 2, { channel: "waitlist" }))).toBe("held");
      for (const channel of ["public", "waitlist", "change"] as const)
        expect(await buy(seats, on(run, 0, 1, { channel }))).toBe("NotOnSaleBetween");
      expect(await stockOf(seats, run, 0, 1)).toEqual({ sellable: 0, refusal: "NotOnSaleBetween", changesAt: null });
      expect(await buy(seats, on(run, 0, 3))).toBe("held");
      expect(await buy(seats, on(run, 1, 2))).toBe("held");
    });

    rule("a seat that is given back gives back its place in the quota, once", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const sold = on(run, 0, 2, { wishes: nobodyWishes(3) });
      await setAll(seats, second(run, { quotas: [limited(ways([0], [2]), 3)] }));
      await seats.hold([sold], eve);
      const [one] = await seats.release(refOf(sold), eve, [1]);
      await seats.release(refOf(sold), eve, [one!]);
      expect((await stockOf(seats, run, 0, 2)).sellable).toBe(1);
      await seats.confirm([refOf(sold)]);
      await seats.release(refOf(sold), eve);
      await seats.release(refOf(sold), eve);
      expect((await stockOf(seats, run, 0, 2)).sellable).toBe(3);
    });

    rule("quotas are nested: a hold counts in every group of its way, and needs a place in each", async (seats) => {
      const run = testRun(coachesOf(["second", 2]), 4);
      const [near, anywhere] = [limited(ways([0], [1]), 2), limited(ways([0, 1, 2], [1, 2, 3]), 4)];
      await setAll(seats, second(run, { quotas: [near, anywhere] }));
      expect(await buy(seats, on(run, 0, 1, { wishes: nobodyWishes(2) }))).toBe("held");
      expect(await buy(seats, on(run, 0, 1))).toBe("NotOnSaleBetween");
      expect(await stockOf(seats, run, 1, 3)).toEqual(plain(2));
      expect(await buy(seats, on(run, 1, 3, { wishes: nobodyWishes(2) }))).toBe("held");
      expect(await buy(seats, on(run, 2, 3))).toBe("NotOnSaleBetween");
    });

    rule("a limit begins at its moment without anybody's doing, and is announced", async (seats) => {
      const run = testRun(coachesOf(["second", 2]), 3);
      const steps = quota(ways([0], [1]), [hour(1), 2], [hour(2), 4], [hour(3), null]);
      await setAll(seats, second(run, { quotas: [steps] }));
      const at = (now: number) => stockOf(seats, run, 0, 1, { now: epochMs(now) });
      expect(await at(hour(1) - 1)).toEqual({ sellable: 0, refusal: "NotOnSaleBetween", changesAt: hour(1) });
      expect(await at(hour(1))).toEqual({ sellable: 2, refusal: null, changesAt: hour(2) });
      expect(await buy(seats, on(run, 0, 1), epochMs(hour(1) - 1))).toBe("NotOnSaleBetween");
      expect(await buy(seats, on(run, 0, 1, { wishes: nobodyWishes(2) }), hour(1))).toBe("held");
      expect(await buy(seats, on(run, 0, 1), epochMs(hour(2) - 1))).toBe("NotOnSaleBetween");
      expect(await buy(seats, on(run, 0, 1, { wishes: nobodyWishes(2) }), hour(2))).toBe("held");
      expect(await at(hour(2))).toEqual({ sellable: 0, refusal: "NotOnSaleBetween", changesAt: hour(3) });
      // Spoilage is 0: after the last limit the quota refuses nobody.
      expect(await at(hour(3))).toEqual(plain(6));
      expect(await buy(seats, on(run, 0, 1, { wishes: nobodyWishes(5) }), hour(3))).toBe("held");
    });

    rule("the next limit of any quota of the way is announced, the earliest first", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const [late, early, elsewhere] = [
        quota(ways([0], [2]), [0, 4], [hour(5), null]),
        quota(ways([0, 1], [2]), [0, 3], [hour(4), null]),
        quota(ways([1], [2]), [0, 1], [hour(3), null]),
      ];
      await setAll(seats, second(run, { quotas: [late, early, elsewhere] }));
      expect(await stockOf(seats, run, 0, 2)).toEqual({ sellable: 3, refusal: null, changesAt: hour(4) });
      expect(await stockOf(seats, run, 0, 2, { now: hour(4) })).toEqual({
        sellable: 4,
        refusal: null,
        changesAt: hour(5),
      });
      await seats.reload([recordedHold(run, [0, 1, 2, 3, 4])]);
      expect(await stockOf(seats, run, 0, 2)).toEqual(plain(0));
    });

    rule("a quota that is set while seats are held counts them, whenever and however they were sold", async (seats) => {
      const run = testRun(coachesOf(["second", 3], ["first", 2]), 4);
      const [held, paid, gone, lone] = [
        on(run, 0, 2, { wishes: nobodyWishes(2) }),
        on(run, 0, 1, { wishes: nobodyWishes(3) }),
        on(run, 0, 2, { wishes: nobodyWishes(2) }),
        on(run, 0, 2, { seatClass: "first" }),
      ];
      await seats.hold([held, paid, gone, lone], eve);
      await seats.confirm([refOf(paid)]);
      await seats.reload([recordedHold(run, [14], { toStop: 2 }), recordedHold(run, [13], { fromStop: 2, toStop: 3 })]);
      await seats.release(refOf(paid), eve, [
        (await seats.hold([paid], eve)).map((each) => each.ok && each.value.seatIndexes[0])[0] as number,
      ]);
      await seats.release(refOf(gone), eve);
      await setAll(seats, second(run, { quotas: [limited(ways([0], [1, 2]), 6)] }));
      // Two held, two of the three paid, one reloaded.
      expect(await stockOf(seats, run, 0, 2)).toEqual(plain(1));
      expect(await stockOf(seats, run, 0, 1)).toEqual(plain(1));
      await seats.release(refOf(held), eve);
      expect(await stockOf(seats, run, 0, 1)).toEqual(plain(3));
    });

    rule("what is held when a quota is lowered stays held, and nothing is sold until it is below", async (seats) => {
      const run = testRun(coachesOf(["second", 2]), 3);
      const sold = on(run, 0, 2, { wishes: nobodyWishes(4) });
      await seats.hold([sold], eve);
      await setAll(seats, second(run, { quotas: [limited(ways([0], [2]), 2)] }));
      const [first, next, last] = (await seats.hold([sold], eve)).flatMap((each) =>
        each.ok ? each.value.seatIndexes : [],
      );
      for (const seat of [first!, next!]) {
        expect(await stockOf(seats, run, 0, 2)).toMatchObject({ sellable: 0, refusal: "NotOnSaleBetween" });
        await seats.release(refOf(sold), eve, [seat]);
      }
      expect(await buy(seats, on(run, 0, 2))).toBe("NotOnSaleBetween");
      await seats.release(refOf(sold), eve, [last!]);
      expect(await buy(seats, on(run, 0, 2))).toBe("held");
    });

    rule("standing waits for seats that are free, whether or not those may be sold", async (seats) => {
      const run = testRun(coachesOf(["second", 1], ["standing", 3]), 3);
      await setAll(seats, second(run, { waitlistGate: [ways([0], [2])] }), {
        run,
        seatClass: "standing",
        quotas: [limited(ways([0], [2]), 1)],
      });
      const standing = (channel: HoldCommand["channel"] = "public") =>
        buy(seats, on(run, 0, 2, { seatClass: "standing", channel }));
      expect(await standing()).toBe("StandingNotYet");
      expect(await standing("waitlist")).toBe("StandingNotYet");
      await buy(seats, on(run, 0, 2, { channel: "waitlist", wishes: nobodyWishes(5) }));
      expect(await stockOf(seats, run, 0, 2, { seatClass: "standing" })).toEqual(plain(1));
      expect([await standing(), await standing()]).toEqual(["held", "NotOnSaleBetween"]);
    });

    rule("a run of 128 segments has gates and quotas to its last stop", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 129);
      await setAll(
        seats,
        second(run, { waitlistGate: [ways([31, 96], [32, 128])], quotas: [limited(ways([64], [65, 127]), 1)] }),
      );
      const told = await Promise.all(
        [
          [31, 32],
          [31, 128],
          [96, 128],
          [127, 128],
          [32, 128],
          [64, 127],
          [64, 128],
          [64, 65],
        ].map(([from, to]) => stockOf(seats, run, from!, to!)),
      );
      expect(told.map(({ sellable }) => sellable)).toEqual([0, 0, 0, 5, 5, 1, 5, 1]);
    });
  });

  describe(`${adapter}: setting what may be sold`, () => {
    rule("what a change leaves out stays as it is; an empty list takes away", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      await setAll(seats, second(run, { quotas: [limited(ways([0], [2]), 2)] }));
      await buy(seats, on(run, 0, 2));
      await setAll(seats, second(run, { waitlistGate: [ways([1], [2])] }));
      expect(await stockOf(seats, run, 0, 2)).toEqual(plain(1));
      expect(await stockOf(seats, run, 1, 2)).toMatchObject({ refusal: "WaitlistFirst" });
      await setAll(seats, second(run, { quotas: [] }));
      expect(await stockOf(seats, run, 0, 2)).toEqual(plain(4));
      expect(await stockOf(seats, run, 1, 2)).toMatchObject({ refusal: "WaitlistFirst" });
      await setAll(seats, second(run, { waitlistGate: [], quotas: [] }));
      expect(await stockOf(seats, run, 1, 2)).toEqual(plain(4));
    });

    rule("I7 setting the same again changes nothing", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const change = second(run, { waitlistGate: [ways([1], [2])], quotas: [limited(ways([0], [1, 2]), 3)] });
      await setAll(seats, change, change);
      await buy(seats, on(run, 0, 2, { wishes: nobodyWishes(2) }));
      await setAll(seats, change);
      expect(await stockOf(seats, run, 0, 2)).toEqual(plain(1));
      expect(await buy(seats, on(run, 0, 1, { wishes: nobodyWishes(2) }))).toBe("NotOnSaleBetween");
      expect(await buy(seats, on(run, 0, 1))).toBe("held");
    });

    rule("of changes of one class the last is in force", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const limits = [1, 4, 2].map((limit) => second(run, { quotas: [limited(ways([0], [2]), limit)] }));
      await setAll(seats, ...limits);
      expect(await stockOf(seats, run, 0, 2)).toEqual(plain(2));
    });

    rule("a change that cannot be is refused, changes nothing, and does not spoil the others", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const all = ways([0, 1], [1, 2]);
      const wrong: OfferChange[] = [
        { run, seatClass: "business", waitlistGate: [all] },
        second(run, { waitlistGate: [ways([0, 3], [2])] }),
        second(run, { waitlistGate: [ways([0], [1.5])] }),
        second(run, { waitlistGate: [ways([-1], [2])] }),
        second(run, { waitlistGate: [ways([], [2])] }),
        second(run, { waitlistGate: [ways([2], [1, 2])] }),
        second(run, { waitlistGate: Array.from({ length: 33 }, () => all) }),
        second(run, { quotas: [quota(all)] }),
        second(run, { quotas: [quota(all, [5, 1], [5, 2])] }),
        second(run, { quotas: [quota(all, [5, 1], [4, 2])] }),
        second(run, { quotas: [quota(all, [0, -1])] }),
        second(run, { quotas: [quota(all, [0, 0.5])] }),
        second(run, { quotas: [quota(all, [NaN, 1])] }),
        second(run, { quotas: [quota(all, ...Array.from({ length: 65 }, (_, n): [number, number] => [n, n]))] }),
      ];
      const answers = await seats.setOffers([...wrong, second(run, { quotas: [limited(all, 4)] })], eve);
      expect(answers.map((each) => each?.code ?? null)).toEqual([
        "ClassNotOffered",
        ...wrong.slice(1).map(() => "MalformedRequest" as const),
        null,
      ]);
      expect(answers[1]!.fields).toEqual([{ path: "/waitlistGate/0", message: "stops are numbered 0…2" }]);
      expect(await stockOf(seats, run, 0, 2)).toEqual(plain(4));
    });

    rule("nothing is set for a retired run, and what was set goes with it", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      await setAll(seats, second(run, { waitlistGate: [ways([0], [2])], quotas: [limited(ways([0], [2]), 1)] }));
      expect(await seats.retire(epochMs(dayStart + 48 * hourMs))).toBe(1);
      const [refused] = await seats.setOffers([second(run, { waitlistGate: [ways([0], [2])] })], eve);
      expect(refused?.code).toBe("SaleClosed");
      const next = {
        ...run,
        dayStart: epochMs(dayStart + 96 * hourMs),
        runId: `${run.runId}-next` as typeof run.runId,
      };
      expect(await buy(seats, on(next, 0, 2))).toBe("held");
      expect(await stockOf(seats, next, 0, 2)).toEqual(plain(4));
    });

    rule("who watches a run hears of it", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const changes = seats.changes?.(run);
      const before = changes?.count;
      const place = seats.changedRuns && (await seats.changedRuns(null)).place;
      await setAll(seats, second(run, { waitlistGate: [ways([0], [2])] }));
      if (changes) expect(changes.count).not.toBe(before!);
      const until = performance.now() + 30_000;
      while (place !== undefined && !(await seats.changedRuns!(place)).runIds!.includes(run.runId)) {
        expect(performance.now()).toBeLessThan(until);
        await Bun.sleep(10);
      }
    });

    rule("gates that open and close a thousand times leave holds and counts as they are", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 6);
      await setAll(seats, second(run, { quotas: [limited(ways([0], [5]), 3)] }));
      await buy(seats, on(run, 0, 5, { wishes: nobodyWishes(2) }));
      for (let n = 0; n < 1_000; n += 50) {
        const some = Array.from({ length: 50 }, (_, i) =>
          second(run, { waitlistGate: Array.from({ length: (n + i) % 5 }, () => ways([0, (n + i) % 5], [5])) }),
        );
        await setAll(seats, ...some);
      }
      await setAll(seats, second(run, { waitlistGate: [] }));
      expect(await stockOf(seats, run, 0, 5)).toEqual(plain(1));
      expect(await buy(seats, on(run, 0, 5), epochMs(eve + minuteMs))).toBe("held");
      expect(await buy(seats, on(run, 0, 5))).toBe("NotOnSaleBetween");
    });
  });
}
