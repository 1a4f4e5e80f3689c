/**
 * That a train runs without a coach, or several. Who has seats there is given others of the train by the platform once that is said, and who finds none
 * may change or give back without a fee.
 */
import { trainAndDateOf } from "@chepiao/contracts";
import { type EpochMs, ok, type Result } from "@chepiao/kernel";
import type { WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";
import type { RunDeps, RunFault } from "./deps.ts";
import { losersOf, planMoves, type RefitPlan } from "./refit.ts";
import { type CoachesAsked, compositionOf, setCoaches, withdrawnOf } from "./withdraw.ts";

export type LossPlan = CoachesAsked & {
  readonly fresh: readonly number[];
  readonly before: WithdrawnCoaches;
  /** Null where all of it is lost already. */
  readonly plan: RefitPlan | null;
};

export async function planLoss(deps: RunDeps, asked: CoachesAsked): Promise<Result<LossPlan, RunFault>> {
  const composition = compositionOf(deps, asked);
  if (!composition.ok) return composition;
  const { withdrawn: before } = await withdrawnOf(deps, asked.run);
  const fresh = asked.coachNos.filter((each) => !before.lost.some(({ no }) => no === each));
  if (fresh.length === 0) return ok({ ...asked, fresh, before, plan: null });
  const run = deps.timetable.run(...trainAndDateOf(asked.run))!;
  const plan = await planMoves(deps, run, lossOf(before, fresh, deps.clock.now()));
  return ok({ ...asked, fresh, before, plan });
}

export const lossTickets = ({ plan }: LossPlan): number => (plan ? losersOf(plan) : 0);

/** Of what was planned; where somebody has said something of the run since, it is refused. */
export async function sayLost(deps: RunDeps, { run, fresh, before }: LossPlan): Promise<Result<void, RunFault>> {
  const { version, withdrawn: now } = await withdrawnOf(deps, run);
  const isAsPlanned =
    String(now.coachNos) === String(before.coachNos) &&
    now.lost.length === before.lost.length &&
    now.exchange?.since === before.exchange?.since;
  return setCoaches(deps, isAsPlanned ? version : null, lossOf(before, fresh, deps.clock.now()));
}

const lossOf = (withdrawn: WithdrawnCoaches, fresh: readonly number[], since: EpochMs): WithdrawnCoaches => ({
  ...withdrawn,
  coachNos: [...withdrawn.coachNos, ...fresh],
  lost: [...withdrawn.lost, ...fresh.map((no) => ({ no, since }))],
});
