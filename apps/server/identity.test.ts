/** Whether documents are proved, on platforms in one process: by a service elsewhere, by a register to practise with, or by nobody. */
import { afterAll, expect, test } from "bun:test";
import { createHash, createHmac } from "node:crypto";
import type { LoginAnswer, Passenger, Problem } from "@chepiao/contracts";
import { serviceDate } from "@chepiao/kernel";
import { createLogger } from "@chepiao/runtime";
import { demoResidentId } from "@chepiao/services/user";
import { readConfig } from "./config.ts";
import { openDataFolder } from "./dataFolder.ts";
import { createWorld } from "./testing/world.ts";
import { startEmbedded } from "./wiring/embedded.ts";

const key = "shared-by-the-platform-and-the-register";
const composition = { code: "ONE", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 1 }] }] };
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

async function start(settings: Record<string, string>) {
  const world = await createWorld({ userCount: 0, passengersPerUser: 0, trainCount: 1, stationCount: 2, composition });
  cleanUp.defer(world.remove);
  const folder = openDataFolder(world.dataDir);
  const logTo = { level: "silent", write() {} } as const;
  const platform = await startEmbedded({
    config: readConfig({ PORT: "0", HOST: "127.0.0.1", CHEPIAO_DEMO: "0", SHED_AFTER_MS: "0", ...settings }),
    folder,
    logger: createLogger(logTo),
    logTo,
    firstTimetable: async () => {},
    broken(error) {
      throw error;
    },
  });
  let isRunning = true;
  const stop = async () => {
    if (!isRunning) return;
    isRunning = false;
    await platform.stop();
    folder[Symbol.dispose]();
  };
  cleanUp.defer(stop);
  return { url: platform.server.url, stop };
}

async function call<T>(url: string, path: string, body?: unknown, token = "") {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
}

const document = (sequence: number) => demoResidentId(serviceDate("1990-05-17"), sequence);
let people = 0;
/** An account with that document: what is said of it, or why it was refused. */
async function register(url: string, documentNumber: string): Promise<string> {
  const username = `reader${++people}`;
  const password = "a horse that is correct";
  const phone = `1391111${String(people).padStart(4, "0")}`;
  const opened = await call<Problem>(url, "/api/user/register", {
    username,
    password,
    phone,
    documentNumber,
    realName: "张三",
    documentType: "residentId",
  });
  if (opened.status !== 201) return opened.body.code;
  const { token } = (await call<LoginAnswer>(url, "/api/user/login", { username, password })).body;
  const saved = await call<{ passengers: Passenger[] }>(url, "/api/user/passengers", undefined, token);
  return saved.body.passengers.map(({ proof }) => proof).join();
}

const live = { PUBLIC_URL: "https://tickets.example", PRACTICE_BANK: "1" };
const registerAt = (url: string) => `${url}/sandbox/identity/verify`;

test("a platform for real people asks the service that it was told of, and believes nobody while that is away", async () => {
  const practised = await start({ IDENTITY_VERIFIER_KEY: key });
  const { url } = await start({
    ...live,
    IDENTITY_VERIFIER_URL: registerAt(practised.url),
    IDENTITY_VERIFIER_KEY: key,
  });
  expect(await register(url, document(1))).toBe("proved");
  // Numbers that stand for an answer: nobody has it, another name, away.
  expect(await register(url, document(990))).toBe("IdentityRefused");
  expect(await register(url, document(991))).toBe("IdentityRefused");
  expect(await register(url, document(993))).toBe("unavailable");
  await practised.stop();
  expect(await register(url, document(2))).toBe("unavailable");
});

test("a platform that shares no key with the service proves nothing by it", async () => {
  const practised = await start({ IDENTITY_VERIFIER_KEY: key });
  const { url } = await start({
    ...live,
    IDENTITY_VERIFIER_URL: registerAt(practised.url),
    IDENTITY_VERIFIER_KEY: key.toUpperCase(),
  });
  expect(await register(url, document(3))).toBe("unavailable");
});

test("without a verifier documents of real people are not believed, unless it was said that they are", async () => {
  const doubting = await start(live);
  expect(await register(doubting.url, document(4))).toBe("unproved");
  expect((await fetch(registerAt(doubting.url), { method: "POST" })).status).toBe(404);
  await doubting.stop();
  const believing = await start({ ...live, IDENTITY_VERIFIER: "believe-everybody" });
  expect(await register(believing.url, document(5))).toBe("proved");
});

test("a platform to practise with asks its own register, which answers others with its key alone", async () => {
  const { url } = await start({});
  expect(await register(url, document(6))).toBe("proved");
  expect(await register(url, document(990))).toBe("IdentityRefused");
  const body = JSON.stringify({ name: "张三", documentType: "residentId", documentNumber: document(6) });
  const [at, nonce] = [String(Date.now()), "1"];
  const digest = createHash("sha256").update(body).digest("hex");
  const signature = createHmac("sha256", key)
    .update(`chepiao identity question 1\n${at}\n${nonce}\n${digest}`)
    .digest("hex");
  const headers = { "content-type": "application/json", "x-at": at, "x-nonce": nonce, "x-signature": signature };
  expect((await fetch(registerAt(url), { method: "POST", headers, body })).status).toBe(401);
  const opened = await start({ IDENTITY_VERIFIER_KEY: key });
  const answer = await fetch(registerAt(opened.url), { method: "POST", headers, body });
  expect([answer.status, await answer.json()]).toEqual([200, { verdict: "matches" }]);
});
