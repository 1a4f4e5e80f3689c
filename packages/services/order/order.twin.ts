/**
 * An order room in a small world for its tests: five trains, ten thousand people, a bank, a relay, and everything durable apart
 * from the life that uses it, so that a life can end at any call of a port and another one wake up as the platform does.
 */
import {
  type Accepted,
  capturedSecret,
  firstPolicyVersion,
  policiesOf,
  type Policy,
  type PolicyChanges,
  policyDefault,
  type PolicyVersion,
  type PurchaseRequest,
  withChanges,
  capturedText,
  type Composition,
  type DocumentProof,
  type HoldName,
  type InventoryClient,
  type KnownPassenger,
  type LogRecord,
  type OfferChange,
  type OrderAccepted,
  type OrderLines,
  type Order,
  type OrderRequest,
  type PaymentCaptured,
  type RefundDue,
  type RefundQuote,
  type Run,
  type RunId,
  runId,
  type RunStop,
  type SeatClass,
  type ShownDocument,
  type Timetable,
  type TrainVersion,
  type ChangeQuote,
  type ChangeRequest,
  type StudentTripsLeft,
  type RiskClient,
} from "@chepiao/contracts";
import {
  createIdSource,
  epochMs,
  type EpochMs,
  fen,
  hourMs,
  minuteMs,
  orderIdOf,
  type OrderNo,
  type PassengerId,
  type ServiceDate,
  serviceDate,
  serviceDayStart,
  type UserId,
  type ZoneName,
} from "@chepiao/kernel";
import { type Clock, createManualClock } from "@chepiao/ports/clock";
import type { Delay } from "@chepiao/ports/delay";
import { createMemoryLog, type Consumer } from "@chepiao/ports/log";
import { createMemoryOrderFeed } from "@chepiao/ports/order-feed";
import { createMemoryOrderStore } from "@chepiao/ports/order-store";
import { createMemoryGateStore } from "@chepiao/ports/gate-store";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryPurchaseLoad } from "@chepiao/ports/purchase-load";
import { createSeededRandom } from "@chepiao/ports/random";
import {
  createMemoryReservations,
  type HoardingLimits,
  noHoardingLimits,
  type Reservations,
} from "@chepiao/ports/reservations";
import { createMemoryWithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { createMemoryRunStateStore } from "@chepiao/ports/run-states";
import { createMemorySeatStore, type SeatStore } from "@chepiao/ports/seat-store";
import { createMemorySubmissions, type Submissions } from "@chepiao/ports/submissions";
import { createMemoryVault, macBy } from "@chepiao/ports/vault";
import type { NewWay } from "./change/plan.ts";
import { createOrder } from "./index.ts";

// The trains ---------------------------------------------------------------------------------------------------------------

export const zone = "Asia/Shanghai" as ZoneName;
export const travelDate = serviceDate("2026-12-01");
/** Noon at the railway, nine days before: everything is on sale. */
export const noon: EpochMs = epochMs(Date.UTC(2026, 10, 22, 4));
/** G1 leaves its first station. */
export const departure: EpochMs = epochMs(serviceDayStart(travelDate, zone) + 8 * hourMs);

const seated: Composition = {
  code: "seats",
  coaches: [
    { no: 1, sections: [{ seatClass: "second", rows: 2 }] },
    {
      no: 2,
      sections: [
        { seatClass: "first", rows: 1 },
        { seatClass: "business", rows: 1 },
      ],
    },
  ],
};
const berths: Composition = {
  code: "berths",
  coaches: [
    { no: 1, sections: [{ seatClass: "hardSleeper", rows: 1 }] },
    {
      no: 2,
      sections: [
        { seatClass: "hardSeat", rows: 1 },
        { seatClass: "standing", rows: 3 },
      ],
    },
  ],
};

const stop = (stationId: string, arriveH: number, index: number): RunStop => ({
  stationId,
  name: `${stationId}站`,
  arriveS: arriveH * 3_600,
  departS: arriveH * 3_600 + (index === 0 ? 0 : 120),
  distanceM: index * 100_000,
});
const train = (trainNumber: string, composition: Composition, ...calls: [string, number][]): TrainVersion => ({
  trainVersionId: 1,
  trainNumber,
  trainType: trainNumber.startsWith("K") ? "fast" : "highSpeed",
  zone,
  composition,
  stops: calls.map(([stationId, hour], index) => stop(stationId, hour, index)),
});

const trains = [
  train("G1", seated, ["A", 8], ["B", 9], ["C", 10], ["D", 11]),
  /** At the same time as G1. */
  train("G2", seated, ["A", 9], ["B", 10], ["C", 11], ["D", 12]),
  /** After both. */
  train("G3", seated, ["A", 14], ["B", 15], ["C", 16], ["D", 17]),
  /** Overnight: at B it is the next day. */
  train("K9", berths, ["A", 22], ["B", 25], ["C", 30]),
  /** Calls at A twice. */
  train("C5", seated, ["A", 8], ["B", 9], ["A", 10], ["C", 11]),
];

const classRates: Record<SeatClass, number> = {
  business: 150,
  first: 80,
  second: 50,
  softSleeper: 70,
  hardSleeper: 40,
  hardSeat: 20,
  standing: 20,
};

/** Runs every day; sale opens 14 days before at eight. */
export function createTimetable(policy: Policy = policyDefault): Timetable {
  const runs = new Map<RunId, Run>();
  const timetable: Partial<Timetable> = {
    station: () => null,
    zone,
    zones: [zone],
    zoneOf: () => zone,
    attributions: [],
    stations: [],
    version: 1,
    policy: firstPolicyVersion(policy),
    saleOpensAt: ({ dayStart }) => epochMs(dayStart - 14 * 24 * hourMs + 8 * hourMs),
    saleClosesAt: ({ dayStart, train: { stops } }, fromStop) =>
      epochMs(dayStart + stops[fromStop]!.departS * 1_000 - policy.sale.closesMinutes * minuteMs),
    run(trainNumber, originDate) {
      const found = trains.find((each) => each.trainNumber === trainNumber);
      if (!found) return null;
      const id = runId(trainNumber, originDate);
      const dayStart = serviceDayStart(originDate, zone);
      const run = runs.get(id) ?? {
        runId: id,
        originDate,
        train: found,
        dayStart,
      };
      runs.set(id, run);
      return run;
    },
    stateOf: () => null,
    stopIndex: (run, stationId, after = 0, side) =>
      run.train.stops.findIndex(
        (each, index) =>
          index >= after && each.stationId === stationId && (side === undefined || each.closedTo !== side),
      ),
    fare: (_, seatClass, fromStop, toStop, ticketType, seat) => {
      const full = (toStop - fromStop) * 100 * classRates[seatClass] + (seat?.kind === "lower" ? 1_000 : 0);
      return fen(ticketType === "adult" ? full : full / 2);
    },
  };
  return timetable as Timetable;
}

// The people ---------------------------------------------------------------------------------------------------------------

/** The saved passengers of every account, by place: what `person(user, n)` is. */
const people = [
  {},
  {},
  {},
  {},
  {},
  { ticketType: "child", birthDate: serviceDate("2018-05-01") },
  { ticketType: "student" },
  /** The same person under another name. */
  { document: "own 0" },
  /** Whom other accounts have saved too. */
  { document: "shared 0" },
  { document: "shared 1" },
  /** Six on the day after `travelDate`, and three. */
  { ticketType: "child", birthDate: serviceDate("2020-12-02") },
  { ticketType: "child", birthDate: serviceDate("2023-01-01") },
] as const satisfies readonly { ticketType?: "child" | "student"; birthDate?: ServiceDate; document?: string }[];
export const child = 5;
export const student = 6;
export const sameAsFirst = 7;
export const shared = 8;
export const fiveYearsOld = 10;
export const threeYearsOld = 11;

export const person = (userId: number, n: number): number => userId * 100 + n;

export const passengersOf = (userId: number): KnownPassenger[] =>
  people.map((entry: { ticketType?: "child" | "student"; birthDate?: ServiceDate; document?: string }, n) => {
    const document = entry.document ?? `own ${n}`;
    return {
      passengerId: person(userId, n) as PassengerId,
      name: `乘客${n}`,
      documentType: "residentId",
      documentSealed: `sealed ${userId} ${n}`,
      documentHash: document.startsWith("shared") ? document : `${userId} ${document}`,
      documentMasked: "1101**********0012",
      ticketType: entry.ticketType ?? "adult",
      birthDate: entry.birthDate ?? null,
    };
  });

/** A purchase for one adult from A to D of G1, unless said otherwise. */
export function requestOf(
  userId: number,
  over: Partial<OrderRequest> & { people?: readonly number[] } = {},
): OrderRequest {
  const { people: wanted = [0], ...rest } = over;
  return {
    trainNumber: "G1",
    originDate: travelDate,
    from: "A",
    to: "D",
    seatClass: "second",
    passengers: wanted.map((n) => ({ passengerId: person(userId, n) })),
    ...rest,
  };
}

// The world ----------------------------------------------------------------------------------------------------------------

export const nobodyJudged: RiskClient = {
  isIdle: () => true,
  judge: (acts) => acts.map(() => null),
  takeBack() {},
  failed() {},
  endedUnpaid() {},
  buysFor() {},
};

/** Everything that was waiting on promises has run. */
export const quiet = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Called around each call of a port, as `store.accept`; may wait, or throw for the port. */
export type OnPort = (call: string, when: "before" | "after", args: readonly unknown[]) => Promise<void> | void;

const walked = new Set(["live", "unpaidSince", "createdSince"]);

/** The port, with the test that wants to listen or interfere between it and its callers. */
function watched<P extends object>(name: string, port: P, hook: OnPort): P {
  const around =
    (op: string, call: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]) => {
      await hook(`${name}.${op}`, "before", args);
      const answer = await call(...args);
      await hook(`${name}.${op}`, "after", args);
      return answer;
    };
  const entries = Object.entries(port) as [string, (...args: unknown[]) => Promise<unknown>][];
  return Object.fromEntries(entries.map(([op, call]) => [op, walked.has(op) ? call : around(op, call)])) as P;
}

export type WorldOptions = {
  /** Nobody is judged unless said. */
  readonly risk?: RiskClient;
  readonly onPort?: OnPort;
  readonly at?: EpochMs;
  readonly delay?: (clock: Clock) => Delay;
  /** Whether the n-th passenger of an account is known to be who he says: all are, unless said. */
  readonly proof?: (userId: number, n: number) => DocumentProof;
  /** None unless said: most tests buy as often as they like. */
  readonly hoarding?: HoardingLimits;
  readonly policy?: PolicyChanges;
  /** Versions after the first, which is in force until another is put there. */
  readonly later?: readonly PolicyChanges[];
  /** In place of the shared stores, where one of them is to say something else. */
  readonly shared?: (own: SharedStores) => SharedStores;
};
type SharedStores = { readonly reservations: Reservations; readonly submissions: Submissions };

export async function createWorld(options: WorldOptions = {}) {
  // What outlives a crash.
  const clock = createManualClock(options.at ?? noon);
  const outbox = createMemoryOutbox();
  const gates = createMemoryGateStore();
  const runStates = createMemoryRunStateStore();
  const withdrawnCoaches = createMemoryWithdrawnCoachStore();
  const store = createMemoryOrderStore(outbox);
  const records: LogRecord[] = [];
  const offsets = new Map<string, number>();
  const delay = options.delay?.(clock);
  const policy = withChanges(withChanges(policyDefault, options.policy ?? {}), {
    // Small numbers, so that few orders reach them.
    order: { perUserRun: 5, ...(options.hoarding ?? noHoardingLimits), ...options.policy?.order },
    trips: { gapMinutes: 0, otherStationGapMinutes: 0 },
  });
  const versions = [policy, ...(options.later ?? []).map((changes) => withChanges(policy, changes))].map(
    (each, n): PolicyVersion => ({ version: n + 1, from: epochMs(n), policy: each }),
  );
  const timetable: { -readonly [K in keyof Timetable]: Timetable[K] } = createTimetable(policy);
  const bank = createBank();
  const reports: string[] = [];
  const vault = createMemoryVault();
  const world = { onPort: options.onPort ?? (() => {}) };
  let end = () => {};
  let life = await wakeUp();

  const passengersIn = (userId: UserId) =>
    passengersOf(userId).map((passenger, n) => ({ ...passenger, proof: options.proof?.(userId, n) ?? "proved" }));

  async function wakeUp() {
    let dead = false;
    // Of this life alone: one for all would keep what waits for it, and with that every world, for as long as the tests run.
    const never = new Promise<never>(() => {});
    end = () => {
      dead = true;
    };
    const hook: OnPort = async (...call) => {
      if (dead) await never;
      await world.onPort(...call);
      if (dead) await never;
    };
    const log = createMemoryLog(clock, records, offsets);
    const relayed = { outbox: watched("outbox", outbox, hook), log: watched("log", { append: log.append }, hook) };
    const seats = createMemorySeatStore();
    const own = { reservations: createMemoryReservations(), submissions: createMemorySubmissions() };
    const { reservations, submissions } = options.shared?.(own) ?? own;
    const feed = createMemoryOrderFeed();
    const ids = createIdSource(0);
    let relaying = false;
    const room = createOrder({
      clock,
      ids,
      timetable: () => ({ ...timetable }),
      queues: { all: () => [], gateOf: () => null },
      risk: options.risk ?? nobodyJudged,
      load: createMemoryPurchaseLoad(),
      random: createSeededRandom(1),
      users: watched(
        "users",
        {
          passengers: async (userId: UserId) => passengersIn(userId),
          documentHash: async ({ number }: ShownDocument) => (number === "no number" ? null : number),
        },
        hook,
      ),
      inventory: watched(
        "inventory",
        inventoryOver(seats, () => clock.now()),
        hook,
      ),
      store: watched("store", store, hook),
      runStates,
      withdrawnCoaches,
      gates: watched("gates", gates, hook),
      reservations: watched("reservations", reservations, hook),
      submissions: watched("submissions", submissions, hook),
      feed,
      log: relayed.log,
      vault,
      payments: watched("payments", { captured: async (no: string) => bank.taken.get(no) ?? null }, hook),
      ...(delay && { delay }),
      policies: policiesOf(versions),
      kickOutbox: () => void relay(),
      report: (message) => void reports.push(message),
    });

    async function relay() {
      if (relaying) return;
      relaying = true;
      try {
        for (;;) {
          const messages = await relayed.outbox.pending(clock.now(), 100);
          if (messages.length === 0) break;
          await relayed.log.append(messages.map((message) => message.record));
          await relayed.outbox.sent(messages.map((message) => message.messageId));
        }
      } catch {
        // The test kicks again.
      } finally {
        relaying = false;
      }
    }

    // As in apps/server/wiring/embeddedRooms.ts.
    const refunds: Consumer = {
      group: "refund-consumer-group",
      topics: ["payment-refund-topic"],
      batchMax: 500,
      handle: async (batch) => batch.forEach((record) => bank.refund(record.value as RefundDue)),
    };
    const consumptions = [...room.consumers, refunds].map((consumer) => log.consume(consumer));
    for (const consumption of consumptions) await consumption.caughtUp();
    ids.skipPast(await store.highestId());
    const lost: HoldName[] = [];
    await room.reload(async (holds) => {
      const taken = await seats.reload(holds);
      lost.push(...taken);
      return taken;
    });
    return {
      room,
      log,
      seats,
      reservations,
      submissions,
      feed,
      relay,
      lost,
      consumptions,
    };
  }

  /** Lets go of holds whose time is over and whose order is not wanted, as the inventory room does. */
  async function sweepHolds() {
    const { seats, room } = life;
    for (const hold of await seats.overdue(clock.now(), 1_000, epochMs(clock.now() + minuteMs))) {
      if (!(await room.client.isLive(hold.holdId))) await seats.release(hold, clock.now());
    }
  }

  /** What the sweeper does by itself once a second and once a minute. */
  async function sweep() {
    await life.room.sweeper.expire();
    await life.room.sweeper.complete();
    await life.room.runRefunds.pass();
    for (const { pass } of life.room.passages.work) await pass();
    await sweepHolds();
  }

  const submitted = (userId: number, body: PurchaseRequest, key: string) =>
    life.room.handlers.submit({ ...callOf(userId), body, idempotencyKey: key });

  return Object.assign(world, {
    clock,
    store,
    runStates,
    withdrawnCoaches,
    gates,
    outbox,
    records,
    offsets,
    timetable,
    bank,
    reports,
    life: () => life,
    room: () => life.room,
    sweep,
    /** Ends this life on the spot, even while it wakes up; whatever it was doing is never heard of again. */
    crash: () => end(),
    async restart() {
      end();
      life.room.closeEventStreams();
      life = await wakeUp();
    },
    /** Until nothing is under way any more: outbox empty, every consumer through, every refund settled or not as told. */
    async rest() {
      for (let round = 0; round < 1_000; round++) {
        await quiet();
        await life.relay();
        await quiet();
        const behind = life.consumptions.some((consumption) => consumption.lag() > 0);
        const { count } = await outbox.backlog();
        if (!behind && count === 0) return;
        if (behind) await clock.advance(100);
      }
      const left = [await outbox.backlog(), life.consumptions.map((each) => each.lag()), reports.slice(-3)];
      throw new Error(`the world does not come to rest: ${JSON.stringify(left)}`);
    },
    advance: async (byMs: number) => {
      await clock.advance(byMs);
      await quiet();
    },
    putInForce(version: number) {
      timetable.policy = versions[version - 1]!;
    },
    submit: async (userId: number, request: OrderRequest = requestOf(userId), key = `key ${++lastKey}`) => {
      const answer = await submitted(userId, request, key);
      return answer.ok ? (answer.value.body as Accepted) : answer.error.code;
    },
    submitLines: async (userId: number, lines: OrderLines<OrderRequest>, key = `key ${++lastKey}`) => {
      const answer = await submitted(userId, { lines: [...lines] }, key);
      return answer.ok ? (answer.value.body as Accepted) : answer.error.code;
    },
    /** Why those lines are not sold, with its facts. */
    whyNot: async (userId: number, lines: OrderLines<OrderRequest>) => {
      const answer = await submitted(userId, { lines: [...lines] }, `key ${++lastKey}`);
      return answer.ok ? null : { code: answer.error.code, ...answer.error.facts };
    },
    get: async (userId: number, orderNo: string) => {
      const answer = await life.room.handlers.get({ ...callOf(userId), params: { orderNo } });
      return answer.ok ? (answer.value.body as Order) : answer.error.code;
    },
    list: async (userId: number, query: { state?: Order["state"]; before?: string; limit?: number } = {}) => {
      const answer = await life.room.handlers.list({ ...callOf(userId), query });
      if (!answer.ok) throw new Error(answer.error.code);
      return answer.value.body as { orders: Order[]; next: string | null };
    },
    studentTrips: async (userId: number, date: string) => {
      const answer = await life.room.handlers.studentTrips({ ...callOf(userId), query: { date } });
      return answer.ok ? (answer.value.body as StudentTripsLeft) : answer.error.code;
    },
    cancel: async (userId: number, orderNo: string) => {
      const answer = await life.room.handlers.cancel({ ...callOf(userId), params: { orderNo } });
      return answer.ok ? (answer.value.body as Order) : answer.error.code;
    },
    refund: async (userId: number, orderNo: string, ticketNos: readonly string[], feeFenMax?: number) => {
      const body = { ticketNos: [...ticketNos], ...(feeFenMax === undefined ? {} : { feeFenMax }) };
      const answer = await life.room.handlers.refund({
        ...callOf(userId),
        params: { orderNo },
        body,
      });
      return answer.ok ? (answer.value.body as Order) : answer.error.code;
    },
    change: async (
      userId: number,
      orderNo: string,
      ticketNos: readonly string[],
      way: Partial<NewWay> & { netFenMax?: number } = {},
      key = `key ${++lastKey}`,
    ) => {
      const body: ChangeRequest = { ...wayOf(way), ticketNos: [...ticketNos], ...maxOf(way) };
      const answer = await life.room.handlers.change({
        ...callOf(userId),
        params: { orderNo },
        body,
        idempotencyKey: key,
      });
      return answer.ok ? (answer.value.body as Accepted) : answer.error.code;
    },
    changeQuote: async (userId: number, orderNo: string, ticketNos: readonly string[], way: Partial<NewWay> = {}) => {
      const answer = await life.room.handlers.changeQuote({
        ...callOf(userId),
        params: { orderNo },
        query: { ...wayOf(way), ticketNos: ticketNos.join(",") },
      });
      return answer.ok ? (answer.value.body as ChangeQuote) : answer.error.code;
    },
    quote: async (userId: number, orderNo: string) => {
      const answer = await life.room.handlers.refundQuote({
        ...callOf(userId),
        params: { orderNo },
      });
      return answer.ok ? (answer.value.body as RefundQuote) : answer.error.code;
    },
    events: async (userId: number, orderNo: string) => {
      const answer = await life.room.handlers.events({ ...callOf(userId), params: { orderNo } });
      return answer.ok ? (answer.value.body as ReadableStream<Uint8Array>) : answer.error.code;
    },
    /**
     * Money arrives, as the payment room tells it: once the message is in its outbox, it is told until it is heard. One in three
     * is told as versions before did, without a word that proves it.
     */
    capture(orderNo: string, amountFen: number, paymentNo = `P${++lastPayment}`): PaymentCaptured {
      const captured = { paymentNo, orderNo: orderNo as OrderNo, amountFen: fen(amountFen), capturedAt: clock.now() };
      bank.taken.set(paymentNo, captured);
      const isOld = bank.taken.size % 3 === 0;
      const value = isOld ? captured : { ...captured, mac: macBy(vault, capturedSecret)(capturedText(captured)) };
      outbox.put([{ topic: "order-pay-topic", key: "run", value }], clock.now());
      return value;
    },
    async pay(orderNo: string, amountFen: number, paymentNo?: string) {
      const captured = this.capture(orderNo, amountFen, paymentNo);
      await this.rest();
      return captured;
    },
    /** The bank has paid back what it was asked to. */
    settle(refunds: Iterable<RefundDue> = bank.refunds.values()) {
      for (const { refundNo, paymentNo, orderNo, ticketNo } of refunds) {
        const value = { refundNo, paymentNo, orderNo, ticketNo };
        outbox.put([{ topic: "payment-settled-topic", key: "run", value }], clock.now());
      }
    },
    load: async (orderNo: string) => (await store.load(orderIdOf(orderNo)!))!,
    async all() {
      const known = (await Array.fromAsync(store.createdSince(epochMs(0)))).flat();
      return Promise.all(known.map(async ({ orderId }) => (await store.load(orderId))!));
    },
    /** The seat engine forgets what it had promised to that order, as one does that loses writes; the ledger does not. */
    async loseSeats(orderNo: string) {
      const created = records.filter(({ topic }) => topic === "order-create-topic");
      const order = created.map(({ value }) => value as OrderAccepted).find((each) => each.orderNo === orderNo)!;
      for (const { runId: run, line } of order.lines)
        await life.seats.release({ runId: run, holdId: order.orderId, line }, clock.now());
    },
    /** The limits forget what that order counts for, as those that lose writes do; the guard of the store does not. */
    loseLimits: (orderNo: string) => life.reservations.release({ orderId: orderIdOf(orderNo)!, line: 0 }),
    /** On G1, from now on. */
    setOffer: (offer: Omit<OfferChange, "run">) =>
      life.seats.setOffers([{ run: timetable.run("G1", travelDate)!, ...offer }], clock.now()),
    /** Free seats of a class over the whole way, as the seat engine of this life sees them. */
    async free(trainNumber = "G1", seatClass: SeatClass = "second") {
      const run = timetable.run(trainNumber, travelDate)!;
      const leg = { run, fromStop: 0, toStop: run.train.stops.length - 1 };
      return (await life.seats.freeSeats(leg, seatClass)).filter(Boolean).length;
    },
  });
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** By G3 on the same day and way, in the same class, unless said otherwise. */
const wayOf = ({
  trainNumber = "G3",
  originDate = travelDate,
  from = "A",
  to = "D",
  seatClass = "second",
}: Partial<NewWay>) => ({
  trainNumber,
  originDate,
  from,
  to,
  seatClass,
});
const maxOf = ({ netFenMax }: { netFenMax?: number }) => (netFenMax === undefined ? {} : { netFenMax });

let lastKey = 0;
let lastPayment = 0;

/** Takes money and gives it back; asked twice under one number it pays once. */
function createBank() {
  const taken = new Map<string, PaymentCaptured>();
  const refunds = new Map<string, RefundDue>();
  const disputes: string[] = [];
  return {
    taken,
    refunds,
    /** Refunds that were asked for again with something changed: never. */
    disputes,
    refund(due: RefundDue) {
      const known = refunds.get(due.refundNo);
      if (known && (known.amountFen !== due.amountFen || known.feeFen !== due.feeFen)) disputes.push(due.refundNo);
      else refunds.set(due.refundNo, due);
    },
  };
}

const inventoryOver = (seats: SeatStore, now: () => EpochMs): InventoryClient => ({
  hold: (commands) => seats.hold(commands, now()),
  confirm: (holds) => seats.confirm(holds),
  release: async (hold, seatIndexes) => void (await seats.release(hold, now(), seatIndexes)),
  available: (legs) => seats.available(legs, now()),
  freeSeats: (leg, seatClass) => seats.freeSeats(leg, seatClass),
});

const callOf = (userId: number) => ({
  params: undefined,
  query: undefined,
  body: undefined,
  session: { sessionId: "S", userId, role: "passenger" as const },
  idempotencyKey: undefined,
  language: "zh" as const,
  traceId: "t",
  clientAddress: "127.0.0.1",
  secure: false,
  request: new Request("https://site.example/"),
});

/** The answer was an order, not a refusal. */
export function sold<T extends object>(answer: T | string): T {
  if (typeof answer === "string") throw new Error(`refused: ${answer}`);
  return answer;
}
