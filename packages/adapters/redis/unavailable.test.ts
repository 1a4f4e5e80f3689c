/** A Redis that is not there: what whoever waits for it is told. Needs no Redis. */
import { afterAll, expect, test } from "bun:test";
import { ServiceUnavailable } from "@chepiao/contracts";
import { minuteMs, type OrderId, type UserId } from "@chepiao/kernel";
import { sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { type Reservation, purchaseLimitsDefault } from "@chepiao/ports/reservations";
import { coachesOf, command, eve, refOf, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { createRedisLeases } from "./leases/leases.ts";
import { openRedis } from "./openRedis.ts";
import { createRedisRateLimiter } from "./rate-limiter/rateLimiter.ts";
import { createRedisReservations } from "./reservations/reservations.ts";
import { createRedisSeats } from "./seats/seatStore.ts";
import { createRedisSubmissions } from "./submissions/submissions.ts";

const redis = openRedis({ nodes: ["127.0.0.1:1"], commandTimeoutMs: 300 });
afterAll(() => redis[Symbol.asyncDispose]());

const seats = createRedisSeats(redis);
const reservations = createRedisReservations(redis);
const submissions = createRedisSubmissions(redis);
const run = testRun(coachesOf(["second", 1]), 3);
const order = sampleOrder();
const claim: Reservation = {
  ...order.lines[0],
  orderId: order.orderId,
  userId: order.userId,
  trips: order.tickets,
  boughtAt: order.acceptedAt,
  boughtOn: order.lines[0].boardingDate,
  unpaidUntil: order.payBy,
  isStanding: false,
};

const questions: Readonly<Record<string, () => Promise<unknown>>> = {
  "seats to hold": () => seats.hold([command(run)], eve),
  "seats to give back": () => seats.release(refOf(command(run)), eve),
  "free seats": () => seats.available([{ run, fromStop: 0, toStop: 1 }], eve),
  limits: () => reservations.reserve([claim], purchaseLimitsDefault),
  "that an order is paid": () => reservations.paid([claim]),
  "that an order ended unpaid": () => reservations.endUnpaid(order.orderId),
  "limits to give back": () => reservations.release(claim),
  "an order on its way": () => submissions.find(order.orderId),
  "orders on their way": () => submissions.ofUser(1 as UserId),
  "a try": () => createRedisRateLimiter(redis).take("anna", { triesMax: 3, windowMs: minuteMs }),
  "a lease": () => createRedisLeases(redis).acquire("relay", minuteMs),
};

test.each(Object.entries(questions))("who asks for %s hears that Redis is away", async (_, ask) => {
  const failure = await ask().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ServiceUnavailable);
  const { refusal, message } = failure as ServiceUnavailable;
  expect(refusal).toEqual({ code: "ServiceUnavailable", facts: { retryAfterSeconds: 1 } });
  expect(message).toContain("Redis is away: the cluster of 127.0.0.1:1 does not serve this");
});

test("of many who ask for keys each hears for himself that Redis is away", async () => {
  const asked = [1, 2].map((n) => ({
    userId: n as UserId,
    key: "k",
    requestHash: "h",
    orderId: n as OrderId,
    at: sampleNow,
  }));
  const away = { code: "ServiceUnavailable", facts: { retryAfterSeconds: 1 } } as const;
  expect(await submissions.enter(asked)).toEqual(asked.map(() => ({ kind: "away", refusal: away })));
  expect(await submissions.accepted([order])).toEqual([away]);
});
