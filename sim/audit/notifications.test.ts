/** What an account is told of a lost coach is held against what orders were refused, not against what was asked for them. */
import { expect, test } from "bun:test";
import { epochMs } from "@chepiao/kernel";
import type { NotificationRecord } from "@chepiao/ports/notification-store";
import { sampleNow, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createMemoryWithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import type { World } from "../world.ts";
import { notificationsAreTold } from "./notifications.ts";
import { createWithdrawnBook } from "./withdrawn.ts";

test("I2: who was asked for in vain was refused, ever since; who was only asked for, or could not be decided on, was not", async () => {
  const order = sampleOrder();
  const { orderId, orderNo, userId } = order;
  const [{ runId }] = order.lines;
  const withdrawn = createWithdrawnBook();
  const withdrawnCoaches = withdrawn.kept(createMemoryWithdrawnCoachStore());
  const within = { orders: { all: () => [order] }, waitlist: { all: () => [] }, withdrawnCoaches };
  const world = { sql: { within }, withdrawn, recordsOf: () => [], now: () => sampleNow } as unknown as World;
  const told: NotificationRecord = {
    notificationId: `noSeatLeft:${runId}.${orderNo}`,
    userId,
    kind: "noSeatLeft",
    facts: { orderNo, trips: [] },
    at: epochMs(sampleNow),
    readAt: null,
  };
  const found = () => notificationsAreTold(world, [told]).length;
  const note = (why: string | null) =>
    withdrawnCoaches.noteReseats(runId, [{ orderId, ticketNos: [], why, at: sampleNow }]);
  expect(found()).toBe(1);
  for (const why of [null, "Overloaded", "TripOverlaps"]) await note(why);
  expect(found()).toBe(1);
  await note("SoldOut");
  await note(null);
  expect(found()).toBe(0);
});
