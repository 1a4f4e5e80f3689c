/**
 * The slow, obvious seat store: a flag for every seat and segment, the policy word for word, and waitlists that are walked from the front.
 * It shares no code with the engine, so that each can be checked against the other.
 */
import {
  type Availability,
  type Changes,
  classesOfNeed,
  type ClassAvailability,
  type FreedSeats,
  type Grant,
  type Held,
  type HoldCommand,
  holdIn,
  holdNameOf,
  type HoldName,
  holdText,
  type Leg,
  type Need,
  type NeedGroup,
  needRefusal,
  type OdGroup,
  type Offer,
  type OfferChange,
  offerRefusal,
  OtherSeats,
  type OverdueHold,
  type Quota,
  type Refusal,
  refusal,
  type RecordedHold,
  type Run,
  type RunId,
  type SaleChannel,
  type SaleRefusal,
  type Seat,
  type SeatClass,
  seatCountsBefore,
  seatsAgainst,
  seatsOf,
  standingParent,
  type Togetherness,
  type WaitlistStep,
} from "@chepiao/contracts";
import { assert, type EpochMs, epochMs, grantTtlMs, ok, refuse, type Result } from "@chepiao/kernel";
import { chooseSeats, satisfies } from "./choose.memory.ts";
import type { SeatStore, SurplusSeats, Waitlists } from "./seatStore.ts";

type Hold = {
  readonly run: Run;
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  readonly seatIndexes: readonly number[];
  readonly live: Set<number>;
  readonly isGrant: boolean;
  confirmed: boolean;
  askAt: EpochMs | null;
};

/** `taken[seat][segment]` of one class of one run. */
type Taken = boolean[][];
type Way = { readonly fromStop: number; readonly toStop: number };
type Stock = {
  run: Run;
  readonly classes: Map<SeatClass, Taken>;
  readonly offers: Map<SeatClass, Offer>;
  waiting: Need[];
  /** Names that wait no more, by `holdText`. */
  readonly ended: Set<string>;
};
/** Rule 0: how many may be sold, and why not for so many. */
type Sale = {
  readonly sellable: number;
  refusalOf(count: number): SaleRefusal | null;
  readonly changesAt: EpochMs | null;
};

export function createMemorySeatStore(): SeatStore {
  const runs = new Map<RunId, Stock>();
  /** By `holdText`. */
  const holds = new Map<string, Hold>();
  const counters = new Map<RunId, { readonly run: Run; count: number }>();
  const changed: RunId[] = [];
  const listeners: ((step: WaitlistStep) => void)[] = [];
  let retiredBefore = epochMs(-Infinity);

  const isRetired = (run: Run) => arrivalOf(run) < retiredBefore;

  function stockOf(run: Run): Stock {
    let stock = runs.get(run.runId);
    if (!stock) {
      stock = { run, classes: new Map(), offers: new Map(), waiting: [], ended: new Set() };
      runs.set(run.runId, stock);
      addSeats(stock, seatCountsBefore(run.train.composition));
    } else if (seatsAgainst(run.train.composition, stock.run.train.composition) === "more") {
      const counts = new Map([...stock.classes].map(([seatClass, { length }]) => [seatClass, length]));
      stock.run = run;
      // For what the train had when he joined.
      stock.waiting = stock.waiting.map((need) => ({ ...need, seatClasses: classesOfNeed(need), run }));
      addSeats(stock, counts);
      tellChange(run);
    }
    return stock;
  }

  /** Those that it does not have yet; of each class the seats behind so many are withdrawn. */
  function addSeats({ run, classes, offers }: Stock, counts: ReadonlyMap<SeatClass, number>) {
    for (const [seatClass, seats] of seatsOf(run.train.composition)) {
      const taken = classes.get(seatClass) ?? [];
      classes.set(seatClass, taken);
      while (taken.length < seats.length) taken.push(run.train.stops.slice(1).map(() => false));
      const isNew = seats.map(({ index }) => index).slice(counts.get(seatClass) ?? 0);
      const offer = offers.get(seatClass) ?? noOffer;
      if (isNew.length > 0) offers.set(seatClass, { ...offer, withdrawn: [...offer.withdrawn, ...isNew] });
    }
  }
  const against = (run: Run) => seatsAgainst(run.train.composition, stockOf(run).run.train.composition);
  /** Who knows fewer seats of it than it has, or others, is sold nothing. */
  const isUnknownTo = (run: Run): boolean => against(run) !== "same";
  const takenOf = (run: Run, seatClass: SeatClass): Taken | null => stockOf(run).classes.get(seatClass) ?? null;

  function named(name: HoldName): Hold | undefined {
    const hold = holds.get(holdText(name));
    return hold?.run.runId === name.runId ? hold : undefined;
  }

  function counterOf(run: Run): { count: number } {
    const counter = counters.get(run.runId) ?? { run, count: 0 };
    counters.set(run.runId, counter);
    return counter;
  }

  function decide(command: HoldCommand, now: EpochMs): Result<Held, Refusal> {
    const { run, seatClass, fromStop, toStop, preferences } = command;
    const known = holds.get(holdText(command));
    if (known && known.live.size === 0) return refuse(refusal("HoldExpired"));
    if (known) {
      const isSame =
        known.run.runId === run.runId &&
        known.seatClass === seatClass &&
        known.fromStop === fromStop &&
        known.toStop === toStop;
      return isSame ? ok(answer(known, preferences)) : refuse(refusal("SoldOut"));
    }
    if (command.deadline <= now) return refuse(refusal("HoldExpired"));
    if (isRetired(run)) return refuse(refusal("SaleClosed"));
    if (isUnknownTo(run)) return refuse(new OtherSeats(run.runId).refusal);
    const taken = takenOf(run, seatClass);
    if (!taken) return refuse(refusal("ClassNotOffered"));
    const seats = seatsOf(run.train.composition).get(seatClass)!;
    if (preferences.some((wish) => wish !== null && !seats.some((seat) => satisfies(seat, wish)))) {
      return refuse(refusal("PreferenceImpossible"));
    }
    serve(run, now);
    const refused = saleOf(run, seatClass, command, command.channel ?? "public", now).refusalOf(preferences.length);
    if (refused) return refuse(refusal(refused));
    const hold = take(command, seatClass, preferences, command.deadline, false);
    serve(run, now);
    return ok(answer(hold, preferences));
  }

  function take(
    name: Pick<HoldCommand, "holdId" | "line" | "run" | "fromStop" | "toStop">,
    seatClass: SeatClass,
    preferences: HoldCommand["preferences"],
    deadline: EpochMs,
    isGrant: boolean,
  ): Hold {
    const { run, fromStop, toStop } = name;
    const taken = takenOf(run, seatClass)!;
    const seats = seatsOf(run.train.composition).get(seatClass)!;
    const { withdrawn } = offerOf(run, seatClass);
    const free = seats.filter(({ index }) => !withdrawn.includes(index) && isFree(taken[index]!, name));
    const chosen = chooseSeats(free, (seat) => gapOf(taken[seat.index]!, name), preferences, seats);
    const seatIndexes = chosen.map((seat) => seat.index);
    const live = new Set(seatIndexes);
    const hold = { run, seatClass, fromStop, toStop, seatIndexes, live, isGrant, confirmed: false, askAt: deadline };
    for (const index of seatIndexes) mark(hold, index, true);
    holds.set(holdText(name), hold);
    end(stockOf(run), name);
    return hold;
  }

  // Waitlists ---------------------------------------------------------------------------------------------------------------

  const end = (stock: Stock, name: Pick<HoldName, "holdId" | "line">) => {
    if (stock.waiting.some((need) => holdText(need) === holdText(name))) stock.ended.add(holdText(name));
    stock.waiting = stock.waiting.filter((need) => holdText(need) !== holdText(name));
  };

  /** Walks the waitlist from the front, again and again, until nobody fits. */
  function serve(run: Run, now: EpochMs, freed: FreedSeats | null = null) {
    const stock = stockOf(run);
    const grants: Grant[] = [];
    const someWait = stock.waiting.length > 0;
    for (let next = firstThatFits(stock, now); next; next = firstThatFits(stock, now)) grants.push(grant(...next, now));
    if (grants.length > 0 || (freed && someWait)) {
      for (const hear of listeners) hear({ runId: run.runId, at: now, freed, grants });
    }
  }

  function firstThatFits({ waiting }: Stock, now: EpochMs): [Need, SeatClass] | null {
    for (const need of waiting.toSorted(byPlace)) {
      for (const seatClass of classesOfNeed(need)) {
        const { sellable } = saleOf(need.run, seatClass, need, "waitlist", now);
        if (sellable >= need.preferences.length) return [need, seatClass];
      }
    }
    return null;
  }

  function grant(need: Need, seatClass: SeatClass, now: EpochMs): Grant {
    const seats = seatsOf(need.run.train.composition).get(seatClass)!;
    const wishes = need.preferences.map((wish) => (seats.some((seat) => wish && satisfies(seat, wish)) ? wish : null));
    const hold = take(need, seatClass, wishes, epochMs(now + grantTtlMs), true);
    return grantOf(need, hold);
  }

  function join(need: Need, now: EpochMs): Refusal | null {
    if (isRetired(need.run)) return refusal("SaleClosed");
    const refused = needRefusal(need);
    if (refused) return refused;
    if (isUnknownTo(need.run)) return new OtherSeats(need.run.runId).refusal;
    const stock = stockOf(need.run);
    serve(need.run, now);
    const text = holdText(need);
    if (holds.has(text) || stock.ended.has(text) || stock.waiting.some((each) => holdText(each) === text)) return null;
    stock.waiting.push({ ...need, run: stock.run });
    serve(need.run, now);
    return null;
  }

  const waitlists: Waitlists = {
    join: async (needs, now) => needs.map((need) => join(need, now)),
    async leave(run, names) {
      if (isRetired(run)) return;
      const stock = stockOf(run);
      for (const name of names) {
        end(stock, name);
        stock.ended.add(holdText(name));
      }
    },
    async set(run, needs, upTo, now) {
      if (isRetired(run)) return needs.map(() => refusal("SaleClosed"));
      if (isUnknownTo(run)) throw new OtherSeats(run.runId);
      const stock = stockOf(run);
      serve(run, now);
      const listed = new Set(needs.map(holdText));
      stock.waiting = stock.waiting.filter((need) => need.place > upTo || listed.has(holdText(need)));
      const refusals = new Map(needs.toSorted(byPlace).map((need) => [need, join(need, now)]));
      return needs.map((need) => refusals.get(need)!);
    },
    async serve(all, now) {
      return all.map((run) => {
        if (isRetired(run)) return null;
        serve(run, now);
        return servedNextAt(stockOf(run), now);
      });
    },
    grants: async (run) =>
      [...holds]
        .filter(([, hold]) => hold.run.runId === run.runId && isOpenGrant(hold))
        .map(([text, hold]) => grantOf(holdIn(text), hold)),
    async groups(run) {
      if (isRetired(run)) return [];
      const alike = Map.groupBy(stockOf(run).waiting, (need) =>
        JSON.stringify([classesOfNeed(need), need.fromStop, need.toStop, need.preferences.length]),
      );
      return [...alike.values()].map((needs): NeedGroup => {
        const { fromStop, toStop, preferences } = needs[0]!;
        const seatClasses = classesOfNeed(needs[0]!);
        return { seatClasses, fromStop, toStop, partySize: preferences.length, needs: needs.length };
      });
    },
    async ahead({ run, seatClasses, fromStop, toStop, place }) {
      if (isRetired(run)) return 0;
      const rivals = stockOf(run).waiting.filter(
        (each) =>
          each.place < place &&
          each.fromStop < toStop &&
          each.toStop > fromStop &&
          classesOfNeed(each).some((seatClass) => seatClasses.includes(seatClass)),
      );
      return rivals.length;
    },
    hear: (listener) => void listeners.push(listener),
  };

  /** When a limit begins that somebody waits for who would find seats enough. */
  function servedNextAt({ waiting }: Stock, now: EpochMs): EpochMs | null {
    const moments = waiting.flatMap((need) =>
      classesOfNeed(need).flatMap((seatClass) => {
        const { refusalOf, changesAt } = saleOf(need.run, seatClass, need, "waitlist", now);
        const isLimited = refusalOf(need.preferences.length) === "NotOnSaleBetween";
        return isLimited && changesAt !== null ? [changesAt] : [];
      }),
    );
    return moments.length === 0 ? null : epochMs(Math.min(...moments));
  }

  // What may be sold ----------------------------------------------------------------------------------------------------------

  function saleOf(run: Run, seatClass: SeatClass, way: Way, channel: SaleChannel, now: EpochMs): Sale {
    const nothing = (why: SaleRefusal): Sale => ({ sellable: 0, refusalOf: () => why, changesAt: null });
    const parent = seatClass === "standing" ? standingParent(run.train.composition) : null;
    if (parent !== null && freeCount(run, parent, way) > 0) return nothing("StandingNotYet");
    const free = freeCount(run, seatClass, way);
    if (free === 0) return nothing("SoldOut");
    if (channel === "reseat")
      return { sellable: free, refusalOf: (count) => (count > free ? "SoldOut" : null), changesAt: null };
    const { waitlistGate, quotas } = offerOf(run, seatClass);
    if (channel !== "waitlist" && waitlistGate.some((group) => hasWay(group, way))) {
      return { ...nothing("WaitlistFirst"), refusalOf: (count) => (count > free ? "SoldOut" : "WaitlistFirst") };
    }
    const ofWay = quotas.filter((quota) => hasWay(quota, way));
    const left = ofWay.map((quota) => limitAt(quota, now) - heldOver(run, seatClass, quota));
    const sellable = Math.max(0, Math.min(free, ...left));
    const next = ofWay.flatMap(({ limits }) => limits.map(({ since }) => since)).filter((since) => since > now);
    return {
      sellable,
      refusalOf: (count) => (count > free ? "SoldOut" : count > sellable ? "NotOnSaleBetween" : null),
      changesAt: next.length === 0 ? null : epochMs(Math.min(...next)),
    };
  }

  const freeCount = (run: Run, seatClass: SeatClass, way: Way): number =>
    flagsOf(run, seatClass, way).filter(Boolean).length;

  /** A flag a seat: nobody has it over the way, and it is not withdrawn. */
  function flagsOf(run: Run, seatClass: SeatClass, way: Way): boolean[] {
    const { withdrawn } = offerOf(run, seatClass);
    return (takenOf(run, seatClass) ?? []).map((segments, seat) => !withdrawn.includes(seat) && isFree(segments, way));
  }

  const offerOf = (run: Run, seatClass: SeatClass): Offer => stockOf(run).offers.get(seatClass) ?? noOffer;

  /** Seats that are taken over the ways of a group. */
  const heldOver = (run: Run, seatClass: SeatClass, group: OdGroup): number =>
    [...holds.values()]
      .filter((hold) => hold.run.runId === run.runId && hold.seatClass === seatClass && hasWay(group, hold))
      .reduce((sum, { live }) => sum + live.size, 0);

  /** What withdraws, and follows another of its run that does, is one step with it. */
  function setOffers(changes: readonly OfferChange[], now: EpochMs): (Refusal | null)[] {
    const outcomes = new Map<OfferChange, Refusal | null>();
    for (const ofRun of Map.groupBy(changes, ({ run }) => run.runId).values()) {
      ofRun.forEach((change, n) => {
        const isLater = n > 0 && ofRun[n - 1]!.withdrawn !== undefined && change.withdrawn !== undefined;
        const isFollowed = change.withdrawn !== undefined && ofRun[n + 1]?.withdrawn !== undefined;
        outcomes.set(change, setOffer(change, now, !isLater, !isFollowed));
      });
    }
    return changes.map((change) => outcomes.get(change)!);
  }

  function setOffer(change: OfferChange, now: EpochMs, isFirst: boolean, isLast: boolean): Refusal | null {
    const { run, seatClass, ...parts } = change;
    if (isRetired(run)) return refusal("SaleClosed");
    // Who does not know what is new would put it on sale.
    if (isUnknownTo(run)) return new OtherSeats(run.runId).refusal;
    if (isFirst) serve(run, now);
    const refused = offerRefusal(change);
    if (!refused) {
      stockOf(run).offers.set(seatClass, { ...offerOf(run, seatClass), ...parts });
      tellChange(run);
    }
    if (isLast) serve(run, now);
    return refused;
  }

  function tellChange(run: Run) {
    counterOf(run).count++;
    changed.push(run.runId);
  }

  function mark(hold: Hold, seatIndex: number, value: boolean) {
    tellChange(hold.run);
    const segments = takenOf(hold.run, hold.seatClass)![seatIndex]!;
    for (let segment = hold.fromStop; segment < hold.toStop; segment++) segments[segment] = value;
  }

  function availableOn(leg: Leg, now: EpochMs): Availability {
    const all = new Map<SeatClass, ClassAvailability>();
    if (isRetired(leg.run)) return all;
    serve(leg.run, now);
    for (const seatClass of seatsOf(leg.run.train.composition).keys()) {
      if (against(leg.run) === "others") {
        all.set(seatClass, { sellable: 0, refusal: "SoldOut", changesAt: null });
        continue;
      }
      const { sellable, refusalOf, changesAt } = saleOf(leg.run, seatClass, leg, "public", now);
      all.set(seatClass, { sellable, refusal: refusalOf(1), changesAt });
    }
    return all;
  }

  function reload(recordedHold: readonly RecordedHold[]): HoldName[] {
    const lost: HoldName[] = [];
    for (const each of recordedHold) {
      if (holds.has(holdText(each)) || isRetired(each.run) || each.seatIndexes.length === 0) continue;
      if (freeSeatsOf(each).length < each.seatIndexes.length) {
        lost.push(holdNameOf(each));
        continue;
      }
      takeFree(each, each.deadline === null);
      end(stockOf(each.run), each);
    }
    return lost;
  }

  /** Those that nobody else has: what was sold is his to whom it was, withdrawn or not. */
  function freeSeatsOf(told: RecordedHold): number[] {
    const taken = takenOf(told.run, told.seatClass) ?? [];
    return told.seatIndexes.filter((index) => taken[index] && isFree(taken[index], told));
  }

  function takeFree(told: RecordedHold, confirmed: boolean) {
    const hold = { ...told, live: new Set(freeSeatsOf(told)), isGrant: false, confirmed, askAt: told.deadline };
    for (const index of hold.live) mark(hold, index, true);
    holds.set(holdText(told), hold);
  }

  function letGo(hold: Hold, some: readonly number[] = hold.seatIndexes): number[] {
    const freed = hold.seatIndexes.filter((index) => hold.live.has(index) && some.includes(index));
    for (const index of freed) {
      hold.live.delete(index);
      mark(hold, index, false);
    }
    return freed;
  }

  function repair(recordedHold: readonly RecordedHold[], surplus: readonly SurplusSeats[] = []): HoldName[] {
    const forGood = new Set(
      [...holds].filter(([, { confirmed, live }]) => confirmed && live.size > 0).map(([text]) => text),
    );
    for (const { hold, seats } of surplus) {
      const known = named(hold);
      if (known) letGo(known, seats);
    }
    const told = recordedHold.filter(({ run, seatIndexes }) => !isRetired(run) && seatIndexes.length > 0);
    const wrong = told.filter((each) => !isAsTold(holds.get(holdText(each)), each));
    for (const each of wrong) {
      const known = holds.get(holdText(each));
      if (known) letGo(known);
    }
    const lacking = wrong.filter((each) => {
      const free = freeSeatsOf(each).length;
      if (free > 0) takeFree(each, each.deadline === null || forGood.has(holdText(each)));
      return free < each.seatIndexes.length;
    });
    for (const each of told) end(stockOf(each.run), each);
    return lacking.map(holdNameOf);
  }

  return {
    hold: async (commands, now) => commands.map((command) => decide(command, now)),
    async confirm(refs) {
      for (const ref of refs) {
        const hold = named(ref);
        if (hold) hold.confirmed = true;
      }
    },
    async release(ref, now, seatIndexes) {
      const hold = named(ref);
      if (!hold) return [];
      serve(hold.run, now);
      const freed = letGo(hold, seatIndexes);
      const { run, seatClass, fromStop, toStop } = hold;
      if (freed.length > 0) serve(run, now, { seatClass, fromStop, toStop, seatIndexes: freed });
      return freed;
    },
    setOffers: async (changes, now) => setOffers(changes, now),
    waitlists,
    available: async (legs, now) => legs.map((leg) => availableOn(leg, now)),
    availableNow: availableOn,
    async freeSeats(leg, seatClass) {
      if (isRetired(leg.run)) return [];
      const free = flagsOf(leg.run, seatClass, leg);
      const areKnown = against(leg.run) !== "others";
      return (seatsOf(leg.run.train.composition).get(seatClass) ?? []).map(({ index }) => areKnown && free[index]!);
    },
    changes: (run): Changes => counterOf(run),
    changedRuns: async (place) => ({
      place: String(changed.length),
      runIds: place === null ? [] : changed.slice(Number(place)),
    }),
    reload: async (recordedHold) => reload(recordedHold),
    holdsView: {
      holds: async (run) =>
        [...holds]
          .filter(([, hold]) => hold.run.runId === run.runId)
          .map(([text, hold]) => ({
            ...holdIn(text),
            seatClass: hold.seatClass,
            fromStop: hold.fromStop,
            toStop: hold.toStop,
            seatIndexes: [...hold.live],
            isConfirmed: hold.confirmed,
            ...(isOpenGrant(hold) && { isGrant: true as const }),
          })),
      repair: async (recordedHold, surplus) => repair(recordedHold, surplus),
    },
    async overdue(now, limit, askAgainAt) {
      assert(askAgainAt > now, "an overdue hold is asked for again later");
      const due = [...holds].filter(([, h]) => !h.confirmed && h.live.size > 0 && h.askAt !== null && h.askAt <= now);
      return due.slice(0, limit).map(([text, hold]): OverdueHold => {
        hold.askAt = askAgainAt;
        return { runId: hold.run.runId, ...holdIn(text), ...(hold.isGrant && { isGrant: true }) };
      });
    },
    async retire(arrivedBefore) {
      if (arrivedBefore > retiredBefore) retiredBefore = arrivedBefore;
      for (const [text, hold] of holds) if (isRetired(hold.run)) holds.delete(text);
      const gone = [...runs.values()].filter(({ run }) => isRetired(run));
      for (const { run } of gone) runs.delete(run.runId);
      for (const counter of counters.values()) if (isRetired(counter.run)) counter.count++;
      return gone.length;
    },
  };
}

const noOffer: Offer = { waitlistGate: [], quotas: [], withdrawn: [] };

const isAsTold = (known: Hold | undefined, told: RecordedHold): boolean =>
  known?.seatClass === told.seatClass &&
  known.fromStop === told.fromStop &&
  known.toStop === told.toStop &&
  known.live.size === told.seatIndexes.length &&
  told.seatIndexes.every((index) => known.live.has(index));

const arrivalOf = (run: Run): number => run.dayStart + run.train.stops.at(-1)!.arriveS * 1_000;

const isOpenGrant = ({ isGrant, confirmed, live }: Hold): boolean => isGrant && !confirmed && live.size > 0;

const grantOf = (
  { holdId, line }: Pick<HoldName, "holdId" | "line">,
  { seatClass, fromStop, toStop, seatIndexes, live }: Hold,
): Grant => ({ holdId, line, seatClass, fromStop, toStop, seatIndexes: seatIndexes.filter((seat) => live.has(seat)) });

const byPlace = (a: Need, b: Need): number => a.place - b.place || a.holdId - b.holdId || a.line - b.line;

const isFree = (segments: readonly boolean[], way: Way): boolean =>
  !segments.slice(way.fromStop, way.toStop).includes(true);

const hasWay = ({ fromStops, toStops }: OdGroup, { fromStop, toStop }: Way): boolean =>
  fromStops.includes(fromStop) && toStops.includes(toStop);

/** The last limit that has begun. */
function limitAt({ limits }: Quota, now: EpochMs): number {
  const limit = limits.findLast(({ since }) => since <= now);
  return limit ? (limit.seats ?? Infinity) : 0;
}

/** Length of the widest free stretch around the way. */
function gapOf(segments: readonly boolean[], way: Way): number {
  let start = way.fromStop;
  let end = way.toStop;
  while (start > 0 && !segments[start - 1]) start--;
  while (end < segments.length && !segments[end]) end++;
  return end - start;
}

/** What a hold says to the buyer who asks for it, the first time or again. */
function answer(hold: Hold, preferences: HoldCommand["preferences"]): Held {
  const seats = seatsOf(hold.run.train.composition).get(hold.seatClass)!;
  const chosen = hold.seatIndexes.map((index) => seats[index]!);
  return {
    seatIndexes: hold.seatIndexes,
    together: togetherness(chosen, seats),
    granted: preferences.map((wish, i) => wish === null || (chosen[i] !== undefined && satisfies(chosen[i], wish))),
  };
}

function togetherness(seats: readonly Seat[], all: readonly Seat[]): Togetherness {
  const indexes = seats.map((seat) => seat.index).sort((a, b) => a - b);
  // What another composition has added to a coach or a row is as far away as another.
  const between = all.slice(indexes[0], indexes.at(-1)! + 1);
  if (between.some(({ coachNo }) => coachNo !== seats[0]!.coachNo)) return "split";
  if (between.some(({ row }) => row !== seats[0]!.row)) return "coach";
  return indexes.every((index, i) => index === indexes[0]! + i) ? "adjacent" : "row";
}
