/** A train that an operator cancels, on the platform in one process: off sale, all money back, through kills, and nobody twice. */
import { afterAll, expect, test } from "bun:test";
import { createStores, openSqlite } from "@chepiao/adapters/sqlite";
import {
  type Composition,
  type Order,
  type Payment,
  type RefundQuote,
  runId,
  type RunsStatus,
  type TicketsAnswer,
} from "@chepiao/contracts";
import { join } from "node:path";
import { UsageError } from "./commands/command.ts";
import { runCommand } from "./commands/run/index.ts";
import { policySetting } from "./testing/policy.ts";
import { createCaller, untilWithin } from "./testing/asking.ts";
import { runInFolder } from "./testing/command.ts";
import { createWorld, freePort, type ServerProcess, startServer, type TestUser } from "./testing/world.ts";

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

const composition = { code: "SMALL", coaches: [{ no: 1, sections: [{ seatClass: "second" as const, rows: 10 }] }] };
const until = untilWithin(process.env["LOST_ORDERS"] ? 3_600_000 : 90_000);

const withFirstClass = {
  code: "SMALL",
  coaches: [...composition.coaches, { no: 2, sections: [{ seatClass: "first" as const, rows: 1 }] }],
};

type Size = { readonly userCount?: number; readonly stationCount?: number; readonly lastComposition?: Composition };

async function open(made: Composition = composition, size: Size = {}) {
  const world = await createWorld({
    userCount: 12,
    passengersPerUser: 5,
    trainCount: 2,
    stationCount: 3,
    composition: made,
    ...size,
  });
  cleanUp.defer(world.remove);
  const port = freePort();
  let server: ServerProcess = await startServer(world, port, policySetting());
  cleanUp.defer(() => server.kill());
  const call = createCaller(() => server.url);
  const buy = (user: TestUser, train: number, people: number, [from, to]: readonly string[] = ["S0", "S1"]) =>
    call<Order>(user, "POST", "/api/order", {
      trainNumber: world.trains[train]!,
      originDate: world.date,
      from,
      to,
      seatClass: "second",
      passengers: user.passengerIds.slice(0, people).map((passengerId) => ({ passengerId })),
    });
  const get = (user: TestUser, orderNo: string) => call<Order>(user, "GET", `/api/order/${orderNo}`);
  async function ticketed(user: TestUser, train: number, people: number, way?: readonly string[]): Promise<Order> {
    const { orderNo, code } = await buy(user, train, people, way);
    expect(code).toBeUndefined();
    await until(
      () => get(user, orderNo),
      ({ state }) => state === "pendingPayment",
    );
    const { payUrl } = await call<Payment>(user, "POST", "/api/payment", { orderNo });
    const fields = new URLSearchParams({ action: "pay", behaviour: "normal" });
    await fetch(payUrl!, { method: "POST", body: fields, redirect: "manual" });
    return until(
      () => get(user, orderNo),
      ({ state }) => state === "ticketed",
    );
  }
  const chepiao = (...args: readonly string[]) => runInFolder(runCommand, world.dataDir, args);
  async function restart() {
    await server.kill();
    server = await startServer(world, port, policySetting());
  }
  async function offer(user: TestUser, to: string) {
    const page = await call<TicketsAnswer>(user, "GET", `/api/search/tickets?from=S0&to=${to}&date=${world.date}`);
    return page.trains.find(({ trainNumber }) => trainNumber === world.trains[0]);
  }
  const results = async () => {
    await using database = await openSqlite(join(world.dataDir, "chepiao.db"));
    return createStores(database).orders.runRefunds(runId(world.trains[0]!, world.date));
  };
  return { world, buy, get, call, ticketed, offer, chepiao, restart, results };
}

test("a cancelled train is not sold, and everybody has the money back once, whenever the platform is killed", async () => {
  const { world, buy, get, call, ticketed, chepiao, restart, results } = await open();
  const named = [world.trains[0]!, world.date];
  const users = world.users.slice(0, 9);
  const orders = await Promise.all(users.map((user) => ticketed(user, 0, 3)));
  const elsewhere = await ticketed(world.users[9]!, 1, 1);
  const unpaid = await buy(world.users[10]!, 0, 1);

  const trial = await chepiao("cancel", ...named, "--dry-run");
  expect(trial).toMatchObject({
    exit: 0,
    text: expect.stringMatching(/tickets +27\n[^]*passengers +27\n[^]*Nothing was changed/),
  });
  expect(await chepiao("cancel", ...named)).toMatchObject({ exit: 1, text: expect.stringContaining("--confirm 27") });
  expect(await chepiao("cancel", ...named, "--confirm", "26")).toMatchObject({
    exit: 1,
    text: expect.stringContaining("now there are 27"),
  });
  expect(await chepiao("cancel", "G999", world.date)).toMatchObject({
    exit: 1,
    text: expect.stringContaining("does not know G999"),
  });
  expect((await get(users[0]!, orders[0]!.orderNo)).state).toBe("ticketed");

  // A mistake that is noticed at once.
  expect(await chepiao("cancel", ...named, "--confirm", "27")).toMatchObject({ exit: 0 });
  expect(await chepiao("restore", ...named)).toMatchObject({ exit: 0 });
  expect(await chepiao("restore", ...named)).toMatchObject({ exit: 1 });

  expect(await chepiao("cancel", ...named, "--confirm", "30", "--reason", "flood")).toMatchObject({ exit: 0 });
  const late = await until(
    () => buy(world.users[11]!, 0, 1),
    ({ code }) => code === "RunCancelled",
  );
  expect(late.code).toBe("RunCancelled");
  await until(results, (found) => found.length > 0);
  await restart();
  const done = await until(results, (found) => found.length >= 9 && found.every(({ why }) => why === null));
  expect(done.map(({ ticketCount, why }) => [ticketCount, why])).toEqual(users.map(() => [3, null]));
  for (const [n, user] of users.entries()) {
    const order = await until(
      () => get(user, orders[n]!.orderNo),
      ({ tickets }) => tickets.every(({ state }) => state === "refunded"),
    );
    expect(
      order.tickets.map(({ state, feeFen, refundFen, fareFen }) => [state, feeFen, refundFen === fareFen]),
    ).toEqual([1, 2, 3].map(() => ["refunded", 0, true]));
    const { refunds } = await call<Payment>(user, "GET", `/api/payment/${order.orderNo}`);
    expect(refunds.reduce((sum, { amountFen }) => sum + amountFen, 0)).toBe(order.totalFen);
  }
  expect((await get(world.users[9]!, elsewhere.orderNo)).state).toBe("ticketed");
  const ended = await until(
    () => get(world.users[10]!, unpaid.orderNo),
    ({ state }) => state !== "pendingPayment",
  );
  expect(ended).toMatchObject({ state: "cancelled", endedBecause: "RunCancelled" });
  // Who bought before the platform had heard of it is not paid, and ends a moment later.
  const status = await until(
    () => chepiao("status", ...named),
    ({ text }) => text.includes("orders left: 0;"),
  );
  expect(status.text).toContain("9 orders refunded, 27 tickets");
  expect(status.text).toContain("orders left: 0;");
  expect(await chepiao("restore", ...named)).toMatchObject({
    exit: 1,
    text: expect.stringContaining("stays cancelled"),
  });
  // Again, it says how far it is.
  expect((await chepiao("cancel", ...named)).text).toContain("is cancelled already");
  expect(await call<RefundQuote>(world.users[9]!, "GET", `/api/order/${elsewhere.orderNo}/refund`)).toMatchObject({
    tickets: [{ refundable: true }],
  });
});

test("a train that is shortened is sold between its two stations alone, and who goes beyond has the money back", async () => {
  const { world, buy, get, call, ticketed, offer, chepiao, restart, results } = await open(withFirstClass);
  const [within, beyond, late, waits] = world.users as [TestUser, TestUser, TestUser, TestUser];
  const named = [world.trains[0]!, world.date];
  const kept = await ticketed(within, 0, 2);
  const gone = await Promise.all([ticketed(beyond, 0, 3, ["S0", "S2"]), ticketed(late, 0, 1, ["S1", "S2"])]);
  const stretch = ["--from", "S0", "--to", "S1"];
  expect(await chepiao("shorten", ...named, "--from", "S0", "--to", "S2")).toMatchObject({
    exit: 1,
    text: expect.stringContaining("is the whole way"),
  });
  expect(await chepiao("shorten", ...named, ...stretch, "--dry-run")).toMatchObject({
    exit: 0,
    text: expect.stringMatching(/tickets +4\n[^]*Nothing was changed/),
  });
  expect(await chepiao("shorten", ...named, ...stretch)).toMatchObject({ exit: 0 });
  const refused = await until(
    () => buy(waits, 0, 1, ["S1", "S2"]),
    ({ code }) => code === "RunCancelled",
  );
  expect(refused.code).toBe("RunCancelled");
  const status = await call<RunsStatus>(waits, "GET", `/api/ticket/status?runs=${named.join("/")}`);
  expect(status.runs[0]).toMatchObject({ cancelled: false, stops: [{ stationId: "S2", skipped: true, cut: true }] });
  const offerTo = (to: string) => offer(waits, to);
  const saleOf = async (to: string) => (await offerTo(to))?.sale;
  expect([await saleOf("S1"), await saleOf("S2")]).toEqual(["open", "closed"]);
  expect(await ticketed(waits, 0, 1)).toMatchObject({ state: "ticketed" });
  await until(results, (found) => found.length >= 2 && found.every(({ why }) => why === null));
  for (const [n, user] of [beyond, late].entries())
    await until(
      () => get(user, gone[n]!.orderNo),
      ({ state }) => state === "refunded",
    );
  const done = await chepiao("status", ...named);
  expect(done.text).toContain("2 orders refunded, 4 tickets");
  expect(done.text).toContain("orders left: 0;");
  expect((await get(within, kept.orderNo)).state).toBe("ticketed");
  expect(await chepiao("restore", ...named)).toMatchObject({
    exit: 1,
    text: expect.stringContaining("stays shortened"),
  });
  // Without its coach of second class everybody moves up; as it is made nobody moves.
  const withoutCoach = await chepiao("try", ...named, "--without-coach", "1");
  expect(withoutCoach.text).toMatch(
    /tickets with seats +3\n[^]*of them into a better class +3\n[^]*find no seat +0\n[^]*who wait for seats +0\n[^]*Nothing was changed/,
  );
  expect((await chepiao("try", ...named, "--composition", "SMALL")).text).toMatch(/stay on their seats +3\n/);
  expect(await chepiao("try", ...named, "--without-coach", "9")).toMatchObject({
    exit: 1,
    text: expect.stringContaining("has no coach 9"),
  });

  // That coach is taken off sale, and stays so through a restart, while who has seats there keeps them.
  const freeSeats = async () =>
    (await offerTo("S1"))?.classes.find(({ seatClass }) => seatClass === "second")?.free ?? 0;
  expect(await freeSeats()).toBe(47);
  const withdrawn = await chepiao("withdraw", ...named, "--coach", "1", "--reason", "no heating");
  expect(withdrawn.text).toMatch(/second +50 +3\n/);
  await until(freeSeats, (free) => free === 0);
  expect((await buy(beyond, 0, 1)).code).toBe("SoldOut");
  await restart();
  expect((await buy(beyond, 0, 1)).code).toBe("SoldOut");
  expect((await get(within, kept.orderNo)).state).toBe("ticketed");
  expect((await chepiao("status", ...named)).text).toContain("Withdrawn from sale: coach 1");
  expect(await chepiao("reinstate", ...named, "--coach", "1")).toMatchObject({ exit: 0 });
  expect(await until(freeSeats, (free) => free > 0)).toBe(47);

  // The train runs without it, and the platform is killed while it gives them other seats: in first class, and nobody pays for that.
  expect((await chepiao("lose-coach", ...named, "--coach", "1", "--dry-run")).text).toMatch(/better class +3\n/);
  expect(await chepiao("lose-coach", ...named, "--coach", "1")).toMatchObject({ exit: 0 });
  await restart();
  const [before] = (await get(within, kept.orderNo)).tickets;
  const old = await until(
    () => get(within, kept.orderNo),
    ({ state }) => state === "changed",
  );
  const seated = await get(within, old.tickets[0]!.replacedBy!);
  expect(seated).toMatchObject({
    state: "ticketed",
    totalFen: kept.totalFen,
    replaces: { because: "coachLost", nth: 0 },
  });
  expect(seated.tickets.map(({ state, coachNo }) => [state, coachNo])).toEqual([1, 2].map(() => ["issued", 2]));
  expect(seated.replaces!.tickets[0]!.seat).toBe(before!.seat);
  const left = await until(
    () => chepiao("status", ...named),
    ({ text }) => text.includes(": 0 in coach 1"),
  );
  expect(left.text).toContain("runs without coach 1");
});

/** LOST_ORDERS=10000 takes minutes, and says how long people waited for their seats. */
const lostOrders = Number(process.env["LOST_ORDERS"] ?? 16);
/** So many tickets has an account: as long as they are being replaced they count twice, which is less than an account may have of a run. */
const hops = 4;

test(
  "who sits in a coach that the train loses has one other seat, however often the platform is killed meanwhile",
  async () => {
    const section = [{ seatClass: "second" as const, rows: Math.ceil(lostOrders / hops / 5) }];
    const two = { code: "TWO", coaches: [1, 2].map((no) => ({ no, sections: section })) };
    const { world, get, ticketed, chepiao, restart } = await open(two, {
      userCount: lostOrders / hops,
      stationCount: hops + 1,
    });
    const named = [world.trains[0]!, world.date];
    // One order after the other, as anybody who has not paid yet has to.
    const bought = await Promise.all(
      world.users.map(async (user) => {
        const own: Order[] = [];
        for (let hop = 0; hop < hops; hop++) own.push(await ticketed(user, 0, 1, [`S${hop}`, `S${hop + 1}`]));
        return { user, own };
      }),
    );
    const began = performance.now();
    expect(await chepiao("lose-coach", ...named, "--coach", "1-1", "--confirm", String(lostOrders))).toMatchObject({
      exit: 0,
    });
    const status = () => chepiao("status", ...named, "--orders");
    const movedIn = ({ text }: { readonly text: string }) =>
      Number(/Their tickets: (\d+) became others/.exec(text)?.[1]);
    for (const share of lostOrders > 100 ? [0, 0.4] : [0]) {
      await until(status, (said) => movedIn(said) > share * lostOrders);
      await restart();
    }
    const done = await until(status, ({ text }) => text.includes(": 0 in coach 1"));
    if (process.env["LOST_ORDERS"]) console.log({ lostOrders, seconds: (performance.now() - began) / 1_000 });
    const inCoach1 = bought.flatMap(({ own }) => own).filter(({ tickets }) => tickets[0]!.coachNo === 1);
    expect(inCoach1.length).toBeGreaterThan(lostOrders / 2);
    expect(movedIn(done)).toBe(inCoach1.length);
    const seats: string[] = [];
    for (const { user, own } of bought) {
      for (const { orderNo, totalFen } of own) {
        const old = await get(user, orderNo);
        const now = old.state === "changed" ? await get(user, old.tickets[0]!.replacedBy!) : old;
        expect([now.state, now.totalFen, now.tickets.map(({ state, coachNo }) => [state, coachNo])]).toEqual([
          "ticketed",
          totalFen,
          [["issued", 2]],
        ]);
        expect(done.text).toContain(now === old ? "" : now.orderNo);
        seats.push(`${now.lines[0]!.from.stationId} ${now.tickets[0]!.seat}`);
      }
    }
    expect(new Set(seats).size).toBe(lostOrders);
  },
  lostOrders > 100 ? 3_600_000 : 600_000,
);

test("a sold run is exchanged for another train and back, and everybody has one seat of it, however often the platform is killed meanwhile", async () => {
  const second = (no: number, rows: number) => ({ no, sections: [{ seatClass: "second" as const, rows }] });
  // Of coach 1 the other has the first row, none of coach 2, and a coach 3 that is new.
  const made = { code: "SOLD", coaches: [second(1, 2), second(2, 1)] };
  const other = { code: "OTHER", coaches: [second(1, 1), second(3, 3)] };
  const { world, get, ticketed, offer, chepiao, restart } = await open(made, { lastComposition: other });
  const named = [world.trains[0]!, world.date];
  const parties = [3, 2, 3, 2, 2];
  const bought = await Promise.all(
    parties.map(async (people, n) => ({ user: world.users[n]!, order: await ticketed(world.users[n]!, 0, people) })),
  );
  expect((await chepiao("exchange", ...named, "OTHER", "--dry-run")).text).toMatch(
    /tickets with seats +12\n[^]*find no seat +0\n[^]*Nothing was changed/,
  );

  const seatsNow = async () => {
    const seats: string[] = [];
    for (const { user, order } of bought) {
      let now = await get(user, order.orderNo);
      // From order to order, as it was moved.
      while (now.tickets.some(({ replacedBy }) => replacedBy)) {
        const [kept, moved] = [
          now.tickets.filter(({ replacedBy }) => !replacedBy),
          now.tickets.find(({ replacedBy }) => replacedBy)!,
        ];
        seats.push(...kept.map(({ seat }) => seat));
        now = await get(user, moved.replacedBy!);
      }
      expect([now.state, order.totalFen > 0]).toEqual(["ticketed", true]);
      seats.push(...now.tickets.map(({ seat }) => seat));
    }
    return seats.toSorted();
  };
  const rowOf = (seat: string) => seat.replaceAll("\u2060", "").slice(0, -1);
  async function exchanged(code: string, rows: readonly string[], restartAt: readonly string[] = []) {
    expect(await chepiao("exchange", ...named, code)).toMatchObject({ exit: 0 });
    const status = () => chepiao("status", ...named);
    for (const word of restartAt) {
      await until(status, ({ text }) => text.includes(word));
      await restart();
    }
    await until(status, ({ text }) => text.includes("which it does not have: 0. All have been asked for"));
    const seats = await until(seatsNow, (all) => all.every((seat) => rows.includes(rowOf(seat))));
    expect([seats.length, new Set(seats).size]).toEqual([
      bought.flatMap(({ order }) => order.tickets).length,
      seats.length,
    ]);
    return seats;
  }
  const before = await seatsNow();
  const there = await exchanged("OTHER", ["01车01", "03车01", "03车02", "03车03"], ["has not begun", "others now"]);
  // Who has a place that both trains have keeps it.
  expect(there.filter((seat) => rowOf(seat) === "01车01")).toEqual(before.filter((seat) => rowOf(seat) === "01车01"));
  // What is left of the new train is for everybody: 20 seats, of which 12 were sold.
  const freeNow = async () => (await offer(world.users[6]!, "S1"))?.classes[0]?.free;
  await until(freeNow, (free) => free === 8);
  const last = { user: world.users[6]!, order: await ticketed(world.users[6]!, 0, 3) };
  expect(last.order.tickets.every(({ coachNo }) => coachNo === 3)).toBe(true);
  bought.push(last);
  await exchanged("SOLD", ["01车01", "01车02", "02车01"]);
});

test("what is no run, no day, no number or nothing that can be done with a run is called wrongly", async () => {
  for (const args of [
    ["cancel"],
    ["cancel", "G1"],
    ["cancel", "G1", "tomorrow"],
    ["cancel", "G1/2026-12-01", "2026-12-01"],
    ["cancel", "G1", "2026-12-01", "--confirm", "many"],
    ["cancel", "G1", "2026-12-01", "--choose", "73"],
    ["cancel", "G1", "2026-12-01", "G2"],
    ["cancel", "G1", "2026-12-01", "--from", "S1"],
    ["shorten", "G1", "2026-12-01", "--from", "S1"],
    ["shorten", "G1", "2026-12-01"],
    ["try", "G1", "2026-12-01"],
    ["try", "G1", "2026-12-01", "--without-coach", "two"],
    ["try", "G1", "2026-12-01", "--without-coach", "2", "--composition", "SMALL"],
    ["cancel", "G1", "2026-12-01", "--without-coach", "2"],
    ["withdraw", "G1", "2026-12-01"],
    ...["two", "5-", "9-5", "1-999", "5,,6", ""].map((coach) => ["withdraw", "G1", "2026-12-01", "--coach", coach]),
    ["cancel", "G1", "2026-12-01", "--coach", "2"],
    ["exchange", "G1", "2026-12-01"],
    ["exchange", "G1", "2026-12-01", "A", "B"],
    ["cancel", "G1", "2026-12-01..2026-12-02"],
    ...["2026-12-02..2026-12-01", "2026-12-01..2027-01-01", "2026-12-01..tomorrow", "..2026-12-01"].map((dates) => [
      "lose-coach",
      "G1",
      dates,
      "--coach",
      "2",
    ]),
  ])
    expect(await runCommand.run(args).catch((error: unknown) => error)).toBeInstanceOf(UsageError);
});
