/** On a cluster the command asks Elasticsearch, which another command fills from MySQL; accounts and documents are found by the keys. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { openOrderSearch } from "@chepiao/adapters/elasticsearch";
import { createMysqlStores } from "@chepiao/adapters/mysql";
import { freshMysql } from "@chepiao/adapters/mysql/fresh.suite.ts";
import { createSystemClock } from "@chepiao/adapters/system";
import { type OrderId, serviceDate } from "@chepiao/kernel";
import { sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { registration } from "@chepiao/ports/user-store/user-store.suite.ts";
import { demoResidentId, parseDocument } from "@chepiao/services/user";

const url = process.env["ELASTICSEARCH_URL"] ?? "";
if (url === "") {
  throw new Error("ELASTICSEARCH_URL is not set: `npm run engines -- up` starts Elasticsearch and says where it is");
}

const namespace = `test-orders-${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), "chepiao-orders-"));
const keysFile = join(folder, "keys.json");
const vault = createVault(await loadOrCreateKeys(keysFile));
const mysql = await freshMysql("ShardingSphere-Proxy");
const search = openOrderSearch({ url, index: `${namespace}-chepiao-orders`, replicas: 0 });
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await search.drop();
  await search.close();
});

async function run(line: string, environment: Readonly<Record<string, string>> = {}) {
  const child = Bun.spawn([process.execPath, resolve(import.meta.dir, "../../main.ts"), ...line.split(" ")], {
    env: {
      ...process.env,
      CHEPIAO_ENGINES: "cluster",
      KEYS_FILE: keysFile,
      MYSQL_URL: mysql.url,
      NAMESPACE: namespace,
      ELASTICSEARCH_REPLICAS: "0",
      ...environment,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, out, err };
}

async function found(conditions: string): Promise<OrderId[]> {
  const { code, out, err } = await run(`orders --json ${conditions}`.trim());
  expect([code, err]).toEqual([0, ""]);
  return (JSON.parse(out) as { orders: { orderId: OrderId }[] }).orders.map(({ orderId }) => orderId);
}

test("orders are found in Elasticsearch after it was filled by command", async () => {
  expect(await found("")).toEqual([]);
  const number = demoResidentId(serviceDate("1990-03-07"), 13);
  const documentHash = vault.fingerprint(parseDocument("residentId", number, serviceDate("2026-12-01"))!.identity);
  const report = () => {};
  await using stores = createMysqlStores({ database: mysql.open(), clock: createSystemClock(), report });
  await stores.users.register({ ...registration(77), usernameHash: vault.fingerprint("username:zhang") });
  const [one, two] = [sampleOrder({ userId: 77, seats: [1] }), sampleOrder({ seats: [2], train: "D5" })];
  const named = { ...two, tickets: two.tickets.map((ticket) => ({ ...ticket, name: "欧阳小明", documentHash })) };
  await stores.orders.accept([one, named], sampleNow);

  const filled = await run("projections rebuild order-search");
  expect([filled.code, filled.out]).toEqual([0, expect.stringContaining("made anew from 2 orders")]);
  expect(new Set(await found(""))).toEqual(new Set([one.orderId, two.orderId]));
  expect(await found("--name ouyang")).toEqual([two.orderId]);
  expect(await found(`--document ${number}`)).toEqual([two.orderId]);
  expect(await found("--account zhang")).toEqual([one.orderId]);
  expect((await run("orders --stats trainNumber")).out).toMatch(/D5 +1 +1/);
  const keyless = await run(`orders --document ${number}`, { KEYS_FILE: "" });
  expect([keyless.code, keyless.err]).toEqual([2, expect.stringContaining("KEYS_FILE is not set")]);
}, 240_000);
