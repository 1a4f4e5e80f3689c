/**
 * A failure without what it does not need: fewer rounds, fewer faults, fewer people, as long as the same invariant is still broken.
 * Each trial is a history of its own; where time is short the smallest so far is what there is.
 */
import { type PlanOptions, roundOf } from "./plan.ts";
import { type Outcome, runSeed, type RunOptions } from "./run.ts";

export type Shrunk = { readonly options: RunOptions; readonly outcome: Outcome; readonly trials: number };

/** The invariant, or whatever stands in front of the colon. */
const kindOf = (violation: string): string => violation.split(":")[0]!;

/** @param until the processor time in milliseconds at which it is enough, as `cpuMs` tells it */
export function shrink(options: RunOptions, outcome: Outcome, until: number, cpuMs: () => number): Shrunk {
  const kind = kindOf(outcome.violations[0]!);
  const rounds = (outcome.failedInRound ?? outcome.rounds - 1) + 1;
  let best: Shrunk = { options, outcome, trials: 0 };
  let trials = 0;

  function attempt(only: ReadonlySet<string> | undefined): boolean {
    if (cpuMs() > until) return false;
    const smaller: RunOptions = { ...options, rounds, only };
    trials++;
    const found = runSeed(smaller);
    if (!found.violations.some((violation) => kindOf(violation) === kind)) return false;
    best = { options: smaller, outcome: found, trials };
    return true;
  }

  const plan: PlanOptions = { seed: options.seed, only: options.only, kind: options.kind };
  const all = Array.from({ length: rounds }, (_, n) => roundOf(n, plan));
  let faults = all.flatMap((round) =>
    [...round.faults, ...round.changes, ...round.cancellations, ...round.withdrawals, ...round.exchanges].map(
      ({ id }) => id,
    ),
  );
  let people = all.flatMap((round) => round.people.map(({ id }) => id));
  if (!attempt(new Set([...faults, ...people]))) return { ...best, trials };
  faults = fewest(faults, (some) => attempt(new Set([...some, ...people])));
  people = fewest(people, (some) => attempt(new Set([...faults, ...some])));
  faults = fewest(faults, (some) => attempt(new Set([...some, ...people])));
  return { ...best, trials };
}

/** Leaves out halves, quarters and so on, down to single ones, as long as it fails without them. */
function fewest(items: string[], fails: (some: readonly string[]) => boolean): string[] {
  let left = items;
  for (
    let size = Math.ceil(left.length / 2);
    size >= 1 && left.length > 0;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < left.length;) {
      const without = [...left.slice(0, at), ...left.slice(at + size)];
      if (fails(without)) left = without;
      else at += size;
    }
  }
  return left;
}
