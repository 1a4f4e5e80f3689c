/** The watch of lines agrees with seat stores that keep the rules, and tells of those that do not. */
import { expect, test } from "bun:test";
import type { Need, Quota } from "@chepiao/contracts";
import { createPrng, epochMs, type OrderId, type Prng } from "@chepiao/kernel";
import { createMemorySeatStore, type SeatStore } from "@chepiao/ports/seat-store";
import { coachesOf, command, eve, nobodyWishes, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { createEngineSeats } from "@chepiao/services/inventory";
import { watchedLines } from "./lineWatch.ts";

const stops = 4;
const run = testRun(coachesOf(["second", 1], ["standing", 1]), stops);
const classes = ["second", "standing"] as const;

function way(prng: Prng) {
  const fromStop = prng.below(stops - 1);
  return { fromStop, toStop: fromStop + 1 + prng.below(stops - 1 - fromStop) };
}

const anyQuotas = (prng: Prng, now: number): Quota[] =>
  Array.from({ length: prng.below(3) }, () => {
    const { fromStop, toStop } = way(prng);
    const isAll = prng.chance(0.5);
    const all = [...Array(stops).keys()];
    return {
      fromStops: isAll ? all : [fromStop],
      toStops: isAll ? all : [toStop],
      limits: [
        { since: epochMs(0), seats: prng.below(3) },
        { since: epochMs(now + 1 + prng.below(20)), seats: prng.chance(0.5) ? null : 3 },
      ],
    };
  });

/** Operators set quotas and withdraw seats, and limits begin; people buy, wait, leave and give back, in whole or in part. */
async function life(seats: SeatStore, seed: number, steps = 200) {
  const prng = createPrng(seed);
  const held: { holdId: OrderId; line: number; seatIndexes: readonly number[] }[] = [];
  const needs: Need[] = [];
  seats.waitlists.hear(({ grants }) => held.push(...grants));
  for (let n = 1; n <= steps; n++) {
    const now = epochMs(eve + n);
    const holdId = (seed * 10_000 + n) as OrderId;
    const count = 1 + prng.below(3);
    if (prng.chance(0.4)) {
      const asked = command(run, {
        ...way(prng),
        holdId,
        seatClass: prng.pick(classes),
        wishes: nobodyWishes(count),
        deadline: epochMs(eve + 10_000_000),
      });
      const [answer] = await seats.hold([asked], now);
      if (answer!.ok) held.push({ holdId, line: 0, seatIndexes: answer!.value.seatIndexes });
    } else if (prng.chance(0.5)) {
      const place = prng.below(1_000);
      const seatClasses = prng.chance(0.3) ? [...classes] : [prng.pick(classes)];
      const need = { holdId, line: 1, run, seatClasses, ...way(prng), preferences: nobodyWishes(count), place };
      needs.push(need);
      await seats.waitlists.join(prng.chance(0.2) ? [need, prng.pick(needs)] : [need], now);
    } else if (needs.length > 0 && prng.chance(0.1)) {
      await seats.waitlists.leave(run, [prng.pick(needs)]);
    } else if (prng.chance(0.2)) {
      const seatClass = prng.pick(classes);
      const withdrawn = [0, 1, 2, 3, 4].filter(() => prng.chance(0.2));
      const parts = prng.chance(0.5) ? { quotas: anyQuotas(prng, now) } : { withdrawn };
      await seats.setOffers([{ run, seatClass, ...parts }], now);
    } else if (held.length > 0) {
      const { seatIndexes, ...name } = prng.pick(held);
      const some = prng.chance(0.5) ? [prng.pick(seatIndexes)] : undefined;
      await seats.release({ runId: run.runId, ...name }, now, some);
    }
  }
}

const watched = (store: SeatStore) => {
  const found: string[] = [];
  return { seats: watchedLines(store, { found: (violation) => void found.push(violation) }), found };
};

test.each([
  ["memory", createMemorySeatStore],
  ["the engine", createEngineSeats],
] as const)("I5: nothing is found in random lives of %s", async (_, create) => {
  for (let seed = 1; seed <= 6; seed++) {
    const { seats, found } = watched(create());
    await life(seats, seed);
    expect({ seed, found }).toEqual({ seed, found: [] });
  }
});

test("I5: what is sold beyond a quota is found, and whoever forgot to set it", async () => {
  const found: string[] = [];
  const none = { ...createMemorySeatStore() };
  const quotas = [{ fromStops: [0, 1, 2], toStops: [1, 2, 3], limits: [{ since: epochMs(0), seats: 2 }] }];
  const store = { ...none, setOffers: async () => [null] };
  const possible = () => [quotas];
  const seats = watchedLines(store, { found: (violation) => void found.push(violation), book: { possible } });
  const buy = (holdId: number, fromStop = 0) =>
    seats.hold(
      [command(run, { holdId: holdId as OrderId, fromStop, toStop: fromStop + 1, wishes: nobodyWishes(2) })],
      epochMs(eve),
    );
  await buy(1);
  expect(found).toEqual([]);
  await buy(2);
  expect(found.some((each) => each.includes("sells 2 second beyond"))).toBe(true);
  found.length = 0;
  await seats.setOffers([{ run, seatClass: "second", quotas }], epochMs(eve));
  await buy(3, 1);
  expect(found.some((each) => each.includes("are sold where a quota leaves -2"))).toBe(true);
});

test("I5: a withdrawn seat that is sold once it is given back is found", async () => {
  const store = createMemorySeatStore();
  const { seats, found } = watched({ ...store, setOffers: async () => [null] });
  const sold = command(run, { wishes: nobodyWishes(5) });
  await seats.hold([sold], epochMs(eve));
  await seats.setOffers([{ run, seatClass: "second", withdrawn: [2] }], epochMs(eve));
  await seats.release({ ...sold, runId: run.runId }, epochMs(eve));
  expect(found).toEqual([]);
  await seats.hold([command(run, { wishes: nobodyWishes(5) })], epochMs(eve));
  expect(found.some((each) => each.includes("takes second 2, which is withdrawn"))).toBe(true);
});

/** A store whose line somebody forgets, or turns around. */
const wrongly = (join: (needs: readonly Need[]) => readonly Need[]): SeatStore => {
  const store = createMemorySeatStore();
  return { ...store, waitlists: { ...store.waitlists, join: (needs, now) => store.waitlists.join(join(needs), now) } };
};

test("I5: who is passed by although his party fits is found", async () => {
  const { seats, found } = watched(
    wrongly((needs) => needs.map((need) => ({ ...need, fromStop: 0, toStop: stops - 1 }))),
  );
  await life(seats, 1);
  expect(found.some((each) => each.includes("could have had seats"))).toBe(true);
});

test("I5: who is served before somebody in front of him is found", async () => {
  const { seats, found } = watched(wrongly((needs) => needs.map((need) => ({ ...need, place: 1_000 - need.place }))));
  await life(seats, 1);
  expect(found.some((each) => each.includes("was next in"))).toBe(true);
});

test("I5: who comes before somebody that an added train is due to is found, whether he buys or is served", async () => {
  const found: string[] = [];
  const due = {
    entryId: 9 as OrderId,
    place: 5,
    fromStop: 0,
    toStop: 3,
    seatCount: 2,
    seatClasses: ["second"] as const,
  };
  const inLine = new Set<OrderId>();
  const seats = watchedLines(createMemorySeatStore(), {
    found: (violation) => void found.push(violation),
    added: { due: () => (inLine.has(due.entryId) ? [] : [due]), joined: (_, entryId) => void inLine.add(entryId) },
  });
  const name = { line: 0, fromStop: 0, toStop: 3 };
  const buys = (holdId: number, seatClass: "second" | "standing", count = 1) =>
    seats.hold(
      [command(run, { ...name, holdId: holdId as OrderId, seatClass, wishes: nobodyWishes(count) })],
      epochMs(eve),
    );
  const need = (holdId: number, place: number): Need => ({
    ...name,
    holdId: holdId as OrderId,
    run,
    seatClasses: ["second"],
    preferences: nobodyWishes(1),
    place,
  });
  await seats.waitlists.join([need(1, 4)], epochMs(eve));
  expect(found).toEqual([]);
  await seats.waitlists.join([need(2, 6)], epochMs(eve));
  await buys(3, "second");
  expect(found.filter((each) => each.includes("which was added, came before"))).toHaveLength(2);
  found.length = 0;
  await seats.waitlists.set(run, [need(9, 5)], 5, epochMs(eve));
  await buys(4, "second");
  expect(found).toEqual([]);
});

test("I1: seats of a ticket that are let go of are found in that moment", async () => {
  const found: string[] = [];
  const ticket = { runId: run.runId, line: 0, seatIndex: 0, ticketNo: "E1-1" } as const;
  const seats = watchedLines(createMemorySeatStore(), {
    found: (violation) => void found.push(violation),
    ticketsOf: (orderId) => (orderId === 1 ? [ticket] : []),
  });
  for (const holdId of [1, 2] as OrderId[]) {
    await seats.hold([command(run, { holdId, fromStop: 0, toStop: 3, wishes: nobodyWishes(1) })], epochMs(eve));
    await seats.release({ runId: run.runId, holdId, line: 0 }, epochMs(eve));
  }
  expect(found).toEqual([`I1: second 0 of ${run.runId} is let go of, and is that of ticket E1-1`]);
});
