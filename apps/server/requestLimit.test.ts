/** What one address may ask of the platform at its public listener: turned away, told how long to wait, and noted. */
import { afterAll, expect, test } from "bun:test";
import { epochMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemorySecurityEvents } from "@chepiao/ports/security-events";
import { createLogger, createMetrics } from "@chepiao/runtime";
import { readConfig } from "./config.ts";
import { openDataFolder } from "./dataFolder.ts";
import { roles } from "./roles.ts";
import { allReady, createCluster } from "./testing/roles.ts";
import { createWorld } from "./testing/world.ts";
import { startEmbedded } from "./wiring/embedded.ts";
import { requestLimitOf, securityEventsInLog } from "./wiring/requestLimit.ts";

const composition = { code: "DOORS", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }] };
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

async function smallWorld() {
  const world = await createWorld({ userCount: 1, passengersPerUser: 1, trainCount: 1, stationCount: 2, composition });
  cleanUp.defer(world.remove);
  return world;
}

const searchAt = (url: string) => (from: string, token?: string) =>
  fetch(`${url}/api/search/calendar`, {
    headers: { "x-forwarded-for": from, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  });

async function platform(environment: Readonly<Record<string, string>>) {
  const world = await smallWorld();
  const folder = cleanUp.use(openDataFolder(world.dataDir));
  const logTo = { level: "warn", write: () => {} } as const;
  const running = await startEmbedded({
    config: readConfig({ PORT: "0", HOST: "127.0.0.1", SHED_AFTER_MS: "0", ...environment }),
    folder,
    logger: createLogger(logTo),
    logTo,
    firstTimetable: async () => {},
    broken(error) {
      throw error;
    },
  });
  cleanUp.defer(() => running.stop());
  const search = searchAt(running.server.url);
  const events = async () => {
    const files = await Array.fromAsync(new Bun.Glob("*.jsonl").scan({ cwd: folder.securityLog, absolute: true }));
    const texts = await Promise.all(files.map((file) => Bun.file(file).text()));
    return texts.flatMap((text) => text.split("\n").filter(Boolean)).map((line) => JSON.parse(line) as unknown);
  };
  return { search, events, user: world.users[0]!, url: running.server.url };
}

test.each([1, 2])("an address that asks too much waits; with %i threads", async (threads) => {
  const { search, events, url } = await platform({
    TRUST_PROXY: "1",
    REQUESTS_PER_ADDRESS_SECOND: "2",
    WORKERS: String(threads),
  });
  // Threads share the connections out, and each counts by itself.
  const answers = [];
  for (let n = 0; n < 20 * threads + 10; n++) answers.push(await search("203.0.113.5"));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(Number(refused[0]!.headers.get("retry-after"))).toBeWithin(1, 11);
  expect(await refused[0]!.json()).toMatchObject({ code: "TooManyRequests", retry: "later" });
  expect((await search("198.51.100.7")).status).toBe(200);
  // A provider sends notices from few addresses, and whichever thread it comes to, none may be lost.
  const headers = { "x-forwarded-for": "198.51.100.9" };
  for (let n = 0; n < 20 * threads + 10; n++)
    expect((await fetch(`${url}/api/payment/callback/none`, { method: "POST", headers })).status).toBe(422);
  // The file is written behind the answers.
  const noted = () => events().catch(() => []);
  for (const until = Date.now() + 5_000; (await noted()).length === 0 && Date.now() < until;) await Bun.sleep(50);
  expect(await noted()).toContainEqual(
    expect.objectContaining({
      level: "WARN",
      service: "gateway-service",
      action: "throttle",
      status: "refused",
      reason: "TooManyRequests",
      address: "203.0.113.0/24",
    }),
  );
});

test("searches of whoever is logged in count for his account, also where others have used up the address", async () => {
  const { search, user, url } = await platform({ TRUST_PROXY: "1", REQUESTS_PER_ADDRESS_SECOND: "1" });
  await expectOwnShare(url, user.token, search);
});

test("at a gateway it is the same; what it turns away is in its log, for it has no database", async () => {
  const world = await smallWorld();
  const rest = roles.filter((role) => role !== "gateway").join(",");
  const cluster = cleanUp.use(
    await createCluster(
      world,
      { gateway: "gateway", rest },
      { TRUST_PROXY: "1", REQUESTS_PER_ADDRESS_SECOND: "1", CHEPIAO_DEMO: "0" },
    ),
  );
  await Promise.all([cluster.start("rest").opened, cluster.start("gateway").opened]);
  await allReady(cluster);
  await expectOwnShare(cluster.gatewayUrl, world.users[0]!.token, searchAt(cluster.gatewayUrl));
  const told = cluster.lines.map((line) => JSON.parse(line)).filter(({ action }) => action === "throttle");
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ level: "WARN", message: "throttle refused: TooManyRequests from 203.0.113.0/24" });
});

async function expectOwnShare(url: string, token: string, search: ReturnType<typeof searchAt>) {
  const me = { headers: { authorization: `Bearer ${token}`, "x-forwarded-for": "198.51.100.8" } };
  expect((await fetch(`${url}/api/user/me`, me)).status).toBe(200);
  for (let n = 0; n < 12; n++) await search("203.0.113.5");
  expect((await search("203.0.113.5")).status).toBe(429);
  expect((await search("203.0.113.5", token)).status).toBe(200);
  expect((await search("203.0.113.5", `${token}x`)).status).toBe(429);
}

test("no limit is set where 0 is said", async () => {
  const { search } = await platform({
    TRUST_PROXY: "1",
    REQUESTS_PER_ADDRESS_SECOND: "0",
    REQUESTS_PER_ACCOUNT_SECOND: "0",
  });
  const answers = await Promise.all(Array.from({ length: 400 }, () => search("203.0.113.5")));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
});

test("a gateway, which has no database, tells it in its log, and an event that cannot be written is reported", async () => {
  const lines: string[] = [];
  const reported: string[] = [];
  const logger = createLogger({ level: "warn", write: (line) => void lines.push(line) });
  const config = { requestsPerAddressSecond: 1, requestsPerAccountSecond: 1 };
  const clock = createManualClock(epochMs(0));
  const report = (message: string) => void reported.push(message);
  const askTooMuch = (securityEvents: Parameters<typeof requestLimitOf>[0]["securityEvents"]) => {
    const rules = { of: () => ({ rules: [], count() {} }) };
    const limit = requestLimitOf({ config, clock, securityEvents, report, rules, metrics: createMetrics() });
    const observe = { logger, metrics: { requests: () => ({ observe() {} }) } as never };
    const counted = limit.counted(() => "passed", { observe, trustProxy: false });
    const server = { requestIP: () => ({ address: "2001:db8:1:2::3" }) };
    const answers = Array.from({ length: 12 }, () => counted(new Request("http://site/"), server));
    expect(answers.filter((answer) => answer === "passed")).toHaveLength(10);
  };
  askTooMuch(securityEventsInLog(logger));
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: "WARN",
    service: "gateway-service",
    action: "throttle",
    status: "refused",
    message: "throttle refused: TooManyRequests from 2001:db8:1::/48",
  });
  askTooMuch({ ...createMemorySecurityEvents(), append: () => Promise.reject(new Error("no disk")) });
  await Bun.sleep(0);
  expect(reported).toEqual(["a security event could not be written"]);
});
