/** What an owner reads of an order. */
import { expect, test } from "bun:test";
import { epochMs, type ZoneName } from "@chepiao/kernel";
import type { OrderRecord } from "@chepiao/ports/order-store";
import { orderView } from "./views.ts";

const london = "Europe/London" as ZoneName;
const paris = "Europe/Paris" as ZoneName;
const at = (text: string) => epochMs(Date.parse(text));

test("a journey is told by the clocks at its stations, all else by the railway's", () => {
  const order = {
    lines: [
      {
        fromStationId: "A",
        toStationId: "C",
        departAt: at("2026-12-03T08:00:00Z"),
        arriveAt: at("2026-12-03T10:00:00Z"),
      },
    ],
    acceptedAt: at("2026-12-01T12:00:00Z"),
    payBy: at("2026-12-01T12:15:00Z"),
    paidAt: null,
    tickets: [],
  } as unknown as OrderRecord;
  const zones = { zone: london, zoneOf: (stationId: string) => (stationId === "C" ? paris : london) };
  expect(orderView(order, zones, order.acceptedAt, null)).toMatchObject({
    departAt: "2026-12-03T08:00:00+00:00",
    arriveAt: "2026-12-03T11:00:00+01:00",
    payBy: "2026-12-01T12:15:00+00:00",
  });
});
