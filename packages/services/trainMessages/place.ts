/** Which runs messages about trains mean, and what each says of every stop. Pure. */
import type { InBoth, Notice, Run, RunId, RunState, StopState } from "@chepiao/contracts";
import {
  addDays,
  dateIn,
  dayMs,
  type EpochMs,
  epochMs,
  minuteMs,
  parseServiceDate,
  secondMs,
  type ServiceDate,
  type ZoneName,
} from "@chepiao/kernel";
import {
  type AlertMessage,
  type RunStates,
  skippedAt,
  type StopMessage,
  type TextInLanguage,
  type TimeMessage,
  type TrainMessages,
  type TripMessage,
  type TripName,
} from "@chepiao/ports/run-states";
import type { FeedTrip } from "@chepiao/ports/timetable-store";

/** A run, or the part of one that goes by the name of that trip. */
export type NamedRun = { readonly run: Run; readonly trip: FeedTrip; readonly trips: readonly FeedTrip[] };

export type RunNames = {
  readonly zone: ZoneName;
  /** Runs of that origin date that the trip is part of; several where it runs by headway. */
  runsOf(tripId: string, originDate: ServiceDate): readonly NamedRun[];
  trainNumbersOf(routeId: string, originDate: ServiceDate): readonly string[];
  stationOfStop(stopId: string): string | null;
};

export type Placed = {
  readonly states: RunStates;
  /** Trips that no run is known by. */
  readonly unknownTrips: readonly string[];
};

/** What is older says nothing of how late trains are now. */
export const messagesHoldMs = 10 * minuteMs;
/** Beyond it a delay is a slip of the clock that made it. */
const delaySecondsMax = dayMs / secondMs;
const trainsPerNoticeMax = 500;
const stationsPerNoticeMax = 500;

export function placeMessages({ at, trips, alerts }: TrainMessages, names: RunNames): Placed {
  const unknownTrips: string[] = [];
  const parts = new Map<RunId, { readonly named: NamedRun; readonly message: TripMessage }[]>();
  for (const message of trips) {
    const named = runOf(message, at, names);
    if (!named) unknownTrips.push(message.tripId);
    else {
      const known = parts.get(named.run.runId);
      if (known) known.push({ named, message });
      else parts.set(named.run.runId, [{ named, message }]);
    }
  }
  return {
    states: {
      at,
      staleAt: epochMs(at + messagesHoldMs),
      runs: [...parts.values()].map((some) => stateOf(some, names)).filter(saysSomething),
      notices: alerts.flatMap((alert) => noticesOf(alert, at, names)),
    },
    unknownTrips,
  };
}

/** Where a message does not say of which day it is, it is of the run that is under way, or nearest to it. */
function runOf(name: TripName, at: EpochMs, names: RunNames): NamedRun | null {
  const { tripId, startDate, startTime } = name;
  const said = parseServiceDate(`${startDate.slice(0, 4)}-${startDate.slice(4, 6)}-${startDate.slice(6)}`);
  const today = dateIn(names.zone, at);
  const dates = said ? [said] : [addDays(today, -1), today, addDays(today, 1)];
  const startsAt = (each: NamedRun) => each.run.train.stops[each.trip.firstStop]!.departS;
  const runs = dates
    .flatMap((date) => names.runsOf(tripId, date))
    .filter((each) => startTime === "" || each.trips.length > 1 || startsAt(each) === secondsOf(startTime));
  return runs.toSorted((a, b) => distanceTo(at, a) - distanceTo(at, b))[0] ?? null;
}

const secondsOf = (time: string): number => time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

/** From the time when the run is under way. */
function distanceTo(at: EpochMs, { run }: NamedRun): number {
  const { stops } = run.train;
  const from = run.dayStart + stops[0]!.departS * secondMs;
  const until = run.dayStart + stops.at(-1)!.arriveS * secondMs;
  return Math.max(0, from - at, at - until);
}

const saysSomething = ({ isCancelled, stops }: RunState) => isCancelled || stops.length > 0;

/** A train of several trips is cancelled where all of them are; otherwise it does not call where only one that is cancelled goes. */
function stateOf(
  parts: readonly { readonly named: NamedRun; readonly message: TripMessage }[],
  names: RunNames,
): RunState {
  const [{ run, trips }] = [parts[0]!.named];
  const off = new Set(parts.filter(({ message }) => message.isCancelled).map(({ named }) => named.trip));
  if (off.size === trips.length) return { runId: run.runId, isCancelled: true, stops: [] };
  const stops = new Map<number, StopState>();
  for (const { named, message } of parts)
    if (!message.isCancelled) for (const stop of stopStates(message, named, names)) stops.set(stop.stop, stop);
  const served = new Set(trips.filter((trip) => !off.has(trip)).flatMap(stopsOf));
  for (const stop of [...off].flatMap(stopsOf)) if (!served.has(stop)) stops.set(stop, skippedAt(stop));
  return { runId: run.runId, isCancelled: false, stops: [...stops.values()].sort((a, b) => a.stop - b.stop) };
}

const stopsOf = ({ firstStop, sequences }: FeedTrip): number[] => sequences.map((_, n) => firstStop + n);

/** What is said of a stop holds for those after it, until something else is said. */
function stopStates(message: TripMessage, { run, trip }: NamedRun, names: RunNames): StopState[] {
  const said = saidByStop(message, run, trip, names);
  const states: StopState[] = [];
  const last = run.train.stops.length - 1;
  let delayS = message.stops.length === 0 ? message.delayS : null;
  for (const stop of stopsOf(trip)) {
    const { arriveS, departS } = run.train.stops[stop]!;
    const update = said.get(stop);
    if (update?.says === "nothing") delayS = null;
    if (update?.says === "skipped") {
      states.push(skippedAt(stop));
      continue;
    }
    const arriveDelayS = delayOf(update?.arrival, run, arriveS) ?? delayS;
    const departDelayS = delayOf(update?.departure, run, departS) ?? arriveDelayS;
    delayS = departDelayS;
    const state = {
      stop,
      arriveDelayS: stop === 0 ? null : arriveDelayS,
      departDelayS: stop === last ? null : departDelayS,
      isSkipped: false,
    };
    if (state.arriveDelayS !== null || state.departDelayS !== null) states.push(state);
  }
  return states;
}

function saidByStop({ stops }: TripMessage, run: Run, trip: FeedTrip, names: RunNames): Map<number, StopMessage> {
  const said = new Map<number, StopMessage>();
  let from = trip.firstStop;
  const end = trip.firstStop + trip.sequences.length;
  for (const message of stops) {
    const nth = message.sequence === null ? -1 : trip.sequences.indexOf(message.sequence);
    const station = message.stopId === "" ? null : names.stationOfStop(message.stopId);
    const at = run.train.stops.findIndex((stop, n) => n >= from && n < end && stop.stationId === station);
    const stop = nth >= 0 ? trip.firstStop + nth : at;
    if (stop < 0) continue;
    said.set(stop, message);
    from = stop + 1;
  }
  return said;
}

function delayOf(time: TimeMessage | null | undefined, { dayStart }: Run, plannedS: number): number | null {
  if (!time) return null;
  const delayS = "delayS" in time ? time.delayS : Math.round((time.at - dayStart) / secondMs) - plannedS;
  return Math.abs(delayS) <= delaySecondsMax ? delayS : null;
}

/** One for each time in which it holds; none where it is about what is not sold here. */
function noticesOf(alert: AlertMessage, at: EpochMs, names: RunNames): Notice[] {
  const today = dateIn(names.zone, at);
  const byTrip = alert.trips.flatMap((trip) => runOf(trip, at, names)?.run.train.trainNumber ?? []);
  const byRoute = alert.routeIds.flatMap((routeId) => names.trainNumbersOf(routeId, today));
  const trainNumbers = [...new Set([...byTrip, ...byRoute])].slice(0, trainsPerNoticeMax);
  const stationIds = [...new Set(alert.stopIds.flatMap((stopId) => names.stationOfStop(stopId) ?? []))].slice(
    0,
    stationsPerNoticeMax,
  );
  if (!alert.isWide && trainNumbers.length === 0 && stationIds.length === 0) return [];
  const title = inBoth(alert.title);
  const text = inBoth(alert.text);
  if (title.zh === "" && text.zh === "") return [];
  const periods = alert.periods.length > 0 ? alert.periods : [{ from: null, until: null }];
  return periods.map(({ from, until }) => ({ title, text, url: alert.url, from, until, trainNumbers, stationIds }));
}

/** The text in a language, else the one that names none, else the first. */
function inBoth(texts: readonly TextInLanguage[]): InBoth {
  const textIn = (language: string) =>
    (texts.find((each) => each.language.startsWith(language)) ?? texts.find((each) => each.language === "") ?? texts[0])
      ?.text ?? "";
  return { zh: textIn("zh"), en: textIn("en") };
}
