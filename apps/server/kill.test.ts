/**
 * The platform is killed with SIGKILL in the middle of its work, several times at random moments, and started again on what it
 * left behind; in the end I1 to I4 and I6 to I8 hold against the clients' own record of answers, the bank's own books and the log.
 *
 *   KILL_RUNS=20 npm test -- apps/server/kill.test.ts     twenty times in a row
 *   SEED=… npm test -- apps/server/kill.test.ts           the choices of one run again (the moments of the kills differ)
 */
import { expect, test } from "bun:test";
import { createPrng } from "@chepiao/kernel";
import { audit, changesIn, seatsAreTickets } from "./testing/audit.ts";
import { createAnswers, travel } from "./testing/passengers.ts";
import { statesAreTold } from "./testing/told.ts";
import { createWorld, freePort, startServer } from "./testing/world.ts";
import { policySetting, timeToPay } from "./testing/policy.ts";

const runs = Number(process.env["KILL_RUNS"] ?? 1);
const firstSeed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const killsPerRun = 4;
const restMs = 60_000;
/** Short, so that expiry is part of the test: some payments come in time, some late. */
const environment = policySetting(timeToPay(4));
const composition = { code: "TEST", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }] };
const seatCount = 40;

for (let run = 0; run < runs; run++) {
  const seed = firstSeed + run;
  test.each([1, 2])(
    `I1 I2 I3 I4 I6 I7 I8 hold after ${killsPerRun} kills at random moments under load, by %d threads (seed ${seed})`,
    (workers) => killAndAudit(seed, { ...environment, WORKERS: String(workers) }),
    360_000,
  );
}

async function killAndAudit(seed: number, settings: Record<string, string>) {
  const prng = createPrng(seed);
  const world = await createWorld({ userCount: 40, passengersPerUser: 4, trainCount: 4, stationCount: 6, composition });
  const record = createAnswers();
  const port = freePort();
  let server = await startServer(world, port, settings);
  let goOn = true;
  const crowd = { world, url: server.url, record, seatClass: "second" as const, goOn: () => goOn };
  const people = world.users.map((user, n) => travel(crowd, user, createPrng(seed * 1_000 + n)));

  for (let kill = 0; kill < killsPerRun; kill++) {
    await Bun.sleep(200 + prng.below(1_800));
    await server.kill();
    server = await startServer(world, port, settings);
  }
  await Bun.sleep(1_000);
  goOn = false;
  await Promise.all(people);

  const told = { accepted: record.accepted, sent: record.sent };
  await comesToRest(() => audit(world.dataDir, told));
  const seats = await seatsAreTickets(world.dataDir, server.url, { second: seatCount }, world);
  const code = await server.stop();
  const afterwards = [...audit(world.dataDir, told), ...statesAreTold(world.dataDir)];

  const heard = [...record.heard].sort(([a], [b]) => a - b).map(([status, count]) => `${status}×${count}`);
  console.log(
    `seed ${seed}: ${record.sent.size} purchases sent, ${record.accepted.size} accepted, ${changesIn(world.dataDir)} changes made, answers ${heard.join(" ")}`,
  );
  expect({ seed, wrong: [...record.wrong, ...seats, ...afterwards] }).toEqual({ seed, wrong: [] });
  expect(code).toBe(0);
  expect(record.accepted.size).toBeGreaterThan(50);
  world.remove();
}

/** Expiry, refunds and the bank's late notices take their time; when nothing is left to do, nothing is wrong. */
async function comesToRest(wrong: () => string[]) {
  const until = Date.now() + restMs;
  while (wrong().length > 0 && Date.now() < until) await Bun.sleep(500);
}
