/**
 * The seat store on the engine, within one process. Nothing here waits, so every command is one step that no other can come
 * between.
 */
import {
  type Availability,
  type Changes,
  classesOfNeed,
  type FreedSeats,
  type Grant,
  type Held,
  type HoldCommand,
  type HoldName,
  holdNameOf,
  holdText,
  type Leg,
  type Need,
  needRefusal,
  offerRefusal,
  type OfferChange,
  OtherSeats,
  type OverdueHold,
  type Refusal,
  refusal,
  type RecordedHold,
  type Run,
  saleChannels,
  saleRefusals,
  type SeatClass,
  seatCountsBefore,
  seatsAgainst,
  togetherness,
  type WaitlistStep,
} from "@chepiao/contracts";
import {
  addHold,
  addNeed,
  addRun,
  announceServing,
  answers,
  anywhere,
  childrenOf,
  closeness,
  confirmHold,
  countChange,
  createHoldTable,
  createStock,
  createWaitlist,
  dropOffers,
  dropRun,
  endNeed,
  eraseHoldsOfRuns,
  findHold,
  forgetNeeds,
  growRun,
  hasWaited,
  held,
  heldSeats,
  hold as holdSeats,
  holdTableBytes,
  isPossible,
  needsAhead,
  occupy,
  placeOf,
  publicSale,
  type Reach,
  recountQuotas,
  release as releaseInStock,
  released,
  releaseSeat,
  seatsPerHold,
  servedNeed,
  serveWaitlist,
  setGate,
  setQuotas,
  setWithdrawn,
  stockBytes,
  takeOverdue,
  type Waitlist,
  waitlistBytes,
  waits,
  withdrawFrom,
} from "@chepiao/engine";
import {
  assert,
  type EpochMs,
  epochMs,
  grantTtlMs,
  ok,
  type OrderId,
  passengersPerOrderMax,
  refuse,
  type Result,
} from "@chepiao/kernel";
import type { SeatStore, Waitlists } from "@chepiao/ports/seat-store";
import { createOpenRuns, type OpenRun } from "./openRuns.ts";
import { classCountsOf, runLayoutOf, wishOf } from "./runLayout.ts";
import type { SeatsChange } from "./seatsMirror.ts";

export type EngineSeats = SeatStore & {
  readonly size: () => {
    readonly openRuns: number;
    readonly held: number;
    readonly confirmed: number;
    readonly waiting: number;
    readonly bytes: number;
  };
  /** Tells a mirror how things are, at once, and from then on what happens. Only of seats that are shared. */
  mirror(hear: (changes: readonly SeatsChange[]) => void): void;
};

export type EngineSeatsOptions = {
  /** Holds to make room for at once, a power of two; the table doubles when they are more, with a pause. */
  readonly holdCapacity?: number;
  /** In memory that other threads may see. */
  readonly shared?: boolean;
};

export function createEngineSeats({ holdCapacity, shared = false }: EngineSeatsOptions = {}): EngineSeats {
  const chunks: SharedArrayBuffer[] = [];
  const mirrors: ((changes: readonly SeatsChange[]) => void)[] = [];
  const stock = createStock(shared ? allocateShared : undefined);
  const table = createHoldTable(holdCapacity);
  const runs = createOpenRuns(stock);
  /** By the engine's handle. */
  const openByStock: OpenRun[] = [];
  /** By the same, of runs for which anybody waits or has waited. */
  const waitlistByStock = new Map<number, Waitlist>();
  const listeners: ((step: WaitlistStep) => void)[] = [];
  const wishes = new Uint8Array(passengersPerOrderMax);
  let due = new Int32Array(0);

  const tell = (changes: SeatsChange) => mirrors.forEach((hear) => hear([changes]));

  function allocateShared(byteCount: number): SharedArrayBuffer {
    const buffer = new SharedArrayBuffer(byteCount);
    chunks.push(buffer);
    tell({ kind: "chunk", buffer });
    return buffer;
  }

  function open(run: Run): OpenRun {
    const known = openedAs(run);
    if (known) return known;
    const { composition, stops } = run.train;
    const { classes, layouts } = runLayoutOf(composition);
    const handle = addRun(stock, layouts, stops.length - 1);
    const before = composition.replaces && seatCountsBefore(composition);
    if (before) classes.forEach((seatClass, cls) => withdrawFrom(stock, handle, cls, before.get(seatClass)!));
    return put(run, handle);
  }

  /** With all the seats that it has by now; undefined where it is not open. */
  function openedAs(run: Run): OpenRun | undefined {
    const known = runs.byId.get(run.runId);
    const { composition } = run.train;
    if (!known || seatsAgainst(composition, known.run.train.composition) !== "more") return known;
    growRun(stock, known.stock, runLayoutOf(composition).layouts);
    const grown = put({ ...known.run, train: { ...known.run.train, composition } }, known.stock);
    countChange(stock, known.stock);
    return grown;
  }

  function put(run: Run, handle: number): OpenRun {
    const opened = runs.put(run, handle);
    openByStock[handle] = opened;
    tell(openedChange(opened));
    return opened;
  }

  const openedChange = ({ run, runLayout, stock: handle }: OpenRun): SeatsChange => ({
    kind: "opened",
    runId: run.runId,
    address: placeOf(stock, handle),
    segments: run.train.stops.length - 1,
    classes: classCountsOf(runLayout),
  });

  /** Who knows the run as it was before it grew, or with other seats, is sold nothing: what he is given he could not name. */
  const isUnknownTo = (run: Run, opened: OpenRun | undefined = openedAs(run)): boolean =>
    opened !== undefined && seatsAgainst(run.train.composition, opened.run.train.composition) !== "same";

  function decide(command: HoldCommand, now: EpochMs): Result<Held, Refusal> {
    const { holdId, line, run, fromStop, toStop, preferences } = command;
    const known = findHold(table, holdId, line);
    if (known >= 0) {
      if (table.states[known] === released) return refuse(refusal("HoldExpired"));
      return isOf(known, command) ? ok(firstAnswer(known, command)) : refuse(refusal("SoldOut"));
    }
    if (command.deadline <= now) return refuse(refusal("HoldExpired"));
    if (runs.isRetired(run)) return refuse(refusal("SaleClosed"));
    const isOpen = openedAs(run);
    if (isUnknownTo(run, isOpen)) return refuse(new OtherSeats(run.runId).refusal);

    const runLayout = isOpen?.runLayout ?? runLayoutOf(run.train.composition);
    const cls = runLayout.classes.indexOf(command.seatClass);
    if (cls < 0) return refuse(refusal("ClassNotOffered"));
    const layout = runLayout.layouts[cls]!;
    for (let p = 0; p < preferences.length; p++) {
      wishes[p] = wishOf(preferences[p]!);
      if (!isPossible(layout, wishes[p]!)) return refuse(refusal("PreferenceImpossible"));
    }

    const opened = isOpen ?? open(run);
    const waitlist = waitlistOf(opened.stock);
    if (waitlist) serveIfDue(waitlist, now);
    const channel = command.channel === undefined ? publicSale : saleChannels.indexOf(command.channel);
    const together = holdSeats(stock, opened.stock, cls, fromStop, toStop, preferences.length, wishes, channel, now);
    if (together < 0) return refuse(refusal(saleRefusals[-1 - together]!));
    addHold(table, holdId, line, opened.stock, cls, fromStop, toStop, command.deadline, heldSeats, preferences.length);
    countChange(stock, opened.stock);
    const answer = {
      seatIndexes: Array.from(heldSeats.subarray(0, preferences.length)),
      together: togetherness[together]!,
      granted: preferences.map((_, p) => answers(layout, wishes[p]!, heldSeats[p]!)),
    };
    if (waitlist) serveAfterHold(waitlist, command, cls, now);
    return ok(answer);
  }

  const isOf = (slot: number, { run, seatClass, fromStop, toStop }: HoldCommand): boolean => {
    const { run: opened, runLayout } = openByStock[table.runs[slot]!]!;
    return (
      opened.runId === run.runId &&
      runLayout.classes[table.classes[slot]!] === seatClass &&
      table.froms[slot] === fromStop &&
      table.tos[slot] === toStop
    );
  };

  /** A hold is its seats: how they lie says what was answered, so nothing else of the answer is kept. */
  function firstAnswer(slot: number, { preferences }: HoldCommand): Held {
    const layout = openByStock[table.runs[slot]!]!.runLayout.layouts[table.classes[slot]!]!;
    const seats = table.seats.subarray(slot * seatsPerHold, slot * seatsPerHold + table.counts[slot]!);
    return {
      seatIndexes: Array.from(seats),
      together: togetherness[closeness(layout, seats, seats.length)]!,
      granted: preferences.map(
        (wish, p) => wish === null || (p < seats.length && answers(layout, wishOf(wish), seats[p]!)),
      ),
    };
  }

  /** Its place in the table, or -1. */
  function find({ runId, holdId, line }: HoldName): number {
    const slot = findHold(table, holdId, line);
    return slot >= 0 && openByStock[table.runs[slot]!]!.run.runId === runId ? slot : -1;
  }

  function release(hold: HoldName, now: EpochMs, seatIndexes?: readonly number[]): number[] {
    const slot = find(hold);
    const freed: number[] = [];
    if (slot < 0) return freed;
    const waitlist = waitlistOf(table.runs[slot]!);
    if (waitlist) serveIfDue(waitlist, now);
    for (let place = 0; place < table.counts[slot]!; place++) {
      const seat = table.seats[slot * seatsPerHold + place]!;
      if (seatIndexes && !seatIndexes.includes(seat)) continue;
      if (!releaseSeat(table, slot, place)) continue;
      releaseInStock(stock, table.runs[slot]!, table.classes[slot]!, seat, table.froms[slot]!, table.tos[slot]!);
      freed.push(seat);
    }
    if (freed.length > 0) countChange(stock, table.runs[slot]!);
    if (freed.length > 0 && waitlist) serveAfterRelease(waitlist, slot, freed, now);
    return freed;
  }

  /** False where a seat is taken by another hold, or does not exist. */
  function reloadOne(hold: RecordedHold): boolean {
    const { holdId, line, run, seatClass, fromStop, toStop, seatIndexes, deadline } = hold;
    if (findHold(table, holdId, line) >= 0 || runs.isRetired(run) || seatIndexes.length === 0) return true;
    const opened = open(run);
    const cls = opened.runLayout.classes.indexOf(seatClass);
    const seatCount = opened.runLayout.layouts[cls]?.seatCount ?? 0;
    // One that does not fit its run must not keep all others from being sold.
    if (fromStop < 0 || fromStop >= toStop || toStop >= run.train.stops.length) return false;
    for (let i = 0; i < seatIndexes.length; i++) {
      const seat = seatIndexes[i]!;
      if (seat < seatCount && occupy(stock, opened.stock, cls, seat, fromStop, toStop)) continue;
      for (let j = 0; j < i; j++) releaseInStock(stock, opened.stock, cls, seatIndexes[j]!, fromStop, toStop);
      return false;
    }
    addHold(table, holdId, line, opened.stock, cls, fromStop, toStop, deadline, seatIndexes, seatIndexes.length);
    countChange(stock, opened.stock);
    const waitlist = waitlistOf(opened.stock);
    if (waitlist) {
      if (waits(waitlist, holdId, line)) endNeed(waitlist, holdId, line);
      // The last seats may be gone before which nobody stands.
      waitlist.serveAt = -Infinity;
      announce(waitlist);
    }
    return true;
  }

  /** In rounds, the first step of each run, then the second: so holds are counted once for many runs, and each run's come in order. */
  function setOffers(changes: readonly OfferChange[], now: EpochMs): (Refusal | null)[] {
    const outcomes: (Refusal | null)[] = changes.map(() => null);
    const changed = new Set<number>();
    const uncounted = new Set<number>();
    for (const round of roundsOf(changes)) {
      const touched = new Set<Waitlist>();
      for (const place of round) {
        const set = setOffer(changes[place]!, now);
        if (set === null) continue;
        if ("code" in set) {
          outcomes[place] = set;
          continue;
        }
        changed.add(set.stock);
        if (set.quotasChanged) uncounted.add(set.stock);
        if (set.waitlist) touched.add(set.waitlist);
      }
      if (touched.size === 0) continue;
      // Nobody is served past a quota in which nothing is counted.
      recountQuotas(stock, table, uncounted);
      uncounted.clear();
      for (const waitlist of touched) serve(waitlist, anywhere, now);
    }
    recountQuotas(stock, table, uncounted);
    for (const handle of changed) countChange(stock, handle);
    return outcomes;
  }

  /** Null where all is so already. */
  function setOffer(change: OfferChange, now: EpochMs) {
    // What is open is sold as it was opened, whatever a newer timetable says of its stops.
    const run = openedAs(change.run)?.run ?? change.run;
    const { seatClass, waitlistGate, quotas, withdrawn } = change;
    // Who does not know what is new would put it on sale.
    if (!runs.isRetired(run) && isUnknownTo(change.run)) return new OtherSeats(change.run.runId).refusal;
    const refused = runs.isRetired(run) ? refusal("SaleClosed") : offerRefusal({ ...change, run });
    if (refused) return refused;
    const isEmpty = !waitlistGate?.length && !quotas?.length && !withdrawn?.length;
    const isAsIfUntouched = isEmpty && !run.train.composition.replaces;
    if (isAsIfUntouched && !runs.byId.has(run.runId)) return null;
    const { runLayout, stock: handle } = open(run);
    const cls = runLayout.classes.indexOf(seatClass);
    const waitlist = waitlistOf(handle);
    if (waitlist) serveIfDue(waitlist, now);
    const gateChanged = waitlistGate !== undefined && setGate(stock, handle, cls, waitlistGate);
    const quotasChanged = quotas !== undefined && setQuotas(stock, handle, cls, quotas);
    const seatsChanged = withdrawn !== undefined && setWithdrawn(stock, handle, cls, withdrawn);
    return gateChanged || quotasChanged || seatsChanged ? { stock: handle, quotasChanged, waitlist } : null;
  }

  // Waitlists ---------------------------------------------------------------------------------------------------------------

  /** Where somebody waits. While nobody does anywhere, that is one number. */
  function waitlistOf(handle: number): Waitlist | null {
    if (waitlistByStock.size === 0) return null;
    const waitlist = waitlistByStock.get(handle);
    return waitlist !== undefined && waitlist.size > 0 ? waitlist : null;
  }

  function serveIfDue(waitlist: Waitlist, now: EpochMs) {
    if (waitlist.serveAt <= now) serve(waitlist, anywhere, now);
  }

  function serve(waitlist: Waitlist, reach: Reach, now: EpochMs, freed: FreedSeats | null = null) {
    const grants: Grant[] = [];
    const { run, runLayout } = openByStock[waitlist.run]!;
    serveWaitlist(stock, waitlist, reach, now, () => {
      const { id, line, cls, from, to, partySize } = servedNeed;
      const seatIndexes = Array.from(heldSeats.subarray(0, partySize));
      // Named elsewhere meanwhile: its seats go to the next.
      if (findHold(table, id, line) >= 0) {
        for (const seat of seatIndexes) releaseInStock(stock, waitlist.run, cls, seat, from, to);
        return;
      }
      const deadline = now + grantTtlMs;
      const slot = addHold(table, id, line, waitlist.run, cls, from, to, deadline, seatIndexes, partySize);
      table.grants[slot] = 1;
      const seatClass = runLayout.classes[cls]!;
      grants.push({ holdId: id as OrderId, line, seatClass, fromStop: from, toStop: to, seatIndexes });
    });
    announce(waitlist);
    if (grants.length > 0) countChange(stock, waitlist.run);
    if (grants.length > 0 || freed) listeners.forEach((hear) => hear({ runId: run.runId, at: now, freed, grants }));
  }

  /** That holds were reloaded is for the next step to find; who only looks sees what is free. */
  function announce({ run, size, serveAt }: Waitlist) {
    announceServing(stock, run, size > 0 && serveAt > 0 ? serveAt : Infinity);
  }

  /** The last seat that was held may let somebody stand. */
  function serveAfterHold(
    waitlist: Waitlist,
    { holdId, line, fromStop, toStop }: HoldCommand,
    cls: number,
    now: EpochMs,
  ) {
    if (waits(waitlist, holdId, line)) endNeed(waitlist, holdId, line);
    announce(waitlist);
    const classBits = childrenOf(stock, waitlist.run, cls);
    if (classBits !== 0) serve(waitlist, { classBits, from: fromStop, to: toStop }, now);
  }

  function serveAfterRelease(waitlist: Waitlist, slot: number, seatIndexes: readonly number[], now: EpochMs) {
    const [cls, from, to] = [table.classes[slot]!, table.froms[slot]!, table.tos[slot]!];
    const seatClass = openByStock[waitlist.run]!.runLayout.classes[cls]!;
    const freed = { seatClass, fromStop: from, toStop: to, seatIndexes };
    serve(waitlist, { classBits: 1 << cls, from, to }, now, freed);
  }

  function join(need: Need, now: EpochMs): Refusal | null {
    const { holdId: id, line, fromStop: from, toStop: to, preferences, place } = need;
    if (runs.isRetired(need.run)) return refusal("SaleClosed");
    const refused = needRefusal(need) ?? (isUnknownTo(need.run) ? new OtherSeats(need.run.runId).refusal : null);
    if (refused) return refused;
    const opened = open(need.run);
    const waitlist = waitlistByStock.get(opened.stock) ?? createWaitlist(opened.stock);
    waitlistByStock.set(opened.stock, waitlist);
    serveIfDue(waitlist, now);
    if (findHold(table, id, line) >= 0 || hasWaited(waitlist, id, line)) return null;
    const classes = classesOfNeed(need).map((seatClass) => opened.runLayout.classes.indexOf(seatClass));
    const others = addNeed(waitlist, { id, line, classes, from, to, wishes: preferences.map(wishOf), place });
    if (!others) serve(waitlist, { classBits: bitsOf(opened, need.seatClasses), from, to }, now);
    return null;
  }

  const bitsOf = ({ runLayout }: OpenRun, seatClasses: readonly SeatClass[]): number =>
    runLayout.classes.reduce((bits, seatClass, cls) => (seatClasses.includes(seatClass) ? bits | (1 << cls) : bits), 0);

  function leave(run: Run, names: readonly Pick<HoldName, "holdId" | "line">[]) {
    if (runs.isRetired(run)) return;
    const { stock: handle } = open(run);
    const waitlist = waitlistByStock.get(handle) ?? createWaitlist(handle);
    waitlistByStock.set(handle, waitlist);
    for (const { holdId, line } of names) endNeed(waitlist, holdId, line);
    announce(waitlist);
  }

  function setWaitlist(run: Run, needs: readonly Need[], upTo: number, now: EpochMs): (Refusal | null)[] {
    const opened = openedAs(run);
    if (!runs.isRetired(run) && isUnknownTo(run)) throw new OtherSeats(run.runId);
    const waitlist = opened && waitlistByStock.get(opened.stock);
    if (waitlist) {
      serveIfDue(waitlist, now);
      const listed = new Set(needs.map(holdText));
      forgetNeeds(waitlist, upTo, (id, line) => listed.has(holdText({ holdId: id as OrderId, line })));
      announce(waitlist);
    }
    const inOrder = needs.toSorted((a, b) => a.place - b.place || a.holdId - b.holdId || a.line - b.line);
    const refusals = new Map(inOrder.map((need) => [need, join(need, now)]));
    return needs.map((need) => refusals.get(need)!);
  }

  function grantsOf(run: Run): Grant[] {
    const grants: Grant[] = [];
    const opened = runs.byId.get(run.runId);
    for (let slot = 0; opened && slot < table.slotEnd; slot++) {
      if (table.runs[slot] !== opened.stock || table.states[slot] !== held || table.grants[slot] === 0) continue;
      const seats = table.seats.subarray(slot * seatsPerHold, slot * seatsPerHold + table.counts[slot]!);
      grants.push({
        holdId: table.ids[slot]! as OrderId,
        line: table.lines[slot]!,
        seatClass: opened.runLayout.classes[table.classes[slot]!]!,
        fromStop: table.froms[slot]!,
        toStop: table.tos[slot]!,
        seatIndexes: [...seats].filter((_, place) => (table.live[slot]! & (1 << place)) !== 0),
      });
    }
    return grants;
  }

  /** The waitlist of a run that may not be open. */
  function waitlistOn({ runId }: Run): { readonly opened: OpenRun; readonly waitlist: Waitlist } | null {
    const opened = runs.byId.get(runId);
    const waitlist = opened && waitlistOf(opened.stock);
    return waitlist ? { opened, waitlist } : null;
  }

  const waitlists: Waitlists = {
    join: async (needs, now) => needs.map((need) => join(need, now)),
    leave: async (run, names) => leave(run, names),
    set: async (run, needs, upTo, now) => setWaitlist(run, needs, upTo, now),
    serve: async (all, now) =>
      all.map((run) => {
        const found = waitlistOn(run);
        if (!found) return null;
        serve(found.waitlist, anywhere, now);
        return Number.isFinite(found.waitlist.serveAt) ? epochMs(found.waitlist.serveAt) : null;
      }),
    grants: async (run) => grantsOf(run),
    async groups(run) {
      const found = waitlistOn(run);
      const waiting = found?.waitlist.groups.filter(({ start, end }) => end > start) ?? [];
      return waiting.map(({ classes, from, to, partySize, start, end }) => ({
        seatClasses: classes.map((cls) => found!.opened.runLayout.classes[cls]!),
        fromStop: from,
        toStop: to,
        partySize,
        needs: end - start,
      }));
    },
    async ahead({ run, seatClasses, fromStop, toStop, place }) {
      const found = waitlistOn(run);
      return found ? needsAhead(found.waitlist, bitsOf(found.opened, seatClasses), fromStop, toStop, place) : 0;
    },
    hear: (listener) => void listeners.push(listener),
  };

  function available(leg: Leg, now: EpochMs): Availability {
    openedAs(leg.run);
    const found = waitlistByStock.size > 0 ? waitlistOn(leg.run) : null;
    if (found) serveIfDue(found.waitlist, now);
    return runs.available(leg, now);
  }

  function retire(arrivedBefore: EpochMs): number {
    const gone = runs.retire(arrivedBefore);
    if (gone.length > 0) eraseHoldsOfRuns(table, new Set(gone.map((opened) => opened.stock)));
    for (const { stock: handle } of gone) {
      waitlistByStock.delete(handle);
      dropOffers(stock, handle);
      dropRun(stock, handle);
    }
    tell({ kind: "retired", arrivedBefore, closed: gone.map(({ run }) => run.runId) });
    return gone.length;
  }

  function mirror(hear: (changes: readonly SeatsChange[]) => void) {
    assert(shared, "only shared seats have mirrors");
    hear([
      ...chunks.map((buffer): SeatsChange => ({ kind: "chunk", buffer })),
      ...[...runs.byId.values()].map(openedChange),
      { kind: "retired", arrivedBefore: runs.retiredBefore(), closed: [] },
    ]);
    mirrors.push(hear);
  }

  return {
    hold: async (commands, now) => commands.map((command) => decide(command, now)),
    async confirm(holds) {
      for (const hold of holds) {
        const slot = find(hold);
        if (slot >= 0) confirmHold(table, slot);
      }
    },
    release: async (hold, now, seatIndexes) => release(hold, now, seatIndexes),
    setOffers: async (changes, now) => setOffers(changes, now),
    waitlists,
    available: async (legs, now) => legs.map((leg) => available(leg, now)),
    availableNow: available,
    freeSeats: async (leg, seatClass) => {
      openedAs(leg.run);
      return runs.freeSeats(leg, seatClass);
    },
    changes: (run): Changes => runs.changesOf(run),
    reload: async (holds) => holds.filter((hold) => !reloadOne(hold)).map(holdNameOf),
    async overdue(now, limit, askAgainAt) {
      if (due.length !== limit) due = new Int32Array(limit);
      const found = takeOverdue(table, now, askAgainAt, due);
      return Array.from(due.subarray(0, found), (slot): OverdueHold => ({
        runId: openByStock[table.runs[slot]!]!.run.runId,
        holdId: table.ids[slot]! as OrderId,
        line: table.lines[slot]!,
        ...(table.grants[slot] === 1 && { isGrant: true }),
      }));
    },
    retire: async (arrivedBefore) => retire(arrivedBefore),
    size: () => ({
      openRuns: runs.byId.size,
      held: table.heldCount,
      confirmed: table.confirmedCount,
      waiting: [...waitlistByStock.values()].reduce((sum, { size }) => sum + size, 0),
      bytes: [...waitlistByStock.values()].reduce(
        (sum, waitlist) => sum + waitlistBytes(waitlist),
        stockBytes(stock) + holdTableBytes(table),
      ),
    }),
    mirror,
  };
}

/** The places of changes: of each run the first step, then of each the second. What follows each other and withdraws is one. */
function roundsOf(changes: readonly OfferChange[]): number[][] {
  const rounds: number[][] = [];
  const seen = new Map<string, { step: number; isWithdrawal: boolean }>();
  for (const [place, { run, withdrawn }] of changes.entries()) {
    const isWithdrawal = withdrawn !== undefined;
    const before = seen.get(run.runId);
    const step = !before ? 0 : before.isWithdrawal && isWithdrawal ? before.step : before.step + 1;
    seen.set(run.runId, { step, isWithdrawal });
    (rounds[step] ??= []).push(place);
  }
  return rounds;
}
