/**
 * Every route answers as it declares: one walk through the whole platform gives each declared success, with every answer held
 * against its schema; then everything that must be refused is tried on every route, and changes nothing.
 */
import { afterAll, describe, expect, test } from "bun:test";
import {
  type Accepted,
  appealRoutes,
  type SlideChallenge,
  type WorkChallenge,
  challengeRoutes,
  gateRoutes,
  type AnnouncedQueue,
  type LoginAnswer,
  type Order,
  orderRoutes,
  type Payment,
  type WaitlistEntry,
  paymentRoutes,
  type QueuePlace,
  type Right,
  type Role,
  rights,
  rightsOf,
  roles,
  type QueueStatus,
  queueRoutes,
  notificationRoutes,
  operationsRoutes,
  type NotificationView,
  waitlistRoutes,
  searchRoutes,
  ticketKeyRoutes,
  policyRoutes,
  runId,
  timetableRoutes,
  userRoutes,
} from "@chepiao/contracts";
import { addDays, type EpochMs, epochMs, minuteMs, serviceDate, type UserId } from "@chepiao/kernel";
import fc from "fast-check";
import { createVault, loadKeys } from "@chepiao/adapters/crypto";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import { createAnswerAudit, createLogger } from "@chepiao/runtime";
import { auditAnswers } from "@chepiao/runtime/http/answers.suite.ts";
import { commitmentOf, seedsBy } from "@chepiao/services/queue";
import { isSolvedBy } from "@chepiao/services/challenges";
import { demoResidentId } from "@chepiao/services/user";
import { gateCommand } from "./commands/gate/index.ts";
import { readConfig } from "./config.ts";
import { openDataFolder } from "./dataFolder.ts";
import { runInFolder } from "./testing/command.ts";
import { createWorld } from "./testing/world.ts";
import { startEmbedded } from "./wiring/embedded.ts";

const rooms = [
  policyRoutes,
  userRoutes,
  searchRoutes,
  timetableRoutes,
  ticketKeyRoutes,
  orderRoutes,
  gateRoutes,
  paymentRoutes,
  waitlistRoutes,
  queueRoutes,
  challengeRoutes,
  appealRoutes,
  notificationRoutes,
  operationsRoutes,
].map((routes) => ({ routes }));
const composition = {
  code: "ANSWERS",
  coaches: [
    {
      no: 1,
      sections: [
        { seatClass: "second" as const, rows: 8 },
        { seatClass: "business" as const, rows: 1 },
      ],
    },
  ],
};
/** Each has an account behind those who buy. */
const staff = roles.filter((role) => role !== "passenger");
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

const anyDigits = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((digits) => digits.join(""));

/** Open from its opening on; one in which nobody waits ends by itself some minutes after that. */
const queueOfNobody = (opensAt: EpochMs, seedOf: (queueId: string) => string): AnnouncedQueue => ({
  kind: "announced",
  queueId: "queueofnobody",
  scope: runId("K999", serviceDate("2099-01-01")),
  collectsFrom: epochMs(0),
  opensAt,
  endsAt: epochMs(4_000_000_000_000),
  endedAt: null,
  perMinute: 600,
  activeMax: 10,
  keepMs: minuteMs,
  stayMs: minuteMs,
  seedHash: commitmentOf(seedOf("queueofnobody")),
  chanceFrom: null,
});

const waitlistNoFor = (orderNo: string) => `W${orderNo.slice(1)}`;

/** What a worker answers is held against its declaration there, and known to have been seen only there. */
const ofWorkers = /^(search\.|order\.submit )/;

for (const workers of [1, 2]) {
  const world = await createWorld({
    userCount: 2 + staff.length,
    passengersPerUser: 3,
    trainCount: 1,
    stationCount: 4,
    composition,
  });
  cleanUp.defer(world.remove);
  const folder = cleanUp.use(openDataFolder(world.dataDir));
  const folderStores = createStores(cleanUp.use(await openSqlite(folder.database)));
  for (const [n, role] of staff.entries())
    await folderStores.users.change(world.users[2 + n]!.userId as UserId, { role }, epochMs(Date.now()));
  const tokenOf = (role: Role) => world.users[role === "passenger" ? 0 : 2 + staff.indexOf(role)]!.token;
  const audit = createAnswerAudit();
  const logTo = { level: "silent", write() {} } as const;
  const platform = await startEmbedded({
    config: readConfig({ PORT: "0", HOST: "127.0.0.1", SHED_AFTER_MS: "0", WORKERS: String(workers) }),
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
      for (let poll = 0; poll < 400; poll++) {
        const { body } = await call<Order>("GET", `/api/order/${orderNo}`);
        if (wanted(body)) return body;
        await Bun.sleep(10);
      }
      throw new Error(`order ${orderNo} did not get there`);
    }

    async function toldOf(orderNo: string, ...kinds: readonly string[]): Promise<readonly NotificationView[]> {
      type Page = { readonly notifications: readonly NotificationView[] };
      for (let poll = 0; poll < 400; poll++) {
        const { notifications } = (await call<Page>("GET", "/api/notifications?limit=50")).body;
        const ofOrder = notifications.filter((each) => each.orderNo === orderNo);
        if (kinds.every((kind) => ofOrder.some((each) => each.kind === kind))) return notifications;
        await Bun.sleep(10);
      }
      throw new Error(`nobody was told of order ${orderNo}`);
    }

    const firstOf = (count: number) => user!.passengerIds.slice(0, count).map((passengerId) => ({ passengerId }));

    /** As its owner would read it: nothing is sent here, it is shown on a page. */
    async function codeSentTo(phone: string, use: "验证手机号" | "重置登录密码"): Promise<string> {
      for (let poll = 0; poll < 400; poll++) {
        const page = await (await fetch(`${url}/sandbox/messages/inbox?to=${phone}`)).text();
        const code = new RegExp(`验证码 (\\d{8})[^<]*用于${use}`).exec(page)?.[1];
        if (code !== undefined) return code;
        await Bun.sleep(10);
      }
      throw new Error("no code was sent");
    }

    async function buy(
      key: string,
      passengers: readonly { readonly passengerId: number }[],
      seatClass = "second",
    ): Promise<Accepted> {
      const bought = await call<Accepted>(
        "POST",
        "/api/order",
        {
          trainNumber: world.trains[0],
          originDate: world.date,
          from: "S0",
          to: "S2",
          seatClass,
          passengers: passengers.map(({ passengerId }) => ({ passengerId })),
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
      expect((await call("GET", "/api/policy")).status).toBe(200);
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
      expect((await call("POST", `${passenger}/proof`)).status).toBe(200);
      expect((await call("GET", "/api/user/passengers")).status).toBe(200);
      expect((await call("DELETE", passenger)).status).toBe(204);
      expect((await call("POST", "/api/user/logout")).status).toBe(204);
      token = (await call<LoginAnswer>("POST", "/api/user/login", { username, password })).body.token;
      expect((await call("DELETE", "/api/user/sessions?keep=current")).status).toBe(204);
      expect((await call("POST", "/api/user/contact/code")).status).toBe(202);
      const proof = { code: await codeSentTo(account.phone, "验证手机号") };
      expect((await call("POST", "/api/user/contact/proof", proof)).status).toBe(200);
      const next = { contact: "13700000009", password };
      expect((await call("POST", "/api/user/contact/change/code", next)).status).toBe(202);
      const moved = { contact: next.contact, code: await codeSentTo(next.contact, "验证手机号") };
      expect((await call("PUT", "/api/user/contact", moved)).status).toBe(200);
      const change = { oldPassword: password, newPassword: "another long one" };
      expect((await call("PUT", "/api/user/password", change)).status).toBe(204);
      expect((await call("POST", "/api/user/password/code", { username: next.contact })).status).toBe(202);
      const renewal = { username, code: await codeSentTo(next.contact, "重置登录密码"), password: "a third long one" };
      expect((await call("POST", "/api/user/password/reset", renewal)).status).toBe(204);
      expect((await call("GET", "/api/user/me")).status).toBe(401);
      const last = { username, password: renewal.password };
      token = (await call<LoginAnswer>("POST", "/api/user/login", last)).body.token;
      expect((await call("DELETE", "/api/user/me", { password: last.password })).status).toBe(204);
      expect((await call("POST", "/api/user/login", last)).status).toBe(401);
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
        "/api/search/days?from=S0&to=S2",
        `/api/search/journeys?from=S0&to=S2&date=${world.date}`,
        `/api/search/trains/${world.trains[0]}?date=${world.date}`,
        `/api/search/seats?${seats.toString()}`,
        `/api/search/fares?${seats.toString()}`,
        `/api/search/board?place=S0&date=${world.date}`,
        "/api/search/calendar",
        `/api/ticket/runs/${world.trains[0]}/${world.date}`,
        `/api/ticket/status?runs=${world.trains[0]}/${world.date}`,
        "/api/ticket/key",
        `/api/student-trips?date=${world.date}`,
      ]) {
        expect({ path, status: (await call("GET", path)).status }).toEqual({ path, status: 200 });
      }

      // Buying, cancelling
      const cancelled = await buy("to cancel", firstOf(1));
      expect((await call("POST", `/api/order/${cancelled.orderNo}/cancel`)).status).toBe(200);

      // Waiting for what others have bought
      token = world.users[1]!.token;
      const all = world.users[1]!.passengerIds.map((passengerId) => ({ passengerId }));
      const others = await buy("the last ones", all, "business");
      token = user!.token;
      const waiting = {
        from: "S0",
        to: "S2",
        choices: [{ trainNumber: world.trains[0], originDate: world.date, seatClasses: ["business"] }],
        passengers: firstOf(1),
      };
      const wait = { "idempotency-key": `to wait ${workers}` };
      const entry = await call<WaitlistEntry>("POST", "/api/waitlist", waiting, wait);
      expect(entry.status).toBe(201);
      const { waitlistNo } = entry.body;
      expect((await call("GET", "/api/waitlist?limit=1")).status).toBe(200);
      const { passengers: _, ...journey } = waiting;
      expect((await call("POST", "/api/waitlist/chance", { ...journey, passengerCount: 1 })).status).toBe(200);
      expect((await call("GET", `/api/waitlist/${waitlistNo}`)).status).toBe(200);
      const deadline = { deadlineMinutes: 20 };
      expect((await call("PUT", `/api/waitlist/${waitlistNo}/deadline`, deadline)).status).toBe(200);
      expect((await call("POST", `/api/waitlist/${waitlistNo}/cancel`)).status).toBe(200);
      token = world.users[1]!.token;
      expect((await call("POST", `/api/order/${others.orderNo}/cancel`)).status).toBe(200);
      token = user!.token;

      // Buying, paying, giving back
      const kept = await buy("to keep", firstOf(2));
      expect((await call("GET", `/api/payment/${kept.orderNo}`)).status).toBe(204);
      const payment = await call<Payment>("POST", "/api/payment", { orderNo: kept.orderNo });
      expect(payment.status).toBe(201);
      const form = new URLSearchParams({ action: "pay", behaviour: "normal" });
      expect((await call("POST", "/api/payment/callback/sandbox", { tradeNo: "forged" })).status).toBe(400);
      await fetch(payment.body.payUrl!, { method: "POST", body: form, redirect: "manual" });
      const ticketed = await until(kept.orderNo, (order) => order.state === "ticketed");
      expect((await call("GET", `/api/payment/${kept.orderNo}`)).status).toBe(200);
      expect((await call("GET", "/api/order?limit=1")).status).toBe(200);
      const events = await fetch(`${url}/api/order/${kept.orderNo}/events`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(events.headers.get("content-type")).toContain("text/event-stream");
      await events.body!.cancel();
      const [toReturn, toChange] = ticketed.tickets.map(({ ticketNo }) => ticketNo);
      const way = {
        trainNumber: world.trains[0]!,
        originDate: world.date,
        from: "S0",
        to: "S2",
        seatClass: "business",
      };
      const wanted = new URLSearchParams({ ...way, ticketNos: toChange! });
      expect((await call("GET", `/api/order/${kept.orderNo}/reschedule?${wanted.toString()}`)).status).toBe(200);
      const dearer = { ...way, ticketNos: [toChange], preferences: ["window"] };
      const changing = await call<Accepted>("POST", `/api/order/${kept.orderNo}/reschedule`, dearer, {
        "idempotency-key": `to change ${workers}`,
      });
      expect(changing.status).toBe(202);
      await until(changing.body.orderNo, (order) => order.state === "pendingPayment");
      expect((await call("POST", `/api/order/${changing.body.orderNo}/cancel`)).status).toBe(200);
      expect((await call("GET", `/api/order/${kept.orderNo}/refund`)).status).toBe(200);
      expect((await call("GET", `/api/order/${kept.orderNo}/receipt`)).status).toBe(200);
      const ticketNos = [toReturn];
      expect((await call("POST", `/api/order/${kept.orderNo}/refund`, { ticketNos })).status).toBe(200);
      const settled = await until(kept.orderNo, (order) => order.tickets[0]!.state === "refunded");
      expect(settled.tickets.map((ticket) => ticket.state)).toEqual(["refunded", "issued"]);

      // Being told of it
      const told = await toldOf(kept.orderNo, "ticketsBooked", "ticketsReturned", "refundArrived");
      expect((await call("GET", `/api/notifications?limit=1&before=${told[0]!.place}`)).status).toBe(200);
      const read = await call("POST", "/api/notifications/read", { upTo: told[0]!.place });
      expect([read.status, read.body]).toEqual([200, { unread: 0 }]);
      expect((await call("POST", "/api/notifications/read", {})).status).toBe(400);

      const preferences = { notMailed: ["orderExpired"], language: null, quiet: null };
      expect((await call("GET", "/api/notifications/preferences")).status).toBe(200);
      expect((await call("PUT", "/api/notifications/preferences", preferences)).body).toMatchObject({ preferences });
      const mandatory = { ...preferences, notMailed: ["trainCancelled"] };
      expect((await call("PUT", "/api/notifications/preferences", mandatory)).status).toBe(400);

      // Through a gate
      const gateAdded = await runInFolder(gateCommand, world.dataDir, ["add", `A${workers}`, "--station", "S0"]);
      const gate = { authorization: `Bearer ${gateAdded.text.split("\n").at(-1)}` };
      const event = { eventId: "1", act: "enter", ticketNo: toChange, at: ticketed.departAt };
      const refused = await call("POST", "/api/gate/events", { events: [event] });
      expect(refused.status).toBe(403);
      const passed = await call<{ events: unknown[] }>("POST", "/api/gate/events", { events: [event] }, gate);
      expect(passed.body.events).toMatchObject([{ outcome: "entered", admit: true }]);
      const document = { type: child.documentType, number: child.documentNumber };
      const stranger = { eventId: "2", act: "enter", document };
      const turnedAway = await call<{ events: unknown[] }>("POST", "/api/gate/events", { events: [stranger] }, gate);
      expect(turnedAway.body.events).toMatchObject([{ outcome: "ticketUnknown", admit: false }]);
      const listPath = `/api/gate/list?trainNumber=${world.trains[0]}&originDate=${world.date}`;
      const listed = await fetch(url + listPath, { headers: gate });
      expect([listed.status, (await listed.text()).includes(toChange!)]).toEqual([200, true]);
      // A challenge is given and answered also where nobody has to
      const { challenge, bits } = (await call<WorkChallenge>("POST", "/api/challenges", { act: "purchase" })).body;
      let tried = 0;
      while (!isSolvedBy(challenge, String(tried), bits)) tried++;
      const answered = await call("POST", "/api/challenges/answer", { challenge, answer: String(tried) });
      expect(answered.status).toBe(200);
      const strict = { act: "purchase", level: "strict", kind: "slide" };
      const slide = await call<SlideChallenge>("POST", "/api/challenges", strict);
      expect([slide.status, slide.body.kind]).toEqual([200, "slide"]);
      // An appeal against a block of a network from which nobody here comes
      const reference = `0F1E2D3C4B5${workers}`;
      const blocked = { blockId: reference, reason: "x", since: epochMs(Date.now()), until: null };
      await folderStores.risk.block({ ...blocked, subject: "network 198.51.100.0/24" });
      const appeal = { reference, text: "Why?" };
      expect((await call("POST", "/api/appeals", appeal)).body).toMatchObject({ ...appeal, state: "open" });
      expect((await call("POST", "/api/appeals", { ...appeal, text: "Why not?" })).status).toBe(409);
      expect((await call("GET", "/api/appeals")).status).toBe(200);
      // The queue of a train that nobody here buys
      const { queues } = folderStores;
      const seedOf = seedsBy(createVault(await loadKeys(folder.keys)));
      const announced = queueOfNobody(epochMs(Date.now()), seedOf);
      await queues.announce(announced, epochMs(0));
      const { queueId: queue } = announced;
      const isOpen = async () => (await call<QueueStatus>("GET", `/api/queue/status?queue=${queue}`)).body;
      for (let poll = 0; poll < 400 && (await isOpen()).phase !== "open"; poll++) await Bun.sleep(50);
      expect((await call("GET", "/api/queue")).status).toBe(200);
      expect((await call("GET", `/api/queue/draw?queue=${queue}`)).status).toBe(200);
      const { place } = (await call<QueuePlace>("POST", "/api/queue/join", { queue })).body;
      expect((await call("POST", "/api/queue/heartbeat", { place })).status).toBe(200);
      expect((await call("POST", "/api/queue/leave", { place })).status).toBe(204);

      // Staff
      token = tokenOf("auditor");
      expect((await call("GET", "/api/operations/audit?limit=1")).status).toBe(200);
      expect((await call("GET", `/api/operations/runs?date=${world.date}`)).status).toBe(200);
      const run = `/api/operations/runs/${world.trains[0]}/${world.date}`;
      for (const path of [run, `${run}/progress`]) expect((await call("GET", path)).status).toBe(200);
      token = tokenOf("operator");
      const said = { dryRun: true, reason: "to see" };
      const acts = {
        cancel: {},
        shorten: { from: "S0", to: "S2" },
        withdraw: { coachNos: [1] },
        lose: { coachNos: [1] },
        exchange: { composition: composition.code },
      };
      for (const [act, asked] of Object.entries(acts))
        expect([act, (await call("POST", `${run}/${act}`, { ...said, ...asked })).status]).toEqual([act, 200]);
      // Of the day after, which nobody here buys.
      const later = `/api/operations/runs/${world.trains[0]}/${addDays(world.date, 1)}`;
      const really = { dryRun: false, reason: "to take it back" };
      const done = { withdraw: { coachNos: [1] }, reinstate: { coachNos: [1] }, cancel: {}, restore: {} };
      for (const [act, asked] of Object.entries(done))
        expect([act, (await call("POST", `${later}/${act}`, { ...really, ...asked })).status]).toEqual([act, 200]);
      token = tokenOf("auditor");
      expect((await call("GET", `/api/operations/orders/${kept.orderNo}`)).status).toBe(200);
      for (const search of [`orderNo=${kept.orderNo}`, `ticketNo=${kept.orderNo}-1`, "state=ticketed"])
        expect(JSON.stringify((await call("GET", `/api/operations/orders?${search}`)).body)).toContain("orderNo");
      expect((await call("GET", "/api/operations/overview")).status).toBe(200);
      token = tokenOf("operator");
      const resend = { reason: "she called", isDryRun: true };
      expect((await call("POST", `/api/operations/orders/${kept.orderNo}/resend-mails`, resend)).status).toBe(200);
      token = user!.token;

      expect(audit.mismatches).toEqual([]);
      const unseen = audit.unseen(rooms).answers;
      expect(unseen.filter((answer) => workers === 1 || !ofWorkers.test(answer))).toEqual([]);
    });

    test("everything that must be refused is refused as declared, and nothing has changed after it", async () => {
      const before = await call("GET", "/api/order");
      const findings = await auditAnswers({ url, rooms, token: tokenOf });
      expect(findings).toEqual([]);
      const after = await call("GET", "/api/order");
      const timeless = (answer: unknown) => JSON.stringify(answer).replaceAll(/"now":"[^"]*"/g, "");
      expect(timeless(after)).toEqual(timeless(before));
    });

    test("what needs a right is refused to nobody's request and to every role without it, over all that the API describes", async () => {
      type Operation = { readonly "x-right"?: Right };
      type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;
      const { paths } = (await call<{ paths: Paths }>("GET", "/api/openapi.json")).body;
      const operations = Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({ path, method, right: operation["x-right"] })),
      );
      const forStaff = operations.filter(({ right }) => right !== undefined);
      expect(forStaff).toEqual(operations.filter(({ path }) => path.startsWith("/api/operations")));
      expect(forStaff.filter(({ right }) => !rights.includes(right!))).toEqual([]);
      expect(forStaff.length).toBeGreaterThan(1);
      const codeFor = async (method: string, path: string, bearer: string) => {
        const headers = { authorization: bearer, "idempotency-key": "right", "content-type": "application/json" };
        const body = method === "get" ? {} : { body: "{}" };
        const answer = await fetch(url + path.replaceAll(/\{\w+\}/g, "E00000000000000000"), {
          method: method.toUpperCase(),
          headers,
          ...body,
        });
        return ((await answer.json()) as { code?: string }).code;
      };
      for (const { path, method, right } of forStaff) {
        expect([path, await codeFor(method, path, "")]).toEqual([path, "NotLoggedIn"]);
        for (const role of roles) {
          const isRefused = (await codeFor(method, path, `Bearer ${tokenOf(role)}`)) === "NotAllowed";
          expect([path, role, isRefused]).toEqual([path, role, !rightsOf[role].includes(right!)]);
        }
      }
    });

    test("an event stream whose session was logged out tells nothing of what happens after", async () => {
      const account = {
        username: "leaver",
        password: "a long password",
        realName: "过客",
        documentType: "residentId",
        documentNumber: demoResidentId(serviceDate("1985-05-05"), 79),
        phone: "13911112223",
      };
      const { username, password } = account;
      try {
        expect((await call("POST", "/api/user/register", account)).status).toBe(201);
        const first = (await call<LoginAnswer>("POST", "/api/user/login", { username, password })).body.token;
        token = (await call<LoginAnswer>("POST", "/api/user/login", { username, password })).body.token;
        const { body: list } = await call<{ passengers: { passengerId: number }[] }>("GET", "/api/user/passengers");
        const { orderNo } = await buy("of one who leaves", list.passengers);
        const stream = await fetch(`${url}/api/order/${orderNo}/events`, {
          headers: { authorization: `Bearer ${first}` },
        });
        const reader = stream.body!.getReader();
        const text = new TextDecoder();
        let seen = "";
        while (!seen.includes("pendingPayment")) seen += text.decode((await reader.read()).value);
        expect(
          (await fetch(`${url}/api/user/logout`, { method: "POST", headers: { authorization: `Bearer ${first}` } }))
            .status,
        ).toBe(204);
        expect((await call("POST", `/api/order/${orderNo}/cancel`)).status).toBe(200);
        let after = "";
        for (let piece = await reader.read(); !piece.done; piece = await reader.read())
          after += text.decode(piece.value);
        expect(after).toBe("");
      } finally {
        token = user!.token;
      }
    });

    test("an order number or id that nobody has is refused on every route that takes one, in range or not", async () => {
      // As the schemas allow them: any slot, also beyond 2,047, and numbers beyond what a number holds exactly.
      const orderNo = fc
        .tuple(fc.oneof(fc.integer({ min: 0, max: 9_999 }), fc.constantFrom(2_047, 2_048, 9_999)), anyDigits(13))
        .map(([slot, rest]) => `E${String(slot).padStart(4, "0")}${rest}`);
      const id = fc.oneof(anyDigits(16), fc.constantFrom("0", "1", "9007199254740992", "9999999999999999"));
      const anyWay = new URLSearchParams({
        ticketNos: "1",
        trainNumber: "G1",
        originDate: world.date,
        from: "S0",
        to: "S2",
        seatClass: "second",
      });
      const anything = [
        ["GET", (no: string) => `/api/order/${no}`],
        ["GET", (no: string) => `/api/order/${no}/events`],
        ["GET", (no: string) => `/api/order/${no}/refund`],
        ["GET", (no: string) => `/api/order/${no}/reschedule?${anyWay.toString()}`],
        ["POST", (no: string) => `/api/order/${no}/cancel`],
        ["POST", (no: string) => `/api/order/${no}/refund`, (no: string) => ({ ticketNos: [`${no}-1`] })],
        ["GET", (no: string) => `/api/payment/${no}`],
        ["POST", () => "/api/payment", (no: string) => ({ orderNo: no })],
        ["GET", (no: string) => `/api/order?before=${no}`],
        ["GET", (no: string) => `/api/waitlist/${waitlistNoFor(no)}`],
        ["POST", (no: string) => `/api/waitlist/${waitlistNoFor(no)}/cancel`],
        ["PUT", (no: string) => `/api/waitlist/${waitlistNoFor(no)}/deadline`, () => ({ deadlineMinutes: 20 })],
        ["GET", (no: string) => `/api/payment/${waitlistNoFor(no)}`],
      ] as const;
      for (const [method, pathOf, bodyOf] of anything) {
        await fc.assert(
          fc.asyncProperty(orderNo, async (no) => {
            const { status, body } = await call<{ code?: string }>(method, pathOf(no), bodyOf?.(no));
            const unknown = pathOf(no).includes("/W") ? "WaitlistUnknown" : "OrderUnknown";
            const expected = pathOf(no).includes("before=") ? [200, undefined] : [404, unknown];
            expect([method, pathOf(no), status, body.code]).toEqual([method, pathOf(no), ...expected]);
          }),
          { numRuns: 40, examples: [["E90000000000000000"], ["E20480000000000000"], ["E20479999999999999"]] },
        );
      }
      for (const [method, body] of [["PUT", { name: "某人" }], ["DELETE"]] as const) {
        await fc.assert(
          fc.asyncProperty(id, async (text) => {
            const { status } = await call(method, `/api/user/passengers/${text}`, body);
            expect([method, text, [400, 404].includes(status) ? "refused" : status]).toEqual([method, text, "refused"]);
          }),
          { numRuns: 40 },
        );
      }
      expect(audit.mismatches).toEqual([]);
    });

    test("an order is nobody else's business: to others it does not exist", async () => {
      const { body } = await call<{ orders: Order[] }>("GET", "/api/order");
      const { orderNo } = body.orders[0]!;
      token = world.users[1]!.token;
      for (const [method, path] of [
        ["GET", `/api/order/${orderNo}`],
        ["GET", `/api/order/${orderNo}/events`],
        ["GET", `/api/order/${orderNo}/refund`],
        [
          "GET",
          `/api/order/${orderNo}/reschedule?ticketNos=1&trainNumber=G1&originDate=${world.date}&from=S0&to=S2&seatClass=second`,
        ],
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
