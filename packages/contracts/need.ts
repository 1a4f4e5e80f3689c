/**
 * What waits for seats of a run: the part of a waitlist entry that the seat store serves. Whoever waits on several runs has a need on
 * each; which of them ends the others is the waitlist room's to say.
 */
import { type EpochMs, type OrderId, passengersPerOrderMax } from "@chepiao/kernel";
import type { Run } from "./clients.ts";
import { seatsOf } from "./composition.ts";
import type { HoldName } from "./lines.ts";
import { type FieldError, type Refusal, refusal } from "./refusals.ts";
import type { RunId } from "./runId.ts";
import type { SeatClass, SeatPreference } from "./vocabulary.ts";

export type Need = {
  /**
   * With `line` its name: that of the hold which it becomes when it is served, so the id of the order that is then made. A name belongs
   * to one run and waits there once; who waits again, or elsewhere, has another.
   */
  readonly holdId: OrderId;
  readonly line: number;
  readonly run: Run;
  /** In order of preference; served in one of them. Those that the run does not have are passed over. */
  readonly seatClasses: readonly SeatClass[];
  readonly fromStop: number;
  readonly toStop: number;
  /** One entry a passenger, all or none of whom are served: a wish, on which nobody insists, or null. */
  readonly preferences: readonly (SeatPreference | null)[];
  /** Orders those who wait; of equals the lower name comes first. Given from outside: the moment of prepayment, as a rule. */
  readonly place: number;
};

/** A place among those who wait on a run, and what for: of a need that stands there, or of one that would. */
export type WaitingPlace = Pick<Need, "run" | "seatClasses" | "fromStop" | "toStop" | "place">;

/** A need that was served: a hold with a deadline, under its name. */
export type Grant = {
  readonly holdId: OrderId;
  readonly line: number;
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  /** One a passenger, in the order of the need. */
  readonly seatIndexes: readonly number[];
};

/** Seats that were given back over a way. */
export type FreedSeats = {
  readonly seatClass: SeatClass;
  readonly fromStop: number;
  readonly toStop: number;
  readonly seatIndexes: readonly number[];
};

/** What one step meant for those who wait on a run. */
export type WaitlistStep = {
  readonly runId: RunId;
  readonly at: EpochMs;
  /** What came back in it, whether or not it served anybody; null where it was another step. */
  readonly freed: FreedSeats | null;
  readonly grants: readonly Grant[];
};

/** Who waits alike on a run: for the same classes and way, as so many. */
export type NeedGroup = {
  readonly seatClasses: readonly SeatClass[];
  readonly fromStop: number;
  readonly toStop: number;
  readonly partySize: number;
  readonly needs: number;
};

/** An overdue hold; that it is a grant, because whose it is says the waitlist and not the orders. */
export type OverdueHold = HoldName & { readonly isGrant?: true };

/** The classes for which a need can wait on its run. */
export const classesOfNeed = ({ run, seatClasses }: Pick<Need, "run" | "seatClasses">): SeatClass[] => {
  const offered = seatsOf(run.train.composition);
  return seatClasses.filter((seatClass) => offered.has(seatClass));
};

/** What no seat store takes over. */
export function needRefusal(need: Need): Refusal | null {
  const { line, run, seatClasses, fromStop, toStop, preferences, place } = need;
  const faults: FieldError[] = [];
  const fault = (path: string, message: string) => void faults.push({ path, message });
  const isWay = Number.isInteger(fromStop) && Number.isInteger(toStop) && fromStop >= 0 && fromStop < toStop;
  if (!isWay || toStop >= run.train.stops.length) return refusal("NotOnRoute");
  if (!Number.isInteger(line) || line < 0 || line > lineMax) fault("/line", `0…${lineMax}`);
  if (new Set(seatClasses).size !== seatClasses.length) fault("/seatClasses", "each class once");
  if (preferences.length < 1 || preferences.length > passengersPerOrderMax) {
    fault("/preferences", `1…${passengersPerOrderMax} passengers`);
  }
  if (!Number.isSafeInteger(place) || place < 0) fault("/place", "a safe integer, not below 0");
  if (faults.length > 0) return refusal("MalformedRequest", undefined, faults);
  return classesOfNeed(need).length === 0 ? refusal("ClassNotOffered") : null;
}

/** Stores keep it in a byte. */
const lineMax = 255;
