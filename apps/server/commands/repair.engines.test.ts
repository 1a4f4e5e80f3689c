/**
 * What a Redis failover takes with it comes back: a run by itself as soon as the ledger has refused somebody, and everything by
 * `chepiao repair`. The platform runs in processes on real engines, on a Redis Cluster that this test may kill.
 */
import { mysqlConnection } from "@chepiao/adapters/mysql";
import { afterAll, expect, test } from "bun:test";
import { resolve } from "node:path";
import { freshMysql } from "@chepiao/adapters/mysql/fresh.suite.ts";
import { createSqlQuotaStore, createSqlWithdrawnCoachStore } from "@chepiao/adapters/sql";
import { openRedis } from "@chepiao/adapters/redis";
import { startOwnCluster, until } from "@chepiao/adapters/redis/ownCluster.suite.ts";
import { type RunId, runId, type TicketsAnswer } from "@chepiao/contracts";
import { epochMs, minuteMs } from "@chepiao/kernel";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { roles } from "../roles.ts";
import { createRolePlatform, settleOn } from "../testing/processes.ts";
import type { TestUser } from "../testing/world.ts";

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync(), minuteMs);

const composition = {
  code: "TEST",
  coaches: [
    { no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] },
    { no: 2, sections: [{ seatClass: "first" as const, rows: 1 }] },
  ],
};
const seatCount = 40;
const userCount = 40;

type Sold = { readonly seats: readonly number[]; readonly rejected: number };

test(
  "I1: a failover that loses sold seats heals by itself, and an empty Redis by the command",
  async () => {
    const cluster = cleanUp.use(await startOwnCluster());
    const mysql = await freshMysql("ShardingSphere-Proxy");
    const platform = cleanUp.use(
      await createRolePlatform({ mysql, settings: { REDIS_NODES: cluster.nodes.join(",") } }),
    );
    const size = { userCount, passengersPerUser: 1, trainCount: 2, stationCount: 3, composition };
    const world = await settleOn(platform, size);
    const started = roles.filter((role) => role !== "cdc").map((role) => platform.start(role));
    await platform.ready(2 * minuteMs);

    const [elsewhere, train] = world.trains as [string, string];
    const users = [...world.users];
    const buyers = (count: number) => users.splice(0, count);
    expect(await buyAll(buyers(5), train)).toBe(5);
    const { master } = await cluster.roles(holdsKey(train));
    await allWritten(train, 5);
    await master.client.wait(1, 1_000);

    // From here on nothing reaches the replica, and everything is answered.
    await master.client.config("SET", "requirepass", "nobody knows");
    await master.client.call("CLIENT", "KILL", "TYPE", "replica");
    expect(await buyAll(buyers(5), train)).toBe(5);
    await allWritten(train, 10);
    await master.kill();
    await until(async () => (await cluster.roles(holdsKey(train))).master !== master);
    expect(await buyAll(buyers(2), elsewhere)).toBe(2);

    // The first who is offered a seat that is sold is refused it, and by then the run is whole again.
    const rejectedBefore = (await soldOn(train)).rejected;
    expect(await buyAll(buyers(1), train)).toBe(1);
    await allWritten(train, 11);
    expect((await soldOn(train)).rejected).toBe(rejectedBefore + 1);
    await until(async () => (await freeOn(train)) === seatCount - 10);
    expect(await command("--dry-run", "--run", runOf(train))).toMatchObject({ code: 0 });
    expect(await buyAll(buyers(5), train)).toBe(5);
    await allWritten(train, 16);
    const healed = await soldOn(train);
    expect(healed.rejected).toBe(rejectedBefore + 1);
    expect([healed.seats.length, new Set(healed.seats).size]).toEqual([15, 15]);

    // On the other train no more than 30 of the 40 seats are for sale, as the sweeper has heard.
    const everyWay = { fromStations: null, toStations: null, limits: [{ since: epochMs(0), seats: 30 }] };
    const quotas = createSqlQuotaStore(mysql.database.sql);
    expect(await quotas.set(0, [{ runId: runOf(elsewhere), seatClass: "second", quotas: [everyWay] }])).toBe(1);
    await until(async () => (await forSaleOn(elsewhere)) === 30 - 2);

    // And its other coach is sold to nobody.
    const withdrawn = createSqlWithdrawnCoachStore(mysql.database.sql);
    expect(await freeOn(elsewhere, "first")).toBe(4);
    expect(await withdrawn.set(0, { runId: runOf(elsewhere), coachNos: [2], lost: [] })).toBe(1);
    await until(async () => (await freeOn(elsewhere, "first")) === 0);

    // All of it is gone: seats, quotas, withdrawn coaches, limits, keys, and who is logged in.
    await using redis = openRedis({ nodes: cluster.nodes });
    await redis.check();
    await Promise.all(redis.cluster.nodes("master").map((node) => node.flushall()));
    expect(await freeOn(train)).toBe(seatCount);
    const differs = await command("--dry-run");
    expect(differs.code).toBe(1);
    expect(differs.text).toContain(`${runOf(train)}: 15 sold and for sale again`);
    const repaired = await command();
    expect(repaired).toMatchObject({ code: 0 });
    expect(repaired.text).toContain("limits: 17 orders, all");
    expect(repaired.text).toContain("keys: 18 orders, all");
    expect([await freeOn(train), await freeOn(elsewhere)]).toEqual([seatCount - 15, seatCount - 2]);
    expect([await freeOn(train, "first"), await freeOn(elsewhere, "first")]).toEqual([4, 0]);
    await until(async () => (await forSaleOn(elsewhere)) === 30 - 2);
    expect(await command("--dry-run")).toMatchObject({ code: 0 });
    const codes = await Promise.all(started.map((process) => process.stop()));
    expect(codes).toEqual(codes.map(() => 0));

    function runOf(trainNumber: string): RunId {
      return runId(trainNumber, world.date);
    }
    function holdsKey(trainNumber: string): string {
      return `${platform.namespace}:holds:{${runOf(trainNumber)}}`;
    }

    /** How many were accepted. Whoever is told to come back does. */
    async function buyAll(some: readonly TestUser[], trainNumber: string): Promise<number> {
      const statuses = await Promise.all(some.map((user) => buy(user, trainNumber)));
      return statuses.filter((status) => status === 202).length;
    }

    async function buy(user: TestUser, trainNumber: string): Promise<number> {
      for (;;) {
        const answer = await fetch(`${platform.gatewayUrl}/api/order`, {
          method: "POST",
          headers: {
            authorization: `Bearer ${user.token}`,
            "content-type": "application/json",
            "idempotency-key": `key of ${user.userId}`,
          },
          body: JSON.stringify({
            trainNumber,
            originDate: world.date,
            from: world.stations[0],
            to: world.stations.at(-1),
            seatClass: "second",
            passengers: user.passengerIds.map((passengerId) => ({ passengerId })),
          }),
        });
        if (answer.status !== 503) return answer.status;
        expect(answer.headers.get("retry-after")).not.toBeNull();
        await Bun.sleep(200);
      }
    }

    async function allWritten(trainNumber: string, count: number) {
      await until(async () => {
        const { seats, rejected } = await soldOn(trainNumber);
        return seats.length + rejected === count;
      });
    }

    async function soldOn(trainNumber: string): Promise<Sold> {
      const connection = await createConnection(mysqlConnection(mysql.url).options);
      try {
        const ask = async (sql: string) => (await connection.query<RowDataPacket[]>(sql, [runOf(trainNumber)]))[0];
        const seats = await ask("select seat_index from t_seat_claim where run_id = ? and claim_status = 1");
        const rejected = await ask("select order_id from t_seat_claim where run_id = ? and claim_status = 0");
        return { seats: seats.map((row) => Number(row["seat_index"])), rejected: rejected.length };
      } finally {
        await connection.end();
      }
    }

    async function freeOn(trainNumber: string, seatClass = "second"): Promise<number> {
      const query = new URLSearchParams({
        trainNumber,
        originDate: world.date,
        from: world.stations[0]!,
        to: world.stations.at(-1)!,
        seatClass,
      });
      const answer = await fetch(`${platform.gatewayUrl}/api/search/seats?${query.toString()}`);
      return ((await answer.json()) as { readonly free: number }).free;
    }

    async function forSaleOn(trainNumber: string): Promise<number | undefined> {
      const query = new URLSearchParams({ from: world.stations[0]!, to: world.stations.at(-1)!, date: world.date });
      const answer = await fetch(`${platform.gatewayUrl}/api/search/tickets?${query.toString()}`);
      const { trains } = (await answer.json()) as TicketsAnswer;
      return trains
        .find((offered) => offered.trainNumber === trainNumber)
        ?.classes.find(({ seatClass }) => seatClass === "second")?.free;
    }

    async function command(...args: string[]): Promise<{ readonly code: number; readonly text: string }> {
      const main = resolve(import.meta.dir, "../main.ts");
      const child = Bun.spawn([process.execPath, main, "repair", ...args], {
        env: { ...process.env, ...platform.settings },
        stdout: "pipe",
        stderr: "pipe",
      });
      const [out, err, code] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
        child.exited,
      ]);
      return { code, text: out + err };
    }
  },
  6 * minuteMs,
);
