/** Orders are looked for on a data folder, beside the platform that sells them: the command as people call it. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Accepted } from "@chepiao/contracts";
import { demoResidentId } from "@chepiao/services/user";
import { serviceDate } from "@chepiao/kernel";
import { auditTrailIn } from "../../testing/auditTrail.ts";
import { createWorld, freePort, startServer } from "../../testing/world.ts";
import { UsageError } from "../command.ts";
import { operatorName } from "../operator.ts";
import { pageEndText } from "@chepiao/services/operations";
import { readAsked } from "./asked.ts";

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

test("what is asked is understood, or said to be wrong", () => {
  const asked = readAsked(
    "--train G1 --date 2026-12-01..2026-12-07 --status paid,ticketed --name 王小明 --ticket E1-1 --limit 5".split(" "),
  );
  expect(asked.limit).toBe(5);
  expect(asked.filter).toEqual({
    trainNumber: "G1",
    boardingDate: { from: serviceDate("2026-12-01"), to: serviceDate("2026-12-07") },
    states: ["paid", "ticketed"],
    passenger: { name: "王小明", ticketNo: "E1-1" },
  });
  const daysOf = (days: string) => readAsked(["--date", days]).filter.boardingDate as unknown;
  expect(daysOf("2026-12-01")).toEqual({ from: "2026-12-01", to: "2026-12-01" });
  expect(daysOf("2026-12-01..")).toEqual({ from: "2026-12-01" });
  expect(daysOf("..2026-12-07")).toEqual({ to: "2026-12-07" });
  const end = [0.25, 1_234_567_890_123] as const;
  expect(readAsked(["--after", pageEndText(end)]).after).toEqual(end);
  const wrong = [
    "G1",
    "--date tomorrow",
    "--date ..",
    "--date 2026-12-01..2026-12-02..2026-12-03",
    "--date 2026-02-30",
    "--status sold",
    "--class third",
    "--limit 0",
    "--stats date",
    "--document-type card",
    "--after the-first",
    "--after 1_",
    "--shout",
  ];
  for (const command of wrong) expect(() => readAsked(command.split(" "))).toThrow(UsageError);
});

const composition = { code: "TEST", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }] };

test("orders are found beside the running platform, as they are now, by conditions, names, documents and accounts", async () => {
  const world = await createWorld({ userCount: 2, passengersPerUser: 3, trainCount: 2, stationCount: 4, composition });
  cleanUp.defer(world.remove);
  const [first, second] = world.users;

  async function orders(line: string, input: string | null = null) {
    const child = Bun.spawn([process.execPath, resolve(import.meta.dir, "../../main.ts"), ...line.split(" ")], {
      env: { ...process.env, DATA_DIR: world.dataDir, CHEPIAO_ENGINES: "embedded" },
      stdin: input === null ? "ignore" : Buffer.from(input),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    return { code: await child.exited, out, err };
  }
  const found = async (conditions: string, input: string | null = null) => {
    const { code, out, err } = await orders(`orders --json ${conditions}`.trim(), input);
    expect([code, err]).toEqual([0, ""]);
    return (JSON.parse(out) as { orders: { orderNo: string }[] }).orders.map(({ orderNo }) => orderNo);
  };
  /** As they were bought: orders of one moment stand in the order of their accounts. */
  const bought: string[] = [];
  const sorted = (numbers: readonly string[]) => numbers.toSorted((a, b) => bought.indexOf(a) - bought.indexOf(b));
  const all = async (conditions: string) => sorted(await found(conditions));

  const server = await startServer(world, freePort());
  cleanUp.defer(server.kill);
  const call = (user: typeof first, method: string, path: string, body?: object) =>
    fetch(`${server.url}/api/order${path}`, {
      method,
      headers: {
        authorization: `Bearer ${user!.token}`,
        "content-type": "application/json",
        "idempotency-key": `${user!.userId}-${path}-${world.trains.indexOf((body as Asked)?.trainNumber ?? "")}`,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  type Asked = { readonly trainNumber: string };
  const buy = async (user: typeof first, train: number, ...passengers: readonly number[]) => {
    const [from, to] = [world.stations[train], world.stations[train + 1]];
    const answer = await call(user, "POST", "", {
      trainNumber: world.trains[train]!,
      originDate: world.date,
      from,
      to,
      seatClass: "second",
      passengers: passengers.map((n) => ({ passengerId: user!.passengerIds[n] })),
    });
    expect(answer.status).toBe(202);
    const { orderNo } = (await answer.json()) as Accepted;
    for (;;) {
      const order = await call(user, "GET", `/${orderNo}`);
      if (((await order.json()) as { state: string }).state === "pendingPayment") {
        bought.push(orderNo);
        return orderNo;
      }
      await Bun.sleep(20);
    }
  };
  expect(await found("")).toEqual([]);
  expect((await orders("orders")).out).toContain("There is no order yet.");
  expect((await orders("orders --train G1")).out).toContain("No order is like that.");
  const one = await buy(first, 0, 0, 1);
  const two = await buy(second, 0, 0);
  const three = await buy(second, 1, 1);

  expect(await all("")).toEqual([one, two, three]);
  expect(await found("--train G2")).toEqual([three]);
  expect(await all(`--date ${world.date} --train G1 --status pendingPayment`)).toEqual([one, two]);
  expect((await found("--name 乘客0-1"))[0]).toBe(one);
  expect(await all("--name yonghu")).toEqual([one, two]);
  expect(await all("--account user1")).toEqual([two, three]);
  expect(await found("--account 13900000000")).toEqual([one]);
  // As the world numbers the people of its first account.
  const document = demoResidentId(serviceDate("1960-01-01"), 0);
  expect(await found(`--document ${document}`)).toEqual([one]);
  expect(await found("--document -", `${document}\n`)).toEqual([one]);
  expect(await found(`--document ${document} --train G2`)).toEqual([]);
  const refused = await orders("orders --document 1234");
  expect([refused.code, refused.err.includes("1234")]).toEqual([2, false]);
  const nobody = await orders("orders --account nobody");
  expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining('no account "nobody"')]);

  const page = await orders("orders --limit 2");
  const after = /--after (\S+)/.exec(page.out)![1]!;
  expect(page.out).toContain("2 of 3.");
  const shown = await found("--limit 2");
  expect(sorted([...shown, ...(await found(`--limit 2 --after ${after}`))])).toEqual([one, two, three]);
  for (const { out } of [page, await orders("orders --json")]) {
    expect(out).not.toContain(document);
    expect(out).not.toContain("documentHash");
  }

  expect((await call(first, "POST", `/${one}/cancel`)).status).toBeLessThan(300);
  expect(await found("--status cancelled")).toEqual([one]);
  const counted = JSON.parse((await orders("orders --stats state --json")).out) as object[];
  expect(counted).toMatchObject([
    { key: "pendingPayment", orders: 2, passengers: 2 },
    { key: "cancelled", orders: 1, passengers: 2 },
  ]);
  expect((await orders("orders --stats trainNumber --train G1")).out).toMatch(/together +2 +3/);

  // Who looked is noted with what was asked for, not with the name that was; counting names nobody.
  const noted = () => auditTrailIn(world.dataDir);
  const probes = await noted();
  expect(JSON.stringify(probes)).not.toContain("乘客");
  expect(JSON.stringify(probes)).not.toContain(document);
  await orders("orders --stats state");
  expect(await noted()).toHaveLength(probes.length);
  await orders(`orders --name 乘客0-0 --document ${document} --train G1`);
  expect((await noted()).at(-1)!).toMatchObject({
    door: "command",
    who: operatorName(),
    action: "readOrders",
    what: "1 orders with 2 travellers, by trainNumber, name, document",
  });

  // I8: gone altogether, or made anew, it says the same.
  for (const file of ["", "-wal", "-shm"]) rmSync(join(world.dataDir, `order-search.db${file}`), { force: true });
  expect(existsSync(join(world.dataDir, "order-search.db"))).toBe(false);
  expect(await all("--train G1")).toEqual([one, two]);
  expect((await orders("projections rebuild order-search")).out).toContain("made anew from 3 orders");
  expect((await found("--name 乘客0-1"))[0]).toBe(one);
  expect(await server.stop()).toBe(0);
  expect(await all("")).toEqual([one, two, three]);
}, 240_000);

test("a folder without a platform, and a cluster without Elasticsearch, are said", async () => {
  const run = (env: Record<string, string>) =>
    Bun.spawnSync([process.execPath, resolve(import.meta.dir, "../../main.ts"), "orders"], {
      env: { PATH: process.env["PATH"]!, ...env },
    });
  const folder = run({ DATA_DIR: join(import.meta.dir, "nowhere") });
  expect([folder.exitCode, folder.stderr.toString()]).toEqual([1, expect.stringContaining("no platform's data")]);
  expect(existsSync(join(import.meta.dir, "nowhere"))).toBe(false);
  const cluster = run({ CHEPIAO_ENGINES: "cluster" });
  expect([cluster.exitCode, cluster.stderr.toString()]).toEqual([2, expect.stringContaining("ELASTICSEARCH_URL")]);
  const away = run({ CHEPIAO_ENGINES: "cluster", ELASTICSEARCH_URL: "http://127.0.0.1:9" });
  expect([away.exitCode, away.stderr.toString()]).toEqual([1, expect.stringContaining("127.0.0.1:9")]);
});
