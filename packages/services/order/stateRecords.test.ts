/** What became of an order is on the log: each step of each order, once, in its order; twice after a crash perhaps, and never lost. */
import { expect, test } from "bun:test";
import { firstRunOf, type OrderAccepted, type OrderStateChanged, topics, topicsAbout } from "@chepiao/contracts";
import { epochMs, hourMs, minuteMs } from "@chepiao/kernel";
import { operatorSays, operatorSource } from "@chepiao/ports/run-states";
import { createWorld, departure, noon, quiet, requestOf, sold, type World } from "./order.twin.ts";
import { type OrderEvent, orderTransitions } from "./state.ts";
import { recordOfWritten } from "./stateRecords.ts";

const payWithinMs = 15 * minuteMs;

const recordsOf = (world: World) => world.records.filter(({ topic }) => topic === "order-state-topic");
const toldOf = (world: World, orderNo?: string) =>
  recordsOf(world)
    .map(({ value }) => value as OrderStateChanged)
    .filter((told) => orderNo === undefined || told.orderNo === orderNo);
const inWords = ({ version, step, from, because, to, tickets }: OrderStateChanged) =>
  `${version}.${step} ${from} ${because} ${to}: ${tickets.map(({ state }) => state).join()}`;

async function bought(world: World, user = 1, over: Parameters<typeof requestOf>[1] = {}) {
  const answer = sold(await world.submit(user, requestOf(user, over)));
  await world.rest();
  return answer;
}
async function ticketed(world: World, user = 1, over: Parameters<typeof requestOf>[1] = {}) {
  const answer = await bought(world, user, over);
  await world.pay(answer.orderNo, answer.totalFen);
  return answer;
}

/** A life for each way an order may go, at its end at rest. */
const lives: Readonly<Record<string, (world: World) => Promise<string>>> = {
  "bought, paid, given back one after the other, and the money back": async (world) => {
    const { orderNo } = await ticketed(world, 1, { people: [0, 1] });
    await world.advance(minuteMs);
    sold(await world.refund(1, orderNo, [`${orderNo}-1`]));
    await world.rest();
    world.settle();
    await world.rest();
    sold(await world.refund(1, orderNo, [`${orderNo}-2`]));
    await world.rest();
    world.settle();
    await world.rest();
    return orderNo;
  },
  "bought, paid, and changed one after the other": async (world) => {
    const { orderNo } = await ticketed(world, 1, { people: [0, 1] });
    for (const n of [1, 2]) {
      await world.advance(minuteMs);
      sold(await world.change(1, orderNo, [`${orderNo}-${n}`]));
      await world.rest();
    }
    return orderNo;
  },
  "bought in place of a ticket that was given back": async (world) => {
    const { orderNo } = await ticketed(world);
    const change = sold(await world.change(1, orderNo, [`${orderNo}-1`], { seatClass: "first" }));
    await world.rest();
    sold(await world.refund(1, orderNo, [`${orderNo}-1`]));
    await world.advance(minuteMs);
    await world.pay(change.orderNo, change.totalFen);
    return change.orderNo;
  },
  "bought and cancelled": async (world) => {
    const { orderNo } = await bought(world);
    sold(await world.cancel(1, orderNo));
    await world.rest();
    return orderNo;
  },
  "bought and never paid": async (world) => {
    const { orderNo } = await bought(world);
    await world.advance(payWithinMs);
    await world.sweep();
    await world.rest();
    return orderNo;
  },
  "bought, with a seat that is another's": async (world) => {
    const { orderNo } = await bought(world, 9);
    await world.loseSeats(orderNo);
    return (await bought(world)).orderNo;
  },
  "bought, with a passenger who travels at that time": async (world) => {
    const { orderNo } = await bought(world);
    await world.loseLimits(orderNo);
    return (await bought(world, 1, { trainNumber: "G2" })).orderNo;
  },
  "bought and taken for travelled, until it is known that the train did not run": async (world) => {
    const { orderNo } = await ticketed(world, 1, { people: [0, 1] });
    await world.advance(departure + 4 * hourMs - noon);
    await world.sweep();
    const now = world.clock.now();
    const { runId } = (await world.load(orderNo)).lines[0];
    await world.runStates.replace(operatorSource(runId), operatorSays(runId, true, now), now);
    sold(await world.refund(1, orderNo, [`${orderNo}-1`]));
    sold(await world.refund(1, orderNo, [`${orderNo}-2`]));
    await world.rest();
    return orderNo;
  },
  "bought, paid and travelled": async (world) => {
    const { orderNo } = await ticketed(world);
    await world.advance(departure + 4 * hourMs - noon);
    await world.sweep();
    await world.rest();
    return orderNo;
  },
};

const expected: Readonly<Record<keyof typeof lives, readonly string[]>> = {
  "bought, paid, given back one after the other, and the money back": [
    "0.0 accepted seatsClaimed pendingPayment: held,held",
    "1.0 pendingPayment paid paid: issued,issued",
    "1.1 paid ticketed ticketed: issued,issued",
    "2.0 ticketed partReturned ticketed: refunding,issued",
    "3.0 ticketed refundSettled ticketed: refunded,issued",
    "4.0 ticketed allReturned refunded: refunded,refunding",
    "5.0 refunded refundSettled refunded: refunded,refunded",
  ],
  "bought, paid, and changed one after the other": [
    "0.0 accepted seatsClaimed pendingPayment: held,held",
    "1.0 pendingPayment paid paid: issued,issued",
    "1.1 paid ticketed ticketed: issued,issued",
    "2.0 ticketed partChanged ticketed: changed,issued",
    "3.0 ticketed allChanged changed: changed,changed",
  ],
  "bought in place of a ticket that was given back": [
    "0.0 accepted seatsClaimed pendingPayment: held",
    "1.0 pendingPayment replacedGone cancelled: released",
  ],
  "bought and cancelled": [
    "0.0 accepted seatsClaimed pendingPayment: held",
    "1.0 pendingPayment cancelled cancelled: released",
  ],
  "bought and never paid": [
    "0.0 accepted seatsClaimed pendingPayment: held",
    "1.0 pendingPayment expired expired: released",
  ],
  "bought, with a passenger who travels at that time": ["0.0 accepted limitReached rejected: released"],
  "bought, with a seat that is another's": ["0.0 accepted seatsLost rejected: released"],
  "bought and taken for travelled, until it is known that the train did not run": [
    "0.0 accepted seatsClaimed pendingPayment: held,held",
    "1.0 pendingPayment paid paid: issued,issued",
    "1.1 paid ticketed ticketed: issued,issued",
    "2.0 ticketed travelled completed: used,used",
    "3.0 completed partReturned completed: refunding,used",
    "4.0 completed allReturned refunded: refunding,refunding",
  ],
  "bought, paid and travelled": [
    "0.0 accepted seatsClaimed pendingPayment: held",
    "1.0 pendingPayment paid paid: issued",
    "1.1 paid ticketed ticketed: issued",
    "2.0 ticketed travelled completed: used",
  ],
};

test.each(Object.keys(lives))("each step is told exactly once, in its order: %s", async (life) => {
  const world = await createWorld();
  const orderNo = await lives[life]!(world);
  const told = toldOf(world, orderNo);
  expect(told.map(inWords)).toEqual([...expected[life]!]);
  expect(told.map(({ at }) => at)).toEqual(told.map(({ at }) => at).toSorted((a, b) => a - b));
  const order = await world.load(orderNo);
  expect(told[0]!.at).toBe(order.acceptedAt);
  expect(told.at(-1)!.tickets).toEqual(order.tickets.map(({ ticketNo, state }) => ({ ticketNo, state })));
  for (const { orderId, userId } of told) expect([orderId, userId]).toEqual([order.orderId, order.userId]);
  for (const { key, value } of recordsOf(world))
    if ((value as OrderStateChanged).orderNo === orderNo) expect(key).toBe(firstRunOf(order));
});

test("those lives go every way that the table of states knows", async () => {
  const ways = new Set<string>();
  for (const [from, events] of Object.entries(orderTransitions))
    for (const event of Object.keys(events) as OrderEvent[])
      if (!["refuse", "ignore"].includes(events[event])) ways.add(`${from} ${event} ${events[event]}`);
  const gone = Object.values(expected).flatMap((words) => words.map((each) => each.split(":")[0]!.split(" ").slice(1)));
  const byTable = gone.filter(([, because]) => because !== "refundSettled");
  expect(new Set(byTable.map((way) => way.join(" ")))).toEqual(ways);
});

test("what changes nothing tells nothing: a repetition, a lost race, money that goes back", async () => {
  const world = await createWorld();
  const { orderNo, totalFen } = await ticketed(world);
  const before = recordsOf(world).length;
  world.capture(orderNo, totalFen, "P-second");
  expect(await world.cancel(1, orderNo)).toBe("OrderNotCancellable");
  await world.sweep();
  await world.rest();
  expect(recordsOf(world).length).toBe(before);

  const late = await bought(world, 2);
  await world.advance(payWithinMs);
  world.onPort = async (call, when) => {
    if (call !== "store.change" || when !== "before") return;
    world.onPort = () => {};
    sold(await world.cancel(2, late.orderNo));
  };
  await world.room().sweeper.expire();
  await world.rest();
  expect(toldOf(world, late.orderNo).map(({ because }) => because)).toEqual(["seatsClaimed", "cancelled"]);
});

/** Ends this life before or after that call of a port, and wakes up again. */
async function dieAt(world: World, wanted: string, when: "before" | "after", work: () => Promise<unknown>) {
  let isDead = false;
  world.onPort = (call, moment) => {
    if (isDead || call !== wanted || moment !== when) return;
    isDead = true;
    world.crash();
  };
  void work().catch(() => {});
  for (let n = 0; n < 50 && !isDead; n++) {
    await quiet();
    await world.advance(100);
  }
  expect([wanted, isDead]).toEqual([wanted, true]);
  world.onPort = () => {};
  await world.restart();
  await world.life().relay();
  await world.rest();
}

/** Each of them, however often it was told, and every time the same. */
function onceEach(told: readonly OrderStateChanged[]) {
  const byPlace = new Map<string, string>();
  for (const each of told) {
    const place = `${each.version}.${each.step}`;
    const text = JSON.stringify(each);
    expect(byPlace.get(place) ?? text).toBe(text);
    byPlace.set(place, text);
  }
  return [...byPlace.values()].map((text) => inWords(JSON.parse(text) as OrderStateChanged));
}

test.each([
  ["store.accept", "after", 1],
  ["reservations.keep", "before", 1],
  ["submissions.written", "after", 1],
] as const)("I7: a writer that dies at %s, %s its work, has told it by the end, once", async (call, when, times) => {
  const world = await createWorld();
  await dieAt(world, call, when, () => world.submit(1));
  const told = toldOf(world);
  expect([told.length, onceEach(told)]).toEqual([times, [expected["bought and cancelled"]![0]!]]);
});

test("I7: a writer that dies between telling and being done with its batch tells it again, to the letter", async () => {
  const world = await createWorld();
  const { orderNo, totalFen } = await bought(world);
  // Where the group had got to was not saved.
  for (const group of world.offsets.keys()) world.offsets.set(group, 0);
  await world.advance(minuteMs);
  await world.restart();
  await world.pay(orderNo, totalFen);
  const told = toldOf(world);
  expect(told.length).toBeGreaterThan(3);
  expect(onceEach(told)).toEqual(expected["bought, paid and travelled"]!.slice(0, 3));
  // Told again after it was paid, the first step still says what it said.
  for (const group of world.offsets.keys()) world.offsets.set(group, 0);
  await world.restart();
  await world.rest();
  expect(onceEach(toldOf(world))).toEqual(expected["bought, paid and travelled"]!.slice(0, 3));
});

test("I7: an order that was rejected before a crash is told as rejected after it", async () => {
  const world = await createWorld();
  const { orderNo } = await bought(world, 9);
  await world.loseSeats(orderNo);
  await dieAt(world, "store.accept", "after", () => world.submit(1));
  const [loser] = (await world.all()).filter(({ state }) => state === "rejected");
  expect(onceEach(toldOf(world, loser!.orderNo))).toEqual([...expected["bought, with a seat that is another's"]!]);
});

test.each([
  ["store.change", "after"],
  ["outbox.pending", "after"],
  ["log.append", "before"],
  ["log.append", "after"],
  ["outbox.sent", "before"],
] as const)("I7: a change whose process dies at %s, %s its work, is told by the end", async (call, when) => {
  const world = await createWorld();
  const { orderNo } = await bought(world);
  await dieAt(world, call, when, () => world.cancel(1, orderNo));
  const told = toldOf(world, orderNo);
  expect(onceEach(told)).toEqual([...expected["bought and cancelled"]!]);
  expect(told.length).toBeLessThanOrEqual(3);
});

test("while the log is away nothing is lost: rows are written, and told when it is back", async () => {
  const world = await createWorld();
  world.onPort = (call, when, [records]) => {
    const isState = (records as { topic: string }[] | undefined)?.[0]?.topic === "order-state-topic";
    if (call === "log.append" && when === "before" && isState) throw new Error("the log is away");
  };
  const { orderNo } = sold(await world.submit(1));
  await world.advance(5_000);
  expect((await world.load(orderNo)).state).toBe("pendingPayment");
  expect((await world.list(1)).orders.map(({ state }) => state)).toEqual(["pendingPayment"]);
  expect(toldOf(world)).toEqual([]);
  world.onPort = () => {};
  await world.rest();
  expect(toldOf(world, orderNo).map(inWords)).toEqual([expected["bought and cancelled"]![0]!]);
});

test("every topic says what it is about", () => {
  expect(topics).toContain("order-state-topic");
  for (const topic of topics) expect(topicsAbout[topic].length).toBeGreaterThan(10);
});

test("I7: an order that was accepted twice under one id is told of as it was written, whichever of the two is read", async () => {
  const world = await createWorld();
  const { orderNo } = await bought(world);
  const first = world.records.find(({ topic }) => topic === "order-create-topic")!.value as OrderAccepted;
  const second = { ...first, acceptedAt: epochMs(first.acceptedAt + minuteMs) };
  const { state, endedBecause, acceptedAt } = await world.load(orderNo);
  expect(recordOfWritten(second, { state, endedBecause, acceptedAt })).toEqual(recordOfWritten(first, undefined));
});
