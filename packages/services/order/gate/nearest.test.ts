import { expect, test } from "bun:test";
import { type EpochMs, epochMs, hourMs, minuteMs } from "@chepiao/kernel";
import { firstRecord, type OrderRecord, type Passage, type TicketRecord } from "@chepiao/ports/order-store";
import { sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { nearestTicket } from "./nearest.ts";

const noon = epochMs(Date.parse("2026-12-01T12:00:00+08:00"));
const at = (hours: number) => epochMs(noon + hours * hourMs);
const daysBefore = epochMs(noon - 72 * hourMs);

/** S0 to S3 in four hours. */
const trip = (
  departAfter: number,
  change: Partial<TicketRecord> = {},
  acceptedAt: EpochMs = daysBefore,
): OrderRecord => {
  const order = firstRecord(sampleOrder({ departAt: at(departAfter), acceptedAt, documents: ["hers"] }), null);
  return { ...order, tickets: order.tickets.map((ticket) => ({ ...ticket, state: "issued", ...change })) };
};
/** The way back. */
const back = (departAfter: number): OrderRecord => {
  const order = trip(departAfter);
  const [{ fromStationId, toStationId, ...line }] = order.lines;
  return { ...order, lines: [{ ...line, fromStationId: toStationId, toStationId: fromStationId }] };
};
const passage = (hours: number, stationId: string, eventId = "before"): Passage => ({
  at: at(hours),
  gateId: "gate",
  stationId,
  eventId,
});
const numberOf = ({ tickets }: OrderRecord) => tickets[0]!.ticketNo;
const chosen = (
  orders: readonly OrderRecord[],
  act: "enter" | "leave",
  stationId: string,
  hours: number,
  eventId = "now",
) => nearestTicket(orders, "hers", { gateId: "gate", eventId, act, stationId, at: at(hours) })?.ticketNo ?? null;

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

test("a trip that is over is not meant while there is one to come, and is where there is none: its train may be late", () => {
  const [morning, evening] = [trip(0), trip(9)];
  expect(chosen([morning, evening], "enter", "S0", 4.2)).toBe(numberOf(evening));
  expect(chosen([morning], "enter", "S0", 4.2)).toBe(numberOf(morning));
  const arrived = trip(0, { state: "used", passages: { enter: passage(-1, "S0"), leave: passage(2, "S2") } });
  expect(chosen([arrived, evening], "enter", "S0", 3)).toBe(numberOf(evening));
});

test("on the way out it means the ticket with which he went in last, wherever he comes out, and whatever others he has", () => {
  const inside = trip(0, { state: "used", passages: { enter: passage(-0.5, "S0") } });
  const earlier = trip(-9, { state: "used", passages: { enter: passage(-9.5, "S0") } });
  expect(chosen([earlier, inside, back(24)], "leave", "S0", -0.2)).toBe(numberOf(inside));
  expect(chosen([earlier, inside, back(24)], "leave", "S2", 3)).toBe(numberOf(inside));
});

test("whoever no gate has seen going in comes out where a trip ends, the one whose arrival is nearest", () => {
  const [morning, evening] = [trip(0), trip(9)];
  expect(chosen([morning, evening], "leave", "S3", 5)).toBe(numberOf(morning));
  expect(chosen([morning, evening], "leave", "S3", 13)).toBe(numberOf(evening));
});

test("a trip of another station is meant only where there is none of this one, so that the answer can say so", () => {
  const here = trip(9);
  const elsewhere = back(0);
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

test("I7: said again it means what it meant, also when that is over or was given back, and no ticket that was bought since", () => {
  const enter = passage(0, "S0", "said");
  const first = trip(0, { state: "used", passages: { enter, leave: passage(1, "S2") } });
  const second = trip(3);
  expect(chosen([first, second], "enter", "S0", 0, "said")).toBe(numberOf(first));
  const givenBack = trip(0, { state: "refunded", passages: { enter } });
  expect(chosen([givenBack, second], "enter", "S0", 0, "said")).toBe(numberOf(givenBack));
  const boughtSince = trip(3, {}, epochMs(at(0) + minuteMs));
  expect(chosen([boughtSince], "enter", "S0", 0, "said")).toBeNull();
});
