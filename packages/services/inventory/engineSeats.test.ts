/** The engine against the twin, seat for seat, and against clients that race. */
import { expect, test } from "bun:test";
import type { HoldCommand, RecordedHold } from "@chepiao/contracts";
import { createPrng, epochMs, minuteMs, type OrderId } from "@chepiao/kernel";
import { createMemorySeatStore } from "@chepiao/ports/seat-store";
import { overlaps, runsOf, seatStoreLives } from "@chepiao/ports/seat-store/seatStore.lives.suite.ts";
import { coachesOf, command, eve, nobodyWishes, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { need } from "@chepiao/ports/seat-store/seatWaitlist.suite.ts";
import fc from "fast-check";
import { createEngineSeats } from "./engineSeats.ts";

seatStoreLives("engine", async () => ({ seats: createEngineSeats({ holdCapacity: 16 }) }), { small: 600, large: 60 });

test("200 racing clients sell a run of 100 seats exactly", async () => {
  await fc.assert(fc.asyncProperty(fc.nat(), race), runsOf(3));
});

async function race(raceSeed: number) {
  const random = createPrng(raceSeed);
  const run = testRun(
    [1, 2, 3, 4].map((no) => ({ no, sections: [{ seatClass: "second", rows: 5 }] })),
    10,
  );
  const engine = createEngineSeats();
  const twin = createMemorySeatStore();
  const sold: RecordedHold[] = [];
  let refused = 0;

  async function client(number: number) {
    for (let turn = 0; turn < 3; turn++) {
      const fromStop = random.below(9);
      const request: HoldCommand = {
        holdId: (1 + number * 3 + turn) as OrderId,
        line: 0,
        run,
        seatClass: "second",
        fromStop,
        toStop: fromStop + 1 + random.below(9 - fromStop),
        preferences: Array.from({ length: 1 + random.below(3) }, () => null),
        deadline: epochMs(eve + 20 * minuteMs),
      };
      for (let pause = random.below(20); pause > 0; pause--) await Promise.resolve();
      // All three at one moment; only the answers are waited for.
      const asked = [twin.available([request], eve), engine.hold([request], eve), twin.hold([request], eve)] as const;
      const [[free], [fromEngine], [fromTwin]] = await Promise.all(asked);
      expect(fromEngine).toEqual(fromTwin);
      if (fromEngine!.ok) sold.push({ ...request, seatIndexes: fromEngine!.value.seatIndexes });
      else {
        refused++;
        expect(free!.get("second")!.sellable).toBeLessThan(request.preferences.length);
      }
    }
  }

  await Promise.all(Array.from({ length: 200 }, (_, number) => client(number)));
  expect(overlaps(sold)).toEqual([]);
  expect(refused).toBeGreaterThan(100);
  for (let segment = 0; segment < 9; segment++) {
    const taken = sold
      .filter((each) => each.fromStop <= segment && each.toStop > segment)
      .flatMap((each) => each.seatIndexes);
    const free = await engine.freeSeats({ run, fromStop: segment, toStop: segment + 1 }, "second");
    expect(free.flatMap((isFree, seat) => (isFree ? [] : [seat]))).toEqual(taken.toSorted((a, b) => a - b));
  }
}

test("changes of many runs at once do what each does by itself, for who waits too", async () => {
  const runs = ["G1", "G2", "G3"].map((train) => testRun(coachesOf(["second", 2], ["first", 1]), 4, train));
  const way = { fromStops: [0, 1], toStops: [2, 3] };
  const seats = (limit: number) => [{ ...way, limits: [{ since: epochMs(0), seats: limit }] }];
  const classes = ["second", "first"] as const;
  const closed = runs.flatMap((run) => classes.map((seatClass) => ({ run, seatClass, quotas: seats(2) })));
  const opened = runs.flatMap((run, n) =>
    classes.flatMap((seatClass) => [
      { run, seatClass, quotas: seats(3) },
      { run, seatClass, quotas: seats(3 + n), waitlistGate: [way] },
    ]),
  );
  const bought = runs.flatMap((run) =>
    classes.map((seatClass) => command(run, { seatClass, fromStop: 0, toStop: 3, wishes: nobodyWishes(2) })),
  );
  // Nobody waits on the third.
  const waiting = runs.slice(0, 2).flatMap((run) => [1, 2, 3].map(() => need(run)));
  const outcomeOf = async (isAtOnce: boolean) => {
    const engine = createEngineSeats({ holdCapacity: 16 });
    const set = async (changes: typeof closed) => {
      if (isAtOnce) expect(await engine.setOffers(changes, eve)).toEqual(changes.map(() => null));
      else for (const change of changes) await engine.setOffers([change], eve);
    };
    await engine.hold(bought, eve);
    await set(closed);
    await engine.waitlists.join(waiting, eve);
    await set(opened);
    await set(opened.filter((_, n) => n % 2 === 1));
    const legs = runs.map((run) => ({ run, fromStop: 0, toStop: 3 }));
    return [await engine.available(legs, eve), await Promise.all(runs.map((run) => engine.waitlists.grants(run)))];
  };
  const outcome = await outcomeOf(true);
  expect(outcome).toEqual(await outcomeOf(false));
  expect((outcome[1] as unknown[][]).map((grants) => grants.length)).toEqual([1, 2, 0]);
});
