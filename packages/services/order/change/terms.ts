/**
 * What changing a ticket costs (改签费): by the day of the new train and the time left until the old one leaves; and what is kept of the
 * difference where the new ticket costs less. A change of destination (变更到站) costs nothing, and has to be made early.
 */
import type { ChangeKind, ChangeRule, Policy, RailwaysFault, Refusal } from "@chepiao/contracts";
import { refusal } from "@chepiao/contracts";
import {
  addDays,
  type EpochMs,
  type Fen,
  fen,
  hourMs,
  instantOfClock,
  ok,
  refuse,
  type Result,
  type ServiceDate,
  shareOf,
  type ZoneName,
} from "@chepiao/kernel";
import { gradeAt, type RefundGrade, type RefundRules } from "../refundFee.ts";

/** What the railway's policy says of changes. */
export type ChangeRules = {
  /** How often a ticket, and what became of it, is changed. */
  readonly timesMax: number;
  /** To a later day; longest time first. */
  readonly grades: readonly RefundGrade[];
  /** To a later day once the train has left; null where nothing is changed then. */
  readonly afterDepartureBasisPoints: number | null;
  readonly differenceAfterDepartureBasisPoints: number;
  /** Null where no ticket becomes one to another station. */
  readonly destinationAheadMs: number | null;
  readonly roundToFen: number;
};

/** Null for a railway that changes no tickets. */
export function changeRulesOf({ change, refund }: Pick<Policy, "change" | "refund">): ChangeRules | null {
  if (!change) return null;
  const { max, grades, afterDeparture, differenceAfterDeparture, destinationMinHours } = change;
  return {
    timesMax: max,
    grades: grades.map(({ hoursBefore, percent }) => ({
      atLeastMs: hoursBefore * hourMs,
      feeBasisPoints: basisPoints(percent),
    })),
    afterDepartureBasisPoints: afterDeparture === undefined ? null : basisPoints(afterDeparture),
    differenceAfterDepartureBasisPoints: basisPoints(differenceAfterDeparture),
    destinationAheadMs: destinationMinHours === undefined ? null : destinationMinHours * hourMs,
    roundToFen: refund.rounding,
  };
}

const basisPoints = (percent: number) => Math.round(percent * 100);

export type ChangeTerms = {
  readonly rule: ChangeRule;
  /** Of the lower of both fares. */
  readonly feeBasisPoints: number;
  /** Of what the new ticket costs less. */
  readonly differenceBasisPoints: number;
};

/** The ticket's trip, and the day on which the new one begins. */
export type Dates = {
  readonly departAt: EpochMs;
  readonly arriveAt: EpochMs;
  readonly boardingDate: ServiceDate;
  /** Why its railway does not carry whoever has it: who changes from it pays nothing for that. */
  readonly fault?: RailwaysFault | null;
  /** By whose clock the ticket's day ends. */
  readonly zone: ZoneName;
  readonly newBoardingDate: ServiceDate;
};

/** The terms at this moment. */
export function changeTerms(
  kind: ChangeKind,
  dates: Dates,
  now: EpochMs,
  rules: ChangeRules,
  refund: RefundRules,
): Result<ChangeTerms, Refusal> {
  const { departAt, arriveAt, boardingDate, zone, newBoardingDate } = dates;
  const tooLate = refuse(refusal("ChangeTooLate"));
  if (kind === "destination" && rules.destinationAheadMs === null) return refuse(refusal("ChangeNotOffered"));
  if (dates.fault && kind === "reschedule" && now < arriveAt)
    return ok({ rule: dates.fault, feeBasisPoints: 0, differenceBasisPoints: 0 });
  const isLater = newBoardingDate > boardingDate;
  if (now >= departAt) {
    const { afterDepartureBasisPoints: feeBasisPoints, differenceAfterDepartureBasisPoints } = rules;
    // Who has arrived has travelled, whenever the order comes to know.
    const isOver = now >= arriveAt || now >= instantOfClock(addDays(boardingDate, 1), 0, zone);
    if (kind === "destination" || feeBasisPoints === null || isOver) return tooLate;
    return ok({
      ...(isLater ? { rule: "afterDeparture", feeBasisPoints } : free),
      differenceBasisPoints: differenceAfterDepartureBasisPoints,
    });
  }
  const differenceBasisPoints = gradeAt(departAt, now, refund)!.feeBasisPoints;
  if (kind === "destination") {
    if (departAt - now < rules.destinationAheadMs!) return tooLate;
    return ok({ rule: "destination", feeBasisPoints: 0, differenceBasisPoints });
  }
  const { feeBasisPoints } = rules.grades.find(({ atLeastMs }) => departAt - now >= atLeastMs)!;
  return ok({ ...(isLater ? { rule: "grade", feeBasisPoints } : free), differenceBasisPoints });
}

const free = { rule: "notLater", feeBasisPoints: 0 } as const;

export type ChangeMoney = {
  readonly feeFen: Fen;
  /** Never more than is left of the difference. */
  readonly differenceFeeFen: Fen;
  /** What the change costs; below zero, what comes back. */
  readonly netFen: Fen;
};

/** Of one ticket. */
export function changeMoney(
  fareFen: Fen,
  newFareFen: Fen,
  { feeBasisPoints, differenceBasisPoints }: ChangeTerms,
  { roundToFen }: Pick<ChangeRules, "roundToFen">,
): ChangeMoney {
  const lowerFen = fen(Math.min(fareFen, newFareFen));
  // A fare that is no multiple of what fees are rounded to would be rounded up to more than itself.
  const feeFen = fen(Math.min(lowerFen, shareOf(lowerFen, feeBasisPoints, roundToFen)));
  const lessFen = fen(Math.max(0, fareFen - newFareFen));
  const share = shareOf(lessFen, differenceBasisPoints, roundToFen);
  const differenceFeeFen = fen(Math.min(share, Math.max(0, lessFen - feeFen)));
  return { feeFen, differenceFeeFen, netFen: fen(newFareFen - fareFen + feeFen + differenceFeeFen) };
}
