/**
 * What needs an act now, and today's numbers: counted at one place, and kept for a second for all who ask. Each is counted by itself, so that an
 * engine which does not answer leaves its number open and hides no other.
 *
 * How they are counted of 10^6 orders: from indexes that have all that is asked (adapters/sql/operationsCounts.ts), or where orders lie in
 * thousands of tables by the search, which counts them by state.
 */
import type { OrderState, Overview, OverviewMatter } from "@chepiao/contracts";
import {
  dateIn,
  dayMs,
  type EpochMs,
  epochMs,
  formatInZone,
  secondMs,
  serviceDayStart,
  type ZoneName,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Log } from "@chepiao/ports/log";
import type { Counted, OperationsCounts } from "@chepiao/ports/operations-counts";
import type { OrderSearch } from "@chepiao/ports/order-search";
import type { OrderStore } from "@chepiao/ports/order-store";
import type { Outbox } from "@chepiao/ports/outbox";
import type { ReconciliationStore } from "@chepiao/ports/reconciliation-store";
import type { RiskStore } from "@chepiao/ports/risk-store";
import { type NotRun, notRunIn, type RunStateStore } from "@chepiao/ports/run-states";

export type OverviewDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly zone: ZoneName;
  readonly counts: OperationsCounts;
  readonly outbox: Pick<Outbox, "backlog">;
  readonly log: { readonly deadLetters: Pick<Log["deadLetters"], "list"> };
  readonly reconciliation: Pick<ReconciliationStore, "open">;
  readonly risk: Pick<RiskStore, "appeals">;
  readonly runStates: Pick<RunStateStore, "cancellationsOf" | "read">;
  readonly orders: Pick<OrderStore, "holdersOn">;
  readonly orderSearch: Pick<OrderSearch, "statistics"> | null;
};

/** As old as a number may be. */
const freshMs = secondMs;
/** Of what is found by reading topics, and orders: not at each question. */
const rarelyMs = 10 * secondMs;
/** Embedded, nobody buys while rows are counted: a twentieth of the time at most, so that numbers of a day with 10^6 orders are older. */
const pausePerCount = 19;
/** More are not counted: whoever has so many to do needs no number. */
const countedMax = 1_000;
/** What failed longer ago was seen, or is not missed. */
const mailsSeenMs = 3 * dayMs;
/** Runs whose holders are looked for, one by one, at a time. */
const runsMax = 200;

type Matter = { readonly count: number; readonly since: EpochMs | null };

export function createOverview(deps: OverviewDeps): () => Promise<Overview> {
  const { clock, zone, counts, outbox, log, reconciliation, risk } = deps;
  const deadLetters = kept(clock, rarelyMs, async () => {
    const list = await log.deadLetters.list();
    return { count: list.length, since: list[0]?.buriedAt ?? null };
  });
  const matters: Readonly<Record<OverviewMatter, () => Promise<Matter>>> = {
    deadLetters,
    async outbox() {
      const { count, oldestAt } = await outbox.backlog();
      return { count, since: oldestAt };
    },
    failedRefunds: async () => matterOf(await counts.failedRefunds(countedMax)),
    async reconciliationCases() {
      const open = await reconciliation.open(countedMax);
      return { count: open.length, since: open[0]?.firstSeenAt ?? null };
    },
    cancelledRuns: kept(clock, rarelyMs, () => cancelledWithOrders(deps)),
    async appeals() {
      const open = await risk.appeals("open", countedMax);
      return { count: open.length, since: open[0]?.at ?? null };
    },
    failedMails: async () => matterOf(await counts.failedMails(epochMs(clock.now() - mailsSeenMs), countedMax)),
  };

  async function countAll(): Promise<Overview> {
    const now = clock.now();
    const date = dateIn(zone, now);
    const since = serviceDayStart(date, zone);
    const [shown, orders, money, waiting] = await Promise.all([
      Promise.all(
        (Object.keys(matters) as OverviewMatter[]).map(async (matter) =>
          shownAs(matter, await orNull(matters[matter]())),
        ),
      ),
      orNull(ordersOf(deps, since)),
      orNull(counts.moneySince(since)),
      orNull(counts.waitingEntries()),
    ]);
    return {
      at: formatInZone(now, zone),
      matters: shown,
      today: {
        date,
        orders: orders && [...orders],
        capturedFen: money?.capturedFen ?? null,
        refundedFen: money?.refundedFen ?? null,
        waiting,
      },
    };
  }

  const shownAs = (matter: OverviewMatter, counted: Matter | null): Overview["matters"][number] => ({
    matter,
    count: counted?.count ?? null,
    isAtLeast: isCapped(matter) && (counted?.count ?? 0) >= countedMax,
    since: counted?.since == null ? null : formatInZone(counted.since, zone),
  });

  return kept(clock, freshMs, countAll);
}

const isCapped = (matter: OverviewMatter): boolean => matter !== "deadLetters" && matter !== "outbox";
const matterOf = ({ count, oldestAt }: Counted): Matter => ({ count, since: oldestAt });

async function ordersOf({ counts, orderSearch }: OverviewDeps, since: EpochMs) {
  const counted = await counts.ordersSince(since);
  if (counted !== null || orderSearch === null) return counted;
  const found = await orderSearch.statistics({ createdAt: { from: since } }, "state", countedMax);
  return found.map(({ key, orders, passengers }) => ({ state: key as OrderState, orders, tickets: passengers }));
}

/** Runs that do not run, or not all the way, on which somebody still has a ticket for it. */
async function cancelledWithOrders({ runStates, orders }: OverviewDeps): Promise<Matter> {
  const off = new Map<string, NotRun>();
  for (const { runs } of (await runStates.read()).values())
    for (const run of runs) {
      const notRun = notRunIn(run);
      if (notRun && (notRun.skipped === null || !off.has(run.runId))) off.set(run.runId, notRun);
    }
  const held = await Promise.all(
    [...off.values()]
      .slice(0, runsMax)
      .map(async ({ runId, skipped }) => ((await orders.holdersOn(runId, skipped)).length > 0 ? [runId] : [])),
  );
  const runIds = held.flat();
  if (runIds.length === 0) return { count: 0, since: null };
  const since = (await runStates.cancellationsOf(runIds)).filter(({ endedAt }) => endedAt === null);
  return { count: runIds.length, since: since[0]?.since ?? null };
}

const orNull = async <T>(counting: Promise<T>): Promise<T | null> => counting.catch(() => null);

/** What is asked for again within that time is counted once; who comes while it is being counted waits for the same. */
function kept<T>(clock: Pick<Clock, "now">, forMs: number, count: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: EpochMs; readonly value: Promise<T>; untilAt: number } | null = null;
  return () => {
    const now = clock.now();
    if (last !== null && now < last.untilAt && now >= last.at) return last.value;
    const value = count();
    const mine = { at: now, value, untilAt: Infinity };
    last = mine;
    value.then(
      () => (mine.untilAt = Math.max(now + forMs, clock.now() + pausePerCount * (clock.now() - now))),
      () => {
        if (last === mine) last = null;
      },
    );
    return value;
  };
}
