/** The ways of a run from one station to another that can be bought. */
import type { Run, Timetable } from "./clients.ts";

export type Way = { readonly fromStop: number; readonly toStop: number };

/**
 * From the one station to the other, earliest first. Where the train calls twice these are the ways that search offers, those
 * that cannot be shortened: on A–B–A–C nobody who goes from A to C boards before the second A.
 */
export function waysOf(timetable: Pick<Timetable, "stopIndex">, run: Run, from: string, to: string): Way[] {
  const ways: Way[] = [];
  if (from === to) return ways;
  const nextBoarding = (after: number) => timetable.stopIndex(run, from, after, "boarding");
  for (let fromStop = nextBoarding(0); fromStop >= 0;) {
    const toStop = timetable.stopIndex(run, to, fromStop + 1, "alighting");
    if (toStop < 0) break;
    const nextCall = nextBoarding(fromStop + 1);
    if (nextCall < 0 || nextCall > toStop) ways.push({ fromStop, toStop });
    fromStop = nextCall;
  }
  return ways;
}
