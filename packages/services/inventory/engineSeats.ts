/**
 * The seat store on the engine, within one process. Nothing here waits, so every command is one step that no other can come
 * between.
 */
import {
  type Changes,
  type Held,
  type HoldCommand,
  type HoldRef,
  type Refusal,
  refusal,
  type RestoredHold,
  type Run,
  togetherness,
} from "@chepiao/contracts";
import {
  addHold,
  addRun,
  answers,
  closeness,
  confirmHold,
  countChange,
  createHoldTable,
  createStock,
  dropRun,
  eraseHoldsOfRuns,
  findHold,
  heldSeats,
  hold as holdSeats,
  holdTableBytes,
  isPossible,
  occupy,
  placeOf,
  release as releaseInStock,
  released,
  releaseSeat,
  seatsPerHold,
  soldOut,
  stockBytes,
  takeOverdue,
} from "@chepiao/engine";
import { assert, type EpochMs, ok, type OrderId, passengersPerOrderMax, refuse, type Result } from "@chepiao/kernel";
import type { SeatStore } from "@chepiao/ports/seat-store";
import { createOpenRuns, type OpenRun } from "./openRuns.ts";
import { planOf, wishOf } from "./plans.ts";
import type { SeatsNews } from "./seatsMirror.ts";

export type EngineSeats = SeatStore & {
  readonly size: () => {
    readonly openRuns: number;
    readonly held: number;
    readonly confirmed: number;
    readonly bytes: number;
  };
  /** Tells a mirror how things are, at once, and from then on what happens. Only of seats that are shared. */
  mirror(hear: (news: readonly SeatsNews[]) => void): void;
};

export type EngineSeatsOptions = {
  /** Holds to make room for at once, a power of two; the table doubles when they are more, with a pause. */
  readonly holdCapacity?: number;
  /** In memory that other threads may see. */
  readonly shared?: boolean;
};

export function createEngineSeats({ holdCapacity, shared = false }: EngineSeatsOptions = {}): EngineSeats {
  const chunks: SharedArrayBuffer[] = [];
  const mirrors: ((news: readonly SeatsNews[]) => void)[] = [];
  const stock = createStock(shared ? allocateShared : undefined);
  const table = createHoldTable(holdCapacity);
  const runs = createOpenRuns(stock);
  /** By the engine's handle. */
  const openByStock: OpenRun[] = [];
  const wishes = new Uint8Array(passengersPerOrderMax);
  let due = new Int32Array(0);

  const tell = (news: SeatsNews) => mirrors.forEach((hear) => hear([news]));

  function allocateShared(byteCount: number): SharedArrayBuffer {
    const buffer = new SharedArrayBuffer(byteCount);
    chunks.push(buffer);
    tell({ kind: "chunk", buffer });
    return buffer;
  }

  function open(run: Run): OpenRun {
    const known = runs.byId.get(run.runId);
    if (known) return known;
    const handle = addRun(stock, planOf(run.train.composition).layouts, run.train.stops.length - 1);
    const opened = runs.put(run, handle);
    openByStock[handle] = opened;
    tell(openedNews(opened));
    return opened;
  }

  const openedNews = ({ run, stock: handle }: OpenRun): SeatsNews => ({
    kind: "opened",
    runId: run.runId,
    address: placeOf(stock, handle),
  });

  function decide(command: HoldCommand, now: EpochMs): Result<Held, Refusal> {
    const { holdId, run, fromStop, toStop, preferences } = command;
    const known = findHold(table, holdId);
    if (known >= 0)
      return table.states[known] === released ? refuse(refusal("HoldExpired")) : ok(firstAnswer(known, command));
    if (command.deadline <= now) return refuse(refusal("HoldExpired"));
    if (runs.isRetired(run)) return refuse(refusal("SaleClosed"));

    const plan = runs.byId.get(run.runId)?.plan ?? planOf(run.train.composition);
    const cls = plan.classes.indexOf(command.seatClass);
    if (cls < 0) return refuse(refusal("ClassNotOffered"));
    const layout = plan.layouts[cls]!;
    for (let p = 0; p < preferences.length; p++) {
      wishes[p] = wishOf(preferences[p]!);
      if (!isPossible(layout, wishes[p]!)) return refuse(refusal("PreferenceImpossible"));
    }

    const opened = open(run);
    const refused = gate(opened, cls, command);
    if (refused) return refuse(refused);
    const together = holdSeats(stock, opened.stock, cls, fromStop, toStop, preferences.length, wishes);
    if (together === soldOut) return refuse(refusal("SoldOut"));
    addHold(table, holdId, opened.stock, cls, fromStop, toStop, command.deadline, heldSeats, preferences.length);
    countChange(stock, opened.stock);
    return ok({
      seatIndexes: Array.from(heldSeats.subarray(0, preferences.length)),
      together: togetherness[together]!,
      granted: preferences.map((_, p) => answers(layout, wishes[p]!, heldSeats[p]!)),
    });
  }

  /**
   * May these seats be sold to the public now, even if they are free? Decided in the same step as the hold, so whatever keeps
   * seats back from public sale is asked here: standing room today; the waitlist of the run and class, and quotas of
   * origin–destination groups, when they come.
   */
  function gate(opened: OpenRun, cls: number, command: HoldCommand): Refusal | null {
    const { fromStop, toStop } = command;
    return runs.mustSit(opened, cls, fromStop, toStop) ? refusal("StandingNotYet") : null;
  }

  /** A hold is its seats: how they lie says what was answered, so nothing else of the answer is kept. */
  function firstAnswer(slot: number, { preferences }: HoldCommand): Held {
    const layout = openByStock[table.runs[slot]!]!.plan.layouts[table.classes[slot]!]!;
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
  function find({ runId, holdId }: HoldRef): number {
    const slot = findHold(table, holdId);
    return slot >= 0 && openByStock[table.runs[slot]!]!.run.runId === runId ? slot : -1;
  }

  function release(hold: HoldRef, seatIndexes?: readonly number[]): number[] {
    const slot = find(hold);
    const freed: number[] = [];
    if (slot < 0) return freed;
    for (let place = 0; place < table.counts[slot]!; place++) {
      const seat = table.seats[slot * seatsPerHold + place]!;
      if (seatIndexes && !seatIndexes.includes(seat)) continue;
      if (!releaseSeat(table, slot, place)) continue;
      releaseInStock(stock, table.runs[slot]!, table.classes[slot]!, seat, table.froms[slot]!, table.tos[slot]!);
      freed.push(seat);
    }
    if (freed.length > 0) countChange(stock, table.runs[slot]!);
    return freed;
  }

  /** False where a seat is taken by another hold, or does not exist. */
  function restoreOne({ holdId, run, seatClass, fromStop, toStop, seatIndexes, deadline }: RestoredHold): boolean {
    if (findHold(table, holdId) >= 0 || runs.isRetired(run) || seatIndexes.length === 0) return true;
    const opened = open(run);
    const cls = opened.plan.classes.indexOf(seatClass);
    const seatCount = opened.plan.layouts[cls]?.seatCount ?? 0;
    for (let i = 0; i < seatIndexes.length; i++) {
      const seat = seatIndexes[i]!;
      if (seat < seatCount && occupy(stock, opened.stock, cls, seat, fromStop, toStop)) continue;
      for (let j = 0; j < i; j++) releaseInStock(stock, opened.stock, cls, seatIndexes[j]!, fromStop, toStop);
      return false;
    }
    addHold(table, holdId, opened.stock, cls, fromStop, toStop, deadline, seatIndexes, seatIndexes.length);
    countChange(stock, opened.stock);
    return true;
  }

  function retire(arrivedBefore: EpochMs): number {
    const gone = runs.retire(arrivedBefore);
    if (gone.length > 0) eraseHoldsOfRuns(table, new Set(gone.map((opened) => opened.stock)));
    for (const { stock: handle } of gone) dropRun(stock, handle);
    tell({ kind: "retired", arrivedBefore, closed: gone.map(({ run }) => run.runId) });
    return gone.length;
  }

  function mirror(hear: (news: readonly SeatsNews[]) => void) {
    assert(shared, "only shared seats have mirrors");
    hear([
      ...chunks.map((buffer): SeatsNews => ({ kind: "chunk", buffer })),
      ...[...runs.byId.values()].map(openedNews),
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
    release: async (hold, seatIndexes) => release(hold, seatIndexes),
    available: async (legs) => legs.map(runs.available),
    freeSeats: async (leg, seatClass) => runs.freeSeats(leg, seatClass),
    changes: (run): Changes => runs.changesOf(run),
    restore: async (holds) => holds.filter((hold) => !restoreOne(hold)).map((hold) => hold.holdId),
    async overdue(now, limit, askAgainAt) {
      if (due.length !== limit) due = new Int32Array(limit);
      const found = takeOverdue(table, now, askAgainAt, due);
      return Array.from(due.subarray(0, found), (slot) => ({
        runId: openByStock[table.runs[slot]!]!.run.runId,
        holdId: table.ids[slot]! as OrderId,
      }));
    },
    retire: async (arrivedBefore) => retire(arrivedBefore),
    size: () => ({
      openRuns: runs.byId.size,
      held: table.heldCount,
      confirmed: table.confirmedCount,
      bytes: stockBytes(stock) + holdTableBytes(table),
    }),
    mirror,
  };
}
