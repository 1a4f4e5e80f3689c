/** Each provisioned engine is asked for what the platform will ask of it, and for the settings that promises rest on. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { searchConnection } from "@chepiao/adapters/elasticsearch";
import { addressForms, readAddresses } from "@chepiao/adapters/engine-address";
import { kafkaConnection } from "@chepiao/adapters/kafka";
import { mysqlConnection } from "@chepiao/adapters/mysql";
import { rabbitConnection } from "@chepiao/adapters/rabbitmq";
import { Client, HttpConnection } from "@elastic/elasticsearch";
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import { connect } from "amqplib";
import { Cluster, Redis } from "ioredis";
import { createConnection, type Connection, type RowDataPacket } from "mysql2/promise";
import { clientTls, parseLayout, placeOf } from "./index.ts";
import { until } from "./waiting.ts";

const id = `engines-${process.pid}-${Date.now()}`;

function address(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: npm run engines -- up, then npm run test:engines`);
  return value;
}

const open = (url: string): Promise<Connection> => createConnection(mysqlConnection(url).options);

async function rows(connection: Connection, sql: string): Promise<RowDataPacket[]> {
  const [found] = await connection.query<RowDataPacket[]>(sql);
  return found;
}

const variable = async (connection: Connection, name: string) =>
  (await rows(connection, `SHOW GLOBAL VARIABLES LIKE '${name}'`))[0]?.["Value"];
const status = async (connection: Connection, name: string) =>
  Number((await rows(connection, `SHOW GLOBAL STATUS LIKE '${name}'`))[0]?.["Value"]);

const pairCount = address("MYSQL_PRIMARIES").split(",").length;

describe.each(Array.from({ length: pairCount }, (_, index) => index))("MariaDB pair %i", (index) => {
  let primary: Connection;
  let replica: Connection;
  const database = `chepiao_probe_${process.pid}_${index}`;

  beforeAll(async () => {
    primary = await open(address("MYSQL_PRIMARIES").split(",")[index]!);
    replica = await open(address("MYSQL_REPLICAS").split(",")[index]!);
    await primary.query(`CREATE DATABASE ${database}`);
    await primary.query(`CREATE TABLE ${database}.t_probe (id BIGINT PRIMARY KEY, name VARCHAR(20) NOT NULL)`);
  });
  afterAll(async () => {
    await primary.query(`DROP DATABASE ${database}`);
    await Promise.all([primary.end(), replica.end()]);
  });

  test("a commit is answered after the replica has acknowledged it", async () => {
    const before = await status(primary, "Rpl_semi_sync_master_yes_tx");
    const withoutAck = await status(primary, "Rpl_semi_sync_master_no_tx");
    await primary.query(`INSERT INTO ${database}.t_probe VALUES (1, '北京南')`);
    expect(await status(primary, "Rpl_semi_sync_master_yes_tx")).toBeGreaterThan(before);
    expect(await status(primary, "Rpl_semi_sync_master_no_tx")).toBe(withoutAck);
    expect(await variable(primary, "rpl_semi_sync_master_wait_point")).toBe("AFTER_SYNC");
  });

  test("the replica applies what the primary wrote, and takes no writes of its own", async () => {
    const position = (await rows(primary, "SELECT @@gtid_binlog_pos AS gtid"))[0]!["gtid"];
    const waited = await rows(replica, `SELECT MASTER_GTID_WAIT('${position}', 10) AS code`);
    expect(waited[0]?.["code"]).toBe(0);
    expect((await rows(replica, `SELECT name FROM ${database}.t_probe`))[0]?.["name"]).toBe("北京南");
    const write = replica.query(`INSERT INTO ${database}.t_probe VALUES (2, 'x')`);
    expect(write).rejects.toThrow("read-only");
  });

  test("the binlog holds whole rows with GTIDs, flushed at each commit, as change capture needs it", async () => {
    expect(await variable(primary, "binlog_format")).toBe("ROW");
    expect(await variable(primary, "binlog_row_image")).toBe("FULL");
    expect(await variable(primary, "binlog_row_metadata")).toBe("FULL");
    expect(await variable(primary, "gtid_strict_mode")).toBe("ON");
    expect(await variable(primary, "sync_binlog")).toBe("1");
    expect(await variable(primary, "innodb_flush_log_at_trx_commit")).toBe("1");
  });

  test("a transaction that pauses is given up with its locks, and a lock is not waited for longer than a moment", async () => {
    expect(await variable(primary, "idle_transaction_timeout")).toBe("5");
    expect(await variable(primary, "innodb_lock_wait_timeout")).toBe("3");
  });

  test("text compares by its bytes unless a column says otherwise", async () => {
    await primary.query(`INSERT INTO ${database}.t_probe VALUES (11, 'G1'), (12, 'g1'), (13, '車')`);
    const found = await rows(primary, `SELECT id FROM ${database}.t_probe WHERE name IN ('g1', '车')`);
    expect(found.map((row) => row["id"])).toEqual([12]);
    const [made] = await rows(
      primary,
      `SELECT collation_name AS collation FROM information_schema.columns
       WHERE table_schema = '${database}' AND column_name = 'name'`,
    );
    expect(made?.["collation"]).toBe("utf8mb4_bin");
  });
});

describe("ShardingSphere-Proxy", () => {
  const layout = parseLayout(process.env["CHEPIAO_SHARDING"] ?? "2x2");
  let proxy: Connection;
  beforeAll(async () => {
    proxy = await open(address("MYSQL_URL"));
  });
  afterAll(() => proxy.end());

  const route = (sql: string) => rows(proxy, `PREVIEW ${sql}`);

  test("a statement that carries its slot goes to one table of one database, as the rule says", async () => {
    for (const slot of [0, 1, 2, 3, 5, 64, 1_000, 2_046, 2_047]) {
      const [source, table] = placeOf("t_order", slot, layout);
      const [, details] = placeOf("t_order_detail", slot, layout);
      const read = await route(`SELECT o.id FROM t_order o JOIN t_order_detail d
        ON d.order_id = o.id AND d.slot = o.slot WHERE o.slot = ${slot}`);
      expect(read.map((each) => each["data_source_name"])).toEqual([`${source}_replica`]);
      expect(read[0]?.["sql"]).toContain(`${table} o JOIN ${details} d`);
      const write = await route(`INSERT INTO t_order (id, slot) VALUES (1, ${slot})`);
      expect(write.map((each) => each["data_source_name"])).toEqual([`${source}_primary`]);
    }
  });

  test("a statement without a slot asks every database, and a range of slots is refused", async () => {
    expect(await route("SELECT id FROM t_order")).toHaveLength(layout.databaseCount);
    expect(route("SELECT id FROM t_order WHERE slot < 9")).rejects.toThrow("range query");
  });

  test("a table that is not sharded is whole, on the first primary", async () => {
    const table = `t_probe_${process.pid}`;
    await proxy.query(`CREATE TABLE ${table} (id BIGINT PRIMARY KEY, name VARCHAR(20) NOT NULL)`);
    try {
      expect(await route(`INSERT INTO ${table} VALUES (1, 'x')`)).toMatchObject([{ data_source_name: "db_0_primary" }]);
      await proxy.execute(`INSERT INTO ${table} VALUES (?, ?)`, [1, "上海虹桥"]);
      expect(await rows(proxy, `SELECT name FROM ${table} FOR UPDATE`)).toEqual([{ name: "上海虹桥" }] as never);
    } finally {
      await proxy.query(`DROP TABLE ${table}`);
    }
  });

  test("reads go to the replica, and to the primary inside a transaction or with the hint, on every connection", async () => {
    const table = `t_where_${process.pid}`;
    const first = (urls: string) => Number(new URL(urls.split(",")[0]!).port);
    const primary = first(address("MYSQL_PRIMARIES"));
    const replica = first(address("MYSQL_REPLICAS"));
    await proxy.query(`CREATE TABLE ${table} (id BIGINT PRIMARY KEY)`);
    await proxy.query(`INSERT INTO ${table} VALUES (1)`);
    await until(async () => expect(await rows(proxy, `SELECT id FROM ${table}`)).toHaveLength(1));
    const connections = await Promise.all(Array.from({ length: 8 }, () => open(address("MYSQL_URL"))));
    // At the same time, because a proxy that mixes up its connections does so under load.
    const askRepeatedly = async (connection: Connection) => {
      const readFrom = async (hint = "") =>
        Number((await rows(connection, `${hint}SELECT @@port AS port FROM ${table}`))[0]?.["port"]);
      for (let turn = 0; turn < 5; turn++) {
        expect(await readFrom()).toBe(replica);
        expect(await readFrom("/* ShardingSphere hint: writeRouteOnly=true */ ")).toBe(primary);
        await connection.beginTransaction();
        expect(await readFrom()).toBe(primary);
        await connection.commit();
      }
    };
    try {
      await Promise.all(connections.map(askRepeatedly));
    } finally {
      for (const connection of connections) connection.destroy();
      await proxy.query(`DROP TABLE ${table}`);
    }
  });
});

describe("Redis Cluster", () => {
  const seeds = () =>
    readAddresses(address("REDIS_NODES").split(","), addressForms.redis).servers.map((seed) => ({ ...seed, ...tls }));
  const client = clientTls();
  const tls = client ? { tls: client } : {};

  test("three masters have a replica each and serve all slots", async () => {
    const redis = new Redis(seeds()[0]!);
    try {
      const info = String(await redis.cluster("INFO"));
      expect(info).toContain("cluster_state:ok");
      expect(info).toContain("cluster_slots_ok:16384");
      const nodes = String(await redis.cluster("NODES"))
        .trim()
        .split("\n");
      const masters = nodes.filter((line) => line.includes("master") && !line.includes("fail"));
      const served = nodes.filter((line) => line.includes("slave")).map((line) => line.split(" ")[3]);
      expect(masters).toHaveLength(3);
      expect(new Set(served)).toEqual(new Set(masters.map((line) => line.split(" ")[0])));
    } finally {
      redis.disconnect();
    }
  });

  test("each node keeps an append-only file, flushes it every second, and never evicts", async () => {
    for (const seed of seeds()) {
      const redis = new Redis(seed);
      try {
        const config = async (name: string) => (await redis.config("GET", name))[1];
        expect(await config("appendonly")).toBe("yes");
        expect(await config("appendfsync")).toBe("everysec");
        expect(await config("maxmemory-policy")).toBe("noeviction");
        expect(await config("cluster-node-timeout")).toBe("2000");
      } finally {
        redis.disconnect();
      }
    }
  });

  test("a key written through the cluster is acknowledged by its replica", async () => {
    const cluster = new Cluster(seeds(), { redisOptions: tls });
    const key = `{${id}}:probe`;
    try {
      await cluster.set(key, "1", "EX", 60);
      expect(await cluster.get(key)).toBe("1");
      const owner = new Redis({ ...(await ownerOf(cluster, key)), ...tls });
      await owner.set(key, "2", "EX", 60);
      expect(await owner.wait(1, 5_000)).toBe(1);
      owner.disconnect();
    } finally {
      cluster.disconnect();
    }
  });

  async function ownerOf(cluster: Cluster, key: string): Promise<{ host: string; port: number }> {
    const slot = Number(await cluster.cluster("KEYSLOT", key));
    const ranges = await cluster.cluster("SLOTS");
    const range = ranges.find(([from, to]) => from <= slot && slot <= to);
    const [host, port] = range![2]!;
    return { host, port };
  }
});

test("RabbitMQ confirms a publish and hands it over after its time through the dead-letter exchange", async () => {
  const { url, socketOptions } = rabbitConnection(address("RABBITMQ_URL"));
  const connection = await connect(url, socketOptions);
  try {
    const channel = await connection.createConfirmChannel();
    const due = `${id}-due`;
    await channel.assertQueue(due, { durable: true });
    await channel.assertQueue(`${id}-wait`, {
      durable: true,
      messageTtl: 200,
      deadLetterExchange: "",
      deadLetterRoutingKey: due,
    });
    const arrived = new Promise<string>((resolve) => {
      void channel.consume(due, (message) => message && resolve(message.content.toString()), { noAck: true });
    });
    channel.sendToQueue(`${id}-wait`, Buffer.from("order 1"), { persistent: true });
    await channel.waitForConfirms();
    expect(await arrived).toBe("order 1");
    await channel.deleteQueue(`${id}-wait`);
    await channel.deleteQueue(due);
  } finally {
    await connection.close();
  }
});

test("Kafka makes a topic, takes a record with acks from all, and gives it back", async () => {
  const common = { clientId: id, ...kafkaConnection({ brokers: address("KAFKA_BROKERS").split(",") }) };
  const admin = new Admin(common);
  const producer = new Producer({ ...common, serializers: stringSerializers, idempotent: true, acks: -1 });
  const consumer = new Consumer({ ...common, groupId: id, deserializers: stringDeserializers });
  try {
    await admin.createTopics({ topics: [id], partitions: 2, replicas: 1 });
    await producer.send({ messages: [{ topic: id, key: "G1/2026-12-01", value: "购票" }] });
    const stream = await consumer.consume({ topics: [id], mode: "earliest", autocommit: false });
    for await (const message of stream) {
      expect(message).toMatchObject({ key: "G1/2026-12-01", value: "购票" });
      break;
    }
    await stream.close();
  } finally {
    await consumer.close(true);
    await producer.close();
    await admin.deleteTopics({ topics: [id] });
    await admin.close();
  }
});

test("a topic that nobody made is not made by writing to it", async () => {
  const common = { clientId: id, ...kafkaConnection({ brokers: address("KAFKA_BROKERS").split(",") }), retries: 0 };
  const producer = new Producer({ ...common, serializers: stringSerializers });
  try {
    expect(producer.send({ messages: [{ topic: `${id}-typo`, value: "x" }] })).rejects.toThrow();
  } finally {
    await producer.close();
  }
});

test("Elasticsearch finds a Chinese name by a part of it, counts, and drops what is older", async () => {
  const client = new Client({ ...searchConnection(address("ELASTICSEARCH_URL")).options, Connection: HttpConnection });
  const pairs = { type: "shingle" as const, token_separator: "", min_shingle_size: 2, max_shingle_size: 2 };
  try {
    await client.indices.create({
      index: id,
      settings: {
        number_of_replicas: 0,
        analysis: {
          filter: { pairs },
          analyzer: { names: { type: "custom", tokenizer: "standard", filter: ["pairs"] } },
        },
      },
      mappings: { properties: { name: { type: "text", analyzer: "names" }, fareFen: { type: "long" } } },
    });
    const version = (value: number) => ({ version: value, version_type: "external" as const });
    await client.index({ index: id, id: "1", document: { name: "欧阳小红", fareFen: 55_300 }, ...version(2) });
    await client.index({
      index: id,
      id: "2",
      document: { name: "王小明", fareFen: 100 },
      ...version(1),
      refresh: true,
    });
    const older = client.index({ index: id, id: "1", document: { name: "nobody" }, ...version(1) });
    expect(older).rejects.toThrow("version_conflict_engine_exception");
    const found = await client.search({
      index: id,
      query: {
        bool: {
          must: [{ match: { name: { query: "欧阳", operator: "and" } } }],
          filter: [{ range: { fareFen: { gte: 1_000 } } }],
        },
      },
      aggs: { sum: { sum: { field: "fareFen" } } },
    });
    expect(found.hits.hits).toMatchObject([{ _source: { name: "欧阳小红" } }]);
    expect(found.aggregations).toMatchObject({ sum: { value: 55_300 } });
  } finally {
    await client.indices.delete({ index: id, ignore_unavailable: true });
    await client.close();
  }
});
