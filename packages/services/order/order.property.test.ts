/**
 * The whole room through random lives: purchases, money once, twice, late and wrong, cancelling, giving back, time, ports that
 * throw, and lives that end at any call of any port and wake up again from the store and the log. After every run an auditor
 * who knows only the words of the invariants looks at what is left. A failure names its seed; SEED=… runs it alone, RUNS=… more.
 */
import { expect, test } from "bun:test";
import { lineOf, type OrderLines, type OrderRequest } from "@chepiao/contracts";
import {
  addDays,
  createPrng,
  dayMs,
  epochMs,
  hourMs,
  minuteMs,
  orderIdOf,
  type Prng,
  secondMs,
  type UserId,
} from "@chepiao/kernel";
import { hoardingLimitsDefault, noHoardingLimits } from "@chepiao/ports/reservations";
import {
  audit,
  everythingAsTold,
  finalStates,
  ledgerIsFree,
  limitsAreThose,
  nothingWaits,
  statesAreTold,
  type Told,
  twoUnpaid,
  users,
} from "./audit.twin.ts";
import type { NewWay } from "./change/plan.ts";
import { createWorld, departure, quiet, requestOf, shared, travelDate } from "./order.twin.ts";

const firstSeed = Number(process.env["SEED"] ?? 1);
const runCount = Number(process.env["RUNS"] ?? (process.env["SEED"] ? 1 : 200));
const stepCount = 60;

test("I1, I2, I3, I4, I6, I7: whatever happens in whatever order, and whenever a life ends", async () => {
  const totals = { crashes: 0, accepted: 0, rejected: 0, ticketed: 0, refunds: 0, changed: 0, carried: 0 };
  for (let seed = firstSeed; seed < firstSeed + runCount; seed++) {
    const wrong = await history(seed, totals).catch((error: unknown) => [String((error as Error).stack)]);
    expect([`SEED=${seed}`, ...wrong]).toEqual([`SEED=${seed}`]);
  }
  if (process.env["RUNS"]) console.log(totals);
  // The lives were eventful enough to mean something.
  if (runCount >= 100) for (const total of Object.values(totals)) expect(total).toBeGreaterThan(runCount / 50);
});

async function history(
  seed: number,
  totals: Record<"accepted" | "carried" | "changed" | "crashes" | "refunds" | "rejected" | "ticketed", number>,
): Promise<string[]> {
  const prng = createPrng(seed);
  const hoarding = prng.pick([hoardingLimitsDefault, { ...hoardingLimitsDefault, cancelsPerDay: 0 }, noHoardingLimits]);
  const unpaidTwice = new Set<string>();
  // Whom one of the accounts has saved says nothing to the others.
  const proof = (userId: number) => (userId === 2 ? ("unproved" as const) : ("proved" as const));
  const world = await createWorld({
    hoarding,
    proof,
    at: epochMs(departure - prng.pick([3 * hourMs, 30 * hourMs, 9 * dayMs])),
  });
  const told = new Map<string, Told>();
  const payable: { orderNo: string; totalFen: number }[] = [];
  const troubled = prng.chance(0.5);
  let isDead = false;
  let isForgetful = false;
  let callsLeft = Infinity;

  world.onPort = (call, when) => {
    if (call === "store.accept" && hoarding.unpaidMax === 1)
      for (const wrong of twoUnpaid(world.store.all())) unpaidTwice.add(wrong);
    if (--callsLeft <= 0) {
      isDead = true;
      totals.crashes++;
      callsLeft = Infinity;
      world.crash();
      return;
    }
    if (!troubled || when === "after" || neverThrow.has(call)) return;
    if (prng.chance(0.02)) throw new Error(`${call} is in trouble`);
  };

  async function submit(key: string) {
    const known = told.get(key);
    const userId = known?.userId ?? prng.pick(users);
    const entry: Told = known ?? { userId, lines: anyLines(prng, userId), accepted: new Set(), unanswered: 0 };
    told.set(key, entry);
    entry.unanswered++;
    const asked = entry.change;
    const answer = asked
      ? await world.change(userId, asked.orderNo, asked.ticketNos, asked.way, key)
      : await world.submitLines(userId, entry.lines, key);
    entry.unanswered--;
    if (typeof answer !== "string") entry.accepted.add(answer.orderNo);
  }
  /** Tickets of any order, whatever has become of them, to any train. */
  async function change() {
    const order = anyOrder();
    if (!order) return;
    const { userId, orderNo } = order;
    const some = prng.pick([[1], [1], [2], [1, 2], [1, 2, 3]]).map((n) => `${orderNo}-${n}`);
    const row = await world.store.load(orderIdOf(orderNo)!);
    const there = row ? some.filter((ticketNo) => row.tickets.some((ticket) => ticket.ticketNo === ticketNo)) : some;
    const ticketNos = there.length > 0 ? there : some;
    const from = row
      ? lineOf(
          row,
          row.tickets.find(({ ticketNo }) => ticketNo === ticketNos[0])!,
        ).fromStationId
      : "A";
    const request = anyRequest(prng, userId);
    const way: NewWay = { ...request, from, to: prng.pick(["B", "C", "D"]), originDate: prng.pick(changeDates) };
    const known: Told = {
      userId,
      lines: [request],
      change: { orderNo, ticketNos, way },
      accepted: new Set(),
      unanswered: 0,
    };
    const key = `c${told.size}`;
    told.set(key, known);
    await submit(key);
  }
  const anyOrder = () => {
    const known = [...told.values()].flatMap(({ userId, accepted }) =>
      [...accepted].map((orderNo) => ({ userId, orderNo })),
    );
    return known.length > 0 ? prng.pick(known) : null;
  };

  const steps: [number, () => Promise<unknown>][] = [
    [8, () => submit(`k${told.size}`)],
    [3, () => Promise.all(Array.from({ length: 4 }, (_, n) => submit(`k${told.size + n}`)))],
    [2, () => submit(`k${prng.below(told.size + 1)}`)],
    [8, change],
    [2, () => Promise.all([change(), change()])],
    [
      10,
      async () => {
        const order = anyOrder();
        if (!order) return;
        const answer = await world.room().client.payable(order.userId as UserId, order.orderNo);
        if (answer.ok) payable.push(answer.value);
      },
    ],
    [
      10,
      async () => {
        if (payable.length === 0) return;
        const { orderNo, totalFen } = prng.pick(payable);
        world.capture(orderNo, prng.chance(0.9) ? totalFen : totalFen + 50);
        await world.life().relay();
      },
    ],
    [
      2,
      async () => {
        const paid = [...world.bank.taken.values()];
        if (paid.length > 0)
          world.outbox.put([{ topic: "order-pay-topic", key: "run", value: prng.pick(paid) }], world.clock.now());
      },
    ],
    [1, async () => void world.capture("E00010000000000001", 100)],
    [
      2,
      async () => {
        const order = anyOrder();
        if (order) await world.cancel(order.userId, order.orderNo);
      },
    ],
    [
      4,
      async () => {
        const order = anyOrder();
        if (!order) return;
        const nos = [1, 2, 3].filter(() => prng.chance(0.5)).map((n) => `${order.orderNo}-${n}`);
        await world.refund(order.userId, order.orderNo, nos.length > 0 ? nos : [`${order.orderNo}-1`]);
      },
    ],
    [2, async () => world.settle([...world.bank.refunds.values()].filter(() => prng.chance(0.5)))],
    [4, () => world.life().relay()],
    [4, () => world.sweep()],
    [
      1,
      async () => {
        const order = anyOrder();
        if (!order) return;
        isForgetful = true;
        await world.loseSeats(order.orderNo);
      },
    ],
    [3, async () => void (callsLeft = 1 + prng.below(prng.pick([3, 12, 40])))],
  ];
  const hat = steps.flatMap(([tickets, step]) => Array.from({ length: tickets }, () => step));

  /** Wakes up until a life lasts; any of them may end on the way. */
  async function wake() {
    for (;;) {
      isDead = false;
      // A batch that was finished may come once more.
      const known = [...world.offsets];
      for (const [group, at] of known) if (prng.chance(0.3)) world.offsets.set(group, Math.max(0, at - prng.below(4)));
      callsLeft = prng.chance(0.2) ? 1 + prng.below(10) : Infinity;
      const waking = { state: "asleep" };
      const fails = () => {
        isDead = true;
      };
      void world.restart().then(() => (waking.state = "awake"), fails);
      for (let triesLeft = 0; triesLeft < 200 && waking.state === "asleep"; triesLeft++) {
        if (isDead) break;
        await quiet();
        // Consumers that failed try again after a pause.
        await world.clock.advance(secondMs);
      }
      if (isDead) continue;
      if (waking.state === "awake") return;
      throw new Error("it does not wake up");
    }
  }

  for (let step = 0; step < stepCount; step++) {
    if (isDead) await wake();
    // Not waited for: what a life has not answered when it ends is never answered.
    void prng
      .pick(hat)()
      .catch(() => {});
    if (prng.chance(0.7)) await quiet();
    if (prng.chance(0.1))
      await world.advance(prng.pick([secondMs, 20 * secondMs, 5 * minuteMs, 16 * minuteMs, hourMs]));
  }
  await quiet();
  if (isDead || isForgetful || prng.chance(0.5)) await wake();
  world.onPort = () => {};
  callsLeft = Infinity;
  await world.rest();
  const rested = [
    ...unpaidTwice,
    ...everythingAsTold(await world.all(), told),
    ...(await audit(world)),
    ...statesAreTold(world, await world.all()),
  ];

  // An hour later nobody waits for anything, and once the trains have arrived everything is over.
  await world.advance(hourMs);
  await world.sweep();
  await world.rest();
  world.settle();
  await world.rest();
  const orders = await world.all();
  const settled = [
    ...(await audit(world)),
    ...statesAreTold(world, orders),
    ...nothingWaits(orders),
    ...(await limitsAreThose(world, orders, hoarding)),
    ...(await ledgerIsFree(world, orders)),
  ];
  totals.accepted += [...told.values()].filter(({ accepted }) => accepted.size > 0).length;
  totals.rejected += orders.filter((order) => order.state === "rejected").length;
  totals.ticketed += orders.filter((order) => order.paymentNo !== null).length;
  totals.refunds += world.bank.refunds.size;
  const made = orders.filter((order) => order.replaces && order.paymentNo !== null);
  totals.changed += made.length;
  totals.carried += made.filter((order) => order.replaces!.isCarried).length;
  await world.advance(12 * dayMs);
  await world.sweep();
  await world.rest();
  const unended = (await world.all()).filter((order) => !finalStates.has(order.state));
  return [...rested, ...settled, ...unended.map((order) => `I4: ${order.orderNo} ends as ${order.state}`)];
}

/** Giving back is the last resort of those who failed already; memory, which is meant here, does not fail at it. */
const neverThrow = new Set(["inventory.release", "reservations.release", "submissions.withdrawn"]);
const changeDates = [travelDate, travelDate, addDays(travelDate, -1), addDays(travelDate, 1)];

/** Mostly one. */
function anyLines(prng: Prng, userId: number): OrderLines<OrderRequest> {
  const further = prng.chance(0.25) ? 1 + prng.below(2) : 0;
  return [anyRequest(prng, userId), ...Array.from({ length: further }, () => anyRequest(prng, userId))];
}

function anyRequest(prng: Prng, userId: number): OrderRequest {
  const [trainNumber, seatClass] = prng.pick([
    ["G1", "second"],
    ["G1", "second"],
    ["G1", "first"],
    ["G2", "second"],
    ["G3", "first"],
    ["K9", "hardSleeper"],
    ["K9", "standing"],
  ] as const);
  const calls = trainNumber === "K9" ? ["A", "B", "C"] : ["A", "B", "C", "D"];
  const from = prng.below(calls.length - 1);
  const to = from + 1 + prng.below(calls.length - 1 - from);
  const first = prng.pick([0, 0, 1, 2, shared]);
  return requestOf(userId, {
    trainNumber,
    seatClass,
    from: calls[from]!,
    to: calls[to]!,
    people: prng.pick([[first], [first], [first, 3], [first, 3, 4], [first, first]]),
  });
}
