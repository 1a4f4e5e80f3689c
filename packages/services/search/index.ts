/** The search room: everything a passenger reads before buying. It decides nothing and holds nothing that could not be asked again. */
import {
  type Handler,
  type Handlers,
  type InventoryClient,
  type Leg,
  refusal,
  type Refusal,
  type Run,
  type Seat,
  type SeatClass,
  type SeatMap,
  seatsOf,
  type searchRoutes,
  type Timetable,
  type TrainStops,
} from "@chepiao/contracts";
import {
  addDays,
  dateIn,
  type EpochMs,
  epochMs,
  formatInZone,
  ok,
  parseServiceDate,
  refuse,
  type Result,
  saleClosesBeforeDepartureMs,
  type ServiceDate,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { createPages } from "./pages.ts";

export type SearchDeps = {
  readonly timetable: () => Timetable;
  readonly inventory: Pick<InventoryClient, "available" | "freeSeats" | "changes">;
  readonly clock: Clock;
  /** As in the ticket room. */
  readonly saleWindowDays: number;
  readonly saleOpensAt: (originDate: ServiceDate) => EpochMs;
  readonly saleClosesBeforeMs?: number;
};

const suggestionsDefault = 10;

export function createSearch(deps: SearchDeps): Handlers<typeof searchRoutes> {
  const { clock, inventory, saleWindowDays, saleClosesBeforeMs = saleClosesBeforeDepartureMs } = deps;
  const pages = createPages({ timetable: deps.timetable, inventory, saleClosesBeforeMs });

  /** The dates that can be asked for: today, the days on sale, and the one that opens next. */
  function datesNow(now: EpochMs): { readonly first: ServiceDate; readonly last: ServiceDate } {
    const first = dateIn(deps.timetable().zone, now);
    return { first, last: addDays(first, saleWindowDays) };
  }

  function searchDate(text: string, now: EpochMs): Result<ServiceDate, Refusal> {
    const date = parseServiceDate(text);
    const { first, last } = datesNow(now);
    return date && date >= first && date <= last ? ok(date) : refuse(refusal("DateOutOfRange", { first, last }));
  }

  const tickets: Handler<typeof searchRoutes.tickets> = async ({ query, request }) => {
    const now = clock.now();
    const known = pages.find(request.url, now);
    if (known) return ok(await pages.answer(known, now));
    const date = searchDate(query.date, now);
    if (!date.ok) return date;
    const timetable = deps.timetable();
    const from = timetable.resolvePlace(query.from);
    if (from.length === 0) return refuse(refusal("StationUnknown", { place: query.from }));
    const to = timetable.resolvePlace(query.to);
    if (to.length === 0) return refuse(refusal("StationUnknown", { place: query.to }));
    return ok(await pages.answer(pages.make(request.url, { date: date.value, from, to }, now), now));
  };

  return {
    tickets: Object.assign(tickets, { ready: (url: string) => pages.ready(url, clock.now()) }),

    stations({ query }) {
      const timetable = deps.timetable();
      // Answers carry the local name; a page in another language asks for the rest of a station once and keeps it.
      const stations =
        query.ids === undefined
          ? timetable.suggestStations(query.q ?? "", query.limit ?? suggestionsDefault)
          : query.ids.split(",").flatMap((stationId) => timetable.station(stationId) ?? []);
      return ok({ status: 200, body: { stations } });
    },

    stops({ params, query }) {
      const timetable = deps.timetable();
      if (!timetable.knowsTrain(params.trainNumber)) return refuse(refusal("TrainUnknown"));
      const date = parseServiceDate(query.date);
      const run = date && timetable.run(params.trainNumber, date);
      return run ? ok({ status: 200, body: stopsOf(run) }) : refuse(refusal("RunUnknown"));
    },

    async seatMap({ query }) {
      const timetable = deps.timetable();
      const date = parseServiceDate(query.originDate);
      const run = date && timetable.run(query.trainNumber, date);
      if (!run) return refuse(refusal("RunUnknown"));
      const leg = shortestLeg(timetable, run, query.from, query.to);
      if (!leg) return refuse(refusal("NotOnRoute"));
      const seats = seatsOf(run.train.composition).get(query.seatClass);
      if (!seats) return refuse(refusal("ClassNotOffered"));
      const free = await inventory.freeSeats(leg, query.seatClass);
      return ok({ status: 200, body: seatMapOf(run, query.seatClass, seats, free) });
    },

    calendar() {
      const { zone } = deps.timetable();
      const now = clock.now();
      const { first: today } = datesNow(now);
      const days = Array.from({ length: saleWindowDays + 1 }, (_, n) => {
        const date = addDays(today, n);
        const opensAt = deps.saleOpensAt(date);
        const open = now >= opensAt;
        return { date, sale: open ? "open" : "notYet", opensAt: open ? null : formatInZone(opensAt, zone) } as const;
      });
      return ok({ status: 200, body: { zone, today, now: formatInZone(now, zone), days } });
    },
  };
}

/** Of a train that calls twice, the way nobody would board later or leave earlier for. */
function shortestLeg(timetable: Timetable, run: Run, from: string, to: string): Leg | null {
  let fromStop = timetable.stopIndex(run, from);
  if (fromStop < 0) return null;
  const toStop = timetable.stopIndex(run, to, fromStop + 1);
  if (toStop < 0) return null;
  for (let later = fromStop; later >= 0 && later < toStop; later = timetable.stopIndex(run, from, later + 1))
    fromStop = later;
  return { run, fromStop, toStop };
}

function stopsOf({ originDate, dayStart, train }: Run): TrainStops {
  const { trainNumber, trainType, composition, stops, zone } = train;
  const at = (seconds: number) => formatInZone(epochMs(dayStart + seconds * 1_000), zone);
  return {
    trainNumber,
    trainType,
    originDate,
    rollingStock: composition.code,
    stops: stops.map((stop, index) => ({
      stop: index,
      stationId: stop.stationId,
      name: stop.name,
      arriveAt: index === 0 ? null : at(stop.arriveS),
      departAt: index === stops.length - 1 ? null : at(stop.departS),
      distanceKm: stop.distanceM / 1_000,
    })),
  };
}

function seatMapOf(
  { train, originDate }: Run,
  seatClass: SeatClass,
  seats: readonly Seat[],
  free: readonly boolean[],
): SeatMap {
  const byCoach = Map.groupBy(seats, (seat) => seat.coachNo);
  return {
    trainNumber: train.trainNumber,
    originDate,
    seatClass,
    free: free.filter(Boolean).length,
    coaches: [...byCoach].map(([coachNo, ofCoach]) => ({
      coachNo,
      rows: [...Map.groupBy(ofCoach, (seat) => seat.row)].map(([row, ofRow]) => ({
        row,
        seats: ofRow.map(({ index, mark, kind }) => ({ index, mark, kind, free: free[index] ?? false })),
      })),
    })),
  };
}
