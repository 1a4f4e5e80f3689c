/** The search room: everything a passenger reads before buying. It decides nothing and holds nothing that could not be asked again. */
import {
  type Handler,
  type Handlers,
  type InventoryClient,
  type Leg,
  refusal,
  type Refusal,
  type Run,
  type RunStop,
  type SeatClass,
  presentSeatsOf,
  servicePause,
  type Station,
  type searchRoutes,
  type Timetable,
  type TrainStops,
  isOffered,
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
  secondMs,
  type ServiceDate,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { createJourneys } from "./journeys/index.ts";
import { boardKeptMs, boardOf } from "./boards.ts";
import { createDays, daysKeptMs } from "./days.ts";
import { createPages } from "./pages.ts";
import { fareTableOf } from "./fareTable.ts";
import { createSeatMaps, type SeatMapAsked } from "./seatMaps.ts";

export type SearchDeps = {
  readonly timetable: () => Timetable;
  readonly inventory: Pick<InventoryClient, "available" | "availableNow" | "freeSeats" | "changes">;
  readonly clock: Clock;
  readonly saleOpensAt: (originDate: ServiceDate) => EpochMs;
};

const suggestionsDefault = 10;
const stationIdLengthMax = 64;

type JourneyQuery = {
  readonly trainNumber: string;
  readonly originDate: string;
  readonly from: string;
  readonly to: string;
  readonly seatClass: SeatClass;
};

export function createSearch(deps: SearchDeps): Handlers<typeof searchRoutes> {
  const { clock, inventory } = deps;
  const saleWindowDays = () => deps.timetable().policy.policy.sale.windowDays;
  const seatMaps = createSeatMaps(inventory);
  const pages = createPages({ timetable: deps.timetable, inventory });
  const daysOf = createDays({ timetable: deps.timetable, inventory });
  const journeys = createJourneys({ timetable: deps.timetable, inventory });

  /** The dates that can be asked for: today at any of the stations, the days on sale, and the one that opens next. */
  function datesNow(now: EpochMs): { readonly first: ServiceDate; readonly last: ServiceDate } {
    const { zone, zones } = deps.timetable();
    // Where it is still yesterday, yesterday's late trains are yet to leave.
    const [first] = zones.map((each) => dateIn(each, now)).sort();
    return { first: first!, last: addDays(dateIn(zone, now), saleWindowDays()) };
  }

  function searchDate(text: string, now: EpochMs): Result<ServiceDate, Refusal> {
    const date = parseServiceDate(text);
    const { first, last } = datesNow(now);
    return date && date >= first && date <= last ? ok(date) : refuse(refusal("DateOutOfRange", { first, last }));
  }

  type Way = { readonly from: readonly string[]; readonly to: readonly string[] };
  function wayOf(query: { readonly from: string; readonly to: string }): Result<Way, Refusal> {
    const timetable = deps.timetable();
    const from = timetable.resolvePlace(query.from);
    if (from.length === 0) return refuse(refusal("StationUnknown", { place: query.from }));
    const to = timetable.resolvePlace(query.to);
    return to.length === 0 ? refuse(refusal("StationUnknown", { place: query.to })) : ok({ from, to });
  }

  /** Today and all days after it that can be searched, by the timetable's own clock. */
  function calendarDates(now: EpochMs): ServiceDate[] {
    const today = dateIn(deps.timetable().zone, now);
    return Array.from({ length: saleWindowDays() + 1 }, (_, n) => addDays(today, n));
  }

  const tickets: Handler<typeof searchRoutes.tickets> = async ({ query, request }) => {
    const now = clock.now();
    const known = pages.find(request.url, now);
    if (known) return ok(await pages.answer(known, now));
    const date = searchDate(query.date, now);
    if (!date.ok) return date;
    const way = wayOf(query);
    if (!way.ok) return way;
    return ok(await pages.answer(pages.pageOf(request.url, { ...way.value, date: date.value }, now), now));
  };

  /** A way on a train and the seats of a class there. */
  function journeyOf(query: JourneyQuery): Result<Omit<SeatMapAsked, "seatClass">, Refusal> {
    const timetable = deps.timetable();
    const date = parseServiceDate(query.originDate);
    const run = date && timetable.run(query.trainNumber, date);
    if (!run) return refuse(refusal("RunUnknown"));
    const leg = shortestLeg(timetable, run, query.from, query.to);
    if (!leg) return refuse(refusal("NotOnRoute"));
    const { composition } = run.train;
    if (!isOffered(composition, query.seatClass)) return refuse(refusal("ClassNotOffered"));
    return ok({ leg, seats: presentSeatsOf(composition).get(query.seatClass)! });
  }

  return {
    tickets: Object.assign(tickets, { ready: (url: string) => pages.ready(url, clock.now()) }),

    async journeys({ query, clientAddress }) {
      const now = clock.now();
      const date = searchDate(query.date, now);
      if (!date.ok) return date;
      const way = wayOf(query);
      if (!way.ok) return way;
      const { passengers = 1, changes: changesMax = 1, seatClass = null, sort = "arrival" } = query;
      const asked = { ...way.value, date: date.value, passengers, changesMax, seatClass, sort };
      return await journeys(asked, now, clientAddress);
    },

    async days({ query }) {
      const way = wayOf(query);
      if (!way.ok) return way;
      const now = clock.now();
      const dates = calendarDates(now).filter((date) => now >= deps.saleOpensAt(date));
      const days = await daysOf({ ...way.value, dates }, now);
      if (!days.ok) return days;
      const headers = { "cache-control": `public, max-age=${daysKeptMs / secondMs}` };
      return ok({ status: 200, body: { days: days.value }, headers });
    },

    stations({ query }) {
      const timetable = deps.timetable();
      // Answers carry the local name; a page in another language asks for the rest of a station once and keeps it.
      const stations =
        query.ids === undefined
          ? timetable.suggestStations(query.q ?? "", query.limit ?? suggestionsDefault)
          : stationsOf(query.ids, timetable);
      const found = stations.map((station) => ({ ...station, cityEn: timetable.cityEnglish(station.city) }));
      return ok({ status: 200, body: { stations: found } });
    },

    stops({ params, query }) {
      const timetable = deps.timetable();
      const trainNumber = timetable.trainCalled(params.trainNumber);
      if (trainNumber === null) return refuse(refusal("TrainUnknown"));
      const date = parseServiceDate(query.date);
      const run = date && timetable.run(trainNumber, date);
      if (!run) return refuse(refusal("RunUnknown"));
      const runsOn = calendarDates(clock.now()).filter((each) => timetable.run(trainNumber, each) !== null);
      return ok({ status: 200, body: stopsOf(run, runsOn) });
    },

    board({ query }) {
      const date = searchDate(query.date, clock.now());
      if (!date.ok) return date;
      const timetable = deps.timetable();
      const stations = timetable.resolvePlace(query.place);
      if (stations.length === 0) return refuse(refusal("StationUnknown", { place: query.place }));
      const { side = "departures", after = "", skip = 0 } = query;
      const asked = {
        stations,
        date: date.value,
        side: side === "departures" ? "boarding" : "alighting",
        after,
        skip,
      } as const;
      const headers = { "cache-control": `public, max-age=${boardKeptMs / secondMs}` };
      return ok({ status: 200, body: boardOf(timetable, asked), headers });
    },

    async seatMap({ query }) {
      const journey = journeyOf(query);
      if (!journey.ok) return journey;
      return ok(await seatMaps({ ...journey.value, seatClass: query.seatClass }, clock.now()));
    },

    fares({ query }) {
      const journey = journeyOf(query);
      if (!journey.ok) return journey;
      const { leg, seats } = journey.value;
      return ok({ status: 200, body: fareTableOf(deps.timetable(), leg, query.seatClass, seats) });
    },

    calendar() {
      const { zone, attributions, policy } = deps.timetable();
      const now = clock.now();
      const dates = calendarDates(now);
      const days = dates.map((date) => {
        const opensAt = deps.saleOpensAt(date);
        const open = now >= opensAt;
        return { date, sale: open ? "open" : "notYet", opensAt: open ? null : formatInZone(opensAt, zone) } as const;
      });
      const found = servicePause(policy.policy.service?.hours, zone, now);
      const pause = found && {
        closesAt: formatInZone(found.closesAt, zone),
        opensAt: formatInZone(found.opensAt, zone),
      };
      return ok({
        status: 200,
        body: { zone, today: dates[0], now: formatInZone(now, zone), days, pause, attributions: [...attributions] },
      });
    },
  };
}

/** Ids joined by commas, which may stand in an id, too: of what they may mean, the longest. */
function stationsOf(ids: string, timetable: Timetable): Station[] {
  const parts = ids.split(",");
  const found: Station[] = [];
  for (let at = 0; at < parts.length; at++) {
    for (let end = lastPartOfId(parts, at); end >= at; end--) {
      const station = timetable.station(parts.slice(at, end + 1).join(","));
      if (!station) continue;
      found.push(station);
      at = end;
      break;
    }
  }
  return found;
}

function lastPartOfId(parts: readonly string[], first: number): number {
  let last = first;
  let length = parts[first]!.length;
  while (last + 1 < parts.length && length + 1 + parts[last + 1]!.length <= stationIdLengthMax)
    length += 1 + parts[++last]!.length;
  return last;
}

/** Of a train that calls twice, the way nobody would board later or leave earlier for. */
function shortestLeg(timetable: Timetable, run: Run, from: string, to: string): Leg | null {
  let fromStop = timetable.stopIndex(run, from, 0, "boarding");
  if (fromStop < 0) return null;
  const toStop = timetable.stopIndex(run, to, fromStop + 1, "alighting");
  if (toStop < 0) return null;
  for (
    let later = fromStop;
    later >= 0 && later < toStop;
    later = timetable.stopIndex(run, from, later + 1, "boarding")
  )
    fromStop = later;
  return { run, fromStop, toStop };
}

function stopsOf({ originDate, dayStart, train }: Run, runsOn: readonly ServiceDate[]): TrainStops {
  const { trainNumber, trainType, composition, stops, zone } = train;
  const at = (stop: RunStop, seconds: number) => formatInZone(epochMs(dayStart + seconds * 1_000), stop.zone ?? zone);
  return {
    trainNumber,
    trainType,
    originDate,
    rollingStock: composition.code,
    coachCount: composition.coaches.length,
    classes: [...presentSeatsOf(composition)]
      .map(([seatClass, seats]) => ({ seatClass, seatCount: seats.length }))
      .filter(({ seatCount }) => seatCount > 0),
    runsOn: [...runsOn],
    stops: stops.map((stop, index) => ({
      stop: index,
      stationId: stop.stationId,
      name: stop.name,
      arriveAt: index === 0 ? null : at(stop, stop.arriveS),
      departAt: index === stops.length - 1 ? null : at(stop, stop.departS),
      distanceKm: stop.distanceM / 1_000,
      ...(stop.closedTo && { closedTo: stop.closedTo }),
    })),
  };
}
