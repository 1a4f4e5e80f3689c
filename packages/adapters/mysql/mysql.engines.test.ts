/** What a process meets at a MySQL besides its stores: an old or missing server, others at work, and numbers of 53 bits. */
import { afterAll, expect, test } from "bun:test";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { migrations, shardedTables, wholeTables } from "@chepiao/adapters/sql";
import { createSystemClock } from "@chepiao/adapters/system";
import { type LogRecord, ServiceUnavailable } from "@chepiao/contracts";
import { type EpochMs, epochMs, minuteMs, secondMs, type UserId } from "@chepiao/kernel";
import { sampleNow as now } from "@chepiao/ports/order-store/samples.suite.ts";
import { type Registration, slotOfHash } from "@chepiao/ports/user-store";
import { registration } from "@chepiao/ports/user-store/user-store.suite.ts";
import { sql } from "kysely";
import type { RowDataPacket } from "mysql2/promise";
import { type MysqlDatabase, openMysql } from "./database.ts";
import { engineUrls, freshMysql } from "./fresh.suite.ts";
import { ask } from "./ownDatabase.ts";
import { migrateMysql, mysqlReady } from "./migrate.ts";
import { createMysqlOutbox } from "./outbox.ts";
import { createMysqlStores } from "./stores.ts";
import { transactionsOn } from "./transaction.ts";

const one = await freshMysql("one MariaDB");
const many = await freshMysql("ShardingSphere-Proxy");
const places = [
  ["one MariaDB", one],
  ["ShardingSphere-Proxy", many],
] as const;

const failureOf = async (work: Promise<unknown>) => {
  try {
    await work;
  } catch (error) {
    return String(error);
  }
  return "it went well";
};

test("every table is known to be spread or whole", async () => {
  const tables = await ask(one.url, async (server) => {
    const [rows] = await server.query<RowDataPacket[]>("show tables");
    return rows.map((row) => String(Object.values(row)[0]));
  });
  expect(tables.toSorted()).toEqual([...Object.keys(shardedTables), ...wholeTables].toSorted());
});

test("every spread table has its column", async () => {
  const tables = await ask(one.url, async (server) => {
    const [rows] = await server.query<RowDataPacket[]>(
      "select table_name from information_schema.columns where table_schema = database() and column_name = 'slot'",
    );
    return rows.map((row) => String(Object.values(row)[0]));
  });
  expect(tables.toSorted()).toEqual(Object.keys(shardedTables).toSorted());
});

test("a server that is not there, a wrong password and a missing database are told apart", async () => {
  const failureAt = async (url: string) => {
    await using database = openMysql(url);
    return await failureOf(mysqlReady(database));
  };
  expect(await failureAt("mysql://chepiao:chepiao@127.0.0.1:1/chepiao")).toContain(
    "MySQL at 127.0.0.1:1/chepiao is away: it refuses connections; is it running?",
  );
  expect(await failureAt(one.url.replace(/:[^:@/]+@/, ":wrong@"))).toContain("does not know this user or password");
  expect(await failureAt(Object.assign(new URL(one.url), { pathname: "chepiao_missing" }).href)).toMatch(
    /MySQL at .* has no such database/,
  );
});

for (const [place, mysql] of places) {
  test(`${place}: is ready when all migrations were run, and says which were not`, async () => {
    expect(await failureOf(mysqlReady(mysql.database))).toBe("it went well");
    await mysql.database.sql.deleteFrom("t_migration").where("name", "=", "0007-order-index").execute();
    expect(await failureOf(mysqlReady(mysql.database))).toContain("lacks migrations: 0007-order-index");
    await migrateMysql(mysql.database);
    expect(await failureOf(mysqlReady(mysql.database))).toBe("it went well");
  });

  test(`${place}: migrations that died half-way are run again, by whoever comes first`, async () => {
    await mysql.database.sql.deleteFrom("t_migration").execute();
    for (const table of ["t_payment_refund", "t_order_detail", "t_seat_claim"] as const) {
      await mysql.database.sql.schema.dropTable(table).execute();
    }
    await Promise.all([mysql.open(), mysql.open(), mysql.database].map(migrateMysql));
    expect(await failureOf(mysqlReady(mysql.database))).toBe("it went well");
    const done = await mysql.database.sql.selectFrom("t_migration").select("name").execute();
    expect(done.map((row) => row.name).toSorted()).toEqual(Object.keys(migrations));
    await mysql.wipe();
  });

  test(`${place}: numbers of 53 bits and texts of all kinds come back as they were written`, async () => {
    const db = mysql.database.sql;
    const largest = Number.MAX_SAFE_INTEGER;
    const row = {
      order_id: largest,
      slot: largest % 2_048,
      run_id: "复兴号 '\\\"%_`",
      line_count: 1,
      order_status: 0,
      due_time: largest - 1,
    };
    await db.insertInto("t_order_due").values(row).execute();
    const found = await db.selectFrom("t_order_due").selectAll().where("slot", "=", row.slot).execute();
    expect(found).toEqual([row]);
    await mysql.wipe();
  });

  test(`${place}: texts that differ in their case alone are two`, async () => {
    const db = mysql.database.sql;
    const row = {
      slot: 5,
      run_id: "G1/2026-12-01",
      order_id: 1,
      line_index: 0,
      seat_index: 1,
      seat_type: 1,
      from_stop: 0,
      to_stop: 1,
    };
    const claim = (run_id: string) =>
      db
        .insertInto("t_seat_claim")
        .values({ ...row, run_id, claim_status: 1 })
        .execute();
    await claim("G1/2026-12-01");
    await claim("g1/2026-12-01");
    expect(await failureOf(claim("G1/2026-12-01"))).toContain("Duplicate");
    await mysql.wipe();
  });

  test(`${place}: a statement that hangs is given up, and the next one goes on`, async () => {
    const hasty = mysql.open({ connectionsMax: 1, statementTimeoutMs: 300 });
    await mysql.database.sql.insertInto("t_migration").values({ name: "held", done_time: 0 }).execute();
    await mysql.database.sql.transaction().execute(async (holder) => {
      await holder.updateTable("t_migration").set({ done_time: 1 }).where("name", "=", "held").execute();
      const waiting = hasty.sql
        .transaction()
        .execute((trx) => trx.updateTable("t_migration").set({ done_time: 2 }).where("name", "=", "held").execute());
      expect(await failureOf(waiting)).toContain("did not answer a statement in time");
    });
    const { done_time } = await hasty.sql
      .selectFrom("t_migration")
      .select("done_time")
      .where("name", "=", "held")
      .executeTakeFirstOrThrow();
    expect(done_time).toBe(1);
    await mysql.database.sql.deleteFrom("t_migration").where("name", "=", "held").execute();
  });

  test(`I7 ${place}: a transaction that is cut before its commit is done again, and once`, async () => {
    await mysql.wipe();
    const cut = await cuttingOff(mysql, (text) => text.startsWith("insert"));
    const row = { order_id: 1, slot: 1, run_id: "G1/2026-12-01", line_count: 1, order_status: 0, due_time: 1 };
    await transactionsOn(cut.database.sql)(async (trx) => {
      await trx.updateTable("t_order_due").set({ due_time: 2 }).where("slot", "=", 1).execute();
      await trx.insertInto("t_order_due").values(row).execute();
    });
    expect(cut.count()).toBe(1);
    expect(await mysql.database.sql.selectFrom("t_order_due").selectAll().where("slot", "=", 1).execute()).toEqual([
      row,
    ]);
    await mysql.wipe();
  });

  test(`${place}: a transaction that is cut at its commit is not done again: nobody knows what became of it`, async () => {
    const cut = await cuttingOff(mysql, (text) => text === "commit");
    let tries = 0;
    const work = transactionsOn(cut.database.sql)(async (trx) => {
      tries++;
      await trx.updateTable("t_order_due").set({ due_time: 2 }).where("slot", "=", 1).execute();
    });
    const failure = await work.catch((error: unknown) => error);
    expect([tries, cut.count()]).toEqual([1, 1]);
    expect(failure).toBeInstanceOf(ServiceUnavailable);
  });

  test(`${place}: a read that is cut is asked again, and a write is not`, async () => {
    await mysql.wipe();
    const reading = await cuttingOff(mysql, (text) => text.includes("t_order_due"));
    expect(await reading.database.sql.selectFrom("t_order_due").selectAll().where("slot", "=", 1).execute()).toEqual(
      [],
    );
    expect(reading.count()).toBe(1);
    const writing = await cuttingOff(mysql, (text) => text.startsWith("update"));
    const write = writing.database.sql.updateTable("t_order_due").set({ due_time: 2 }).where("slot", "=", 1).execute();
    expect(await write.catch((error: unknown) => error)).toBeInstanceOf(ServiceUnavailable);
    expect(writing.count()).toBe(1);
  });

  test(`I7 ${place}: two relays share what waits, and one takes over what the other left`, async () => {
    await mysql.wipe();
    const db = mysql.database.sql;
    await using stores = createMysqlStores({ database: mysql.database, clock: createSystemClock(), report: () => {} });
    const words = Array.from({ length: 30 }, (_, n) => word(`R${n}`, `G${n}/2026-12-01`));
    await stores.orders.enqueue(words, now);
    const [a, b] = [createMysqlOutbox(db, "a"), createMysqlOutbox(db, "b")];
    const [ofA, ofB] = await Promise.all([a.pending(now, 10), b.pending(now, 10)]);
    const rest = await b.pending(epochMs(now + 1), 100);
    const names = [...ofA, ...rest].map(({ messageId }) => messageId);
    expect(new Set(names).size).toBe(30);
    expect(names).toHaveLength(30);
    expect(rest.map(({ messageId }) => messageId)).toEqual(
      expect.arrayContaining(ofB.map(({ messageId }) => messageId)),
    );
    expect(await a.pending(now, 100)).toEqual(ofA);
    await a.sent(ofA.slice(0, 4).map(({ messageId }) => messageId));
    expect((await stores.outbox.backlog()).count).toBe(26);
    // The first relay dies: its messages are the other's while it could still be at work with them no more.
    expect(await b.pending(epochMs(now + 5 * secondMs), 100)).toHaveLength(30 - ofA.length);
    const later = await b.pending(epochMs(now + 7 * secondMs), 100);
    expect(later).toHaveLength(26);
    expect(await a.pending(epochMs(now + 7 * secondMs), 100)).toEqual([]);
    await b.failed(
      later.map(({ messageId }) => messageId),
      epochMs(now + minuteMs),
    );
    expect(await a.pending(epochMs(now + minuteMs + secondMs / 2), 100)).toEqual([]);
    expect((await a.pending(epochMs(now + 2 * minuteMs), 100)).map(({ attempts }) => attempts)).toEqual(
      later.map(() => 1),
    );
  });

  test(`${place}: a name whose account was never written can be had again, but not at once`, async () => {
    await mysql.wipe();
    await using stores = createMysqlStores({ database: mysql.database, clock: createSystemClock(), report: () => {} });
    const { usernameHash } = alice(77, now);
    const abandoned = { kind: 0, value_hash: usernameHash, place: 1, user_id: 77, proved: 0, create_time: now };
    await mysql.database.sql
      .insertInto("t_user_unique")
      .values({ ...abandoned, slot: slotOfHash(usernameHash) })
      .execute();
    expect(await stores.users.register(alice(1, now))).toBe("usernameTaken");
    const later = epochMs(now + 5 * minuteMs);
    const outcomes = await Promise.all([2, 3, 4].map((n) => stores.users.register(alice(n, later))));
    expect(outcomes.toSorted()).toEqual(["registered", "usernameTaken", "usernameTaken"]);
    expect((await stores.users.byLogin("username", usernameHash))?.userId).toBe(
      (2 + outcomes.indexOf("registered")) as UserId,
    );
  });
}

test("a read is answered by the primary, unless it may be stale", async () => {
  const slot = 1;
  const serverOf = async (database: MysqlDatabase["sql"]) => {
    const query = database.selectFrom("t_session").where("slot", "=", slot);
    return query.select([sql<number>`@@server_id`.as("id"), (the) => the.fn.countAll().as("count")]).executeTakeFirst();
  };
  const idOf = (url: string) =>
    ask(
      url,
      async (server) => (await server.query<RowDataPacket[]>("select @@server_id as id"))[0][0]!["id"] as number,
    );
  const primary = await idOf(engineUrls("MYSQL_PRIMARIES")[slot]!);
  const replica = await idOf(engineUrls("MYSQL_REPLICAS")[slot]!);
  expect((await serverOf(many.database.sql))!.id).toBe(primary);
  expect((await serverOf(many.database.stale))!.id).toBe(replica);
  expect((await many.database.stale.transaction().execute(serverOf))!.id).toBe(primary);
});

/** A way in that breaks once, just before the first statement of that kind is sent. */
async function cuttingOff(mysql: typeof one, isTheOne: (text: string) => boolean) {
  const { hostname, port } = new URL(mysql.url);
  const links = new Set<Socket>();
  const relay = createServer((inner) => {
    const outer = connect(Number(port), hostname);
    for (const link of [inner, outer]) links.add(link.on("error", () => {}));
    inner.pipe(outer).pipe(inner);
  });
  await new Promise<void>((listening) => relay.listen(0, "127.0.0.1", listening));
  afterAll(() => void relay.close());
  let count = 0;
  const database = openMysql(
    Object.assign(new URL(mysql.url), { host: `127.0.0.1:${(relay.address() as AddressInfo).port}` }).href,
    {
      beforeStatement({ sql: text }) {
        if (count > 0 || !isTheOne(text.replace(/^(\/\*.*\*\/ )/, ""))) return;
        count++;
        for (const link of links) link.destroy();
      },
    },
  );
  afterAll(() => database[Symbol.asyncDispose]());
  return { database, count: () => count };
}

const word = (refundNo: string, key: string): LogRecord => ({
  topic: "payment-settled-topic",
  key,
  value: { refundNo, paymentNo: "P1", orderNo: "E00010000000000001" as never, ticketNo: null },
});
const alice = (userId: number, createdAt: EpochMs): Registration => {
  const wanted = registration(userId, { username: "alice" });
  return { ...wanted, user: { ...wanted.user, createdAt } };
};
