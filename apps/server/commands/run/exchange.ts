/**
 * Says that a train is to be run as another composition than it was sold as, and what that means for who has seats. The platform does the rest: who sits
 * where the train has no seat any more is given another, and when all of those were asked for once, what is left goes to who waits, and to everybody.
 */
import { areSameCoaches, type Composition, type Run, type RunId, seatsOf, withoutReplaced } from "@chepiao/contracts";
import { seatsPerClassMax } from "@chepiao/kernel";
import {
  compositionOf,
  compositionsPerRunMax,
  exchangedFor,
  type WithdrawnCoaches,
} from "@chepiao/ports/withdrawn-coaches";
import { CommandFailed } from "../command.ts";
import { operatorActs } from "../operator.ts";
import { compositionCalled, planMoves, sayPlan } from "./refit.ts";
import { sayReseats } from "./reseated.ts";
import type { RunStores } from "./stores.ts";
import { withdrawnOf } from "./withdraw.ts";
import { asTyped, noteOf, refuseMovesUnconfirmed, runToChange } from "./words.ts";

export type ExchangeWish = {
  readonly run: RunId;
  /** Its code. */
  readonly composition: string;
  readonly reason: string;
  readonly isTrial: boolean;
  /** Up to so many tickets; null where nobody has said. */
  readonly confirmed: number | null;
};
type Say = (line: string) => void;

export async function exchangeRun(stores: RunStores, wish: ExchangeWish, say: Say): Promise<void> {
  const run = runToChange(stores, wish.run);
  const { version, withdrawn } = await withdrawnOf(stores, wish.run);
  const before = withdrawn.exchange?.compositions ?? [withoutReplaced(run.train.composition)];
  const next = compositionCalled(wish.composition, stores.timetable, run, before.toReversed());
  if (areSameCoaches(before.at(-1)!, next)) {
    say(`${wish.run} runs as ${next.code} already.`);
    return sayReseats(stores, wish.run, false, say);
  }
  const after = exchangeOf(stores, withdrawn, before, next);
  const plan = await planMoves(stores, asItIs(run, before), after);
  say(`${wish.run}, as ${next.code} in place of ${before.at(-1)!.code}`);
  sayPlan(plan, stores, say);
  if (withdrawn.coachNos.length > 0)
    say(
      `Coach ${withdrawn.coachNos.join(", ")} was withdrawn from sale, of the train as it was: the other one has all of its own.`,
    );
  if (wish.isTrial) return say("Nothing was changed.");
  refuseMovesUnconfirmed(plan.placements.filter(({ isMoved }) => isMoved).length, wish.confirmed);
  await change(stores, wish, `runs as ${next.code} in place of ${before.at(-1)!.code}`, version, after);
  say(
    "Nobody is sold a seat of it from a few seconds on, while the platform runs: first people whose seats it does not have are given others, in their own class or a " +
      "better one, and nobody pays for it. Then what is left goes to who waits, and to everybody. Until the train leaves, who finds no seat takes another " +
      "train or gives the ticket back, without a fee.",
  );
  say(`How far it is: run status ${asTyped(wish.run)}`);
  say(`To take it back: run exchange ${asTyped(wish.run)} ${before.at(-1)!.code}`);
}

/** What was said of coaches was said of those that it has no more. */
function exchangeOf(
  { clock }: RunStores,
  { runId }: WithdrawnCoaches,
  before: readonly [Composition, ...Composition[]],
  next: Composition,
): WithdrawnCoaches {
  const compositions = exchangedFor(before, next);
  if (compositions.length > compositionsPerRunMax + 1)
    throw new CommandFailed(
      `${runId} has been ${compositionsPerRunMax} different trains: it can be one of those again.`,
    );
  const tooMany = [...seatsOf(compositionOf({ compositions }))].find(([, seats]) => seats.length > seatsPerClassMax);
  if (tooMany)
    throw new CommandFailed(
      `A class of a run has ${seatsPerClassMax} seats at most, and ${tooMany[0]} would have more.`,
    );
  return {
    runId,
    coachNos: [],
    lost: [],
    exchange: { compositions, since: clock.now(), closedAt: null, openedAt: null },
  };
}

/** This process may not have heard of an exchange before this one. */
const asItIs = (run: Run, compositions: readonly [Composition, ...Composition[]]): Run => ({
  ...run,
  train: { ...run.train, composition: compositionOf({ compositions }) },
});

async function change(
  stores: RunStores,
  { run, reason }: ExchangeWish,
  what: string,
  after: number,
  said: WithdrawnCoaches,
) {
  const note = noteOf("exchangeRun", run, what, reason);
  await operatorActs(stores.auditTrail, note, async () => {
    if ((await stores.withdrawnCoaches.set(after, said)) !== null) return;
    throw new CommandFailed(
      "Somebody else has just withdrawn, reinstated or exchanged something: say it again. Nothing was changed.",
    );
  });
}
