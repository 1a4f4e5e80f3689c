/**
 * That a train is run as another composition than it was sold as. The platform does the rest once that is said: who sits where the train has no seat any
 * more is given another, and when all of those were asked for once, what is left goes to who waits, and to everybody.
 */
import { areSameCoaches, type Composition, type Run, type RunId, seatsOf, withoutReplaced } from "@chepiao/contracts";
import { ok, refuse, type Result, seatsPerClassMax } from "@chepiao/kernel";
import {
  compositionOf,
  compositionsPerRunMax,
  exchangedFor,
  type WithdrawnCoaches,
} from "@chepiao/ports/withdrawn-coaches";
import type { RunDeps, RunFault } from "./deps.ts";
import { compositionCalled, planMoves, type RefitPlan } from "./refit.ts";
import { setCoaches, withdrawnOf } from "./withdraw.ts";
import { runToChange } from "./words.ts";

export type ExchangePlan = {
  readonly run: RunId;
  readonly now: Composition;
  readonly next: Composition;
  /** Of what was said when it was planned. */
  readonly version: number;
  readonly before: WithdrawnCoaches;
  /** Null where it runs as that already. */
  readonly planned: { readonly after: WithdrawnCoaches; readonly plan: RefitPlan } | null;
};

export async function planExchange(
  deps: RunDeps,
  runId: RunId,
  called: string,
): Promise<Result<ExchangePlan, RunFault>> {
  const known = runToChange(deps, runId);
  if (!known.ok) return known;
  const run = known.value;
  const { version, withdrawn: before } = await withdrawnOf(deps, runId);
  const compositions = before.exchange?.compositions ?? [withoutReplaced(run.train.composition)];
  const found = compositionCalled(called, deps.timetable, run, compositions.toReversed());
  if (!found.ok) return found;
  const [now, next] = [compositions.at(-1)!, found.value];
  if (areSameCoaches(now, next)) return ok({ run: runId, now, next, version, before, planned: null });
  const after = exchangeOf(deps, before, compositions, next);
  if (!after.ok) return after;
  const plan = await planMoves(deps, asItIs(run, compositions), after.value);
  return ok({ run: runId, now, next, version, before, planned: { after: after.value, plan } });
}

export const sayExchanged = (
  deps: RunDeps,
  version: number,
  after: WithdrawnCoaches,
): Promise<Result<void, RunFault>> => setCoaches(deps, version, after, "exchange");

/** What was said of coaches was said of those that it has no more. */
function exchangeOf(
  { clock }: RunDeps,
  { runId }: WithdrawnCoaches,
  before: readonly [Composition, ...Composition[]],
  next: Composition,
): Result<WithdrawnCoaches, RunFault> {
  const compositions = exchangedFor(before, next);
  if (compositions.length > compositionsPerRunMax + 1) return refuse({ kind: "compositionsFull", run: runId });
  const tooMany = [...seatsOf(compositionOf({ compositions }))].find(([, seats]) => seats.length > seatsPerClassMax);
  if (tooMany) return refuse({ kind: "classTooLarge", seatClass: tooMany[0] });
  return ok({
    runId,
    coachNos: [],
    lost: [],
    exchange: { compositions, since: clock.now(), closedAt: null, openedAt: null },
  });
}

/** This process may not have heard of an exchange before this one. */
const asItIs = (run: Run, compositions: readonly [Composition, ...Composition[]]): Run => ({
  ...run,
  train: { ...run.train, composition: compositionOf({ compositions }) },
});
