/**
 * What of a run may be sold to whom, beyond which of its seats are free: one record a run and class, kept with the seats and asked
 * in the same step as a hold. What it means is rule 0 of the policy in packages/engine/choose.ts.
 */
import { type EpochMs, odGroupsPerOfferMax, quotaLimitsMax } from "@chepiao/kernel";
import type { Availability, ClassAvailability, Run } from "./clients.ts";
import { type Composition, seatCountsBefore, seatsOf, standingParent } from "./composition.ts";
import { type FieldError, type Refusal, refusal } from "./refusals.ts";
import type { SeatClass } from "./vocabulary.ts";

/** A group of origins and destinations: every way from one of these stops to one of those. Stops are counted from 0. */
export type OdGroup = { readonly fromStops: readonly number[]; readonly toStops: readonly number[] };

/**
 * How many seats may be held over the ways of a group at one time, by passengers of all channels together. Quotas of a class are
 * nested, not partitioned: a hold counts in every group that its way belongs to.
 */
export type Quota = OdGroup & {
  /** In order of time; before the first, none may be held. */
  readonly limits: readonly QuotaLimit[];
};
/** From `since` on that many seats, until the next limit; null is any number. */
export type QuotaLimit = { readonly since: EpochMs; readonly seats: number | null };

export type Offer = {
  /** Ways on which what is free is sold to the waitlist alone. */
  readonly waitlistGate: readonly OdGroup[];
  readonly quotas: readonly Quota[];
  /**
   * Seats, by index, that an operator has withdrawn from sale, as those of a coach that the train runs without. What of one is free is sold
   * to nobody through any channel, and what of it is held stays held; once that is given back it is free for nobody, in the same step.
   */
  readonly withdrawn: readonly number[];
};

/** What is left out stays as it is, so that who sets gates need not know the quotas; an empty list takes away. */
export type OfferChange = { readonly run: Run; readonly seatClass: SeatClass } & Partial<Offer>;

const untouched = new WeakMap<Composition, Availability>();

/** Of a train from which nothing is sold and for which nothing was set: all its seats but those that are new, and nobody stands. */
export function availabilityOfUntouched(composition: Composition): Availability {
  const known = untouched.get(composition);
  if (known) return known;
  const parent = standingParent(composition);
  const all = new Map<SeatClass, ClassAvailability>();
  const counts = seatCountsBefore(composition);
  for (const [seatClass, count] of counts) {
    const waits = seatClass === "standing" && parent !== null && counts.get(parent)! > 0;
    all.set(seatClass, {
      sellable: waits ? 0 : count,
      refusal: waits ? "StandingNotYet" : count > 0 ? null : "SoldOut",
      changesAt: null,
    });
  }
  untouched.set(composition, all);
  return all;
}

/** What no seat store takes over: a class that the run does not have, stops or seats that are not its own, limits that go back in time. */
export function offerRefusal(change: OfferChange): Refusal | null {
  const { run, seatClass, waitlistGate = [], quotas = [], withdrawn = [] } = change;
  const ofClass = seatsOf(run.train.composition).get(seatClass);
  if (!ofClass) return refusal("ClassNotOffered");
  const faults: FieldError[] = [];
  const fault = (path: string, message: string) => void faults.push({ path, message });
  const stopCount = run.train.stops.length;
  const isStop = (stop: number) => Number.isInteger(stop) && stop >= 0 && stop < stopCount;
  for (const [name, groups] of Object.entries({ waitlistGate, quotas })) {
    if (groups.length > odGroupsPerOfferMax) fault(`/${name}`, `at most ${odGroupsPerOfferMax} groups`);
    groups.forEach(({ fromStops, toStops }, n) => {
      if (![...fromStops, ...toStops].every(isStop)) fault(`/${name}/${n}`, `stops are numbered 0…${stopCount - 1}`);
      else if (!(Math.min(...fromStops) < Math.max(...toStops))) fault(`/${name}/${n}`, "no way leads forward");
    });
  }
  if (withdrawn.length > ofClass.length) fault("/withdrawn", `at most ${ofClass.length} seats`);
  else if (!withdrawn.every((seat) => ofClass[seat] !== undefined))
    fault("/withdrawn", `seats are numbered 0…${ofClass.length - 1}`);
  quotas.forEach(({ limits }, n) => {
    if (limits.length < 1 || limits.length > quotaLimitsMax) fault(`/quotas/${n}/limits`, `1…${quotaLimitsMax} limits`);
    limits.forEach(({ since, seats }, m) => {
      const isLater = Number.isSafeInteger(since) && since >= 0 && (m === 0 || since > limits[m - 1]!.since);
      if (!isLater) fault(`/quotas/${n}/limits/${m}/since`, "limits follow each other in time");
      const isCount = seats === null || (Number.isInteger(seats) && seats >= 0 && seats <= seatsPerQuotaMax);
      if (!isCount) fault(`/quotas/${n}/limits/${m}/seats`, "a number of seats, or null");
    });
  });
  return faults.length === 0 ? null : refusal("MalformedRequest", undefined, faults);
}

/** Far above what a run can sell; stores count in 32 bits. */
const seatsPerQuotaMax = 2 ** 31 - 1;
