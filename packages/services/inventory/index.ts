/**
 * The inventory room: the seats of every run, held for orders, confirmed or given back. What it sells from is a SeatStore; it
 * adds the checks at the door and the sweeper, which lets go of holds that nobody wants any more (I2).
 */
import {
  type Availability,
  type HoldCommand,
  type HoldName,
  type InventoryClient,
  type Leg,
  type LinesClient,
  type OfferChange,
  type OrderClient,
  type Refusal,
  refusal,
  type OverdueHold,
  type RecordedHold,
  type Run,
  type RunId,
  timetableFreshMs,
  type WaitlistClient,
  type WaitlistStep,
} from "@chepiao/contracts";
import { type EpochMs, epochMs, hourMs, minuteMs, passengersPerOrderMax, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { HoldsView, SeatStore } from "@chepiao/ports/seat-store";
import { sweepingElection, type Work } from "@chepiao/room";

export { createEngineSeats, type EngineSeats, type EngineSeatsOptions } from "./engineSeats.ts";
export { type GroupEffect, type GroupSale, quotaEffects } from "./quotaEffect.ts";
export { type QuotaFault, type QuotaLine, readQuotas } from "./quotaFile.ts";
export { madeUpDemand, type TrialOutcome, type TrialRequest, trySale } from "./quotaTrial.ts";
export { createQuotaKeeper } from "./quotas.ts";
export { planRefit } from "./refit.ts";
export { createWithdrawnKeeper } from "./withdrawn.ts";
export { createSeatsMirror, type SeatsMirror, type SeatsChange } from "./seatsMirror.ts";

export type InventoryDeps = {
  readonly seats: SeatStore;
  readonly clock: Clock;
  readonly isLive: OrderClient["isLive"];
  /** Where a run does not run nothing is sold, through no channel; every run runs where it is left out. */
  readonly isCancelled?: (leg: Leg) => boolean;
  /** Runs that nobody may buy before who waits for them is in their lines (I5); none where it is left out. */
  readonly isAdded?: (run: Run) => boolean;
  /** Is a grant still wanted that is held beyond its deadline? Whose it is says the waitlist and not the orders. */
  readonly isGrantWanted: WaitlistClient["isGrantWanted"];
  /** By its name, where the timetable knows it. */
  readonly runOf: (runId: RunId) => Run | null;
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
  /** Holds that could not be reloaded because their seats were taken: an alarm. */
  reloadConflicts: number;
};

export type Inventory = InventoryClient &
  LinesClient & {
    readonly counters: Readonly<InventoryCounters>;
    readonly holdsView?: HoldsView;
    /** Takes over what was sold before this process began; before the first hold. Answers what could not be reloaded. */
    reload(holds: readonly RecordedHold[]): Promise<readonly HoldName[]>;
    /** What may be sold of a run, as `SeatStore.setOffers`: for the rooms that keep waitlists and quotas. */
    setOffers(changes: readonly OfferChange[]): Promise<(Refusal | null)[]>;
    /** Told of seats that came back while somebody waited, and of those that were given to who waits. */
    hearSteps(listener: (step: WaitlistStep) => void): void;
    /** Forgets runs that have reached their last stop. Answers how many. */
    retire(arrivedBefore: EpochMs): Promise<number>;
    /** One look: everything overdue by now is asked about once. */
    sweep(): Promise<void>;
    readonly work: readonly Work[];
  };

export const sweepEveryMs = 5 * secondMs;
const retireEveryMs = 10 * minuteMs;
/** A hold that is still wanted, or could not be asked about, is asked about again after this. */
export const askAgainMs = minuteMs;
/** Orders asked about at one time. */
export const sweepBatchMax = 64;

export function createInventory(deps: InventoryDeps): Inventory {
  const { seats, clock } = deps;
  const counters = createCounters();
  let sweeping: Promise<void> | null = null;

  async function hold(commands: readonly HoldCommand[]) {
    const refused = commands.map((command) => {
      if (deps.isCancelled?.(command)) return refusal("RunCancelled");
      const isKept = command.channel !== "waitlist" && deps.isAdded?.(command.run);
      return isKept ? refusal("WaitlistFirst") : refusalAtTheDoor(command);
    });
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

  async function available(legs: readonly Leg[]): Promise<Availability[]> {
    const stocks = await seats.available(legs, clock.now());
    return stocks.map((stock, n) => publicly(legs[n]!, stock));
  }

  const publicly = ({ run }: Leg, stock: Availability): Availability => (deps.isAdded?.(run) ? keptBack(stock) : stock);

  const keptBack = (stock: Availability): Availability =>
    new Map(
      [...stock.keys()].map((seatClass) => [
        seatClass,
        { sellable: 0, refusal: "WaitlistFirst", changesAt: epochMs(clock.now() + timetableFreshMs) },
      ]),
    );

  async function release(held: HoldName, seatIndexes?: readonly number[]) {
    const freed = await seats.release(held, clock.now(), seatIndexes);
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
  async function letGoUnlessLive({ isGrant, ...overdue }: OverdueHold) {
    try {
      if (await (isGrant ? deps.isGrantWanted(overdue) : deps.isLive(overdue.holdId))) {
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

  const work: readonly Work[] = [
    {
      kind: "job",
      name: "overdue holds",
      electedAs: sweepingElection,
      everyMs: sweepEveryMs,
      pass: sweep,
      failed: null,
    },
    {
      kind: "job",
      name: "runs that have arrived",
      electedAs: sweepingElection,
      everyMs: retireEveryMs,
      pass: async () => void (await seats.retire(epochMs(clock.now() - hourMs))),
      failed: null,
    },
  ];

  return {
    counters,
    hold,
    async confirm(holds) {
      await seats.confirm(holds);
      counters.confirms += holds.length;
    },
    release: async (held, seatIndexes) => void (await release(held, seatIndexes)),
    available,
    ...(seats.availableNow && {
      availableNow: (leg: Leg) => publicly(leg, seats.availableNow!(leg, clock.now())),
    }),
    freeSeats: (leg, seatClass) => seats.freeSeats(leg, seatClass),
    ...(seats.changes && { changes: (run: Run) => seats.changes!(run) }),
    ...(seats.changedRuns && { changedRuns: (place: string | null) => seats.changedRuns!(place) }),
    ...(seats.holdsView && { holdsView: seats.holdsView }),
    async reload(holds) {
      const lost = await seats.reload(holds);
      counters.reloadConflicts += lost.length;
      return lost;
    },
    setOffers: (changes) => seats.setOffers(changes, clock.now()),
    ...createLines(deps),
    hearSteps: (listener) => seats.waitlists.hear(listener),
    retire: (arrivedBefore) => seats.retire(arrivedBefore),
    sweep,
    work,
  };
}

/** Who waits, as other rooms ask it. */
function createLines({ seats: { waitlists }, clock, runOf }: InventoryDeps): LinesClient {
  return {
    join: (needs) => waitlists.join(needs, clock.now()),
    async leave(names) {
      for (const [runId, ofRun] of Map.groupBy(names, (name) => name.runId)) {
        const run = runOf(runId);
        if (run) await waitlists.leave(run, ofRun);
      }
    },
    setLine: async (run, needs, upTo) => void (await waitlists.set(run, needs, upTo, clock.now())),
    serveLines: async (runs) => void (await waitlists.serve(runs, clock.now())),
    grants: (run) => waitlists.grants(run),
    groups: (run) => waitlists.groups(run),
    ahead: (places) => Promise.all(places.map((place) => waitlists.ahead(place))),
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
  reloadConflicts: 0,
});
