/**
 * Says that a train runs without a coach, or several, and what that means for who has seats there. The platform does the rest: it gives them other seats of the
 * train, as `run try` says where they would sit, and who finds none may change or give back without a fee.
 */
import { type RunId, trainAndDateOf } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import type { WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";
import { planMoves, sayPlan } from "./refit.ts";
import { sayReseats } from "./reseated.ts";
import type { RunStores } from "./stores.ts";
import { change, type CoachWish, compositionOf, nosText, withdrawnOf } from "./withdraw.ts";
import { asTyped, refuseMovesUnconfirmed } from "./words.ts";

export type LoseWish = CoachWish & {
  /** Up to so many tickets, of all its runs; null where nobody has said. */
  readonly confirmed: number | null;
};
type Say = (line: string) => void;

export const loseCoach = (stores: RunStores, wish: LoseWish, say: Say): Promise<void> =>
  loseCoachOn(stores, [wish.run], wish, say);

/** On each of the days: all of them are planned and confirmed before anything is said of the first. Said again, it goes on where it ended. */
export async function loseCoachOn(
  stores: RunStores,
  runs: readonly RunId[],
  wish: Omit<LoseWish, "run">,
  say: Say,
): Promise<void> {
  const losses: Loss[] = [];
  for (const run of runs) {
    const loss = await planLoss(stores, { ...wish, run }, say);
    if (loss) losses.push(loss);
  }
  if (losses.length === 0) return;
  const ticketCount = losses.reduce((sum, loss) => sum + loss.ticketCount, 0);
  if (losses.length > 1) say(`On ${losses.length} days: ${ticketCount} tickets lose their seats.`);
  if (wish.isTrial) return say("Nothing was changed.");
  refuseMovesUnconfirmed(ticketCount, wish.confirmed);
  for (const loss of losses) await begin(stores, loss);
  say(
    "No seat of it is sold any more. People are given other seats from 5 s on, while the platform runs: in their own class or a better one, and " +
      "nobody pays for it. Until the train leaves, who finds none takes another train or gives the ticket back, without a fee.",
  );
  for (const { wish: one } of losses) say(`How far it is: run status ${asTyped(one.run)}`);
}

type Loss = {
  readonly wish: CoachWish;
  readonly fresh: readonly number[];
  readonly withdrawn: WithdrawnCoaches;
  readonly ticketCount: number;
};

/** Null where all of it is lost already. */
async function planLoss(stores: RunStores, wish: CoachWish, say: Say): Promise<Loss | null> {
  const { run } = wish;
  compositionOf(stores, wish);
  const { withdrawn } = await withdrawnOf(stores, run);
  const fresh = wish.coachNos.filter((each) => !withdrawn.lost.some(({ no }) => no === each));
  if (fresh.length === 0) {
    say(`${run} runs without coach ${nosText(wish)} already.`);
    await sayReseats(stores, run, false, say);
    return null;
  }
  const lostNos = [...withdrawn.lost.map(({ no }) => no), ...fresh];
  const known = stores.timetable.run(...trainAndDateOf(run))!;
  const after = lossOf(withdrawn, fresh, stores.clock.now());
  const plan = await planMoves(stores, known, after);
  say(`${run}, without coach ${lostNos.toSorted((a, b) => a - b).join(", ")}`);
  sayPlan(plan, stores, say);
  return { wish, fresh, withdrawn, ticketCount: plan.placements.filter(({ isMoved }) => isMoved).length };
}

/** Of what was planned; where somebody has said something of the run since, it is refused. */
async function begin(stores: RunStores, { wish, fresh, withdrawn }: Loss): Promise<void> {
  const { version, withdrawn: now } = await withdrawnOf(stores, wish.run);
  const isAsPlanned =
    String(now.coachNos) === String(withdrawn.coachNos) &&
    now.lost.length === withdrawn.lost.length &&
    now.exchange?.since === withdrawn.exchange?.since;
  await change(stores, wish, "lost", isAsPlanned ? version : null, lossOf(withdrawn, fresh, stores.clock.now()));
}

const lossOf = (withdrawn: WithdrawnCoaches, fresh: readonly number[], since: EpochMs): WithdrawnCoaches => ({
  ...withdrawn,
  coachNos: [...withdrawn.coachNos, ...fresh],
  lost: [...withdrawn.lost, ...fresh.map((no) => ({ no, since }))],
});
