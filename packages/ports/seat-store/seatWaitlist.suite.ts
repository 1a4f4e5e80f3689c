/** Who waits for seats, and is served before anybody else may buy them: the rules of waitlists, on every seat store. */
import { describe, expect, test } from "bun:test";
import type { HoldCommand, Need, OdGroup, Quota, Run, SeatClass, WaitlistStep } from "@chepiao/contracts";
import {
  createPrng,
  epochMs,
  grantTtlMs,
  hourMs,
  minuteMs,
  type OrderId,
  passengersPerOrderMax,
} from "@chepiao/kernel";
import {
  coachesOf,
  command,
  dayStart,
  eve,
  nobodyWishes,
  recordedHold,
  refOf,
  type SeatStoreSubject,
  testRun,
  type Wishes,
} from "./seatStore.suite.ts";
import type { SeatStore } from "./seatStore.ts";

const minute = (n: number) => epochMs(eve + n * minuteMs);
const ways = (fromStops: readonly number[], toStops: readonly number[]): OdGroup => ({ fromStops, toStops });
const quota = (group: OdGroup, ...limits: readonly [since: number, seats: number | null][]): Quota => ({
  ...group,
  limits: limits.map(([since, seats]) => ({ since: epochMs(since), seats })),
});

let lastId = 1_000_000;
let lastPlace = 0;
/** Somebody who waits for one second-class seat over the whole way, behind all that were made before. */
export function need(run: Run, over: Partial<Need> & { wishes?: Wishes } = {}): Need {
  const { wishes, ...rest } = over;
  return {
    holdId: ++lastId as OrderId,
    line: 0,
    run,
    seatClasses: ["second"],
    fromStop: 0,
    toStop: run.train.stops.length - 1,
    preferences: wishes ?? [null],
    place: ++lastPlace,
    ...rest,
  };
}

/** A rule is a test on a store of its own, which tells each step at its lines. */
export const rulesOn =
  (create: () => Promise<SeatStoreSubject>) =>
  (name: string, check: (seats: SeatStore, heard: WaitlistStep[]) => Promise<void>): void =>
    test(name, async () => {
      const subject = await create();
      const heard: WaitlistStep[] = [];
      subject.seats.waitlists.hear((step) => heard.push(step));
      try {
        await check(subject.seats, heard);
      } finally {
        await subject.close?.();
      }
    });

export function seatWaitlistSuite(adapter: string, create: () => Promise<SeatStoreSubject>): void {
  const rule = rulesOn(create);

  async function buy(seats: SeatStore, request: HoldCommand, now = eve): Promise<string> {
    const [decided] = await seats.hold([request], now);
    return decided!.ok ? "held" : decided!.error.code;
  }
  /** Sells everything to one hold, which can give seats back. */
  async function soldOut(seats: SeatStore, run: Run, count: number, over: Parameters<typeof command>[1] = {}) {
    const sold = command(run, { wishes: nobodyWishes(count), deadline: minute(600), ...over });
    expect(await buy(seats, sold)).toBe("held");
    return refOf(sold);
  }
  async function join(seats: SeatStore, ...needs: readonly Need[]) {
    expect(await seats.waitlists.join(needs, eve)).toEqual(needs.map(() => null));
  }
  const names = (heard: readonly WaitlistStep[]) => heard.flatMap(({ grants }) => grants.map(({ holdId }) => holdId));
  const waiting = async (seats: SeatStore, run: Run) =>
    (await seats.waitlists.groups(run)).reduce((sum, { needs }) => sum + needs, 0);

  describe(`${adapter}: who waits is served`, () => {
    rule(
      "I5 a seat that comes back is who waits', in the same step, and nobody else can buy it",
      async (seats, heard) => {
        const run = testRun(coachesOf(["second", 1]), 3);
        const sold = await soldOut(seats, run, 5);
        const waits = need(run);
        await join(seats, waits);
        expect(heard).toEqual([]);
        expect(await seats.release(sold, minute(1), [3])).toEqual([3]);
        const way = { seatClass: "second" as SeatClass, fromStop: 0, toStop: 2, seatIndexes: [3] };
        expect(heard).toEqual([
          { runId: run.runId, at: minute(1), freed: way, grants: [{ holdId: waits.holdId, line: 0, ...way }] },
        ]);
        for (const channel of ["public", "change", "waitlist"] as const) {
          expect(await buy(seats, command(run, { channel }))).toBe("SoldOut");
        }
        expect(await waiting(seats, run)).toBe(0);
      },
    );

    rule("I5 first come first served, by place, whoever joined first", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const sold = await soldOut(seats, run, 5);
      const [second, first, third] = [20, 10, 30].map((place) => need(run, { place }));
      await join(seats, second!, third!, first!);
      for (const seat of [0, 1, 2]) await seats.release(sold, eve, [seat]);
      expect(names(heard)).toEqual([first!.holdId, second!.holdId, third!.holdId]);
    });

    rule("of equal places the lower name comes first", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const sold = await soldOut(seats, run, 5);
      const same = [9, 100, 20, 20].map((id, n) =>
        need(run, { holdId: (7_000_000 + id) as OrderId, line: n, place: 5, ...(id === 100 && { wishes: ["F"] }) }),
      );
      await join(seats, ...same.toReversed());
      for (const seat of [0, 1, 2, 3]) await seats.release(sold, eve, [seat]);
      expect(heard.flatMap(({ grants }) => grants.map(({ holdId, line }) => [holdId - 7_000_000, line]))).toEqual([
        [9, 0],
        [20, 2],
        [20, 3],
        [100, 1],
      ]);
    });

    rule("I5 a party is served whole or not at all; it is passed over and keeps its place", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const sold = await soldOut(seats, run, 5);
      const [three, one, other] = [need(run, { wishes: nobodyWishes(3) }), need(run), need(run)];
      await join(seats, three, one);
      await seats.release(sold, eve, [0, 1]);
      expect(names(heard)).toEqual([one.holdId]);
      // What is left is the public's, and who joins later stands behind.
      await join(seats, other);
      expect(names(heard)).toEqual([one.holdId, other.holdId]);
      const behind = need(run);
      await join(seats, behind);
      await seats.release(sold, eve, [2, 3, 4]);
      expect(heard.at(-1)!.grants).toMatchObject([{ holdId: three.holdId, seatIndexes: [2, 3, 4] }]);
      await seats.release(refOf(three), eve, [3]);
      expect(heard.at(-1)!.grants).toMatchObject([{ holdId: behind.holdId, seatIndexes: [3] }]);
    });

    rule("a step that serves nobody, and gave seats back, is heard too", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const sold = await soldOut(seats, run, 5);
      await seats.release(sold, eve, [4]);
      await join(seats, need(run, { wishes: nobodyWishes(3) }));
      expect(heard).toEqual([]);
      await seats.release(sold, eve, [0]);
      const freed = { seatClass: "second" as const, fromStop: 0, toStop: 2, seatIndexes: [0] };
      expect(heard).toEqual([{ runId: run.runId, at: eve, freed, grants: [] }]);
      expect(await seats.release(sold, eve, [0])).toEqual([]);
      expect(heard).toHaveLength(1);
      expect(await buy(seats, command(run, { wishes: nobodyWishes(2) }))).toBe("held");
    });

    rule(
      "a way that is freed serves the ways within it, each as it fits; what comes back side by side is one way again",
      async (seats, heard) => {
        const run = testRun(coachesOf(["second", 1]), 5);
        const sold = await soldOut(seats, run, 5);
        const [front, back, whole, middle] = [
          need(run, { toStop: 2 }),
          need(run, { fromStop: 2 }),
          need(run),
          need(run, { fromStop: 1, toStop: 3 }),
        ];
        await join(seats, front, back, whole, middle);
        await seats.release(sold, eve, [1]);
        expect(heard.at(-1)!.grants.map(({ holdId, seatIndexes }) => [holdId, ...seatIndexes])).toEqual([
          [front.holdId, 1],
          [back.holdId, 1],
        ]);
        // Both ways together are a whole seat again.
        await seats.release(refOf(front), eve);
        await seats.release(refOf(back), eve);
        expect(names(heard)).toEqual([front.holdId, back.holdId, whole.holdId]);
        await seats.release(refOf(whole), eve);
        expect(names(heard).at(-1)).toBe(middle.holdId);
      },
    );

    rule("several that are released at once serve in order", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const holds = Array.from({ length: 5 }, () => command(run, { deadline: minute(60) }));
      await seats.hold(holds, eve);
      const [two, pairs, single] = [
        need(run, { wishes: nobodyWishes(2) }),
        need(run, { wishes: nobodyWishes(2) }),
        need(run),
      ];
      await join(seats, two, pairs, single);
      await Promise.all(holds.map((hold) => seats.release(refOf(hold), eve)));
      // One seat alone serves the single; then they come in pairs.
      expect(names(heard)).toEqual([single.holdId, two.holdId, pairs.holdId]);
      expect(heard.map(({ freed }) => freed?.seatIndexes.length)).toEqual([1, 1, 1, 1, 1]);
    });

    rule("who joins while seats are free is served at once", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const [three, late, single] = [
        need(run, { wishes: nobodyWishes(3) }),
        need(run, { wishes: nobodyWishes(3) }),
        need(run),
      ];
      await join(seats, three, late, single);
      expect(heard.map(({ freed, grants }) => [freed, grants.length])).toEqual([
        [null, 1],
        [null, 1],
      ]);
      expect(names(heard)).toEqual([three.holdId, single.holdId]);
      expect(await waiting(seats, run)).toBe(1);
    });

    rule(
      "of several classes the first in the need's order that has seats is given, and then it waits no more",
      async (seats, heard) => {
        const run = testRun(coachesOf(["second", 1], ["first", 1]), 3);
        const second = await soldOut(seats, run, 5);
        const first = await soldOut(seats, run, 4, { seatClass: "first" });
        const either = need(run, { seatClasses: ["first", "second"] });
        await join(seats, either);
        await seats.release(second, eve, [0]);
        expect(heard.at(-1)!.grants).toMatchObject([{ holdId: either.holdId, seatClass: "second" }]);
        await seats.release(first, eve, [0]);
        expect(names(heard)).toEqual([either.holdId]);
        const again = need(run, { seatClasses: ["second", "first"] });
        await join(seats, again);
        expect(heard.at(-1)!.grants).toMatchObject([{ holdId: again.holdId, seatClass: "first" }]);
      },
    );

    rule(
      "wishes are granted where they can be; one that the class cannot answer counts as none",
      async (seats, heard) => {
        const run = testRun(coachesOf(["second", 2]), 3);
        const sold = await soldOut(seats, run, 5);
        await soldOut(seats, run, 5);
        await join(seats, need(run, { wishes: ["F"] }), need(run, { wishes: ["lower", "window"] }));
        await seats.release(sold, eve, [0, 2, 4]);
        expect(heard.at(-1)!.grants.map(({ seatIndexes }) => seatIndexes)).toEqual([[4], [2, 0]]);
      },
    );

    rule(
      "nobody stands while there are seats; with the last seat that is held standing is served",
      async (seats, heard) => {
        const run = testRun(coachesOf(["second", 1], ["standing", 3]), 3);
        await soldOut(seats, run, 4);
        const standing = need(run, { seatClasses: ["standing"] });
        await join(seats, standing);
        expect(heard).toEqual([]);
        expect(await buy(seats, command(run))).toBe("held");
        expect(heard).toMatchObject([{ freed: null, grants: [{ holdId: standing.holdId, seatClass: "standing" }] }]);
      },
    );

    rule("standing is served with the last seat that the waitlist is given, too", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1], ["standing", 1]), 3);
      const sold = await soldOut(seats, run, 5);
      await soldOut(seats, run, 1, { seatClass: "standing" });
      const [stands, sits] = [need(run, { seatClasses: ["standing"] }), need(run)];
      await join(seats, stands, sits);
      const standing = (await seats.waitlists.groups(run)).length;
      expect(standing).toBe(2);
      await seats.release(sold, eve, [0]);
      expect(names(heard)).toEqual([sits.holdId]);
    });

    rule(
      "a hold that is reloaded may let somebody stand: served before anything else is sold",
      async (seats, heard) => {
        const run = testRun(coachesOf(["second", 1], ["standing", 1]), 3);
        await soldOut(seats, run, 4);
        const standing = need(run, { seatClasses: ["standing"] });
        await join(seats, standing);
        const [free] = (await seats.freeSeats({ run, fromStop: 0, toStop: 2 }, "second")).flatMap((isFree, seat) =>
          isFree ? [seat] : [],
        );
        expect(await seats.reload([recordedHold(run, [free!])])).toEqual([]);
        expect(await buy(seats, command(run, { seatClass: "standing" }), minute(1))).toBe("SoldOut");
        expect(heard).toMatchObject([{ at: minute(1), grants: [{ holdId: standing.holdId }] }]);
      },
    );

    rule("runs do not serve each other's waitlists", async (seats, heard) => {
      const [run, other] = ["G1", "G2"].map((train) => testRun(coachesOf(["second", 1]), 3, train)) as [Run, Run];
      const sold = await soldOut(seats, run, 5);
      await soldOut(seats, other, 5);
      await join(seats, need(other));
      await seats.release(sold, eve);
      expect(heard).toEqual([]);
      expect(await buy(seats, command(run))).toBe("held");
    });
  });

  describe(`${adapter}: grants`, () => {
    rule("a grant is held until its deadline, then asked about as one, and not sold meanwhile", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const sold = await soldOut(seats, run, 5);
      const waits = need(run);
      await join(seats, waits);
      await seats.release(sold, eve, [0]);
      const before = epochMs(eve + grantTtlMs - 1);
      expect(await seats.overdue(before, 10, epochMs(before + 1))).toEqual([]);
      const due = epochMs(eve + grantTtlMs);
      expect(await seats.overdue(due, 10, minute(5))).toEqual([{ ...refOf(waits), isGrant: true }]);
      expect(await buy(seats, command(run, { deadline: minute(30) }), minute(4))).toBe("SoldOut");
      expect(await seats.overdue(minute(5), 10, minute(6))).toHaveLength(1);
    });

    rule("a grant that is released goes to the next in the same step", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const sold = await soldOut(seats, run, 5);
      const [first, next] = [need(run), need(run)];
      await join(seats, first, next);
      await seats.release(sold, eve, [2]);
      await seats.release(refOf(first), minute(2));
      expect(heard.at(-1)).toMatchObject({ at: minute(2), grants: [{ holdId: next.holdId, seatIndexes: [2] }] });
      expect(await seats.overdue(minute(3), 10, minute(9))).toEqual([{ ...refOf(next), isGrant: true }]);
    });

    rule("grants can be read until they are confirmed or released", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const needs = [need(run, { wishes: nobodyWishes(2) }), need(run), need(run, { line: 2 })];
      await join(seats, ...needs);
      const grants = async () =>
        (await seats.waitlists.grants(run))
          .toSorted((a, b) => a.holdId - b.holdId)
          .map(({ holdId, line, seatIndexes }) => [holdId, line, seatIndexes.length]);
      expect(await grants()).toEqual(needs.map(({ holdId, line, preferences }) => [holdId, line, preferences.length]));
      await seats.confirm([refOf(needs[1]!)]);
      await seats.release(refOf(needs[2]!), eve);
      const [given] = (await seats.waitlists.grants(run))[0]!.seatIndexes;
      await seats.release(refOf(needs[0]!), eve, [given!]);
      expect(await grants()).toEqual([[needs[0]!.holdId, 0, 1]]);
      expect(await seats.overdue(minute(2), 10, minute(3))).toEqual([{ ...refOf(needs[0]!), isGrant: true }]);
    });

    rule("a purchase under the name of a grant is given what was granted", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const waits = need(run, { wishes: nobodyWishes(2) });
      await join(seats, waits);
      const { holdId, line, preferences } = waits;
      const [answer] = await seats.hold([command(run, { holdId, line, preferences })], eve);
      expect(answer).toMatchObject({ ok: true, value: { seatIndexes: heard[0]!.grants[0]!.seatIndexes } });
    });

    rule("what was granted in one class or over one way is not had in another", async (seats) => {
      const run = testRun(coachesOf(["second", 1], ["first", 1]), 4);
      const waits = need(run, { seatClasses: ["first"], wishes: nobodyWishes(2) });
      await join(seats, waits);
      const { holdId, line, preferences } = waits;
      const asked = { ...command(run, { holdId, line, preferences }), fromStop: waits.fromStop, toStop: waits.toStop };
      const shorter = { ...asked, seatClass: "first", toStop: waits.toStop - 1 } as const;
      const answers = await seats.hold(
        [{ ...asked, seatClass: "second" }, shorter, { ...asked, seatClass: "first" }],
        eve,
      );
      expect(answers.map((answer) => (answer.ok ? "held" : answer.error.code))).toEqual(["SoldOut", "SoldOut", "held"]);
    });

    rule("who is held under its name waits no more", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const sold = await soldOut(seats, run, 4);
      const waits = need(run, { wishes: nobodyWishes(2) });
      await join(seats, waits);
      expect(await buy(seats, command(run, { holdId: waits.holdId }))).toBe("held");
      expect(await waiting(seats, run)).toBe(0);
      await seats.release(sold, eve);
      expect(heard).toEqual([]);
      await seats.release(refOf(waits), eve);
      await join(seats, waits);
      expect([heard, await waiting(seats, run)]).toEqual([[], 0]);
    });

    const view = "where holds can be listed, grants are told apart";
    rule(view, async (seats) => {
      if (!seats.holdsView) return;
      const run = testRun(coachesOf(["second", 1]), 3);
      const waits = need(run);
      await soldOut(seats, run, 4);
      await join(seats, waits);
      const marks = async () =>
        (await seats.holdsView!.holds(run)).filter(({ isGrant }) => isGrant).map(({ holdId }) => holdId);
      expect(await marks()).toEqual([waits.holdId]);
      await seats.confirm([refOf(waits)]);
      expect(await marks()).toEqual([]);
    });
  });

  describe(`${adapter}: what may be sold to who waits`, () => {
    const every = ways([0, 1], [1, 2]);

    rule("the waitlist's gate is open to it", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      await seats.setOffers([{ run, seatClass: "second", waitlistGate: [every] }], eve);
      await join(seats, need(run));
      expect(names(heard)).toHaveLength(1);
    });

    rule("I5 a quota that is raised or taken away serves who waits first, in the same step", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const limited = (seatCount: number) => [
        { run, seatClass: "second" as const, quotas: [quota(every, [0, seatCount])] },
      ];
      await seats.setOffers(limited(0), eve);
      const needs = [need(run, { wishes: nobodyWishes(2) }), need(run), need(run, { wishes: nobodyWishes(2) })];
      await join(seats, ...needs);
      await seats.setOffers(limited(1), eve);
      expect(names(heard)).toEqual([needs[1]!.holdId]);
      expect(await buy(seats, command(run))).toBe("NotOnSaleBetween");
      await seats.setOffers([{ run, seatClass: "second", quotas: [] }], minute(1));
      expect(names(heard)).toEqual([needs[1]!.holdId, needs[0]!.holdId, needs[2]!.holdId]);
      expect(heard.at(-1)).toMatchObject({ at: minute(1), freed: null });
    });

    rule(
      "a place that comes back to a quota serves a way that shares no segment with the seat",
      async (seats, heard) => {
        const run = testRun(coachesOf(["second", 1]), 3);
        await seats.setOffers([{ run, seatClass: "second", quotas: [quota(every, [0, 1])] }], eve);
        const sold = command(run, { toStop: 1, deadline: minute(60) });
        await buy(seats, sold);
        const waits = need(run, { fromStop: 1 });
        await join(seats, waits);
        await seats.release(refOf(sold), eve);
        expect(names(heard)).toEqual([waits.holdId]);
      },
    );

    rule(
      "I5 what a limit that has begun sets free is who waits', before a hold, a change or an answer",
      async (seats, heard) => {
        const run = testRun(coachesOf(["second", 1]), 3);
        const begins = [1, 2, 3].map((n): [number, number] => [minute(n), n]);
        await seats.setOffers([{ run, seatClass: "second", quotas: [quota(every, ...begins)] }], eve);
        const needs = [need(run), need(run), need(run)];
        await join(seats, ...needs);
        expect(await buy(seats, command(run, { deadline: minute(30) }), epochMs(minute(1) - 1))).toBe(
          "NotOnSaleBetween",
        );
        expect(heard).toEqual([]);
        expect(await buy(seats, command(run, { deadline: minute(30) }), minute(1))).toBe("NotOnSaleBetween");
        expect(await buy(seats, command(run, { deadline: minute(30), channel: "change" }), minute(2))).toBe(
          "NotOnSaleBetween",
        );
        const [stock] = await seats.available([{ run, fromStop: 0, toStop: 2 }], minute(3));
        expect(stock!.get("second")).toMatchObject({ sellable: 0, refusal: "NotOnSaleBetween" });
        expect(heard.map(({ at, grants }) => [at, grants[0]!.holdId])).toEqual(
          needs.map(({ holdId }, n) => [minute(n + 1), holdId]),
        );
      },
    );

    rule(
      "who is served by time alone need not wait for a buyer: serve answers when it may be so again",
      async (seats, heard) => {
        const run = testRun(coachesOf(["second", 1]), 3);
        const other = testRun(coachesOf(["second", 1]), 3, "G2");
        const limits: [number, number][] = [
          [minute(2), 1],
          [minute(5), 5],
        ];
        await seats.setOffers([{ run, seatClass: "second", quotas: [quota(every, ...limits)] }], eve);
        const party = need(run, { wishes: nobodyWishes(2) });
        await join(seats, party);
        expect(await seats.waitlists.serve([other, run], eve)).toEqual([null, minute(2)]);
        expect(await seats.waitlists.serve([run], minute(2))).toEqual([minute(5)]);
        expect(heard).toEqual([]);
        expect(await seats.waitlists.serve([run], minute(6))).toEqual([null]);
        expect(names(heard)).toEqual([party.holdId]);
      },
    );
  });

  describe(`${adapter}: joining and leaving`, () => {
    rule("I7 a need that joins again changes nothing, whatever it says", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      await soldOut(seats, run, 5);
      const waits = need(run);
      await join(seats, waits, waits);
      await join(seats, { ...waits, place: 0, fromStop: 1 });
      expect(await seats.waitlists.groups(run)).toEqual([
        { seatClasses: ["second"], fromStop: 0, toStop: 2, partySize: 1, needs: 1 },
      ]);
    });

    rule("I7 who has left does not come back with a late copy, nor who left before it came", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const sold = await soldOut(seats, run, 5);
      const [stays, leaves, never] = [need(run), need(run), need(run, { line: 1 })];
      await join(seats, leaves, stays);
      await seats.waitlists.leave(run, [refOf(leaves), refOf(never)]);
      await seats.waitlists.leave(run, [refOf(leaves)]);
      await join(seats, leaves, never);
      await seats.release(sold, eve);
      expect(names(heard)).toEqual([stays.holdId]);
      await join(seats, leaves, never);
      expect(names(heard)).toEqual([stays.holdId]);
    });

    rule("I7 who was served does not wait again with a late copy, however long ago that was", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const waits = need(run);
      await join(seats, waits);
      await join(seats, waits);
      await seats.release(refOf(waits), eve);
      // The store may forget the hold, whose deadline is over.
      for (const n of [2, 20, 40]) await seats.overdue(minute(n), 10, minute(n + 1));
      await join(seats, waits);
      expect([names(heard), await waiting(seats, run)]).toEqual([[waits.holdId], 0]);
    });

    rule("who leaves keeps what was granted before", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const waits = need(run);
      await join(seats, waits);
      await seats.waitlists.leave(run, [refOf(waits)]);
      expect(await seats.waitlists.grants(run)).toHaveLength(1);
    });

    rule("needs that cannot be are refused and do not spoil the others", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      await soldOut(seats, run, 5);
      const wrong: [Partial<Need>, string][] = [
        [{ fromStop: 2 }, "NotOnRoute"],
        [{ toStop: 3 }, "NotOnRoute"],
        [{ fromStop: 0.5 }, "NotOnRoute"],
        [{ preferences: [] }, "MalformedRequest"],
        [{ preferences: nobodyWishes(passengersPerOrderMax + 1) }, "MalformedRequest"],
        [{ place: -1 }, "MalformedRequest"],
        [{ place: 0.5 }, "MalformedRequest"],
        [{ line: 256 }, "MalformedRequest"],
        [{ seatClasses: ["second", "second"] }, "MalformedRequest"],
        [{ seatClasses: [] }, "ClassNotOffered"],
        [{ seatClasses: ["business", "standing"] }, "ClassNotOffered"],
      ];
      const needs = [...wrong.map(([over]) => need(run, over)), need(run, { seatClasses: ["business", "second"] })];
      const codes = (await seats.waitlists.join(needs, eve)).map((each) => each?.code ?? null);
      expect(codes).toEqual([...wrong.map(([, code]) => code as never), null]);
      expect(await seats.waitlists.groups(run)).toEqual([
        { seatClasses: ["second"], fromStop: 0, toStop: 2, partySize: 1, needs: 1 },
      ]);
    });

    rule("nobody waits for a retired run", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      await soldOut(seats, run, 5);
      await join(seats, need(run));
      await seats.retire(epochMs(dayStart + 48 * hourMs));
      expect(await seats.waitlists.groups(run)).toEqual([]);
      expect(await seats.waitlists.grants(run)).toEqual([]);
      expect(await seats.waitlists.ahead(need(run))).toBe(0);
      expect(await seats.waitlists.serve([run], eve)).toEqual([null]);
      expect(await seats.waitlists.join([need(run)], eve)).toMatchObject([{ code: "SaleClosed" }]);
      expect(await seats.waitlists.set(run, [need(run)], 1e9, eve)).toMatchObject([{ code: "SaleClosed" }]);
      await seats.waitlists.leave(run, [refOf(need(run))]);
      expect(heard).toEqual([]);
    });
  });

  describe(`${adapter}: setting a waitlist again`, () => {
    rule("what was lost is there again, in order of the places, however it is listed", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const sold = await soldOut(seats, run, 5);
      const needs = [need(run), need(run), need(run)];
      await join(seats, needs[1]!);
      const listed = needs.toReversed();
      expect(await seats.waitlists.set(run, listed, needs[2]!.place, eve)).toEqual([null, null, null]);
      expect(await seats.waitlists.set(run, listed, needs[2]!.place, eve)).toEqual([null, null, null]);
      for (const seat of [0, 1, 2]) await seats.release(sold, eve, [seat]);
      expect(names(heard)).toEqual(needs.map(({ holdId }) => holdId));
    });

    rule("who is not listed is forgotten, and may come again; who came since stays", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const sold = await soldOut(seats, run, 5);
      const [gone, kept, since] = [need(run), need(run), need(run)];
      await join(seats, gone, kept, since);
      await seats.waitlists.set(run, [kept], kept.place, eve);
      expect(await waiting(seats, run)).toBe(2);
      await seats.release(sold, eve, [0]);
      await join(seats, gone);
      await seats.release(sold, eve, [1, 2]);
      expect(names(heard)).toEqual([kept.holdId, gone.holdId, since.holdId]);
    });

    rule("what was granted stays, and who has left stays away", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      await soldOut(seats, run, 4);
      const [granted, left] = [need(run), need(run)];
      await join(seats, granted, left);
      await seats.waitlists.leave(run, [refOf(left)]);
      await seats.waitlists.set(run, [granted, left], left.place, eve);
      expect([names(heard), await waiting(seats, run)]).toEqual([[granted.holdId], 0]);
      await seats.waitlists.set(run, [], left.place, eve);
      expect(await seats.waitlists.grants(run)).toHaveLength(1);
    });

    rule("seats that are free by then are given by place", async (seats, heard) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      await soldOut(seats, run, 3);
      const [first, pair, last] = [need(run), need(run, { wishes: nobodyWishes(2) }), need(run)];
      await seats.waitlists.set(run, [last, pair, first], last.place, eve);
      expect(names(heard)).toEqual([first.holdId, last.holdId]);
    });

    rule("I5 a line that is joined in pages from its front, also anew, is served as one that is set", async (seats) => {
      const random = createPrng(20_261_201);
      /** In order of the line: those who make it are made in its order. */
      const given = async (run: Run, line: readonly Need[]) =>
        (await seats.waitlists.grants(run))
          .map(({ holdId, ...grant }) => ({ ...grant, nth: holdId - line[0]!.holdId }))
          .sort((a, b) => a.nth - b.nth);
      for (const rows of [1, 2, 3, 4]) {
        const layout = coachesOf(["second", rows], ["first", 1], ["standing", 1]);
        const wanted = Array.from({ length: 40 }, (): Partial<Need> => {
          const fromStop = random.below(4);
          const seatClasses = random.pick<readonly SeatClass[]>([["second"], ["first", "second"], ["standing"]]);
          return {
            fromStop,
            toStop: fromStop + 1 + random.below(4 - fromStop),
            seatClasses,
            preferences: nobodyWishes(1 + random.below(4)),
          };
        });
        const [set, joined] = [testRun(layout, 5, `G${rows}`), testRun(layout, 5, `D${rows}`)];
        const [atOnce, inPages] = [set, joined].map((run) => wanted.map((each) => need(run, each)));
        await seats.waitlists.set(set, atOnce!.toReversed(), atOnce!.at(-1)!.place, eve);
        // Some died on the way, each behind another page.
        for (const until of [7, 21, 40])
          for (let first = 0; first < until; first += 7) await join(seats, ...inPages!.slice(first, first + 7));
        const grants = await given(set, atOnce!);
        expect(grants.length).toBeGreaterThan(3);
        expect(await given(joined, inPages!)).toEqual(grants);
        expect(await waiting(seats, joined)).toBe(40 - grants.length);
      }
    });
  });

  describe(`${adapter}: looking at a waitlist`, () => {
    rule("groups say how many wait for what", async (seats) => {
      const run = testRun(coachesOf(["second", 1], ["first", 1]), 4);
      await soldOut(seats, run, 5);
      await soldOut(seats, run, 4, { seatClass: "first" });
      const kinds: Partial<Need>[] = [
        {},
        { seatClasses: ["second", "first"] },
        { seatClasses: ["first", "second"] },
        { preferences: nobodyWishes(2) },
        { toStop: 2 },
      ];
      for (const [n, kind] of kinds.entries()) {
        await join(seats, ...Array.from({ length: n + 1 }, () => need(run, kind)));
      }
      const groups = (await seats.waitlists.groups(run)).toSorted((a, b) => a.needs - b.needs);
      expect(groups).toEqual(
        kinds.map(({ seatClasses = ["second"], toStop = 3, preferences = [null] }, n) => ({
          seatClasses,
          fromStop: 0,
          toStop,
          partySize: preferences.length,
          needs: n + 1,
        })),
      );
    });

    rule("ahead are those with a lower place that share a class and a segment, each once", async (seats) => {
      const run = testRun(coachesOf(["second", 1], ["first", 1]), 5);
      const sold = await soldOut(seats, run, 5);
      await soldOut(seats, run, 4, { seatClass: "first" });
      const needs = [
        need(run, { toStop: 2 }),
        need(run, { fromStop: 2 }),
        need(run, { seatClasses: ["first"] }),
        need(run, { seatClasses: ["first", "second"], fromStop: 1, toStop: 3 }),
        need(run, { wishes: nobodyWishes(2) }),
      ];
      await join(seats, ...needs);
      const ahead = await Promise.all(needs.map((each) => seats.waitlists.ahead(each)));
      expect(ahead).toEqual([0, 0, 0, 3, 3]);
      await seats.release(sold, eve, [0]);
      expect(await seats.waitlists.ahead(needs[4]!)).toBe(1);
      const newcomer = { run, seatClasses: ["second", "first"] as SeatClass[], fromStop: 0, toStop: 1, place: 1e12 };
      expect(await seats.waitlists.ahead(newcomer)).toBe(2);
    });
  });
}
