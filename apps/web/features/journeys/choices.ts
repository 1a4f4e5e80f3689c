/** What a passenger has chosen of journeys: it is in the address, so that Back and a copied link keep it. */
import type { JourneyPlan, SeatClass } from "@chepiao/contracts";
import { type LegAddress, seatClassNamed } from "../../lib/legsAddress.ts";

export const journeySorts = ["arrival", "duration", "price", "changes"] as const;
export type JourneySort = (typeof journeySorts)[number];
export const journeyClasses = ["business", "first", "second", "softSleeper", "hardSleeper", "hardSeat"] as const;
/** Until the railway has said how many one order may be for. */
export const partyMaxAtFirst = 9;

export type JourneyChoices = {
  readonly sort: JourneySort;
  readonly passengers: number;
  readonly seatClass: SeatClass | null;
  readonly changes: 1 | 2;
};

export function readChoices(query: URLSearchParams, partyMax: number): JourneyChoices {
  const passengers = Number(query.get("party") ?? "1");
  const isParty = Number.isInteger(passengers) && passengers >= 1 && passengers <= partyMax;
  return {
    sort: journeySorts.find((each) => each === query.get("by")) ?? "arrival",
    passengers: isParty ? passengers : 1,
    seatClass: seatClassNamed(query.get("seat") ?? ""),
    changes: query.get("changes") === "2" ? 2 : 1,
  };
}

/** Direct trains are in the list of trains. */
export const withChange = (plans: readonly JourneyPlan[]): JourneyPlan[] =>
  plans.filter(({ kind }) => kind !== "direct");

export const legsOf = ({ legs }: JourneyPlan): LegAddress[] =>
  legs.map(({ trainNumber, originDate, from, to, seatClass }) => ({
    trainNumber,
    originDate,
    from: from.stationId,
    to: to.stationId,
    seatClass,
  }));
