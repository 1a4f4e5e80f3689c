/** Quotas where seats are sold, shown and looked after by processes of their own: what is set in SQL reaches all of them. */
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import { type ClassOffer, runId, type TicketsAnswer } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import type { StationQuota } from "@chepiao/ports/quota-store";
import { createCluster } from "./testing/roles.ts";
import { createWorld } from "./testing/world.ts";

const composition = { code: "TEST", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 2 }] }] };
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

const withinMs = 60_000;

test("quotas that are set in SQL are in searches of another process, also those set while nobody swept", async () => {
  const world = await createWorld({ userCount: 1, passengersPerUser: 1, trainCount: 1, stationCount: 3, composition });
  cleanUp.defer(world.remove);
  await using cluster = await createCluster(world, {
    gateway: "gateway",
    search: "search",
    inventory: "inventory",
    "sweeper 1": "sweeper",
    "sweeper 2": "sweeper",
    waitlist: "waitlist",
    user: "user",
    order: "order",
    payment: "payment",
    notification: "notification",
    operations: "operations",
    queue: "queue",
    challenges: "challenges",
    bank: "bank",
  });
  const starting = ["gateway", "search", "inventory", "sweeper 1"].map((place) => cluster.start(place));
  await Promise.all(starting.map(({ opened }) => opened));
  await using database = await openSqlite(join(world.dataDir, "chepiao.db"));
  const { quotas } = createStores(database);
  const allOf = (seats: number): StationQuota => ({
    fromStations: null,
    toStations: null,
    limits: [{ since: epochMs(0), seats }],
  });
  const set = (version: number, seats: number) =>
    quotas.set(version, [{ runId: runId("G1", world.date), seatClass: "second", quotas: [allOf(seats)] }]);
  async function offerWhen(isThere: (offer: ClassOffer) => boolean): Promise<ClassOffer | undefined> {
    const query = new URLSearchParams({ from: "S0", to: "S2", date: world.date });
    for (const end = Date.now() + withinMs; ; await Bun.sleep(50)) {
      const answer = await fetch(`${cluster.gatewayUrl}/api/search/tickets?${query.toString()}`);
      const offer = answer.ok ? ((await answer.json()) as TicketsAnswer).trains[0]?.classes[0] : undefined;
      if ((offer && isThere(offer)) || Date.now() > end) return offer;
    }
  }
  expect(await offerWhen(({ free }) => free === 10)).toMatchObject({ free: 10 });
  expect(await set(0, 4)).toBe(1);
  expect(await offerWhen(({ free }) => free === 4)).toMatchObject({ free: 4, sellable: true });

  await starting[3]!.stop();
  expect(await set(1, 0)).toBe(2);
  await cluster.start("sweeper 2").opened;
  expect(await offerWhen(({ free }) => free === 0)).toMatchObject({ free: 0, sellable: false, notOnSaleYet: true });
}, 120_000);
