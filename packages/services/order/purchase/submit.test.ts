/** The road of a purchase: answered exactly once, a fact or nothing at all (I2, I6, I7). */
import { expect, test } from "bun:test";
import { refusal, refusals, runId } from "@chepiao/contracts";
import { addDays, hourMs, minuteMs, orderIdOf, submitsInFlightMax } from "@chepiao/kernel";
import { hoardingLimitsDefault } from "@chepiao/ports/reservations";
import {
  createWorld,
  nobodyJudged,
  type OnPort,
  person,
  quiet,
  requestOf,
  shared,
  sold,
  travelDate,
} from "../order.twin.ts";

const broken = new Error("the port is broken");

/** Throws at the first such call, or the one said, before or after its work is done. */
function once(call: string, when: "before" | "after", which = 1): OnPort {
  let times = 0;
  return (at, moment) => {
    if (at === call && moment === when && ++times === which) throw broken;
  };
}

/** Calls of that name wait at the gate until it is opened. */
function gate(call: string) {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const onPort: OnPort = (at, when) => (at === call && when === "before" ? opened : undefined);
  return { onPort, open: () => open() };
}

const sellOut = (world: Awaited<ReturnType<typeof createWorld>>) =>
  Promise.all([1, 2].map(async (user) => sold(await world.submit(user, requestOf(user, { people: [0, 1, 2, 3, 4] })))));

test("a purchase is answered with its seats, its price and the end of the time to pay", async () => {
  const world = await createWorld();
  const answer = sold(await world.submit(1, requestOf(1, { people: [0, 1] })));
  expect(answer).toMatchObject({
    state: "accepted",
    totalFen: 30_000,
    together: "adjacent",
    preferencesUnmet: 0,
    seats: ["01车01A", "01车01B"],
    payBy: "2026-11-22T12:15:00+08:00",
  });
});

test("documents are told to who judges by an order that there is, and not by a try that found no seat", async () => {
  const told: number[] = [];
  const risk = { ...nobodyJudged, isIdle: () => false, buysFor: (userId: number) => void told.push(userId) };
  const world = await createWorld({ risk });
  await sellOut(world);
  expect(await world.submit(3, requestOf(3, { people: [0] }))).toBe("SoldOut");
  expect(told.toSorted((one, other) => one - other)).toEqual([1, 2]);
});

test("I2: what was answered is readable at once, before and after it is written, and listed once", async () => {
  const { onPort, open } = gate("store.accept");
  const world = await createWorld({ onPort });
  const { orderNo } = sold(await world.submit(1));
  expect(await world.get(1, orderNo)).toMatchObject({ orderNo, state: "accepted" });
  expect((await world.list(1)).orders.map((order) => [order.orderNo, order.state])).toEqual([[orderNo, "accepted"]]);
  expect((await world.list(1, { state: "accepted" })).orders.length).toBe(1);
  expect((await world.list(1, { state: "pendingPayment" })).orders.length).toBe(0);
  expect(await world.cancel(1, orderNo)).toBe("OrderChanged");
  expect(await world.room().client.isLive(orderIdOf(orderNo)!)).toBe(true);
  open();
  await world.rest();
  expect(await world.get(1, orderNo)).toMatchObject({ orderNo, state: "pendingPayment" });
  expect((await world.list(1)).orders.map((order) => [order.orderNo, order.state])).toEqual([
    [orderNo, "pendingPayment"],
  ]);
});

test("an order that is written while the list is read is in it once, as it is now", async () => {
  const { onPort, open } = gate("submissions.written");
  const world = await createWorld({ onPort });
  const { orderNo } = sold(await world.submit(1));
  await quiet();
  expect((await world.list(1)).orders.map((order) => [order.orderNo, order.state])).toEqual([
    [orderNo, "pendingPayment"],
  ]);
  open();
});

test("pages of own orders, written and not, hold each order once, newest first", async () => {
  const world = await createWorld();
  const expected: string[] = [];
  for (let day = 0; day < 7; day++) {
    const originDate = addDays(travelDate, -day);
    if (day === 4) world.onPort = gate("store.accept").onPort;
    expected.unshift(sold(await world.submit(1, requestOf(1, { originDate }))).orderNo);
    await world.advance(1_000);
  }
  const seen: string[] = [];
  for (let before: string | undefined; ;) {
    const page = await world.list(1, { limit: 2, ...(before ? { before } : {}) });
    seen.push(...page.orders.map((order) => order.orderNo));
    if (!page.next) break;
    before = page.next;
  }
  expect(seen).toEqual(expected);
});

test("to other accounts an order does not exist, written or not", async () => {
  const world = await createWorld();
  const { orderNo } = sold(await world.submit(1));
  for (const round of [1, 2]) {
    expect([round, await world.get(2, orderNo)]).toEqual([round, "OrderUnknown"]);
    expect(await world.cancel(2, orderNo)).toBe("OrderUnknown");
    expect(await world.quote(2, orderNo)).toBe("OrderUnknown");
    expect(await world.refund(2, orderNo, [`${orderNo}-1`])).toBe("OrderUnknown");
    expect(await world.events(2, orderNo)).toBe("OrderUnknown");
    expect((await world.list(2)).orders).toEqual([]);
    expect(await world.room().client.payable(2 as never, orderNo)).toMatchObject({ error: { code: "OrderUnknown" } });
    await world.rest();
  }
  expect(await world.get(1, "E99999999999999999")).toBe("OrderUnknown");
  expect(await world.get(1, "nonsense")).toBe("OrderUnknown");
});

// Keys ---------------------------------------------------------------------------------------------------------------------

test("I7: one key and one body are one order, however often and however late it is asked", async () => {
  const world = await createWorld();
  const first = sold(await world.submit(1, requestOf(1), "k"));
  expect(await world.submit(1, requestOf(1), "k")).toEqual(first);
  await world.rest();
  expect(await world.submit(1, requestOf(1), "k")).toEqual(first);
  await world.cancel(1, first.orderNo);
  await world.rest();
  await world.advance(60 * minuteMs);
  expect(await world.submit(1, requestOf(1), "k")).toEqual(first);
  expect((await world.all()).length).toBe(1);
});

test("I7: duplicates that come while the first is under way hear its answer", async () => {
  const { onPort, open } = gate("log.append");
  const world = await createWorld({ onPort });
  const answers = [world.submit(1, requestOf(1), "k"), world.submit(1, requestOf(1), "k")];
  await quiet();
  answers.push(world.submit(1, requestOf(1), "k"));
  await quiet();
  open();
  const orderNos = (await Promise.all(answers)).map((answer) => sold(answer).orderNo);
  expect(new Set(orderNos).size).toBe(1);
  await world.rest();
  expect((await world.all()).length).toBe(1);
});

test("a key with another body is refused, whatever became of the first", async () => {
  const world = await createWorld();
  const other = requestOf(1, { from: "B" });
  sold(await world.submit(1, requestOf(1), "k"));
  expect(await world.submit(1, other, "k")).toBe("IdempotencyKeyReused");
  expect(await world.submit(1, requestOf(1, { to: "Z" }), "refused")).toBe("NotOnRoute");
  expect(await world.submit(1, other, "refused")).toBe("IdempotencyKeyReused");
  // Another account may use the same word.
  sold(await world.submit(2, requestOf(2), "k"));
});

test("a refusal is repeated under its key, and another key is decided anew", async () => {
  const world = await createWorld();
  const [filled] = await sellOut(world);
  expect(await world.submit(3, requestOf(3), "k")).toBe("SoldOut");
  await world.rest();
  await world.cancel(1, filled!.orderNo);
  await world.rest();
  expect(await world.submit(3, requestOf(3), "k")).toBe("SoldOut");
  sold(await world.submit(3, requestOf(3)));
});

test("equal bodies are equal whatever the order of their fields", async () => {
  const world = await createWorld();
  const body = requestOf(1);
  const turned = Object.fromEntries(Object.entries(body).reverse()) as typeof body;
  const first = sold(await world.submit(1, body, "k"));
  expect(sold(await world.submit(1, turned, "k")).orderNo).toBe(first.orderNo);
});

// Limits and seats ---------------------------------------------------------------------------------------------------------

test("I6: who got no seat has used up no limit", async () => {
  const world = await createWorld();
  const [filled] = await sellOut(world);
  expect(await world.submit(3, requestOf(3, { people: [0, 1, 2, 3, 4] }))).toBe("SoldOut");
  await world.rest();
  await world.cancel(1, filled!.orderNo);
  await world.rest();
  sold(await world.submit(3, requestOf(3, { people: [0, 1, 2, 3, 4] })));
});

test("I6: limits hold between purchases of one batch", async () => {
  const world = await createWorld();
  const answers = await Promise.all([
    world.submit(1, requestOf(1, { people: [0, 1, 2] })),
    world.submit(1, requestOf(1, { people: [3, 4, 6] })),
    world.submit(1, requestOf(1, { people: [0], trainNumber: "G2" })),
    world.submit(1, requestOf(1, { people: [0], trainNumber: "G3" })),
  ]);
  expect(answers.map((answer) => (typeof answer === "string" ? answer : "sold"))).toEqual([
    "sold",
    "UserRunLimit",
    "TripOverlaps",
    "sold",
  ]);
});

test("that somebody has a trip already is said, but to strangers not which", async () => {
  const world = await createWorld();
  const said = async (user: number) => {
    const answer = await world.room().handlers.submit({
      ...({ session: { sessionId: "S", userId: user, role: "passenger" } } as never as object),
      body: requestOf(user, { trainNumber: "G2", people: [shared] }),
      idempotencyKey: "k",
    } as never);
    return answer.ok ? null : answer.error;
  };
  sold(await world.submit(1, requestOf(1, { people: [shared] })));
  expect(await said(1)).toEqual(refusal("TripOverlaps", { ticket: 0, runId: runId("G1", travelDate) }));
  expect(await said(2)).toEqual(refusal("TripOverlaps", { ticket: 0 }));
});

test("a wish for a berth is granted, or counted as unmet", async () => {
  const world = await createWorld();
  const night = { trainNumber: "K9", to: "C", seatClass: "hardSleeper" as const };
  const wish = (user: number, n: number) => ({ passengerId: person(user, n), preference: "lower" as const });
  const first = sold(await world.submit(1, requestOf(1, { ...night, passengers: [wish(1, 0), wish(1, 1)] })));
  expect(first).toMatchObject({ preferencesUnmet: 0, seats: ["01车01号下铺", "01车02号下铺"], totalFen: 2 * 9_000 });
  const second = sold(await world.submit(2, requestOf(2, { ...night, passengers: [wish(2, 0)] })));
  expect(second).toMatchObject({ preferencesUnmet: 1, totalFen: 8_000 });
  const odd = requestOf(3, { ...night, passengers: [{ passengerId: person(3, 0), preference: "window" }] });
  expect(await world.submit(3, odd)).toBe("PreferenceImpossible");
});

test("1,000 purchases at once are each answered once, and every seat that was answered is an order", async () => {
  const world = await createWorld();
  let refused = 0;
  const orderNos: string[] = [];
  await Promise.all(
    Array.from({ length: 1_000 }, async (_, n) => {
      const user = 1 + (n % 250);
      const originDate = addDays(travelDate, -(n % 4));
      const answer = await world.submit(
        user,
        requestOf(user, { originDate, people: [n % 5] }),
        `k${Math.floor(n / 2)}`,
      );
      if (typeof answer === "string") refused++;
      else orderNos.push(answer.orderNo);
    }),
  );
  expect(orderNos.length + refused).toBe(1_000);
  expect(new Set(orderNos).size).toBe(40);
  await world.rest();
  expect(new Set((await world.all()).map((order) => order.orderNo as string))).toEqual(new Set(orderNos));
  expect(world.room().submitsInFlight()).toBe(0);
});

// Trouble ------------------------------------------------------------------------------------------------------------------

test("I2: when the log is down everything is given back, and the same key may try again", async () => {
  const world = await createWorld();
  world.life().log.breakDown(true);
  const body = requestOf(1, { people: [0, 1, 2, 3, 4] });
  expect(await world.submit(1, body, "k")).toBe("ServiceUnavailable");
  expect(await world.free()).toBe(10);
  expect((await world.list(1)).orders).toEqual([]);
  world.life().log.breakDown(false);
  sold(await world.submit(1, body, "k"));
  await world.rest();
  expect((await world.all()).length).toBe(1);
});

test("when too many are under way, one more is turned away at once and its key stays free", async () => {
  const { onPort, open } = gate("submissions.enter");
  const world = await createWorld({ onPort });
  const waiting = Array.from({ length: submitsInFlightMax }, () => world.submit(1, requestOf(1), "k"));
  expect(world.room().submitsInFlight()).toBe(submitsInFlightMax);
  expect(await world.submit(2, requestOf(2), "k")).toBe("Overloaded");
  open();
  const answers = new Set((await Promise.all(waiting)).map((answer) => sold(answer).orderNo));
  expect(answers.size).toBe(1);
  sold(await world.submit(2, requestOf(2), "k"));
});

const ports = [
  "submissions.enter",
  "submissions.refused",
  "submissions.accepted",
  "users.passengers",
  "reservations.reserve",
  "reservations.release",
  "inventory.hold",
  "log.append",
];

test.each(ports)(
  "whatever %s throws, everybody is answered, nothing is kept, and trying again succeeds",
  async (port) => {
    for (const when of ["before", "after"] as const) {
      // An append that says no has appended nothing, or the log is dead: the log's own rules.
      if (port === "log.append" && when === "after") continue;
      const world = await createWorld();
      world.onPort = once(port, when);
      const tries = (): Promise<unknown>[] => [
        world.submit(1, requestOf(1), "a"),
        world.submit(2, requestOf(2, { people: [0, 1] }), "b"),
        world.submit(3, requestOf(3, { to: "Z" }), "c"),
        world.submit(4, requestOf(4, { seatClass: "first", people: [0, 1, 2, 3, 4] }), "d"),
      ];
      for (const answer of await Promise.all(tries())) {
        if (typeof answer === "string") expect(["Internal", "Overloaded", "NotOnRoute", "SoldOut"]).toContain(answer);
      }
      const [a, b, ...refused] = await Promise.all(tries());
      expect([port, when, typeof a, typeof b, refused]).toEqual([
        port,
        when,
        "object",
        "object",
        ["NotOnRoute", "SoldOut"],
      ]);
      await world.rest();
      expect([port, when, (await world.all()).length, await world.free()]).toEqual([port, when, 2, 7]);
      expect([port, world.reports.length]).toEqual([port, 1]);
    }
  },
);

test("I7: trouble with another purchase of the batch does not free the key of an order", async () => {
  const world = await createWorld();
  const first = sold(await world.submit(1, requestOf(1), "k"));
  const soldOut = requestOf(1, { trainNumber: "G3", seatClass: "first", people: [0, 1, 2, 3, 4] });
  expect(await world.submit(1, soldOut, "refused")).toBe("SoldOut");
  for (const [n, port] of ["submissions.enter", "reservations.reserve", "inventory.hold"].entries()) {
    await quiet();
    world.onPort = once(port, "before", 1);
    const repeated = await Promise.all([
      world.submit(2 + 2 * n),
      world.submit(3 + 2 * n),
      world.submit(1, requestOf(1), "k"),
      world.submit(1, soldOut, "refused"),
    ]);
    expect(repeated).toContain("Internal");
    expect(await world.submit(1, requestOf(1, { from: "B" }), "refused")).toBe("IdempotencyKeyReused");
    expect(sold(await world.submit(1, requestOf(1), "k")).orderNo).toBe(first.orderNo);
  }
});

test("one account whose passengers cannot be read does not spoil the batch", async () => {
  const world = await createWorld();
  world.onPort = (call, when, [userId]) => {
    if (call === "users.passengers" && when === "before" && userId === 2) throw broken;
  };
  const answers = await Promise.all([1, 2, 3].map((user) => world.submit(user)));
  expect(answers.map((answer) => (typeof answer === "string" ? answer : "sold"))).toEqual(["sold", "Internal", "sold"]);
});

test("one refusal that cannot be carried out does not spoil the batch", async () => {
  const world = await createWorld();
  world.onPort = once("reservations.release", "before");
  const answers = await Promise.all([
    world.submit(1),
    world.submit(2, requestOf(2, { seatClass: "first", people: [0, 1, 2, 3, 4] })),
    world.submit(3),
  ]);
  expect(answers.map((answer) => (typeof answer === "string" ? answer : "sold"))).toEqual(["sold", "Internal", "sold"]);
});

test("a fare that cannot be told spoils one purchase, which is answered and gives its seat back", async () => {
  const world = await createWorld();
  const { fare } = world.timetable;
  const faulty: typeof fare = (run, seatClass, ...rest) => {
    if (seatClass === "first") throw broken;
    return fare(run, seatClass, ...rest);
  };
  Object.assign(world.timetable, { fare: faulty });
  const answers = await Promise.all([
    world.submit(1, requestOf(1)),
    world.submit(2, requestOf(2, { seatClass: "first" }), "k"),
    world.submit(3, requestOf(3)),
  ]);
  expect(answers.map((answer) => (typeof answer === "string" ? answer : "sold"))).toEqual(["sold", "Internal", "sold"]);
  expect(await world.free("G1", "first")).toBe(4);
  Object.assign(world.timetable, { fare });
  sold(await world.submit(2, requestOf(2, { seatClass: "first" }), "k"));
});

test("a repetition whose order cannot be read just now is answered, and the key is kept", async () => {
  const world = await createWorld();
  const first = sold(await world.submit(1, requestOf(1), "k"));
  await world.rest();
  world.onPort = once("store.load", "before");
  expect(await world.submit(1, requestOf(1), "k")).toBe("Internal");
  expect(sold(await world.submit(1, requestOf(1), "k")).orderNo).toBe(first.orderNo);
});

test("every refusal of a purchase is in the catalogue", async () => {
  const world = await createWorld();
  const bodies = [{ to: "Z" }, { trainNumber: "G404" }, { people: [99] }, { seatClass: "standing" as const }];
  for (const body of bodies) expect(refusals).toHaveProperty((await world.submit(1, requestOf(1, body))) as string);
});

// Documents that nobody has proved -------------------------------------------------------------------------------------------

/** Account 1 is known to be the holder of the document that account 2, 3 and so on only name. */
const holderAlone = { proof: (userId: number) => (userId === 1 ? ("proved" as const) : ("unproved" as const)) };
const withShared = (user: number, trainNumber: string) => requestOf(user, { trainNumber, people: [shared] });

test("who only names a document hears the same whatever its holder travels", async () => {
  const answers = async (world: Awaited<ReturnType<typeof createWorld>>) => {
    const said: unknown[] = [];
    for (const train of ["G1", "G2", "G3", "K9"]) {
      const { people: _, ...request } = { ...withShared(2, train), people: 0 };
      const seat = train === "K9" ? ({ to: "C", seatClass: "hardSleeper" } as const) : {};
      const answer = await world.submit(2, { ...request, ...seat });
      await world.rest();
      said.push(typeof answer === "string" ? answer : "sold");
    }
    return said;
  };
  const travels = await createWorld(holderAlone);
  sold(await travels.submit(1, withShared(1, "G1")));
  sold(await travels.submit(1, withShared(1, "G3")));
  expect(await answers(travels)).toEqual(await answers(await createWorld(holderAlone)));
});

test("the holder of a document buys whatever strangers have bought in its name, also after a restart", async () => {
  const world = await createWorld({ ...holderAlone, hoarding: hoardingLimitsDefault });
  for (const stranger of [2, 3, 4]) {
    const { orderNo } = sold(await world.submit(stranger, withShared(stranger, "G1")));
    await world.rest();
    if (stranger > 2) await world.cancel(stranger, orderNo);
    await world.rest();
  }
  await world.restart();
  sold(await world.submit(1, withShared(1, "G1")));
});

test("I6: nobody is on two trains at once within an account, proved or not, also after a restart", async () => {
  const world = await createWorld(holderAlone);
  sold(await world.submit(2, withShared(2, "G1")));
  await world.rest();
  expect(await world.submit(2, withShared(2, "G2"))).toBe("TripOverlaps");
  await world.restart();
  expect(await world.submit(2, withShared(2, "G2"))).toBe("TripOverlaps");
});

test("I6: a proved document is one person, whichever account proved it", async () => {
  const world = await createWorld();
  sold(await world.submit(1, withShared(1, "G1")));
  expect(await world.submit(2, withShared(2, "G2"))).toBe("TripOverlaps");
});

test("no ticket is sold on a name that is not the document's, and it is said whose", async () => {
  const world = await createWorld({ proof: (_, n) => (n === 1 ? "refused" : "proved") });
  expect(await world.submit(1, requestOf(1, { people: [0, 1] }))).toBe("IdentityRefused");
  sold(await world.submit(1, requestOf(1, { people: [0, 2] })));
});

// Hoarding -----------------------------------------------------------------------------------------------------------------

const guarded = { hoarding: hoardingLimitsDefault };
const trip = (user: number, trainNumber: string, n = 0) => requestOf(user, { trainNumber, people: [n] });

test("I6: who got no seat has no open order, and has cancelled none", async () => {
  const world = await createWorld(guarded);
  await sellOut(world);
  for (let n = 0; n < 4; n++) expect(await world.submit(3, requestOf(3, { people: [0, 1] }))).toBe("SoldOut");
  sold(await world.submit(3, trip(3, "G3")));
  expect(await world.submit(3, trip(3, "G3", 1))).toBe("UnpaidOrderOpen");
});

test("I6: an order whose time to pay is over blocks nobody, swept or not, and counts once it is swept", async () => {
  const world = await createWorld(guarded);
  for (const n of [0, 1, 2]) {
    sold(await world.submit(1, trip(1, "G1", n)));
    await world.rest();
    await world.advance(15 * minuteMs);
  }
  await world.sweep();
  await world.rest();
  expect(await world.submit(1, trip(1, "G3"))).toBe("CancelledTooOften");
  await world.restart();
  expect(await world.submit(1, trip(1, "G3"))).toBe("CancelledTooOften");
  await world.advance(12 * hourMs);
  sold(await world.submit(1, trip(1, "G3")));
});

test("I7: word that an order is paid comes again with the payment where it was lost", async () => {
  const world = await createWorld({ ...guarded, onPort: failing("reservations.paid", 2) });
  const { orderNo, totalFen } = sold(await world.submit(1));
  await world.rest();
  await world.pay(orderNo, totalFen);
  expect(await world.get(1, orderNo)).toMatchObject({ state: "ticketed" });
  sold(await world.submit(1, trip(1, "G3")));
});

test("money that comes when an order is cancelled opens nothing, and what it cancelled counts", async () => {
  const world = await createWorld(guarded);
  for (let n = 0; n < 3; n++) {
    const { orderNo, totalFen } = sold(await world.submit(1));
    await world.rest();
    await world.cancel(1, orderNo);
    await world.pay(orderNo, totalFen);
  }
  expect(await world.submit(1, trip(1, "G3"))).toBe("CancelledTooOften");
});

/** The first calls of that name throw. */
function failing(call: string, times: number): OnPort {
  let left = times;
  return (at, when) => {
    if (at === call && when === "before" && left-- > 0) throw broken;
  };
}
