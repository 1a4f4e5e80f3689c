/** What became of trains on the day, asked for while somebody looks. */
import type { Order, RunsStatus, RunStatus } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask } from "../../lib/api.ts";
import { type ArrivesMs, linesOf, type Trip, tripsLeft } from "../../lib/orderLines.ts";

export type AskedRun = { readonly trainNumber: string; readonly originDate: string };
export type Statuses = ReadonlyMap<string, RunStatus>;

const liveEveryMs = 30_000;
/** As many as one question may name. */
const runsPerQuestion = 100;
const nothing: RunsStatus = { runs: [], notices: [] };

export const runKey = ({ trainNumber, originDate }: AskedRun): string => `${trainNumber}/${originDate}`;

export function useStatuses(asked: readonly AskedRun[]): {
  readonly statuses: Statuses;
  readonly notices: RunsStatus["notices"];
} {
  const keys = useMemo(() => [...new Set(asked.map(runKey))], [asked]);
  const { data = nothing } = useQuery({
    queryKey: ["status", keys],
    queryFn: async ({ signal }) => {
      const parts: RunsStatus[] = [];
      for (let start = 0; start < keys.length; start += runsPerQuestion) {
        const runs = keys.slice(start, start + runsPerQuestion).join(",");
        parts.push(await ask("GET /api/ticket/status", { query: { runs } }, { signal }));
      }
      return joined(parts);
    },
    enabled: keys.length > 0,
    refetchInterval: liveEveryMs,
    staleTime: 5_000,
  });
  const statuses = useMemo(() => new Map(data.runs.map((run) => [runKey(run), run])), [data]);
  return { statuses, notices: data.notices };
}

/** As long as gates reckon with a train that is late. */
export const lateMaxMs = 12 * 3_600_000;

/** Under way by the timetable, or not long since: of others nothing is asked. */
const mayBeLate = ({ departAt, arriveAt }: Trip, nowMs: number): boolean =>
  Date.parse(departAt) <= nowMs && nowMs < Date.parse(arriveAt) + lateMaxMs;

/** When each trip of these orders is expected to be over. */
export function useArrivals(orders: readonly Order[], nowMs: number): ArrivesMs {
  const trips = orders
    .filter(({ state }) => state === "ticketed" || state === "paid")
    .flatMap(tripsLeft)
    .filter((trip) => mayBeLate(trip, nowMs));
  const { statuses } = useStatuses(trips);
  return (trip) => expectedArrivalMs(trip, statuses.get(runKey(trip)));
}

/** What is said of the stop, else as late as the train was last; never before its time. */
export function expectedArrivalMs(
  { arriveAt, to }: { readonly arriveAt: string; readonly to: { readonly stationId: string } },
  status: RunStatus | undefined,
): number {
  const stops = status?.stops ?? [];
  const there = stops.findLast(({ stationId }) => stationId === to.stationId);
  const known = [
    there?.arriveMinutesLate,
    ...stops.map((stop) => stop.departMinutesLate ?? stop.arriveMinutesLate).reverse(),
  ];
  const minutesLate = known.find((minutes) => typeof minutes === "number") ?? 0;
  return Date.parse(arriveAt) + Math.min(Math.max(0, minutesLate) * 60_000, lateMaxMs);
}

/** The lines of an order whose trains do not run, or not there, with the moment until which another may be taken. */
export function useLinesOff(order: Order): ReadonlyMap<number, string> {
  const lines = useMemo(() => linesOf(order), [order]);
  const { statuses } = useStatuses(lines);
  return useMemo(
    () =>
      new Map(
        lines.flatMap((line): [number, string][] => {
          const status = statuses.get(runKey(line));
          return status && isOff(status, line) ? [[line.line, otherTrainUntil(status, line)]] : [];
        }),
      ),
    [lines, statuses],
  );
}

/** Until the money goes back by itself, where that is known, and at most until the train would have arrived. */
export const otherTrainUntil = (
  { refundsFrom }: Pick<RunStatus, "refundsFrom">,
  { arriveAt }: { readonly arriveAt: string },
): string => (refundsFrom !== undefined && Date.parse(refundsFrom) < Date.parse(arriveAt) ? refundsFrom : arriveAt);

/** A notice of several trains is told once. */
function joined(parts: readonly RunsStatus[]): RunsStatus {
  const notices = new Map(parts.flatMap((part) => part.notices.map((notice) => [JSON.stringify(notice), notice])));
  return { runs: parts.flatMap(({ runs }) => runs), notices: [...notices.values()] };
}

export type Expected = { readonly at: string; readonly minutesLate: number };
/** What is expected at the two ends of a way, where it is known. */
export type WayStatus = {
  readonly isCancelled: boolean;
  /** The train was shortened, and does not run there. */
  readonly isCut: boolean;
  readonly departs: Expected | null;
  readonly arrives: Expected | null;
  readonly isFromSkipped: boolean;
  readonly isToSkipped: boolean;
};

/** @param from, to are stations; a train that calls twice is told apart by `stop` where it is known */
export function statusOfWay(
  { cancelled, stops }: RunStatus,
  from: { readonly stationId: string; readonly stop?: number },
  to: { readonly stationId: string; readonly stop?: number },
): WayStatus {
  const at = (place: typeof from) =>
    stops.find(({ stop, stationId }) =>
      place.stop === undefined ? stationId === place.stationId : stop === place.stop,
    );
  const start = at(from);
  const end = at(to);
  return {
    isCancelled: cancelled,
    isCut: !cancelled && (start?.cut === true || end?.cut === true),
    departs: expected(start?.departAt, start?.departMinutesLate),
    arrives: expected(end?.arriveAt, end?.arriveMinutesLate),
    isFromSkipped: start?.skipped === true,
    isToSkipped: end?.skipped === true,
  };
}

type Ends = { readonly from: Parameters<typeof statusOfWay>[1]; readonly to: Parameters<typeof statusOfWay>[2] };

function isOff(status: RunStatus | undefined, { from, to }: Ends): boolean {
  if (!status) return false;
  const { isCancelled, isCut } = statusOfWay(status, from, to);
  return isCancelled || isCut;
}

export const expected = (at: string | null | undefined, minutesLate: number | null | undefined): Expected | null =>
  typeof at === "string" && typeof minutesLate === "number" ? { at, minutesLate } : null;
