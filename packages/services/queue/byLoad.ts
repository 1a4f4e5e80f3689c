/** Queues that nobody announced: switched on while people try to buy more than the platform sells, and off once it is calm and nobody waits. */
import { type AnnouncedQueue, type KeptQueue, type Policy, queueRulesDefault } from "@chepiao/contracts";
import { type EpochMs, epochMs, minuteMs, queueAnnouncedFreshMs, queueLoadLotsMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { PurchaseLoad } from "@chepiao/ports/purchase-load";
import type { QueueStore } from "@chepiao/ports/queue-store";
import type { Random } from "@chepiao/ports/random";
import type { Vault } from "@chepiao/ports/vault";
import { commitmentOf } from "./draw.ts";
import { isCalm, isTooMuch, mostTried, nothingWatched, watchLoad } from "./load.ts";
import { seedsBy } from "./seeds.ts";
import { isOver } from "./status.ts";

export type ByLoadDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly random: Pick<Random, "token">;
  readonly vault: Pick<Vault, "secret">;
  readonly store: Pick<QueueStore, "announce">;
  readonly load: Pick<PurchaseLoad, "recent">;
  readonly rules: () => Policy["queue"];
  readonly log: (message: string) => void;
};

export type ByLoad = {
  /** Once a second. */
  watch(queues: readonly KeptQueue[]): Promise<void>;
  /** As far as the load goes. */
  mayEnd(queue: KeptQueue): boolean;
};

/** Whoever sells knows of it by then. */
const noticeMs = 2 * queueAnnouncedFreshMs;

export function createByLoad({ clock, random, vault, store, load, rules, log }: ByLoadDeps): ByLoad {
  let watched = nothingWatched;

  function queueOf(scope: AnnouncedQueue["scope"], now: EpochMs): AnnouncedQueue | null {
    const { load: by, keepMinutes, stayMinutes } = rules() ?? queueRulesDefault;
    if (!by) return null;
    const queueId = random.token(9);
    const collectsFrom = epochMs(now + noticeMs);
    const opensAt = epochMs(collectsFrom + queueLoadLotsMs);
    return {
      kind: "load",
      queueId,
      scope,
      collectsFrom,
      opensAt,
      endsAt: epochMs(opensAt + by.lastsMinutes * minuteMs),
      endedAt: null,
      perMinute: by.perMinute,
      activeMax: by.inside,
      keepMs: keepMinutes * minuteMs,
      stayMs: stayMinutes * minuteMs,
      seedHash: commitmentOf(seedsBy(vault)(queueId)),
      chanceFrom: null,
    };
  }

  return {
    async watch(queues) {
      const by = rules()?.load;
      if (!by) {
        watched = nothingWatched;
        return;
      }
      const now = clock.now();
      const loads = await load.recent(now);
      // Another one only where this does not help: not before those who sell have heard of it.
      const isHeardOf = queues.every(({ kind, collectsFrom }) => kind !== "load" || collectsFrom <= now);
      watched = isHeardOf ? watchLoad(watched, loads, by, now) : nothingWatched;
      if (!isTooMuch(watched, by, now)) return;
      const taken = new Set(queues.filter((queue) => !isOver(queue, now)).map(({ scope }) => scope));
      const scope = mostTried(loads, (each) => !taken.has(each));
      const queue = scope && queueOf(scope, now);
      if (!queue || !(await store.announce(queue, now))) return;
      log(`queue ${queue.queueId} of ${queue.scope} is switched on by load: ${describe(loads)}`);
      watched = nothingWatched;
    },
    mayEnd({ kind }) {
      const by = rules()?.load;
      return kind !== "load" || !by || isCalm(watched, by, clock.now());
    },
  };
}

const describe = (loads: Awaited<ReturnType<PurchaseLoad["recent"]>>): string => {
  const most = (of: "waiting" | "unwrittenMs") => Math.max(0, ...loads.map((load) => load[of]));
  return `${most("waiting")} purchases are decided in one process, and an order waits ${most("unwrittenMs")} ms to be written`;
};
