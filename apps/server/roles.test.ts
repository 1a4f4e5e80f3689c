/**
 * The platform split into its roles, in front of shared engines: people buy, pay, cancel and give back through the gateway, roles
 * leave and come back meanwhile, and the invariants hold against the clients' own record and the bank's books.
 */
import { afterAll, expect, test } from "bun:test";
import {
  type Order,
  orderRoutes,
  paymentRoutes,
  type Problem,
  searchRoutes,
  ServiceUnavailable,
  ticketKeyRoutes,
  timetableRoutes,
  userRoutes,
} from "@chepiao/contracts";
import { createPrng, serviceDate } from "@chepiao/kernel";
import { demoResidentId } from "@chepiao/services/user";
import { auditAnswers } from "@chepiao/runtime/http/answers.suite.ts";
import { audit, seatsAreTickets } from "./testing/audit.ts";
import { createAnswers, travel } from "./testing/passengers.ts";
import { allReady, createCluster, type ProcessRoles } from "./testing/roles.ts";
import { statesAreTold } from "./testing/told.ts";
import { createWorld, type TestUser, type World } from "./testing/world.ts";
import { roles } from "./roles.ts";
import type { Ports } from "./wiring/ports.ts";
import { policySetting, timeToPay } from "./testing/policy.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const composition = { code: "TEST", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }] };
const seatCount = 40;
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

const smallWorld = async () => {
  const world = await createWorld({ userCount: 40, passengersPerUser: 4, trainCount: 4, stationCount: 6, composition });
  cleanUp.defer(world.remove);
  return world;
};

/** One role a process; those at which people wait twice. */
const processRoles: ProcessRoles = {
  gateway: "gateway",
  "user 1": "user",
  "user 2": "user",
  search: "search",
  "order 1": "order",
  "order 2": "order",
  "inventory 1": "inventory",
  "inventory 2": "inventory",
  payment: "payment",
  waitlist: "waitlist",
  notification: "notification",
  writer: "writer",
  relay: "relay",
  sweeper: "sweeper",
  operations: "operations",
  queue: "queue",
  challenges: "challenges",
  bank: "bank",
};

test(`I1 I2 I3 I4 I6 I8 hold for roles of their own, while roles leave and come back (seed ${seed})`, async () => {
  const world = await smallWorld();
  const cluster = await createCluster(world, processRoles, policySetting(timeToPay(4)));
  const running = new Map(Object.keys(processRoles).map((place) => [place, cluster.start(place)]));
  await Promise.all([...running.values()].map(({ opened }) => opened));
  await allReady(cluster);

  const record = createAnswers();
  let goOn = true;
  const crowd = { world, url: cluster.gatewayUrl, record, seatClass: "second" as const, goOn: () => goOn };
  const people = world.users.map((user, n) => travel(crowd, user, createPrng(seed * 1_000 + n)));

  const prng = createPrng(seed);
  for (let leaving = 0; leaving < 5; leaving++) {
    await Bun.sleep(300 + prng.below(700));
    const place = prng.pick(Object.keys(processRoles).filter((name) => name !== "gateway"));
    await running.get(place)!.stop();
    await Bun.sleep(prng.below(400));
    running.set(place, cluster.start(place));
  }
  await Promise.all([...running.values()].map(({ opened }) => opened));
  await Bun.sleep(1_000);
  goOn = false;
  await Promise.all(people);

  const told = { accepted: record.accepted, sent: record.sent };
  await comesToRest(() => audit(world.dataDir, told));
  const seats = await seatsAreTickets(world.dataDir, cluster.gatewayUrl, { second: seatCount }, world);
  await cluster[Symbol.asyncDispose]();
  const heard = [...record.heard].sort(([a], [b]) => a - b).map(([status, count]) => `${status}×${count}`);
  console.log(`seed ${seed}: ${record.sent.size} sent, ${record.accepted.size} accepted, answers ${heard.join(" ")}`);
  const wrong = [...record.wrong, ...seats, ...audit(world.dataDir, told), ...statesAreTold(world.dataDir)];
  expect({ seed, wrong }).toEqual({ seed, wrong: [] });
  expect(record.accepted.size).toBeGreaterThan(50);
});

async function comesToRest(wrong: () => string[]) {
  const until = Date.now() + 40_000;
  while (wrong().length > 0 && Date.now() < until) await Bun.sleep(500);
}

test("every answer and refusal of the platform is the same through the gateway, and a purchase is one trace through all roles", async () => {
  await using cluster = await startAll(await smallWorld());
  const { url, user, call } = cluster;
  const rooms = [userRoutes, searchRoutes, timetableRoutes, ticketKeyRoutes, orderRoutes, paymentRoutes].map(
    (routes) => ({
      routes,
    }),
  );
  expect(await auditAnswers({ url, rooms, token: (role) => (role === "passenger" ? user.token : null) })).toEqual([]);

  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const bought = await buy(cluster, "traced", { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
  expect(bought.status).toBe(202);
  const traced = cluster.lines.filter((line) => line.includes(traceId)).map((line) => JSON.parse(line) as LogLine);
  const steps = traced.map(({ service, message }) => `${service} ${message}`);
  expect(steps).toContain("user-service /internal/user/passengers 200");
  expect(steps).toContain("inventory-service /internal/inventory/hold 200");
  expect(steps).toContain("order-service POST /api/order 202");
  expect(new Set(traced.map(({ spanId }) => spanId)).size).toBe(traced.length);

  const { orderNo } = (await bought.json()) as { orderNo: string };
  const states = await follow(cluster, orderNo, async (order) => {
    if (order.state === "pendingPayment") await call("POST", `/api/order/${orderNo}/cancel`);
    return order.state === "cancelled";
  });
  expect(states.slice(-2)).toEqual(["pendingPayment", "cancelled"]);
});

test("an account is kept and left through the gateway, over TLS with the cookie that only this site can set", async () => {
  await using cluster = await startAll(await smallWorld(), split, {
    PUBLIC_URL: "https://tickets.example",
    CHEPIAO_PRACTICE: "1",
  });
  const { url } = cluster;
  let cookie = "";
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(url + path, {
      method,
      headers: { cookie, "sec-fetch-site": "same-origin", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.headers.get("strict-transport-security")).toStartWith("max-age=");
    const set = response.headers.get("set-cookie");
    if (set) cookie = set.split(";", 1)[0]!;
    return { status: response.status, set: set ?? "" };
  };
  // The register to practise with is there, and tells nothing to whoever has no key of its.
  expect((await ask("POST", "/sandbox/identity/verify", {})).status).toBe(401);
  const phone = "13911112222";
  const account = { username: "walker", password: "a long password", realName: "行者", phone };
  const document = { documentType: "residentId", documentNumber: demoResidentId(serviceDate("1985-05-05"), 77) };
  expect((await ask("POST", "/api/user/register", { ...account, ...document })).status).toBe(201);
  expect((await ask("POST", "/api/user/password/code", { username: "walker" })).status).toBe(202);
  const code = await comesToPass(async () => {
    const page = await (await fetch(`${url}/sandbox/messages/inbox?to=${phone}`)).text();
    return /验证码 (\d{8})/.exec(page)?.[1] ?? false;
  });
  const password = "another long one";
  expect((await ask("POST", "/api/user/password/reset", { username: "walker", code, password })).status).toBe(204);
  const { set } = await ask("POST", "/api/user/login", { username: "walker", password });
  expect(set).toMatch(/^__Host-chepiao_session=cps_[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/);
  const change = { oldPassword: password, newPassword: "the third of them" };
  expect((await ask("PUT", "/api/user/password", change)).status).toBe(204);
  expect((await ask("DELETE", "/api/user/sessions?keep=current")).status).toBe(204);
  expect((await ask("DELETE", "/api/user/me", { password: "wrong" })).status).toBe(422);
  expect((await ask("DELETE", "/api/user/me", { password: "the third of them" })).status).toBe(204);
  expect(cookie).toBe("__Host-chepiao_session=");
});

test("a role that is away is said so, what it does is refused for a moment, and all else goes on", async () => {
  await using cluster = await startAll(await smallWorld());
  const { call, insideGatewayUrl } = cluster;
  await cluster.running.get("order")!.stop();
  const away = await call("GET", "/api/order");
  expect([away.status, away.headers.get("retry-after"), ((await away.json()) as Problem).code]).toEqual([
    503,
    "1",
    "ServiceUnavailable",
  ]);
  expect((await call("GET", "/api/search/calendar")).status).toBe(200);
  expect((await call("GET", "/api/user/me")).status).toBe(200);
  const ready = await comesToPass(async () => {
    const answer = await fetch(`${insideGatewayUrl}/readyz`);
    const { waitingFor, checks } = (await answer.json()) as {
      waitingFor: string[];
      checks: { name: string; why?: string }[];
    };
    return (
      waitingFor.includes("order") && { status: answer.status, why: checks.find(({ name }) => name === "order")!.why }
    );
  });
  // The gateway still has much to do: nobody should be sent away from it.
  expect(ready).toMatchObject({ status: 200, why: expect.stringContaining("ECONNREFUSED") });

  await cluster.running.get("inventory")!.stop();
  cluster.start("order");
  await comesToPass(async () => (await call("GET", "/api/order")).status === 200);
  const refused = await buy(cluster, "no seats to ask for");
  expect([refused.status, ((await refused.json()) as Problem).code]).toEqual([503, "ServiceUnavailable"]);
  cluster.start("inventory");
  const again = await comesToPass(async () => {
    const answer = await buy(cluster, "no seats to ask for");
    return answer.status !== 503 && answer.status;
  });
  expect(again).toBe(202);
});

test("roles and engines may come in any order: who waits lives, says what for, and can be stopped meanwhile", async () => {
  const world = await smallWorld();
  await using cluster = await createCluster(world, split);
  for (const engine of ["mysql", "redis", "kafka"] as const) cluster.away.add(engine);
  const order = cluster.start("order");
  const search = cluster.start("search");
  const health = async (address: string | null, path: string) => {
    const answer = await fetch(`${address}${path}`);
    return {
      status: answer.status,
      body: (await answer.json()) as { waitingFor?: string[]; checks?: { name: string; why: string }[] },
    };
  };
  expect((await health(order.innerUrl, "/healthz")).status).toBe(200);
  const waiting = await comesToPass(async () => {
    const { status, body } = await health(order.innerUrl, "/readyz");
    return body.checks!.every(({ why }) => why !== "not looked for yet") && { ...body, status };
  });
  expect(waiting).toMatchObject({ status: 503, waitingFor: ["mysql", "redis", "kafka", "user", "inventory"] });
  expect(waiting.checks![0]).toMatchObject({ name: "mysql", why: "ECONNREFUSED" });
  expect((await health(search.innerUrl, "/readyz")).body.waitingFor).toEqual(["mysql", "inventory"]);
  expect((await fetch(`${order.innerUrl}/api/order`)).status).toBe(503);

  await search.stop();
  expect(String(await search.opened.catch((error: unknown) => error))).toContain("Stopped");
  for (const place of Object.keys(split).reverse()) if (place !== "order") cluster.start(place);
  cluster.away.clear();
  await order.opened;
  await allReady(cluster);
});

test("an engine that goes while doors are being opened is waited for, as if it had not been there", async () => {
  const world = await smallWorld();
  let failures = 3;
  const flickering = (ports: Ports): Ports => {
    const { timetable } = ports.stores;
    const load: typeof timetable.load = async (from) => {
      if (failures-- > 0) throw new ServiceUnavailable("MySQL", "it closed the connection");
      return timetable.load(from);
    };
    return { ...ports, stores: { ...ports.stores, timetable: { ...timetable, load } } };
  };
  await using cluster = await createCluster(world, split, {}, flickering);
  await cluster.start("order").opened;
  expect(failures).toBeLessThan(1);
  const said = () => cluster.lines.filter((line) => line.includes("it went while the doors were being opened")).length;
  expect(said()).toBe(1);

  failures = Infinity;
  const search = cluster.start("search");
  await comesToPass(async () => said() > 1);
  await search.stop();
  expect(String(await search.opened.catch((error: unknown) => error))).toContain("Stopped");
});

test("all roles in one process are the same platform, with one public listener", async () => {
  await using cluster = await startAll(await smallWorld(), { all: "all" });
  const bought = await buy(cluster, "in one house");
  expect(bought.status).toBe(202);
  const { orderNo } = (await bought.json()) as { orderNo: string };
  await follow(cluster, orderNo, async ({ state }) => state === "pendingPayment");
  const { innerUrl } = cluster.running.get("all")!;
  expect(
    (await fetch(`${innerUrl}/api/order`, { headers: { authorization: `Bearer ${cluster.user.token}` } })).status,
  ).toBe(403);
  expect((await fetch(`${cluster.url}/internal/inventory/hold`, { method: "POST", body: "{}" })).status).toBe(404);
  const metrics = await (await fetch(`${innerUrl}/metrics`)).text();
  const series = metrics.split("\n").filter((line) => line.startsWith("http_requests_total"));
  expect(new Set(series.map((line) => line.split(" ").slice(0, -1).join(" "))).size).toBe(series.length);
});

// Small steps

type LogLine = { readonly service: string; readonly message: string; readonly spanId: string };

/** One process a role. */
const split: ProcessRoles = Object.fromEntries(roles.map((role) => [role, role]));

async function startAll(
  world: World,
  ofPlan: ProcessRoles = split,
  environment: Readonly<Record<string, string>> = {},
) {
  const cluster = await createCluster(world, ofPlan, environment);
  const running = new Map(Object.keys(ofPlan).map((place) => [place, cluster.start(place)]));
  await Promise.all([...running.values()].map(({ opened }) => opened));
  await allReady(cluster);
  const [user] = world.users as [TestUser];
  const url = cluster.gatewayUrl;
  const call = (method: string, path: string) =>
    fetch(url + path, { method, headers: { authorization: `Bearer ${user.token}`, "accept-language": "en" } });
  return { ...cluster, world, running, url, user, call };
}
type Started = Awaited<ReturnType<typeof startAll>>;

const buy = ({ url, user, world }: Started, key: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/order`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${user.token}`,
      "content-type": "application/json",
      "idempotency-key": key,
      ...headers,
    },
    body: JSON.stringify({
      trainNumber: world.trains[0],
      originDate: world.date,
      from: world.stations[0],
      to: world.stations[2],
      seatClass: "second",
      passengers: [{ passengerId: user.passengerIds[0] }],
    }),
  });

/** The states that an order's events tell of, until one is as wanted. */
async function follow(
  { call }: Started,
  orderNo: string,
  wanted: (order: Order) => Promise<boolean>,
): Promise<string[]> {
  const response = await call("GET", `/api/order/${orderNo}/events`);
  const states: string[] = [];
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const events = text.split("\n\n");
    text = events.pop()!;
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data === undefined) continue;
      const order = JSON.parse(data) as Order;
      states.push(order.state);
      if (await wanted(order)) return states;
    }
  }
  throw new Error(`the events of ${orderNo} ended at ${states.join(", ")}`);
}

/** Looks again until there is something to see. */
async function comesToPass<T>(check: () => Promise<T | false>, withinMs = 60_000): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const seen = await check();
    if (seen !== false) return seen;
    if (Date.now() > end) throw new Error("it did not come to that");
    await Bun.sleep(50);
  }
}
