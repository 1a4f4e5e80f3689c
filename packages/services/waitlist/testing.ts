/** An entry for tests: two passengers who wait for G1 and G2 in second class, from the first stop to the third. */
import { runId } from "@chepiao/contracts";
import {
  createIdSource,
  epochMs,
  fen,
  hourMs,
  minuteMs,
  orderNoOf,
  type PassengerId,
  serviceDate,
  type UserId,
} from "@chepiao/kernel";
import type { WaitlistChoice, WaitlistRecord } from "@chepiao/ports/waitlist-store";

export const day = serviceDate("2026-12-01");
export const departure = epochMs(Date.UTC(2026, 11, 1, 1));
/** A day before. */
export const now = epochMs(departure - 24 * hourMs);
export const later = (byMs: number) => epochMs(now + byMs);
const ids = createIdSource(1);

export const choiceOf = (choice: number, over: Partial<WaitlistChoice> = {}): WaitlistChoice => ({
  choice,
  runId: runId(`G${choice + 1}`, day),
  trainNumber: `G${choice + 1}`,
  originDate: day,
  boardingDate: day,
  fromStop: 0,
  toStop: 2,
  fromStationId: "A",
  toStationId: "C",
  fromName: "甲",
  toName: "丙",
  departAt: epochMs(departure + choice * hourMs),
  arriveAt: epochMs(departure + (choice + 3) * hourMs),
  seatClasses: ["second"],
  endedBecause: null,
  endedAt: null,
  addedAt: null,
  ...over,
});

export function entryOf(over: Partial<WaitlistRecord> = {}): WaitlistRecord {
  const userId = 7 as UserId;
  return {
    entryId: ids.orderId(userId, now),
    userId,
    state: "awaitingPrepayment",
    version: 0,
    passengers: [
      { passengerId: 1 as PassengerId, ticketType: "adult" },
      { passengerId: 2 as PassengerId, ticketType: "adult" },
    ],
    choices: [choiceOf(0), choiceOf(1)],
    acceptsStanding: false,
    addedTrains: null,
    policyVersion: 1,
    endBy: null,
    deadlineMinutes: 60,
    prepayFen: fen(20_000),
    prepayBy: later(10 * minuteMs),
    captured: null,
    place: null,
    granted: null,
    grantCount: 0,
    idempotencyKey: "key",
    requestHash: "hash",
    createdAt: now,
    endedBecause: null,
    endedAt: null,
    nextAt: null,
    ...over,
  };
}

export const capturedFor = (entry: WaitlistRecord, over: object = {}) => ({
  paymentNo: "P1",
  orderNo: orderNoOf(entry.entryId),
  amountFen: entry.prepayFen,
  capturedAt: later(minuteMs),
  ...over,
});

export function waitingEntry(over: Partial<WaitlistRecord> = {}): WaitlistRecord {
  const entry = entryOf(over);
  return { ...entry, state: "waiting", captured: capturedFor(entry), place: later(minuteMs), ...over };
}
