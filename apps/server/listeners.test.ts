/**
 * The platform's doors, spoken to by hand: what no browser writes comes in nowhere, and what one process shows another opens no more
 * than it has to.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { createSystemClock } from "@chepiao/adapters/system";
import {
  type CallSpec,
  inventoryClient,
  orderClient,
  orderRoutes,
  paymentRoutes,
  type RouteSpec,
  searchRoutes,
  ticketKeyRoutes,
  timetableRoutes,
  userClient,
  userRoutes,
} from "@chepiao/contracts";
import { callBytesMax } from "@chepiao/kernel";
import { createLogger } from "@chepiao/runtime";
import { passedFor, signedFor } from "@chepiao/runtime/bus/role.suite.ts";
import { samplePath } from "@chepiao/runtime/http/answers.suite.ts";
import { expectMisaddressed, speak, upload, withoutAddress } from "@chepiao/runtime/http/raw.suite.ts";
import { readConfig } from "./config.ts";
import { openDataFolder } from "./dataFolder.ts";
import { type RoleName, roles, roleTable } from "./roles.ts";
import { allReady, createCluster } from "./testing/roles.ts";
import { createWorld } from "./testing/world.ts";
import { startEmbedded } from "./wiring/embedded.ts";
import { createInside } from "./wiring/inside.ts";

type Signer = ReturnType<ReturnType<typeof createInside>["passingTo"]>;

const composition = { code: "DOORS", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }] };
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

async function smallWorld() {
  const world = await createWorld({ userCount: 1, passengersPerUser: 2, trainCount: 1, stationCount: 3, composition });
  cleanUp.defer(world.remove);
  return world;
}

async function embedded(workers: number) {
  const { dataDir, users } = await smallWorld();
  const folder = cleanUp.use(openDataFolder(dataDir));
  const lines: string[] = [];
  const logTo = { level: "info", write: (line: string) => void lines.push(line) } as const;
  const platform = await startEmbedded({
    config: readConfig({ PORT: "0", HOST: "127.0.0.1", SHED_AFTER_MS: "0", WORKERS: String(workers) }),
    folder,
    logger: createLogger(logTo),
    logTo,
    firstTimetable: async () => {},
    broken(error) {
      throw error;
    },
  });
  cleanUp.defer(() => platform.stop());
  return { port: platform.server.port, lines, user: users[0]! };
}

const passengers = userClient.methods["passengers"]!.path;

/** How each role signs, for tests that stand in its place. */
async function signersOf(dataDir: string) {
  const vault = createVault(await loadOrCreateKeys(join(dataDir, "keys.json")));
  const clock = createSystemClock();
  return (role: RoleName) => createInside({ roles: [role], table: roleTable, vault, clock });
}

/** All roles but the gateway in one process: there the bank's pages and the calls between roles have one door. */
async function apart() {
  const world = await smallWorld();
  const rest = roles.filter((role) => role !== "gateway").join(",");
  const cluster = cleanUp.use(await createCluster(world, { gateway: "gateway", rest }));
  const { innerUrl, opened } = cluster.start("rest");
  await Promise.all([opened, cluster.start("gateway").opened]);
  await allReady(cluster);
  const [user] = world.users;
  return {
    user: user!,
    as: await signersOf(world.dataDir),
    lines: cluster.lines,
    publicPort: Number(new URL(cluster.gatewayUrl).port),
    inner: Number(new URL(innerUrl).port),
  };
}

describe("nobody's upload is taken in: a body is refused once it is too long, however it is sent", () => {
  const publicRoutes = [userRoutes, searchRoutes, timetableRoutes, ticketKeyRoutes, orderRoutes, paymentRoutes].flatMap(
    (routes) => Object.values<RouteSpec>(routes),
  );
  const mounted = ["/", "/nowhere", "/assets/x", "/readyz", "/api/nothing", "/sandbox/pay/x?key=y"];
  const bank = ["/sandbox/pay/api/bill", "/sandbox/pay/api/refund", "/sandbox/pay/api/nothing"];
  /** Far more than is on its way when an answer comes. */
  const enoughBytes = 16 * 2 ** 20;

  const head = (method: string, path: string, more: Readonly<Record<string, string>> = {}) =>
    [`${method} ${path} HTTP/1.1`, ...Object.entries({ Host: "a", ...more }).map((field) => field.join(": ")), ""].join(
      "\r\n",
    );
  const json = { "Content-Type": "application/json", "Idempotency-Key": "k" };

  type Fields = Readonly<Record<string, string>>;
  type SentAlong = (method: string, path: string, fields: Fields) => Fields;

  async function everywhere(port: number, token: string, more: SentAlong = () => ({})) {
    // The site is built while the first one waits for a page; he could send for long.
    await fetch(`http://127.0.0.1:${port}/`);
    for (const spec of publicRoutes) {
      const fields = { Host: "a", ...json, Authorization: `Bearer ${token}` };
      const along = more(spec.method, samplePath(spec), fields);
      const answered = await upload(port, head(spec.method, samplePath(spec), { ...fields, ...along }), enoughBytes);
      const found = { route: `${spec.method} ${spec.path}`, status: answered.status };
      // Nobody reads the body of a GET.
      if (spec.method === "GET") expect(found.status).toBeLessThan(500);
      else if (spec.who === "anyone" || spec.who === "passenger") expect(found).toEqual({ ...found, status: 413 });
      else expect([403, 413]).toContain(found.status);
    }
    for (const path of [...mounted, ...bank]) {
      for (const method of ["GET", "POST", "PUT", "OPTIONS"]) {
        const { status } = await upload(port, head(method, path), enoughBytes);
        expect({ path, method, status: method === "GET" && status < 500 ? 400 : status - (status % 100) }).toEqual({
          path,
          method,
          status: 400,
        });
      }
    }
  }

  /** What the process gains while sixteen people upload at once to where nobody has to be known. */
  async function growth(port: number, more: Readonly<Record<string, string>> = {}): Promise<number> {
    const crowd = () =>
      Promise.allSettled(
        Array.from({ length: 16 }, (_, n) => upload(port, head("POST", bank[n % 2]!, more), enoughBytes)),
      );
    await crowd();
    Bun.gc(true);
    const before = process.memoryUsage.rss();
    await crowd();
    return process.memoryUsage.rss() - before;
  }
  const flat = 16 * 2 ** 20;

  for (const workers of [1, 2]) {
    test(`by an embedded platform with ${workers} serving threads`, async () => {
      const { port, user } = await embedded(workers);
      await everywhere(port, user.token);
      expect(await growth(port)).toBeLessThan(flat);
    });
  }
  test("by a gateway", async () => {
    const { publicPort, user } = await apart();
    await everywhere(publicPort, user.token);
    expect(await growth(publicPort)).toBeLessThan(flat);
  });
  test("by a role, at its public routes, at the bank's pages and at what roles ask each other", async () => {
    const { inner, user, as } = await apart();
    const gateway = as("gateway");
    const passed = Object.fromEntries(roles.map((role) => [role, gateway.passingTo(role)]));
    const roleOf = (method: string, path: string) =>
      roles.find((role) =>
        roleTable
          .routesOf(role)
          .flatMap((routes) => Object.values<RouteSpec>(routes))
          .some((spec) => spec.method === method && samplePath(spec) === path),
      )!;
    await everywhere(inner, user.token, (method, path, fields) =>
      passedFor(passed[roleOf(method, path)]!, method, path, fields),
    );
    expect(await growth(inner)).toBeLessThan(flat);
    for (const { path } of [userClient, orderClient, inventoryClient].flatMap(({ methods }) =>
      Object.values<CallSpec>(methods),
    )) {
      const status = async (sign: Signer, length?: number) => {
        const said = head("POST", path, { ...json, ...signedFor(path, "", sign) });
        if (length === undefined) return (await upload(inner, said, enoughBytes)).status;
        return (await speak(inner, `${said}Content-Length: ${length}\r\n\r\n`)).status;
      };
      const [, , room] = path.split("/");
      const ofThatRoom = as(roleTable.callersOf(room!)[0]!).signerOf(room!);
      expect([path, await status(ofThatRoom), await status(passed[room!]!)]).toEqual([path, 413, 403]);
      // Who may call another room has no business here.
      const elsewhere = as("payment").signerOf(room === "user" ? "order" : "user");
      expect([path, await status(elsewhere)]).toEqual([path, 403]);
      for (const length of [callBytesMax + 1, 2 ** 30])
        expect([path, await status(ofThatRoom, length)]).toEqual([path, 413]);
    }
    const longest = JSON.stringify({ userIds: [user.userId] }).padEnd(callBytesMax);
    const taken = await fetch(`http://127.0.0.1:${inner}${passengers}`, {
      method: "POST",
      headers: signedFor(passengers, longest, as("order").signerOf("user")),
      body: longest,
    });
    expect(taken.status).toBe(200);
  });
});

describe("a request that does not say whom it asks is refused", () => {
  const targets = ["/", "/healthz", `/api/user/login?x=${passengers}`, `/sandbox/pay/x?${passengers}`, passengers];
  for (const [where, open] of [
    ["an embedded platform", async () => embedded(1)],
    ["an embedded platform of several threads", async () => embedded(2)],
    ["a gateway", async () => apart().then(({ publicPort: port, lines }) => ({ port, lines }))],
    ["a role", async () => apart().then(({ inner: port, lines }) => ({ port, lines }))],
  ] as const) {
    test(`by ${where}, without a line in the log`, async () => {
      const { port, lines } = await open();
      const before = lines.length;
      for (const [, said] of withoutAddress)
        for (const target of targets) expectMisaddressed(await speak(port, said(target)));
      expect(lines.slice(before).filter((line) => /"(gateway-service|ERROR)"/.test(line))).toEqual([]);
    });
  }
});

test("no path that the public can write leads to a call between roles", async () => {
  const { publicPort, inner, user } = await apart();
  const body = JSON.stringify({ userIds: [user.userId] });
  const say = (port: number, target: string, more = "") =>
    speak(
      port,
      `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`,
    );
  for (const way of [
    passengers,
    `/sandbox/pay/../..${passengers}`,
    `/sandbox/pay/%2e%2e/%2e%2e${passengers}`,
    String.raw`/sandbox/pay/..\..${passengers.replaceAll("/", "\\")}`,
    `/sandbox/pay/..%2f..${passengers}`,
    `/api/user/passengers/../../..${passengers}`,
    `//${passengers}`,
    `http://a/sandbox/pay/../..${passengers}`,
  ]) {
    const { status, body: told } = await say(publicPort, way);
    expect({ way, status }).toEqual({ way, status: 404 });
    expect(told).not.toContain("documentMasked");
  }
  // It is there, and shut.
  expect((await say(inner, passengers)).status).toBe(403);
});

test("what a gateway signs opens no call between roles, what roles sign no public route, and what was overheard nothing", async () => {
  const world = await smallWorld();
  const [user] = world.users;
  await using cluster = await createCluster(world, Object.fromEntries(roles.map((role) => [role, role])));
  const first = cluster.start("user");
  await Promise.all([first.opened, cluster.start("order").opened, cluster.start("gateway").opened]);
  await first.stop();

  // Somebody stands where the user role was, and hears what is sent to it.
  const heard = new Map<string, { readonly init: RequestInit; readonly target: string }>();
  const listener = Bun.serve({
    port: Number(new URL(first.innerUrl).port),
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const body = request.method === "GET" ? null : await request.text();
      const { method } = request;
      heard.set(pathname, { target: pathname + search, init: { method, headers: new Headers(request.headers), body } });
      return Response.json({ sessions: [null] });
    },
  });
  for (const path of ["/api/user/me", "/api/order"]) {
    const asked = await fetch(cluster.gatewayUrl + path, { headers: { authorization: `Bearer ${user!.token}` } });
    await asked.text();
  }
  await listener.stop(true);
  const overheard = [heard.get("/api/user/me")!, heard.get(userClient.methods["authenticate"]!.path)!];

  const second = cluster.start("user");
  await second.opened;
  for (const { target, init } of overheard) expect((await fetch(second.innerUrl + target, init)).status).toBe(403);
  const keys = JSON.parse(await Bun.file(join(world.dataDir, "keys.json")).text()) as { readonly secretRoot: string };
  const all = JSON.stringify(overheard.map(({ init }) => [...(init.headers as Headers)]));
  expect(all).not.toContain(keys.secretRoot);

  const as = await signersOf(world.dataDir);
  const [ofGateway, ofRole] = [as("gateway").passingTo("user"), as("order").signerOf("user")];
  const me = async (sign: Signer) => {
    const said = { authorization: `Bearer ${user!.token}`, host: new URL(second.innerUrl).host };
    const headers = { ...said, ...passedFor(sign, "GET", "/api/user/me", said) };
    return (await fetch(`${second.innerUrl}/api/user/me`, { headers })).status;
  };
  const call = async (sign: Signer) => {
    const body = JSON.stringify({ userIds: [user!.userId] });
    const headers = signedFor(passengers, body, sign);
    return (await fetch(second.innerUrl + passengers, { method: "POST", body, headers })).status;
  };
  expect([await me(ofGateway), await call(ofGateway)]).toEqual([200, 403]);
  expect([await me(ofRole), await call(ofRole)]).toEqual([403, 200]);
});
