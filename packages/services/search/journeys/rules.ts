/** What a journey with a change is held to: the railway's times between two trains, and what one order and one document may have. */
import type { Policy } from "@chepiao/contracts";
import { hourMs, secondMs } from "@chepiao/kernel";

/** Nobody waits longer on the way: that is two journeys. */
export const waitMaxS = (12 * hourMs) / secondMs;
/** A journey ends within so many days from the start of its first. */
export const journeyDaysMax = 3;
/** An answer has no more plans. */
export const plansMax = 50;

export type TransferRules = {
  /** From the arrival of one train to the departure of another, in seconds: within a station, or between two of one city. */
  minimumS(fromStation: string, toStation: string): number;
  readonly perUserRun: number;
  readonly perDocumentDay: number;
};

/** Who sells a connection must let it be bought: no less than what one document needs between two trains. */
export function transferRulesOf({ transfer, trips, order }: Policy): TransferRules {
  const gaps = [trips.gapMinutes, trips.otherStationGapMinutes ?? trips.gapMinutes] as const;
  const within = (stationId: string) => transfer?.stations?.[stationId]?.minutes ?? transfer?.minutes ?? 0;
  const between = (stationId: string) =>
    transfer?.stations?.[stationId]?.otherStationMinutes ?? transfer?.otherStationMinutes ?? within(stationId);
  return {
    minimumS: (from, to) => 60 * (from === to ? Math.max(gaps[0], within(from)) : Math.max(gaps[1], between(from))),
    perUserRun: order.perUserRun,
    perDocumentDay: order.perDocumentDay,
  };
}
