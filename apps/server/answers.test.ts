/**
 * Every route answers as it declares: one walk through the whole platform gives each declared success, with every answer held
 * against its schema; then everything that must be refused is tried on every route, and changes nothing.
 */
import { afterAll, describe, expect, test } from "bun:test";
import {
  type Accepted,
  type LoginAnswer,
  type Order,
  orderRoutes,
  type Payment,
  paymentRoutes,
  searchRoutes,
  ticketRoutes,
  userRoutes,
} from "@chepiao/contracts";
import { serviceDate } from "@chepiao/kernel";
import { createAnswerAudit, createLogger } from "@chepiao/runtime";
import { auditAnswers } from "@chepiao/runtime/http/answers.suite.ts";
import { demoResidentId } from "@chepiao/services/user";
import { readConfig } from "./config.ts";
import { openDataFolder } from "./dataFolder.ts";
import { createWorld } from "./testing/world.ts";
import { startEmbedded } from "./wiring/embedded.ts";

const rooms = [userRoutes, searchRoutes, ticketRoutes, orderRoutes, paymentRoutes].map((routes) => ({ routes }));
const composition = {
  code: "ANSWERS",
  coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 8 }] }],
};
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

/** What a worker answers is held against its declaration there, and known to have been seen only there. */
const ofWorkers = /^(search\.|order\.submit )/;

for (const workers of [1, 2]) {
  const world = await createWorld({ userCount: 2, passengersPerUser: 3, trainCount: 1, stationCount: 4, composition });
  cleanUp.defer(world.remove);
  const folder = cleanUp.use(openDataFolder(world.dataDir));
  const audit = createAnswerAudit();
  const logTo = { level: "silent", write() {} } as const;
  const platform = await startEmbedded({
    config: readConfig({ PORT: "0", HOST: "127.0.0.1", WORKERS: String(workers) }),
    folder,
    logger: createLogger(logTo),
    logTo,
    firstTimetable: async () => {},
    broken(error) {
      throw error;
    },
    strictAnswers: audit,
  });
  cleanUp.defer(() => platform.stop());
  const { url } = platform.server;
  const [user] = world.users;
  let token = user!.token;

  describe(`${workers} serving threads`, () => {
    async function call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const response = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: (text === "" ? null : JSON.parse(text)) as T };
    }

    async function until(orderNo: string, wanted: (order: Order) => boolean): Promise<Order> {
      for (let look = 0; look < 400; look++) {
        const { body } = await call<Order>("GET", `/api/order/${orderNo}`);
        if (wanted(body)) return body;
        await Bun.sleep(10);
      }
      throw new Error(`order ${orderNo} did not get there`);
    }

    async function buy(key: string, passengerCount: number): Promise<Accepted> {
      const bought = await call<Accepted>(
        "POST",
        "/api/order",
        {
          trainNumber: world.trains[0],
          originDate: world.date,
          from: "S0",
          to: "S2",
          seatClass: "second",
          passengers: user!.passengerIds.slice(0, passengerCount).map((passengerId) => ({ passengerId })),
        },
        { "idempotency-key": key },
      );
      expect(bought.status).toBe(202);
      await until(bought.body.orderNo, (order) => order.state === "pendingPayment");
      return bought.body;
    }

    test("every declared success is given by one walk through the platform, as declared", async () => {
      // People
      const account = {
        username: "walker",
        password: "a long password",
        realName: "行者",
        documentType: "residentId",
        documentNumber: demoResidentId(serviceDate("1985-05-05"), 77),
        phone: "13911112222",
      };
      expect((await call("POST", "/api/user/register", account)).status).toBe(201);
      const { username, password } = account;
      const login = await call<LoginAnswer>("POST", "/api/user/login", { username, password });
      const other = await call<LoginAnswer>("POST", "/api/user/login", { username, password });
      token = login.body.token;
      expect((await call("GET", "/api/user/me")).status).toBe(200);
      const { body: list } = await call<{ sessions: { sessionId: string; current: boolean }[] }>(
        "GET",
        "/api/user/sessions",
      );
      const second = list.sessions.find(({ current }) => !current)!;
      expect((await call("DELETE", `/api/user/sessions/${second.sessionId}`)).status).toBe(204);
      expect(
        (await fetch(`${url}/api/user/me`, { headers: { authorization: `Bearer ${other.body.token}` } })).status,
      ).toBe(401);
      const child = {
        name: "小孩",
        documentType: "passport",
        documentNumber: "E12345678",
        ticketType: "child",
        birthDate: "2020-02-29",
      };
      const added = await call<{ passengerId: number }>("POST", "/api/user/passengers", child);
      expect(added.status).toBe(201);
      const passenger = `/api/user/passengers/${added.body.passengerId}`;
      expect((await call("PUT", passenger, { name: "大孩" })).status).toBe(200);
      expect((await call("GET", "/api/user/passengers")).status).toBe(200);
      expect((await call("DELETE", passenger)).status).toBe(204);
      expect((await call("POST", "/api/user/logout")).status).toBe(204);
      token = user!.token;

      // Looking
      const seats = new URLSearchParams({
        trainNumber: world.trains[0]!,
        originDate: world.date,
        from: "S0",
        to: "S2",
        seatClass: "second",
      });
      for (const path of [
        "/api/search/stations?q=zhan",
        `/api/search/tickets?from=S0&to=S2&date=${world.date}`,
        `/api/search/trains/${world.trains[0]}?date=${world.date}`,
        `/api/search/seats?${seats.toString()}`,
        "/api/search/calendar",
        `/api/ticket/runs/${world.trains[0]}/${world.date}`,
        "/api/ticket/key",
      ]) {
        expect({ path, status: (await call("GET", path)).status }).toEqual({ path, status: 200 });
      }

      // Buying, cancelling
      const cancelled = await buy("to cancel", 1);
      expect((await call("POST", `/api/order/${cancelled.orderNo}/cancel`)).status).toBe(200);

      // Buying, paying, giving back
      const kept = await buy("to keep", 2);
      const payment = await call<Payment>("POST", "/api/payment", { orderNo: kept.orderNo });
      expect(payment.status).toBe(201);
      const form = new URLSearchParams({ action: "pay", behaviour: "normal" });
      await fetch(payment.body.payUrl!, { method: "POST", body: form, redirect: "manual" });
      const ticketed = await until(kept.orderNo, (order) => order.state === "ticketed");
      expect((await call("GET", `/api/payment/${kept.orderNo}`)).status).toBe(200);
      expect((await call("GET", "/api/order?limit=1")).status).toBe(200);
      const events = await fetch(`${url}/api/order/${kept.orderNo}/events`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(events.headers.get("content-type")).toContain("text/event-stream");
      await events.body!.cancel();
      expect((await call("GET", `/api/order/${kept.orderNo}/refund`)).status).toBe(200);
      const ticketNos = [ticketed.tickets[0]!.ticketNo];
      expect((await call("POST", `/api/order/${kept.orderNo}/refund`, { ticketNos })).status).toBe(200);
      const settled = await until(kept.orderNo, (order) => order.tickets[0]!.state === "refunded");
      expect(settled.tickets.map((ticket) => ticket.state)).toEqual(["refunded", "issued"]);

      expect(audit.mismatches).toEqual([]);
      const unseen = audit.unseen(rooms).answers;
      expect(unseen.filter((answer) => workers === 1 || !ofWorkers.test(answer))).toEqual([]);
    }, 60_000);

    test("everything that must be refused is refused as declared, and nothing has changed after it", async () => {
      const before = await call("GET", "/api/order");
      const findings = await auditAnswers({ url, rooms, token: (role) => (role === "passenger" ? user!.token : null) });
      expect(findings).toEqual([]);
      const after = await call("GET", "/api/order");
      const timeless = (answer: unknown) => JSON.stringify(answer).replaceAll(/"now":"[^"]*"/g, "");
      expect(timeless(after)).toEqual(timeless(before));
    }, 60_000);

    test("an order is nobody else's business: to others it does not exist", async () => {
      const { body } = await call<{ orders: Order[] }>("GET", "/api/order");
      const { orderNo } = body.orders[0]!;
      token = world.users[1]!.token;
      for (const [method, path] of [
        ["GET", `/api/order/${orderNo}`],
        ["GET", `/api/order/${orderNo}/events`],
        ["GET", `/api/order/${orderNo}/refund`],
        ["POST", `/api/order/${orderNo}/cancel`],
        ["GET", `/api/payment/${orderNo}`],
      ] as const) {
        const answer = await call<{ code: string }>(method, path);
        expect({ path, status: answer.status, code: answer.body.code }).toEqual({
          path,
          status: 404,
          code: "OrderUnknown",
        });
      }
      token = user!.token;
    });
  });
}
