/**
 * The platform is killed with SIGKILL while people buy, give back and wait in line for the same few seats, and started again on what it left
 * behind. In the end of each entry there is at most one order, every fen is where it should be, and nobody waits for what is free.
 *
 *   KILL_RUNS=20 npm test -- apps/server/waitlist.kill.test.ts     twenty times in a row
 */
import { expect, test } from "bun:test";
import { createPrng } from "@chepiao/kernel";
import { audit, nobodyWaitsForFreeSeats, recordsOfFolder, servedIn, seatsAreTickets } from "./testing/audit.ts";
import { createAnswers, giveBackUntil, travel, waitInLine } from "./testing/passengers.ts";
import { statesAreTold } from "./testing/told.ts";
import { policySetting, timeToPay } from "./testing/policy.ts";
import { createWorld, freePort, startServer } from "./testing/world.ts";

const runs = Number(process.env["KILL_RUNS"] ?? 1);
const firstSeed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const killsPerRun = 4;
const restMs = 60_000;
const environment = policySetting(timeToPay(4));
const composition = { code: "TEST", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 2 }] }] };
const seatCount = 10;
/** How many are served in a while is chance; so many are waited for. */
const servedMin = 5;

for (let run = 0; run < runs; run++) {
  const seed = firstSeed + run;
  test(`I1 I2 I3 I4 I5 I6 I7 hold with a waitlist after ${killsPerRun} kills at random moments (seed ${seed})`, async () => {
    const prng = createPrng(seed);
    const world = await createWorld({
      userCount: 40,
      passengersPerUser: 3,
      trainCount: 3,
      stationCount: 4,
      composition,
    });
    const record = createAnswers();
    const port = freePort();
    let server = await startServer(world, port, environment);
    let goOn = true;
    const crowd = { world, url: server.url, record, seatClass: "second" as const, goOn: () => goOn };
    const people = world.users.map((user, n) =>
      (n % 2 === 0 ? travel : waitInLine)(crowd, user, createPrng(seed * 1_000 + n)),
    );
    for (let kill = 0; kill < killsPerRun; kill++) {
      await Bun.sleep(1_000 + prng.below(2_500));
      await server.kill();
      server = await startServer(world, port, environment);
    }
    await Bun.sleep(3_000);
    await giveBackUntil(crowd, prng, restMs, () => servedIn(world.dataDir) >= servedMin);
    goOn = false;
    await Promise.all(people);

    const told = { accepted: record.accepted, sent: record.sent };
    const wrong = () => [
      ...audit(world.dataDir, told),
      ...nobodyWaitsForFreeSeats(recordsOfFolder(world.dataDir), { second: seatCount }),
    ];
    for (const until = Date.now() + restMs; wrong().length > 0 && Date.now() < until;) await Bun.sleep(500);
    const seats = await seatsAreTickets(world.dataDir, server.url, { second: seatCount }, world);
    expect(await server.stop()).toBe(0);
    const { entries } = recordsOfFolder(world.dataDir);
    const served = servedIn(world.dataDir);
    console.log(
      `seed ${seed}: ${entries.length} entries, ${served} served; ${record.accepted.size} purchases accepted`,
    );
    expect({ seed, wrong: [...record.wrong, ...wrong(), ...seats, ...statesAreTold(world.dataDir)] }).toEqual({
      seed,
      wrong: [],
    });
    expect(served).toBeGreaterThanOrEqual(servedMin);
    world.remove();
  }, 360_000);
}
