/** What commands about a run are told apart by: a small train with sold seats, in stores in memory. */
import { type Composition, policyDefault, type Run, runId } from "@chepiao/contracts";
import { epochMs, type OrderId, type ServiceDate } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryOrderStore, type OrderRecord, type TicketRecord } from "@chepiao/ports/order-store";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryRunStateStore } from "@chepiao/ports/run-states";
import { createMemoryWaitlistStore } from "@chepiao/ports/waitlist-store";
import { compositionOf, createMemoryWithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { createNotedTrail } from "../../testing/auditTrail.ts";
import { runStatus } from "./cancel.ts";
import type { RunStores } from "./stores.ts";

export const run = runId("G1", "2026-12-01" as ServiceDate);
const section = (rows: number) => [{ seatClass: "second" as const, rows }];
/** Second class: seats 0…24 in coach 1, 25…29 in coach 2, 30…34 in coach 3. */
export const composition: Composition = {
  code: "T",
  coaches: [
    { no: 1, sections: section(5) },
    { no: 2, sections: section(1) },
    { no: 3, sections: section(1) },
  ],
};

/** Orders with one ticket each, on these seats. */
export async function soldRun(seats: readonly number[], others: readonly Composition[] = []) {
  const clock = createManualClock(epochMs(Date.UTC(2026, 10, 30)));
  const outbox = createMemoryOutbox();
  const orders = createMemoryOrderStore(outbox);
  const withdrawnCoaches = createMemoryWithdrawnCoachStore();
  const { trail: auditTrail, noted } = createNotedTrail();
  const known = { composition };
  const found = seats.map((seatIndex, n) => sold(n + 1, seatIndex));
  const stores: RunStores = {
    orders: {
      ...orders,
      holdersOn: async () => found.map(({ orderId }) => orderId),
      load: async (orderId) => found.find((each) => each.orderId === orderId) ?? null,
    },
    waitlist: createMemoryWaitlistStore(outbox),
    withdrawnCoaches,
    runStates: createMemoryRunStateStore(),
    auditTrail,
    timetable: {
      run: (train, date) => (train === "G1" ? runOf(runId(train, date), known.composition) : null),
      resolvePlace: (text) => [text],
      runsOn: () => others.map((each) => runOf(runId("G2", "2026-12-01" as ServiceDate), each)),
      station: () => null,
    },
    currency: policyDefault.currency,
    clock,
  };
  const does = <W>(wish: W, what: (stores: RunStores, wish: W, say: (line: string) => void) => Promise<void>) => {
    const said: string[] = [];
    return what(stores, wish, (line) => void said.push(line)).then(
      () => said.join("\n"),
      (error: Error) => `refused: ${error.message}`,
    );
  };
  async function status(isWhole = false) {
    const said: string[] = [];
    await runStatus(stores, run, (line) => void said.push(line), isWhole);
    return said.join("\n");
  }
  const become = (n: number, ticket: Partial<TicketRecord>) => {
    const before = found[n - 1]!;
    found[n - 1] = { ...before, tickets: [{ ...before.tickets[0]!, ...ticket }] };
  };
  const enter = (n: number) =>
    become(n, { passages: { enter: { stationId: "A", at: clock.now(), gateId: "A1", eventId: "E1" } } });
  /** As a process that starts now. */
  const hear = async () => {
    const [{ exchange } = {}] = await withdrawnCoaches.ofRuns([run]);
    if (exchange) known.composition = compositionOf(exchange);
  };
  return { stores, withdrawnCoaches, noted, does, status, become, enter, hear };
}

const runOf = (id: typeof run, made: Composition): Run =>
  ({ runId: id, train: { composition: made, stops: [0, 1, 2] } }) as unknown as Run;

function sold(orderId: number, seatIndex: number): OrderRecord {
  const { lines, tickets, ...order } = sampleOrder({ seats: [seatIndex] });
  return {
    ...order,
    orderId: orderId as OrderId,
    state: "ticketed",
    version: 0,
    paymentNo: "P1",
    paidAt: null,
    endedBecause: null,
    lines: [{ ...lines[0], runId: run, seatClass: "second", fromStop: 0, toStop: 2 }],
    tickets: tickets.map((ticket) => ({
      ...ticket,
      ticketNo: `${orderId}-1`,
      coachNo: seatIndex < 25 ? 1 : seatIndex < 30 ? 2 : 3,
      documentHash: `D${orderId}`,
      state: "issued",
      feeFen: null,
      refundFen: null,
    })),
  };
}
