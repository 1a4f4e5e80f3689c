/**
 * Every role a process of its own, on real engines: people buy, pay, cancel and give back through the gateway while roles are killed
 * and started again; the invariants hold against the clients' own record and the bank's books.
 *
 *   SEED=… npm run test:engines apps/server/roles.engines.test.ts     the choices of one run again
 */
import { afterAll, expect, test } from "bun:test";
import { createPrng, type Prng, secondMs } from "@chepiao/kernel";
import { freshMysql } from "@chepiao/adapters/mysql/fresh.suite.ts";
import { openRedis } from "@chepiao/adapters/redis";
import { createAuditor } from "./faults/auditor.ts";
import { paymentTimeoutMs } from "./faults/stage.ts";
import { type RoleName, roles } from "./roles.ts";
import { createAnswers, travel } from "./testing/passengers.ts";
import { createRolePlatform, type RoleProcess, settleOn } from "./testing/processes.ts";
import { readModelsAreOrders } from "./testing/readModels.ts";
import { statesAreToldByKafka } from "./testing/told.ts";
import { policySetting, timeToPay } from "./testing/policy.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const composition = { code: "TEST", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }] };
const world = { userCount: 30, passengersPerUser: 4, trainCount: 4, stationCount: 6, composition };
/** Eleven processes on a machine that is busy with other things. */
const startWithinMs = 180_000;
/** Fewer would show nothing; the crowd goes on until it has them, or until it is clear that it never will. */
const acceptedMin = 30;
const sellingMsMax = 180_000;
/** Before it follows the orders a read model walks over all there are. */
const restMs = 180_000;
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync(), 180_000);

test(`I1 I2 I3 I4 I6 I7 I8 hold for processes of one role each, on real engines, while roles are killed (seed ${seed})`, async () => {
  const prng = createPrng(seed);
  const mysql = await freshMysql("ShardingSphere-Proxy");
  const settings = policySetting(timeToPay(paymentTimeoutMs / secondMs));
  const platform = cleanUp.use(await createRolePlatform({ mysql, settings }));
  const { gatewayUrl } = platform;
  const nodes = platform.settings["REDIS_NODES"]!.split(",");
  const redis = cleanUp.use(openRedis({ nodes, prefix: `${platform.namespace}:` }));
  const ground = await settleOn(platform, world);

  const running = new Map<RoleName, RoleProcess>();
  let isWell = false;
  cleanUp.defer(() => {
    for (const { role, output } of running.values()) if (!isWell) console.log(`${role}:\n${output().slice(-2_000)}`);
  });
  for (const role of inAnyOrder(roles, prng)) running.set(role, platform.start(role));
  await platform.ready(startWithinMs);

  const record = createAnswers();
  let goOn = true;
  const crowd = { world: ground, url: gatewayUrl, record, seatClass: "second" as const, goOn: () => goOn };
  const people = ground.users.map((user, n) => travel(crowd, user, createPrng(seed * 1_000 + n)));
  const killed = inAnyOrder(roles, prng)
    .filter((each) => each !== "gateway")
    .slice(0, 5);
  for (const role of killed) {
    await Bun.sleep(500 + prng.below(1_500));
    await running.get(role)!.kill();
    running.set(role, platform.start(role));
  }
  await platform.ready(startWithinMs);
  for (const until = Date.now() + sellingMsMax; record.accepted.size < acceptedMin && Date.now() < until;)
    await Bun.sleep(100);
  goOn = false;
  await Promise.all(people);

  // Those who keep them may just have begun, and the auditor is less patient than that.
  await settled(() => readModelsAreOrders(platform.settings));
  const wrong = [
    ...(await createAuditor({ platform, redis }).audit(ground, record)),
    ...(await settled(() => readModelsAreOrders(platform.settings))),
    ...(await settled(() => statesAreToldByKafka(platform.settings))),
  ];
  const codes = await Promise.all([...running.values()].map((process) => process.stop()));

  const heard = [...record.heard].sort(([a], [b]) => a - b).map(([status, count]) => `${status}×${count}`);
  console.log(
    `seed ${seed}, killed ${killed.join(", ")}: ${record.sent.size} sent, ${record.accepted.size} accepted, answers ${heard.join(" ")}`,
  );
  expect({ seed, killed, wrong }).toEqual({ seed, killed, wrong: [] });
  expect(codes).toEqual(codes.map(() => 0));
  expect(record.accepted.size).toBeGreaterThanOrEqual(acceptedMin);
  isWell = true;
}, 900_000);

/** Looks until nothing is wrong, or time is up. */
async function settled(check: () => Promise<string[]>): Promise<string[]> {
  const until = Date.now() + restMs;
  for (;;) {
    const wrong = await check();
    if (wrong.length === 0 || Date.now() > until) return wrong;
    await Bun.sleep(1_000);
  }
}

const inAnyOrder = (some: readonly RoleName[], prng: Prng) =>
  some
    .map((role) => ({ role, at: prng.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ role }) => role);
