/** What is told of an order's tickets: where somebody is still to sit, and of nobody else. */
import { expect, test } from "bun:test";
import { parseZone } from "@chepiao/kernel";
import type { OrderRecord, TicketRecord } from "@chepiao/ports/order-store";
import { sampleDeparture, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { toldOf } from "./told.ts";

test("the coach of a ticket is told while its passenger is to sit there: not once it is used, or is not valid", () => {
  const sample = sampleOrder({ seats: [1] });
  const coachOf = (more: Partial<TicketRecord>) => {
    const tickets = sample.tickets.map((ticket) => ({ ...ticket, coachNo: 5, ...more }));
    const order = { ...sample, tickets } as unknown as OrderRecord;
    return toldOf(order, { zoneOf: () => parseZone("Asia/Shanghai")! }).tickets.map(({ coachNo }) => coachNo);
  };
  const enter = { stationId: sample.lines[0].fromStationId, at: sampleDeparture };
  expect(coachOf({ state: "issued" })).toEqual([5]);
  expect(coachOf({ state: "issued", passages: { enter } as never })).toEqual([null]);
  for (const state of ["held", "refunding", "refunded", "released", "used", "changed"] as const)
    expect(coachOf({ state })).toEqual([null]);
});
