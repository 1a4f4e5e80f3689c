/** What the inventory knows is brought in line with what is sold, while people buy, pay and give back, whatever was lost (I1). */
import { expect, test } from "bun:test";
import type { HoldName, OrderAccepted, RecordedHold, Timetable } from "@chepiao/contracts";
import { createPrng, epochMs, holdGraceMs, minuteMs, type OrderId, paymentTimeoutMsDefault } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryOrderStore, type OrderRecord, type OrdersOfRuns } from "@chepiao/ports/order-store";
import { freedOf, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { purchaseLimitsWithoutHoarding } from "@chepiao/ports/reservations";
import { createMemorySeatStore, type HoldsView, type SeatStore } from "@chepiao/ports/seat-store";
import { coachesOf, eve, nobodyWishes, recordedHold, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import type { Changes } from "./changes.ts";
import { createConsumers, writing } from "./consume.ts";
import { createSeatRepairer } from "./repair.ts";

const run = testRun(coachesOf(["second", 8], ["first", 1]), 4);
const { runId } = run;
const seatCount = 40;
const wholeWay = { run, fromStop: 0, toStop: 3 };
const refTo = (order: { readonly orderId: OrderId }): HoldName => ({ runId, holdId: order.orderId, line: 0 });

/** Orders in SQL, seats in a store that forgets when told to, and between any two steps of the repairer whatever one likes. */
function createWorld() {
  const clock = createManualClock(eve);
  const store = createMemoryOrderStore(createMemoryOutbox());
  const written = new Set<OrderId>();
  let seats: SeatStore = createMemorySeatStore();
  let between: (step: string) => Promise<void> = async () => {};
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    await between(`before ${name}`);
    const done = await work();
    await between(`after ${name}`);
    return done;
  };

  const load = async (orderIds: Iterable<OrderId>) =>
    (await Promise.all([...orderIds].map((orderId) => store.load(orderId)))).filter((order) => order !== null);
  const orders: Pick<OrdersOfRuns, "ofRun" | "some"> = {
    // As the ledger would say: those that have a seat.
    ofRun: () =>
      step("ofRun", async () => (await load(written)).filter(({ tickets }) => tickets.some((each) => isLive(each)))),
    some: (orderIds) => step("some", () => load(orderIds)),
  };
  const holdsView: HoldsView = {
    holds: (of) => step("holds", () => seats.holdsView!.holds(of)),
    repair: (...told) => step("repair", () => seats.holdsView!.repair(...told)),
  };
  const inventory = {
    holdsView,
    confirm: (holds: readonly HoldName[]) => step("confirm", () => seats.confirm(holds)),
    release: (hold: HoldName, some?: readonly number[]) =>
      step("release", async () => void (await seats.release(hold, clock.now(), some))),
  };
  const repairer = createSeatRepairer({
    clock,
    orders,
    inventory,
    timetable: () => ({ run: () => run }) as unknown as Timetable,
  });
  const nothing = async () => {};
  const consumers = createConsumers({
    clock,
    store,
    inventory,
    submissions: { written: nothing },
    reservations: { keep: nothing, release: nothing, paid: nothing },
    timetable: () => ({ zone: run.train.zone, run: () => run, stateOf: () => null }),
    feed: { changed() {} },
    changes: {} as Changes,
    log: { append: nothing },
    free: nothing,
    limitsFor: () => purchaseLimitsWithoutHoarding,
    repair: { seats: async (which) => void (await repairer.repairRun(which)), limits: nothing },
    proved: async () => null,
    count() {},
  });

  return {
    clock,
    repairer,
    seats: () => seats,
    /** Redis comes back with nothing, or with what it had before. */
    forget(...before: RecordedHold[]) {
      seats = createMemorySeatStore();
      void seats.reload(before);
    },
    /** Purchases that wait for a seat each; those for which there is one have got it. */
    async wait(count: number): Promise<OrderAccepted[]> {
      const samples = Array.from({ length: count }, () => sampleOrder({ acceptedAt: clock.now() }));
      const needs = samples.map(({ orderId }, place) => ({
        ...wholeWay,
        holdId: orderId,
        line: 0,
        seatClasses: ["second" as const],
        preferences: nobodyWishes(1),
        place,
      }));
      await seats.waitlists.join(needs, clock.now());
      const granted = new Map((await seats.waitlists.grants(run)).map((grant) => [grant.holdId, grant.seatIndexes]));
      return samples.map((sample) => {
        const [seatIndex = 0] = granted.get(sample.orderId) ?? [];
        return { ...sample, tickets: sample.tickets.map((each) => ({ ...each, seatIndex })) };
      });
    },
    async waiting() {
      return (await seats.waitlists.groups(run)).reduce((sum, { needs }) => sum + needs, 0);
    },
    holds: async () => new Map((await seats.holdsView!.holds(run)).map((hold) => [hold.holdId, hold])),
    /** The log brings an order to its writer. */
    async bring(order: OrderAccepted) {
      written.add(order.orderId);
      const record = { topic: writing.topic, key: runId, value: order };
      await consumers.find(({ topics }) => topics.includes(writing.topic))!.handle([record]);
    },
    onStep: (told: (name: string) => Promise<void>) => (between = told),
    load: (orderId: OrderId) => store.load(orderId),

    /** A purchase as far as its hold: which order it would be. Null where nothing is free. */
    async hold(passengers = 1) {
      const sample = sampleOrder({ seats: Array.from({ length: passengers }, () => 0), acceptedAt: clock.now() });
      const deadline = epochMs(clock.now() + paymentTimeoutMsDefault + holdGraceMs);
      const command = { ...wholeWay, holdId: sample.orderId, line: 0, seatClass: "second" as const, deadline };
      const [held] = await seats.hold([{ ...command, preferences: nobodyWishes(passengers) }], clock.now());
      if (!held!.ok) return null;
      const { seatIndexes } = held!.value;
      return { ...sample, tickets: sample.tickets.map((each, n) => ({ ...each, seatIndex: seatIndexes[n]! })) };
    },
    /** The rest of it. One whose seat the ledger has given to another is rejected and lets go. */
    async write(order: ReturnType<typeof sampleOrder>) {
      const [outcome] = await store.accept([order], clock.now());
      written.add(order.orderId);
      if (outcome === "rejected") await seats.release(refTo(order), clock.now());
      return outcome;
    },
    async pay(orderId: OrderId) {
      const order = (await store.load(orderId))!;
      const tickets = order.tickets.map((ticket) => ({ ...ticket, state: "issued" as const }));
      await store.change(
        [{ order: { ...order, state: "ticketed", tickets }, freedSeats: [], messages: [] }],
        clock.now(),
      );
      return () => seats.confirm([refTo(order)]);
    },
    /** Gives back the first of its tickets that stand; answers how the seat store hears of it. */
    async giveBack(orderId: OrderId) {
      const order = (await store.load(orderId))!;
      const place = order.tickets.findIndex((each) => isLive(each));
      const tickets = order.tickets.map((each, n) => (n === place ? { ...each, state: "refunded" as const } : each));
      const state = tickets.some((each) => isLive(each)) ? order.state : "refunded";
      const { seatIndex } = order.tickets[place]!;
      const freedSeats = freedOf({ ...order, tickets: [order.tickets[place]!] });
      await store.change([{ order: { ...order, state, tickets }, freedSeats, messages: [] }], clock.now());
      return () => seats.release(refTo(order), clock.now(), [seatIndex]);
    },
    free: async () => (await seats.freeSeats(wholeWay, "second")).flatMap((isFree, seat) => (isFree ? [seat] : [])),
    async sold() {
      return (await load(written)).flatMap(({ tickets }) => tickets.filter(isLive).map(({ seatIndex }) => seatIndex));
    },
  };
}
type World = ReturnType<typeof createWorld>;
const isLive = ({ state }: OrderRecord["tickets"][number]) => ["held", "issued", "used"].includes(state);

async function bought(world: World, passengers = 1) {
  const order = (await world.hold(passengers))!;
  expect(await world.write(order)).toBe("pendingPayment");
  return order;
}
async function paid(world: World, passengers = 1) {
  const order = await bought(world, passengers);
  await (
    await world.pay(order.orderId)
  )();
  return order;
}
const overdueAt = async (world: World, inMs: number) => {
  const at = epochMs(world.clock.now() + inMs);
  return (await world.seats().overdue(at, 100, epochMs(at + 1))).map(({ holdId }) => holdId);
};

test("I1: what was lost is taken again; paid holds stay, unpaid ones end when they would have ended", async () => {
  const world = createWorld();
  const [first, second] = [await paid(world, 3), await bought(world, 2)];
  world.forget();
  const missing = [first.orderId, second.orderId];
  expect(await world.repairer.compareRun(runId)).toEqual({ missing, unconfirmed: [], surplus: [], unexplained: [] });
  expect(await world.free()).toHaveLength(seatCount);
  expect(await world.repairer.repairRun(runId)).toMatchObject({ missing, blocked: [] });
  expect(await world.free()).toHaveLength(seatCount - 5);
  const endsInMs = paymentTimeoutMsDefault + holdGraceMs;
  expect(await overdueAt(world, endsInMs - 1)).toEqual([]);
  expect(await overdueAt(world, endsInMs)).toEqual([second.orderId]);
  expect(await world.repairer.repairRun(runId)).toMatchObject({
    missing: [],
    unconfirmed: [],
    surplus: [],
    blocked: [],
  });
});

test("a hold that was given back by mistake is held again", async () => {
  const world = createWorld();
  const order = await bought(world, 2);
  await world.seats().release(refTo(order), world.clock.now());
  expect(await world.repairer.repairRun(runId)).toMatchObject({ missing: [order.orderId], blocked: [] });
  expect(await world.free()).toHaveLength(seatCount - 2);
});

test("purchases under way are left alone; one that has got a sold seat keeps it until the ledger has refused it", async () => {
  const world = createWorld();
  const lost = await paid(world);
  world.forget();
  const underWay = (await world.hold())!;
  expect(underWay.tickets[0]!.seatIndex).toBe(lost.tickets[0]!.seatIndex);
  expect(await world.repairer.repairRun(runId)).toMatchObject({ missing: [lost.orderId], blocked: [lost.orderId] });
  expect(await world.write(underWay)).toBe("rejected");
  expect(await world.repairer.repairRun(runId)).toMatchObject({ missing: [lost.orderId], blocked: [] });
  expect(await world.free()).toHaveLength(seatCount - 1);
});

const later = epochMs(eve + 5 * minuteMs);
const seatsOf = ({ tickets }: Pick<OrderAccepted, "tickets">) => tickets.map(({ seatIndex }) => seatIndex);

test("I5: when the ledger refuses one who was in line, the others wait on, and who bought the seat has it again", async () => {
  const world = createWorld();
  const [others, forgotten] = [(await world.hold(seatCount - 1))!, await paid(world)];
  world.forget(recordedHold(run, seatsOf(others), { holdId: others.orderId, deadline: later }));
  const [served] = await world.wait(3);
  expect([seatsOf(served!), await world.waiting()]).toEqual([seatsOf(forgotten), 2]);
  await world.bring(served!);
  expect(await world.load(served!.orderId)).toMatchObject({ state: "rejected", endedBecause: "SeatLost" });
  expect([await world.waiting(), await world.seats().waitlists.grants(run)]).toEqual([2, []]);
  const holds = await world.holds();
  expect(holds.get(forgotten.orderId)).toMatchObject({ seatIndexes: seatsOf(forgotten), isConfirmed: true });
  expect(holds.get(served!.orderId)).toMatchObject({ seatIndexes: [] });
});

test("I5: a seat whose return was forgotten goes to who has bought it since, past those in line", async () => {
  const world = createWorld();
  const [others, before] = [(await world.hold(seatCount - 1))!, await paid(world)];
  await (
    await world.giveBack(before.orderId)
  )();
  const since = await paid(world);
  expect(seatsOf(since)).toEqual(seatsOf(before));
  world.forget(
    recordedHold(run, seatsOf(others), { holdId: others.orderId, deadline: later }),
    recordedHold(run, seatsOf(before), { holdId: before.orderId }),
  );
  await world.wait(3);
  const found = { missing: [since.orderId], surplus: [before.orderId], blocked: [], unexplained: [] };
  expect(await world.repairer.repairRun(runId)).toMatchObject(found);
  await world.seats().waitlists.serve([run], world.clock.now());
  expect([await world.waiting(), await world.seats().waitlists.grants(run)]).toEqual([3, []]);
  expect((await world.holds()).get(since.orderId)).toMatchObject({ seatIndexes: seatsOf(since), isConfirmed: true });
});

test.each([
  ["other seats", { seatIndexes: [5, 6] }],
  ["one of its seats", { seatIndexes: [1, 2] }],
  ["its seats and one more", { seatIndexes: [0, 1, 2] }],
  ["a part of its seats", { seatIndexes: [1] }],
  ["another class", { seatClass: "first" as const }],
  ["another way", { fromStop: 1 }],
] as const)("a forgotten grant that was served again with %s is as it was sold after one repair", async (_, over) => {
  for (const isPaid of [true, false])
    for (const wrong of [{ deadline: null }, { deadline: later }]) {
      const world = createWorld();
      const order = isPaid ? await paid(world, 2) : await bought(world, 2);
      const { orderId: holdId } = order;
      const seatIndexes = seatsOf(order);
      expect(seatIndexes).toEqual([0, 1]);
      world.forget(recordedHold(run, seatIndexes, { holdId, ...wrong, ...over }));
      await world.repairer.repairRun(runId);
      const isConfirmed = isPaid || wrong.deadline === null;
      const asSold = { holdId, line: 0, seatClass: "second", fromStop: 0, toStop: 3, seatIndexes, isConfirmed };
      expect([...(await world.holds()).values()]).toEqual([asSold as never]);
      expect(await world.free()).toHaveLength(seatCount - 2);
      expect(await world.repairer.compareRun(runId)).toEqual({
        missing: [],
        unconfirmed: [],
        surplus: [],
        unexplained: [],
      });
    }
});

test("what is left of a sold hold is taken again although a purchase under way has the rest", async () => {
  const world = createWorld();
  const lost = await paid(world, 2);
  world.forget();
  const underWay = (await world.hold())!;
  expect(await world.repairer.repairRun(runId)).toMatchObject({ missing: [lost.orderId], blocked: [lost.orderId] });
  expect((await world.holds()).get(lost.orderId)).toMatchObject({ seatIndexes: [1], isConfirmed: true });
  expect(await world.write(underWay)).toBe("rejected");
  expect(await world.repairer.repairRun(runId)).toMatchObject({ missing: [lost.orderId], blocked: [] });
  expect(await world.free()).toHaveLength(seatCount - 2);
});

test("what was given back is let go, seat by seat, and what was paid is confirmed", async () => {
  const world = createWorld();
  const [inPart, whole, unheard] = [await paid(world, 3), await paid(world), await bought(world)];
  await world.giveBack(inPart.orderId);
  await world.giveBack(whole.orderId);
  await world.pay(unheard.orderId);
  expect(await world.repairer.repairRun(runId)).toMatchObject({
    missing: [],
    surplus: [inPart.orderId, whole.orderId],
    unconfirmed: [unheard.orderId],
  });
  expect(await world.free()).toHaveLength(seatCount - 3);
  expect(await overdueAt(world, 60 * minuteMs)).toEqual([]);
});

test("a hold whose order has ended unpaid is let go, although nobody heard that it was given back", async () => {
  const world = createWorld();
  const [ended, stands] = [await bought(world, 2), await bought(world)];
  await world.giveBack(ended.orderId);
  await world.giveBack(ended.orderId);
  expect(await world.repairer.repairRun(runId)).toMatchObject({
    missing: [],
    surplus: [ended.orderId],
    unexplained: [],
  });
  expect(await world.free()).toHaveLength(seatCount - 1);
  expect(await overdueAt(world, paymentTimeoutMsDefault + holdGraceMs)).toEqual([stands.orderId]);
});

test("a hold for good that no order explains is told of and left alone", async () => {
  const world = createWorld();
  const stranger = (await world.hold())!;
  await world.seats().confirm([refTo(stranger)]);
  expect(await world.repairer.repairRun(runId)).toMatchObject({ unexplained: [stranger.orderId], surplus: [] });
  expect(await world.free()).toHaveLength(seatCount - 1);
});

const moments = ["holds", "ofRun", "repair", "some"].flatMap((step) => [`before ${step}`, `after ${step}`]);
test.each(moments)("an order that ends %s leaves nothing behind", async (moment) => {
  for (const isHeardAtOnce of [true, false]) {
    const world = createWorld();
    const order = await paid(world, 2);
    world.forget();
    let hears = async () => {};
    let isOver = false;
    world.onStep(async (name) => {
      if (isOver || name !== moment) return;
      isOver = true;
      const seatsGo = [await world.giveBack(order.orderId), await world.giveBack(order.orderId)];
      const heard = async () => void (await Promise.all(seatsGo.map((go) => go())));
      if (isHeardAtOnce) await heard();
      else hears = heard;
    });
    await world.repairer.repairRun(runId);
    await hears();
    const free = (await world.free()).length;
    expect({ moment, isHeardAtOnce, free }).toEqual({ moment, isHeardAtOnce, free: seatCount });
  }
});

test("a repairer that dies after it took seats again leaves holds that are asked about soon", async () => {
  const world = createWorld();
  const order = await paid(world);
  world.forget();
  world.onStep(async (name) => {
    if (name === "after repair") throw new Error("killed here");
  });
  expect(world.repairer.repairRun(runId)).rejects.toThrow("killed here");
  expect(await overdueAt(world, minuteMs)).toEqual([order.orderId]);
});

test("I1: whatever happens between its steps, in the end exactly what is sold is taken", async () => {
  const firstSeed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  for (let seed = firstSeed; seed < firstSeed + 150; seed++) await live(seed);
});

/** A run on which people buy, pay and give back while seats are forgotten and repaired, and word of it all comes late. */
async function live(seed: number) {
  const prng = createPrng(seed);
  const world = createWorld();
  const onTheWay: ReturnType<typeof sampleOrder>[] = [];
  const orderIds: OrderId[] = [];
  const words: (() => Promise<unknown>)[] = [];
  const oneOf = <T>(some: T[]): T | undefined => some.splice(prng.below(Math.max(1, some.length)), 1)[0];

  const events = {
    async buys() {
      const order = await world.hold(1 + prng.below(3));
      if (order) onTheWay.push(order);
    },
    async isWritten() {
      const order = oneOf(onTheWay);
      if (order && (await world.write(order)) === "pendingPayment") orderIds.push(order.orderId);
    },
    async pays() {
      const order = await world.load(orderIds[prng.below(orderIds.length)]!);
      if (order?.state === "pendingPayment") words.push(await world.pay(order.orderId));
    },
    async givesBack() {
      const order = await world.load(orderIds[prng.below(orderIds.length)]!);
      if (order?.state === "ticketed") words.push(await world.giveBack(order.orderId));
    },
    hears: async () => void (await oneOf(words)?.()),
  };
  const names = Object.keys(events) as (keyof typeof events)[];
  const something = () => events[names[prng.below(names.length)]!]();

  for (let n = 0; n < 60; n++) await something();
  world.forget();
  for (let n = 0; n < prng.below(10); n++) await something();
  world.onStep(async () => {
    for (let n = prng.below(3); n > 0; n--) await something();
  });
  for (let n = 0; n < 3; n++) await world.repairer.repairRun(runId);
  world.onStep(async () => {});
  while (onTheWay.length > 0) await events.isWritten();
  while (words.length > 0) await events.hears();
  await world.repairer.repairRun(runId);
  const taken = new Set(Array.from({ length: seatCount }, (_, seat) => seat)).difference(new Set(await world.free()));
  const sold = await world.sold();
  expect({ seed, twice: sold.length - new Set(sold).size, taken: [...taken].toSorted((a, b) => a - b) }).toEqual({
    seed,
    twice: 0,
    taken: [...new Set(sold)].toSorted((a, b) => a - b),
  });
}
