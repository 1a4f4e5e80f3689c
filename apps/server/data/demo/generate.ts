/**
 * A national network to try the platform with, made from a seed: the same seed gives the same trains. It comes as any feed does,
 * so it walks the same road into the store. Trains are valid for a span of days, not stored day by day: a server left running
 * keeps selling.
 */
import { greatCircleM } from "@chepiao/adapters/gtfs";
import type { Station } from "@chepiao/contracts";
import { addDays, assert, createPrng, type Prng, type ServiceDate, type ZoneName } from "@chepiao/kernel";
import {
  everyDay,
  type PlannedStop,
  type ServiceDays,
  serviceSpan,
  type TimetableImport,
  type TrainPlan,
} from "@chepiao/ports/timetable-store";
import { builtInCompositions } from "@chepiao/services/timetable";
import { demoLines, demoServices, type DemoService, type Network } from "./lines.ts";
import { demoStation, type DemoStation, demoStations } from "./stations.ts";

/** Longer than any train is under way: on the first day those that left before it are there too. */
const daysBefore = 3;
/** Friday to Monday: relief trains of the busy services. */
const weekend = 0b1110001;
/** Rails are longer than the straight line. */
const detour: Record<Network, number> = { highSpeed: 1.04, conventional: 1.15 };
/** Share of a line's speed that is reached on the whole, and minutes that a stop costs besides its dwell. */
const cruise: Record<Network, number> = { highSpeed: 0.92, conventional: 0.85 };
const stopCostMinutes: Record<Network, number> = { highSpeed: 3, conventional: 3 };
/** How likely a train calls at a station of that rank. */
const callChance: Record<Network, readonly number[]> = {
  highSpeed: [0, 0.95, 0.7, 0.5, 0.34],
  conventional: [0, 1, 0.95, 0.8, 0.6],
};
const dwellMinutes: Record<Network, readonly number[]> = {
  highSpeed: [0, 4, 3, 2, 2],
  conventional: [0, 14, 10, 6, 4],
};
/** Minutes of the day between which day trains run. */
const firstDeparture = 6 * 60;
const lastArrival = 23 * 60 + 50;

const trainTypeOf: Record<DemoService["prefix"], TrainPlan["trainType"]> = {
  G: "highSpeed",
  D: "emu",
  C: "intercity",
  Z: "express",
  T: "express",
  K: "fast",
};
const networkOf = (prefix: DemoService["prefix"]): Network => ("GDC".includes(prefix) ? "highSpeed" : "conventional");

/** From the day it is made: a server left running sells for over a year. */
export const demoDays = 400;

export function generateDemoNetwork(seed: number, startDate: ServiceDate, days: number): TimetableImport {
  const prng = createPrng(seed);
  const graphs = { highSpeed: graphOf("highSpeed"), conventional: graphOf("conventional") };
  const from = addDays(startDate, -daysBefore);
  const daily = serviceSpan(from, days + daysBefore, everyDay)!;
  // A span shorter than a week may hold no weekend at all.
  const busyDays = serviceSpan(from, days + daysBefore, weekend) ?? daily;
  const numbers = new Map<DemoService["prefix"], number>();
  const trains: TrainPlan[] = [];
  for (const service of demoServices) {
    const network = networkOf(service.prefix);
    const ends = [demoStation(service.from), demoStation(service.to)] as const;
    const outward = trainsOf(service, shortestWay(graphs[network], ...ends), network, prng, { daily, busyDays });
    const back = trainsOf(service, shortestWay(graphs[network], ends[1], ends[0]), network, prng, { daily, busyDays });
    // Away from Beijing is "down" and odd; the pair takes one odd and one even number, as on the railway.
    const [down, up] = isDown(...ends) ? [outward, back] : [back, outward];
    for (let n = 0; n < service.perDay; n++) {
      const pair = (numbers.get(service.prefix) ?? 0) + 1;
      numbers.set(service.prefix, pair);
      trains.push({ ...down[n]!, trainNumber: `${service.prefix}${pair * 2 - 1}` });
      trains.push({ ...up[n]!, trainNumber: `${service.prefix}${pair * 2}` });
    }
  }
  const served = new Set(trains.flatMap((train) => train.stops.map((stop) => stop.stationId)));
  return {
    feedName: `demonstration network, seed ${seed}`,
    zone: "Asia/Shanghai" as ZoneName,
    stations: demoStations
      .filter((station) => served.has(station.stationId))
      .map(({ rank: _rank, ...station }): Station => station),
    trains,
    compositions: builtInCompositions,
    fareOverrides: [],
  };
}

type Unnumbered = Omit<TrainPlan, "trainNumber">;
type Calendars = { readonly daily: ServiceDays; readonly busyDays: ServiceDays };

/** The day's trains of one service in one direction, spread over the hours in which it can run. */
function trainsOf(
  service: DemoService,
  way: readonly Passage[],
  network: Network,
  prng: Prng,
  calendars: Calendars,
): Unnumbered[] {
  const { prefix, perDay } = service;
  const overnight = network === "conventional";
  return Array.from({ length: perDay }, (_, n) => {
    const calls = chooseCalls(way, network, prng, perDay >= 6 && n % 5 === 1);
    const stops = schedule(way, calls, network);
    const minutes = stops.at(-1)!.arriveS / 60;
    // Day trains fill the time between the first departure and the last arrival, night trains leave from morning to late evening.
    const latest = overnight ? 23 * 60 : Math.max(firstDeparture, lastArrival - minutes);
    const earliest = overnight ? 7 * 60 : firstDeparture;
    const slot = (latest - earliest) / perDay;
    const start = Math.floor(earliest + slot * (n + prng.next() * 0.8)) * 60;
    return {
      trainType: trainTypeOf[prefix],
      compositionCode: compositionOf(service, prng),
      days: perDay >= 6 && n % 6 === 4 ? calendars.busyDays : calendars.daily,
      stops: stops.map((stop) => ({ ...stop, arriveS: stop.arriveS + start, departS: stop.departS + start })),
    };
  });
}

function compositionOf({ prefix, perDay }: DemoService, prng: Prng): string {
  if (prefix === "G") return perDay >= 6 && prng.chance(0.4) ? "CR400AF-16" : prng.chance(0.6) ? "CR400AF" : "CRH380";
  if (prefix === "D") return prng.chance(0.7) ? "CRH2A" : "CRH380";
  if (prefix === "C") return "CRH6";
  return prefix === "K" ? "25G" : "25T";
}

/** Ends always; in between the more important the likelier; an express passes all but the hubs. */
function chooseCalls(way: readonly Passage[], network: Network, prng: Prng, express: boolean): boolean[] {
  return way.map(({ station }, index) => {
    const end = index === 0 || index === way.length - 1;
    const called = prng.chance(express ? (station.rank === 1 ? 0.9 : 0) : callChance[network][station.rank]!);
    return end || called;
  });
}

/** Stops counted from a departure at 0, in whole minutes. */
function schedule(way: readonly Passage[], calls: readonly boolean[], network: Network): PlannedStop[] {
  const stops: PlannedStop[] = [];
  let minute = 0;
  let metres = 0;
  way.forEach(({ station, fromPreviousKm, speedKmh }, index) => {
    minute += (fromPreviousKm / (speedKmh * cruise[network])) * 60;
    metres += Math.round(fromPreviousKm * 1_000);
    if (!calls[index]) return;
    if (index > 0) minute += stopCostMinutes[network];
    const arriveS = Math.ceil(minute) * 60;
    const dwell = index === 0 || index === way.length - 1 ? 0 : dwellMinutes[network][station.rank]!;
    minute = arriveS / 60 + dwell;
    stops.push({ stationId: station.stationId, arriveS, departS: minute * 60, distanceM: metres });
  });
  return stops;
}

// The network -------------------------------------------------------------------------------------------------------------

type Passage = { readonly station: DemoStation; readonly fromPreviousKm: number; readonly speedKmh: number };
type Edge = { readonly to: DemoStation; readonly km: number; readonly speedKmh: number };
type Graph = ReadonlyMap<DemoStation, readonly Edge[]>;

function graphOf(network: Network): Graph {
  const graph = new Map<DemoStation, Edge[]>();
  const join = (from: DemoStation, edge: Edge) => {
    const edges = graph.get(from);
    if (edges) edges.push(edge);
    else graph.set(from, [edge]);
  };
  for (const line of demoLines.filter((each) => each.network === network)) {
    const stations = line.stations.map(demoStation);
    stations.slice(1).forEach((to, index) => {
      const from = stations[index]!;
      const edge = { km: greatCircleKm(from, to) * detour[network], speedKmh: line.speedKmh };
      join(from, { to, ...edge });
      join(to, { to: from, ...edge });
    });
  }
  return graph;
}

/** Dijkstra by running time. A few hundred stations: a plain scan for the nearest is quick enough. */
function shortestWay(graph: Graph, from: DemoStation, to: DemoStation): Passage[] {
  const hours = new Map<DemoStation, number>([[from, 0]]);
  const cameBy = new Map<DemoStation, { readonly station: DemoStation; readonly edge: Edge }>();
  const open = new Set([from]);
  while (open.size > 0) {
    let nearest = from;
    let best = Number.POSITIVE_INFINITY;
    for (const station of open) {
      if (hours.get(station)! >= best) continue;
      best = hours.get(station)!;
      nearest = station;
    }
    if (nearest === to) break;
    open.delete(nearest);
    for (const edge of graph.get(nearest) ?? []) {
      const reached = best + edge.km / edge.speedKmh;
      if (reached >= (hours.get(edge.to) ?? Number.POSITIVE_INFINITY)) continue;
      hours.set(edge.to, reached);
      cameBy.set(edge.to, { station: nearest, edge });
      open.add(edge.to);
    }
  }
  assert(cameBy.has(to), `no way from ${from.name} to ${to.name} in the demo network`);
  const way: Passage[] = [];
  for (let at = to; ;) {
    const came = cameBy.get(at);
    way.unshift({ station: at, fromPreviousKm: came?.edge.km ?? 0, speedKmh: came?.edge.speedKmh ?? 1 });
    if (!came) return way;
    at = came.station;
  }
}

function isDown(from: DemoStation, to: DemoStation): boolean {
  const beijing = demoStation("北京");
  return greatCircleKm(beijing, from) <= greatCircleKm(beijing, to);
}

const greatCircleKm = (a: DemoStation, b: DemoStation): number => greatCircleM(a, b) / 1_000;
