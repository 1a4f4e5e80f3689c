/** The queue room: who comes before an announced opening is drawn by lot, who comes later stands behind, and both are let in one by one. */
import {
  type AnnouncedQueuesClient,
  type InventoryClient,
  type KeptQueue,
  type RunId,
  type Timetable,
  trainAndDateOf,
  type UserClient,
} from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { QueueCounters } from "@chepiao/ports/queue-counters";
import type { QueueStore } from "@chepiao/ports/queue-store";
import type { PurchaseLoad } from "@chepiao/ports/purchase-load";
import type { RateLimiter } from "@chepiao/ports/rate-limiter";
import type { Random } from "@chepiao/ports/random";
import type { Vault } from "@chepiao/ports/vault";
import { createQueuePasses } from "@chepiao/room";
import { createHandlers } from "./api.ts";
import { createByLoad } from "./byLoad.ts";
import { createKeeper } from "./keeper.ts";
import { createPlaces } from "./places.ts";
import { createStates } from "./status.ts";
import { createTakenLots } from "./takenLots.ts";

export { drawPageOf, pagesOf } from "./api.ts";
export { possibleLots } from "./places.ts";
export { commitmentOf, drawLots, merkleRoot, verifyDraw } from "./draw.ts";
export { seedsBy, seedsSecret } from "./seeds.ts";

export type QueueRoomDeps = {
  readonly clock: Clock;
  readonly random: Pick<Random, "token">;
  readonly vault: Pick<Vault, "secret">;
  readonly timetable: () => Timetable;
  readonly users: Pick<UserClient, "passengers">;
  readonly inventory: Pick<InventoryClient, "available">;
  readonly queues: AnnouncedQueuesClient;
  readonly store: QueueStore;
  readonly counters: QueueCounters;
  readonly limiter: RateLimiter;
  /** What those say of their load who sell. */
  readonly load: Pick<PurchaseLoad, "recent">;
  /** Are lots to be written to SQL as they are taken, because a restart forgets the counters? */
  readonly keepsLots: boolean;
  readonly report: (message: string, error?: unknown) => void;
  readonly log: (message: string) => void;
};

export function createQueue(deps: QueueRoomDeps) {
  const { clock, vault, timetable, inventory, queues, counters } = deps;
  const states = createStates(counters, clock);
  const takenLots = deps.keepsLots ? createTakenLots(deps.store) : null;

  /** On the segment where most seats are left; more people than that cannot be served. */
  async function seatsLeft({ scope }: KeptQueue): Promise<number | null> {
    if (!scope.includes("/")) return null;
    const run = timetable().run(...trainAndDateOf(scope as RunId));
    if (!run) return null;
    const legs = run.train.stops.slice(1).map((_, fromStop) => ({ run, fromStop, toStop: fromStop + 1 }));
    const available = await inventory.available(legs);
    const seats = available.map((classes) => [...classes.values()].reduce((sum, { sellable }) => sum + sellable, 0));
    return Math.max(0, ...seats);
  }

  const handlers = createHandlers({
    ...deps,
    zone: () => timetable().zone,
    states,
    places: createPlaces(vault),
    passes: createQueuePasses(vault),
    takenLots,
  });
  const byLoad = createByLoad({ ...deps, rules: () => timetable().policy.policy.queue });
  const keeper = createKeeper({ ...deps, states, takenLots, byLoad, seatsLeft });
  const gauge = (of: "taken" | "served" | "lots") => () =>
    queues.all().map(({ queueId, scope }) => ({
      value: states.last(queueId)?.[of] ?? 0,
      labels: { queue: queueId, scope },
    }));
  return { handlers, keeper, gauge };
}

export type QueueRoom = ReturnType<typeof createQueue>;
