/**
 * Who travelled is kept for as long as the railway has to answer for the trip, and then erased: name, document and saved passenger of
 * each ticket. Trip, seat and money stay, so that the books stay whole. Read models learn of it by the order's version.
 */
import {
  dayMs,
  type EpochMs,
  epochMs,
  hourMs,
  orderBeforeArrivalMaxMs,
  type OrderId,
  travellersKeptDaysDefault,
  travellersKeptDaysMin,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { OrderStore } from "@chepiao/ports/order-store";
import { setting, sweepingElection, wholeNumber, type Work } from "@chepiao/room";

export const travellersKeptMs = setting(
  "TRAVELLERS_KEPT_DAYS",
  String(travellersKeptDaysDefault),
  "Names and documents of travellers are erased from orders so many days after the trip; amounts stay.",
  (value) => wholeNumber(travellersKeptDaysMin, 36_500)(value) * dayMs,
);

export type RetentionDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly store: Pick<OrderStore, "namingTravellers" | "eraseTravellers">;
  readonly travellersKeptMs: number;
  /** Indexes that follow nothing by themselves are brought in line. */
  readonly afterErasing?: () => Promise<void>;
  readonly log?: (message: string) => void;
};

/** Some milliseconds of the writer process. */
const batchMax = 200;

export function createRetention(deps: RetentionDeps) {
  const { clock, store } = deps;
  /** Nothing that had to be erased by then is left: known to this process alone, so that a pass after a start looks at all orders. */
  let doneBefore: EpochMs | null = null;

  const endedBefore = (): EpochMs => epochMs(clock.now() - deps.travellersKeptMs);

  /** Orders made earlier than that had their trips before the last pass. */
  const naming = (before: EpochMs) =>
    store.namingTravellers(before, epochMs(doneBefore === null ? 0 : doneBefore - orderBeforeArrivalMaxMs));

  async function erase(orderIds: readonly OrderId[]): Promise<number> {
    let count = 0;
    for (let first = 0; first < orderIds.length; first += batchMax)
      count += await store.eraseTravellers(orderIds.slice(first, first + batchMax), clock.now());
    return count;
  }

  const retention = {
    /** Of how many orders travellers are due to be erased. */
    async due(): Promise<number> {
      let count = 0;
      for await (const page of naming(endedBefore())) count += page.length;
      return count;
    },
    /** Erases all that are due; of how many orders. Where it ends in the middle, the next pass finds the rest. */
    async pass(): Promise<number> {
      const before = endedBefore();
      let count = 0;
      for await (const page of naming(before)) count += await erase(page);
      // Each time: what was erased before a crash may be in an index still.
      await deps.afterErasing?.();
      doneBefore = before;
      if (count > 0) deps.log?.(`who travelled was erased from ${count} orders of long ago`);
      return count;
    },
  };
  const work: Work = {
    kind: "job",
    name: "travellers of long ago",
    electedAs: sweepingElection,
    everyMs: dayMs,
    // A start is busy enough.
    firstMs: hourMs,
    pass: async () => void (await retention.pass()),
    failed: "travellers of orders of long ago could not be erased; trying again",
  };
  return { ...retention, work };
}
