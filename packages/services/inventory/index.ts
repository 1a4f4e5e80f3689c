/**
 * The inventory room: the seats of every run, held for orders, confirmed or given back. What it sells from is a SeatStore; it
 * adds the checks at the door and the sweeper, which lets go of holds that nobody wants any more (I2).
 */
import {
  type HoldCommand,
  type HoldRef,
  type InventoryClient,
  type OrderClient,
  type Refusal,
  refusal,
  type RestoredHold,
  type Run,
} from "@chepiao/contracts";
import { type EpochMs, epochMs, minuteMs, type OrderId, passengersPerOrderMax, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { SeatBooks, SeatStore } from "@chepiao/ports/seat-store";

export { createEngineSeats, type EngineSeats, type EngineSeatsOptions } from "./engineSeats.ts";
export { createSeatsMirror, type SeatsMirror, type SeatsNews } from "./seatsMirror.ts";

export type InventoryDeps = {
  readonly seats: SeatStore;
  readonly clock: Clock;
  readonly isLive: OrderClient["isLive"];
  /** Told what went wrong in a sweep, which goes on by itself. */
  readonly report?: (trouble: unknown) => void;
};

/** Since the start, for metrics. */
export type InventoryCounters = {
  holds: number;
  seatsHeld: number;
  refusals: number;
  soldOut: number;
  confirms: number;
  seatsReleased: number;
  /** Overdue holds that were let go, that their order still wanted, and that could not be asked about. */
  sweptGone: number;
  sweptKept: number;
  sweepFailures: number;
  /** Holds that could not be restored because their seats were taken: an alarm. */
  restoreConflicts: number;
};

export type Inventory = InventoryClient &
  AsyncDisposable & {
    readonly counters: Readonly<InventoryCounters>;
    readonly books?: SeatBooks;
    /** Takes over what was sold before this process began; before the first hold. Answers what could not be restored. */
    restore(holds: readonly RestoredHold[]): Promise<readonly OrderId[]>;
    /** Forgets runs that have reached their last stop. Answers how many. */
    retire(arrivedBefore: EpochMs): Promise<number>;
    /** Begins to look for overdue holds. Disposing ends it, after the sweep under way. */
    startSweeper(): void;
    /** One look: everything overdue by now is asked about once. */
    sweep(): Promise<void>;
  };

export const sweepEveryMs = 5 * secondMs;
/** A hold that is still wanted, or could not be asked about, is asked about again after this. */
export const askAgainMs = minuteMs;
/** Orders asked about at one time. */
export const sweepBatchMax = 64;

export function createInventory(deps: InventoryDeps): Inventory {
  const { seats, clock } = deps;
  const counters = createCounters();
  let sweeping: Promise<void> | null = null;
  let cancelTimer: (() => void) | null = null;
  let disposed = false;

  async function hold(commands: readonly HoldCommand[]) {
    const refused = commands.map(refusalAtTheDoor);
    const admitted = await seats.hold(
      commands.filter((_, i) => refused[i] === null),
      clock.now(),
    );
    let next = 0;
    return refused.map((error) => count(error ? { ok: false as const, error } : admitted[next++]!));
  }

  function count(decided: Awaited<ReturnType<SeatStore["hold"]>>[number]) {
    if (decided.ok) {
      counters.holds++;
      counters.seatsHeld += decided.value.seatIndexes.length;
    } else {
      counters.refusals++;
      if (decided.error.code === "SoldOut") counters.soldOut++;
    }
    return decided;
  }

  async function release(held: HoldRef, seatIndexes?: readonly number[]) {
    const freed = await seats.release(held, seatIndexes);
    counters.seatsReleased += freed.length;
    return freed.length;
  }

  async function sweepAll() {
    for (;;) {
      const now = clock.now();
      const overdue = await seats.overdue(now, sweepBatchMax, epochMs(now + askAgainMs));
      await Promise.all(overdue.map(letGoUnlessLive));
      if (overdue.length < sweepBatchMax) return;
    }
  }

  /** An order we cannot ask about keeps its seats: selling them twice is worse than selling them late. */
  async function letGoUnlessLive(overdue: HoldRef) {
    try {
      if (await deps.isLive(overdue.holdId)) {
        counters.sweptKept++;
      } else if ((await release(overdue)) > 0) counters.sweptGone++;
    } catch (trouble) {
      counters.sweepFailures++;
      deps.report?.(trouble);
    }
  }

  async function sweep() {
    try {
      await (sweeping ??= sweepAll());
    } catch (trouble) {
      counters.sweepFailures++;
      deps.report?.(trouble);
    } finally {
      sweeping = null;
    }
  }

  function startSweeper() {
    if (disposed || cancelTimer) return;
    const again = () => {
      cancelTimer = clock.after(sweepEveryMs, () => void sweep().then(() => disposed || again()));
    };
    again();
  }

  return {
    counters,
    hold,
    async confirm(holds) {
      await seats.confirm(holds);
      counters.confirms += holds.length;
    },
    release: async (held, seatIndexes) => void (await release(held, seatIndexes)),
    available: (legs) => seats.available(legs),
    freeSeats: (leg, seatClass) => seats.freeSeats(leg, seatClass),
    ...(seats.changes && { changes: (run: Run) => seats.changes!(run) }),
    ...(seats.changedSince && { changedSince: (place: string | null) => seats.changedSince!(place) }),
    ...(seats.books && { books: seats.books }),
    async restore(holds) {
      const lost = await seats.restore(holds);
      counters.restoreConflicts += lost.length;
      return lost;
    },
    retire: (arrivedBefore) => seats.retire(arrivedBefore),
    startSweeper,
    sweep,
    async [Symbol.asyncDispose]() {
      disposed = true;
      cancelTimer?.();
      await sweeping?.catch(() => {});
    },
  };
}

/** What no store should be asked: a party or a way that cannot be. One bad command must not spoil its batch. */
function refusalAtTheDoor({ run, fromStop, toStop, preferences }: HoldCommand): Refusal | null {
  const stops = run.train.stops.length;
  const isWay =
    Number.isInteger(fromStop) && Number.isInteger(toStop) && fromStop >= 0 && fromStop < toStop && toStop < stops;
  if (!isWay) return refusal("NotOnRoute");
  if (preferences.length < 1 || preferences.length > passengersPerOrderMax) return refusal("MalformedRequest");
  return null;
}

const createCounters = (): InventoryCounters => ({
  holds: 0,
  seatsHeld: 0,
  refusals: 0,
  soldOut: 0,
  confirms: 0,
  seatsReleased: 0,
  sweptGone: 0,
  sweptKept: 0,
  sweepFailures: 0,
  restoreConflicts: 0,
});
