/**
 * Who changes tickets: to a dearer train or a cheaper one, another day or another destination; pays for it, or not; and now and then gives the
 * old ticket back, or changes it once more, in the same breath.
 */
import type { Order, OrderLines, OrderRequest } from "@chepiao/contracts";
import { secondMs, type ServiceDate } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import { weighed } from "../core/chance.ts";
import type { Life } from "../core/life.ts";
import { callsOf, wishes } from "../railway.ts";
import type { Bought, Purchase, Told } from "./told.ts";

export type ChangerDeps = {
  readonly life: Life;
  readonly told: Told;
  readonly dates: readonly ServiceDate[];
  /** Until the order is more than accepted. */
  waitFor(orderNo: string): Promise<Order | null>;
  buy(lines: OrderLines<OrderRequest>, change: Purchase["change"]): Promise<Bought | null>;
  pay(order: Bought, when: "at the end" | "soon", times: number): Promise<void>;
  cancel(orderNo: string): Promise<void>;
  giveBack(orderNo: string): Promise<void>;
};

export function createChanger({ life, told, dates, waitFor, buy, pay, cancel, giveBack }: ChangerDeps) {
  const { chance, clock } = life;
  const pause = (ms: number) => sleep(clock, chance.next() * ms);

  /** One ticket, or all of its trip. */
  function someOf(order: Order) {
    const issued = order.tickets.filter(({ state }) => state === "issued");
    if (issued.length === 0) return [];
    const first = chance.pick(issued);
    return issued.filter((ticket) => ticket === first || (ticket.line === first.line && chance.chance(0.6)));
  }

  function anyWay(order: Order, line: number) {
    const { from, to, boardingDate } = order.lines[line]!;
    const leading = wishes.filter(([train]) => callsOf(train).slice(0, -1).includes(from.stationId));
    if (leading.length === 0) return null;
    const [trainNumber, seatClass] = chance.pick(leading);
    const calls = callsOf(trainNumber);
    const ahead = calls.slice(calls.indexOf(from.stationId) + 1);
    const isSameWay = ahead.includes(to.stationId) && chance.chance(0.8);
    return {
      trainNumber,
      originDate: chance.chance(0.5) ? boardingDate : chance.pick(dates),
      from: from.stationId,
      to: isSameWay ? to.stationId : chance.pick(ahead),
      seatClass,
    };
  }

  async function askFor(order: Order): Promise<Bought | null> {
    const tickets = someOf(order);
    const way = tickets.length > 0 ? anyWay(order, tickets[0]!.line) : null;
    if (!way) return null;
    const passengers = tickets.map(({ passengerId, ticketType }) => ({ passengerId, ticketType }));
    const body = { ...way, ticketNos: tickets.map(({ ticketNo }) => ticketNo) };
    return buy([{ ...way, passengers }], { orderNo: order.orderNo, body });
  }

  async function settle(change: Bought, old: string) {
    const order = await waitFor(change.orderNo);
    if (order?.replaces?.isCarried) told.count(`carried: ${order.state}`);
    if (order?.state !== "pendingPayment") return;
    await weighed<() => Promise<void>>(chance, [
      [6, () => pay(change, "soon", 1)],
      [1, () => pay(change, "at the end", 1)],
      [1, () => cancel(change.orderNo)],
      [
        3,
        async () => void (await Promise.all([pay(change, "soon", 1), pause(4 * secondMs).then(() => giveBack(old))])),
      ],
      [1, async () => {}],
    ])();
    const after = await waitFor(change.orderNo);
    told.count(`changed: ${after?.state ?? "unknown"}`);
    if (after?.state === "ticketed" && chance.chance(0.3)) await giveBack(change.orderNo);
  }

  return async (orderNo: string): Promise<void> => {
    for (let times = 1 + chance.below(2); times > 0; times--) {
      const order = await waitFor(orderNo);
      if (order?.state !== "ticketed") return;
      await pause(4 * secondMs);
      const meanwhile = chance.chance(0.2) ? pause(secondMs).then(() => giveBack(orderNo)) : null;
      const change = await askFor(order);
      await meanwhile;
      if (change) await settle(change, orderNo);
    }
  };
}
