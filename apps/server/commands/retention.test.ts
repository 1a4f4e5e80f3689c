/** Who travelled long ago is erased by command, on a data folder: from the orders, and from the index in which they are looked for. */
import { afterAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import { createSystemClock } from "@chepiao/adapters/system";
import { dayMs, epochMs, hourMs } from "@chepiao/kernel";
import { freedOf, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createWorld } from "../testing/world.ts";
import { operatorName } from "./operator.ts";
import { auditTrailIn } from "../testing/auditTrail.ts";

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

const composition = { code: "TEST", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }] };
const name = "张久远";

async function folderWithOldOrders() {
  const world = await createWorld({ userCount: 1, passengersPerUser: 1, trainCount: 1, stationCount: 4, composition });
  cleanUp.defer(world.remove);
  const now = createSystemClock().now();
  const ordered = (train: string, arrivedDaysAgo: number) => {
    const departAt = epochMs(now - arrivedDaysAgo * dayMs - 4 * hourMs);
    const order = sampleOrder({ train, seats: [0], departAt, acceptedAt: epochMs(departAt - dayMs) });
    return { ...order, tickets: order.tickets.map((ticket) => ({ ...ticket, name })) };
  };
  const orders = [ordered("G1", 200), ordered("G2", 40)];
  await using database = await openSqlite(join(world.dataDir, "chepiao.db"));
  const store = createStores(database).orders;
  await store.accept(orders, now);
  for (const { orderId } of orders) {
    const order = (await store.load(orderId))!;
    await store.change([{ order: { ...order, state: "cancelled" }, freedSeats: freedOf(order), messages: [] }], now);
  }
  return world.dataDir;
}

test("the command says how many are due, erases them once, and notes who did it", async () => {
  const dataDir = await folderWithOldOrders();
  const run = (line: string, environment: Readonly<Record<string, string>> = {}) => {
    const child = Bun.spawnSync([process.execPath, resolve(import.meta.dir, "../main.ts"), ...line.split(" ")], {
      env: { ...process.env, DATA_DIR: dataDir, CHEPIAO_ENGINES: "embedded", ...environment },
    });
    expect([child.exitCode, child.stderr.toString()]).toEqual([0, ""]);
    return child.stdout.toString();
  };
  const found = () => (JSON.parse(run(`orders --name ${name} --json`)) as { orders: unknown[] }).orders.length;
  const filesNaming = async () => {
    const files = await Array.fromAsync(
      new Bun.Glob("{chepiao,order-search}.db*").scan({ cwd: dataDir, absolute: true }),
    );
    const texts = await Promise.all(files.map((file) => Bun.file(file).bytes()));
    return files.filter((_, n) => Buffer.from(texts[n]!).includes(name)).map((file) => basename(file));
  };

  expect(found()).toBe(2);
  expect(run("retention --dry-run")).toContain("longer than 180 days after the trip: 1.");
  expect(found()).toBe(2);
  expect(run("retention")).toContain("erased from 1 orders");
  expect(found()).toBe(1);
  expect(run("retention")).toContain("erased from 0 orders");
  expect(run("retention --dry-run", { TRAVELLERS_KEPT_DAYS: "30" })).toContain(": 1.");
  expect(run("retention", { TRAVELLERS_KEPT_DAYS: "30" })).toContain("erased from 1 orders, 30 days");
  // Before anybody looks again.
  expect(await filesNaming()).toEqual([]);
  const orders = JSON.parse(run("orders --json")) as { orders: { totalFen: number; passengers: { name: string }[] }[] };
  expect(orders.orders.map(({ totalFen, passengers }) => [totalFen, passengers[0]!.name])).toEqual([
    [10_000, "—"],
    [10_000, "—"],
  ]);

  expect((await auditTrailIn(dataDir)).filter(({ action }) => action === "eraseTravellers")).toMatchObject([
    { door: "command", who: operatorName(), what: "from orders, 180 days after the trip", end: { after: "1 orders" } },
    { action: "eraseTravellers", end: { outcome: "done", after: "0 orders" } },
    { what: "from orders, 30 days after the trip", end: { after: "1 orders" } },
  ]);

  // Nobody who never searched gets an index for it.
  for (const file of ["", "-wal", "-shm"]) rmSync(join(dataDir, `order-search.db${file}`), { force: true });
  run("retention");
  expect(await Bun.file(join(dataDir, "order-search.db")).exists()).toBe(false);
});
