/**
 * I5, step by step: a seat store as it is, watched by the slow and obvious walk of its lines. Who waits is written down as they join, who holds
 * what, and which quotas were set; after each step the line is walked from the front over the seats that were free in it and within what quotas
 * left, and whoever fits must be who was served, in that order. After it nobody fits, so that no hold took what somebody in line could have
 * had. What is sold is held to the quotas that an operator set, too, whoever should have set them here, and is on no seat that is withdrawn.
 */
import { peek } from "bun";
import {
  type Composition,
  type Grant,
  type HoldCommand,
  type HoldName,
  isGrownFrom,
  holdText,
  type Need,
  type OfferChange,
  type Quota,
  type RecordedHold,
  type Refusal,
  type Run,
  type RunId,
  type SeatClass,
  seatsOf,
} from "@chepiao/contracts";
import { type EpochMs, type OrderId, waitlistNoOf } from "@chepiao/kernel";
import type { SeatStore, SurplusSeats } from "@chepiao/ports/seat-store";
import type { AddedBook } from "./added.ts";
import { type Change, type Free, less, nameOf, walk, wouldDo } from "./lineWalk.ts";
import type { Ticketed } from "./orders.ts";
import { leftOver, type QuotaBook, type Taken } from "./quotas.ts";
import { firstOf, type WithdrawnBook } from "./withdrawn.ts";

export type WatchDeps = {
  readonly found: (violation: string) => void;
  /** What an operator has set; nothing is known of it where it is left out. */
  readonly book?: Pick<QuotaBook, "possible">;
  /** Coaches that he has withdrawn; none where it is left out. */
  readonly withdrawn?: Pick<WithdrawnBook, "mayBeClosed" | "possible">;
  /** Trains that were added while people waited; none where it is left out. */
  readonly added?: Pick<AddedBook, "due" | "joined">;
  /** Of an order as it is now, by its id. */
  readonly ticketsOf?: (orderId: OrderId) => readonly Ticketed[];
  /** Of an entry of the waitlist, by its id. */
  readonly placeOf?: (entryId: OrderId) => number | null;
};

export type WatchedSeats = SeatStore & {
  /** Was that set here at any time? */
  wasSet(run: Run, seatClass: SeatClass, quotas: readonly Quota[]): boolean;
  /** The same of seats that are withdrawn. */
  wasWithdrawn(run: Run, seatClass: SeatClass, seats: ReadonlySet<number>): boolean;
};

type Line = {
  readonly run: Run;
  /** With the most seats with which it was named. */
  composition: Composition;
  waiting: Need[];
  /** Names that are held or waited: a late copy does not join. */
  readonly known: Set<string>;
  /** By name; also of which nothing is left. */
  readonly holds: Map<string, Taken>;
  readonly quotas: Map<SeatClass, readonly Quota[]>;
  readonly withdrawn: Map<SeatClass, readonly number[]>;
  /** All that was ever set, as text. */
  readonly everSet: Set<string>;
};

/** Answers at once, as all seat stores in memory do. */
function now<T>(promise: Promise<T>): T {
  const value = peek(promise);
  if (value instanceof Promise) throw new Error("a seat store in memory answers at once");
  return value;
}

export function watchedLines(store: SeatStore, deps: WatchDeps): WatchedSeats {
  const { found, book, added, ticketsOf, placeOf } = deps;
  const lines = new Map<RunId, Line>();
  let grants: Grant[] = [];
  store.waitlists.hear(({ grants: some }) => grants.push(...some));

  function lineOf(run: Run): Line {
    const line = lines.get(run.runId) ?? emptyLine(run);
    lines.set(run.runId, line);
    const { composition } = run.train;
    if (!isGrownFrom(composition, line.composition)) return line;
    // What is new is withdrawn in the step that names the run with it.
    for (const [seatClass, seats] of seatsOf(composition)) {
      const before = seatsOf(line.composition).get(seatClass)?.length ?? 0;
      const fresh = seats.slice(before).map(({ index }) => index);
      if (fresh.length > 0) line.withdrawn.set(seatClass, [...(line.withdrawn.get(seatClass) ?? []), ...fresh]);
    }
    line.composition = composition;
    return line;
  }

  function ends(line: Line, name: Pick<Need, "holdId" | "line">) {
    line.known.add(holdText(name));
    line.waiting = line.waiting.filter((need) => holdText(need) !== holdText(name));
  }

  /** One step on one run, and what it must have brought those who wait. One that has changed nothing and told nothing of seats, null, need not serve. */
  function step<T>(
    run: Run,
    at: EpochMs,
    what: string,
    act: () => Promise<T>,
    changesBy: (answer: T) => readonly Change[] | null = () => [],
  ): T {
    grants = [];
    const line = lineOf(run);
    const { waiting, holds, quotas, withdrawn } = line;
    const before = { waiting, holds: new Map(holds), quotas: new Map(quotas), withdrawn: new Map(withdrawn), at };
    const answer = now(act());
    const served = grants;
    const made = changesBy(answer);
    const changes = made ?? [];
    for (const change of changes) keep(line, change);
    for (const grant of served) {
      if (line.known.has(holdText(grant)) && !line.waiting.some((need) => holdText(need) === holdText(grant)))
        found(`I7: ${nameOf(grant)} was served on ${run.runId} by ${what}, and did not wait`);
      ends(line, grant);
      line.holds.set(holdText(grant), grant);
    }
    const isWatched = before.waiting.length > 0 || served.length > 0 || changes.some(({ kind }) => kind === "joins");
    if (made !== null && (isWatched || before.quotas.size > 0)) {
      const why = walk(before, changes, served, freeOf(store, run));
      if (why !== null) found(`I5: ${what} on ${run.runId}: ${why}`);
    }
    const sold = changes.flatMap((change) => (change.kind === "holds" && !change.isReseat ? [change.taken] : []));
    for (const taken of [...served, ...sold]) isWithinQuotas(line, taken, at, what);
    // A step that withdraws seats serves first who was due before it.
    if (!changes.some(({ kind }) => kind === "withdraws"))
      for (const taken of [...served, ...sold]) isForSale(line, taken, what);
    for (const taken of sold) isDueToNobody(run, taken, Infinity, at, what);
    const joining = changes.flatMap((change) => (change.kind === "joins" ? [change.need] : []));
    for (const grant of served) isDueToNobody(run, grant, placeIn([...before.waiting, ...joining], grant), at, what);
    return answer;
  }

  const placeIn = (waiting: readonly Need[], grant: Grant) =>
    waiting.find((need) => holdText(need) === holdText(grant))?.place ?? 0;

  /** Whoever waits for a train that was added, by a wish of his, is in its line before anybody has seats that he could have had. */
  function isDueToNobody(run: Run, taken: Taken, place: number, at: EpochMs, what: string) {
    const before = added?.due(run, at).filter((due) => due.place < place) ?? [];
    if (before.length === 0) return;
    const due = before.find((each) => wouldDo(freeOf(store, run), taken, each));
    if (due)
      found(`I5: ${what} on ${run.runId}, which was added, came before ${waitlistNoOf(due.entryId)}, who waits for it`);
  }

  /** Who comes into a line comes with the place of his entry. */
  function hasItsPlace(need: Need) {
    const place = placeOf?.(need.holdId) ?? need.place;
    if (place !== need.place) found(`I5: ${nameOf(need)} joins at ${need.place}, and its place is ${place}`);
  }

  function keep(line: Line, change: Change) {
    if (change.kind === "joins") line.waiting = [...line.waiting, change.need];
    else if (change.kind === "sets") {
      line.quotas.set(change.seatClass, change.quotas);
      line.everSet.add(textOf(change.seatClass, change.quotas));
    } else if (change.kind === "withdraws") {
      line.withdrawn.set(change.seatClass, change.withdrawn);
      line.everSet.add(withdrawnText(change.seatClass, change.withdrawn));
    } else if (change.kind === "holds") line.holds.set(change.name, change.taken);
    else line.holds.set(change.name, less(line.holds.get(change.name)!, change.taken.seatIndexes));
  }

  /** Neither withdrawn here nor, whoever should have set it here, by an operator some time ago. */
  function isForSale({ run, withdrawn }: Line, { seatClass, seatIndexes }: Taken, what: string) {
    const said = deps.withdrawn?.possible(run, seatClass) ?? [new Set()];
    for (const seat of seatIndexes)
      if (withdrawn.get(seatClass)?.includes(seat) || said.every((seats) => seats.has(seat)))
        found(`I5: ${what} on ${run.runId} takes ${seatClass} ${seat}, which is withdrawn`);
  }

  /** What is sold is within what an operator set, whichever of his changes has come through. */
  function isWithinQuotas(line: Line, taken: Taken, at: EpochMs, what: string) {
    const { run, holds } = line;
    const left = book
      ?.possible(run, taken.seatClass)
      .map((quotas) => leftOver(quotas, holds.values(), taken.seatClass, taken, at));
    if (left && Math.max(...left) < 0)
      found(
        `I5: ${what} on ${run.runId} sells ${-Math.max(...left)} ${taken.seatClass} beyond the quotas that an operator set`,
      );
  }

  /** Who is told that nothing is sold between his stops yet is told the truth. */
  function isHeldBack(line: Line, { seatClass, fromStop, toStop, preferences, holdId }: HoldCommand, at: EpochMs) {
    const { run, holds, quotas } = line;
    const possible = [quotas.get(seatClass) ?? []];
    // A run that was exchanged is kept from everybody for a while, whatever an operator has set.
    const set = deps.withdrawn?.mayBeClosed(run.runId) ? [] : (book?.possible(run, seatClass) ?? []);
    for (const all of [possible, set]) {
      const left = all.map((each) => leftOver(each, holds.values(), seatClass, { fromStop, toStop }, at));
      if (left.length > 0 && Math.min(...left) >= preferences.length)
        found(
          `I5: the hold of ${holdId} on ${run.runId} is kept back, and its quotas leave ${Math.min(...left)} ${seatClass}`,
        );
    }
  }

  function hold(command: HoldCommand, at: EpochMs) {
    const line = lineOf(command.run);
    const text = holdText(command);
    const { seatClass, fromStop, toStop } = command;
    const [answer] = step(
      command.run,
      at,
      `the hold of ${command.holdId}`,
      () => store.hold([command], at),
      ([held]) => {
        if (line.holds.has(text)) return null;
        if (!held!.ok) return isAboutSeats(held!.error) ? [] : null;
        const taken = { seatClass, fromStop, toStop, seatIndexes: held!.value.seatIndexes };
        // No quota keeps from a seat whoever has one that the train has lost.
        return [{ kind: "holds", name: text, taken, isReseat: command.channel === "reseat" }];
      },
    );
    if (answer!.ok) ends(line, command);
    else if (answer!.error.code === "NotOnSaleBetween") isHeldBack(line, command, at);
    return answer!;
  }

  function release(line: Line, name: HoldName, at: EpochMs, some?: readonly number[]) {
    const text = holdText(name);
    const held = line.holds.get(text);
    const freed = step(
      line.run,
      at,
      `the release of ${name.holdId}`,
      () => store.release(name, at, some),
      (seatIndexes) => {
        if (!held) return null;
        return seatIndexes.length > 0 ? [{ kind: "frees", name: text, taken: { ...held, seatIndexes } }] : [];
      },
    );
    if (held) isNobodysTicket(name, { ...held, seatIndexes: freed });
    return freed;
  }

  /** At that moment: the platform repairs it later, and nothing is left for who looks when all is quiet. */
  function isNobodysTicket({ runId, holdId, line }: HoldName, { seatClass, seatIndexes }: Taken) {
    for (const ticket of ticketsOf?.(holdId) ?? [])
      if (ticket.runId === runId && ticket.line === line && seatIndexes.includes(ticket.seatIndex))
        found(
          `I1: ${seatClass} ${ticket.seatIndex} of ${runId} is let go of, and is that of ticket ${ticket.ticketNo}`,
        );
  }

  function join(need: Need, at: EpochMs) {
    const line = lineOf(need.run);
    const text = holdText(need);
    const isNew = !line.known.has(text) && !line.waiting.some((each) => holdText(each) === text);
    hasItsPlace(need);
    const [refused] = step(
      need.run,
      at,
      `the joining of ${nameOf(need)}`,
      () => store.waitlists.join([need], at),
      ([why]) => (isNew && !why ? [{ kind: "joins", need }] : []),
    );
    if (isNew && !refused) added?.joined(need.run.runId, need.holdId);
    if (!refused) standsOnce(line, `the joining of ${nameOf(need)}`);
    return refused!;
  }

  function standsOnce({ run, waiting }: Line, what: string) {
    const count = now(store.waitlists.groups(run)).reduce((sum, { needs }) => sum + needs, 0);
    if (count !== waiting.length)
      found(`I7: after ${what} on ${run.runId} ${count} stand in line, who are ${waiting.length}`);
  }

  function setOffers(run: Run, changes: readonly OfferChange[], at: EpochMs) {
    return step(
      run,
      at,
      "a change of what may be sold",
      () => store.setOffers(changes, at),
      (refusals) =>
        changes.flatMap(({ seatClass, quotas, withdrawn }, n): Change[] => [
          ...(quotas && !refusals[n] ? [{ kind: "sets" as const, seatClass, quotas }] : []),
          ...(withdrawn && !refusals[n] ? [{ kind: "withdraws" as const, seatClass, withdrawn }] : []),
        ]),
    );
  }

  function known(holds: readonly RecordedHold[], lost: readonly Pick<Need, "holdId" | "line">[]) {
    const texts = new Set(lost.map(holdText));
    for (const each of holds)
      if (each.seatIndexes.length > 0 && !texts.has(holdText(each))) {
        ends(lineOf(each.run), each);
        if (!lineOf(each.run).holds.has(holdText(each))) lineOf(each.run).holds.set(holdText(each), each);
      }
  }

  const { waitlists, holdsView } = store;

  function reread({ run, holds }: Line) {
    const left = new Map(now(holdsView!.holds(run)).map((each) => [holdText(each), each]));
    for (const [text, held] of holds) if (!left.has(text)) holds.set(text, { ...held, seatIndexes: [] });
    for (const [text, held] of left) holds.set(text, held);
  }

  return {
    ...store,
    wasSet: (run, seatClass, quotas) =>
      (quotas.length === 0 && !lineOf(run).quotas.has(seatClass)) || lineOf(run).everSet.has(textOf(seatClass, quotas)),
    wasWithdrawn: (run, seatClass, seats) =>
      (seats.size === 0 && !lineOf(run).withdrawn.has(seatClass)) ||
      lineOf(run).everSet.has(withdrawnText(seatClass, seats)),
    hold: async (commands, at) => commands.map((command) => hold(command, at)),
    async release(name, at, seatIndexes) {
      const line = lines.get(name.runId);
      return line ? release(line, name, at, seatIndexes) : store.release(name, at, seatIndexes);
    },
    async setOffers(changes, at) {
      const refusals = new Map<OfferChange, Refusal | null>();
      for (const ofRun of Map.groupBy(changes, ({ run }) => run.runId).values()) {
        const told = setOffers(ofRun[0]!.run, ofRun, at);
        ofRun.forEach((change, n) => refusals.set(change, told[n]!));
      }
      return changes.map((change) => refusals.get(change)!);
    },
    available: async (legs, at) =>
      legs.map((leg) => step(leg.run, at, "an answer about the public's seats", () => store.available([leg], at))[0]!),
    async reload(holds) {
      const lost = now(store.reload(holds));
      known(holds, lost);
      return lost;
    },
    ...(holdsView && {
      holdsView: {
        ...holdsView,
        async repair(holds: readonly RecordedHold[], surplus: readonly SurplusSeats[] = []) {
          grants = [];
          const lacking = now(holdsView.repair(holds, surplus));
          for (const grant of grants) found(`I5: ${nameOf(grant)} was served by a repair`);
          const told = holds.filter(({ seatIndexes }) => seatIndexes.length > 0);
          for (const each of told) ends(lineOf(each.run), each);
          const touched = new Set(told.map(({ run }) => lineOf(run)));
          for (const { hold: name } of surplus) if (lines.has(name.runId)) touched.add(lines.get(name.runId)!);
          touched.forEach(reread);
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
        joined.forEach(hasItsPlace);
        for (const { holdId } of joined) added?.joined(run.runId, holdId);
        const before = [...line.waiting, ...joined];
        line.waiting = before;
        const served = grants;
        for (const grant of served) {
          ends(line, grant);
          line.holds.set(holdText(grant), grant);
        }
        for (const grant of served) {
          isWithinQuotas(line, grant, at, "the setting of a line");
          isDueToNobody(run, grant, placeIn(before, grant), at, "the setting of its line");
        }
        const why = walk({ ...line, at }, [], [], freeOf(store, run));
        if (why !== null) found(`I5: the setting of the line of ${run.runId}: ${why}`);
        return refusals;
      },
      serve: async (runs, at) =>
        runs.map((run) => step(run, at, "the serving of a line", () => waitlists.serve([run], at))[0]!),
    },
  };
}

/** It was looked for some, and there are none, or none for sale. */
const isAboutSeats = ({ code }: Refusal): boolean =>
  ["SoldOut", "StandingNotYet", "WaitlistFirst", "NotOnSaleBetween"].includes(code);

const emptyLine = (run: Run): Line => ({
  run,
  composition: firstOf(run.train.composition),
  waiting: [],
  known: new Set(),
  holds: new Map(),
  quotas: new Map(),
  withdrawn: new Map(),
  everSet: new Set(),
});

const textOf = (seatClass: SeatClass, quotas: readonly Quota[]): string =>
  JSON.stringify([seatClass, quotas.map(({ fromStops, toStops, limits }) => [fromStops, toStops, limits])]);

const withdrawnText = (seatClass: SeatClass, seats: Iterable<number>): string =>
  JSON.stringify(["withdrawn", seatClass, ...seats]);

function freeOf(store: SeatStore, run: Run): Free {
  const segments = [...run.train.stops.slice(1).keys()];
  const free = (seatClass: SeatClass, segment: number) => [
    ...now(store.freeSeats({ run, fromStop: segment, toStop: segment + 1 }, seatClass)),
  ];
  return new Map(
    [...seatsOf(run.train.composition).keys()].map((seatClass) => [
      seatClass,
      segments.map((segment) => free(seatClass, segment)),
    ]),
  );
}
