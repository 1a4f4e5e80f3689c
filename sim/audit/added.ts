/**
 * Trains that the railway adds, said from outside: which runs a newer timetable brought, who waited at that moment and had said that such a
 * train will do, and what of it he can have. Nothing of the platform's own giving out is in it.
 */
import {
  type Run,
  type RunId,
  type SeatClass,
  seatsOf,
  type Timetable,
  type WaitlistRequest,
} from "@chepiao/contracts";
import { assert, dateIn, type EpochMs, epochMs, formatInZone, minuteMs, type OrderId, secondMs } from "@chepiao/kernel";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import type { WaitlistRecord } from "@chepiao/ports/waitlist-store";
import type { Way } from "./quotas.ts";

/** What somebody who waits may have of an added run. */
export type Due = Way & {
  readonly entryId: OrderId;
  readonly place: number;
  readonly seatCount: number;
  readonly seatClasses: readonly SeatClass[];
};

export type AddedBook = {
  /** Runs of further trains in an operator's newest feed. */
  readonly decided: Set<RunId>;
  /** Those that have been imported. */
  runIds(): readonly RunId[];
  /** A store of timetables: what was decided is written down here as imported when it is. */
  kept(store: TimetableStore): TimetableStore;
  /** What the owner of a key asks the waitlist for. */
  asks(key: string, request: WaitlistRequest): void;
  /** What those ask for who wait and would take an added train. */
  wishes(): WaitlistRequest[];
  /** An entry has got into the line of a run. */
  joined(runId: RunId, entryId: OrderId): void;
  /** Of a run, to those who waited when it was brought and have not been in its line at any time. */
  due(run: Run, at: EpochMs): Due[];
  /** What fares there are. */
  know(timetable: Pick<Timetable, "fare" | "saleClosesAt">): void;
};

/** Nobody is due what he may have been too late for, by the clock of a process. */
const closeMs = minuteMs;

export function createAddedBook(entries: () => readonly WaitlistRecord[]): AddedBook {
  const decided = new Set<RunId>();
  const waitedFor = new Map<RunId, { readonly by: ReadonlySet<OrderId>; readonly joined: Set<OrderId> }>();
  const requests = new Map<string, WaitlistRequest>();
  let known: Pick<Timetable, "fare" | "saleClosesAt"> | null = null;

  function dueTo(entry: WaitlistRecord, run: Run, at: EpochMs): Due | null {
    const request = requests.get(entry.idempotencyKey);
    if (!request?.addedTrains || entry.state !== "waiting" || entry.place === null) return null;
    // It was a train of his, and is not any more.
    if (entry.choices.some((choice) => choice.runId === run.runId && choice.endedBecause !== null)) return null;
    const way = wayOf(request, run);
    if (!way || !isWished(request.addedTrains, run, way)) return null;
    const departAt = departureOf(run, way);
    const decideBy = Math.min(departAt - entry.deadlineMinutes * minuteMs, entry.endBy ?? Infinity);
    if (Math.min(decideBy, known!.saleClosesAt(run, way.fromStop)) <= at + closeMs) return null;
    const seatClasses = classesOf(request, run).filter((each) => fareOf(entry, run, way, each) <= entry.prepayFen);
    const { entryId, place, passengers } = entry;
    return seatClasses.length > 0 ? { ...way, entryId, place, seatCount: passengers.length, seatClasses } : null;
  }

  /** Of the dearest seats. */
  function fareOf({ passengers }: WaitlistRecord, run: Run, { fromStop, toStop }: Way, seatClass: SeatClass): number {
    const fares = passengers.map(({ ticketType }) =>
      Math.max(
        ...seatsOf(run.train.composition)
          .get(seatClass)!
          .map((seat) => known!.fare(run, seatClass, fromStop, toStop, ticketType, seat)),
      ),
    );
    return fares.reduce((sum, fare) => sum + fare, 0);
  }

  return {
    decided,
    runIds: () => [...waitedFor.keys()],
    kept: (store) => ({
      ...store,
      async replace(next, options) {
        const replaced = await store.replace(next, options);
        const waiting = entries().filter(({ state }) => state === "waiting");
        const by = new Set(waiting.map(({ entryId }) => entryId));
        for (const runId of decided) if (!waitedFor.has(runId)) waitedFor.set(runId, { by, joined: new Set() });
        return replaced;
      },
    }),
    asks: (key, request) => void requests.set(key, request),
    wishes: () =>
      entries()
        .filter(({ state }) => state === "waiting")
        .map(({ idempotencyKey }) => requests.get(idempotencyKey))
        .filter((request) => request?.addedTrains !== undefined) as WaitlistRequest[],
    joined: (runId, entryId) => void waitedFor.get(runId)?.joined.add(entryId),
    due(run, at) {
      const waited = waitedFor.get(run.runId);
      if (!waited || waited.by.size === 0) return [];
      assert(known !== null, "fares are known");
      return entries()
        .filter(({ entryId }) => waited.by.has(entryId) && !waited.joined.has(entryId))
        .map((entry) => dueTo(entry, run, at))
        .filter((due) => due !== null);
    },
    know: (timetable) => void (known = timetable),
  };
}

function wayOf({ from, to }: WaitlistRequest, { train: { stops } }: Run): Way | null {
  const fromStop = stops.findIndex(({ stationId }) => stationId === from);
  const toStop = stops.findIndex(({ stationId }) => stationId === to);
  return fromStop >= 0 && fromStop < toStop ? { fromStop, toStop } : null;
}

/** Standing is no class that he has named for this train. */
const classesOf = ({ choices }: WaitlistRequest, { train }: Run): SeatClass[] => {
  const named = new Set(choices.flatMap(({ seatClasses }) => seatClasses));
  return [...seatsOf(train.composition).keys()].filter((each) => each !== "standing" && named.has(each));
};

const departureOf = ({ dayStart, train }: Run, { fromStop }: Way): EpochMs =>
  epochMs(dayStart + train.stops[fromStop]!.departS * secondMs);

function isWished(
  { dates, departFrom = "00:00", departUntil = "23:59" }: NonNullable<WaitlistRequest["addedTrains"]>,
  run: Run,
  way: Way,
): boolean {
  const departAt = departureOf(run, way);
  const clock = formatInZone(departAt, run.train.zone).slice(11, 16);
  return dates.includes(dateIn(run.train.zone, departAt)) && departFrom <= clock && clock <= departUntil;
}
