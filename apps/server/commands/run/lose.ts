/**
 * Says that a train runs without a coach, or several, and what that means for who has seats there. The platform does the rest: it gives them other seats of the
 * train, as `run try` says where they would sit, and who finds none may change or give back without a fee.
 */
import { trainAndDateOf } from "@chepiao/contracts";
import { CommandFailed } from "../command.ts";
import { planWithout, sayPlan } from "./refit.ts";
import { sayReseats } from "./reseated.ts";
import type { RunStores } from "./stores.ts";
import { change, type CoachWish, compositionOf, nosText, withdrawnOf } from "./withdraw.ts";
import { asTyped, confirmAbove } from "./words.ts";

export type LoseWish = CoachWish & {
  /** Up to so many tickets; null where nobody has said. */
  readonly confirmed: number | null;
};
type Say = (line: string) => void;

export async function loseCoach(stores: RunStores, wish: LoseWish, say: Say): Promise<void> {
  const { run, isTrial, confirmed } = wish;
  compositionOf(stores, wish);
  const { version, withdrawn } = await withdrawnOf(stores, run);
  const fresh = wish.coachNos.filter((each) => !withdrawn.lost.some(({ no }) => no === each));
  if (fresh.length === 0) {
    say(`${run} runs without coach ${nosText(wish)} already.`);
    return sayReseats(stores, run, false, say);
  }
  const lostNos = [...withdrawn.lost.map(({ no }) => no), ...fresh];
  const known = stores.timetable.run(...trainAndDateOf(run))!;
  const plan = await planWithout(stores, known, lostNos, withdrawn.coachNos);
  const ticketCount = plan.placements.filter(({ isMoved }) => isMoved).length;
  say(`${run}, without coach ${lostNos.toSorted((a, b) => a - b).join(", ")}`);
  sayPlan(plan, stores, say);
  if (isTrial) return say("Nothing was changed.");
  refuseUnconfirmed(ticketCount, confirmed);
  await change(stores, wish, "lost", version, {
    ...withdrawn,
    coachNos: [...withdrawn.coachNos, ...fresh],
    lost: [...withdrawn.lost, ...fresh.map((no) => ({ no, since: stores.clock.now() }))],
  });
  say(
    "No seat of it is sold any more. People are given other seats from 5 s on, while the platform runs: in their own class or a better one, and " +
      "nobody pays for it. Until the train leaves, who finds none takes another train or gives the ticket back, without a fee.",
  );
  say(`How far it is: run status ${asTyped(run)}`);
}

function refuseUnconfirmed(ticketCount: number, confirmed: number | null): void {
  if (ticketCount <= confirmAbove || (confirmed ?? 0) >= ticketCount) return;
  throw new CommandFailed(
    confirmed === null
      ? `That are more than ${confirmAbove} tickets: say --confirm ${ticketCount} to give all of them other seats. Nothing was changed.`
      : `--confirm says ${confirmed} tickets, and now there are ${ticketCount}. Nothing was changed.`,
  );
}
