/** A sale that is tried is the sale of the seat store, with and without quotas, and always the same one. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { createPrng, dayMs, epochMs, hourMs } from "@chepiao/kernel";
import type { ClassQuotas } from "@chepiao/ports/quota-store";
import { createMemorySeatStore } from "@chepiao/ports/seat-store";
import { firstRun, idOf, opening } from "./quotas.suite.ts";
import { madeUpDemand, type TrialRequest, trySale } from "./quotaTrial.ts";

const closing = epochMs(firstRun.dayStart + 8 * hourMs);
const ask = (hours: number, fromStop: number, toStop: number, passengers: number, waits = false): TrialRequest => ({
  at: epochMs(opening + hours * hourMs),
  seatClass: "second",
  fromStop,
  toStop,
  passengers,
  waits,
});
const quotas = (...limits: readonly [hours: number, seats: number | null][]): ClassQuotas[] => [
  {
    runId: idOf(0),
    seatClass: "second",
    quotas: [
      {
        fromStations: ["S0"],
        toStations: ["S1", "S2"],
        limits: limits.map(([hours, seats]) => ({ since: epochMs(opening + hours * hourMs), seats })),
      },
    ],
  },
];
const demand = (seed: number, percent = 150) =>
  madeUpDemand({ run: firstRun, seatClasses: ["second"], opening, closing, percent, waitingPercent: 30, seed });

test("without quotas nobody is kept back, and who comes first is carried", async () => {
  const sale = await trySale({ run: firstRun, quotas: [], demand: [ask(1, 0, 1, 9), ask(2, 0, 3, 5)] });
  expect(sale).toEqual({
    asked: 14,
    carried: 14,
    served: 0,
    soldOut: 0,
    keptBack: 0,
    passengerKm: 9 * 100 + 5 * 300,
    spoiledKm: 0,
  });
});

test("a seat that leaves empty though a quota refused somebody over its way is spoiled, and no other is", async () => {
  // Four of nine may go to S1 at most; nobody else comes. Two that ask from S1 on were never kept back.
  const asked = [ask(1, 0, 1, 4), ask(2, 0, 1, 5), ask(3, 1, 3, 2)];
  expect(await trySale({ run: firstRun, quotas: quotas([0, 4]), demand: asked })).toMatchObject({
    carried: 6,
    keptBack: 5,
    soldOut: 0,
    spoiledKm: 500,
  });
});

test("kept back for longer ways that came, nothing is spoiled", async () => {
  const long = Array.from({ length: 5 }, (_, n) => ask(3 + n, 0, 3, 9));
  const asked = [ask(1, 0, 1, 4), ask(2, 0, 1, 5), ...long];
  const without = await trySale({ run: firstRun, quotas: [], demand: asked });
  const sale = await trySale({ run: firstRun, quotas: quotas([0, 4]), demand: asked });
  expect([without.carried, without.soldOut, without.passengerKm]).toEqual([9 + 36, 9, 9 * 100 + 36 * 300]);
  expect(sale).toMatchObject({ carried: 4 + 45, keptBack: 5, soldOut: 0, passengerKm: 4 * 100 + 45 * 300 });
  expect(sale.spoiledKm).toBe(100);
});

test("who waits is carried when the limit grows, before those who come then, and counts as refused by nobody", async () => {
  const asked = [ask(1, 0, 1, 2), ask(2, 0, 1, 3, true), ask(3, 0, 1, 1), ask(30, 0, 1, 2)];
  expect(await trySale({ run: firstRun, quotas: quotas([0, 2], [24, 5]), demand: asked })).toMatchObject({
    carried: 5,
    served: 3,
    keptBack: 3,
  });
  // Nobody comes after the limit: they are served all the same.
  expect(await trySale({ run: firstRun, quotas: quotas([0, 2], [24, 5]), demand: asked.slice(0, 3) })).toMatchObject({
    carried: 5,
    served: 3,
  });
});

test("the engine and the slow twin come to the same, whatever is asked and limited", async () => {
  const limits = fc.uniqueArray(fc.tuple(fc.nat(300), fc.option(fc.nat(60), { freq: 6 })), {
    selector: ([hours]) => hours,
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 20, max: 250 }), limits, async (seed, percent, some) => {
      const sorted = some.toSorted(([a], [b]) => a - b);
      const trial = { run: firstRun, quotas: quotas(...sorted), demand: demand(seed, percent) };
      const sale = await trySale(trial);
      expect(sale).toEqual(await trySale(trial, createMemorySeatStore()));
      expect(sale.carried + sale.soldOut + sale.keptBack).toBe(sale.asked);
      const total = trial.demand.reduce((sum, { passengers }) => sum + passengers, 0);
      expect(sale.asked).toBe(total);
      const openedInTime = sorted.some(([hours, seats]) => seats === null && hours === 0);
      if (openedInTime && sorted.length === 1) expect(sale.keptBack).toBe(0);
    }),
    { numRuns: 40 },
  );
}, 60_000);

test("a made-up demand is its seed's alone, comes while the sale is open, and asks for about as much as was said", () => {
  expect(demand(7)).toEqual(demand(7));
  expect(demand(7)).not.toEqual(demand(8));
  const prng = createPrng(1);
  for (let n = 0; n < 20; n++) {
    const percent = 50 + prng.below(200);
    const requests = demand(prng.below(1_000), percent);
    const km = requests.reduce(
      (sum, { fromStop, toStop, passengers }) => sum + 100 * passengers * (toStop - fromStop),
      0,
    );
    const seatKm = 50 * 300;
    expect(km / seatKm).toBeGreaterThanOrEqual(percent / 100);
    expect(km / seatKm).toBeLessThan(percent / 100 + 0.1);
    expect(requests.every(({ at }) => at >= opening && at <= closing)).toBe(true);
  }
});

test("who goes far asks early", () => {
  const requests = Array.from({ length: 30 }, (_, seed) => demand(seed)).flat();
  const meanDay = (isMeant: (request: TrialRequest) => boolean) => {
    const some = requests.filter(isMeant);
    return some.reduce((sum, { at }) => sum + (at - opening) / dayMs, 0) / some.length;
  };
  const long = meanDay(({ fromStop, toStop }) => toStop - fromStop === 3);
  expect(long).toBeLessThan(meanDay(({ fromStop, toStop }) => toStop - fromStop === 1) - 2);
});
