/** A mirror says what the seats say, whatever happens to them; and who watches a run's changes knows when to look again. */
import { expect, test } from "bun:test";
import { type HoldCommand, type Leg, type OdGroup, type Run, seatsOf } from "@chepiao/contracts";
import { createPrng, epochMs, hourMs, minuteMs, type OrderId } from "@chepiao/kernel";
import { coachesOf, command, eve, refOf, testRun, withComposition } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { need } from "@chepiao/ports/seat-store/seatWaitlist.suite.ts";
import fc from "fast-check";
import { createEngineSeats, createSeatsMirror } from "./index.ts";

const seed = process.env["SEED"] ? { seed: Number(process.env["SEED"]) } : {};
const run = testRun(coachesOf(["second", 4]), 4);
const leg = { run, fromStop: 0, toStop: 3 };
const secondOn = async (seats: Pick<ReturnType<typeof createSeatsMirror>, "available">) =>
  (await seats.available([leg]))[0]!.get("second")!.sellable;

test("what was held before and after the mirror began is seen in it", async () => {
  const seats = createEngineSeats({ shared: true });
  await seats.hold([command(run)], eve);
  const mirror = createSeatsMirror(() => eve);
  seats.mirror(mirror.hear);
  expect(await secondOn(mirror)).toBe(19);
  await seats.hold([command(run, { wishes: [null, null] })], eve);
  expect(await secondOn(mirror)).toBe(17);
});

test("a run that was watched while it was not open moves when it opens, and when it retires", async () => {
  const seats = createEngineSeats({ shared: true });
  const mirror = createSeatsMirror(() => eve);
  seats.mirror(mirror.hear);
  const changes = mirror.changes(run);
  const unsold = changes.count;
  await seats.hold([command(run)], eve);
  const sold = changes.count;
  await seats.retire(epochMs(eve + 48 * hourMs));
  expect(new Set([unsold, sold, changes.count]).size).toBe(3);
  expect(mirror.changes(run).count).toBe(changes.count);
  expect(await mirror.available([leg])).toEqual([new Map()]);
  expect(await mirror.freeSeats(leg, "second")).toEqual([]);
});

test("a mirror that begins after runs were retired knows them as retired", async () => {
  const seats = createEngineSeats({ shared: true });
  await seats.hold([command(run)], eve);
  await seats.retire(epochMs(eve + 48 * hourMs));
  const mirror = createSeatsMirror(() => eve);
  seats.mirror(mirror.hear);
  expect(await mirror.available([leg])).toEqual([new Map()]);
});

test("what was set for the sale of a run before and after the mirror began is seen in it, and what time brings", async () => {
  const seats = createEngineSeats({ shared: true });
  let now = eve;
  const every: OdGroup = { fromStops: [0, 1, 2], toStops: [1, 2, 3] };
  const quota = { ...every, limits: [3, 8].map((limit, n) => ({ since: epochMs(eve + n * hourMs), seats: limit })) };
  await seats.setOffers([{ run, seatClass: "second", quotas: [quota] }], eve);
  const mirror = createSeatsMirror(() => now);
  seats.mirror(mirror.hear);
  expect(await secondOn(mirror)).toBe(3);
  await seats.hold([command(run)], eve);
  expect(await secondOn(mirror)).toBe(2);
  now = epochMs(eve + hourMs);
  expect(await secondOn(mirror)).toBe(7);
  const before = mirror.changes(run).count;
  await seats.setOffers([{ run, seatClass: "second", waitlistGate: [every] }], eve);
  expect(mirror.changes(run).count).not.toBe(before);
  expect((await mirror.available([leg]))[0]!.get("second")).toEqual({
    sellable: 0,
    refusal: "WaitlistFirst",
    changesAt: null,
  });
});

test("I5 what time alone sets free is not shown to the public before who waits was served", async () => {
  const seats = createEngineSeats({ shared: true });
  let now = eve;
  const every: OdGroup = { fromStops: [0, 1, 2], toStops: [1, 2, 3] };
  const limits = [0, 3, 8].map((limit, n) => ({ since: epochMs(eve + n * hourMs), seats: limit }));
  await seats.setOffers([{ run, seatClass: "second", quotas: [{ ...every, limits }] }], eve);
  const mirror = createSeatsMirror(() => now);
  seats.mirror(mirror.hear);
  const [two, four] = [need(run, { wishes: [null, null] }), need(run, { wishes: [null, null, null, null] })];
  await seats.waitlists.join([two, four], eve);
  now = epochMs(eve + hourMs);
  expect(await secondOn(mirror)).toBe(0);
  await seats.waitlists.serve([run], now);
  expect(await secondOn(mirror)).toBe(1);
  now = epochMs(eve + 2 * hourMs);
  expect(await secondOn(mirror)).toBe(1);
  await seats.hold([command(run, { deadline: epochMs(now + hourMs) })], now);
  expect(await secondOn(mirror)).toBe(1);
  // Nobody waits any more who could be served.
  const [last] = [need(run, { wishes: [null, null] })];
  const more = [...limits, { since: epochMs(eve + 3 * hourMs), seats: 10 }];
  await seats.setOffers([{ run, seatClass: "second", quotas: [{ ...every, limits: more }] }], now);
  await seats.waitlists.join([last], now);
  await seats.waitlists.leave(run, [refOf(last)]);
  now = epochMs(eve + 3 * hourMs);
  expect(await secondOn(mirror)).toBe(3);
});

test("a run that has grown is shown as it is, also to who knows it as it was, and who watches it is told", async () => {
  const seats = createEngineSeats({ shared: true });
  const mirror = createSeatsMirror(() => eve);
  seats.mirror(mirror.hear);
  await seats.hold([command(run)], eve);
  expect(await secondOn(mirror)).toBe(19);
  const grown = withComposition(run, coachesOf(["second", 5], ["first", 1]));
  const counts = [mirror.changes(run).count];
  await seats.hold([command(grown, { wishes: [null, null] })], eve);
  counts.push(mirror.changes(run).count);
  expect(await secondOn(mirror)).toBe(17);
  const known = { ...leg, run: grown };
  const sellable = async () => [...(await mirror.available([known]))[0]!.values()].map((each) => each.sellable);
  expect(await sellable()).toEqual([17, 0]);
  counts.push(mirror.changes(grown).count);
  await seats.setOffers([{ run: grown, seatClass: "second", withdrawn: [] }], eve);
  counts.push(mirror.changes(grown).count);
  expect([await sellable(), new Set(counts).size]).toEqual([[22, 0], 3]);
  // One that begins now sees the same; and what the run left is another's once it is gone.
  const later = createSeatsMirror(() => eve);
  seats.mirror(later.hear);
  expect(await later.available([known])).toEqual(await mirror.available([known]));
  await seats.retire(epochMs(eve + 48 * hourMs));
  expect(await mirror.available([known])).toEqual([new Map()]);
});

test("a run is shown as it is sold where the thread that shows it knows other seats of it, more or fewer", async () => {
  const seats = createEngineSeats({ shared: true });
  const [before, after] = [
    { ...leg, run },
    { ...leg, run: withComposition(run, coachesOf(["second", 5], ["first", 1])) },
  ];
  const soldOut = Array.from({ length: 5 }, () => command(run, { wishes: [null, null, null, null] }));
  const looks = (mirror: ReturnType<typeof createSeatsMirror>, known: Leg) =>
    Promise.all([mirror.available([known]), mirror.freeSeats(known, "second"), mirror.freeSeats(known, "first")]);
  const begun = () => {
    const mirror = createSeatsMirror(() => eve);
    seats.mirror(mirror.hear);
    return mirror;
  };
  await seats.hold(soldOut, eve);
  // One that knows it as it is to be, while nobody else does.
  const [stocks, second, first] = await looks(begun(), after);
  expect([...stocks[0]!].map(([seatClass, { sellable }]) => [seatClass, sellable])).toEqual([
    ["second", 0],
    ["first", 0],
  ]);
  expect([second.length, first.length, [...second, ...first].includes(true)]).toEqual([25, 4, false]);
  await seats.setOffers([{ run: after.run, seatClass: "second", withdrawn: [] }], eve);
  expect((await begun().available([after]))[0]!.get("second")!.sellable).toBe(5);
  await seats.setOffers([{ run: after.run, seatClass: "second", withdrawn: [20, 21, 22, 23, 24] }], eve);
  // One that begins now, and knows it as it was.
  const [older, flags, none] = await looks(begun(), before);
  expect([...older[0]!].map(([seatClass, { sellable }]) => [seatClass, sellable])).toEqual([["second", 0]]);
  expect([flags.length, flags.includes(true), none.length]).toEqual([20, false, 0]);
});

test("seats that are not shared have no mirror", () => {
  expect(() => createEngineSeats().mirror(() => {})).toThrow("shared");
});

test("I8 after any life of the seats a mirror says the same, and what changed has moved", async () => {
  await fc.assert(fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 120 }), live), { ...seed, numRuns: 60 });
});

/** Trains of different make and length, one a day: the block of a run that retired is soon another's. */
function trains(count: number): Run[] {
  const makes = [coachesOf(["second", 7]), coachesOf(["first", 3], ["second", 9], ["standing", 4])];
  return Array.from({ length: count }, (_, n) => {
    const made = testRun(makes[n % 2]!, 3 + (n % 3), `G${n}`);
    return { ...made, dayStart: epochMs(made.dayStart + (n >> 2) * 24 * hourMs) };
  });
}

async function live(lifeSeed: number, steps: number) {
  const random = createPrng(lifeSeed);
  const all = trains(16);
  const seats = createEngineSeats({ shared: true, holdCapacity: 16 });
  let now = eve;
  const mirror = createSeatsMirror(() => now);
  const startsAt = random.below(steps);
  const held: HoldCommand[] = [];
  let lastId = 0;
  /** What a page remembers: the count, what was seen then, and until when that holds. */
  const pages = new Map<Leg, { readonly count: number; readonly shown: unknown; readonly until: number }>();

  for (let step = 0; step < steps; step++) {
    if (step === startsAt) seats.mirror(mirror.hear);
    const deed = random.next();
    if (deed < 0.6) await hold();
    else if (deed < 0.8 && held.length > 0) await seats.release(refOf(random.pick(held)), now);
    else if (deed < 0.81) grow();
    else if (deed < 0.84) await setOffer(someLeg());
    else if (deed < 0.9) await wait(someLeg());
    else if (deed < 0.92) now = epochMs(now + random.below(60) * minuteMs);
    else if (deed < 0.94) await seats.retire(epochMs(eve + random.below(3 * 24) * hourMs));
    else if (step >= startsAt) await comparePage(someLeg());
  }
  for (const each of pages.keys()) await comparePage(each);
  for (let n = 0; n < 20; n++) await comparePage(someLeg());

  async function hold() {
    const way = someLeg();
    const classes = [...new Set(way.run.train.composition.coaches.map((coach) => coach.sections[0]!.seatClass))];
    const wanted = command(way.run, {
      ...way,
      holdId: (lastId += 2_048) as OrderId,
      seatClass: random.pick(classes),
      wishes: Array.from({ length: 1 + random.below(4) }, () => null),
      deadline: epochMs(now + 20 * minuteMs),
    });
    const [decided] = await seats.hold([wanted], now);
    if (decided!.ok) held.push(wanted);
  }

  /** From now on it is named so, here or there or both. */
  function grow() {
    const place = random.below(all.length);
    const { seatClass } = random.pick(all[place]!.train.composition.coaches[0]!.sections);
    const more = coachesOf([seatClass, 1 + random.below(8)], ["business", 1 + random.below(3)]);
    const grown = withComposition(all[place]!, more);
    for (const [at, page] of pages)
      if (at.run === all[place] && random.chance(0.5)) pages.set({ ...at, run: grown }, page);
    all[place] = grown;
  }

  async function wait(way: Leg) {
    const seatClasses = [...seatsOf(way.run.train.composition).keys()].filter(() => random.chance(0.7));
    const holdId = (lastId += 2_048) as OrderId;
    const wishes = Array.from({ length: 1 + random.below(5) }, () => null);
    await seats.waitlists.join([need(way.run, { ...way, holdId, seatClasses, wishes })], now);
  }

  async function setOffer({ run: of, fromStop, toStop }: Leg) {
    const way = { fromStops: [fromStop], toStops: [toStop] };
    const limits = [3, 5].map((limit, n) => ({ since: epochMs(now + (n - 0.5) * hourMs), seats: limit }));
    const parts = random.pick([{ waitlistGate: [way] }, { waitlistGate: [] }, { quotas: [{ ...way, limits }] }]);
    await seats.setOffers(
      [{ run: of, seatClass: random.pick([...seatsOf(of.train.composition).keys()]), ...parts }],
      now,
    );
  }

  function someLeg(): Leg {
    const known = [...pages.keys()];
    if (known.length > 0 && random.chance(0.5)) return random.pick(known);
    const way = random.pick(all);
    const fromStop = random.below(way.train.stops.length - 1);
    return { run: way, fromStop, toStop: fromStop + 1 + random.below(way.train.stops.length - 1 - fromStop) };
  }

  async function comparePage(at: Leg) {
    await seats.waitlists.serve([at.run], now);
    const { count } = mirror.changes(at.run);
    const shown = await mirror.available([at]);
    expect({ lifeSeed, shown }).toEqual({ lifeSeed, shown: await seats.available([at], now) });
    // Who asks for one leg and cannot wait is told the same, here and there.
    expect([mirror.availableNow(at), seats.availableNow!(at, now)]).toEqual([shown[0]!, shown[0]!]);
    for (const seatClass of shown[0]!.keys())
      expect(await mirror.freeSeats(at, seatClass)).toEqual([...(await seats.freeSeats(at, seatClass))]);
    const page = pages.get(at);
    if (page?.count === count && now < page.until) {
      expect({ lifeSeed, shown }).toEqual({ lifeSeed, shown: page.shown as typeof shown });
    }
    const until = Math.min(...[...shown[0]!.values()].map(({ changesAt }) => changesAt ?? Infinity));
    pages.set(at, { count, shown, until });
  }
}
