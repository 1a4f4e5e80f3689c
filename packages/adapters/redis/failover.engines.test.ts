/** What is left of the promises when a master dies, with and without the writes it had answered. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { HoldCommand, RestoredHold } from "@chepiao/contracts";
import { epochMs, minuteMs, type OrderId, orderNoOf, secondMs } from "@chepiao/kernel";
import { coachesOf, command, eve, nobodyWishes, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import type { SeatStore } from "@chepiao/ports/seat-store";
import { createRedisOrderFeed } from "./feed/orderFeed.ts";
import { createRedisLeases } from "./leases/leases.ts";
import { openRedis, type Redis, RedisUnavailable } from "./openRedis.ts";
import { type OwnCluster, startOwnCluster, until } from "./ownCluster.suite.ts";
import { keyIn, partOfOrder } from "./parts.ts";
import { createRedisSeats } from "./seats/seatStore.ts";

let cluster: OwnCluster;
let redis: Redis;
let seats: SeatStore;
beforeAll(async () => {
  cluster = await startOwnCluster();
  redis = openRedis({ nodes: cluster.nodes });
  seats = createRedisSeats(redis);
  await redis.check();
}, minuteMs);
afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
  await cluster?.[Symbol.asyncDispose]();
}, minuteMs);

const testMs = minuteMs;
/** Until a cluster has noticed and elected: its node timeout, and some. The whole service must be back within ten. */
const backWithinMs = 10 * secondMs;

const runOf = (trainNumber: string) => testRun(coachesOf(["second", 8]), 4, trainNumber);
const keyOf = (trainNumber: string) => redis.key(`holds:{${runOf(trainNumber).runId}}`);

async function sell(commands: readonly HoldCommand[]): Promise<RestoredHold[]> {
  const decided = await seats.hold(commands, eve);
  return decided.map((each, n) => {
    if (!each.ok) throw new Error(`not sold: ${each.error.code}`);
    return { ...commands[n]!, seatIndexes: each.value.seatIndexes };
  });
}
const places = (holds: readonly RestoredHold[]) => holds.flatMap(({ seatIndexes }) => seatIndexes);
const many = (trainNumber: string, count: number) =>
  Array.from({ length: count }, () => command(runOf(trainNumber), { wishes: nobodyWishes(2) }));

test(
  "a node that was a replica meanwhile does not believe what it remembers",
  async () => {
    const { master } = await cluster.roles(keyOf("G1"));
    const first = await sell(many("G1", 3));
    await changePlaces(keyOf("G1"));
    const second = await sell(many("G1", 3));
    await seats.release({ runId: first[0]!.run.runId, holdId: first[0]!.holdId });
    await changePlaces(keyOf("G1"));
    expect((await cluster.roles(keyOf("G1"))).master).toBe(master);
    const third = await sell(many("G1", 3));
    const taken = places([...first.slice(1), ...second, ...third]);
    expect(new Set(taken).size).toBe(16);
    expect((await seats.available([{ run: runOf("G1"), fromStop: 0, toStop: 3 }]))[0]!.get("second")).toBe(24);
  },
  testMs,
);

test(
  "a node that has lost the functions gets them again",
  async () => {
    const { master } = await cluster.roles(keyOf("G2"));
    await sell(many("G2", 1));
    await master.client.function("FLUSH");
    const sold = await sell(many("G2", 2));
    expect(new Set(places(sold)).size).toBe(4);
  },
  testMs,
);

test(
  "I1: what a failover loses is not sold twice once it is restored, and the runs of other masters sell on",
  async () => {
    const { master, replica } = await cluster.roles(keyOf("G3"));
    const elsewhere = await trainOfAnotherMaster("G3");
    const kept = await sell(many("G3", 4));
    await master.client.wait(1, 1_000);
    // From here on nothing reaches the replica, and everything is answered.
    await master.client.config("SET", "requirepass", "nobody knows");
    await master.client.call("CLIENT", "KILL", "TYPE", "replica");
    const lost = await sell(many("G3", 4));
    await master.kill();

    const killedAt = performance.now();
    await sell(many(elsewhere, 1));
    expect(performance.now() - killedAt).toBeLessThan(secondMs);
    const unanswered: unknown[] = [];
    await until(async () => {
      const looked = await seats
        .freeSeats({ run: runOf("G3"), fromStop: 0, toStop: 3 }, "second")
        .catch((error: unknown) => error);
      if (looked instanceof Error) unanswered.push(looked);
      return Array.isArray(looked);
    });
    const backMs = performance.now() - killedAt;
    console.log(`back ${Math.round(backMs)} ms after the master was killed`);
    expect(backMs).toBeLessThan(backWithinMs);
    expect(unanswered.filter((error) => !(error instanceof RedisUnavailable))).toEqual([]);
    expect((await cluster.roles(keyOf("G3"))).master).toBe(replica!);

    const free = await seats.freeSeats({ run: runOf("G3"), fromStop: 0, toStop: 3 }, "second");
    expect(places(lost).every((seat) => free[seat])).toBe(true);
    // What SQL knows comes back while the store is in use, and twice does no harm.
    const known = [...kept, ...lost].map((hold) => ({ ...hold, deadline: epochMs(eve + 20 * minuteMs) }));
    expect(await seats.restore(known)).toEqual([]);
    expect(await seats.restore(known)).toEqual([]);
    const after = await sell(many("G3", 4));
    expect(new Set(places([...kept, ...lost, ...after])).size).toBe(24);
  },
  testMs,
);

test(
  "leases are given, and word of orders is heard, after a failover too",
  async () => {
    const leases = createRedisLeases(redis);
    using feed = createRedisOrderFeed(redis);
    let heard = 0;
    const { orderNo, channel } = await orderOfWholePair();
    feed.follow(orderNo, () => heard++);
    await until(async () => {
      feed.changed(orderNo);
      return heard;
    });
    const { master } = await cluster.roles(channel);
    await master.kill();
    await until(async () => (await cluster.roles(channel)).master !== master);
    heard = 0;
    await until(async () => {
      feed.changed(orderNo);
      return heard;
    });
    for (const name of ["a", "b", "c", "d"]) await until(async () => leases.acquire(name, minuteMs));
  },
  testMs,
);

/** Master and replica of the key, without anybody's death. Asked again where the cluster did not come to it. */
async function changePlaces(key: string) {
  const { master } = await cluster.roles(key);
  await until(async () => {
    const now = await cluster.roles(key);
    if (now.master !== master) return true;
    await now.replica?.client.cluster("FAILOVER");
    await Bun.sleep(500);
    return false;
  });
}

/** An order whose part lies on a master that has a replica still. */
async function orderOfWholePair() {
  for (let n = 1; ; n++) {
    const orderNo = orderNoOf(n as OrderId);
    const channel = redis.key(keyIn(partOfOrder(n as OrderId), "order-changed", orderNo));
    if ((await cluster.roles(channel)).replica) return { orderNo, channel };
  }
}

async function trainOfAnotherMaster(trainNumber: string): Promise<string> {
  const { master } = await cluster.roles(keyOf(trainNumber));
  for (let n = 100; ; n++) {
    const other = await cluster.roles(keyOf(`G${n}`));
    if (other.master !== master) return `G${n}`;
  }
}
