/**
 * Says that a train is to be run as another composition than it was sold as, and what that means for who has seats. The platform does the rest: who sits
 * where the train has no seat any more is given another, and when all of those were asked for once, what is left goes to who waits, and to everybody.
 */
import type { RunId } from "@chepiao/contracts";
import { losersOf, planExchange, sayExchanged, unconfirmed } from "@chepiao/services/operations";
import { sayPlan } from "./refit.ts";
import { sayReseats } from "./reseated.ts";
import type { RunStores } from "./stores.ts";
import { acting, asTyped, depsOf, failIf, noteOf, orFail } from "./words.ts";

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
  const { run, composition, reason, isTrial, confirmed } = wish;
  const deps = depsOf(stores);
  const { planned, now, next, before, version } = orFail(stores, await planExchange(deps, run, composition));
  if (!planned) {
    say(`${run} runs as ${next.code} already.`);
    return sayReseats(stores, run, false, say);
  }
  say(`${run}, as ${next.code} in place of ${now.code}`);
  sayPlan(planned.plan, stores, say);
  if (before.coachNos.length > 0)
    say(
      `Coach ${before.coachNos.join(", ")} was withdrawn from sale, of the train as it was: the other one has all of its own.`,
    );
  if (isTrial) return say("Nothing was changed.");
  failIf(stores, unconfirmed(run, "move", losersOf(planned.plan), confirmed));
  const note = noteOf("exchangeRun", run, `runs as ${next.code} in place of ${now.code}`, reason);
  await acting(stores, note, () => sayExchanged(deps, version, planned.after));
  say(
    "Nobody is sold a seat of it from a few seconds on, while the platform runs: first people whose seats it does not have are given others, in their own class or a " +
      "better one, and nobody pays for it. Then what is left goes to who waits, and to everybody. Until the train leaves, who finds no seat takes another " +
      "train or gives the ticket back, without a fee.",
  );
  say(`How far it is: run status ${asTyped(run)}`);
  say(`To take it back: run exchange ${asTyped(run)} ${now.code}`);
}
