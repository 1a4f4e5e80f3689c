/** A room's client, answered to other processes at the contract of `contracts/internal.ts`. */
import {
  type HoldCommand,
  type InventoryClient,
  inventoryCalls,
  type Leg,
  type OrderClient,
  orderCalls,
  refusal,
  type Run,
  type Timetable,
  type UserClient,
  userCalls,
  type WireHold,
  type WireLeg,
  type WireRun,
} from "@chepiao/contracts";
import { refuse, secondMs } from "@chepiao/kernel";
import type { Answering, CallHandlers } from "./answer.ts";

export function answerUsers(client: UserClient): Answering {
  const handlers: CallHandlers<typeof userCalls> = {
    authenticate: async ({ tokens }) => ({
      sessions: await Promise.all(tokens.map(async (token) => client.authenticate(token))),
    }),
    passengers: async ({ userIds }) => ({
      lists: await Promise.all(userIds.map(async (userId) => client.passengers(userId))),
    }),
  };
  return { calls: userCalls, handlers };
}

export function answerOrders(client: OrderClient): Answering {
  const handlers: CallHandlers<typeof orderCalls> = {
    payable: async ({ userId, orderNo }) => ({ answer: await client.payable(userId, orderNo) }),
    isLive: async ({ orderIds }) => ({ live: await Promise.all(orderIds.map((orderId) => client.isLive(orderId))) }),
  };
  return { calls: orderCalls, handlers };
}

/** Processes take over a newer timetable within this time. */
export const timetableFreshMs = 5 * secondMs;

export function answerInventory(client: InventoryClient, timetable: () => Timetable): Answering {
  const runOf = ({ trainNumber, originDate }: WireRun): Run | null => timetable().run(trainNumber, originDate);

  /** Reading: what the run has, whatever version of it the caller knows. */
  function legOf({ run: named, fromStop, toStop }: WireLeg): Leg | null {
    const run = runOf(named);
    return run && fromStop < toStop && toStop < run.train.stops.length ? { run, fromStop, toStop } : null;
  }

  /** Selling: only while both sides count the same stops and seats. */
  function commandOf(command: WireHold): HoldCommand | null {
    const run = runOf(command.run);
    return run?.train.trainVersionId === command.run.trainVersionId ? { ...command, run } : null;
  }

  const handlers: CallHandlers<typeof inventoryCalls> = {
    async hold({ commands }) {
      const known = commands.map(commandOf);
      const decided = await client.hold(known.filter((command) => command !== null));
      let next = 0;
      return { answers: known.map((command) => (command ? decided[next++]! : refuse(timetableChanges))) };
    },
    async confirm({ holds }) {
      await client.confirm(holds);
      return {};
    },
    async release({ releases }) {
      await Promise.all(releases.map(({ hold, seatIndexes }) => client.release(hold, seatIndexes)));
      return {};
    },
    async available({ legs }) {
      const known = legs.map(legOf);
      const counts = await client.available(known.filter((leg) => leg !== null));
      let next = 0;
      return { free: known.map((leg) => (leg ? Object.fromEntries(counts[next++]!) : {})) };
    },
    changed: ({ since }) => client.changedSince?.(since) ?? { place: "", runIds: null },
    async freeSeats({ leg, seatClass }) {
      const known = legOf(leg);
      const free = known ? await client.freeSeats(known, seatClass) : [];
      return { free: free.map((isFree) => (isFree ? "1" : "0")).join("") };
    },
  };
  return { calls: inventoryCalls, handlers };
}

const timetableChanges = refusal("Overloaded", { retryAfterSeconds: timetableFreshMs / secondMs });
