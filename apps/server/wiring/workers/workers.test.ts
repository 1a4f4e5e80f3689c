/** Workers as their callers see them, on a port that no other thread listens on; this thread is the one that decides. */
import { afterAll, describe, expect, test } from "bun:test";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { openStores } from "@chepiao/adapters/sqlite";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import type { Problem, TicketsAnswer } from "@chepiao/contracts";
import { epochMs, hourMs, ok, type OrderId, refuse } from "@chepiao/kernel";
import { refusal } from "@chepiao/contracts";
import { createLogger, createMetrics, serveHttp } from "@chepiao/runtime";
import { createEngineSeats, type EngineSeats } from "@chepiao/services/inventory";
import type { Purchase, SubmitCommand } from "@chepiao/services/order";
import { createSessions } from "@chepiao/services/user";
import { readConfig } from "../../config.ts";
import { openDataFolder } from "../../dataFolder.ts";
import { createWorld, freePort } from "../../testing/world.ts";
import { openTimetable } from "../timetable.ts";
import { createWorkers } from "./workers.ts";

const composition = { code: "WORK", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }] };
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

const world = await createWorld({ userCount: 3, passengersPerUser: 1, trainCount: 2, stationCount: 4, composition });
cleanUp.defer(world.remove);
const folder = cleanUp.use(openDataFolder(world.dataDir));
const clock = createSystemClock();
const stores = cleanUp.use(
  await openStores(folder.database, (error) => {
    throw error;
  }),
);
const vault = createVault(await loadOrCreateKeys(folder.keys));
const config = readConfig({ HOST: "127.0.0.1" });
const ticket = await openTimetable({ config, clock }, stores.stores);

/** Two workers, and behind them the least that decides. */
async function open(purchase: Purchase, seats: Pick<EngineSeats, "mirror"> = createEngineSeats({ shared: true })) {
  const troubles: Error[] = [];
  const lines: string[] = [];
  const workers = createWorkers(2, {
    config,
    folder,
    clock,
    stores,
    seats,
    purchase,
    logTo: { level: "info", write: (line) => void lines.push(line) },
    report: (message, error) => troubles.push(new Error(message, { cause: error })),
    broken: (error) => troubles.push(error),
    strictAnswers: true,
  });
  const core = serveHttp({
    port: 0,
    hostname: "127.0.0.1",
    inner: workers.inner,
    rooms: [],
    authenticate: () => null,
    observe: { logger: createLogger({ level: "silent", write() {} }), metrics: createMetrics() },
    ready: () => [workers.readiness()],
    extra: (request, server) => new Response(`core of ${server.requestIP(request)?.address}`),
  });
  const port = freePort();
  expect(workers.readiness().ready).toBe(false);
  await workers.open(port);
  const stop = async () => {
    await workers[Symbol.asyncDispose]();
    await core.stop();
  };
  return { url: `http://127.0.0.1:${port}`, workers, stop, troubles, lines };
}

const accepting: Purchase = async () => ok({ status: 202, body: accepted });
const accepted = {
  orderNo: `E${"1".repeat(17)}`,
  state: "accepted",
  payBy: "2026-12-01T08:00:00+08:00",
  totalFen: 100,
  together: "adjacent",
  preferencesUnmet: 0,
  seats: ["01车01A号"],
  lines: [{ trainNumber: "G1", seatClass: "second", together: "adjacent", preferencesUnmet: 0, seats: ["01车01A号"] }],
};
const [user, other] = world.users;
const run = ticket.timetable.run(world.trains[0]!, world.date)!;

const buy = (url: string, token: string, body: object = {}) =>
  fetch(`${url}/api/order`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": "once" },
    body: JSON.stringify({
      trainNumber: run.train.trainNumber,
      originDate: world.date,
      from: "S0",
      to: "S3",
      seatClass: "second",
      passengers: [{ passengerId: user!.passengerIds[0] }],
      ...body,
    }),
    keepalive: false,
  });

describe("a worker", () => {
  test("shows within a second what was sold elsewhere", async () => {
    const seats = createEngineSeats({ shared: true });
    const { url, stop } = await open(accepting, seats);
    const readFree = async () => {
      const query = `from=S0&to=S3&date=${world.date}`;
      const page = await fetch(`${url}/api/search/tickets?${query}`, { keepalive: false });
      const { trains } = (await page.json()) as TicketsAnswer;
      return trains.find(({ trainNumber }) => trainNumber === run.train.trainNumber)!.classes[0]!.free;
    };
    const readAll = () => Promise.all(Array.from({ length: 12 }, readFree));
    expect(new Set(await readAll())).toEqual(new Set([40]));
    for (const holdId of [1, 2, 3]) {
      const way = { run, fromStop: 0, toStop: 1, seatClass: "second" as const };
      const deadline = epochMs(clock.now() + hourMs);
      await seats.hold([{ ...way, holdId: holdId as OrderId, line: 0, preferences: [null], deadline }], clock.now());
      await Bun.sleep(1_000);
      expect(new Set(await readAll())).toEqual(new Set([40 - holdId]));
    }
    await stop();
  });

  test("reads a purchase, finds out whose it is, and answers what was decided", async () => {
    const asked: SubmitCommand[] = [];
    const { url, stop, lines } = await open(async (command) => {
      asked.push(command);
      return asked.length === 1 ? ok({ status: 202, body: accepted }) : refuse(refusal("SoldOut"));
    });
    const first = await buy(url, user!.token);
    expect([first.status, await first.json()]).toEqual([202, accepted]);
    expect(asked[0]).toMatchObject({ userId: user!.userId, key: "once", lines: [{ from: "S0", to: "S3" }] });
    expect(((await (await buy(url, user!.token)).json()) as Problem).code).toBe("SoldOut");
    expect(asked[1]!.requestHash).toBe(asked[0]!.requestHash);
    expect((await buy(url, user!.token, { seatClass: "none" })).status).toBe(400);
    expect((await buy(url, "nobody's")).status).toBe(401);
    expect(asked).toHaveLength(2);
    await stop();
    expect(lines.join("")).toContain('"message":"POST /api/order 202"');
  });

  test("hears of a session that ended, before whoever ended it", async () => {
    const { url, stop, workers } = await open(accepting);
    const sessions = createSessions({
      sessions: stores.stores.sessions,
      users: stores.stores.users,
      vault,
      clock,
      random: createSystemRandom(),
      tellOthers: workers.tellSessions,
    });
    const statuses = async () => {
      const answers = await Promise.all(Array.from({ length: 12 }, () => buy(url, other!.token)));
      return new Set(answers.map(({ status }) => status));
    };
    expect(await statuses()).toEqual(new Set([202]));
    const { userId, sessionId } = (await sessions.authenticate(other!.token))!;
    await sessions.end(userId as never, sessionId);
    expect(await statuses()).toEqual(new Set([401]));
    await stop();
  });

  test("passes on what it does not answer, and its figures are asked for", async () => {
    const { url, stop, workers } = await open(accepting);
    expect(await (await fetch(`${url}/somewhere`)).text()).toBe("core of 127.0.0.1");
    expect(((await (await fetch(`${url}/api/nothing`)).json()) as Problem).code).toBe("NotFound");
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect((await fetch(`${url}/api/search/calendar`)).status).toBe(200);
    const text = JSON.stringify(await workers.values());
    expect(text.match(/"route":"\/api\/search\/calendar","status":"200"/g)!.length).toBeGreaterThan(0);
    await stop();
  });

  test("that stops answers what it has begun", async () => {
    const { url, stop } = await open(async () => {
      await Bun.sleep(300);
      return ok({ status: 202, body: accepted });
    });
    const late = Promise.all(Array.from({ length: 12 }, () => buy(url, user!.token)));
    await Bun.sleep(100);
    await stop();
    expect((await late).map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 202));
    expect(await buy(url, user!.token).catch(() => "closed")).toBe("closed");
  });

  test("that dies is told of, and whoever asked it something is not left waiting", async () => {
    let poison = () => {};
    const { workers, stop, troubles } = await open(accepting, {
      mirror(hear) {
        poison = () => hear(null as never);
      },
    });
    poison();
    for (let readFree = 0; readFree < 200 && troubles.length === 0; readFree++) await Bun.sleep(10);
    expect(troubles.map(({ message }) => message)).toEqual([expect.stringContaining("a worker has died")]);
    expect(workers.values()).rejects.toThrow("a worker has died");
    await stop().catch(() => {});
  });
});
