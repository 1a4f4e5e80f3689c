/** The read models keep their rules on one MariaDB and behind ShardingSphere-Proxy; and every order is read for them. */
import { expect, test } from "bun:test";
import { migrations } from "@chepiao/adapters/sql";
import { createSystemClock } from "@chepiao/adapters/system";
import { orderListsSuite } from "@chepiao/ports/order-lists/orderLists.suite.ts";
import { sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import type { OrderRecord } from "@chepiao/ports/order-store";
import { freshMysql, type Place } from "./fresh.suite.ts";
import { createMysqlOrderIndex, createMysqlOrderList } from "./orderLists.ts";
import { createOrderReader } from "./orderReader.ts";
import { createMysqlCheckpoints } from "./checkpoints.ts";
import { createMysqlStores } from "./stores.ts";

// Every slot is walked by itself, and each walk is 2,048 journeys through the proxy.

for (const place of ["one MariaDB", "ShardingSphere-Proxy"] as const satisfies Place[]) {
  const mysql = await freshMysql(place);
  const { database } = mysql;
  // What was written is asked for at once: not of a replica.
  const fresh = { ...database, stale: database.sql };

  orderListsSuite(place, async () => {
    await mysql.wipe();
    return { index: createMysqlOrderIndex(fresh, createSystemClock()), list: createMysqlOrderList(fresh) };
  });

  test(`${place}: some orders, and all of them, are read as the store has them`, async () => {
    await mysql.wipe();
    const report = () => {};
    await using stores = createMysqlStores({ database: mysql.open(), clock: createSystemClock(), report });
    const written = Array.from({ length: 40 }, (_, n) => sampleOrder({ userId: n + 1, seats: [2 * n, 2 * n + 1] }));
    await stores.orders.accept(written, sampleNow);
    const byId = (orders: readonly OrderRecord[]) => orders.toSorted((a, b) => a.orderId - b.orderId);
    const ids = written.map(({ orderId }) => orderId);
    const stored = byId((await Promise.all(ids.map((id) => stores.orders.load(id)))).map((order) => order!));
    const reader = createOrderReader(database);
    const all: OrderRecord[] = [];
    for await (const page of reader.all()) all.push(...page);
    expect(byId(all)).toEqual(stored);
    expect(byId(await reader.some(ids))).toEqual(stored);
    expect(await reader.some([])).toEqual([]);
  });

  test(`${place}: the migration of the read models is run again where it died half-way`, async () => {
    await migrations["0009-generations"]!.up(database.sql);
    const [row] = await database.sql.selectFrom("t_user_order_list").select("generation").limit(1).execute();
    expect(row?.generation ?? 0).toBe(0);
  });

  test(`${place}: checkpoints are remembered under their names`, async () => {
    await mysql.wipe();
    const places = createMysqlCheckpoints(database);
    expect(await places.load("order-search/0")).toBeNull();
    await places.save("order-search/0", "10:binlog.000001:4");
    await places.save("order-search/0", "10:binlog.000001:99");
    await places.save("order-search/1", "20:binlog.000007:4");
    expect(await createMysqlCheckpoints(mysql.open()).load("order-search/0")).toBe("10:binlog.000001:99");
  });
}
