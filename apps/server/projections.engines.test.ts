/**
 * I8 on the engines: read models are dropped, spoilt and made anew while orders are being written and changed, and those who keep
 * them true die and come back. In the end each says what SQL says.
 */
import { afterAll, expect, test } from "bun:test";
import { createBinlogFeed } from "@chepiao/adapters/binlog";
import { openOrderSearch } from "@chepiao/adapters/elasticsearch";
import {
  createMysqlOrderIndex,
  createMysqlOrderList,
  createMysqlCheckpoints,
  createMysqlStores,
  createOrderReader,
} from "@chepiao/adapters/mysql";
import { freshMysql } from "@chepiao/adapters/mysql/fresh.suite.ts";
import { createSystemClock } from "@chepiao/adapters/system";
import { firstRunOf } from "@chepiao/contracts";
import type { OrderId } from "@chepiao/kernel";
import type { RunningFollower } from "@chepiao/ports/change-feed";
import { indexedOrders, listedOrder } from "@chepiao/ports/order-lists";
import { documentOf } from "@chepiao/ports/order-search";
import type { OrderRecord } from "@chepiao/ports/order-store";
import { sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import {
  runProjection,
  type ProjectionName,
  projectionNames,
  projectionOf,
  type ReadModels,
} from "./rooms/readModels.ts";

const elasticsearchUrl = process.env["ELASTICSEARCH_URL"] ?? "";
if (elasticsearchUrl === "") {
  throw new Error("ELASTICSEARCH_URL is not set: `npm run engines -- up` starts Elasticsearch and says where it is");
}

const clock = createSystemClock();
const mysql = await freshMysql("ShardingSphere-Proxy");
const fresh = { ...mysql.database, stale: mysql.database.sql };
const stores = createMysqlStores({ database: mysql.open(), clock, report: () => {} });
const search = openOrderSearch({ url: elasticsearchUrl, index: `test-projections-${process.pid}`, replicas: 0 });
afterAll(async () => {
  await search.drop();
  await search.close();
  await stores[Symbol.asyncDispose]();
});

const models: ReadModels = {
  feed: createBinlogFeed(
    { primaries: mysql.behind },
    { checkpoints: createMysqlCheckpoints(mysql.database), clock, report: () => {} },
  ),
  orders: createOrderReader(mysql.database),
  index: createMysqlOrderIndex(fresh, clock),
  list: createMysqlOrderList(fresh),
};
const projection = (name: ProjectionName) => projectionOf(name, { ...models, search })!;
const keepAll = () => projectionNames.map((name) => runProjection(name, projection(name), models, clock));
const endAll = (followers: readonly RunningFollower[]) =>
  Promise.all(followers.map((follower) => follower[Symbol.asyncDispose]()));

/** An account buys no more on a run than it may. */
const ordersPerUser = 4;
const trains = ["G1", "G2", "G3"];

/** Somebody buys and pays, again and again, until it is enough. */
function sellOn() {
  let isEnough = false;
  const sold: OrderId[] = [];
  async function sell() {
    for (let n = 0; !isEnough; n++) {
      const order = sampleOrder({
        userId: Math.floor(n / ordersPerUser) + 1,
        train: trains[n % trains.length]!,
        seats: [n],
      });
      await stores.orders.accept([order], sampleNow);
      sold.push(order.orderId);
      const written = (await stores.orders.load(order.orderId))!;
      const tickets = written.tickets.map((ticket) => ({ ...ticket, state: "issued" as const }));
      const paid: OrderRecord = { ...written, state: "ticketed", tickets };
      if (n % 3 > 0) await stores.orders.change([{ order: paid, freedSeats: [], messages: [] }], sampleNow);
    }
  }
  const selling = sell();
  return {
    sold,
    async enough() {
      isEnough = true;
      await selling;
    },
  };
}

async function everyOrder(): Promise<OrderRecord[]> {
  const all: OrderRecord[] = [];
  for await (const page of models.orders.all()) all.push(...page);
  return all.toSorted((a, b) => b.orderId - a.orderId);
}

const page = { limit: 10_000 };

const shown = async (order: OrderRecord) => ({
  onRun: (await models.index.ofRun(firstRunOf(order), page)).length,
  ofUser: (await models.list.ofUser(order.userId, page)).length,
});

/** How many there were at the fewest while the work was being done, beside this order. */
async function fewestShown(order: OrderRecord, work: () => Promise<void>) {
  let isDone = false;
  const working = work().finally(() => (isDone = true));
  const fewest = { onRun: Infinity, ofUser: Infinity };
  while (!isDone) {
    const { onRun, ofUser } = await shown(order);
    fewest.onRun = Math.min(fewest.onRun, onRun);
    fewest.ofUser = Math.min(fewest.ofUser, ofUser);
    await Bun.sleep(50);
  }
  await working;
  return fewest;
}

const newestFirst = <T extends { readonly orderId: number }>(rows: readonly T[]) =>
  rows.toSorted((a, b) => b.orderId - a.orderId);

test("I8: read models equal SQL after rebuilds under way, spoilt rows and dead readers; lag goes to nothing", async () => {
  const selling = sellOn();
  // Read from the middle of things on; then those who keep the models true die.
  await endAll(keepAll());
  let followers = keepAll();
  await Promise.all(followers.map((follower) => follower.caughtUp()));
  await endAll(followers);

  // Changed while nobody looks, one model is gone and another is spoilt.
  await search.drop();
  const [victim] = await everyOrder();
  const known = await shown(victim!);
  await models.list.take([
    { ...victim!, lines: [{ ...victim!.lines[0], trainNumber: "X9" }], version: victim!.version + 1_000 },
  ]);
  followers = keepAll();
  const counts: number[] = [];
  const fewest = await fewestShown(victim!, async () => {
    for (const name of projectionNames) counts.push(await projection(name).rebuild(models.orders.all()));
  });
  expect(fewest.onRun).toBeGreaterThanOrEqual(known.onRun);
  expect(fewest.ofUser).toBeGreaterThanOrEqual(known.ofUser);
  const killed = followers;
  followers = [];
  await endAll(killed);
  followers = keepAll();

  await selling.enough();
  await Promise.all(followers.map((follower) => follower.caughtUp()));
  // What is written for checkpoints goes through the same binlogs, and is passed over.
  const lags = () => followers.map((follower) => follower.lagMs());
  for (const until = Date.now() + 10_000; lags().some((lag) => lag > 0) && Date.now() < until;) await Bun.sleep(5);
  expect(lags()).toEqual([0, 0, 0]);
  await endAll(followers);

  const orders = await everyOrder();
  expect(orders.length).toBe(selling.sold.length);
  expect(Math.min(...counts)).toBeGreaterThan(0);
  expect(new Set(orders.map(({ state }) => state))).toEqual(new Set(["pendingPayment", "ticketed"]));

  const runs = [...new Set(orders.map(firstRunOf))];
  const indexed = (await Promise.all(runs.map((run) => models.index.ofRun(run, page)))).flat();
  expect(newestFirst(indexed)).toEqual(orders.flatMap(indexedOrders));
  const buyers = [...new Set(orders.map(({ userId }) => userId))];
  const listed = (await Promise.all(buyers.map((user) => models.list.ofUser(user, page)))).flat();
  expect(newestFirst(listed)).toEqual(orders.map(listedOrder));
  await search.refresh();
  expect((await search.search({ limit: 10_000 })).orders).toEqual(orders.map(documentOf));
}, 400_000);
