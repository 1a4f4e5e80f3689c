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
    take: "writes",
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
  const kinds = ["state", "lots", "accounts", "inside", "calls", "full", "asking"] as const;
  const key = (kind: (typeof kinds)[number], queueId: string) => redis.key(`queue-${kind}:{${queueId}}`);
  const call = (
    name: keyof typeof queueFunctions.functions,
    queueId: string,
    args: readonly (string | number)[] = [],
  ) =>
    library.call(
      name,
      kinds.map((kind) => key(kind, queueId)),
      args,
    );

  return {
    state: async (queueId) => stateOf(await call("state", queueId)),
    async join(queueId, { lot, userId, now, opensAt, known, stayMs }) {
      const answer = await call("join", queueId, [lot, userId, now, opensAt, known ?? "", stayMs]);
      const [own, position] = answer as readonly [string?, number?];
      return own === undefined ? "other" : { lot: own, position: Number(position) };
    },
    async take(queueId, lots) {
      for (let start = 0; start < lots.length; start += lotsAtOnce) {
        const some = lots.slice(start, start + lotsAtOnce);
        await call(
          "take",
          queueId,
          some.flatMap(({ lot, userId }) => [lot, userId]),
        );
      }
    },
    async close(queueId) {
      await call("close", queueId);
    },
    async *collected(queueId) {
      let cursor = "0";
      do {
        const [next, found] = await redis.ask((cluster) =>
          cluster.hscan(key("lots", queueId), cursor, "COUNT", lotsAtOnce),
        );
        cursor = next;
        const lots = found.filter((_, n) => n % 2 === 0 && found[n + 1]!.startsWith("0 "));
        if (lots.length > 0) yield lots;
      } while (cursor !== "0");
    },
    async place(queueId, first, lots) {
      for (let start = 0; start < lots.length; start += lotsAtOnce)
        await call("place", queueId, [first + start, ...lots.slice(start, start + lotsAtOnce)]);
    },
    async drawn(queueId, count) {
      await call("drawn", queueId, [count]);
    },
    async raise(queueId, { taken, served }) {
      await call("raise", queueId, [taken, served]);
    },
    async serve(queueId, { count, now, calledMs, keepMs, activeMax, seats }) {
      return stateOf(await call("serve", queueId, [count, now, calledMs, keepMs, activeMax, seats ?? ""]));
    },
    async enter(queueId, { lot, userId, position, now, insideMs, activeMax, stayMs }) {
      const answer = await call("enter", queueId, [lot, userId, position, now, insideMs, activeMax, stayMs]);
      const [turn, place] = answer as [EnteredQueue["turn"], number];
      return { turn, position: Number(place) };
    },
    async leave(queueId, lot) {
      await redis.ask((cluster) => cluster.zrem(key("inside", queueId), lot));
    },
    inside: async (queueId, now) => Number(await call("inside", queueId, [now])),
    async forget(queueId) {
      await redis.ask((cluster) => cluster.unlink(...kinds.map((kind) => key(kind, queueId))));
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
