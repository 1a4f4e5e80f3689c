/**
 * The seat store on the engine, within one process. A run's stock is opened when its first seat is held; until then all its
 * seats are free and it costs nothing. Nothing here waits, so every command is one step that no other can come between.
 */
import {
  type Changes,
  type Composition,
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
  seatPreferences,
  seatsOf,
  type SeatPreference,
  standingParent,
  togetherness,
} from "@chepiao/contracts";
import {
  addHold,
  addRun,
  answers,
  closeness,
  confirmHold,
  createHoldTable,
  createLayout,
  createStock,
  dropRun,
  eraseHoldsOfRuns,
  findHold,
  free,
  heldSeats,
  hold as holdSeats,
  holdTableBytes,
  isPossible,
  type Layout,
  occupy,
  release as releaseInStock,
  released,
  releaseSeat,
  seatIsFree,
  seatsPerHold,
  soldOut,
  stockBytes,
  takeOverdue,
} from "@chepiao/engine";
import { assert, type EpochMs, ok, type OrderId, passengersPerOrderMax, refuse, type Result } from "@chepiao/kernel";
import type { SeatStore } from "@chepiao/ports/seat-store";

export type EngineSeats = SeatStore & {
  readonly size: () => {
    readonly openRuns: number;
    readonly held: number;
    readonly confirmed: number;
    readonly bytes: number;
  };
};

export type EngineSeatsOptions = {
  /** Holds to make room for at once, a power of two; the table doubles when they are more, with a pause. */
  readonly holdCapacity?: number;
};

/** The classes of a composition as the engine knows them: by number, in order of `classes`. */
type Plan = {
  readonly classes: readonly SeatClass[];
  readonly layouts: readonly Layout[];
  readonly standing: number;
  /** The class that must be gone before standing is sold; -1 without standing places. */
  readonly parent: number;
};

type Counter = { count: number };
/** `stock` is the engine's handle of the run. */
type OpenRun = { readonly run: Run; readonly plan: Plan; readonly stock: number; readonly changes: Counter };

export function createEngineSeats(options: EngineSeatsOptions = {}): EngineSeats {
  const stock = createStock();
  const table = createHoldTable(options.holdCapacity);
  const openRuns = new Map<RunId, OpenRun>();
  /** By the engine's handle. */
  const openByStock: OpenRun[] = [];
  /** Of every run that is open or was looked at, until it retires. */
  const counters = new Map<RunId, { readonly run: Run; readonly changes: Counter }>();
  const wishes = new Uint8Array(passengersPerOrderMax);
  let retiredBefore = -Infinity;
  let due = new Int32Array(0);

  const isRetired = (run: Run) => arrivalOf(run) < retiredBefore;

  function open(run: Run): OpenRun {
    const known = openRuns.get(run.runId);
    if (known) return known;
    const plan = planOf(run.train.composition);
    const handle = addRun(stock, plan.layouts, run.train.stops.length - 1);
    const opened = { run, plan, stock: handle, changes: changesOf(run) };
    openByStock[handle] = opened;
    openRuns.set(run.runId, opened);
    return opened;
  }

  function changesOf(run: Run): Counter {
    const known = counters.get(run.runId)?.changes;
    if (known) return known;
    const changes = { count: 0 };
    if (!isRetired(run)) counters.set(run.runId, { run, changes });
    return changes;
  }

  function decide(command: HoldCommand, now: EpochMs): Result<Held, Refusal> {
    const { holdId, run, fromStop, toStop, preferences } = command;
    const known = findHold(table, holdId);
    if (known >= 0)
      return table.states[known] === released ? refuse(refusal("HoldExpired")) : ok(firstAnswer(known, command));
    if (command.deadline <= now) return refuse(refusal("HoldExpired"));
    if (isRetired(run)) return refuse(refusal("SaleClosed"));

    const plan = openRuns.get(run.runId)?.plan ?? planOf(run.train.composition);
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
    opened.changes.count++;
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
    return parentHasSeats(opened, cls, command.fromStop, command.toStop) ? refusal("StandingNotYet") : null;
  }

  const parentHasSeats = ({ plan, stock: run }: OpenRun, cls: number, fromStop: number, toStop: number): boolean =>
    cls === plan.standing && free(stock, run, plan.parent, fromStop, toStop) > 0;

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
    if (freed.length > 0) openByStock[table.runs[slot]!]!.changes.count++;
    return freed;
  }

  function availableOn({ run, fromStop, toStop }: Leg): ReadonlyMap<SeatClass, number> {
    const counts = new Map<SeatClass, number>();
    if (isRetired(run)) return counts;
    const opened = openRuns.get(run.runId);
    const { classes, layouts, standing } = opened?.plan ?? planOf(run.train.composition);
    for (let cls = 0; cls < classes.length; cls++) {
      const seats = opened
        ? parentHasSeats(opened, cls, fromStop, toStop)
          ? 0
          : free(stock, opened.stock, cls, fromStop, toStop)
        : cls === standing
          ? 0
          : layouts[cls]!.seatCount;
      counts.set(classes[cls]!, seats);
    }
    return counts;
  }

  function freeSeatsOn({ run, fromStop, toStop }: Leg, seatClass: SeatClass): boolean[] {
    if (isRetired(run)) return [];
    const opened = openRuns.get(run.runId);
    const plan = opened?.plan ?? planOf(run.train.composition);
    const cls = plan.classes.indexOf(seatClass);
    return Array.from(
      { length: plan.layouts[cls]?.seatCount ?? 0 },
      (_, seat) => !opened || seatIsFree(stock, opened.stock, cls, seat, fromStop, toStop),
    );
  }

  /** False where a seat is taken by another hold, or does not exist. */
  function restoreOne({ holdId, run, seatClass, fromStop, toStop, seatIndexes, deadline }: RestoredHold): boolean {
    if (findHold(table, holdId) >= 0 || isRetired(run) || seatIndexes.length === 0) return true;
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
    opened.changes.count++;
    return true;
  }

  function retire(arrivedBefore: EpochMs): number {
    retiredBefore = Math.max(retiredBefore, arrivedBefore);
    for (const [runId, { run, changes }] of counters) {
      if (!isRetired(run)) continue;
      changes.count++;
      counters.delete(runId);
    }
    const gone = [...openRuns.values()].filter(({ run }) => isRetired(run));
    if (gone.length === 0) return 0;
    eraseHoldsOfRuns(table, new Set(gone.map((opened) => opened.stock)));
    for (const opened of gone) {
      dropRun(stock, opened.stock);
      openRuns.delete(opened.run.runId);
    }
    return gone.length;
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
    available: async (legs) => legs.map(availableOn),
    freeSeats: async (leg, seatClass) => freeSeatsOn(leg, seatClass),
    changes: (run): Changes => changesOf(run),
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
      openRuns: openRuns.size,
      held: table.heldCount,
      confirmed: table.confirmedCount,
      bytes: stockBytes(stock) + holdTableBytes(table),
    }),
  };
}

const arrivalOf = (run: Run): number => run.dayStart + run.train.stops.at(-1)!.arriveS * 1_000;

const wishOf = (wish: SeatPreference | null): number => (wish === null ? 0 : seatPreferences.indexOf(wish) + 1);

const plansByComposition = new WeakMap<Composition, Plan>();

export function planOf(composition: Composition): Plan {
  const known = plansByComposition.get(composition);
  if (known) return known;
  const seats = seatsOf(composition);
  const classes = [...seats.keys()];
  const parent = standingParent(composition);
  const plan = {
    classes,
    layouts: [...seats.values()].map(layoutOf),
    standing: classes.indexOf("standing"),
    parent: parent === null ? -1 : classes.indexOf(parent),
  };
  plansByComposition.set(composition, plan);
  return plan;
}

function layoutOf(seats: readonly Seat[]): Layout {
  assert(seats.length > 0, "a class that is offered has seats");
  return createLayout({
    seatCount: seats.length,
    rowOf: (seat) => seats[seat]!.row,
    coachOf: (seat) => seats[seat]!.coachNo,
    wishes: seatPreferences.map((wish) => ({
      rank: wish === "window" || wish === "aisle" ? 1 : 0,
      has: (seat) => seats[seat]!.mark === wish || seats[seat]!.kind === wish,
    })),
  });
}
