/**
 * The slow and obvious walk of a line: from the front over the seats that are free and within what quotas leave, again and again until nobody
 * fits. It is told what a step of a seat store did by itself and whom it served, and says what is wrong with that, if anything.
 */
import {
  classesOfNeed,
  type Grant,
  holdText,
  type Need,
  type Quota,
  type SeatClass,
  standingParent,
} from "@chepiao/contracts";
import { type EpochMs, waitlistNoOf } from "@chepiao/kernel";
import { leftOver, type Taken, type Way } from "./quotas.ts";

/** What a step itself did, beside whom it served. */
export type Change =
  | { readonly kind: "holds"; readonly name: string; readonly taken: Taken; readonly isReseat: boolean }
  | { readonly kind: "frees"; readonly name: string; readonly taken: Taken }
  | { readonly kind: "joins"; readonly need: Need }
  | { readonly kind: "sets"; readonly seatClass: SeatClass; readonly quotas: readonly Quota[] }
  | { readonly kind: "withdraws"; readonly seatClass: SeatClass; readonly withdrawn: readonly number[] };

/** Is it free? By class, segment and seat. */
export type Free = ReadonlyMap<SeatClass, readonly boolean[][]>;

/** A run as the step found it. */
export type Before = {
  readonly waiting: readonly Need[];
  /** By name. */
  readonly holds: ReadonlyMap<string, Taken>;
  readonly quotas: ReadonlyMap<SeatClass, readonly Quota[]>;
  readonly withdrawn: ReadonlyMap<SeatClass, readonly number[]>;
  readonly at: EpochMs;
};

type State = {
  readonly free: Map<SeatClass, boolean[][]>;
  line: Need[];
  readonly holds: Map<string, Taken>;
  readonly quotas: Map<SeatClass, readonly Quota[]>;
  readonly withdrawn: Map<SeatClass, readonly number[]>;
  readonly at: EpochMs;
};

export const nameOf = ({ holdId, line }: Pick<Need, "holdId" | "line">) => `${waitlistNoOf(holdId)}, train ${line}`;

const byPlace = (a: Need, b: Need): number => a.place - b.place || a.holdId - b.holdId || a.line - b.line;

/** Null where the step did what it must: whoever fits is served first, then comes its own change, and in the end nobody fits. */
export function walk(before: Before, changes: readonly Change[], grants: readonly Grant[], after: Free): string | null {
  const state: State = {
    free: new Map([...after].map(([seatClass, segments]) => [seatClass, segments.map((seats) => [...seats])])),
    line: before.waiting.toSorted(byPlace),
    holds: new Map(before.holds),
    quotas: new Map(before.quotas),
    withdrawn: new Map(before.withdrawn),
    at: before.at,
  };
  // Back to how it was when the step began.
  for (const grant of grants) mark(state, grant, true);
  for (const change of changes) if ("taken" in change) mark(state, change.taken, change.kind === "holds");
  for (const change of changes) if (change.kind === "withdraws") lookAnew(state, change.seatClass);
  let n = 0;
  let served = 0;
  for (;;) {
    const first = firstThatFits(state);
    const grant = grants[served];
    if (first && !grant)
      return n < changes.length
        ? `it came before ${nameOf(first.need)}, who could have had seats`
        : `${nameOf(first.need)} could have had seats, and waits`;
    if (first && (holdText(first.need) !== holdText(grant!) || first.seatClass !== grant!.seatClass))
      return `${nameOf(grant!)} was served in ${grant!.seatClass}, and ${nameOf(first.need)} was next in ${first.seatClass}`;
    if (first) {
      served++;
      take(state, holdText(grant!), grant!);
      state.line = state.line.filter((need) => need !== first.need);
      continue;
    }
    const change = changes[n++];
    if (!change) return grant ? `${nameOf(grant)} was served in ${grant.seatClass}, and fits nowhere` : null;
    const why = apply(state, change);
    if (why !== null) return why;
    // Seats that are withdrawn class by class are withdrawn in one step.
    while (change.kind === "withdraws" && changes[n]?.kind === "withdraws") apply(state, changes[n++]!);
  }
}

function apply(state: State, change: Change): string | null {
  if (change.kind === "joins") state.line = [...state.line, change.need].sort(byPlace);
  else if (change.kind === "sets") state.quotas.set(change.seatClass, change.quotas);
  else if (change.kind === "withdraws") {
    state.withdrawn.set(change.seatClass, change.withdrawn);
    lookAnew(state, change.seatClass);
  } else if (change.kind === "holds") {
    const { taken } = change;
    const left = leftIn(state, taken.seatClass, taken);
    if (taken.seatIndexes.length > left && !change.isReseat)
      return `${taken.seatIndexes.length} seats are sold where a quota leaves ${left}`;
    take(state, change.name, taken);
    state.line = state.line.filter((need) => holdText(need) !== change.name);
  } else {
    const { name, taken } = change;
    mark(state, taken, true);
    state.holds.set(name, less(state.holds.get(name)!, taken.seatIndexes));
  }
  return null;
}

export const less = (held: Taken, seatIndexes: readonly number[]): Taken => ({
  ...held,
  seatIndexes: held.seatIndexes.filter((seat) => !seatIndexes.includes(seat)),
});

function take(state: State, name: string, taken: Taken) {
  mark(state, taken, false);
  state.holds.set(name, taken);
}

const leftIn = (
  { quotas, holds, at }: Pick<State, "at" | "holds" | "quotas">,
  seatClass: SeatClass,
  way: Way,
): number => leftOver(quotas.get(seatClass) ?? [], holds.values(), seatClass, way, at);

function firstThatFits(state: State): { need: Need; seatClass: SeatClass } | null {
  for (const need of state.line)
    for (const seatClass of classesOfNeed(need)) {
      const parent = seatClass === "standing" ? standingParent(need.run.train.composition) : null;
      if (parent !== null && freeOver(state, parent, need) > 0) continue;
      const count = need.preferences.length;
      if (freeOver(state, seatClass, need) >= count && leftIn(state, seatClass, need) >= count)
        return { need, seatClass };
    }
  return null;
}

/** Would they have been enough, with what was left beside them? Standing, which comes last, aside. */
export function wouldDo(
  left: Free,
  taken: Taken,
  { seatClasses, seatCount, ...way }: Way & { readonly seatClasses: readonly SeatClass[]; readonly seatCount: number },
): boolean {
  const free = new Map([...left].map(([each, segments]) => [each, segments.map((seats) => [...seats])]));
  const state = { free, withdrawn: new Map() };
  if (!seatClasses.includes(taken.seatClass) || taken.seatIndexes.length === 0) return false;
  mark(state, taken, true);
  return freeOver(state, taken.seatClass, way) >= seatCount;
}

function freeOver({ free }: Pick<State, "free">, seatClass: SeatClass, { fromStop, toStop }: Way): number {
  const segments = (free.get(seatClass) ?? []).slice(fromStop, toStop);
  return segments.length === 0 ? 0 : segments[0]!.filter((_, seat) => segments.every((seats) => seats[seat])).length;
}

/** What is free of a class by who holds what, where it was changed which seats are withdrawn. */
function lookAnew({ free, holds, withdrawn }: State, seatClass: SeatClass) {
  const [segments, out] = [free.get(seatClass)!, withdrawn.get(seatClass) ?? []];
  for (const seats of segments) seats.forEach((_, seat) => (seats[seat] = !out.includes(seat)));
  for (const hold of holds.values()) if (hold.seatClass === seatClass) mark({ free, withdrawn }, hold, false);
}

function mark(
  { free, withdrawn }: Pick<State, "free" | "withdrawn">,
  { seatClass, fromStop, toStop, seatIndexes }: Taken,
  isFree: boolean,
) {
  const segments = free.get(seatClass)!;
  const out = withdrawn.get(seatClass) ?? [];
  for (let segment = fromStop; segment < toStop; segment++)
    for (const seat of seatIndexes) if (segments[segment]) segments[segment]![seat] = isFree && !out.includes(seat);
}
