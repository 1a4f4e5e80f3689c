/**
 * What may be sold now, for who cannot wait for it. Where the seats are in this process they are looked at. Where they are in another one,
 * what was asked for is kept for as long as the run's count of changes says that it is right, or for half a second where nothing says so.
 */
import type { Availability, Changes, InventoryClient, Leg, RunId } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import { createGenerationCache } from "../generationCache.ts";
import { stockChangesAt } from "../offers.ts";
import { tickOf } from "../pages.ts";
import { stopsPerTrain } from "./network.ts";

export type Stock = {
  /** Nothing has to be asked for. */
  readonly isHere: boolean;
  /** Undefined where it has to be asked for. */
  known(leg: Leg, now: EpochMs): Availability | undefined;
  ask(legs: readonly Leg[], now: EpochMs): Promise<void>;
};

/** Of one way on a run. */
type Kept = {
  readonly stock: Availability;
  /** What the count said before it was asked for. */
  readonly seen: number;
  readonly tick: number;
  readonly changesAt: number;
};
type KeptRun = {
  readonly trainVersionId: number;
  readonly changes: Changes | undefined;
  readonly ways: Map<number, Kept>;
};

/** Some 100,000 ways. */
const keptBytesMax = 64 * 2 ** 20;
const wayBytes = 600;
/** Asked in one call. */
const asksMax = 500;

export function createStock(inventory: Pick<InventoryClient, "available" | "availableNow" | "changes">): Stock {
  const here = inventory.availableNow;
  if (here) return { isHere: true, known: (leg) => here(leg), ask: async () => {} };
  const runs = createGenerationCache<KeptRun>(keptBytesMax);

  function keptRun({ run }: Leg): KeptRun {
    const known = runs.get(run.runId);
    if (known?.trainVersionId === run.train.trainVersionId) return known;
    return { trainVersionId: run.train.trainVersionId, changes: inventory.changes?.(run), ways: new Map() };
  }

  const wayOf = ({ fromStop, toStop }: Leg) => fromStop * stopsPerTrain + toStop;

  function isRight({ changes }: KeptRun, { seen, tick, changesAt }: Kept, now: EpochMs): boolean {
    if (now >= changesAt) return false;
    return changes && !changes.silent ? changes.count === seen : tick === tickOf(now);
  }

  async function askSome(legs: readonly Leg[], now: EpochMs): Promise<void> {
    const kept = legs.map((leg) => ({ leg, run: keptRun(leg) }));
    // Before they are asked for: what changes meanwhile is asked for again, rather than never.
    const counts = kept.map(({ run }) => run.changes?.count ?? -1);
    const answers = await inventory.available(legs);
    const asked = new Map<RunId, KeptRun>();
    for (const [n, { leg, run }] of kept.entries()) {
      const ofRun = asked.get(leg.run.runId) ?? run;
      asked.set(leg.run.runId, ofRun);
      const stock = answers[n]!;
      ofRun.ways.set(wayOf(leg), { stock, seen: counts[n]!, tick: tickOf(now), changesAt: stockChangesAt(stock) });
    }
    for (const [runId, run] of asked) runs.put(runId, run, run.ways.size * wayBytes);
  }

  return {
    isHere: false,
    known(leg, now) {
      const run = runs.get(leg.run.runId);
      if (run?.trainVersionId !== leg.run.train.trainVersionId) return undefined;
      const kept = run.ways.get(wayOf(leg));
      return kept && isRight(run, kept, now) ? kept.stock : undefined;
    },
    async ask(legs, now) {
      // One call at a time: how many questions wait is bounded, and so is what is asked for at once.
      for (let n = 0; n < legs.length; n += asksMax) await askSome(legs.slice(n, n + asksMax), now);
    },
  };
}
