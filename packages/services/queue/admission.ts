/** How many more are let in now: so many a minute at most, and never more than there is room for inside. */
import { queueCalledAtOnceMax } from "@chepiao/kernel";

export type AdmissionFacts = {
  readonly waiting: number;
  /** Who is inside, or was just called. */
  readonly inside: number;
  readonly activeMax: number;
  readonly perMinute: number;
  /** Parts of a person that the last look left over, and how long ago it was. */
  readonly credit: number;
  readonly elapsedMs: number;
};

/** What was not used for as long as this is not made up for: else a pause would be followed by a crowd. */
const creditMs = 5_000;

export function decideAdmission(facts: AdmissionFacts): { readonly count: number; readonly credit: number } {
  const { waiting, inside, activeMax, perMinute } = facts;
  const perMs = perMinute / 60_000;
  const gained = facts.credit + perMs * Math.max(0, facts.elapsedMs);
  const credit = Math.min(gained, 1 + perMs * creditMs);
  const count = Math.max(0, Math.floor(Math.min(credit, waiting, activeMax - inside, queueCalledAtOnceMax)));
  return { count, credit: credit - count };
}
