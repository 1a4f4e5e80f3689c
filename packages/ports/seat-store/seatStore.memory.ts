/**
 * The slow, obvious seat store: a flag for every seat and segment, and the policy word for word. It shares no code with the
 * engine, so that each can be checked against the other.
 */
import {
  type Changes,
  type Held,
  type HoldCommand,
  type HoldRef,
  type Leg,
  type Refusal,
  refusal,
  type RestoredHold,
  type Run,
  type RunId,
  type Seat,
  type SeatClass,
  seatsOf,
  type SeatPreference,
  standingParent,
  type Togetherness,
} from "@chepiao/contracts";
import { assert, type EpochMs, epochMs, ok, type OrderId, refuse, type Result } from "@chepiao/kernel";
import type { SeatStore } from "./seatStore.ts";

type Hold = {
  readonly run: Run;
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  readonly seatIndexes: readonly number[];
  readonly live: Set<number>;
  confirmed: boolean;
  askAt: EpochMs | null;
};

/** `taken[seat][segment]` of one class of one run. */
type Taken = boolean[][];
type Way = { readonly fromStop: number; readonly toStop: number };

export function createMemorySeatStore(): SeatStore {
  const runs = new Map<RunId, { run: Run; classes: Map<SeatClass, Taken> }>();
  const holds = new Map<OrderId, Hold>();
  const counters = new Map<RunId, { readonly run: Run; count: number }>();
  const changed: RunId[] = [];
  let retiredBefore = epochMs(-Infinity);

  const isRetired = (run: Run) => arrivalOf(run) < retiredBefore;

  function takenOf(run: Run, seatClass: SeatClass): Taken | null {
    let stock = runs.get(run.runId);
    if (!stock) {
      const segments = run.train.stops.length - 1;
      const classes = new Map<SeatClass, Taken>();
      for (const [each, seats] of seatsOf(run.train.composition)) {
        classes.set(
          each,
          seats.map(() => Array.from({ length: segments }, () => false)),
        );
      }
      stock = { run, classes };
      runs.set(run.runId, stock);
    }
    return stock.classes.get(seatClass) ?? null;
  }

  function named({ runId, holdId }: HoldRef): Hold | undefined {
    const hold = holds.get(holdId);
    return hold?.run.runId === runId ? hold : undefined;
  }

  function counterOf(run: Run): { count: number } {
    const counter = counters.get(run.runId) ?? { run, count: 0 };
    counters.set(run.runId, counter);
    return counter;
  }

  function decide(command: HoldCommand, now: EpochMs): Result<Held, Refusal> {
    const { run, seatClass, preferences } = command;
    const known = holds.get(command.holdId);
    if (known && known.live.size === 0) return refuse(refusal("HoldExpired"));
    if (known) return ok(answer(known, preferences));
    if (command.deadline <= now) return refuse(refusal("HoldExpired"));
    if (isRetired(run)) return refuse(refusal("SaleClosed"));
    const taken = takenOf(run, seatClass);
    if (!taken) return refuse(refusal("ClassNotOffered"));
    const seats = seatsOf(run.train.composition).get(seatClass)!;
    if (preferences.some((wish) => wish !== null && !seats.some((seat) => satisfies(seat, wish)))) {
      return refuse(refusal("PreferenceImpossible"));
    }
    if (seatClass === "standing" && parentHasSeats(run, command)) return refuse(refusal("StandingNotYet"));
    const free = seats.filter((seat) => isFree(taken[seat.index]!, command));
    if (free.length < preferences.length) return refuse(refusal("SoldOut"));

    const chosen = chooseSeats(free, (seat) => gapOf(taken[seat.index]!, command), preferences, seats);
    const hold: Hold = {
      ...command,
      seatIndexes: chosen.map((seat) => seat.index),
      live: new Set(chosen.map((seat) => seat.index)),
      confirmed: false,
      askAt: command.deadline,
    };
    for (const index of hold.seatIndexes) mark(hold, index, true);
    holds.set(command.holdId, hold);
    return ok(answer(hold, preferences));
  }

  function parentHasSeats(run: Run, way: Way): boolean {
    const parent = standingParent(run.train.composition);
    return parent !== null && takenOf(run, parent)!.some((segments) => isFree(segments, way));
  }

  function mark(hold: Hold, seatIndex: number, value: boolean) {
    counterOf(hold.run).count++;
    changed.push(hold.run.runId);
    const segments = takenOf(hold.run, hold.seatClass)![seatIndex]!;
    for (let segment = hold.fromStop; segment < hold.toStop; segment++) segments[segment] = value;
  }

  function availableOn(leg: Leg): ReadonlyMap<SeatClass, number> {
    const counts = new Map<SeatClass, number>();
    if (isRetired(leg.run)) return counts;
    for (const seatClass of seatsOf(leg.run.train.composition).keys()) {
      const free = takenOf(leg.run, seatClass)!.filter((segments) => isFree(segments, leg)).length;
      counts.set(seatClass, seatClass === "standing" && parentHasSeats(leg.run, leg) ? 0 : free);
    }
    return counts;
  }

  function putBack(restored: readonly RestoredHold[], mayReplace: (known: Hold) => boolean): OrderId[] {
    const lost: OrderId[] = [];
    for (const each of restored) {
      const known = holds.get(each.holdId);
      if ((known && !mayReplace(known)) || isRetired(each.run) || each.seatIndexes.length === 0) continue;
      const taken = takenOf(each.run, each.seatClass);
      if (!taken || !each.seatIndexes.every((index) => taken[index] && isFree(taken[index], each))) {
        lost.push(each.holdId);
        continue;
      }
      const hold = {
        ...each,
        live: new Set(each.seatIndexes),
        confirmed: each.deadline === null,
        askAt: each.deadline,
      };
      for (const index of hold.seatIndexes) mark(hold, index, true);
      holds.set(each.holdId, hold);
    }
    return lost;
  }

  return {
    hold: async (commands, now) => commands.map((command) => decide(command, now)),
    async confirm(refs) {
      for (const ref of refs) {
        const hold = named(ref);
        if (hold) hold.confirmed = true;
      }
    },
    async release(ref, seatIndexes) {
      const hold = named(ref);
      if (!hold) return [];
      const freed = hold.seatIndexes.filter((index) => hold.live.has(index) && (seatIndexes?.includes(index) ?? true));
      for (const index of freed) {
        hold.live.delete(index);
        mark(hold, index, false);
      }
      return freed;
    },
    available: async (legs) => legs.map(availableOn),
    async freeSeats(leg, seatClass) {
      if (isRetired(leg.run)) return [];
      return takenOf(leg.run, seatClass)?.map((segments) => isFree(segments, leg)) ?? [];
    },
    changes: (run): Changes => counterOf(run),
    changedSince: async (place) => ({
      place: String(changed.length),
      runIds: place === null ? [] : changed.slice(Number(place)),
    }),
    restore: async (restored) => putBack(restored, () => false),
    books: {
      holds: async (run) =>
        [...holds]
          .filter(([, hold]) => hold.run.runId === run.runId)
          .map(([holdId, { live, confirmed }]) => ({ holdId, seatIndexes: [...live], isConfirmed: confirmed })),
      retake: async (restored) => putBack(restored, ({ live }) => live.size === 0),
    },
    async overdue(now, limit, askAgainAt) {
      assert(askAgainAt > now, "an overdue hold is asked for again later");
      const due = [...holds].filter(([, h]) => !h.confirmed && h.live.size > 0 && h.askAt !== null && h.askAt <= now);
      return due.slice(0, limit).map(([holdId, hold]) => {
        hold.askAt = askAgainAt;
        return { runId: hold.run.runId, holdId };
      });
    },
    async retire(arrivedBefore) {
      if (arrivedBefore > retiredBefore) retiredBefore = arrivedBefore;
      for (const [holdId, hold] of holds) if (isRetired(hold.run)) holds.delete(holdId);
      const gone = [...runs.values()].filter(({ run }) => isRetired(run));
      for (const { run } of gone) runs.delete(run.runId);
      for (const counter of counters.values()) if (isRetired(counter.run)) counter.count++;
      return gone.length;
    },
  };
}

const arrivalOf = (run: Run): number => run.dayStart + run.train.stops.at(-1)!.arriveS * 1_000;

const isFree = (segments: readonly boolean[], way: Way): boolean =>
  !segments.slice(way.fromStop, way.toStop).includes(true);

/** Length of the widest free stretch around the way. */
function gapOf(segments: readonly boolean[], way: Way): number {
  let start = way.fromStop;
  let end = way.toStop;
  while (start > 0 && !segments[start - 1]) start--;
  while (end < segments.length && !segments[end]) end++;
  return end - start;
}

/** What a hold says to whoever asks for it, the first time or again. */
function answer(hold: Hold, preferences: HoldCommand["preferences"]): Held {
  const seats = seatsOf(hold.run.train.composition).get(hold.seatClass)!;
  const chosen = hold.seatIndexes.map((index) => seats[index]!);
  return {
    seatIndexes: hold.seatIndexes,
    together: togetherness(chosen),
    granted: preferences.map((wish, i) => wish === null || (chosen[i] !== undefined && satisfies(chosen[i], wish))),
  };
}

function togetherness(seats: readonly Seat[]): Togetherness {
  const indexes = seats.map((seat) => seat.index).sort((a, b) => a - b);
  if (seats.some((seat) => seat.coachNo !== seats[0]!.coachNo)) return "split";
  if (seats.some((seat) => seat.row !== seats[0]!.row)) return "coach";
  return indexes.every((index, i) => index === indexes[0]! + i) ? "adjacent" : "row";
}

// The policy --------------------------------------------------------------------------------------------------------------

type Wish = SeatPreference | null;
type Tier = { readonly together: Togetherness; readonly granting: boolean };

const satisfies = (seat: Seat, wish: SeatPreference): boolean => seat.kind === wish || seat.mark === wish;

const tiersWithWishes: readonly Tier[] = [
  { together: "adjacent", granting: true },
  { together: "row", granting: true },
  { together: "adjacent", granting: false },
  { together: "row", granting: false },
  { together: "coach", granting: true },
  { together: "coach", granting: false },
  { together: "split", granting: true },
  { together: "split", granting: false },
];
const tiersWithout = (["adjacent", "row", "coach", "split"] as const).map((together) => ({
  together,
  granting: false,
}));

/** A seat for each passenger, in order of the request. There are at least as many free seats as passengers. */
function chooseSeats(
  free: readonly Seat[],
  gap: (seat: Seat) => number,
  wishes: readonly Wish[],
  all: readonly Seat[],
): Seat[] {
  for (const tier of wishes.some((wish) => wish !== null) ? tiersWithWishes : tiersWithout) {
    let best: Seat[] | null = null;
    for (const scope of scopesOf(tier.together, all, wishes.length)) {
      const open = scope.filter((seat) => free.includes(seat));
      if (tier.together === "adjacent" && open.length < scope.length) continue;
      const picked = pick(open, gap, tier.granting ? wishes : wishes.map(() => null), order(wishes));
      if (picked && (!best || total(picked, gap) < total(best, gap))) best = picked;
    }
    if (best) return handOut(best, wishes);
  }
  throw new Error("there were seats enough, yet none were chosen");
}

function scopesOf(together: Togetherness, all: readonly Seat[], partySize: number): Seat[][] {
  if (together === "split") return [[...all]];
  if (together === "coach") return groups(all, (a, b) => a.coachNo === b.coachNo);
  const rows = groups(all, (a, b) => a.coachNo === b.coachNo && a.row === b.row);
  if (together === "row") return rows;
  return rows.flatMap((row) =>
    row.map((_, i) => row.slice(i, i + partySize)).filter((block) => block.length === partySize),
  );
}

function groups(seats: readonly Seat[], same: (a: Seat, b: Seat) => boolean): Seat[][] {
  const all: Seat[][] = [];
  for (const seat of seats) {
    const group = all.at(-1);
    if (group && same(group[0]!, seat)) group.push(seat);
    else all.push([seat]);
  }
  return all;
}

/** Passengers by rank of wish, then as they came. */
function order(wishes: readonly Wish[]): number[] {
  const rank = (wish: Wish) => (wish === null ? 2 : wish === "window" || wish === "aisle" ? 1 : 0);
  return wishes.map((_, passenger) => passenger).sort((a, b) => rank(wishes[a]!) - rank(wishes[b]!) || a - b);
}

/** Each passenger in turn takes the best seat left that answers his wish; null if one finds none. */
function pick(
  open: readonly Seat[],
  gap: (seat: Seat) => number,
  wishes: readonly Wish[],
  turns: readonly number[],
): Seat[] | null {
  const picked: Seat[] = [];
  for (const passenger of turns) {
    const wish = wishes[passenger]!;
    const fitting = open.filter((seat) => !picked.includes(seat) && (wish === null || satisfies(seat, wish)));
    const best = fitting.sort((a, b) => gap(a) - gap(b) || a.index - b.index)[0];
    if (!best) return null;
    picked.push(best);
  }
  return picked;
}

const total = (seats: readonly Seat[], gap: (seat: Seat) => number): number =>
  seats.reduce((sum, seat) => sum + gap(seat), 0);

function handOut(picked: readonly Seat[], wishes: readonly Wish[]): Seat[] {
  const left = picked.toSorted((a, b) => a.index - b.index);
  const given: (Seat | undefined)[] = wishes.map(() => undefined);
  for (const passenger of order(wishes)) {
    const wish = wishes[passenger]!;
    const place = wish === null ? -1 : left.findIndex((seat) => satisfies(seat, wish));
    if (place >= 0) given[passenger] = left.splice(place, 1)[0];
  }
  return given.map((seat) => seat ?? left.shift()!);
}
