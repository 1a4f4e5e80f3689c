/** A mirror says what the seats say, whatever happens to them; and who watches a run's changes knows when to look again. */
import { expect, test } from "bun:test";
import type { HoldCommand, Leg, Run } from "@chepiao/contracts";
import { createPrng, epochMs, hourMs, minuteMs, type OrderId } from "@chepiao/kernel";
import { coachesOf, command, eve, refOf, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import fc from "fast-check";
import { createEngineSeats, createSeatsMirror } from "./index.ts";

const seed = process.env["SEED"] ? { seed: Number(process.env["SEED"]) } : {};
const run = testRun(coachesOf(["second", 4]), 4);
const leg = { run, fromStop: 0, toStop: 3 };
const secondOn = async (seats: Pick<ReturnType<typeof createSeatsMirror>, "available">) =>
  (await seats.available([leg]))[0]!.get("second");

test("what was held before and after the mirror began is seen in it", async () => {
  const seats = createEngineSeats({ shared: true });
  await seats.hold([command(run)], eve);
  const mirror = createSeatsMirror();
  seats.mirror(mirror.hear);
  expect(await secondOn(mirror)).toBe(19);
  await seats.hold([command(run, { wishes: [null, null] })], eve);
  expect(await secondOn(mirror)).toBe(17);
});

test("a run that was watched while it was not open moves when it opens, and when it retires", async () => {
  const seats = createEngineSeats({ shared: true });
  const mirror = createSeatsMirror();
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
  const mirror = createSeatsMirror();
  seats.mirror(mirror.hear);
  expect(await mirror.available([leg])).toEqual([new Map()]);
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
  const mirror = createSeatsMirror();
  const startsAt = random.below(steps);
  const held: HoldCommand[] = [];
  let lastId = 0;
  /** What a page remembers: the count, and what was seen then. */
  const pages = new Map<Leg, { readonly count: number; readonly shown: unknown }>();

  for (let step = 0; step < steps; step++) {
    if (step === startsAt) seats.mirror(mirror.hear);
    const deed = random.next();
    if (deed < 0.6) await hold();
    else if (deed < 0.8 && held.length > 0) await seats.release(refOf(random.pick(held)));
    else if (deed < 0.83) await seats.retire(epochMs(eve + random.below(3 * 24) * hourMs));
    else if (step >= startsAt) await look(someLeg());
  }
  for (const each of pages.keys()) await look(each);
  for (let n = 0; n < 20; n++) await look(someLeg());

  async function hold() {
    const way = someLeg();
    const classes = [...new Set(way.run.train.composition.coaches.map((coach) => coach.sections[0]!.seatClass))];
    const wanted = command(way.run, {
      ...way,
      holdId: (lastId += 2_048) as OrderId,
      seatClass: random.pick(classes),
      wishes: Array.from({ length: 1 + random.below(4) }, () => null),
      deadline: epochMs(eve + 20 * minuteMs),
    });
    const [decided] = await seats.hold([wanted], eve);
    if (decided!.ok) held.push(wanted);
  }

  function someLeg(): Leg {
    const known = [...pages.keys()];
    if (known.length > 0 && random.chance(0.5)) return random.pick(known);
    const way = random.pick(all);
    const fromStop = random.below(way.train.stops.length - 1);
    return { run: way, fromStop, toStop: fromStop + 1 + random.below(way.train.stops.length - 1 - fromStop) };
  }

  async function look(at: Leg) {
    const { count } = mirror.changes(at.run);
    const shown = await mirror.available([at]);
    expect({ lifeSeed, shown }).toEqual({ lifeSeed, shown: await seats.available([at]) });
    for (const seatClass of shown[0]!.keys())
      expect(await mirror.freeSeats(at, seatClass)).toEqual([...(await seats.freeSeats(at, seatClass))]);
    const page = pages.get(at);
    if (page?.count === count) expect({ lifeSeed, shown }).toEqual({ lifeSeed, shown: page.shown as typeof shown });
    pages.set(at, { count, shown });
  }
}
