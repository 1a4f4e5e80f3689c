/**
 * Queues that nobody announced, held to what processes had said of their load: one is switched on once there was too much for long enough, for what people
 * tried to buy, and off once it was calm for long enough.
 */
import { type KeptQueue, type QueueLoadRules, trainAndDateOf } from "@chepiao/contracts";
import { type EpochMs, queueAnnouncedFreshMs, secondMs } from "@chepiao/kernel";
import { loadFreshMs, type ProcessLoad, type PurchaseLoad } from "@chepiao/ports/purchase-load";

/** What a process said stands until it says something else. */
type Said = { readonly process: string; readonly load: ProcessLoad; readonly at: EpochMs; until: number };

export type LoadBook = {
  /** The same, and what comes to it is in the book; but for what a failover does again. */
  watched(load: PurchaseLoad, isAgain?: () => boolean): PurchaseLoad;
  readonly said: readonly Said[];
};

export function createLoadBook(now: () => EpochMs): LoadBook {
  const said: Said[] = [];
  return {
    said,
    watched: (load, isAgain = () => false) => ({
      ...load,
      note(process, own, at) {
        if (!isAgain()) {
          const before = said.findLast((each) => each.process === process);
          if (before) before.until = Math.min(before.until, now());
          said.push({ process, load: own, at: now(), until: now() + loadFreshMs });
        }
        return load.note(process, own, at);
      },
    }),
  };
}

/** From when a queue is switched on until whoever sells has read of it. */
const noticeMs = 2 * queueAnnouncedFreshMs;
/** What is said, and asked for, is on its way for a while; and clocks may be off. */
const wayMs = 3 * secondMs;
const clocksOffMs = 12 * secondMs;

type Seen = {
  readonly rules: QueueLoadRules | null;
  readonly said: readonly Said[];
  readonly areClocksOff: boolean;
  /** What was said may have been forgotten. */
  readonly forgets: boolean;
};

export function loadSwitchesQueues(queues: readonly KeptQueue[], seen: Seen): string[] {
  return queues.filter(({ kind }) => kind === "load").flatMap((queue) => faultsOf(queue, seen));
}

function faultsOf(queue: KeptQueue, { rules, said, areClocksOff, forgets }: Seen): string[] {
  const name = `queue ${queue.queueId} of ${queue.scope}`;
  if (rules === null) return [`I5: ${name} is switched on by load where there are no rules for it`];
  const { waiting, unwrittenSeconds, afterSeconds, calmSeconds } = rules;
  const slackMs = wayMs + (areClocksOff ? clocksOffMs : 0);
  const isTooMuch = ({ load }: Said) =>
    load.waiting >= waiting.on || load.unwrittenMs >= unwrittenSeconds.on * secondMs;
  const isCalm = ({ load }: Said) => load.waiting <= waiting.off && load.unwrittenMs <= unwrittenSeconds.off * secondMs;
  const between = (from: number, to: number) => said.filter(({ at }) => from <= at && at <= to);
  const onAt = queue.collectsFrom - noticeMs;
  const wrong: string[] = [];
  const begun = onAt - afterSeconds * secondMs;
  if (!between(begun - loadFreshMs - slackMs, begun + slackMs).some(isTooMuch))
    wrong.push(`I5: ${name} was switched on at once, and not after ${afterSeconds} s of too much load`);
  const lately = between(onAt - loadFreshMs - slackMs, onAt + slackMs);
  if (!lately.some(isTooMuch)) wrong.push(`I5: ${name} was switched on when there was no load`);
  const isTried = ({ load }: Said) =>
    Object.keys(load.tries).some((run) => run === queue.scope || trainAndDateOf(run as never)[1] === queue.scope);
  if (!lately.some(isTried)) wrong.push(`I5: ${name} was switched on, and nobody tried to buy that`);
  if (queue.endedAt === null || forgets) return wrong;
  // What stood for a moment may have been seen by nobody.
  const isSeen = ({ at, until }: Said) => until - at > 4 * secondMs;
  const busy = between(queue.endedAt - calmSeconds * secondMs + slackMs, queue.endedAt - slackMs).find(
    (each) => !isCalm(each) && isSeen(each),
  );
  if (busy) wrong.push(`I5: ${name} ended ${(queue.endedAt - busy.at) / secondMs} s after there was load`);
  return wrong;
}
