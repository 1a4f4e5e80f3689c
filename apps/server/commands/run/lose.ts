/**
 * Says that a train runs without a coach, or several, and what that means for who has seats there. The platform does the rest: it gives them other seats of the
 * train, as `run try` says where they would sit, and who finds none may change or give back without a fee.
 */
import type { RunId } from "@chepiao/contracts";
import { type LossPlan, lossTickets, planLoss, sayLost, unconfirmed } from "@chepiao/services/operations";
import { sayPlan } from "./refit.ts";
import { sayReseats } from "./reseated.ts";
import type { RunStores } from "./stores.ts";
import { type CoachWish, nosText } from "./withdraw.ts";
import { acting, asTyped, depsOf, failIf, noteOf, orFail } from "./words.ts";

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
  const losses: LossPlan[] = [];
  for (const run of runs) {
    const loss = await lossOf(stores, { ...wish, run }, say);
    if (loss) losses.push(loss);
  }
  if (losses.length === 0) return;
  const ticketCount = losses.reduce((sum, loss) => sum + lossTickets(loss), 0);
  if (losses.length > 1) say(`On ${losses.length} days: ${ticketCount} tickets lose their seats.`);
  if (wish.isTrial) return say("Nothing was changed.");
  failIf(stores, unconfirmed(losses[0]!.run, "move", ticketCount, wish.confirmed));
  for (const loss of losses)
    await acting(stores, noteOf("withdrawCoach", loss.run, `lost coach ${nosText(wish)}`, wish.reason), () =>
      sayLost(depsOf(stores), loss),
    );
  say(
    "No seat of it is sold any more. People are given other seats from 5 s on, while the platform runs: in their own class or a better one, and " +
      "nobody pays for it. Until the train leaves, who finds none takes another train or gives the ticket back, without a fee.",
  );
  for (const { run } of losses) say(`How far it is: run status ${asTyped(run)}`);
}

/** Null where all of it is lost already. */
async function lossOf(stores: RunStores, wish: CoachWish, say: Say): Promise<LossPlan | null> {
  const { run } = wish;
  const loss = orFail(stores, await planLoss(depsOf(stores), wish));
  if (!loss.plan) {
    say(`${run} runs without coach ${nosText(wish)} already.`);
    await sayReseats(stores, run, false, say);
    return null;
  }
  const lostNos = [...loss.before.lost.map(({ no }) => no), ...loss.fresh];
  say(`${run}, without coach ${lostNos.toSorted((a, b) => a - b).join(", ")}`);
  sayPlan(loss.plan, stores, say);
  return loss;
}
