/** Staff are let in by a role of its own behind the gateway as they are in one process, and what they ask is on the trail in SQL. */
import { afterAll, expect, test } from "bun:test";
import type { AuditPage, Role, RunActAnswer, RunView } from "@chepiao/contracts";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import { epochMs, type UserId } from "@chepiao/kernel";
import { join } from "node:path";
import { createCluster } from "./testing/roles.ts";
import { createWorld } from "./testing/world.ts";

const composition = { code: "STAFF", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 1 }] }] };
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

test("between processes staff are let in by their rights, and every call is on the trail", async () => {
  const world = await createWorld({ userCount: 3, passengersPerUser: 1, trainCount: 1, stationCount: 3, composition });
  cleanUp.defer(world.remove);
  const database = cleanUp.use(await openSqlite(join(world.dataDir, "chepiao.db")));
  const { users, auditTrail } = createStores(database);
  const roles: readonly Role[] = ["passenger", "operator", "auditor"];
  for (const [n, role] of roles.entries())
    await users.change(world.users[n]!.userId as UserId, { role }, epochMs(Date.now()));
  await using cluster = await createCluster(world, {
    gateway: "gateway",
    user: "user",
    operations: "operations",
    rest: "search,order,inventory,payment,waitlist,notification,queue,challenges,bank",
  });
  await Promise.all(["gateway", "user", "operations"].map((place) => cluster.start(place).opened));
  const ask = async (path: string, user: number) => {
    const headers = { authorization: `Bearer ${world.users[user]!.token}` };
    return fetch(`${cluster.gatewayUrl}/api/operations/${path}`, { headers });
  };
  const [story, audit] = ["orders/E00000000000000000", "audit?action=readOrders"];
  const statuses = async (path: string) => Promise.all(roles.map(async (_, n) => (await ask(path, n)).status));
  expect(await statuses(story)).toEqual([403, 404, 404]);
  expect(await statuses(audit)).toEqual([403, 403, 200]);
  const { entries } = (await (await ask(audit, 2)).json()) as AuditPage;
  expect(new Set(entries.map(({ role, subject }) => `${role}: ${subject}`))).toEqual(
    new Set(["auditor: order E00000000000000000", "operator: order E00000000000000000"]),
  );
  expect((await auditTrail.find({ action: "readAudit", limit: 9 })).length).toBe(2);

  const run = `runs/${world.trains[0]}/${world.date}`;
  expect(await statuses(run)).toEqual([403, 200, 200]);
  expect(((await (await ask(run, 1)).json()) as RunView).coaches).toMatchObject([{ no: 1, isThere: true }]);
  const act = async (name: string, user: number, asked: object) =>
    fetch(`${cluster.gatewayUrl}/api/operations/${run}/${name}`, {
      method: "POST",
      headers: { authorization: `Bearer ${world.users[user]!.token}`, "content-type": "application/json" },
      body: JSON.stringify({ reason: "fire", ...asked }),
    });
  const loss = { dryRun: true, coachNos: [1] };
  expect(await Promise.all(roles.map(async (_, n) => (await act("lose", n, loss)).status))).toEqual([403, 200, 403]);
  const trial = (await (await act("lose", 1, loss)).json()) as RunActAnswer;
  expect(trial.moves).toMatchObject({ tickets: 0, confirm: 0 });
  expect((await act("cancel", 1, { dryRun: false })).status).toBe(200);
  expect(await auditTrail.find({ action: "cancelRun", limit: 9 })).toMatchObject([
    { role: "operator", door: "route", reason: "fire", end: { outcome: "done" } },
  ]);
}, 120_000);
