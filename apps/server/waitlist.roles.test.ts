/** The waitlist as roles of its own: those who wait are served across processes that leave and come back, by what the rooms ask of each other. */
import { afterAll, expect, test } from "bun:test";
import { createPrng } from "@chepiao/kernel";
import { audit, nobodyWaitsForFreeSeats, recordsOfFolder, servedIn } from "./testing/audit.ts";
import { createAnswers, giveBackUntil, travel, waitInLine } from "./testing/passengers.ts";
import { policySetting, timeToPay } from "./testing/policy.ts";
import { allReady, createCluster, type ProcessRoles } from "./testing/roles.ts";
import { createWorld } from "./testing/world.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const composition = { code: "TEST", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 2 }] }] };
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

/** How many are served in a while is chance; so many are waited for. */
const servedMin = 3;

const processRoles: ProcessRoles = {
  gateway: "gateway",
  user: "user",
  search: "search",
  "order 1": "order",
  "order 2": "order",
  "inventory 1": "inventory",
  "inventory 2": "inventory",
  payment: "payment",
  "waitlist 1": "waitlist",
  "waitlist 2": "waitlist",
  writer: "writer",
  relay: "relay",
  sweeper: "sweeper",
  notification: "notification",
  operations: "operations",
  queue: "queue",
  challenges: "challenges",
  bank: "bank",
};

test(`I2 I3 I4 I5 I7 hold for a waitlist of roles of their own, while they leave and come back (seed ${seed})`, async () => {
  const world = await createWorld({ userCount: 24, passengersPerUser: 3, trainCount: 3, stationCount: 4, composition });
  cleanUp.defer(world.remove);
  await using cluster = await createCluster(world, processRoles, policySetting(timeToPay(4)));
  const running = new Map(Object.keys(processRoles).map((place) => [place, cluster.start(place)]));
  await Promise.all([...running.values()].map(({ opened }) => opened));
  await allReady(cluster);

  const record = createAnswers();
  let goOn = true;
  const crowd = { world, url: cluster.gatewayUrl, record, seatClass: "second" as const, goOn: () => goOn };
  const people = world.users.map((user, n) =>
    (n % 2 === 0 ? travel : waitInLine)(crowd, user, createPrng(seed * 1_000 + n)),
  );
  for (const place of ["waitlist 1", "order 1", "inventory 2", "waitlist 2"]) {
    await Bun.sleep(2_500);
    await running.get(place)!.stop();
    await Bun.sleep(500);
    running.set(place, cluster.start(place));
    await running.get(place)!.opened;
  }
  await giveBackUntil(crowd, createPrng(seed), 180_000, () => servedIn(world.dataDir) >= servedMin);
  goOn = false;
  await Promise.all(people);

  const told = { accepted: record.accepted, sent: record.sent };
  const wrong = () => [
    ...audit(world.dataDir, told),
    ...nobodyWaitsForFreeSeats(recordsOfFolder(world.dataDir), { second: 10 }),
  ];
  // A grant whose word was lost with a process is asked about after a minute.
  for (const until = Date.now() + 90_000; wrong().length > 0 && Date.now() < until;) await Bun.sleep(500);
  const served = servedIn(world.dataDir);
  console.log(`seed ${seed}: ${served} entries served; ${record.accepted.size} purchases accepted`);
  expect({ seed, wrong: [...record.wrong, ...wrong()] }).toEqual({ seed, wrong: [] });
  expect(served).toBeGreaterThanOrEqual(servedMin);
  for (const process of running.values()) await process.stop();
}, 600_000);
