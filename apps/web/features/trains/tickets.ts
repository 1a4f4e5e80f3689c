/** The way from a train to its tickets. Pure. */
import type { TrainStops } from "@chepiao/contracts";
import { addDays, dateOf, daysFrom } from "../../lib/format.ts";

type Train = Pick<TrainStops, "originDate" | "runsOn" | "stops">;

/** The day of the train itself, or, once it has left, the next on which it runs; null where there is none. */
export function ticketsOf(
  { originDate, runsOn, stops }: Train,
  nowMs: number,
): { readonly originDate: string; readonly address: string } | null {
  const from = stops.find(({ closedTo, departAt }) => closedTo !== "boarding" && departAt !== null);
  const to = stops.findLast(({ closedTo, arriveAt }) => closedTo !== "alighting" && arriveAt !== null);
  if (!from?.departAt || !to) return null;
  const hasLeft = Date.parse(from.departAt) <= nowMs;
  const day = hasLeft ? runsOn.find((each) => each > originDate) : originDate;
  if (day === undefined) return null;
  const date = addDays(dateOf(from.departAt), daysFrom(originDate, day));
  const fields = { from: from.stationId, to: to.stationId, date };
  return { originDate: day, address: `/?${new URLSearchParams(fields).toString()}` };
}
