/** Purchase limits on a real cluster: the port's rules, processes that race, and what one that dies leaves behind. */
import { afterAll, expect, test } from "bun:test";
import { runId } from "@chepiao/contracts";
import { epochMs, hourMs, type OrderId, serviceDate, slotCount, slotOfUser, type UserId } from "@chepiao/kernel";
import {
  type Reservation,
  purchaseLimitsDefault,
  purchaseLimitsWithoutHoarding as withoutHoarding,
  type Reservations,
} from "@chepiao/ports/reservations";
import { reservationsSuite } from "@chepiao/ports/reservations/reservations.suite.ts";
import type { Redis } from "../openRedis.ts";
import { closeTestRedis, openTestRedis, withFreshPrefix } from "../testing.suite.ts";
import { createRedisReservations } from "./reservations.ts";

/** Small numbers, so that few claims reach them. */
const purchaseLimitsWithoutHoarding = { ...withoutHoarding, ticketsPerUserRun: 5 };
const redis = openTestRedis();
afterAll(() => closeTestRedis(redis));

reservationsSuite("Redis", () => createRedisReservations(withFreshPrefix(redis)));

reservationsSuite("Redis, two processes in turn", () => {
  const shared = withFreshPrefix(redis);
  const both = [createRedisReservations(shared), createRedisReservations(shared)] as const;
  let turn = 0;
  const next = () => both[turn++ % 2]!;
  return {
    reserve: (reservations, limits) => next().reserve(reservations, limits),
    paid: (reservations) => next().paid(reservations),
    endUnpaid: (orderId) => next().endUnpaid(orderId),
    restoreUnpaid: (reservations) => next().restoreUnpaid(reservations),
    keep: (reservations) => next().keep(reservations),
    release: (orderId, ticketNos) => next().release(orderId, ticketNos),
    reload: (reservations) => next().reload(reservations),
    // The other hears of it within half a minute: asked here, it would be a test of patience.
    async forgetBefore(instant) {
      await Promise.all(both.map((one) => one.forgetBefore(instant)));
    },
  } satisfies Reservations;
});

const departAt = epochMs(Date.UTC(2026, 11, 1, 8));
const boughtAt = epochMs(Date.UTC(2026, 10, 20, 4));
const userId = 1 as UserId;
const reservationOf = (n: number, ...documents: string[]): Reservation => ({
  orderId: (n * slotCount + slotOfUser(userId)) as OrderId,
  line: 0,
  userId,
  runId: runId("G1", serviceDate("2026-12-01")),
  boardingDate: serviceDate("2026-12-01"),
  departAt,
  arriveAt: epochMs(departAt + hourMs),
  boughtAt,
  boughtOn: serviceDate("2026-11-20"),
  unpaidUntil: epochMs(boughtAt + hourMs),
  isStanding: false,
  trips: documents.map((documentHash, index) => ({ ticketNo: `${n}-${index}`, documentHash })),
});

test("I2: wherever a process dies while it claims, its claim ends by itself; one that is kept does not", async () => {
  const unwrittenMs = 120;
  for (let steps = 0; steps < 4; steps++) {
    const shared = withFreshPrefix(redis);
    const mortal = createRedisReservations(dyingAfter(shared, steps), { unwrittenMs });
    await mortal.reserve([reservationOf(1, "a", "b", "c", "d")], purchaseLimitsWithoutHoarding).catch(() => {});
    const survivor = createRedisReservations(shared, { unwrittenMs });
    await Bun.sleep(unwrittenMs + 30);
    expect(
      await survivor.reserve([reservationOf(2, "a", "b", "c", "d", "e")], purchaseLimitsWithoutHoarding),
    ).toMatchObject([{ ok: true }]);
    await survivor.keep([reservationOf(2, "a", "b", "c", "d", "e")]);
    await Bun.sleep(unwrittenMs + 30);
    expect(await survivor.reserve([reservationOf(3, "f")], purchaseLimitsWithoutHoarding)).toMatchObject([
      { ok: false, error: { code: "UserRunLimit" } },
    ]);
    expect(
      await survivor.reserve([{ ...reservationOf(4, "a"), userId: 2 as UserId }], purchaseLimitsWithoutHoarding),
    ).toMatchObject([{ ok: false, error: { code: "TripOverlaps" } }]);
  }
});

test("I6: a claim that had ended by itself counts again once its order is written", async () => {
  const limits = createRedisReservations(withFreshPrefix(redis), { unwrittenMs: 50 });
  const late = reservationOf(1, "a", "b", "c", "d", "e");
  await limits.reserve([late], purchaseLimitsWithoutHoarding);
  await Bun.sleep(80);
  await limits.keep([late]);
  expect(await limits.reserve([reservationOf(2, "f")], purchaseLimitsWithoutHoarding)).toMatchObject([
    { ok: false, error: { code: "UserRunLimit" } },
  ]);
  await limits.release(late);
  expect(await limits.reserve([reservationOf(3, "a", "f")], purchaseLimitsWithoutHoarding)).toMatchObject([
    { ok: true },
  ]);
});

test("I6: an open order of a process that died keeps its account from another only for the time to pay", async () => {
  const shared = withFreshPrefix(redis);
  const mortal = createRedisReservations(dyingAfter(shared, 2), { unwrittenMs: 60 });
  await mortal.reserve([reservationOf(1, "a")], purchaseLimitsDefault).catch(() => {});
  const survivor = createRedisReservations(shared, { unwrittenMs: 60 });
  await Bun.sleep(90);
  const later = { ...reservationOf(2, "b"), boughtAt: epochMs(boughtAt + hourMs) };
  expect(await survivor.reserve([reservationOf(3, "c")], purchaseLimitsDefault)).toMatchObject([
    { ok: false, error: { code: "UnpaidOrderOpen" } },
  ]);
  expect(await survivor.reserve([later], purchaseLimitsDefault)).toMatchObject([{ ok: true }]);
});

test("a claim that is refused leaves the documents it had passed", async () => {
  const limits = createRedisReservations(withFreshPrefix(redis));
  await limits.reserve([reservationOf(1, "a")], purchaseLimitsWithoutHoarding);
  expect(await limits.reserve([reservationOf(2, "b", "c", "a")], purchaseLimitsWithoutHoarding)).toMatchObject([
    { ok: false, error: { code: "TripOverlaps" } },
  ]);
  expect(await limits.reserve([reservationOf(3, "b", "c", "d", "e")], purchaseLimitsWithoutHoarding)).toMatchObject([
    { ok: true },
  ]);
});

/** The connection of a process that dies after so many more commands. */
function dyingAfter(redisOf: Redis, steps: number): Redis {
  let left = steps;
  return {
    ...redisOf,
    ask: (work) => (left-- > 0 ? redisOf.ask(work) : Promise.reject(new Error("this process is dead"))),
  };
}
