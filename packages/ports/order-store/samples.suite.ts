/** Made-up accepted orders for the suites and tests of whoever handles orders. */
import { type OrderAccepted, runId, type SeatClass } from "@chepiao/contracts";
import {
  createIdSource,
  type EpochMs,
  epochMs,
  fen,
  hourMs,
  orderNoOf,
  type PassengerId,
  paymentTimeoutMsDefault,
  serviceDate,
  type UserId,
} from "@chepiao/kernel";

export const sampleDate = serviceDate("2026-12-01");
export const sampleNow: EpochMs = epochMs(Date.UTC(2026, 10, 22, 4));
export const sampleDeparture: EpochMs = epochMs(Date.UTC(2026, 11, 1, 1));

const ids = createIdSource(1);

export type SampleOptions = {
  readonly userId?: number;
  readonly train?: string;
  readonly seats?: readonly number[];
  readonly fromStop?: number;
  readonly toStop?: number;
  readonly seatClass?: SeatClass;
  readonly acceptedAt?: EpochMs;
  readonly departAt?: EpochMs;
};

/** An order for one passenger a seat, 100 yuan each. */
export function sampleOrder(options: SampleOptions = {}): OrderAccepted {
  const { train = "G1", seats = [0], fromStop = 0, toStop = 3, seatClass = "second" } = options;
  const { acceptedAt = sampleNow, departAt = sampleDeparture } = options;
  const userId = (options.userId ?? 1) as UserId;
  const orderId = ids.orderId(userId, acceptedAt);
  const orderNo = orderNoOf(orderId);
  return {
    orderId,
    orderNo,
    userId,
    runId: runId(train, sampleDate),
    trainNumber: train,
    originDate: sampleDate,
    boardingDate: sampleDate,
    fromStop,
    toStop,
    fromStationId: `S${fromStop}`,
    toStationId: `S${toStop}`,
    fromName: `站${fromStop}`,
    toName: `站${toStop}`,
    departAt,
    arriveAt: epochMs(departAt + 4 * hourMs),
    seatClass,
    together: "adjacent",
    preferencesUnmet: 0,
    totalFen: fen(10_000 * seats.length),
    acceptedAt,
    payBy: epochMs(acceptedAt + paymentTimeoutMsDefault),
    idempotencyKey: `key of ${orderNo}`,
    requestHash: "hash",
    tickets: seats.map((seatIndex, n) => ({
      ticketNo: `${orderNo}-${n + 1}`,
      passengerId: (n + 1) as PassengerId,
      name: `乘客${n + 1}`,
      documentType: "residentId",
      documentSealed: "sealed",
      documentHash: `document ${userId} ${n}`,
      documentMasked: "1101**********0012",
      ticketType: "adult",
      seatIndex,
      coachNo: 1,
      seat: `01车${seatIndex}`,
      fareFen: fen(10_000),
    })),
  };
}
