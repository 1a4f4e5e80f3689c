/**
 * The whole room through random lives: purchases, money once, twice, late and wrong, cancelling, giving back, time, ports that
 * throw, and lives that end at any call of any port and wake up again from the store and the log. After every run an auditor
 * who knows only the words of the invariants looks at what is left. A failure names its seed; SEED=… runs it alone, RUNS=… more.
 */
import { expect, test } from "bun:test";
import {
  firstRunOf,
  holdText,
  lineOf,
  type OrderLines,
  type OrderRequest,
  type OrderState,
  type OrderStateChanged,
  type SeatClass,
  seatsOf,
  policyDefault,
} from "@chepiao/contracts";
import {
  createPrng,
  dateIn,
  dayMs,
  epochMs,
  hourMs,
  minuteMs,
  type Prng,
  secondMs,
  type UserId,
} from "@chepiao/kernel";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import {
  createMemoryReservations,
  type HoardingLimits,
  hoardingLimitsDefault,
  tripLimitsDefault,
  limitedPerson,
  noHoardingLimits,
} from "@chepiao/ports/reservations";
import { claimsOf } from "./reservation.ts";
import {
  createTimetable,
  createWorld,
  departure,
  quiet,
  requestOf,
  shared,
  travelDate,
  type World,
  zone,
} from "./order.twin.ts";
import { orderTransitions } from "./state.ts";

const firstSeed = Number(process.env["SEED"] ?? 1);
const runCount = Number(process.env["RUNS"] ?? (process.env["SEED"] ? 1 : 200));
const stepCount = 60;
const users = [1, 2, 3];

test("I1, I2, I3, I4, I6, I7: whatever happens in whatever order, and whenever a life ends", async () => {
  const totals = { crashes: 0, accepted: 0, rejected: 0, ticketed: 0, refunds: 0 };
  for (let seed = firstSeed; seed < firstSeed + runCount; seed++) {
    const wrong = await history(seed, totals).catch((error: unknown) => [String((error as Error).stack)]);
    expect([`SEED=${seed}`, ...wrong]).toEqual([`SEED=${seed}`]);
  }
  if (process.env["RUNS"]) console.log(totals);
  // The lives were eventful enough to mean something.
  if (runCount >= 100) for (const total of Object.values(totals)) expect(total).toBeGreaterThan(runCount / 50);
});

/** What was told about one key of one account. */
type Told = {
  readonly userId: number;
  readonly lines: OrderLines<OrderRequest>;
  accepted: Set<string>;
  unanswered: number;
};

async function history(
  seed: number,
  totals: { crashes: number; accepted: number; rejected: number; ticketed: number; refunds: number },
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
    const answer = await world.submitLines(userId, entry.lines, key);
    entry.unanswered--;
    if (typeof answer !== "string") entry.accepted.add(answer.orderNo);
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
  await world.advance(10 * dayMs);
  await world.sweep();
  await world.rest();
  const unended = (await world.all()).filter((order) => !finalStates.has(order.state));
  return [...rested, ...settled, ...unended.map((order) => `I4: ${order.orderNo} ends as ${order.state}`)];
}

/** Giving back is the last resort of those who failed already; memory, which is meant here, does not fail at it. */
const neverThrow = new Set(["inventory.release", "reservations.release", "submissions.withdrawn"]);
const finalStates = new Set(["completed", "cancelled", "refunded", "rejected", "expired"]);

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

// The auditor --------------------------------------------------------------------------------------------------------------

const isLive = ({ state }: TicketRecord) => state === "held" || state === "issued" || state === "used";
const liveTickets = (orders: readonly OrderRecord[]) =>
  orders.flatMap((order) =>
    order.tickets.filter(isLive).map((ticket) => ({ order, line: lineOf(order, ticket), ticket })),
  );

/** At any time of rest. */
async function audit(world: World): Promise<string[]> {
  const orders = await world.all();
  return [
    ...world.life().lost.map((hold) => `I1: the seats of ${holdText(hold)} were taken when the platform woke up`),
    ...noSeatTwice(orders),
    ...limitsHold(orders),
    ...moneyAddsUp(world, orders),
    ...(await seatsAreThose(world, orders)),
  ];
}

/** I2, I7: what was answered is there, under its key, once; what was refused is not. */
function everythingAsTold(orders: readonly OrderRecord[], told: ReadonlyMap<string, Told>): string[] {
  const wrong: string[] = [];
  const byKey = Map.groupBy(orders, (order) => order.idempotencyKey);
  for (const [key, ofKey] of byKey) if (ofKey.length > 1) wrong.push(`I7: key ${key} became ${ofKey.length} orders`);
  for (const [key, { accepted, unanswered, userId }] of told) {
    const order = byKey.get(key)?.[0];
    if (accepted.size > 1) wrong.push(`I7: key ${key} was answered with ${[...accepted].join(" and ")}`);
    for (const orderNo of accepted) if (order?.orderNo !== orderNo) wrong.push(`I2: ${orderNo} is forgotten`);
    if (accepted.size === 0 && unanswered === 0 && order)
      wrong.push(`I2: key ${key} was refused and became ${order.orderNo}`);
    if (order && order.userId !== userId) wrong.push(`key ${key} became another account's order`);
  }
  return wrong;
}

/** I1. */
function noSeatTwice(orders: readonly OrderRecord[]): string[] {
  const taken = new Map<string, string>();
  const wrong: string[] = [];
  for (const { line, ticket } of liveTickets(orders)) {
    for (let segment = line.fromStop; segment < line.toStop; segment++) {
      const place = `${line.runId} ${line.seatClass} ${ticket.seatIndex} ${segment}`;
      if (taken.has(place)) wrong.push(`I1: ${place} is ${taken.get(place)}'s and ${ticket.ticketNo}'s`);
      taken.set(place, ticket.ticketNo);
    }
  }
  return wrong;
}

/** I6. */
function limitsHold(orders: readonly OrderRecord[]): string[] {
  const wrong: string[] = [];
  const live = liveTickets(orders);
  for (const [key, of] of Map.groupBy(live, ({ order, line }) => `${order.userId} ${line.runId}`)) {
    if (of.length > 5) wrong.push(`I6: ${key} has ${of.length} tickets`);
  }
  for (const [document, of] of Map.groupBy(live, ({ order, ticket }) => limitedPerson(ticket, order.userId))) {
    for (const [day, ofDay] of Map.groupBy(of, ({ line }) => line.boardingDate)) {
      if (ofDay.length > policyDefault.order.perDocumentDay)
        wrong.push(`I6: ${document} has ${ofDay.length} tickets for ${day}`);
    }
    const trips = of.map(({ line }) => line).sort((a, b) => a.departAt - b.departAt);
    trips.forEach((trip, n) => {
      if (n > 0 && trip.departAt < trips[n - 1]!.arriveAt)
        wrong.push(`I6: ${document} is on ${trip.runId} and ${trips[n - 1]!.runId}`);
    });
  }
  return wrong;
}

/** I6: of two orders of one account that wait for their money, the second was bought when the time to pay the first was over. */
function twoUnpaid(orders: readonly OrderRecord[]): string[] {
  const unpaid = orders.filter(({ state }) => state === "pendingPayment");
  return unpaid.flatMap((first) =>
    unpaid
      .filter(
        ({ userId, orderId, acceptedAt }) =>
          userId === first.userId && orderId > first.orderId && acceptedAt < first.payBy,
      )
      .map(({ orderNo }) => `I6: ${orderNo} was bought while ${first.orderNo} waited for its money`),
  );
}

/** I3: of each payment that was taken every fen is on a ticket, a fee, or back. */
function moneyAddsUp(world: World, orders: readonly OrderRecord[]): string[] {
  const wrong = world.bank.disputes.map((refundNo) => `I3: ${refundNo} was asked for with two amounts`);
  const byNo = new Map<string, OrderRecord>(orders.map((order) => [order.orderNo, order]));
  const refunds = [...world.bank.refunds.values()];
  for (const { paymentNo, orderNo, amountFen } of world.bank.taken.values()) {
    const order = byNo.get(orderNo);
    const isTheirs = order?.paymentNo === paymentNo;
    const valid = isTheirs ? order.tickets.filter(({ state }) => state === "issued" || state === "used") : [];
    const onTickets = valid.reduce((sum, ticket) => sum + ticket.fareFen, 0);
    const back = refunds
      .filter((due) => due.paymentNo === paymentNo)
      .reduce((sum, due) => sum + due.amountFen + due.feeFen, 0);
    if (onTickets + back !== amountFen)
      wrong.push(`I3: of ${paymentNo}, ${amountFen} fen, ${onTickets} are tickets and ${back} back or fees`);
  }
  for (const order of orders) {
    const isPaid = ["paid", "ticketed", "completed", "refunded"].includes(order.state);
    if (isPaid !== (order.paymentNo !== null))
      wrong.push(`I3: ${order.orderNo} is ${order.state}, paid by ${order.paymentNo}`);
    if (order.paymentNo !== null && !world.bank.taken.has(order.paymentNo))
      wrong.push(`I3: nobody paid ${order.orderNo}`);
  }
  return wrong;
}

/** What the log says of each order leads from its acceptance to where it stands, through every change, and what was told twice is the same. */
function statesAreTold(world: World, orders: readonly OrderRecord[]): string[] {
  const wrong: string[] = [];
  const told = world.records.filter(({ topic }) => topic === "order-state-topic");
  const byOrder = Map.groupBy(told, ({ value }) => (value as OrderStateChanged).orderId);
  for (const order of orders) {
    const records = byOrder.get(order.orderId) ?? [];
    byOrder.delete(order.orderId);
    if (records.some(({ key }) => key !== firstRunOf(order))) wrong.push(`${order.orderNo} is told under another run`);
    const texts = new Set(records.map(({ value }) => JSON.stringify(value)));
    const steps = [...texts]
      .map((text) => JSON.parse(text) as OrderStateChanged)
      .sort((a, b) => a.version - b.version || a.step - b.step);
    let state: OrderState = "accepted";
    let [version, step, at] = [-1, 0, 0];
    for (const each of steps) {
      const follows =
        each.version === version ? each.step === step + 1 : each.version === version + 1 && each.step === 0;
      const event = each.because === "refundSettled" ? null : orderTransitions[each.from][each.because];
      if (!follows || each.from !== state || each.to !== (event ?? state) || each.at < at)
        wrong.push(`I7: ${order.orderNo} was told ${JSON.stringify(each)} after ${version}.${step} ${state}`);
      ({ version, step, to: state, at } = each);
    }
    const tickets = JSON.stringify(order.tickets.map(({ ticketNo, state: ended }) => ({ ticketNo, state: ended })));
    if (version !== order.version || state !== order.state || JSON.stringify(steps.at(-1)?.tickets) !== tickets)
      wrong.push(`${order.orderNo} is ${order.state} in version ${order.version}, and told as ${state} in ${version}`);
  }
  for (const orderId of byOrder.keys()) wrong.push(`there is no order ${orderId} of which the log tells`);
  return wrong;
}

/** Nothing but paid trips to come. */
function nothingWaits(orders: readonly OrderRecord[]): string[] {
  return orders.flatMap((order) => [
    ...(order.state === "ticketed" || finalStates.has(order.state)
      ? []
      : [`I4: ${order.orderNo} is still ${order.state}`]),
    ...order.tickets
      .filter(({ state }) => state === "refunding" || state === "held")
      .map((ticket) => `I4: ${ticket.ticketNo} is still ${ticket.state}`),
  ]);
}

const places: readonly [string, SeatClass][] = [
  ["G1", "second"],
  ["G1", "first"],
  ["G2", "second"],
  ["G3", "first"],
  ["K9", "hardSleeper"],
  ["K9", "standing"],
];
/** Every seat over every segment, and whether a ticket says that it is taken. */
function seatsBySegment(world: World, orders: readonly OrderRecord[]) {
  const live = liveTickets(orders);
  return places.flatMap(([trainNumber, seatClass]) => {
    const run = world.timetable.run(trainNumber, travelDate)!;
    const ofClass = live.filter(({ line }) => line.runId === run.runId && line.seatClass === seatClass);
    return Array.from({ length: run.train.stops.length - 1 }, (_, segment) => ({
      run,
      seatClass,
      segment,
      taken: seatsOf(run.train.composition)
        .get(seatClass)!
        .map(({ index }) =>
          ofClass.some(
            ({ line, ticket }) => ticket.seatIndex === index && line.fromStop <= segment && segment < line.toStop,
          ),
        ),
    }));
  });
}

/** The seat engine sells exactly what no ticket has: a leaked seat is as wrong as a doubled one. */
async function seatsAreThose(world: World, orders: readonly OrderRecord[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { run, seatClass, segment, taken } of seatsBySegment(world, orders)) {
    // What the train has passed nobody can buy, and a restart does not put it back.
    if (run.dayStart + run.train.stops[segment + 1]!.arriveS * secondMs <= world.clock.now()) continue;
    const free = await world.life().seats.freeSeats({ run, fromStop: segment, toStop: segment + 1 }, seatClass);
    free.forEach((isFree, index) => {
      if (isFree === taken[index])
        wrong.push(`I1: ${run.runId} ${seatClass} ${index} on ${segment}: free ${isFree}, ticketed ${taken[index]}`);
    });
  }
  return wrong;
}

/** The ledger, asked by orders that want every place that no ticket has. Leaves them behind. */
async function ledgerIsFree(world: World, orders: readonly OrderRecord[]): Promise<string[]> {
  const probes = seatsBySegment(world, orders).flatMap(({ run, seatClass, segment, taken }) =>
    taken.flatMap((isTaken, seat) => {
      const order = sampleOrder({
        // An account of its own, which has no other tickets.
        userId: 1_000_000 + segment * 1_000 + seat,
        train: run.train.trainNumber,
        seatClass,
        seats: [seat],
        fromStop: segment,
        toStop: segment + 1,
      });
      return [{ isTaken, order: { ...order, acceptedAt: epochMs(0), payBy: epochMs(0) } }];
    }),
  );
  const written = await world.store.accept(
    probes.map(({ order }) => order),
    world.clock.now(),
  );
  return probes
    .filter(({ isTaken }, n) => isTaken === (written[n] === "pendingPayment"))
    .map(
      ({ order, isTaken }) =>
        `I1: the ledger disagrees about ${order.lines[0].runId} ${order.lines[0].seatClass} ${order.tickets[0]!.seatIndex}: ticketed ${isTaken}`,
    );
}

/** I6: limits that are kept while trips come and go are those that would be made from the orders now. */
async function limitsAreThose(
  world: World,
  orders: readonly OrderRecord[],
  hoarding: HoardingLimits,
): Promise<string[]> {
  const anew = createMemoryReservations();
  const trains = createTimetable();
  const trips = orders.flatMap((order) =>
    claimsOf({ ...order, tickets: order.tickets.filter(isLive) }, order.state, trains),
  );
  await anew.reload(trips.filter((reservation) => reservation.trips.length > 0));
  const unpaid = orders.filter(({ state }) => state === "cancelled" || state === "expired");
  await anew.restoreUnpaid(unpaid.flatMap((order) => claimsOf(order, order.state, trains)));
  const wrong: string[] = [];
  let probe = 0;
  const runs = [...new Set(orders.flatMap(({ lines }) => lines.map((line) => line.runId)))];
  const documents = [
    ...new Set(orders.flatMap((order) => order.tickets.map((ticket) => limitedPerson(ticket, order.userId)))),
  ];
  for (const runId of runs) {
    const { departAt, arriveAt, boardingDate } = orders
      .flatMap(({ lines }) => lines)
      .find((line) => line.runId === runId)!;
    for (const userId of users as UserId[]) {
      for (const documentHash of [...documents, "nobody"]) {
        const reservation = {
          orderId: ++probe as never,
          line: 0,
          userId,
          runId,
          departAt,
          arriveAt,
          boardingDate,
          boughtAt: world.clock.now(),
          boughtOn: dateIn(zone, world.clock.now()),
          unpaidUntil: null,
          isStanding: false,
          trips: [{ ticketNo: "t", documentHash }],
        };
        const both = await Promise.all(
          [world.life().reservations, anew].map(
            async (limits) => (await limits.reserve([reservation], { ...tripLimitsDefault, ...hoarding }))[0]!,
          ),
        );
        await Promise.all([world.life().reservations, anew].map((limits) => limits.release(reservation)));
        if (both[0]!.ok !== both[1]!.ok)
          wrong.push(`I6: ${userId} on ${runId} with ${documentHash}: kept ${both[0]!.ok}, made anew ${both[1]!.ok}`);
      }
    }
  }
  return wrong;
}
