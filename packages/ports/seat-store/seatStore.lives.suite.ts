/**
 * A seat store against its slow twin in memory, seat for seat: random trains, random commands by every channel, gates, quotas and withdrawn
 * seats that come and go, people who wait, every answer and all word of grants compared. A failure prints its seed; SEED=… runs it again, RUNS=… runs more.
 */
import { expect, test } from "bun:test";
import {
  classesOfNeed,
  type Coach,
  type HoldCommand,
  type HoldName,
  holdText,
  type Need,
  type OdGroup,
  type Offer,
  type Quota,
  type RecordedHold,
  type Run,
  type SaleChannel,
  saleChannels,
  saleRefusals,
  type SeatClass,
  seatClasses,
  seatPreferences,
  seatsAgainst,
  seatsOf,
  type SeatPreference,
  standingParent,
  type WaitlistStep,
} from "@chepiao/contracts";
import {
  createPrng,
  type EpochMs,
  epochMs,
  grantTtlMs,
  minuteMs,
  type OrderId,
  passengersPerOrderMax,
} from "@chepiao/kernel";
import fc from "fast-check";
import { createMemorySeatStore } from "./seatStore.memory.ts";
import { eve, refOf, type SeatStoreSubject, testRun, withComposition } from "./seatStore.suite.ts";
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
      const met = new Set<string>();
      await fc.assert(
        fc.asyncProperty(world, (life) => liveThrough(create, met, ...life)),
        runsOf(lives.small),
      );
      // A single life that is run again need not meet them all.
      if (!process.env["SEED"]) expect([...met]).toEqual(expect.arrayContaining([...saleRefusals]));
    },
    livesTimeoutMs,
  );

  test(
    `I1 ${adapter} and twin give the same seats on larger trains`,
    async () => {
      const world = fc.tuple(train(4, 12), anyCrowd, fc.array(step, { minLength: 60, maxLength: 200, size: "max" }));
      await fc.assert(
        fc.asyncProperty(world, (life) => liveThrough(create, new Set(), ...life)),
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
      channel: SaleChannel | undefined;
    }
  | {
      readonly kind: "offer";
      cls: number;
      gate: AnyGroup[] | null;
      quotas: AnyQuota[] | null;
      withdrawn: number[] | null;
    }
  | {
      readonly kind: "join";
      classes: number[];
      from: number;
      length: number;
      wishes: (SeatPreference | null)[];
      /** How far before those who came last; 0 for behind them. */
      early: number;
    }
  | { readonly kind: "grow"; coaches: Coach[] }
  /** Somebody names the run as it was before it grew, or with another composition in place of the last. */
  | {
      readonly kind: "outdated";
      generation: number;
      coaches: Coach[] | null;
      cls: number;
      from: number;
      length: number;
    }
  | { readonly kind: "set"; without: number; before: number }
  | { readonly kind: "joinAgain" | "leave" | "buyWaiting" | "ahead"; which: number }
  | { readonly kind: "releaseMany"; which: number[] }
  | { readonly kind: "again" | "confirm" | "release"; which: number }
  | { readonly kind: "releaseSome"; which: number; places: number[] }
  | { readonly kind: "wait"; minutes: number }
  | { readonly kind: "overdue" | "restart" | "reload" | "serve" };

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
  wishes: fc.array(anyWish, { minLength: 1, maxLength: passengersPerOrderMax }),
  ttlMin: fc.constantFrom(1, 15, 20, 90),
  channel: fc.constantFrom(undefined, undefined, ...saleChannels),
});

/** Ways that the group has, as numbers to be made fit for the run; every way for none. */
type AnyGroup = readonly (readonly [from: number, length: number])[];
type AnyQuota = { readonly ways: AnyGroup; readonly sinceMin: number; readonly limits: readonly (number | null)[] };
const anyGroup: fc.Arbitrary<AnyGroup> = fc.array(fc.tuple(fc.nat(1_000), fc.nat(1_000)), { maxLength: 4 });
const anyQuota: fc.Arbitrary<AnyQuota> = fc.record({
  ways: anyGroup,
  sinceMin: fc.integer({ min: -90, max: 60 }),
  limits: fc.array(fc.option(fc.nat(12), { freq: 6, nil: null }), { minLength: 1, maxLength: 4 }),
});
const offer: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("offer" as const),
  cls: fc.nat(20),
  gate: fc.option(fc.array(anyGroup, { maxLength: 2 }), { freq: 2, nil: null }),
  quotas: fc.option(fc.array(anyQuota, { maxLength: 4 }), { freq: 2, nil: null }),
  withdrawn: fc.option(fc.array(fc.nat(1_000), { maxLength: 12 }), { freq: 1, nil: null }),
});
const joining: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("join" as const),
  classes: fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }),
  from: fc.nat(1_000),
  length: fc.nat(1_000),
  wishes: fc.array(anyWish, { minLength: 1, maxLength: passengersPerOrderMax }),
  early: fc.constantFrom(0, 0, 0, 1, 3, 20),
});
const aboutNeed = fc.record({
  kind: fc.constantFrom("joinAgain" as const, "leave" as const, "buyWaiting" as const, "ahead" as const),
  which,
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 14, arbitrary: joining },
  { weight: 5, arbitrary: aboutNeed },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("releaseMany" as const),
      which: fc.array(which, { minLength: 2, maxLength: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("set" as const), without: fc.constantFrom(2, 5, 100), before: fc.nat(9) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("serve" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("grow" as const), coaches: coaches(3, 3) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("outdated" as const),
      generation: which,
      coaches: fc.option(coaches(3, 3), { freq: 1, nil: null }),
      cls: fc.nat(20),
      from: fc.nat(1_000),
      length: fc.nat(1_000),
    }),
  },
  { weight: 36, arbitrary: hold },
  { weight: 5, arbitrary: offer },
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
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("restart" as const, "reload" as const) }) },
);

/** Who sits there already: a train sold here and there has the odd seats and short gaps that make choosing hard. */
type Crowd = { readonly seed: number; readonly percent: number };
const anyCrowd: fc.Arbitrary<Crowd> = fc.record({ seed: fc.nat(), percent: fc.constantFrom(0, 0, 50, 80, 90, 97) });

function crowdIn(run: Run, { seed: crowdSeed, percent }: Crowd): RecordedHold[] {
  const random = createPrng(crowdSeed);
  const segments = run.train.stops.length - 1;
  const sitting: RecordedHold[] = [];
  for (const [seatClass, seats] of seatsOf(run.train.composition)) {
    for (const seat of seats) {
      if (!random.chance(percent / 100)) continue;
      const fromStop = random.chance(0.5) ? 0 : random.below(segments);
      const toStop = random.chance(0.5) ? segments : fromStop + 1 + random.below(segments - fromStop);
      const holdId = (sitting.length + 1) as OrderId;
      sitting.push({ holdId, line: 0, run, seatClass, fromStop, toStop, seatIndexes: [seat.index], deadline: null });
    }
  }
  return sitting;
}

/**
 * Lets store and twin live through the same steps. Keeps its own books of who sits where, and finds overlaps and sales that should
 * not have been by itself. Adds the refusals that it met.
 */
async function liveThrough(create: Create, met: Set<string>, firstRun: Run, crowd: Crowd, steps: readonly Step[]) {
  let subject = await create();
  let twin: SeatStore = createMemorySeatStore();
  let run = firstRun;
  let classes = [...seatsOf(run.train.composition).keys()];
  /** As it was before it grew, each time. */
  const generations: Run[] = [];
  const segments = run.train.stops.length - 1;
  const commands: HoldCommand[] = [];
  /** By `holdText`. */
  const books = new Map<string, RecordedHold>();
  const offers = new Map<SeatClass, Offer>();
  let now = eve;
  /** Who joined, in order; who waits now; and who has waited, as far as the store can know. By `holdText`. */
  const needs: Need[] = [];
  const waiting = new Map<string, Need>();
  const haveWaited = new Set<string>();
  /** Granted in this step, to be held against what may be sold once the step is in the books. */
  const fresh: HoldCommand[] = [];
  const [heard, heardByTwin]: [WaitlistStep[], WaitlistStep[]] = [[], []];
  const listen = () => {
    subject.seats.waitlists.hear((told) => heard.push(told));
    twin.waitlists.hear((told) => heardByTwin.push(told));
  };
  listen();

  async function both<T>(ask: (seats: SeatStore) => Promise<T>): Promise<T> {
    const [answer, fromTwin] = [await ask(subject.seats), await ask(twin)];
    expect(answer).toEqual(fromTwin);
    expect(heard).toEqual(heardByTwin);
    heard.splice(0).forEach(enterGrants);
    heardByTwin.length = 0;
    return answer;
  }
  function enterGrants({ at, grants }: WaitlistStep) {
    for (const grant of grants) {
      const text = holdText(grant);
      const need = waiting.get(text);
      expect(need).toBeDefined();
      waiting.delete(text);
      const deadline = epochMs(at + grantTtlMs);
      books.set(text, { ...grant, run, deadline });
      commands.push({ ...grant, run, preferences: need!.preferences, deadline });
      fresh.push({ ...grant, run, preferences: [], deadline, channel: "waitlist" });
    }
  }
  const isNew = (need: Need) => !haveWaited.has(holdText(need)) && !books.has(holdText(need));
  async function join(all: readonly Need[], ask: (seats: SeatStore) => Promise<unknown>) {
    for (const need of all.filter(isNew)) {
      haveWaited.add(holdText(need));
      waiting.set(holdText(need), need);
    }
    await both(ask);
  }
  /** After a restart only its hold speaks of who was served, and a store may forget that before the twin does. */
  const isOnlyHeld = (need: Need) => !haveWaited.has(holdText(need)) && books.has(holdText(need));
  const anyNeed = (index: number) => (needs.length === 0 ? undefined : needs[index % needs.length]);

  const withdrawnOf = ({ seatClass, seatIndexes }: RecordedHold) =>
    seatIndexes.filter((seat) => offers.get(seatClass)?.withdrawn.includes(seat));
  const any = (index: number) => (commands.length === 0 ? undefined : commands[index % commands.length]);

  async function decide(command: HoldCommand) {
    const [decided] = await both((seats) => seats.hold([command], now));
    if (decided?.ok === false) met.add(decided.error.code);
    if (decided?.ok && !books.has(holdText(command))) {
      waiting.delete(holdText(command));
      books.set(holdText(command), { ...command, seatIndexes: decided.value.seatIndexes });
      expect(faultOf(command, offers.get(command.seatClass), [...books.values()], now)).toBe(null);
      expect(withdrawnOf(books.get(holdText(command))!)).toEqual([]);
    }
  }
  async function release(name: Pick<HoldName, "holdId" | "line">, seatIndexes?: readonly number[]) {
    strike(name, await both((seats) => seats.release(refOf({ run, ...name }), now, seatIndexes)));
  }
  function strike(name: Pick<HoldName, "holdId" | "line">, freed: readonly number[]) {
    const entry = books.get(holdText(name));
    if (entry)
      books.set(holdText(name), { ...entry, seatIndexes: entry.seatIndexes.filter((seat) => !freed.includes(seat)) });
  }

  /** Whoever is asked from now on knows the train as it is. What is new of it is withdrawn. */
  function grow(coachesNow: readonly Coach[]) {
    const before = seatsOf(run.train.composition);
    generations.push(run);
    run = withComposition(run, coachesNow);
    const seats = seatsOf(run.train.composition);
    classes = [...seats.keys()];
    for (const [seatClass, ofClass] of seats) {
      const added = ofClass.slice(before.get(seatClass)?.length ?? 0).map(({ index }) => index);
      const known = offers.get(seatClass) ?? { waitlistGate: [], quotas: [], withdrawn: [] };
      if (added.length > 0) offers.set(seatClass, { ...known, withdrawn: [...known.withdrawn, ...added] });
    }
    commands.forEach((each, n) => (commands[n] = { ...each, run }));
    needs.forEach((each, n) => (needs[n] = { ...each, run }));
    for (const [text, need] of waiting) waiting.set(text, { ...need, seatClasses: classesOfNeed(need), run });
    for (const [text, entry] of books) books.set(text, { ...entry, run });
  }

  /** He sees what he knows, and may have who waits served; nothing is sold to him or set by him, and nobody notices. */
  async function lookOutdated({ generation, coaches: others, cls, from, length }: Extract<Step, { kind: "outdated" }>) {
    const known = generations[generation % generations.length];
    // Where nobody has a seat, a store may take the run to be composed otherwise.
    if (!known || ![...books.values()].some(({ seatIndexes }) => seatIndexes.length > 0)) return;
    // Whoever knows it as it is was here before.
    await both((seats) => seats.available([{ run, fromStop: 0, toStop: segments }], now));
    const outdated = others ? withComposition(known, others) : known;
    if (seatsAgainst(outdated.train.composition, run.train.composition) === "same") return;
    if (others && seatsAgainst(outdated.train.composition, run.train.composition) !== "others") return;
    const fromStop = from % segments;
    const leg = { run: outdated, fromStop, toStop: fromStop + 1 + (length % (segments - fromStop)) };
    const offered = [...seatsOf(outdated.train.composition).keys()];
    const seatClass = offered[cls % offered.length]!;
    await both((seats) => seats.available([leg], now));
    await both((seats) => seats.freeSeats(leg, seatClass));
    const name = { holdId: 9_000_000_000_000_000 as OrderId, line: 0 };
    const command = { ...name, ...leg, seatClass, preferences: [null], deadline: epochMs(now + minuteMs) };
    const refused = [{ ok: false, error: { code: "ServiceUnavailable" } }];
    expect(await both((seats) => seats.hold([command], now))).toMatchObject(refused);
    const need = { ...command, seatClasses: [seatClass], place: 0 };
    expect(await both((seats) => seats.waitlists.join([need], now))).toMatchObject([refused[0]!.error]);
    const set = await both((seats) => seats.setOffers([{ run: outdated, seatClass, withdrawn: [] }], now));
    expect(set).toMatchObject([refused[0]!.error]);
    if (others) return;
    await both((seats) => seats.waitlists.ahead({ ...need, place: Number.MAX_SAFE_INTEGER }));
    await both((seats) => groupsIn(seats, outdated));
    await both((seats) => seats.waitlists.serve([outdated], now));
  }

  for (const sitting of crowdIn(run, crowd)) books.set(holdText(sitting), sitting);
  await both((seats) => seats.reload([...books.values()]));

  for (const each of steps) {
    switch (each.kind) {
      case "hold": {
        const fromStop = each.from % segments;
        // A class of none now and then.
        const seatClass: SeatClass = classes[each.cls % (classes.length + 1)] ?? "softSleeper";
        const wishes = each.cls % 3 === 0 ? each.wishes.map(() => null) : each.wishes;
        const command = {
          // Three lines to an order.
          holdId: (4_000_000_000_000_000 + Math.floor(commands.length / 3) * 2_048) as OrderId,
          line: commands.length % 3,
          run,
          seatClass,
          fromStop,
          toStop: fromStop + 1 + (each.length % (segments - fromStop)),
          preferences: wishes.map((one) =>
            one !== null && couldBe(run, seatClass, one) ? one : each.cls === 20 ? one : null,
          ),
          deadline: epochMs(now + each.ttlMin * minuteMs),
          ...(each.channel && { channel: each.channel }),
        };
        commands.push(command);
        await decide(command);
        break;
      }
      case "offer": {
        const seatClass = classes[each.cls % classes.length]!;
        const parts = {
          ...(each.gate && { waitlistGate: each.gate.map((group) => groupOn(run, group)) }),
          ...(each.quotas && { quotas: each.quotas.map((quota) => quotaOn(run, quota)) }),
          ...(each.withdrawn && { withdrawn: seatsOn(run, seatClass, each.withdrawn) }),
        };
        await both((seats) => seats.setOffers([{ run, seatClass, ...parts }], now));
        offers.set(seatClass, { waitlistGate: [], quotas: [], withdrawn: [], ...offers.get(seatClass), ...parts });
        break;
      }
      case "join": {
        const fromStop = each.from % segments;
        const wanted = [...new Set(each.classes.map((cls) => classes[cls % (classes.length + 1)] ?? "softSleeper"))];
        const need: Need = {
          holdId: (5_000_000_000_000_000 + Math.floor(needs.length / 2) * 2_048) as OrderId,
          line: needs.length % 2,
          run,
          seatClasses: wanted,
          fromStop,
          toStop: fromStop + 1 + (each.length % (segments - fromStop)),
          preferences: each.wishes,
          place: Math.max(0, 10 + needs.length - each.early),
        };
        if (classesOfNeed(need).length === 0) {
          await both((seats) => seats.waitlists.join([need], now));
          break;
        }
        needs.push(need);
        await join([need], (seats) => seats.waitlists.join([need], now));
        break;
      }
      case "joinAgain": {
        const need = anyNeed(each.which);
        if (!need || isOnlyHeld(need)) break;
        await join([need], (seats) => seats.waitlists.join([need, need], now));
        break;
      }
      case "leave": {
        const need = anyNeed(each.which);
        if (!need) break;
        await both((seats) => seats.waitlists.leave(run, [lineOf(need)]));
        waiting.delete(holdText(need));
        haveWaited.add(holdText(need));
        break;
      }
      case "buyWaiting": {
        const need = anyNeed(each.which);
        if (!need || !waiting.has(holdText(need))) break;
        const { holdId, line, fromStop, toStop, preferences } = need;
        const command: HoldCommand = {
          holdId,
          line,
          run,
          fromStop,
          toStop,
          seatClass: classesOfNeed(need)[0]!,
          preferences: preferences.map(() => null),
          deadline: epochMs(now + 20 * minuteMs),
        };
        commands.push(command);
        await decide(command);
        break;
      }
      case "ahead": {
        const need = anyNeed(each.which);
        if (need) await both((seats) => seats.waitlists.ahead(need));
        break;
      }
      case "grow":
        grow(each.coaches);
        break;
      case "outdated":
        await lookOutdated(each);
        break;
      case "serve":
        await both((seats) => seats.waitlists.serve([run], now));
        break;
      case "set": {
        const upTo = 10 + needs.length - each.before;
        const listed = needs.filter((need, n) => n % each.without !== 1 && !isOnlyHeld(need));
        const texts = new Set(listed.map(holdText));
        const forgotten = [...waiting].filter(([text, { place }]) => place <= upTo && !texts.has(text));
        await join(listed, (seats) => seats.waitlists.set(run, listed, upTo, now));
        for (const [text] of forgotten) if (waiting.delete(text)) haveWaited.delete(text);
        break;
      }
      case "releaseMany": {
        const some = each.which.flatMap((n) => any(n) ?? []);
        const freed = await both((seats) => Promise.all(some.map((command) => seats.release(refOf(command), now))));
        some.forEach((command, n) => strike(command, freed[n]!));
        break;
      }
      case "again": {
        const command = any(each.which);
        if (command) await decide(command);
        break;
      }
      case "confirm": {
        const command = any(each.which);
        if (command) await both((seats) => seats.confirm([refOf(command)]));
        const entry = command && books.get(holdText(command));
        if (entry) books.set(holdText(command), { ...entry, deadline: null });
        break;
      }
      case "release": {
        const command = any(each.which);
        if (command) await release(lineOf(command));
        break;
      }
      case "releaseSome": {
        const command = any(each.which);
        const seats = command && books.get(holdText(command))?.seatIndexes.filter((_, i) => each.places.includes(i));
        if (command) await release(lineOf(command), seats ?? [0]);
        break;
      }
      case "wait":
        now = epochMs(now + each.minutes * minuteMs);
        break;
      case "overdue": {
        const sorted = async (seats: SeatStore) =>
          (await seats.overdue(now, 1_000, epochMs(now + minuteMs))).toSorted(byName);
        for (const due of await both(sorted)) if (due.holdId % 4_096 === 0) await release(lineOf(due));
        break;
      }
      case "reload":
        // Again, while it is in use: everything is known.
        expect(await both((seats) => seats.reload([...books.values()]))).toEqual([]);
        break;
      case "restart": {
        await subject.close?.();
        subject = await create();
        twin = createMemorySeatStore();
        listen();
        for (const [text, { seatIndexes }] of books) if (seatIndexes.length === 0) books.delete(text);
        haveWaited.clear();
        // Gates and quotas are set again by who keeps them, before the holds are back or after.
        const setAgain = () =>
          both((seats) =>
            seats.setOffers(
              [...offers].map(([seatClass, all]) => ({ run, seatClass, ...all })),
              now,
            ),
          );
        if (commands.length % 2 === 0) await setAgain();
        expect(await both((seats) => seats.reload([...books.values()]))).toEqual([]);
        if (commands.length % 2 === 1) await setAgain();
        const waited = [...waiting.values()];
        for (const text of waiting.keys()) haveWaited.add(text);
        await both((seats) => seats.waitlists.set(run, waited, Infinity, now));
        break;
      }
    }
    await both((seats) =>
      seats.available(
        [
          { run, fromStop: 0, toStop: 1 },
          { run, fromStop: segments >> 1, toStop: segments },
        ],
        now,
      ),
    );
    for (const grant of fresh.splice(0)) {
      // A change serves who is due before it withdraws anything.
      if (each.kind !== "offer") expect(withdrawnOf(books.get(holdText(grant))!)).toEqual([]);
      expect(faultOf(grant, offers.get(grant.seatClass), [...books.values()], now)).toBe(null);
    }
    expect([...waiting.values()].filter((need) => fits(need, offers, [...books.values()], now))).toEqual([]);
  }
  expect((await both((seats) => groupsIn(seats, run))).reduce((sum, group) => sum + group.needs, 0)).toBe(waiting.size);
  await both(async (seats) => (await seats.waitlists.grants(run)).toSorted(byName));
  for (const seatClass of classes) {
    await both((seats) => seats.freeSeats({ run, fromStop: 0, toStop: segments }, seatClass));
    await both((seats) => seats.freeSeats({ run, fromStop: segments >> 1, toStop: segments }, seatClass));
  }
  expect(overlaps([...books.values()])).toEqual([]);
  await subject.close?.();
}

async function groupsIn(seats: SeatStore, run: Run) {
  const text = (group: object) => JSON.stringify(Object.entries(group).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return (await seats.waitlists.groups(run)).toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}

const lineOf = ({ holdId, line }: Pick<HoldName, "holdId" | "line">) => ({ holdId, line });
type LineName = Pick<HoldName, "holdId" | "line">;
const byName = (a: LineName, b: LineName) => a.holdId - b.holdId || a.line - b.line;

function groupOn(run: Run, group: AnyGroup): OdGroup {
  const segments = run.train.stops.length - 1;
  const every = Array.from({ length: segments }, (_, n) => n);
  if (group.length === 0) return { fromStops: every, toStops: every.map((n) => n + 1) };
  const some = group.map(([from, length]) => {
    const fromStop = from % segments;
    return [fromStop, fromStop + 1 + (length % (segments - fromStop))] as const;
  });
  return { fromStops: some.map(([from]) => from), toStops: some.map(([, to]) => to) };
}

const quotaOn = (run: Run, { ways, sinceMin, limits }: AnyQuota): Quota => ({
  ...groupOn(run, ways),
  limits: limits.map((seats, n) => ({ since: epochMs(eve + (sinceMin + n * 25) * minuteMs), seats })),
});

const seatsOn = ({ train: { composition } }: Run, seatClass: SeatClass, some: readonly number[]): number[] => {
  const { length } = seatsOf(composition).get(seatClass)!;
  return [...new Set(some.map((n) => n % length))];
};

/** What is wrong with a hold that was just made, or null: the way was the waitlist's, or one of its quotas has too many now. */
function faultOf(
  { fromStop, toStop, seatClass, channel }: HoldCommand,
  on: Offer | undefined,
  all: readonly RecordedHold[],
  now: EpochMs,
): string | null {
  const has = (group: OdGroup, way: Pick<HoldCommand, "fromStop" | "toStop">) =>
    group.fromStops.includes(way.fromStop) && group.toStops.includes(way.toStop);
  const way = { fromStop, toStop };
  if (channel === "reseat") return null;
  if (channel !== "waitlist" && on?.waitlistGate.some((group) => has(group, way))) return "sold past the gate";
  for (const quota of on?.quotas ?? []) {
    if (!has(quota, way)) continue;
    let heldSeats = 0;
    for (const each of all) if (each.seatClass === seatClass && has(quota, each)) heldSeats += each.seatIndexes.length;
    const limit = quota.limits.findLast(({ since }) => since <= now);
    const seats = limit ? limit.seats : 0;
    if (seats !== null && heldSeats > seats) return `${heldSeats} held of a quota of ${seats}`;
  }
  return null;
}

/** Whether a need that waits could be sold: then it should not wait any more. By the books of the test alone. */
function fits(need: Need, offers: ReadonlyMap<SeatClass, Offer>, all: readonly RecordedHold[], now: EpochMs): boolean {
  const { run, fromStop, toStop, preferences } = need;
  const free = (seatClass: SeatClass): number => {
    const taken = new Set(
      all
        .filter((each) => each.seatClass === seatClass && each.fromStop < toStop && each.toStop > fromStop)
        .flatMap((each) => each.seatIndexes),
    ).union(new Set(offers.get(seatClass)?.withdrawn));
    return seatsOf(run.train.composition).get(seatClass)!.length - taken.size;
  };
  return classesOfNeed(need).some((seatClass) => {
    const parent = seatClass === "standing" ? standingParent(run.train.composition) : null;
    if ((parent !== null && free(parent) > 0) || free(seatClass) < preferences.length) return false;
    const seatIndexes = preferences.map(() => 0);
    const sold = { ...need, seatClass, seatIndexes, deadline: null };
    return (
      faultOf(
        { ...need, seatClass, deadline: now, channel: "waitlist" },
        offers.get(seatClass),
        [...all, sold],
        now,
      ) === null
    );
  });
}

const couldBe = (run: Run, seatClass: SeatClass, wish: SeatPreference) =>
  seatsOf(run.train.composition)
    .get(seatClass)
    ?.some((seat) => seat.kind === wish || seat.mark === wish) ?? true;

/** The auditor: seats that two holds have over the same segment. */
export function overlaps(holds: readonly RecordedHold[]): string[] {
  const owners = new Map<string, string>();
  const found: string[] = [];
  for (const each of holds) {
    for (const seat of each.seatIndexes) {
      for (let segment = each.fromStop; segment < each.toStop; segment++) {
        const place = `${each.run.runId} ${each.seatClass} ${seat} over ${segment}`;
        const owner = owners.get(place);
        if (owner !== undefined) found.push(`${place}: ${owner} and ${holdText(each)}`);
        owners.set(place, holdText(each));
      }
    }
  }
  return found;
}
