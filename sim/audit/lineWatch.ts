/**
 * I5, step by step: a seat store as it is, watched by the slow and obvious walk of its lines. Who waits is written down as they join; after
 * each step the line is walked from the front over the seats that were free in it, and whoever fits must be who was served, in that order.
 * After it nobody fits, so that no hold took what somebody in line could have had.
 */
import { peek } from "bun";
import {
  classesOfNeed,
  type Grant,
  type HoldCommand,
  type HoldName,
  holdText,
  type Need,
  type RecordedHold,
  type Run,
  type RunId,
  type SeatClass,
  seatsOf,
  standingParent,
} from "@chepiao/contracts";
import { type EpochMs, waitlistNoOf } from "@chepiao/kernel";
import type { SeatStore, SurplusSeats } from "@chepiao/ports/seat-store";

type Line = {
  readonly run: Run;
  waiting: Need[];
  /** Names that are held or waited: a late copy does not join. */
  readonly known: Set<string>;
  readonly holds: Map<string, Taken>;
};
type Way = { readonly fromStop: number; readonly toStop: number };
/** Seats that somebody has got over a way. */
type Taken = Way & { readonly seatClass: SeatClass; readonly seatIndexes: readonly number[] };
/** What a step itself did to the seats, beside whom it served. */
type Change = Taken & { readonly areFree: boolean };
/** Is it free? By class, segment and seat. */
type Free = ReadonlyMap<SeatClass, readonly boolean[][]>;

/** Answers at once, as all seat stores in memory do. */
function now<T>(promise: Promise<T>): T {
  const value = peek(promise);
  if (value instanceof Promise) throw new Error("a seat store in memory answers at once");
  return value;
}

export function watchedLines(store: SeatStore, found: (violation: string) => void): SeatStore {
  const lines = new Map<RunId, Line>();
  let grants: Grant[] = [];
  store.waitlists.hear(({ grants: some }) => grants.push(...some));

  function lineOf(run: Run): Line {
    const line = lines.get(run.runId) ?? {
      run,
      waiting: [],
      known: new Set<string>(),
      holds: new Map<string, Taken>(),
    };
    lines.set(run.runId, line);
    return line;
  }

  function ends(line: Line, name: Pick<Need, "holdId" | "line">) {
    line.known.add(holdText(name));
    line.waiting = line.waiting.filter((need) => holdText(need) !== holdText(name));
  }

  /** One step on one run, and what it must have brought those who wait. */
  function step<T>(
    run: Run,
    what: string,
    act: () => Promise<T>,
    changeBy: (answer: T) => Change | null = () => null,
  ): T {
    grants = [];
    const answer = now(act());
    const line = lineOf(run);
    const before = line.waiting;
    const served = grants;
    for (const grant of served) {
      if (line.known.has(holdText(grant)) && !before.some((need) => holdText(need) === holdText(grant)))
        found(`I7: ${nameOf(grant)} was served on ${run.runId} by ${what}, and did not wait`);
      ends(line, grant);
      line.holds.set(holdText(grant), grant);
    }
    if (before.length > 0 || served.length > 0) {
      const why = explain(before, served, changeBy(answer), freeOf(store, run));
      if (why) found(`I5: ${what} on ${run.runId}: ${why}`);
    }
    return answer;
  }

  function hold(command: HoldCommand, at: EpochMs) {
    const line = lineOf(command.run);
    const text = holdText(command);
    const { seatClass, fromStop, toStop } = command;
    const [answer] = step(
      command.run,
      `the hold of ${command.holdId}`,
      () => store.hold([command], at),
      ([held]) => {
        if (!held!.ok || line.holds.has(text)) return null;
        const taken = { seatClass, fromStop, toStop, seatIndexes: held!.value.seatIndexes };
        line.holds.set(text, taken);
        return { ...taken, areFree: false };
      },
    );
    if (answer!.ok) ends(line, command);
    return answer!;
  }

  function release(line: Line, name: HoldName, at: EpochMs, some?: readonly number[]) {
    const held = line.holds.get(holdText(name));
    return step(
      line.run,
      `the release of ${name.holdId}`,
      () => store.release(name, at, some),
      (seatIndexes) => (held && seatIndexes.length > 0 ? { ...held, seatIndexes, areFree: true } : null),
    );
  }

  function join(need: Need, at: EpochMs) {
    const line = lineOf(need.run);
    const text = holdText(need);
    const isNew = !line.known.has(text) && !line.waiting.some((each) => holdText(each) === text);
    const waiting = line.waiting;
    if (isNew) line.waiting = [...waiting, need];
    const [refused] = step(need.run, `the joining of ${nameOf(need)}`, () => store.waitlists.join([need], at));
    if (refused) line.waiting = line.waiting.filter((each) => each !== need);
    return refused!;
  }

  function known(holds: readonly RecordedHold[], lost: readonly Pick<Need, "holdId" | "line">[]) {
    const texts = new Set(lost.map(holdText));
    for (const each of holds)
      if (each.seatIndexes.length > 0 && !texts.has(holdText(each))) {
        ends(lineOf(each.run), each);
        lineOf(each.run).holds.set(holdText(each), each);
      }
  }

  const { waitlists, holdsView } = store;
  return {
    ...store,
    hold: async (commands, at) => commands.map((command) => hold(command, at)),
    async release(name, at, seatIndexes) {
      const line = lines.get(name.runId);
      return line ? release(line, name, at, seatIndexes) : store.release(name, at, seatIndexes);
    },
    available: async (legs, at) =>
      legs.map((leg) => step(leg.run, "an answer about the public's seats", () => store.available([leg], at))[0]!),
    async reload(holds) {
      const lost = now(store.reload(holds));
      known(holds, lost);
      return lost;
    },
    ...(holdsView && {
      holdsView: {
        ...holdsView,
        async repair(holds: readonly RecordedHold[], surplus?: readonly SurplusSeats[]) {
          grants = [];
          const lacking = now(holdsView.repair(holds, surplus));
          for (const grant of grants) found(`I5: ${nameOf(grant)} was served by a repair`);
          const told = holds.filter(({ seatIndexes }) => seatIndexes.length > 0);
          for (const each of told) ends(lineOf(each.run), each);
          for (const { run } of told)
            for (const each of now(holdsView.holds(run))) lineOf(run).holds.set(holdText(each), each);
          return lacking;
        },
      },
    }),
    waitlists: {
      ...waitlists,
      join: async (needs, at) => needs.map((need) => join(need, at)),
      async leave(run, names) {
        now(waitlists.leave(run, names));
        for (const name of names) ends(lineOf(run), name);
      },
      async set(run, needs, upTo, at) {
        const line = lineOf(run);
        const listed = new Set(needs.map(holdText));
        grants = [];
        const refusals = now(waitlists.set(run, needs, upTo, at));
        line.waiting = line.waiting.filter((need) => need.place > upTo || listed.has(holdText(need)));
        const inLine = new Set(line.waiting.map(holdText));
        const joined = needs.filter(
          (need, n) => !refusals[n] && !line.known.has(holdText(need)) && !inLine.has(holdText(need)),
        );
        line.waiting = [...line.waiting, ...joined];
        for (const grant of grants) ends(line, grant);
        const why = explain(line.waiting, [], null, freeOf(store, run));
        if (why) found(`I5: the setting of the line of ${run.runId}: ${why}`);
        return refusals;
      },
      serve: async (runs, at) =>
        runs.map((run) => step(run, "the serving of a line", () => waitlists.serve([run], at))[0]!),
    },
  };
}

const nameOf = ({ holdId, line }: Pick<Need, "holdId" | "line">) => `${waitlistNoOf(holdId)}, train ${line}`;

const byPlace = (a: Need, b: Need): number => a.place - b.place || a.holdId - b.holdId || a.line - b.line;

/** Null where the grants are those of a walk from the front; the step's own change came before some of them, and after the others. */
function explain(
  waiting: readonly Need[],
  grants: readonly Grant[],
  change: Change | null,
  after: Free,
): string | null {
  const moments = change ? [...grants.keys(), grants.length] : [null];
  const whys = moments.map((moment) => walk(waiting, grants, change, moment, after));
  return whys.includes(null) ? null : whys[0]!;
}

function walk(
  waiting: readonly Need[],
  grants: readonly Grant[],
  change: Change | null,
  changedBefore: number | null,
  after: Free,
): string | null {
  const free = new Map([...after].map(([seatClass, segments]) => [seatClass, segments.map((seats) => [...seats])]));
  for (const grant of grants) mark(free, grant, true);
  if (change) mark(free, change, !change.areFree);
  let line = waiting.toSorted(byPlace);
  for (let n = 0; n <= grants.length; n++) {
    if (n === changedBefore) {
      const first = firstThatFits(line, free);
      if (first) return `it came before ${nameOf(first.need)}, who could have had seats`;
      mark(free, change!, change!.areFree);
    }
    const grant = grants[n];
    const first = firstThatFits(line, free);
    if (!grant) return first ? `${nameOf(first.need)} could have had seats, and waits` : null;
    if (!first || holdText(first.need) !== holdText(grant) || first.seatClass !== grant.seatClass)
      return `${nameOf(grant)} was served in ${grant.seatClass}, and ${first ? `${nameOf(first.need)} was next in ${first.seatClass}` : "fits nowhere"}`;
    mark(free, grant, false);
    line = line.filter((need) => need !== first.need);
  }
  return null;
}

function firstThatFits(line: readonly Need[], free: Free): { need: Need; seatClass: SeatClass } | null {
  for (const need of line)
    for (const seatClass of classesOfNeed(need)) {
      const parent = seatClass === "standing" ? standingParent(need.run.train.composition) : null;
      if (parent !== null && freeOver(free, parent, need) > 0) continue;
      if (freeOver(free, seatClass, need) >= need.preferences.length) return { need, seatClass };
    }
  return null;
}

function freeOver(free: Free, seatClass: SeatClass, { fromStop, toStop }: Way): number {
  const segments = (free.get(seatClass) ?? []).slice(fromStop, toStop);
  return segments.length === 0 ? 0 : segments[0]!.filter((_, seat) => segments.every((seats) => seats[seat])).length;
}

function mark(free: Free, { seatClass, fromStop, toStop, seatIndexes }: Taken, isFree: boolean) {
  const segments = free.get(seatClass)!;
  for (let segment = fromStop; segment < toStop; segment++)
    for (const seat of seatIndexes) if (segments[segment]) segments[segment]![seat] = isFree;
}

function freeOf(store: SeatStore, run: Run): Free {
  const segments = run.train.stops.slice(1).keys();
  const free = (seatClass: SeatClass, segment: number) => [
    ...now(store.freeSeats({ run, fromStop: segment, toStop: segment + 1 }, seatClass)),
  ];
  const all = [...segments];
  return new Map(
    [...seatsOf(run.train.composition).keys()].map((seatClass) => [
      seatClass,
      all.map((segment) => free(seatClass, segment)),
    ]),
  );
}
