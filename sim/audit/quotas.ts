/**
 * What quotas leave, said slowly: from who holds what, and from what an operator set, by stations. Nothing of the platform's own counting is
 * in it, so that both can be wrong in their own ways.
 */
import {
  type ClassAvailability,
  type Quota,
  type Run,
  type RunId,
  type SeatClass,
  seatsOf,
  standingParent,
  type Timetable,
  trainAndDateOf,
} from "@chepiao/contracts";
import { type EpochMs, epochMs, secondMs } from "@chepiao/kernel";
import type { OrderRecord } from "@chepiao/ports/order-store";
import type { ClassQuotas, QuotaStore } from "@chepiao/ports/quota-store";
import type { SeatStore } from "@chepiao/ports/seat-store";
import { liveTickets } from "./orders.ts";
import type { WithdrawnBook } from "./withdrawn.ts";

export type Way = { readonly fromStop: number; readonly toStop: number };
/** Seats that somebody has got over a way. */
export type Taken = Way & { readonly seatClass: SeatClass; readonly seatIndexes: readonly number[] };

const isOf = ({ fromStops, toStops }: Quota, { fromStop, toStop }: Way): boolean =>
  fromStops.includes(fromStop) && toStops.includes(toStop);

/** Of a quota, what may be held of it at that moment. */
function limitAt({ limits }: Quota, at: EpochMs): number {
  let seats: number | null = 0;
  for (const limit of limits) if (limit.since <= at) seats = limit.seats;
  return seats ?? Infinity;
}

/** How many more may be held over the way, or, below nothing, how many too many are. */
export function leftOver(
  quotas: readonly Quota[],
  taken: Iterable<Taken>,
  seatClass: SeatClass,
  way: Way,
  at: EpochMs,
): number {
  const ofClass = [...taken].filter((each) => each.seatClass === seatClass);
  return Math.min(
    Infinity,
    ...quotas
      .filter((quota) => isOf(quota, way))
      .map((quota) =>
        ofClass
          .filter((each) => isOf(quota, each))
          .reduce((left, { seatIndexes }) => left - seatIndexes.length, limitAt(quota, at)),
      ),
  );
}

/** Stations as stops of the run; a quota of ways that it does not go limits nothing. */
export function quotasOn({ train: { stops } }: Run, { quotas }: Pick<ClassQuotas, "quotas">): Quota[] {
  const stopsAt = (stations: readonly string[] | null) =>
    [...stops.keys()].filter((stop) => stations === null || stations.includes(stops[stop]!.stationId));
  return quotas
    .map(({ fromStations, toStations, limits }) => ({
      fromStops: stopsAt(fromStations),
      toStops: stopsAt(toStations),
      limits,
    }))
    .filter(({ fromStops, toStops }) => fromStops.some((from) => toStops.some((to) => from < to)));
}

/** What an operator has set, and what of it may be in force while word of it is on its way. */
export type QuotaBook = {
  /** Of a run's class; more than one where a change may not have come through yet. */
  possible(run: Run, seatClass: SeatClass): readonly (readonly Quota[])[];
  /** What was set last. */
  latest(run: Run, seatClass: SeatClass): readonly Quota[];
  runIds(): readonly RunId[];
  /** When, after that moment, a limit begins, as the railway has made known. */
  nextLimit(runId: RunId, seatClass: SeatClass, after: EpochMs): EpochMs | null;
  /** From now on nothing but the latest can be in force. */
  settle(): void;
  /** A store of quotas that writes down here what is set in it. */
  kept(store: QuotaStore): QuotaStore;
};

export function createQuotaBook(): QuotaBook {
  const byRun = new Map<RunId, Map<SeatClass, ClassQuotas[]>>();
  const none = { quotas: [] };

  function write({ runId, seatClass, quotas }: ClassQuotas) {
    const ofRun = byRun.get(runId) ?? new Map<SeatClass, ClassQuotas[]>();
    byRun.set(runId, ofRun);
    ofRun.set(seatClass, [...(ofRun.get(seatClass) ?? [{ runId, seatClass, ...none }]), { runId, seatClass, quotas }]);
  }
  const of = (run: Run, seatClass: SeatClass) => byRun.get(run.runId)?.get(seatClass) ?? [none];

  return {
    possible: (run, seatClass) => of(run, seatClass).map((each) => quotasOn(run, each)),
    latest: (run, seatClass) => quotasOn(run, of(run, seatClass).at(-1)!),
    runIds: () => [...byRun.keys()],
    nextLimit(runId, seatClass, after) {
      const quotas = byRun.get(runId)?.get(seatClass)?.at(-1)?.quotas ?? [];
      const moments = quotas.flatMap(({ limits }) => limits.map(({ since }) => since)).filter((since) => since > after);
      return moments.length === 0 ? null : epochMs(Math.min(...moments));
    },
    settle() {
      for (const ofRun of byRun.values()) for (const [seatClass, all] of ofRun) ofRun.set(seatClass, all.slice(-1));
    },
    kept: (store) => ({
      ...store,
      async set(after, changes) {
        const version = await store.set(after, changes);
        if (version !== null) for (const change of changes) write(change);
        return version;
      },
    }),
  };
}

/** I5: what was set is what the public is shown, from the tickets there are. Where somebody waits, looking would serve him, and nothing is asked. */
export async function publicIsShownWhatQuotasLeave(
  seats: Pick<SeatStore, "available" | "freeSeats" | "waitlists">,
  { book, withdrawn }: { readonly book: QuotaBook; readonly withdrawn: WithdrawnBook },
  timetable: Timetable,
  orders: readonly OrderRecord[],
  now: EpochMs,
): Promise<string[]> {
  const wrong: string[] = [];
  const tickets = liveTickets(orders);
  for (const run of runsOf(book, timetable, now)) {
    if ((await seats.waitlists.groups(run)).length > 0) continue;
    const taken = tickets
      .filter(({ line }) => line.runId === run.runId)
      .map(({ line, ticket }): Taken => ({ ...line, seatIndexes: [ticket.seatIndex] }));
    for (const way of waysOn(run)) {
      const [shown] = await seats.available([{ run, ...way }], now);
      for (const seatClass of seatsOf(run.train.composition).keys()) {
        const expected = sellableOn(run, seatClass, way, taken, { book, withdrawn, now });
        const { sellable } = shown!.get(seatClass) ?? ({ sellable: 0 } satisfies Partial<ClassAvailability>);
        if (sellable !== expected)
          wrong.push(
            `I5: ${sellable} ${seatClass} of ${run.runId} are shown on ${way.fromStop}–${way.toStop}, and its quotas leave ${expected}`,
          );
      }
    }
  }
  return wrong;
}

function sellableOn(
  run: Run,
  seatClass: SeatClass,
  way: Way,
  taken: readonly Taken[],
  { book, withdrawn, now }: { readonly book: QuotaBook; readonly withdrawn: WithdrawnBook; readonly now: EpochMs },
): number {
  const freeIn = (each: SeatClass) => freeOn(run, each, way, taken, withdrawn.latest(run, each));
  const parent = seatClass === "standing" ? standingParent(run.train.composition) : null;
  if (parent !== null && freeIn(parent) > 0) return 0;
  const left = leftOver(book.latest(run, seatClass), taken, seatClass, way, now);
  return Math.max(0, Math.min(freeIn(seatClass), left));
}

function freeOn(
  { train }: Run,
  seatClass: SeatClass,
  { fromStop, toStop }: Way,
  taken: readonly Taken[],
  withdrawn: ReadonlySet<number>,
): number {
  const inTheWay = taken.filter(
    (each) => each.seatClass === seatClass && each.fromStop < toStop && fromStop < each.toStop,
  );
  const gone = new Set(inTheWay.flatMap(({ seatIndexes }) => seatIndexes)).union(withdrawn);
  return seatsOf(train.composition).get(seatClass)!.length - gone.size;
}

/** Those of a book that have not arrived. */
export const runsOf = (book: Pick<QuotaBook, "runIds">, timetable: Timetable, now: EpochMs): Run[] =>
  book
    .runIds()
    .map((runId) => timetable.run(...trainAndDateOf(runId)))
    .filter((run) => run !== null)
    .filter((run) => epochMs(run.dayStart + run.train.stops.at(-1)!.arriveS * secondMs) > now);

function* waysOn({ train: { stops } }: Run): Generator<Way> {
  for (let fromStop = 0; fromStop < stops.length; fromStop++)
    for (let toStop = fromStop + 1; toStop < stops.length; toStop++) yield { fromStop, toStop };
}
