/** A MariaDB's binlog keeps the rules of every change feed. */
import { afterAll, expect, test } from "bun:test";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { createSystemClock } from "@chepiao/adapters/system";
import { createMemoryCheckpoints, type Checkpoints } from "@chepiao/ports/change-feed";
import { changeFeedSuite } from "@chepiao/ports/change-feed/changeFeed.suite.ts";
import { openDriver } from "./driver.ts";
import { createBinlogFeed } from "./index.ts";

const primaries = (process.env["MYSQL_PRIMARIES"] ?? "").split(",").filter(Boolean);
if (primaries.length === 0) {
  throw new Error("MYSQL_PRIMARIES is not set: `npm run engines -- up` starts MySQL and says where it is");
}

/** A connection that only asks. The folder has one driver, so it is that one's. */
function asking(url: string) {
  const { zongji: driver } = openDriver(url);
  // What goes wrong with a statement is told to whoever asked.
  driver.on("error", () => {});
  const { ctrlConnection } = driver;
  const ask = (sql: string) =>
    new Promise<void>((resolve, reject) => ctrlConnection.query(sql, (error) => (error ? reject(error) : resolve())));
  return { ask, close: () => ctrlConnection.destroy() };
}

const server = asking(primaries[0]!);
const made: string[] = [];
afterAll(async () => {
  for (const database of made) await server.ask(`drop database ${database}`);
  server.close();
});

async function fresh() {
  const database = `chepiao_test_binlog_${process.pid}_${made.length}`;
  await server.ask(`create database ${database}`);
  made.push(database);
  await server.ask(`create table ${database}.t_followed_0 (id bigint primary key, name varchar(20))`);
  await server.ask(`create table ${database}.t_other (id bigint primary key)`);
  const url = Object.assign(new URL(primaries[0]!), { pathname: database }).href;
  return {
    url,
    write: (table: "t_followed" | "t_other", id: number) =>
      server.ask(`insert into ${database}.${table === "t_followed" ? "t_followed_0" : table} (id) values (${id})`),
    ask: (sql: string) => server.ask(sql.replaceAll("$db", database)),
  };
}

const clock = createSystemClock();
const feedOf = (url: string, checkpoints: Checkpoints) =>
  createBinlogFeed({ primaries: [url] }, { checkpoints, clock, report: () => {} });

changeFeedSuite("MariaDB's binlog", async () => {
  const { url, write } = await fresh();
  const checkpoints = createMemoryCheckpoints();
  return { open: () => feedOf(url, checkpoints), write };
});

function follow(url: string, checkpoints: Checkpoints) {
  const heard: unknown[] = [];
  let begun = 0;
  const follower = feedOf(url, checkpoints).follow({
    name: "reader",
    tables: ["t_followed"],
    batchMax: 10,
    async begin() {
      begun++;
    },
    async handle(changes) {
      heard.push(...changes.map(({ row, isDeleted }) => (isDeleted ? { ...row, isDeleted } : row)));
    },
  });
  return { heard, begun: () => begun, follower };
}

test("a row that was changed comes as it is now, one that was deleted as it was; what was undone never", async () => {
  const { url, ask } = await fresh();
  const { heard, follower } = follow(url, createMemoryCheckpoints());
  await using reading = follower;
  await reading.caughtUp();
  await ask("insert into $db.t_followed_0 values (1, '王小明')");
  await ask("begin");
  await ask("update $db.t_followed_0 set name = '李华'");
  await ask("rollback");
  await ask("update $db.t_followed_0 set name = '王晓明'");
  await ask("alter table $db.t_followed_0 add column age int");
  await ask("delete from $db.t_followed_0");
  await follower.caughtUp();
  expect(heard).toEqual([
    { id: 1, name: "王小明" },
    { id: 1, name: "王晓明" },
    { id: 1, name: "王晓明", age: null, isDeleted: true },
  ]);
});

test("a place that the server no longer has, or that is another server's, means to begin by reading", async () => {
  const { url, write } = await fresh();
  for (const place of ["10:binlog.999999:4", "4711:binlog.000001:4", "nonsense"]) {
    const checkpoints = createMemoryCheckpoints();
    await checkpoints.save("reader/0", place);
    const { heard, begun, follower } = follow(url, checkpoints);
    await follower.caughtUp();
    await write("t_followed", place.length);
    await follower.caughtUp();
    expect([place, begun(), heard.length]).toEqual([place, 1, 1]);
    await follower[Symbol.asyncDispose]();
  }
});

test("a connection that is cut is opened again, and nothing is missed", async () => {
  const { url, write } = await fresh();
  using road = await openRoad(url);
  const { heard, begun, follower } = follow(road.url, createMemoryCheckpoints());
  await using reading = follower;
  await reading.caughtUp();
  for (let id = 0; id < 30; id++) {
    await write("t_followed", id);
    if (id % 10 === 5) road.cut();
  }
  await follower.caughtUp();
  expect(new Set(heard.map((row) => (row as { id: number }).id))).toEqual(
    new Set(Array.from({ length: 30 }, (_unused, n) => n)),
  );
  expect(begun()).toBe(1);
});

/** A way to a server that can be cut. */
async function openRoad(url: string) {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  const door = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => other.destroy());
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of open) socket.destroy();
    open.clear();
  };
  return {
    url: Object.assign(new URL(url), { port: String((door.address() as AddressInfo).port) }).href,
    cut,
    [Symbol.dispose]() {
      cut();
      door.close();
    },
  };
}
