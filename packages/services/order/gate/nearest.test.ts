import { expect, test } from "bun:test";
import { epochMs, hourMs } from "@chepiao/kernel";
import { firstRecord, type OrderRecord, type TicketRecord } from "@chepiao/ports/order-store";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { nearestTicket } from "./nearest.ts";

const noon = epochMs(Date.parse("2026-12-01T12:00:00+08:00"));
const at = (hours: number) => epochMs(noon + hours * hourMs);

/** S0 to S3 in four hours. */
const trip = (departAfter: number, change: Partial<TicketRecord> = {}): OrderRecord => {
  const order = firstRecord(sampleOrder({ departAt: at(departAfter), documents: ["hers"] }), null);
  return { ...order, tickets: order.tickets.map((ticket) => ({ ...ticket, state: "issued", ...change })) };
};
const numberOf = ({ tickets }: OrderRecord) => tickets[0]!.ticketNo;
const chosen = (orders: readonly OrderRecord[], act: "enter" | "leave", stationId: string, hours: number) =>
  nearestTicket(orders, "hers", { act, stationId, at: at(hours) })?.ticketNo ?? null;

test("of two trips from the gate's station a document means the one whose departure is nearest, also where its train is late", () => {
  const [morning, evening] = [trip(0), trip(9)];
  for (const orders of [
    [morning, evening],
    [evening, morning],
  ]) {
    expect(chosen(orders, "enter", "S0", -1)).toBe(numberOf(morning));
    expect(chosen(orders, "enter", "S0", 1)).toBe(numberOf(morning));
    expect(chosen(orders, "enter", "S0", 8)).toBe(numberOf(evening));
  }
});

test("on the way out it means the trip that ends there, and whose arrival is nearest", () => {
  const [morning, evening] = [trip(0), trip(9)];
  expect(chosen([morning, evening], "leave", "S3", 5)).toBe(numberOf(morning));
  expect(chosen([morning, evening], "leave", "S3", 13)).toBe(numberOf(evening));
});

test("a trip of another station is meant only where there is none of this one, so that the answer can say so", () => {
  const here = trip(9);
  const { lines } = trip(0);
  const elsewhere: OrderRecord = { ...trip(0), lines: [{ ...lines[0], fromStationId: "S7" }] };
  expect(chosen([elsewhere, here], "enter", "S0", 0)).toBe(numberOf(here));
  expect(chosen([elsewhere], "enter", "S0", 0)).toBe(numberOf(elsewhere));
});

test("a document of somebody else, one that is only claimed, and a ticket that is not valid mean nobody", () => {
  const ones: Partial<TicketRecord>[] = [
    { documentHash: "his" },
    { documentUnproved: true },
    { state: "refunded" },
    { state: "held" },
    { state: "changed" },
  ];
  for (const change of ones) expect(chosen([trip(0, change)], "enter", "S0", 0)).toBeNull();
  expect(chosen([], "enter", "S0", 0)).toBeNull();
});

test("I7: what was made of it in between does not make another ticket of it", () => {
  const [first, second] = [trip(0), trip(3)];
  const used = { ...first, tickets: first.tickets.map((ticket) => ({ ...ticket, state: "used" as const })) };
  expect(chosen([used, second], "enter", "S0", 1)).toBe(numberOf(first));
});
