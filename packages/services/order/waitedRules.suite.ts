/** What becomes of an order that the waitlist made, by 12306's rules, for the table in apps/server/railwayRules.test.ts. */
import { expect } from "bun:test";
import type { FulfilCommand } from "@chepiao/contracts";
import { createIdSource, fen, type OrderId, orderNoOf, type UserId } from "@chepiao/kernel";
import { createWorld, type World, requestOf, travelDate } from "./order.twin.ts";
import type { RuleRow } from "./railwayRules.suite.ts";

const ids = createIdSource(5);

/** An entry, of two people unless others are named, whose third train is G1, that has got its seats there. */
export async function granted(
  world: World,
  amountFen: number,
  userId = 7 as UserId,
  people: readonly number[] = [0, 1],
): Promise<FulfilCommand> {
  const orderId: OrderId = ids.orderId(userId, world.clock.now());
  const run = world.timetable.run("G1", travelDate)!;
  const need = { holdId: orderId, line: 2, run, fromStop: 0, toStop: 3, place: 1 };
  const preferences = people.map(() => null);
  await world.life().seats.waitlists.join([{ ...need, seatClasses: ["second"], preferences }], world.clock.now());
  expect(await world.life().seats.waitlists.grants(run)).toMatchObject([{ holdId: orderId, line: 2 }]);
  const prepaid = {
    paymentNo: `P-${orderId}`,
    orderNo: orderNoOf(orderId),
    amountFen: fen(amountFen),
    capturedAt: world.clock.now(),
  };
  world.bank.taken.set(prepaid.paymentNo, prepaid);
  const line = { ...requestOf(userId, { people }), fromStop: 0, holdLine: 2 };
  return { orderId, userId, key: `W-${orderId}-1`, line, prepaid };
}

/** Its state, what went back at once, and what a later refund gives back; nothing but the prepayment was ever asked for. */
async function served(): Promise<unknown> {
  const world = await createWorld();
  const command = await granted(world, 50_000);
  await world.room().client.fulfil(command);
  await world.rest();
  const order = await world.load(command.prepaid.orderNo);
  const before = [...world.bank.refunds.values()].map(({ reason, amountFen }) => [reason, Number(amountFen)]);
  await world.refund(7, order.orderNo, [order.tickets[0]!.ticketNo]);
  await world.rest();
  const after = await world.load(command.prepaid.orderNo);
  return [order.state, before, after.state, after.tickets.map(({ state }) => state)];
}

export const waitedRules: readonly RuleRow[] = [
  {
    rule: "1.18, 1.20",
    says: "seats that are given become a paid order, the rest of the prepayment goes back by itself, and its tickets are given back like any",
    of: served,
    expected: [0, 1].map(() => [
      "ticketed",
      [["waitlistDifference", 20_000]],
      "ticketed",
      ["refunding", "issued"],
    ]) as unknown as RuleRow["expected"],
  },
];
