/**
 * The clients of `contracts/clients.ts`, as somebody in another process has them. They promise what the room itself promises; what
 * is asked one by one travels in lists.
 */
import {
  type HoldCommand,
  type HoldRef,
  type InventoryClient,
  inventoryCalls,
  type Leg,
  type OrderClient,
  orderCalls,
  type Run,
  type SeatClass,
  ServiceUnavailable,
  type SessionView,
  type UserClient,
  userCalls,
  type WireLeg,
  type WireRun,
} from "@chepiao/contracts";
import { type EpochMs, type OrderId, secondMs, sessionTouchMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { LRUCache } from "lru-cache";
import type { Caller } from "./caller.ts";
import { createGatherer } from "./gather.ts";
import { createRunWatch } from "./runWatch.ts";

const itemsMax = 512;
/** A page of offers asks for some thirty legs at once. With more in a call, the other side would do nothing else for too long. */
const legsMax = 500;

/** An answer that left something out cannot be told apart from one for something else. */
function eachOf<T>(answers: readonly T[], asked: readonly unknown[], role: string): readonly T[] {
  if (answers.length === asked.length) return answers;
  throw new ServiceUnavailable(role, `it gave ${answers.length} answers to ${asked.length} questions`);
}

// User room --------------------------------------------------------------------------------------------------------------

const sessionsKept = 100_000;
/** Every request asks who it is from. How long a session that was ended may still be taken for live here. */
const sessionFreshMs = 2 * secondMs;

export type RemoteUsersDeps = { readonly caller: Caller; readonly now: () => EpochMs };

/**
 * Sessions are kept for two seconds; for up to a minute while nobody can be asked, as the user room itself answers from memory for
 * a minute. Passengers are not kept: who adds one and buys at once would be told that there is no such passenger.
 */
export function createRemoteUsers({ caller, now }: RemoteUsersDeps): UserClient {
  const known = new LRUCache<string, { readonly view: SessionView; readonly at: EpochMs }>({ max: sessionsKept });
  const lookUp = createGatherer<string, SessionView | null>({
    sizeMax: itemsMax,
    async send(tokens) {
      const { sessions } = await caller.ask(userCalls.authenticate, { tokens });
      return eachOf(sessions, tokens, "user");
    },
  });

  async function ask(token: string): Promise<SessionView | null> {
    const at = now();
    try {
      const view = await lookUp(token);
      if (view) known.set(token, { view, at });
      else known.delete(token);
      return view;
    } catch (error) {
      const kept = known.get(token);
      if (kept && at - kept.at < sessionTouchMs) return kept.view;
      throw error;
    }
  }

  return {
    authenticate(token) {
      const kept = known.get(token);
      return kept && now() - kept.at < sessionFreshMs ? kept.view : ask(token);
    },
    passengers: createGatherer({
      sizeMax: itemsMax,
      async send(userIds) {
        const { lists } = await caller.ask(userCalls.passengers, { userIds });
        return eachOf(lists, userIds, "user");
      },
    }),
  };
}

// Inventory room ---------------------------------------------------------------------------------------------------------

const wireRun = ({ train, originDate }: Run): WireRun => ({
  trainNumber: train.trainNumber,
  originDate,
  trainVersionId: train.trainVersionId,
});
const wireLeg = ({ run, fromStop, toStop }: Leg): WireLeg => ({ run: wireRun(run), fromStop, toStop });

type Release = { readonly hold: HoldRef; readonly seatIndexes?: readonly number[] };

export type RemoteInventoryDeps = { readonly caller: Caller; readonly clock: Clock };

export function createRemoteInventory({ caller, clock }: RemoteInventoryDeps): InventoryClient & Disposable {
  const watch = createRunWatch({ clock, since: (place) => caller.ask(inventoryCalls.changed, { since: place }) });
  const release = createGatherer<Release, null>({
    sizeMax: itemsMax,
    async send(releases) {
      await caller.ask(inventoryCalls.release, { releases });
      return releases.map(() => null);
    },
  });
  const available = createGatherer<readonly Leg[], readonly Partial<Record<SeatClass, number>>[]>({
    sizeMax: legsMax,
    sizeOf: (legs) => legs.length,
    async send(pages) {
      const legs = pages.flat();
      const { free } = await caller.ask(inventoryCalls.available, { legs: legs.map(wireLeg) });
      const rest = [...eachOf(free, legs, "inventory")];
      return pages.map((page) => rest.splice(0, page.length));
    },
  });

  async function holdSome(commands: readonly HoldCommand[]) {
    const asked = commands.map((command) => ({ ...command, run: wireRun(command.run) }));
    const { answers } = await caller.ask(inventoryCalls.hold, { commands: asked });
    return eachOf(answers, commands, "inventory");
  }

  return {
    async hold(commands) {
      const answers = [];
      // In order, one after the other: each purchase is decided after those before it.
      for (let n = 0; n < commands.length; n += itemsMax)
        answers.push(...(await holdSome(commands.slice(n, n + itemsMax))));
      return answers;
    },
    async confirm(holds) {
      await caller.ask(inventoryCalls.confirm, { holds });
    },
    async release(hold, seatIndexes) {
      await release(seatIndexes === undefined ? { hold } : { hold, seatIndexes });
    },
    async available(legs) {
      if (legs.length === 0) return [];
      const free = await available(legs);
      return free.map((counts) => new Map(Object.entries(counts) as [SeatClass, number][]));
    },
    changes: watch.changes,
    [Symbol.dispose]: watch[Symbol.dispose],
    async freeSeats(leg, seatClass) {
      const { free } = await caller.ask(inventoryCalls.freeSeats, { leg: wireLeg(leg), seatClass });
      return Array.from(free, (digit) => digit === "1");
    },
  };
}

// Order room -------------------------------------------------------------------------------------------------------------

export function createRemoteOrders(caller: Caller): OrderClient {
  return {
    async payable(userId, orderNo) {
      const { answer } = await caller.ask(orderCalls.payable, { userId, orderNo });
      return answer;
    },
    isLive: createGatherer<OrderId, boolean>({
      sizeMax: itemsMax,
      async send(orderIds) {
        const { live } = await caller.ask(orderCalls.isLive, { orderIds });
        return eachOf(live, orderIds, "order");
      },
    }),
  };
}
