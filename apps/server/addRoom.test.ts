/**
 * A room is added by its folder, its contract and one line, and is then everywhere: in the platform in one process, behind its
 * threads, as a role of its own, between processes, in the API's description, the metrics, the settings and the client's types.
 */
import { afterAll, expect, test } from "bun:test";
import type { AnswerNamed, RouteSpec } from "@chepiao/contracts";
import { publicRoutes } from "@chepiao/contracts";
import { createBus, createLogger, createMetrics, createRemoteClient } from "@chepiao/runtime";
import { defineRoom } from "@chepiao/room";
import { createSystemClock } from "@chepiao/adapters/system";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { join } from "node:path";
import { readConfig, showConfig } from "./config.ts";
import { openDataFolder } from "./dataFolder.ts";
import { rolesOf } from "./roles.ts";
import { rooms as ownRooms } from "./rooms/index.ts";
import { guestbookClient, type guestbookRoutes } from "./testing/fixtureRoom/contract.ts";
import { guestbookRoom, type Pages, pagesPort } from "./testing/fixtureRoom/room.ts";
import { allReady, createCluster } from "./testing/roles.ts";
import { createWorld, type World } from "./testing/world.ts";
import { startEmbedded } from "./wiring/embedded.ts";
import { createInside } from "./wiring/inside.ts";

/** The one line. */
const rooms = [...ownRooms, guestbookRoom];
/** Who may call it says so. */
const visitorRoom = defineRoom({
  name: "visitor",
  about: "signs guestbooks",
  asks: { guestbook: guestbookClient },
  open: () => ({}),
});
const asked = [...rooms, visitorRoom];

const composition = { code: "TEST", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }] };
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const smallWorld = async () => {
  const world = await createWorld({ userCount: 1, passengersPerUser: 1, trainCount: 1, stationCount: 3, composition });
  cleanUp.defer(world.remove);
  return world;
};

type Book = AnswerNamed<{ readonly guestbook: typeof guestbookRoutes }, "GET /api/guestbook">;
const read = async (url: string): Promise<Book> => (await (await fetch(`${url}/api/guestbook`)).json()) as Book;

async function buy({ users: [user], trains, stations, date }: World, url: string) {
  const { status } = await fetch(`${url}/api/order`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${user!.token}`,
      "content-type": "application/json",
      "idempotency-key": "guestbook",
    },
    body: JSON.stringify({
      trainNumber: trains[0],
      originDate: date,
      from: stations[0],
      to: stations[2],
      seatClass: "second",
      passengers: [{ passengerId: user!.passengerIds[0] }],
    }),
  });
  expect(status).toBe(202);
}

async function comesToPass(is: () => Promise<boolean>) {
  const until = Date.now() + 15_000;
  while (!(await is())) {
    if (Date.now() > until) throw new Error("it did not come to pass");
    await Bun.sleep(20);
  }
}

for (const workers of [1, 2]) {
  test(`in one process with ${workers} threads it has its route, port, consumer, job, gauge, setting and description`, async () => {
    const world = await smallWorld();
    using folder = openDataFolder(world.dataDir);
    const logTo = { level: "silent", write() {} } as const;
    const platform = await startEmbedded({
      config: readConfig(
        { PORT: "0", METRICS_PORT: "0", HOST: "127.0.0.1", WORKERS: String(workers), GUESTBOOK_GREETING: "hello" },
        rooms,
      ),
      folder,
      logger: createLogger(logTo),
      logTo,
      firstTimetable: async () => {},
      broken(error) {
        throw error;
      },
      rooms,
    });
    const { url } = platform.server;
    expect(await read(url)).toEqual({ greeting: "hello", entries: [] });
    await buy(world, url);
    const bought = `a purchase on ${world.trains[0]}/${world.date}`;
    await comesToPass(async () => (await read(url)).entries.includes(bought));
    const gauge = async () =>
      /^guestbook_passes(?:\{[^}]*\})? (\d+)/m.exec(await metricsOf(platform.server.detailsUrl!));
    await comesToPass(async () => Number((await gauge())?.[1] ?? 0) > 2);
    const { paths } = (await (await fetch(`${url}/api/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(paths)).toContain("/api/guestbook");
    await platform.stop();
  });
}

const metricsOf = async (url: string) => (await fetch(`${url}/metrics`)).text();

test("between processes it is a role of its own, with a public route, and a client that others are handed", async () => {
  const world = await smallWorld();
  const all: string[] = [];
  const pages: Pages = { add: (entry) => void all.push(entry), all };
  const processRoles = {
    gateway: "gateway",
    rest: "user,search,order,inventory,payment,waitlist,notification,operations,queue,challenges,writer,relay,sweeper,bank",
    book: "guestbook",
  };
  await using cluster = await createCluster(world, processRoles, {}, undefined, {
    rooms: asked,
    morePorts: new Map([[pagesPort.name, pages]]),
  });
  const running = Object.keys(processRoles).map((place) => cluster.start(place));
  await Promise.all(running.map(({ opened }) => opened));
  await allReady(cluster);
  const ready = (await (await fetch(`${cluster.insideGatewayUrl}/readyz`)).json()) as object;
  expect(JSON.stringify(ready)).toContain('"guestbook"');

  expect(await read(cluster.gatewayUrl)).toEqual({ greeting: "welcome", entries: [] });
  const bookUrl = running[2]!.innerUrl;
  const vault = createVault(await loadOrCreateKeys(join(world.dataDir, "keys.json")));
  const bus = createBus({
    addressesOf: () => [bookUrl],
    signerOf: createInside({ roles: ["visitor"], table: rolesOf(asked), vault, clock: createSystemClock() }).signerOf,
    observe: { logger: createLogger({ level: "silent", write() {} }), metrics: createMetrics() },
  });
  using remote = createRemoteClient(guestbookClient, { caller: bus("guestbook"), clock: createSystemClock() });
  expect(await Promise.all([remote.sign("Anna"), remote.sign("Boris")])).toEqual([1, 2]);
  expect((await read(cluster.gatewayUrl)).entries).toEqual(["Anna", "Boris"]);
  await buy(world, cluster.gatewayUrl);
  await comesToPass(async () => all.length === 3);
  await comesToPass(async () => /^guestbook_passes(?:\{[^}]*\})? [1-9]/m.test(await metricsOf(bookUrl)));
});

test("its setting is shown with the others, and its role stands in the table", () => {
  expect(showConfig({}, rooms).map(({ env }) => env)).toContain("GUESTBOOK_GREETING");
  const table = rolesOf(rooms);
  expect(table.names).toContain("guestbook");
  expect(
    table
      .routesOf("guestbook")
      .flatMap((routes) => Object.values(routes))
      .map(({ path }: RouteSpec) => path),
  ).toEqual(["/api/guestbook"]);
});

test("the client's types know the routes of every room that has some", () => {
  const declared = ownRooms.filter((room) => room.routes).map(({ name, routes }) => [name, routes]);
  expect(new Map(declared as [string, object][])).toEqual(new Map(Object.entries(publicRoutes)));
});
