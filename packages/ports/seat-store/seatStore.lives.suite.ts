/**
 * A seat store against its slow twin in memory, seat for seat: random trains, random commands, every answer compared. A failure
 * prints its seed; SEED=… runs it again, RUNS=… runs more.
 */
import { expect, test } from "bun:test";
import {
  type Coach,
  type HoldCommand,
  type RestoredHold,
  type Run,
  type SeatClass,
  seatClasses,
  seatPreferences,
  seatsOf,
  type SeatPreference,
} from "@chepiao/contracts";
import { createPrng, epochMs, minuteMs, type OrderId } from "@chepiao/kernel";
import fc from "fast-check";
import { createMemorySeatStore } from "./seatStore.memory.ts";
import { eve, refOf, type SeatStoreSubject, testRun } from "./seatStore.suite.ts";
import type { SeatStore } from "./seatStore.ts";

const seed = process.env["SEED"] ? { seed: Number(process.env["SEED"]) } : {};
export const runsOf = (count: number) => ({ ...seed, numRuns: Number(process.env["RUNS"] ?? count) });

type Create = () => Promise<SeatStoreSubject>;

export function seatStoreLives(
  adapter: string,
  create: Create,
  lives: { readonly small: number; readonly large: number },
) {
  test(
    `I1 ${adapter} and twin give the same seats on small trains`,
    async () => {
      const world = fc.tuple(train(3, 3), anyCrowd, fc.array(step, { maxLength: 80, size: "max" }));
      await fc.assert(
        fc.asyncProperty(world, (life) => liveThrough(create, ...life)),
        runsOf(lives.small),
      );
    },
    livesTimeoutMs,
  );

  test(
    `I1 ${adapter} and twin give the same seats on larger trains`,
    async () => {
      const world = fc.tuple(train(4, 12), anyCrowd, fc.array(step, { minLength: 60, maxLength: 200, size: "max" }));
      await fc.assert(
        fc.asyncProperty(world, (life) => liveThrough(create, ...life)),
        runsOf(lives.large),
      );
    },
    livesTimeoutMs,
  );
}
const livesTimeoutMs = 10 * minuteMs;

// Trains ------------------------------------------------------------------------------------------------------------------

const section = (rowsMax: number) =>
  fc.record({ seatClass: fc.constantFrom(...seatClasses), rows: fc.integer({ min: 1, max: rowsMax }) });
const coaches = (coachMax: number, rowsMax: number) =>
  fc
    .array(fc.array(section(rowsMax), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: coachMax })
    .map((all): Coach[] => all.map((sections, i) => ({ no: i + 1, sections })))
    // Standing places need a class to stand in.
    .map((all) =>
      classesOf(all).has("standing")
        ? ([...all, { no: 99, sections: [{ seatClass: "second", rows: 1 }] }] as Coach[])
        : all,
    );
const classesOf = (all: readonly Coach[]) =>
  new Set(all.flatMap((coach) => coach.sections.map((each) => each.seatClass)));

const segmentCount = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 12 }) },
  { weight: 2, arbitrary: fc.constantFrom(31, 32, 33, 42, 63, 64, 65) },
  { weight: 1, arbitrary: fc.constantFrom(127, 128) },
);
const train = (coachMax: number, rowsMax: number) =>
  fc.tuple(coaches(coachMax, rowsMax), segmentCount).map(([all, segments]) => testRun(all, segments + 1));

// What happens to them ----------------------------------------------------------------------------------------------------

type Step =
  | {
      readonly kind: "hold";
      cls: number;
      from: number;
      length: number;
      wishes: (SeatPreference | null)[];
      ttlMin: number;
    }
  | { readonly kind: "again" | "confirm" | "release"; which: number }
  | { readonly kind: "releaseSome"; which: number; places: number[] }
  | { readonly kind: "wait"; minutes: number }
  | { readonly kind: "overdue" | "restart" | "restore" };

const which = fc.nat(1_000);
const anyWish = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.constantFrom(...seatPreferences) },
);
const hold: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("hold" as const),
  cls: fc.nat(20),
  from: fc.nat(1_000),
  length: fc.nat(1_000),
  wishes: fc.array(anyWish, { minLength: 1, maxLength: 5 }),
  ttlMin: fc.constantFrom(1, 15, 20, 90),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 36, arbitrary: hold },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("again" as const), which }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("confirm" as const), which }) },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant("release" as const), which }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("releaseSome" as const), which, places: fc.array(fc.nat(4)) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), minutes: fc.constantFrom(1, 5, 20, 31, 100) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("overdue" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("restart" as const, "restore" as const) }) },
);

/** Who sits there already: a train sold here and there has the odd seats and short gaps that make choosing hard. */
type Crowd = { readonly seed: number; readonly percent: number };
const anyCrowd: fc.Arbitrary<Crowd> = fc.record({ seed: fc.nat(), percent: fc.constantFrom(0, 0, 50, 80, 90, 97) });

function crowdIn(run: Run, { seed: crowdSeed, percent }: Crowd): RestoredHold[] {
  const random = createPrng(crowdSeed);
  const segments = run.train.stops.length - 1;
  const sitting: RestoredHold[] = [];
  for (const [seatClass, seats] of seatsOf(run.train.composition)) {
    for (const seat of seats) {
      if (!random.chance(percent / 100)) continue;
      const fromStop = random.chance(0.5) ? 0 : random.below(segments);
      const toStop = random.chance(0.5) ? segments : fromStop + 1 + random.below(segments - fromStop);
      const holdId = (sitting.length + 1) as OrderId;
      sitting.push({ holdId, run, seatClass, fromStop, toStop, seatIndexes: [seat.index], deadline: null });
    }
  }
  return sitting;
}

/** Lets store and twin live through the same steps. Keeps its own books of who sits where and finds overlaps by itself. */
async function liveThrough(create: Create, run: Run, crowd: Crowd, steps: readonly Step[]) {
  let subject = await create();
  let twin: SeatStore = createMemorySeatStore();
  const classes = [...seatsOf(run.train.composition).keys()];
  const segments = run.train.stops.length - 1;
  const commands: HoldCommand[] = [];
  const books = new Map<OrderId, RestoredHold>();
  let now = eve;

  async function both<T>(ask: (seats: SeatStore) => Promise<T>): Promise<T> {
    const [answer, fromTwin] = [await ask(subject.seats), await ask(twin)];
    expect(answer).toEqual(fromTwin);
    return answer;
  }
  const any = (index: number) => (commands.length === 0 ? undefined : commands[index % commands.length]);

  async function decide(command: HoldCommand) {
    const [decided] = await both((seats) => seats.hold([command], now));
    if (decided?.ok && !books.has(command.holdId)) {
      books.set(command.holdId, { ...command, seatIndexes: decided.value.seatIndexes });
    }
  }
  async function release(holdId: OrderId, seatIndexes?: readonly number[]) {
    const freed = await both((seats) => seats.release(refOf({ run, holdId }), seatIndexes));
    const entry = books.get(holdId);
    if (entry) books.set(holdId, { ...entry, seatIndexes: entry.seatIndexes.filter((seat) => !freed.includes(seat)) });
  }

  for (const sitting of crowdIn(run, crowd)) books.set(sitting.holdId, sitting);
  await both((seats) => seats.restore([...books.values()]));

  for (const each of steps) {
    switch (each.kind) {
      case "hold": {
        const fromStop = each.from % segments;
        // A class of none now and then.
        const seatClass: SeatClass = classes[each.cls % (classes.length + 1)] ?? "softSleeper";
        const wishes = each.cls % 3 === 0 ? each.wishes.map(() => null) : each.wishes;
        const command = {
          holdId: (4_000_000_000_000_000 + commands.length * 2_048) as OrderId,
          run,
          seatClass,
          fromStop,
          toStop: fromStop + 1 + (each.length % (segments - fromStop)),
          preferences: wishes.map((one) =>
            one !== null && couldBe(run, seatClass, one) ? one : each.cls === 20 ? one : null,
          ),
          deadline: epochMs(now + each.ttlMin * minuteMs),
        };
        commands.push(command);
        await decide(command);
        break;
      }
      case "again": {
        const command = any(each.which);
        if (command) await decide(command);
        break;
      }
      case "confirm": {
        const holdId = any(each.which)?.holdId;
        if (holdId) await both((seats) => seats.confirm([refOf({ run, holdId })]));
        const entry = holdId && books.get(holdId);
        if (entry) books.set(holdId, { ...entry, deadline: null });
        break;
      }
      case "release": {
        const command = any(each.which);
        if (command) await release(command.holdId);
        break;
      }
      case "releaseSome": {
        const command = any(each.which);
        const seats = command && books.get(command.holdId)?.seatIndexes.filter((_, i) => each.places.includes(i));
        if (command) await release(command.holdId, seats ?? [0]);
        break;
      }
      case "wait":
        now = epochMs(now + each.minutes * minuteMs);
        break;
      case "overdue": {
        const sorted = async (seats: SeatStore) =>
          (await seats.overdue(now, 1_000, epochMs(now + minuteMs))).toSorted((a, b) => a.holdId - b.holdId);
        for (const { holdId } of await both(sorted)) if (holdId % 4_096 === 0) await release(holdId);
        break;
      }
      case "restore":
        // Again, while it is in use: everything is known.
        expect(await both((seats) => seats.restore([...books.values()]))).toEqual([]);
        break;
      case "restart": {
        await subject.close?.();
        subject = await create();
        twin = createMemorySeatStore();
        expect(await both((seats) => seats.restore([...books.values()]))).toEqual([]);
        break;
      }
    }
    await both((seats) =>
      seats.available([
        { run, fromStop: 0, toStop: 1 },
        { run, fromStop: segments >> 1, toStop: segments },
      ]),
    );
  }
  for (const seatClass of classes) {
    await both((seats) => seats.freeSeats({ run, fromStop: 0, toStop: segments }, seatClass));
    await both((seats) => seats.freeSeats({ run, fromStop: segments >> 1, toStop: segments }, seatClass));
  }
  expect(overlaps([...books.values()])).toEqual([]);
  await subject.close?.();
}

const couldBe = (run: Run, seatClass: SeatClass, wish: SeatPreference) =>
  seatsOf(run.train.composition)
    .get(seatClass)
    ?.some((seat) => seat.kind === wish || seat.mark === wish) ?? true;

/** The auditor: seats that two holds have over the same segment. */
export function overlaps(holds: readonly RestoredHold[]): string[] {
  const owners = new Map<string, OrderId>();
  const found: string[] = [];
  for (const each of holds) {
    for (const seat of each.seatIndexes) {
      for (let segment = each.fromStop; segment < each.toStop; segment++) {
        const place = `${each.run.runId} ${each.seatClass} ${seat} over ${segment}`;
        const owner = owners.get(place);
        if (owner !== undefined) found.push(`${place}: ${owner} and ${each.holdId}`);
        owners.set(place, each.holdId);
      }
    }
  }
  return found;
}
