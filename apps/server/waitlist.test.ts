/** The waitlist by HTTP on the platform in one process: from a sold-out train to a ticket, through restarts, with the money of everybody. */
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import {
  type LoginAnswer,
  type Order,
  type Passenger,
  type Payment,
  type Problem,
  runId,
  type WaitlistChance,
  type WaitlistChanceAnswer,
  type WaitlistEntry,
  type WaitlistStory,
} from "@chepiao/contracts";
import { addDays, epochMs, serviceDate } from "@chepiao/kernel";
import { demoResidentId } from "@chepiao/services/user";
import { audit, nobodyWaitsForFreeSeats, recordsOfFolder } from "./testing/audit.ts";
import { policySetting } from "./testing/policy.ts";
import { createWorld, freePort, type ServerProcess, startServer, type TestUser, type World } from "./testing/world.ts";

const composition = {
  code: "SMALL",
  coaches: [
    { no: 1, sections: [{ seatClass: "second" as const, rows: 1 }] },
    { no: 2, sections: [{ seatClass: "first" as const, rows: 1 }] },
  ],
};
type Told = WaitlistEntry & { readonly chance: WaitlistChance | null; readonly story: WaitlistStory };

const worlds: World[] = [];
afterAll(() => worlds.forEach((world) => world.remove()));

let keys = 0;

async function open(environment: Record<string, string> = {}) {
  const world = await createWorld({ userCount: 8, passengersPerUser: 5, trainCount: 2, stationCount: 4, composition });
  worlds.push(world);
  const port = freePort();
  let server: ServerProcess = await startServer(world, port, environment);
  const sent = new Set<string>();
  const accepted = new Map<string, string>();

  async function call<T>(user: TestUser, method: string, path: string, body?: unknown): Promise<T & Partial<Problem>> {
    const key = `key-${++keys}`;
    if (method === "POST" && path === "/api/order") sent.add(`${user.userId} ${key}`);
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${user.token}`,
        "content-type": "application/json",
        "idempotency-key": key,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (response.status === 204 ? {} : await response.json()) as T & Partial<Problem>;
  }

  async function until<T>(ask: () => Promise<T>, isThere: (found: T) => boolean): Promise<T> {
    for (const end = Date.now() + 20_000; ;) {
      const found = await ask();
      if (isThere(found) || Date.now() > end) return found;
      await Bun.sleep(25);
    }
  }

  const partyOf = (user: TestUser, count: number) =>
    user.passengerIds.slice(0, count).map((passengerId) => ({ passengerId }));
  const orderOf = (user: TestUser, orderNo: string) => call<Order>(user, "GET", `/api/order/${orderNo}`);
  const entryOf = (user: TestUser, waitlistNo: string) => call<Told>(user, "GET", `/api/waitlist/${waitlistNo}`);

  async function payFor(user: TestUser, orderNo: string): Promise<Payment> {
    const payment = await call<Payment>(user, "POST", "/api/payment", { orderNo });
    if (!payment.payUrl) throw new Error(JSON.stringify(payment));
    const form = new URLSearchParams({ action: "pay", behaviour: "normal", seconds: "1" });
    await fetch(payment.payUrl, { method: "POST", body: form, redirect: "manual" });
    return payment;
  }

  return {
    world,
    users: world.users,
    call,
    until,
    orderOf,
    entryOf,
    payFor,
    partyOf,
    audit: () => [
      ...audit(world.dataDir, { sent, accepted }),
      ...nobodyWaitsForFreeSeats(recordsOfFolder(world.dataDir), { second: 5, first: 4 }),
    ],
    restart: async () => {
      await server.kill();
      server = await startServer(world, port, environment);
    },
    stop: () => server.stop(),
    /** Buys and pays. */
    async buy(user: TestUser, count: number, over: object = {}): Promise<Order> {
      const { trains, stations, date } = world;
      const answer = await call<{ orderNo: string }>(user, "POST", "/api/order", {
        trainNumber: trains[0],
        originDate: date,
        from: stations[0],
        to: stations[3],
        seatClass: "second",
        passengers: partyOf(user, count),
        ...over,
      });
      if (!answer.orderNo) throw new Error(JSON.stringify(answer));
      await until(
        () => orderOf(user, answer.orderNo),
        ({ state }) => state === "pendingPayment",
      );
      await payFor(user, answer.orderNo);
      return until(
        () => orderOf(user, answer.orderNo),
        ({ state }) => state === "ticketed",
      );
    },
    giveBack: (user: TestUser, order: Order, count = order.tickets.length) =>
      call<Order>(user, "POST", `/api/order/${order.orderNo}/refund`, {
        ticketNos: order.tickets.slice(0, count).map(({ ticketNo }) => ticketNo),
      }),
    join(user: TestUser, count: number, over: object = {}) {
      const { trains, stations, date } = world;
      return call<WaitlistEntry>(user, "POST", "/api/waitlist", {
        from: stations[0],
        to: stations[3],
        choices: [{ trainNumber: trains[0], originDate: date, seatClasses: ["second"] }],
        passengers: partyOf(user, count),
        deadlineMinutes: 20,
        ...over,
      });
    },
    async wait(user: TestUser, count: number, over: object = {}) {
      const entry = await this.join(user, count, over);
      if (!entry.waitlistNo) throw new Error(JSON.stringify(entry));
      await payFor(user, entry.waitlistNo);
      return until(
        () => entryOf(user, entry.waitlistNo),
        ({ state }) => state !== "awaitingPrepayment",
      );
    },
    /** One whose password the platform takes. */
    async register(account: { readonly username: string; readonly password: string }): Promise<TestUser> {
      const nobody: TestUser = { userId: 0, token: "", passengerIds: [] };
      const person = {
        realName: "张三",
        documentType: "residentId",
        documentNumber: demoResidentId(serviceDate("1980-01-01"), 1),
        phone: "13800000001",
      };
      await call(nobody, "POST", "/api/user/register", { ...account, ...person });
      const { token, user } = await call<LoginAnswer>(nobody, "POST", "/api/user/login", account);
      const shown: TestUser = { userId: user.userId, token, passengerIds: [] };
      const saved = await call<{ passengers: Passenger[] }>(shown, "GET", "/api/user/passengers");
      return { ...shown, passengerIds: saved.passengers.map(({ passengerId }) => passengerId) };
    },
    payment: (user: TestUser, no: string) => call<Payment>(user, "GET", `/api/payment/${no}`),
  };
}

test("I5 who waits for a sold-out class has the first ticket that is given back, and the rest of the money", async () => {
  const at = await open();
  const [seller, buyer, stranger] = at.users as [TestUser, TestUser, TestUser];
  expect((await at.join(buyer, 1)).code).toBe("WaitlistNotNeeded");
  const sold = await at.buy(seller, 5);
  const { trains, date } = at.world;
  const choices = [{ trainNumber: trains[0], originDate: date, seatClasses: ["second"] }];
  const entry = await at.join(buyer, 2, { choices });
  expect(entry).toMatchObject({ state: "awaitingPrepayment", orderNo: null, paidAt: null, deadlineMinutes: 20 });
  expect((await at.entryOf(buyer, entry.waitlistNo)).story).toEqual({
    places: [],
    passedOver: [],
    added: [],
    waitsFor: "prepayment",
  });
  expect((await at.entryOf(stranger, entry.waitlistNo)).code).toBe("WaitlistUnknown");
  const prepayment = await at.payFor(buyer, entry.waitlistNo);
  expect(prepayment).toMatchObject({ orderNo: entry.waitlistNo, amountFen: entry.prepayFen });
  const waiting = await at.until(
    () => at.entryOf(buyer, entry.waitlistNo),
    ({ state }) => state === "waiting",
  );
  expect(waiting.story).toEqual({ places: [{ choice: 0, place: 1 }], passedOver: [], added: [], waitsFor: "seats" });

  // One seat is too few for two, and is nobody's: the public may have it.
  await at.giveBack(seller, sold, 1);
  const passedOver = await at.until(
    () => at.entryOf(buyer, entry.waitlistNo),
    ({ story }) => story.passedOver.length > 0,
  );
  expect(passedOver.story.passedOver).toMatchObject([{ choice: 0, seats: 1, because: "tooFew", refusal: null }]);
  expect(passedOver.state).toBe("waiting");

  // With the second they are served.
  await at.giveBack(seller, { ...sold, tickets: sold.tickets.slice(1) }, 1);
  const served = await at.until(
    () => at.entryOf(buyer, entry.waitlistNo),
    ({ state }) => state === "served",
  );
  expect(served).toMatchObject({ state: "served", story: { waitsFor: "nothing" } });
  const order = await at.until(
    () => at.orderOf(buyer, served.orderNo!),
    ({ state }) => state === "ticketed",
  );
  expect(order).toMatchObject({ state: "ticketed", seatClass: "second", totalFen: entry.prepayFen });
  expect(order.tickets).toHaveLength(2);
  expect(order.tickets.every(({ code }) => code !== undefined)).toBe(true);

  // It is given back like any other, whole.
  await at.giveBack(buyer, order);
  await at.until(
    () => at.orderOf(buyer, order.orderNo),
    ({ tickets }) => tickets.every(({ state }) => state === "refunded"),
  );
  await at.stop();
  expect(at.audit()).toEqual([]);
});

test("I5 two who wait are served in the order of their prepayments, and a restart forgets nobody's place", async () => {
  const at = await open();
  const [seller, first, second] = at.users as [TestUser, TestUser, TestUser];
  const sold = await at.buy(seller, 5);
  const one = await at.wait(first, 1);
  const two = await at.wait(second, 1);
  expect(two.story.places).toEqual([{ choice: 0, place: 2 }]);
  await at.restart();
  expect((await at.entryOf(second, two.waitlistNo)).story.places).toEqual([{ choice: 0, place: 2 }]);
  await at.giveBack(seller, sold, 1);
  await at.until(
    () => at.entryOf(first, one.waitlistNo),
    ({ state }) => state === "served",
  );
  const told = await at.until(
    () => at.entryOf(second, two.waitlistNo),
    ({ story }) => story.passedOver.length > 0,
  );
  expect(told).toMatchObject({
    state: "waiting",
    story: { places: [{ place: 1 }], passedOver: [{ because: "ahead" }] },
  });
  const cancelled = await at.call<WaitlistEntry>(second, "POST", `/api/waitlist/${two.waitlistNo}/cancel`);
  expect(cancelled.state).toBe("cancelled");
  const money = await at.until(
    () => at.payment(second, two.waitlistNo),
    ({ refunds }) => refunds?.[0]?.state === "settled",
  );
  expect(money.refunds).toMatchObject([{ amountFen: two.prepayFen, reason: "waitlistEnded", state: "settled" }]);
  await at.until(
    () => at.orderOf(first, one.waitlistNo.replace("W", "E")),
    ({ state }) => state === "ticketed",
  );
  await at.stop();
  expect(at.audit()).toEqual([]);
});

test("of several trains the dearest is prepaid, the one that is served ends the others, and the difference goes back", async () => {
  const at = await open();
  const [seller, buyer] = at.users as [TestUser, TestUser];
  const { trains, date } = at.world;
  const cheap = await at.buy(seller, 5);
  await at.buy(at.users[2]!, 4, { seatClass: "first" });
  await at.buy(at.users[3]!, 5, { trainNumber: trains[1] });
  const choices = [
    { trainNumber: trains[1], originDate: date, seatClasses: ["second"] },
    { trainNumber: trains[0], originDate: date, seatClasses: ["first", "second"] },
  ];
  const entry = await at.wait(buyer, 1, { choices });
  expect(entry.story.places).toEqual([
    { choice: 0, place: 1 },
    { choice: 1, place: 1 },
  ]);
  await at.giveBack(seller, cheap, 1);
  const served = await at.until(
    () => at.entryOf(buyer, entry.waitlistNo),
    ({ state }) => state === "served",
  );
  const order = await at.until(
    () => at.orderOf(buyer, served.orderNo!),
    ({ state }) => state === "ticketed",
  );
  expect(order).toMatchObject({ trainNumber: trains[0], seatClass: "second", state: "ticketed" });
  expect(order.totalFen).toBeLessThan(entry.prepayFen);
  const money = await at.until(
    () => at.payment(buyer, entry.waitlistNo),
    ({ refunds }) => refunds?.[0]?.state === "settled",
  );
  expect(money.refunds).toMatchObject([
    { amountFen: entry.prepayFen - order.totalFen, reason: "waitlistDifference", state: "settled" },
  ]);
  await at.restart();
  expect((await at.orderOf(buyer, order.orderNo)).state).toBe("ticketed");
  await at.stop();
  expect(at.audit()).toEqual([]);
});

test("who has a trip at that time when seats come is passed over for good, hears why, and has the money back", async () => {
  const at = await open();
  const [seller, buyer, next] = at.users as [TestUser, TestUser, TestUser];
  const sold = await at.buy(seller, 5);
  const entry = await at.wait(buyer, 1);
  const behind = await at.wait(next, 1);
  // The other train leaves half an hour later and runs for hours.
  await at.buy(buyer, 1, { trainNumber: at.world.trains[1] });
  await at.giveBack(seller, sold, 1);
  const failed = await at.until(
    () => at.entryOf(buyer, entry.waitlistNo),
    ({ state }) => state === "failed",
  );
  expect(failed).toMatchObject({
    state: "failed",
    endedBecause: "TripOverlaps",
    orderNo: null,
    story: { passedOver: [{ because: "conflict", refusal: "TripOverlaps" }] },
  });
  const served = await at.until(
    () => at.entryOf(next, behind.waitlistNo),
    ({ state }) => state === "served",
  );
  expect(served.state).toBe("served");
  const money = await at.until(
    () => at.payment(buyer, entry.waitlistNo),
    ({ refunds }) => refunds?.[0]?.state === "settled",
  );
  expect(money.refunds).toMatchObject([{ amountFen: entry.prepayFen, reason: "waitlistEnded" }]);
  await at.until(
    () => at.orderOf(next, served.orderNo!),
    ({ state }) => state === "ticketed",
  );
  await at.stop();
  expect(at.audit()).toEqual([]);
});

test("an entry that is not prepaid in time ends, and money that comes all the same goes back", async () => {
  const at = await open();
  const [seller, buyer] = at.users as [TestUser, TestUser];
  await at.buy(seller, 5);
  const entry = await at.join(buyer, 1);
  const payment = await at.call<Payment>(buyer, "POST", "/api/payment", { orderNo: entry.waitlistNo });
  expect((await at.call<WaitlistEntry>(buyer, "POST", `/api/waitlist/${entry.waitlistNo}/cancel`)).state).toBe(
    "cancelled",
  );
  expect((await at.call<Payment>(buyer, "POST", "/api/payment", { orderNo: entry.waitlistNo })).code).toBe(
    "OrderNotPayable",
  );
  const form = new URLSearchParams({ action: "pay", behaviour: "normal", seconds: "1" });
  await fetch(payment.payUrl!, { method: "POST", body: form, redirect: "manual" });
  const money = await at.until(
    () => at.payment(buyer, entry.waitlistNo),
    ({ refunds }) => refunds?.[0]?.state === "settled",
  );
  expect(money.refunds).toMatchObject([{ amountFen: entry.prepayFen, reason: "waitlistEnded" }]);
  await at.stop();
  expect(at.audit()).toEqual([]);
});

test("an account has so many entries, a repeated request is the same entry, and the deadline can be changed", async () => {
  const at = await open(policySetting({ waitlist: { pendingMax: 2 } }));
  const [seller, buyer] = at.users as [TestUser, TestUser];
  await at.buy(seller, 5);
  const entry = await at.join(buyer, 1);
  await at.join(buyer, 2);
  expect((await at.join(buyer, 1)).code).toBe("WaitlistEntriesFull");
  const changed = await at.call<WaitlistEntry>(buyer, "PUT", `/api/waitlist/${entry.waitlistNo}/deadline`, {
    deadlineMinutes: 720,
  });
  expect(changed.deadlineMinutes).toBe(720);
  const tooLate = await at.call<WaitlistEntry>(buyer, "PUT", `/api/waitlist/${entry.waitlistNo}/deadline`, {
    deadlineMinutes: 11_520,
  });
  expect(tooLate.code).toBe("WaitlistTooLate");
  const list = await at.call<{ entries: WaitlistEntry[]; next: string | null }>(buyer, "GET", "/api/waitlist?limit=1");
  expect(list.entries).toHaveLength(1);
  expect(list.next).toBe(list.entries[0]!.waitlistNo);
  await at.stop();
});

test("I3: an account is deleted when its prepayment is back: until then it is refused, and the entry keeps its place", async () => {
  const at = await open();
  const [seller] = at.users as [TestUser];
  const account = { username: "leaves_soon", password: "a sentence of the test" };
  const buyer = await at.register(account);
  await at.buy(seller, 5);
  const entry = await at.wait(buyer, 1);
  expect(entry.state).toBe("waiting");
  const remove = () => at.call<object>(buyer, "DELETE", "/api/user/me", { password: account.password });
  expect(await remove()).toMatchObject({ code: "OrdersUnderWay" });
  expect((await at.entryOf(buyer, entry.waitlistNo)).story.places).toEqual([{ choice: 0, place: 1 }]);
  await at.call(buyer, "POST", `/api/waitlist/${entry.waitlistNo}/cancel`);
  const money = await at.until(
    () => at.payment(buyer, entry.waitlistNo),
    ({ refunds }) => refunds?.[0]?.state === "settled",
  );
  expect(money.refunds).toMatchObject([{ amountFen: entry.prepayFen }]);
  expect(await remove()).toEqual({});
  await at.stop();
  expect(at.audit()).toEqual([]);
}, 60_000);

test("an operator sees the lines of runs and that of one, stops and reopens it beside the running platform, and asks for one more coach", async () => {
  const at = await open();
  const [seller, buyer, other] = at.users as [TestUser, TestUser, TestUser];
  const run = `${at.world.trains[0]}/${at.world.date}`;
  await at.buy(seller, 5);
  await at.wait(buyer, 2);
  const command = async (...args: readonly string[]) => {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "main.ts"), "waitlist", ...args], {
      env: { ...process.env, DATA_DIR: at.world.dataDir },
      stdout: "pipe",
      stderr: "pipe",
    });
    const said = (await new Response(child.stdout).text()) + (await new Response(child.stderr).text());
    return { code: await child.exited, said };
  };
  const length = await command("length", run);
  expect(length.said).toMatch(/站0–站3 +second +1 +2\n\nIt takes entries\./);
  expect((await command("what-if", run)).said).toMatch(/like coach 1 +5 second +1 of 1 +2/);
  expect((await command("stop", run)).code).toBe(0);
  expect((await at.join(other, 1)).code).toBe("WaitlistStopped");
  expect((await command("length", run)).said).toContain("It takes no further entries.");
  expect((await command("length")).said).toMatch(new RegExp(`^run +entries +takes entries\n${run} +1 +no\n$`));
  expect((await command("reopen", run)).code).toBe(0);
  expect((await at.join(other, 1)).state).toBe("awaitingPrepayment");
  expect((await command("length", "nonsense")).code).toBe(2);
  await at.stop();
});

/** Of days before: one passenger was mostly served, several were not. */
async function remember({ dataDir, trains, date }: World) {
  await using database = await openSqlite(join(dataDir, "chepiao.db"));
  const { waitlist } = createStores(database);
  const counts = (partySize: number) => ({ seatClass: "second" as const, wayLength: 1, partySize });
  for (let day = 1; day <= 10; day++)
    await waitlist.addOutcomes(
      {
        runId: runId(trains[0]!, addDays(date, -day)),
        releases: [1, 2].map((partySize) => ({
          ...counts(partySize),
          useful: Array.from({ length: 13 }, () => 100),
          watchedHours: Array.from({ length: 13 }, () => 1),
        })),
        waits: [1, 2].flatMap((partySize) =>
          [true, false].map((isNew) => ({
            ...counts(partySize),
            seatClasses: ["second"] as const,
            isNew,
            from: 8,
            until: 0,
            ahead: 0,
            waited: 10,
            served: partySize === 1 ? 9 : 1,
          })),
        ),
      },
      epochMs(0),
    );
}

test("who asks is told how likely it is, before joining, before paying and in line, and nothing where too little is known", async () => {
  const at = await open();
  await remember(at.world);
  const [seller, buyer, other] = at.users as [TestUser, TestUser, TestUser];
  const { trains, stations, date } = at.world;
  const sold = await at.buy(seller, 5);
  const ask = (over: object = {}) =>
    at.call<WaitlistChanceAnswer>(buyer, "POST", "/api/waitlist/chance", {
      from: stations[0],
      to: stations[3],
      choices: [{ trainNumber: trains[0], originDate: date, seatClasses: ["second", "first"] }],
      passengerCount: 1,
      deadlineMinutes: 20,
      ...over,
    });
  const classes = [
    { seatClass: "second", band: "high", ahead: 0 },
    { seatClass: "first", band: null, ahead: 0 },
  ];
  expect(await ask()).toEqual({ band: "high", choices: [{ choice: 0, band: "high", seatClasses: classes }] } as never);
  expect((await ask({ passengerCount: 2 })).band).toBe("low");
  // Another train is known by what is known of all.
  expect((await ask({ choices: [{ trainNumber: trains[1], originDate: date, seatClasses: ["second"] }] })).band).toBe(
    "high",
  );
  expect(
    (await ask({ choices: [{ trainNumber: trains[1], originDate: date, seatClasses: ["first"] }] })).band,
  ).toBeNull();
  expect((await ask({ to: "nowhere" })).code).toBe("StationUnknown");
  expect((await ask({ passengerCount: 0 })).code).toBe("MalformedRequest");
  expect((await ask({ deadlineMinutes: 11_520 })).code).toBe("WaitlistTooLate");
  expect((await at.call<{ entries: unknown[] }>(buyer, "GET", "/api/waitlist")).entries).toEqual([]);

  const entry = await at.join(buyer, 1);
  const likely = { band: "high", choices: [{ choice: 0, band: "high" }] };
  expect((await at.entryOf(buyer, entry.waitlistNo)).chance).toEqual(likely as never);
  await at.payFor(buyer, entry.waitlistNo);
  const waiting = await at.until(
    () => at.entryOf(buyer, entry.waitlistNo),
    ({ state }) => state === "waiting",
  );
  expect(waiting.chance).toEqual(likely as never);
  const pair = await at.wait(other, 2);
  expect(pair.chance?.band).toBe("low");
  expect((await ask()).choices[0]!.seatClasses[0]).toMatchObject({ seatClass: "second", ahead: 2 });
  await at.giveBack(seller, sold, 1);
  const served = await at.until(
    () => at.entryOf(buyer, entry.waitlistNo),
    ({ state }) => state === "served",
  );
  expect(served.chance).toBeNull();
  await at.stop();
  expect(at.audit()).toEqual([]);
});

/** As `chepiao import` does it, while the platform stands still. */
async function addTrain(world: World, trainNumber: string): Promise<void> {
  await using database = await openSqlite(join(world.dataDir, "chepiao.db"));
  const { timetable } = createStores(database);
  const { trains, ...before } = (await timetable.load(world.date))!;
  const plans = trains.map(({ composition: { code }, ...train }) => ({ ...train, compositionCode: code }));
  await timetable.replace(
    { ...before, compositions: [composition], trains: [...plans, { ...plans[0]!, trainNumber }] },
    { soldRuns: async () => new Set(), onSale: { from: addDays(world.date, -7), until: addDays(world.date, 9) } },
  );
}

test("I5 seats of a train that the railway adds go to who accepts it, in order of prepayment, before it is sold", async () => {
  const at = await open();
  const [seller, first, second, other] = at.users as [TestUser, TestUser, TestUser, TestUser];
  await at.buy(seller, 5);
  const { date } = at.world;
  const addedTrains = { dates: [date] };
  expect((await at.join(first, 1, { addedTrains: { dates: ["2026-02-30"] } })).code).toBe("MalformedRequest");
  const tooMany = { dates: [1, 2, 3].map((days) => addDays(date, days)) };
  expect((await at.join(first, 1, { addedTrains: tooMany })).code).toBe("WaitlistTooMany");
  const entry = await at.wait(first, 3, { addedTrains });
  expect(entry).toMatchObject({
    state: "waiting",
    addedTrains: { dates: [date], departFrom: null, departUntil: null },
  });
  const late = await at.wait(second, 3, { addedTrains });
  const without = await at.wait(other, 1);
  await at.stop();
  await addTrain(at.world, "G999");
  await at.restart();

  const served = await at.until(
    () => at.entryOf(first, entry.waitlistNo),
    ({ state }) => state === "served",
  );
  expect(served.choices[1]).toMatchObject({ trainNumber: "G999", seatClasses: ["second"], endedBecause: null });
  expect(served.story.added).toEqual([{ choice: 1, at: served.choices[1]!.addedAt!, refusal: null }]);
  const order = await at.orderOf(first, served.orderNo!);
  expect(order.trainNumber).toBe("G999");
  // Of the five seats two are left, too few for the second of them, who waits on; whoever did not accept it waits for his own train alone.
  expect(await at.entryOf(second, late.waitlistNo)).toMatchObject({
    state: "waiting",
    choices: [{ addedAt: null }, { trainNumber: "G999" }],
    story: { places: [{ place: 1 }, { choice: 1, place: 1 }] },
  });
  expect(await at.entryOf(other, without.waitlistNo)).toMatchObject({ choices: { length: 1 }, story: { added: [] } });
  // What is left is everybody's.
  await at.buy(other, 2, { trainNumber: "G999" });
  await at.call(second, "POST", `/api/waitlist/${late.waitlistNo}/cancel`);
  await at.call(other, "POST", `/api/waitlist/${without.waitlistNo}/cancel`);
  expect(
    await at.until(
      async () => at.audit(),
      ({ length }) => length === 0,
    ),
  ).toEqual([]);
  await at.stop();
}, 60_000);
