/** The railway's rules: put in force while the platform sells, kept by what was bought before, and another railway's altogether. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Accepted, Order, Payment, Problem, Railway, RefundQuote } from "@chepiao/contracts";
import { policySetting } from "./testing/policy.ts";
import { createWorld, freePort, startServer, type TestUser } from "./testing/world.ts";

const main = resolve(import.meta.dir, "main.ts");
const composition = { code: "RULES", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }] };
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const folder = mkdtempSync(join(tmpdir(), "chepiao-policy-"));

async function createPlatform(settings: Record<string, string>) {
  const world = await createWorld({ userCount: 2, passengersPerUser: 3, trainCount: 1, stationCount: 3, composition });
  cleanUp.defer(world.remove);
  const port = freePort();
  const server = await startServer(world, port, settings);
  cleanUp.defer(async () => void (await server.stop()));
  const url = `http://localhost:${port}`;

  async function call<T>(user: TestUser, method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${user.token}`,
        "accept-language": "en",
        "idempotency-key": crypto.randomUUID(),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as T;
  }

  async function reaches(user: TestUser, orderNo: string, state: Order["state"]): Promise<Order> {
    for (let poll = 0; poll < 400; poll++) {
      const order = await call<Order>(user, "GET", `/api/order/${orderNo}`);
      if (order.state === state) return order;
      await Bun.sleep(10);
    }
    throw new Error(`order ${orderNo} is not ${state}`);
  }

  const buy = (user: TestUser, passenger: number) =>
    call<Accepted & Problem>(user, "POST", "/api/order", {
      trainNumber: world.trains[0]!,
      originDate: world.date,
      from: "S0",
      to: "S1",
      seatClass: "second",
      passengers: [{ passengerId: user.passengerIds[passenger]! }],
    });

  return {
    world,
    call,
    railway: async () => (await (await fetch(`${url}/api/policy`)).json()) as Railway,
    /** A ticket, and what the payer saw at the bank. */
    async ticketed(user: TestUser, passenger: number) {
      const { orderNo } = await buy(user, passenger);
      await reaches(user, orderNo, "pendingPayment");
      const { payUrl } = await call<Payment>(user, "POST", "/api/payment", { orderNo });
      const page = await (await fetch(payUrl!, { headers: { "accept-language": "en" } })).text();
      const fields = new URLSearchParams({ action: "pay", behaviour: "normal" });
      await fetch(payUrl!, { method: "POST", body: fields, redirect: "manual" });
      return { orderNo, page, order: await reaches(user, orderNo, "ticketed") };
    },
    feeOf: async (user: TestUser, orderNo: string) =>
      (await call<RefundQuote>(user, "GET", `/api/order/${orderNo}/refund`)).tickets[0]!.feeFen,
    /** The command line beside it. */
    async policy(...args: readonly string[]) {
      const child = Bun.spawn([process.execPath, main, "policy", ...args], {
        env: { ...process.env, DATA_DIR: world.dataDir, ...settings },
        stdout: "pipe",
        stderr: "pipe",
      });
      const [out, err, code] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
        child.exited,
      ]);
      return { code, out, err };
    },
  };
}

test("an operator changes the rules of a platform that sells: a preview, one command, and tickets keep their terms", async () => {
  // What is bought a moment ago costs something, too.
  const platform = await createPlatform(policySetting({ refund: { mistake: null } }));
  const [user] = platform.world.users as readonly [TestUser];
  const before = await platform.ticketed(user, 0);
  const fee = await platform.feeOf(user, before.orderNo);
  expect(fee).toBeGreaterThanOrEqual(200);

  const file = join(folder, "dearer.json");
  const grades = [{ hoursBefore: 0, percent: 50 }];
  writeFileSync(
    file,
    JSON.stringify({ extends: "12306", order: { unpaidMax: 0, cancelsPerDay: 0 }, refund: { grades, mistake: null } }),
  );
  const preview = await platform.policy("set", file, "--dry-run");
  expect(preview).toMatchObject({ code: 0, err: "" });
  expect(preview.out).toMatch(/\/refund\/grades: \[\{"hoursBefore":192.* → \[\{"hoursBefore":0,"percent":50\}\]/);
  expect((await platform.railway()).version).toBe(1);

  const done = await platform.policy("set", file);
  expect(done.out).toContain("Version 2 holds from ");
  for (let tries = 0; (await platform.railway()).version === 1 && tries < 100; tries++) await Bun.sleep(250);
  // The timetable goes by it within a second.
  await Bun.sleep(1_500);
  const after = await platform.ticketed(user, 1);
  expect(await platform.feeOf(user, after.orderNo)).toBe(Math.round(after.order.totalFen / 100) * 50);
  expect(await platform.feeOf(user, before.orderNo)).toBe(fee);

  expect((await platform.policy("diff", "1")).out).toContain("version 2 → version 1");
  expect((await platform.policy("set", "demo-metric")).err).toContain("The books are in one currency");
  expect((await platform.policy("set", file)).out).toContain("Nothing differs.");
});

test("another railway's rules: its currency at the bank, its documents, its limits, at the first start", async () => {
  const platform = await createPlatform({ CHEPIAO_POLICY: "demo-metric" });
  const [user] = platform.world.users as readonly [TestUser];
  const { currency, documents, ticketsMax, languages } = await platform.railway();
  expect([currency, documents, ticketsMax, languages]).toEqual([
    { code: "EUR", minorUnits: 2 },
    ["passport", "nationalId"],
    5,
    ["en", "zh"],
  ]);
  const { page, order } = await platform.ticketed(user, 0);
  expect(page).toContain("€");
  expect(page).not.toContain("¥");
  // Ten cents, not half a yuan.
  expect(order.totalFen % 10).toBe(0);
  const draft = { name: "Anna Meier", documentType: "nationalId", documentNumber: "L01X00T47" };
  expect(await platform.call(user, "POST", "/api/user/passengers", draft)).toMatchObject({
    documentType: "nationalId",
  });
  expect(
    await platform.call(user, "POST", "/api/user/passengers", {
      name: "Anna Meier",
      documentType: "hkMacaoTravelPermit",
      documentNumber: "H12345678",
    }),
  ).toMatchObject({ code: "DocumentInvalid" });
});

test("a file with a fault is refused, with its path; what was a setting is told where it is now", async () => {
  const file = join(folder, "wrong.json");
  writeFileSync(file, JSON.stringify({ extends: "12306", sale: { closesMinutes: -1 } }));
  const run = async (args: readonly string[], settings: Record<string, string> = {}) => {
    const child = Bun.spawn([process.execPath, main, ...args], {
      env: { ...process.env, DATA_DIR: join(folder, "none"), ...settings },
      stdout: "pipe",
      stderr: "pipe",
    });
    return { err: await new Response(child.stderr).text(), code: await child.exited };
  };
  expect(await run(["policy", "check", file])).toMatchObject({
    code: 1,
    err: expect.stringContaining("/sale/closesMinutes: found -1"),
  });
  expect(await run(["serve", "--policy", file])).toMatchObject({
    code: 2,
    err: expect.stringContaining("/sale/closesMinutes: found -1"),
  });
  expect(await run(["serve"], { REFUND_GRADES: "0h:0" })).toMatchObject({
    code: 2,
    err: expect.stringMatching(/REFUND_GRADES\s+\/refund\/grades/),
  });
  expect(await run(["serve"], { WAITLIST_PENDING_MAX: "2", WAITLIST_PREPAY_MINUTES: "5" })).toMatchObject({
    code: 2,
    err: expect.stringMatching(
      /WAITLIST_PENDING_MAX\s+\/waitlist\/pendingMax\n\s+WAITLIST_PREPAY_MINUTES\s+\/waitlist\/prepayMinutes/,
    ),
  });
});
