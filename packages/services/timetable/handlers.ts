/** The timetable room over HTTP: facts about a run. */
import {
  type Handlers,
  placesPerRow,
  refusal,
  type Run,
  type RunFacts,
  runsAskedMax,
  type RunsStatus,
  type RunState,
  type RunStatus,
  type StopState,
  seatClasses,
  type timetableRoutes,
  type Timetable,
  isOffered,
} from "@chepiao/contracts";
import { epochMs, formatInZone, minuteMs, ok, parseServiceDate, refuse, secondMs } from "@chepiao/kernel";

export function createHandlers(timetable: Timetable): Handlers<typeof timetableRoutes> {
  return {
    status({ query }) {
      const runs = runsOf(query.runs, timetable);
      const body: RunsStatus = {
        runs: runs.flatMap((run) => {
          const state = timetable.stateOf(run.runId);
          return state ? [statusOf(run, state)] : [];
        }),
        notices: noticesOf(runs, timetable),
      };
      return ok({ status: 200, body });
    },

    run({ params }) {
      const date = parseServiceDate(params.originDate);
      const run = date && timetable.run(params.trainNumber, date);
      if (!run) return refuse(refusal("RunUnknown"));
      const { trainNumber, trainType, composition, stops } = run.train;
      const body: RunFacts = {
        runId: run.runId,
        trainNumber,
        trainType,
        originDate: run.originDate,
        rollingStock: composition.code,
        coaches: composition.coaches.map(({ no, sections }) => ({
          no,
          sections: sections.map(({ seatClass, rows }) => ({
            seatClass,
            rows,
            places: rows * placesPerRow(seatClass),
          })),
        })),
        fares: seatClasses
          .filter((seatClass) => isOffered(composition, seatClass))
          .map((seatClass) => ({
            seatClass,
            fullWayFen: timetable.fare(run, seatClass, 0, stops.length - 1, "adult"),
          })),
      };
      return ok({ status: 200, body });
    },
  };
}

/** A number may have commas in it, but no slash: a date ends each. */
function runsOf(text: string, timetable: Timetable): Run[] {
  const found = [...text.matchAll(/([^/\s]+)\/(\d{4}-\d{2}-\d{2})(?:,|$)/g)].slice(0, runsAskedMax);
  return found.flatMap(([, trainNumber, dateText]) => {
    const date = parseServiceDate(dateText!);
    const run = date && timetable.run(trainNumber!, date);
    return run ? [run] : [];
  });
}

function statusOf(
  { originDate, dayStart, train }: Run,
  { isCancelled, refundsFrom, stops, lostCoaches, exchangedTo }: RunState,
): RunStatus {
  const expected = (state: StopState) => {
    const { stationId, zone = train.zone, arriveS, departS } = train.stops[state.stop]!;
    const at = (seconds: number, delayS: number | null) =>
      delayS === null ? null : formatInZone(epochMs(dayStart + (seconds + delayS) * secondMs), zone);
    return {
      stop: state.stop,
      stationId,
      arriveAt: at(arriveS, state.arriveDelayS),
      departAt: at(departS, state.departDelayS),
      arriveMinutesLate: minutesOf(state.arriveDelayS),
      departMinutesLate: minutesOf(state.departDelayS),
      skipped: state.isSkipped,
      ...(state.isCut && { cut: true as const }),
    };
  };
  return {
    trainNumber: train.trainNumber,
    originDate,
    cancelled: isCancelled,
    ...(refundsFrom === undefined ? {} : { refundsFrom: formatInZone(refundsFrom, train.zone) }),
    // A newer timetable may have fewer stops than the one that this was said of.
    stops: stops.filter(({ stop }) => stop < train.stops.length).map(expected),
    ...(exchangedTo === undefined ? {} : { exchangedTo }),
    ...(lostCoaches === undefined ? {} : { lostCoaches: [...lostCoaches] }),
  };
}

const minutesOf = (delayS: number | null): number | null =>
  delayS === null ? null : Math.round((delayS * secondMs) / minuteMs);

/** Of these trains, of the stations where they call, and of everything. */
function noticesOf(runs: readonly Run[], timetable: Timetable): RunsStatus["notices"] {
  const notices = timetable.notices();
  if (notices.length === 0) return [];
  const trains = new Set(runs.map(({ train }) => train.trainNumber));
  const stations = new Set(runs.flatMap(({ train }) => train.stops.map((stop) => stop.stationId)));
  return notices
    .filter(
      ({ trainNumbers, stationIds }) =>
        (trainNumbers.length === 0 && stationIds.length === 0) ||
        trainNumbers.some((each) => trains.has(each)) ||
        stationIds.some((each) => stations.has(each)),
    )
    .slice(0, noticesMax)
    .map(({ title, text, url }) => ({ title, text, url }));
}

/** As many as a page can show; a feed may have hundreds. */
const noticesMax = 20;
