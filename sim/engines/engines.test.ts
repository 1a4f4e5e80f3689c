/** The engines of the simulation keep the rules of the ports that they stand behind; so they lose what engines may lose, and no more. */
import { expect, test } from "bun:test";
import { runId } from "@chepiao/contracts";
import { epochMs, type EpochMs, minuteMs, type OrderId, serviceDate, type UserId } from "@chepiao/kernel";
import { type Reservation, purchaseLimitsWithoutHoarding } from "@chepiao/ports/reservations";
import { reservationsSuite } from "@chepiao/ports/reservations/reservations.suite.ts";
import { submissionsSuite } from "@chepiao/ports/submissions/submissions.suite.ts";
import { createSharedReservations } from "./redis/reservations.ts";
import { createSharedSubmissions } from "./redis/submissions.ts";

const lifetimeMs = 20 * minuteMs;
const still = () => epochMs(Date.UTC(2026, 11, 1));

reservationsSuite("simulated Redis", () => createSharedReservations(still, lifetimeMs));
submissionsSuite("simulated Redis", () => createSharedSubmissions(still, lifetimeMs));

const reservationOf = (orderId: number): Reservation => ({
  orderId: orderId as OrderId,
  line: 0,
  userId: 1 as UserId,
  runId: runId("G1", serviceDate("2026-12-05")),
  boardingDate: serviceDate("2026-12-05"),
  departAt: epochMs(Date.UTC(2026, 11, 5)),
  arriveAt: epochMs(Date.UTC(2026, 11, 6)),
  boughtAt: still(),
  boughtOn: serviceDate("2026-12-01"),
  unpaidUntil: epochMs(still() + lifetimeMs),
  isStanding: false,
  trips: [{ ticketNo: `T${orderId}`, documentHash: "d" }],
});

function withClock<T>(create: (now: () => EpochMs) => T) {
  let now = still();
  return { subject: create(() => now), pass: (ms: number) => void (now = epochMs(now + ms)) };
}

test("I2: a claim ends by itself, unless its order is written", async () => {
  const { subject, pass } = withClock((now) => createSharedReservations(now, lifetimeMs));
  expect((await subject.reserve([reservationOf(1)], purchaseLimitsWithoutHoarding))[0]!.ok).toBe(true);
  expect((await subject.reserve([reservationOf(2)], purchaseLimitsWithoutHoarding))[0]!.ok).toBe(false);
  pass(lifetimeMs + 1);
  expect((await subject.reserve([reservationOf(2)], purchaseLimitsWithoutHoarding))[0]!.ok).toBe(true);
  await subject.keep([reservationOf(2)]);
  pass(2 * lifetimeMs);
  expect((await subject.reserve([reservationOf(3)], purchaseLimitsWithoutHoarding))[0]!.ok).toBe(false);
});

test("I6: what was given back is not taken again by a late word that its order is written", async () => {
  const { subject } = withClock((now) => createSharedReservations(now, lifetimeMs));
  await subject.reserve([reservationOf(1)], purchaseLimitsWithoutHoarding);
  await subject.release({ orderId: 1 as OrderId, line: 0 });
  await subject.keep([reservationOf(1)]);
  expect(subject.reservations()).toEqual([]);
});
