/** Takes a coach of a run off sale, or puts it back. Nobody's seat is touched: what of it is given back is sold to nobody. */
import { type Composition, presentSeatsOf, type RunId, seatClasses } from "@chepiao/contracts";
import { noneWithdrawn, type WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";
import { CommandFailed } from "../command.ts";
import { operatorActs } from "../operator.ts";
import { table } from "../table.ts";
import { ordersOn } from "./effect.ts";
import { coachesOf, partiesOf } from "./parties.ts";
import type { RunStores } from "./stores.ts";
import { asTyped, noteOf, runToChange } from "./words.ts";

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
  const composition = compositionOf(stores, wish);
  const { version, withdrawn } = await withdrawnOf(stores, run);
  const fresh = wish.coachNos.filter((no) => !withdrawn.coachNos.includes(no));
  if (fresh.length === 0) return say(`Coach ${nosText(wish)} of ${run} is withdrawn from sale already.`);
  say(`Coach ${nosText(wish)} of ${run}`);
  for (const line of await effectText(stores, wish, composition)) say(`  ${line}`);
  if (isTrial) return say("Nothing was changed.");
  await change(stores, wish, "withdrew", version, {
    ...withdrawn,
    coachNos: [...withdrawn.coachNos, ...fresh],
  });
  say(
    "No seat of it is sold or given to who waits any more, from a second or two from now on while the platform runs. " +
      "Who has a seat keeps it; what is given back of it is for nobody.",
  );
  say(`To give them other seats: run lose-coach ${asTyped(run)} --coach ${wish.coachNos.join(",")} --dry-run`);
}

/** Also a coach that the train does not have any more. */
export async function reinstateCoach(stores: RunStores, wish: CoachWish, say: Say): Promise<void> {
  const { run, coachNos, isTrial } = wish;
  const { version, withdrawn } = await withdrawnOf(stores, run);
  const other = coachNos.find((no) => !withdrawn.coachNos.includes(no));
  if (other !== undefined) throw new CommandFailed(`Coach ${other} of ${run} is not withdrawn from sale.`);
  if (isTrial) return say(`Coach ${nosText(wish)} of ${run} is withdrawn. Nothing was changed.`);
  await change(stores, wish, "reinstated", version, {
    ...withdrawn,
    coachNos: withdrawn.coachNos.filter((no) => !coachNos.includes(no)),
    lost: withdrawn.lost.filter(({ no }) => !coachNos.includes(no)),
  });
  say(`Coach ${nosText(wish)} of ${run} is sold again, to who waits first: whatever of it nobody has.`);
}

/** For `run status`; empty where nothing is withdrawn. */
export async function withdrawnText({ withdrawnCoaches }: RunStores, run: RunId): Promise<string> {
  const { coachNos } = (await withdrawnCoaches.ofRuns([run]))[0] ?? noneWithdrawn(run);
  return coachNos.length === 0 ? "" : `Withdrawn from sale: coach ${coachNos.join(", ")} of ${run}.`;
}

export async function withdrawnOf({ withdrawnCoaches }: RunStores, run: RunId) {
  // The number first: what is changed behind it is seen by who changes next.
  const version = await withdrawnCoaches.version();
  return { version, withdrawn: (await withdrawnCoaches.ofRuns([run]))[0] ?? noneWithdrawn(run) };
}

/** @param after null where it is known already that somebody else was quicker */
export async function change(
  stores: RunStores,
  wish: CoachWish,
  how: "lost" | "reinstated" | "withdrew",
  after: number | null,
  coaches: WithdrawnCoaches,
): Promise<void> {
  const { run, reason } = wish;
  const what = `${how} coach ${nosText(wish)}`;
  const note = noteOf("withdrawCoach", run, what, reason);
  await operatorActs(stores.auditTrail, note, async () => {
    if (after !== null && (await stores.withdrawnCoaches.set(after, coaches)) !== null) return;
    throw new CommandFailed(
      `Somebody else has just withdrawn or reinstated a coach: say it again. Of ${run} nothing was changed.`,
    );
  });
}

export const nosText = ({ coachNos }: Pick<CoachWish, "coachNos">): string => coachNos.join(", ");

/** Of a train that has all of these coaches. */
export function compositionOf(stores: RunStores, { run, coachNos }: Pick<CoachWish, "coachNos" | "run">): Composition {
  const { composition } = runToChange(stores, run).train;
  const unknown = coachNos.find((each) => !composition.coaches.some(({ no }) => no === each));
  if (unknown !== undefined) throw new CommandFailed(`${run} has no coach ${unknown}: ${coachesOf(composition)}.`);
  return composition;
}

async function effectText(stores: RunStores, { run, coachNos }: CoachWish, composition: Composition) {
  const orders = await ordersOn(stores.orders, { runId: run, skipped: null });
  const parties = orders.flatMap((order) => partiesOf(order, run));
  const seats = presentSeatsOf(composition);
  const rows = seatClasses.flatMap((seatClass) => {
    const own = (seats.get(seatClass) ?? []).filter((seat) => coachNos.includes(seat.coachNo));
    const tickets = parties
      .filter((party) => party.seatClass === seatClass)
      .flatMap((party) => party.tickets)
      .filter(({ seatIndex }) => own.some(({ index }) => index === seatIndex));
    return own.length === 0 ? [] : [[seatClass, String(own.length), String(tickets.length)]];
  });
  return table([["class", "seats", "tickets with seats there"], ...rows]);
}
