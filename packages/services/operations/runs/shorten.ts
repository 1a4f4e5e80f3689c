/** Between which stops a run still runs. */
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import { ok, refuse, type Result } from "@chepiao/kernel";
import type { NotRun } from "@chepiao/ports/run-states";
import type { RunDeps, RunFault } from "./deps.ts";

export type Stretch = { readonly from: string; readonly to: string };
type OfTimetable = Pick<RunDeps, "timetable">;

/** The stops before the one station and behind the other. Of a train that calls twice somewhere the longer way is kept. */
export function stopsBeyond(deps: OfTimetable, run: RunId, { from, to }: Stretch): Result<number[], RunFault> {
  const { stops } = stopsOf(deps, run);
  const [fromIds, toIds] = [deps.timetable.resolvePlace(from), deps.timetable.resolvePlace(to)];
  if (fromIds.length === 0) return refuse({ kind: "placeUnknown", place: from });
  if (toIds.length === 0) return refuse({ kind: "placeUnknown", place: to });
  const first = stops.findIndex(({ stationId }) => fromIds.includes(stationId));
  const last = stops.findLastIndex(({ stationId }) => toIds.includes(stationId));
  if (first < 0 || last < 0) return refuse({ kind: "notOnWay", run, place: first < 0 ? from : to });
  if (first >= last) return refuse({ kind: "wrongWay", run, from, to });
  const beyond = [...stops.keys()].filter((stop) => stop < first || stop > last);
  return beyond.length === 0 ? refuse({ kind: "wholeWay", run, from, to }) : ok(beyond);
}

/** What is said of it: `G1/2026-12-01`, or that between which stations it runs. */
export function titleOf(deps: OfTimetable, { runId, skipped }: NotRun): string {
  if (skipped === null) return runId;
  const { stops } = stopsOf(deps, runId);
  const kept = stops.filter((_, stop) => !skipped.includes(stop));
  const nameOf = (stationId = "") => deps.timetable.station(stationId)?.name ?? stationId;
  return `${runId}, only ${nameOf(kept[0]?.stationId)}–${nameOf(kept.at(-1)?.stationId)}`;
}

const stopsOf = ({ timetable }: OfTimetable, run: RunId) =>
  timetable.run(...trainAndDateOf(run))?.train ?? { stops: [] };
