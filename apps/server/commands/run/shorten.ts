/** Between which stops a run still runs. */
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import type { NotRun } from "@chepiao/ports/run-states";
import { CommandFailed } from "../command.ts";
import type { RunStores } from "./stores.ts";

export type Stretch = { readonly from: string; readonly to: string };

/** The stops before the one station and behind the other. Of a train that calls twice somewhere the longer way is kept. */
export function stopsBeyond(stores: Pick<RunStores, "timetable">, run: RunId, { from, to }: Stretch): number[] {
  const { stops } = stopsOf(stores, run);
  const [fromIds, toIds] = [placeIn(stores, from), placeIn(stores, to)];
  const first = stops.findIndex(({ stationId }) => fromIds.includes(stationId));
  const last = stops.findLastIndex(({ stationId }) => toIds.includes(stationId));
  if (first < 0 || last < 0) throw new CommandFailed(`${run} does not call at ${first < 0 ? from : to}.`);
  if (first >= last) throw new CommandFailed(`${run} does not go from ${from} to ${to}.`);
  const beyond = [...stops.keys()].filter((stop) => stop < first || stop > last);
  if (beyond.length === 0) throw new CommandFailed(`From ${from} to ${to} is the whole way of ${run}.`);
  return beyond;
}

function placeIn({ timetable }: Pick<RunStores, "timetable">, text: string): readonly string[] {
  const ids = timetable.resolvePlace(text);
  if (ids.length === 0) throw new CommandFailed(`The timetable knows no station ${text}.`);
  return ids;
}

/** What is said of it: `G1/2026-12-01`, or that between which stations it runs. */
export function titleOf(stores: Pick<RunStores, "timetable">, { runId, skipped }: NotRun): string {
  if (skipped === null) return runId;
  const { stops } = stopsOf(stores, runId);
  const kept = stops.filter((_, stop) => !skipped.includes(stop));
  const nameOf = (stationId = "") => stores.timetable.station(stationId)?.name ?? stationId;
  return `${runId}, only ${nameOf(kept[0]?.stationId)}–${nameOf(kept.at(-1)?.stationId)}`;
}

const stopsOf = ({ timetable }: Pick<RunStores, "timetable">, run: RunId) =>
  timetable.run(...trainAndDateOf(run))?.train ?? { stops: [] };
