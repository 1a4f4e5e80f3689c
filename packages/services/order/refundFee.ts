/**
 * What giving a ticket back costs, and by which rule: graded by the time left until departure (退票费, the railway's published grades),
 * with what the railway's policy says of tickets bought by mistake and of those that were changed.
 */
import {
  type EarlierChange,
  type Policy,
  type RefundBar,
  type RefundCharge,
  suspendedDaysOf,
} from "@chepiao/contracts";
import {
  type EpochMs,
  epochMs,
  type Fen,
  fen,
  hourMs,
  minuteMs,
  ok,
  refuse,
  type Result,
  type ServiceDate,
  shareOf,
} from "@chepiao/kernel";

export type RefundGrade = {
  /** The grade holds from this long before departure. */
  readonly atLeastMs: number;
  /** Part of the fare in basis points (1/100 of a percent). */
  readonly feeBasisPoints: number;
};

/** What the railway's policy says of giving back. */
export type RefundRules = {
  /** Longest time first. */
  readonly grades: readonly RefundGrade[];
  /** Fees are whole multiples of this. */
  readonly roundToFen: number;
  /** Where a fee is due, it is at least this, and at most the fare. */
  readonly feeFenMin: number;
  /** A ticket of a train that did not run goes back free until so many days after its day of travel. */
  readonly suspendedDays: number;
  /** Null where a mistake costs what everything costs. */
  readonly mistake: { readonly withinMs: number; readonly aheadMs: number; readonly perDay: number } | null;
  /** Kept of a ticket that is free only because it was changed to a later train. */
  readonly changedFarBasisPoints: number;
  /** Days of travel on which a changed ticket costs this, however early it is given back. */
  readonly festival: {
    readonly periods: readonly { readonly from: string; readonly to: string }[];
    readonly feeBasisPoints: number;
  };
};

const basisPoints = (percent: number): number => Math.round(percent * 100);

export const refundRulesOf = ({ refund }: Pick<Policy, "refund">): RefundRules => ({
  grades: refund.grades.map(({ hoursBefore, percent }) => ({
    atLeastMs: hoursBefore * hourMs,
    feeBasisPoints: basisPoints(percent),
  })),
  roundToFen: refund.rounding,
  feeFenMin: refund.minimum,
  suspendedDays: suspendedDaysOf(refund),
  mistake: refund.mistake
    ? {
        withinMs: refund.mistake.minutes * minuteMs,
        aheadMs: refund.mistake.hoursAhead * hourMs,
        perDay: refund.mistake.perDay,
      }
    : null,
  changedFarBasisPoints: basisPoints(refund.changedFar ?? 0),
  festival: {
    periods: refund.festival?.periods ?? [],
    feeBasisPoints: basisPoints(refund.festival?.percent ?? 0),
  },
});

/** When a ticket was changed, and when the train left that it was for until then. */
export type ChangedTicket = EarlierChange & { readonly earlier?: readonly EarlierChange[] };

/** What it was changed by once it stays: another change does not make it as it was bought. */
const everyChange = (changed: ChangedTicket | null): readonly EarlierChange[] =>
  changed ? [changed, ...(changed.earlier ?? [])] : [];

/** What the rules ask of a ticket. */
export type RefundCase = {
  readonly fareFen: Fen;
  readonly departAt: EpochMs;
  /** The day on which its passenger boards. */
  readonly boardingDate: ServiceDate;
  readonly paidAt: EpochMs | null;
  /** Null for one that is as it was bought. */
  readonly changed: ChangedTicket | null;
  /** It was bought by an entry of the waitlist. */
  readonly isOfWaitlist: boolean;
  /** Of a train that does not run: when the last day is over on which it is given back. Null for one that does. */
  readonly notRunUntil: EpochMs | null;
  /** The train runs without its coach, and has not left. */
  readonly isCoachLost: boolean;
};

export type RefundMoment = {
  readonly now: EpochMs;
  /** The account may still give back an order by mistake today, or has begun to give back this one so. */
  readonly isMistakeOpen: boolean;
};

export type RefundTerms = {
  readonly rule: RefundCharge;
  readonly feeBasisPoints: number;
  readonly feeFen: Fen;
  readonly refundFen: Fen;
  /** The last moment of a rule that ends before the grade does; null for the others. */
  readonly until: EpochMs | null;
};

export type RefundStep = { readonly until: EpochMs; readonly feeBasisPoints: number };

/** What is to come: each grade that is not over yet, with the moment until which it holds. */
export const refundSteps = (
  departAt: EpochMs,
  now: EpochMs,
  { grades }: Pick<RefundRules, "grades">,
): readonly RefundStep[] =>
  grades
    .map(({ atLeastMs, feeBasisPoints }) => ({ until: epochMs(departAt - atLeastMs), feeBasisPoints }))
    .filter(({ until }) => until >= now && now < departAt);

/** The terms at this moment, or why nothing is given back any more. */
export function refundTerms(
  ticket: RefundCase,
  moment: RefundMoment,
  rules: RefundRules,
): Result<RefundTerms, RefundBar> {
  const { changed, departAt } = ticket;
  const { now } = moment;
  if (ticket.notRunUntil !== null && now < ticket.notRunUntil) return ok(charged(ticket, "runCancelled", 0, rules));
  if (ticket.isCoachLost) return ok(charged(ticket, "coachLost", 0, rules));
  if (everyChange(changed).some(({ changedAt, departAt: left }) => changedAt >= left))
    return refuse("changedAfterDeparture");
  const grade = gradeAt(departAt, now, rules);
  if (!grade || now >= departAt) return refuse("departed");
  const mistakeUntil = mistakeEnds(ticket, rules);
  if (isFestival(ticket, rules)) return ok(charged(ticket, "festival", rules.festival.feeBasisPoints, rules));
  if (grade.feeBasisPoints === 0 && isChangedFar(ticket, rules))
    return ok(charged(ticket, "changedFar", rules.changedFarBasisPoints, rules));
  if (grade.feeBasisPoints > 0 && moment.isMistakeOpen && mistakeUntil !== null && now <= mistakeUntil)
    return ok({ ...charged(ticket, "mistake", 0, rules), until: mistakeUntil });
  return ok(charged(ticket, "grade", grade.feeBasisPoints, rules));
}

/** The one that holds now; none once the train has left. */
export const gradeAt = (
  departAt: EpochMs,
  now: EpochMs,
  { grades }: Pick<RefundRules, "grades">,
): RefundGrade | undefined => grades.find(({ atLeastMs }) => departAt - now >= atLeastMs);

/** Until when it may have been bought by mistake; null where it may not. */
function mistakeEnds(
  { paidAt, departAt, changed, isOfWaitlist }: RefundCase,
  { mistake }: RefundRules,
): EpochMs | null {
  if (!mistake || paidAt === null || changed !== null || isOfWaitlist) return null;
  return epochMs(Math.min(paidAt + mistake.withinMs, departAt - mistake.aheadMs));
}

const isFestival = ({ changed, boardingDate }: RefundCase, { festival }: RefundRules): boolean =>
  changed !== null && festival.periods.some(({ from, to }) => from <= boardingDate && boardingDate <= to);

/** The train that it was for until then was not in the free grade when it was changed. */
const isChangedFar = ({ changed }: RefundCase, rules: RefundRules): boolean =>
  rules.changedFarBasisPoints > 0 &&
  everyChange(changed).some(
    ({ changedAt, departAt }) => (gradeAt(departAt, changedAt, rules)?.feeBasisPoints ?? 0) > 0,
  );

function charged(
  { fareFen }: RefundCase,
  rule: RefundCharge,
  feeBasisPoints: number,
  { roundToFen, feeFenMin }: RefundRules,
): RefundTerms {
  const share = shareOf(fareFen, feeBasisPoints, roundToFen);
  const feeFen = fen(feeBasisPoints > 0 ? Math.min(fareFen, Math.max(share, feeFenMin)) : 0);
  return { rule, feeBasisPoints, feeFen, refundFen: fen(fareFen - feeFen), until: null };
}
