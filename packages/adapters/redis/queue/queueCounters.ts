/**
 * Counters of queues on Redis. All keys of a queue lie on one node: a place is given in one step, some 50,000 a second. What a cluster cannot
 * promise: a failover may lose the last second or so. What was given and called is raised again from what SQL and signed places know.
 */
import type { EnteredQueue, QueueCounters, QueueState } from "@chepiao/ports/queue-counters";
import { createLibrary } from "../library.ts";
import type { Redis } from "../openRedis.ts";
import functions from "./queue.lua" with { type: "text" };

const queueFunctions = {
  name: "queue",
  files: [functions],
  functions: {
    state: "reads",
    join: "writes",
    close: "writes",
    place: "writes",
    drawn: "writes",
    raise: "writes",
    serve: "writes",
    enter: "writes",
    inside: "writes",
  },
} as const;

const lotsAtOnce = 500;

export function createRedisQueueCounters(redis: Redis): QueueCounters {
  const library = createLibrary(redis, queueFunctions);
  const key = (kind: string, queueId: string) => redis.key(`queue-${kind}:{${queueId}}`);
  const lotsKey = (queueId: string) => key("lots", queueId);
  const both = (queueId: string) => [key("state", queueId), lotsKey(queueId)];
  const insideKey = (queueId: string) => key("inside", queueId);
  const callsKey = (queueId: string) => key("calls", queueId);

  return {
    state: async (queueId) => stateOf(await library.call("state", both(queueId), [])),
    async join(queueId, { lot, userId, now, opensAt, known, stayMs }) {
      const place = Number(await library.call("join", both(queueId), [lot, userId, now, opensAt, known, stayMs]));
      return place < 0 ? "other" : place;
    },
    async close(queueId) {
      await library.call("close", both(queueId), []);
    },
    async *collected(queueId) {
      let cursor = "0";
      do {
        const [next, found] = await redis.ask((cluster) =>
          cluster.hscan(lotsKey(queueId), cursor, "COUNT", lotsAtOnce),
        );
        cursor = next;
        const lots = found.filter((_, n) => n % 2 === 0 && found[n + 1]!.startsWith("0 "));
        if (lots.length > 0) yield lots;
      } while (cursor !== "0");
    },
    async place(queueId, first, lots) {
      for (let start = 0; start < lots.length; start += lotsAtOnce)
        await library.call("place", both(queueId), [first + start, ...lots.slice(start, start + lotsAtOnce)]);
    },
    async drawn(queueId, count) {
      await library.call("drawn", both(queueId), [count]);
    },
    async raise(queueId, { taken, served }) {
      await library.call("raise", both(queueId), [taken, served]);
    },
    async serve(queueId, { count, now, calledMs, keepMs, seats }) {
      const keys = [...both(queueId), insideKey(queueId), callsKey(queueId)];
      return stateOf(await library.call("serve", keys, [count, now, calledMs, keepMs, seats ?? ""]));
    },
    async enter(queueId, { lot, userId, position, now, insideMs, activeMax, stayMs }) {
      const args = [lot, userId, position, now, insideMs, activeMax, stayMs];
      const [turn, place] = (await library.call("enter", [...both(queueId), insideKey(queueId)], args)) as [
        EnteredQueue["turn"],
        number,
      ];
      return { turn, position: Number(place) };
    },
    async leave(queueId, lot) {
      await redis.ask((cluster) => cluster.zrem(insideKey(queueId), lot));
    },
    inside: async (queueId, now) => Number(await library.call("inside", [insideKey(queueId)], [now])),
    async forget(queueId) {
      await redis.ask((cluster) => cluster.unlink(...both(queueId), insideKey(queueId), callsKey(queueId)));
    },
  };
}

function stateOf(answer: unknown): QueueState {
  const [lots, closed, drawn, taken, served, lost, seats] = answer as readonly (number | string)[];
  return {
    lots: Number(lots),
    closed: Number(closed) === 1,
    drawn: Number(drawn) === 1,
    taken: Number(taken),
    served: Number(served),
    lost: Number(lost),
    seats: seats === "" ? null : Number(seats),
  };
}
