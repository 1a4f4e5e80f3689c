/** Made-up accepted orders for the suites and tests of the rooms that handle orders. */
import {
  type OrderAccepted,
  type OrderLine,
  runId,
  type SeatClass,
  type SeatsFreed,
  ticketsOf,
} from "@chepiao/contracts";
import {
  createIdSource,
  type EpochMs,
  epochMs,
  fen,
  hourMs,
  orderNoOf,
  type PassengerId,
  paymentTimeoutMsDefault,
  type ServiceDate,
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
  readonly hours?: number;
  readonly boardingDate?: ServiceDate;
  /** People of their own where there are none. */
  readonly documents?: readonly string[];
  /** Of further lines, each with a train, way, class, seats and passengers of its own. */
  readonly furtherLines?: readonly Omit<SampleOptions, "acceptedAt" | "furtherLines" | "userId">[];
};

function sampleLine(line: number, options: SampleOptions): OrderLine {
  const { train = "G1", fromStop = 0, toStop = 3, seatClass = "second", departAt = sampleDeparture } = options;
  const { hours = 4 } = options;
  return {
    line,
    runId: runId(train, sampleDate),
    trainNumber: train,
    originDate: sampleDate,
    boardingDate: options.boardingDate ?? sampleDate,
    fromStop,
    toStop,
    fromStationId: `S${fromStop}`,
    toStationId: `S${toStop}`,
    fromName: `站${fromStop}`,
    toName: `站${toStop}`,
    departAt,
    arriveAt: epochMs(departAt + hours * hourMs),
    seatClass,
    together: "adjacent",
    preferencesUnmet: 0,
  };
}

/** An order for one passenger a seat, 100 yuan each. */
export function sampleOrder(options: SampleOptions = {}): OrderAccepted {
  const { acceptedAt = sampleNow, furtherLines = [] } = options;
  const seats = [options, ...furtherLines].flatMap(({ seats: ofLine = [0] }, line) =>
    ofLine.map((seatIndex) => ({ seatIndex, line })),
  );
  const userId = (options.userId ?? 1) as UserId;
  const orderId = ids.orderId(userId, acceptedAt);
  const orderNo = orderNoOf(orderId);
  return {
    orderId,
    orderNo,
    userId,
    lines: [sampleLine(0, options), ...furtherLines.map((each, n) => sampleLine(n + 1, each))],
    totalFen: fen(10_000 * seats.length),
    acceptedAt,
    payBy: epochMs(acceptedAt + paymentTimeoutMsDefault),
    idempotencyKey: `key of ${orderNo}`,
    requestHash: "hash",
    tickets: seats.map(({ seatIndex, line }, n) => ({
      ticketNo: `${orderNo}-${n + 1}`,
      line,
      passengerId: (n + 1) as PassengerId,
      name: `乘客${n + 1}`,
      documentType: "residentId",
      documentSealed: "sealed",
      documentHash: options.documents?.[n] ?? `document of ${orderNo} ${n}`,
      documentMasked: "1101**********0012",
      ticketType: "adult",
      seatIndex,
      coachNo: 1,
      seat: `01车${seatIndex}`,
      fareFen: fen(10_000),
    })),
  };
}

/** What an order frees when it gives up these of its seats, or all. */
export const freedOf = (order: OrderAccepted, seats?: readonly number[]): SeatsFreed[] =>
  order.lines.flatMap(({ line, runId: run, seatClass, fromStop, toStop }) => {
    const tickets = ticketsOf(order, { line }).filter(({ seatIndex }) => seats?.includes(seatIndex) ?? true);
    if (tickets.length === 0) return [];
    const seatIndexes = tickets.map(({ seatIndex }) => seatIndex);
    const ticketNos = tickets.map(({ ticketNo }) => ticketNo);
    return [{ orderId: order.orderId, line, runId: run, seatClass, fromStop, toStop, seatIndexes, ticketNos }];
  });
