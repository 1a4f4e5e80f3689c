/** Takes a coach of a run off sale, or puts it back. Nobody's seat is touched: what of it is given back is sold to nobody. */
import type { RunId } from "@chepiao/contracts";
import { type CoachPlan, planReinstate, planWithdraw, setCoaches, withdrawnOf } from "@chepiao/services/operations";
import { table } from "../table.ts";
import type { RunStores } from "./stores.ts";
import { acting, asTyped, depsOf, noteOf, orFail } from "./words.ts";

export type CoachWish = {
  readonly run: RunId;
  /** One or more: what they lose together is planned together. */
  readonly coachNos: readonly number[];
  readonly reason: string;
  readonly isTrial: boolean;
};
type Say = (line: string) => void;

export async function withdrawCoach(stores: RunStores, wish: CoachWish, say: Say): Promise<void> {
  const { run, isTrial } = wish;
  const plan = orFail(stores, await planWithdraw(depsOf(stores), wish));
  if (!plan.after) return say(`Coach ${nosText(wish)} of ${run} is withdrawn from sale already.`);
  say(`Coach ${nosText(wish)} of ${run}`);
  const rows = plan.seats.map(({ seatClass, seats, tickets }) => [seatClass, String(seats), String(tickets)]);
  for (const line of table([["class", "seats", "tickets with seats there"], ...rows])) say(`  ${line}`);
  if (isTrial) return say("Nothing was changed.");
  await change(stores, wish, "withdrew", plan);
  say(
    "No seat of it is sold or given to who waits any more, from a second or two from now on while the platform runs. " +
      "Who has a seat keeps it; what is given back of it is for nobody.",
  );
  say(`To give them other seats: run lose-coach ${asTyped(run)} --coach ${wish.coachNos.join(",")} --dry-run`);
}

export async function reinstateCoach(stores: RunStores, wish: CoachWish, say: Say): Promise<void> {
  const { run, isTrial } = wish;
  const plan = orFail(stores, await planReinstate(depsOf(stores), wish));
  if (isTrial) return say(`Coach ${nosText(wish)} of ${run} is withdrawn. Nothing was changed.`);
  await change(stores, wish, "reinstated", plan);
  say(`Coach ${nosText(wish)} of ${run} is sold again, to who waits first: whatever of it nobody has.`);
}

/** For `run status`; empty where nothing is withdrawn. */
export async function withdrawnText(stores: RunStores, run: RunId): Promise<string> {
  const { coachNos } = (await withdrawnOf(stores, run)).withdrawn;
  return coachNos.length === 0 ? "" : `Withdrawn from sale: coach ${coachNos.join(", ")} of ${run}.`;
}

const change = (stores: RunStores, wish: CoachWish, how: string, { version, after }: CoachPlan): Promise<void> =>
  acting(stores, noteOf("withdrawCoach", wish.run, `${how} coach ${nosText(wish)}`, wish.reason), () =>
    setCoaches(stores, version, after!),
  );

export const nosText = ({ coachNos }: Pick<CoachWish, "coachNos">): string => coachNos.join(", ");
