/** How holds are brought in line with what is sold, where a seat store may lose what it has answered. */
import { describe, expect, test } from "bun:test";
import { holdText, type RecordedHold, type Run, type SeatClass } from "@chepiao/contracts";
import { createPrng, epochMs, grantTtlMs, minuteMs, type Prng } from "@chepiao/kernel";
import { createMemorySeatStore } from "./seatStore.memory.ts";
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
import type { HoldsView, KnownHold, SeatStore } from "./seatStore.ts";
import { need } from "./seatWaitlist.suite.ts";

type Known = SeatStore & { readonly holdsView: HoldsView };
const deadline = epochMs(eve + minuteMs);

async function knownOf({ holdsView }: Known, run: Run): Promise<KnownHold[]> {
  const all = (await holdsView.holds(run)).map((hold) => ({
    ...hold,
    seatIndexes: hold.seatIndexes.toSorted((a, b) => a - b),
  }));
  return all.toSorted((a, b) => a.holdId - b.holdId || a.line - b.line);
}
const wayOf = ({ seatClass, fromStop, toStop, seatIndexes }: KnownHold | RecordedHold) =>
  [seatClass, fromStop, toStop, ...seatIndexes] as const;
const seatsFreeOn = async (seats: SeatStore, run: Run, seatClass: SeatClass = "second") =>
  (await seats.freeSeats({ run, fromStop: 0, toStop: run.train.stops.length - 1 }, seatClass)).flatMap(
    (isFree, seat) => (isFree ? [seat] : []),
  );

export function seatRepairSuite(adapter: string, create: () => Promise<SeatStoreSubject>): void {
  const rule = (name: string, check: (seats: Known, served: () => number) => Promise<void>) =>
    test(name, async () => {
      const subject = await create();
      let served = 0;
      subject.seats.waitlists.hear(({ grants }) => (served += grants.length));
      try {
        await check(subject.seats as Known, () => served);
      } finally {
        await subject.close?.();
      }
    });

  describe(`${adapter}: repairs`, () => {
    rule(
      "I5 a seat that is let go is his whom it was sold to, and nobody in line is served by it",
      async (seats, served) => {
        const run = testRun(coachesOf(["second", 1]), 3);
        const [others, refused, sold] = [
          recordedHold(run, [0, 1, 2, 3]),
          recordedHold(run, [4]),
          recordedHold(run, [4]),
        ];
        await seats.reload([others, refused]);
        const needs = [need(run), need(run), need(run)];
        await seats.waitlists.join(needs, eve);
        const surplus = [{ hold: refOf(refused), seats: [4] }];
        expect(await seats.holdsView.repair([{ ...sold, deadline }], surplus)).toEqual([]);
        expect(await seats.waitlists.serve([run], eve)).toEqual([null]);
        expect([served(), (await seats.waitlists.groups(run))[0]!.needs]).toEqual([0, 3]);
        expect(await seats.release(refOf(refused), eve)).toEqual([]);
        expect(await seats.release(refOf(sold), eve)).toEqual([4]);
        expect(served()).toBe(1);
      },
    );

    rule(
      "what nobody has bought is served by the next step that knows the time, before the public",
      async (seats, served) => {
        const run = testRun(coachesOf(["second", 1]), 3);
        const hold = recordedHold(run, [0, 1, 2, 3, 4]);
        await seats.reload([hold]);
        await seats.waitlists.join([need(run)], eve);
        expect(await seats.holdsView.repair([], [{ hold: refOf(hold), seats: [2] }])).toEqual([]);
        expect(served()).toBe(0);
        const [decided] = await seats.hold([command(run)], eve);
        expect([decided!.ok, served()]).toEqual([false, 1]);
      },
    );

    rule("a hold becomes what it is told to be: other seats, another class, another way", async (seats) => {
      const run = testRun(coachesOf(["second", 2], ["first", 1]), 4);
      const told = [
        recordedHold(run, [0, 1]),
        recordedHold(run, [4, 5]),
        recordedHold(run, [6]),
        recordedHold(run, [7], { fromStop: 1, toStop: 2 }),
      ];
      const [disjoint, overlapping, ofOtherClass, otherWay] = told as [
        RecordedHold,
        RecordedHold,
        RecordedHold,
        RecordedHold,
      ];
      await seats.reload([
        { ...disjoint, seatIndexes: [2, 3] },
        { ...overlapping, seatIndexes: [5, 6], deadline },
        { ...ofOtherClass, seatClass: "first", seatIndexes: [1] },
        { ...otherWay, fromStop: 0, toStop: 3 },
      ]);
      expect(await seats.holdsView.repair(told.map((each) => ({ ...each, deadline })))).toEqual([]);
      expect((await knownOf(seats, run)).map(wayOf)).toEqual(told.map(wayOf));
      // What was confirmed stays so, and what was asked about is again.
      const due = await seats.overdue(deadline, 10, epochMs(deadline + 1));
      expect(due).toEqual([refOf(overlapping)]);
      expect(await seatsFreeOn(seats, run)).toEqual([2, 3, 8, 9]);
      expect(await seatsFreeOn(seats, run, "first")).toHaveLength(4);
    });

    rule("a grant that has the seats it is told stays one; one that has not is held as it is told", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const needs = [need(run), need(run)];
      await seats.waitlists.join(needs, eve);
      const [first, second] = await knownOf(seats, run);
      const told = [first!, second!].map(({ holdId, seatIndexes }, n) =>
        recordedHold(run, n === 0 ? seatIndexes : [3], { holdId, deadline: epochMs(deadline + minuteMs) }),
      );
      expect(await seats.holdsView.repair(told)).toEqual([]);
      expect(await seats.waitlists.grants(run)).toHaveLength(1);
      const due = await seats.overdue(epochMs(eve + grantTtlMs), 10, epochMs(eve + 20 * minuteMs));
      expect(due).toEqual([{ ...refOf(needs[0]!), isGrant: true }]);
      expect(await seatsFreeOn(seats, run)).toHaveLength(3);
    });

    rule("of its seats it has those that are free, and the others once they are", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const [other, told] = [recordedHold(run, [1]), recordedHold(run, [0, 1, 2])];
      await seats.reload([other]);
      expect(await seats.holdsView.repair([told])).toEqual([refOf(told)]);
      expect((await knownOf(seats, run)).map(({ seatIndexes }) => seatIndexes)).toEqual([[1], [0, 2]]);
      await seats.release(refOf(other), eve);
      expect(await seats.holdsView.repair([told])).toEqual([]);
      expect(await seatsFreeOn(seats, run)).toEqual([3, 4]);
      // A class or a seat that the train does not have is lacking, too.
      const nowhere = [recordedHold(run, [0], { seatClass: "first" }), recordedHold(run, [99])];
      expect(await seats.holdsView.repair(nowhere)).toEqual(nowhere.map(refOf));
      expect(await knownOf(seats, run)).toHaveLength(2);
    });

    rule("holds that have each other's seats are exchanged in one step", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      const told = [recordedHold(run, [0]), recordedHold(run, [1])];
      await seats.reload(told.map((each, n) => ({ ...each, seatIndexes: [1 - n] })));
      expect(await seats.holdsView.repair(told)).toEqual([]);
      expect((await knownOf(seats, run)).map(wayOf)).toEqual(told.map(wayOf));
    });

    rule("who is told as a hold waits no more", async (seats) => {
      const run = testRun(coachesOf(["second", 1]), 3);
      await seats.reload([recordedHold(run, [0, 1, 2, 3, 4])]);
      const waits = need(run);
      await seats.waitlists.join([waits], eve);
      const told = recordedHold(run, [0], { holdId: waits.holdId });
      expect(await seats.holdsView.repair([told])).toEqual([refOf(told)]);
      expect(await seats.waitlists.groups(run)).toEqual([]);
    });

    rule("seats that a hold does not have, and holds that nobody knows, are no surplus", async (seats) => {
      const [run, other] = [testRun(coachesOf(["second", 1]), 3), testRun(coachesOf(["second", 1]), 3, "G2")];
      const hold = recordedHold(run, [0, 1]);
      await seats.reload([hold]);
      const surplus = [
        { hold: refOf(hold), seats: [2, 3] },
        { hold: refOf(hold), seats: [] },
        { hold: refOf(recordedHold(run, [4])), seats: [0] },
        { hold: { ...refOf(hold), runId: other.runId }, seats: [0] },
      ];
      expect(await seats.holdsView.repair([], surplus)).toEqual([]);
      expect((await knownOf(seats, run)).map(wayOf)).toEqual([wayOf(hold)]);
    });

    rule("I5 however much is exchanged, no seat of it is anybody else's meanwhile", async (seats, served) => {
      const run = testRun(coachesOf(["second", 30]), 3);
      const wrong = Array.from({ length: 150 }, (_, seat) => recordedHold(run, [seat]));
      await seats.reload(wrong);
      await seats.waitlists.join(
        Array.from({ length: 90 }, () => need(run)),
        eve,
      );
      const surplus = wrong.slice(0, 70).map((hold) => ({ hold: refOf(hold), seats: hold.seatIndexes }));
      const sold = [
        ...wrong.slice(0, 70).map(({ seatIndexes }) => recordedHold(run, seatIndexes)),
        ...wrong.slice(70).map((hold, n) => ({ ...hold, seatIndexes: [70 + ((n + 1) % 80)] })),
      ];
      const exchanged = wrong.slice(70).map((hold) => ({ hold: refOf(hold), seats: hold.seatIndexes }));
      expect(await seats.holdsView.repair(sold, [...surplus, ...exchanged])).toEqual([]);
      await seats.waitlists.serve([run], eve);
      expect(served()).toBe(0);
      expect((await knownOf(seats, run)).filter(({ seatIndexes }) => seatIndexes.length > 0)).toHaveLength(150);
    });
  });
}

/** Whatever is told of a run on which people hold, wait and give back: the store answers what its slow twin does, and has what it has. */
export function seatRepairLives(adapter: string, create: () => Promise<SeatStoreSubject>, lives: number): void {
  test(`${adapter}: repairs like its twin, whatever is told`, async () => {
    const firstSeed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
    for (let seed = firstSeed; seed < firstSeed + lives; seed++) {
      const subject = await create();
      await live(subject.seats as Known, createMemorySeatStore() as Known, seed);
      await subject.close?.();
    }
  });
}

async function live(seats: Known, twin: Known, seed: number) {
  const prng = createPrng(seed);
  const run = testRun(coachesOf(["second", 2], ["first", 1], ["standing", 1]), 4);
  const seatCounts = { second: 10, first: 4, standing: 5 } as const;
  const names: RecordedHold[] = [];
  async function both<T>(what: string, ask: (seats: Known) => Promise<T>): Promise<T> {
    const [answer, ofTwin] = [await ask(seats), await ask(twin)];
    expect({ seed, what, answer }).toEqual({ seed, what, answer: ofTwin });
    return answer;
  }
  const one = () => names[prng.below(names.length)]!;
  const every = { fromStops: [0, 1, 2], toStops: [1, 2, 3] };
  const quotas = [{ ...every, limits: [{ since: epochMs(0), seats: 6 }] }];
  if (prng.chance(0.5)) await both("offer", (at) => at.setOffers([{ run, seatClass: "second", quotas }], eve));
  for (let n = 0; n < 40; n++) {
    const fresh = anyHold(run, seatCounts, prng);
    const wishes = nobodyWishes(fresh.seatIndexes.length);
    switch (prng.below(6)) {
      case 0:
      case 1:
        names.push(fresh);
        await both("hold", (at) => at.hold([{ ...command(run, { wishes }), ...fresh, deadline }], eve));
        break;
      case 2:
        names.push(fresh);
        await both("join", (at) =>
          at.waitlists.join([need(run, { ...fresh, seatClasses: [fresh.seatClass], wishes, place: n })], eve),
        );
        break;
      case 3: {
        const name = names.length > 0 ? one() : fresh;
        if (prng.chance(0.5)) await both("confirm", (at) => at.confirm([refOf(name)]));
        else await both("release", (at) => at.release(refOf(name), eve));
        break;
      }
      case 4: {
        const seatClass = prng.chance(0.7) ? "second" : "first";
        const withdrawn = [...Array(seatCounts[seatClass]).keys()].filter(() => prng.chance(0.3));
        await both("withdraw", (at) => at.setOffers([{ run, seatClass, withdrawn }], eve));
        break;
      }
      default: {
        const told = new Map(
          Array.from({ length: names.length && prng.below(5) }, () => {
            const { holdId } = one();
            const each = { ...anyHold(run, seatCounts, prng), holdId, deadline: prng.chance(0.5) ? null : deadline };
            return [holdText(each), each];
          }),
        );
        const surplus = Array.from({ length: names.length && prng.below(4) }, () => ({
          hold: refOf(one()),
          seats: anyHold(run, seatCounts, prng).seatIndexes,
        }));
        await both("repair", (at) => at.holdsView.repair([...told.values()], surplus));
      }
    }
    await both("holds", async (at) =>
      (await knownOf(at, run)).map(({ seatIndexes, ...hold }) => ({
        ...hold,
        seatIndexes,
        // A released hold is ignored by `confirm`, and nobody asks what it was.
        isConfirmed: seatIndexes.length > 0 && hold.isConfirmed,
        ...(seatIndexes.length === 0 && { seatClass: null, fromStop: 0, toStop: 0 }),
      })),
    );
    for (const seatClass of ["second", "first", "standing"] as const)
      await both("free", (at) => at.freeSeats({ run, fromStop: 0, toStop: 2 }, seatClass));
    const leg = { run, fromStop: 0, toStop: 3 };
    if (prng.chance(0.5)) await both("available", (at) => at.available([leg], eve));
  }
  await both("grants", async (at) => (await at.waitlists.grants(run)).length);
  await both("overdue", async (at) => (await at.overdue(deadline, 100, epochMs(deadline + 1))).length);
}

function anyHold(run: Run, seatCounts: Readonly<Partial<Record<SeatClass, number>>>, prng: Prng): RecordedHold {
  const seatClass = (["second", "second", "first", "standing"] as const)[prng.below(4)]!;
  const fromStop = prng.below(3);
  const toStop = fromStop + 1 + prng.below(3 - fromStop);
  const seats = Array.from({ length: 1 + prng.below(3) }, () => prng.below(seatCounts[seatClass]!));
  return recordedHold(run, [...new Set(seats)], { seatClass, fromStop, toStop });
}
