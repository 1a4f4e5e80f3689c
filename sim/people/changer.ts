/**
 * Who changes tickets: to a dearer train or a cheaper one, another day or another destination; pays for it, or not; and now and then gives the
 * old ticket back, or changes it once more, in the same breath. And who takes another train because his own does not run.
 */
import { type Order, type OrderLines, type OrderRequest, seatsOf, type Timetable } from "@chepiao/contracts";
import { secondMs, type ServiceDate } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import type { CancelledBook } from "../audit/cancelledBook.ts";
import { wrongWithInstead } from "../audit/instead.ts";
import { weighed } from "../core/chance.ts";
import type { Life } from "../core/life.ts";
import { callsOf, wishes } from "../railway.ts";
import type { Bought, Purchase, Told } from "./told.ts";

export type ChangerDeps = {
  readonly life: Life;
  readonly told: Told;
  readonly timetable: Pick<Timetable, "fare" | "run">;
  readonly cancelled: Pick<CancelledBook, "isOff" | "now">;
  readonly dates: readonly ServiceDate[];
  /** Until the order is more than accepted. */
  waitFor(orderNo: string): Promise<Order | null>;
  buy(lines: OrderLines<OrderRequest>, change: Purchase["change"]): Promise<Bought | null>;
  pay(order: Bought, when: "at the end" | "soon", times: number): Promise<void>;
  cancel(orderNo: string): Promise<void>;
  giveBack(orderNo: string): Promise<void>;
};

export function createChanger(deps: ChangerDeps) {
  const { life, told, timetable, cancelled, dates, waitFor, buy, pay, cancel, giveBack } = deps;
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

  /** Another train between the same stations. */
  function anotherWay({ trainNumber, from, to, boardingDate }: Order["lines"][number]) {
    const others = wishes.filter(([other]) => {
      const calls = callsOf(other);
      const start = calls.indexOf(from.stationId);
      return other !== trainNumber && start >= 0 && calls.indexOf(to.stationId, start) > start;
    });
    if (others.length === 0) return null;
    const [other, seatClass] = chance.pick(others);
    return { trainNumber: other, originDate: boardingDate, from: from.stationId, to: to.stationId, seatClass };
  }

  function faresOf(line: Order["lines"][number]): Parameters<typeof wrongWithInstead>[2] {
    const run = timetable.run(line.trainNumber, line.originDate as ServiceDate)!;
    const stopAt = (stationId: string) => run.train.stops.findLastIndex((stop) => stop.stationId === stationId);
    const [start, end] = [stopAt(line.from.stationId), stopAt(line.to.stationId)];
    const seats = seatsOf(run.train.composition).get(line.seatClass)!;
    return (ticketType) => seats.map((seat) => timetable.fare(run, line.seatClass, start, end, ticketType, seat));
  }

  function isOff(line: Order["lines"][number]): boolean {
    const { runId, dayStart, train } = timetable.run(line.trainNumber, line.originDate as ServiceDate)!;
    const stopAt = (key: "arriveS" | "departS", at: string) =>
      train.stops.findIndex((stop) => dayStart + stop[key] * 1_000 === Date.parse(at));
    const [fromStop, toStop] = [stopAt("departS", line.departAt), stopAt("arriveS", line.arriveAt)];
    return cancelled.isOff({ runId, fromStop, toStop });
  }

  /** Whose money is not on its way back yet. What an operator says meanwhile makes it another case. */
  async function takeAnother(orderNo: string): Promise<void> {
    const order = await waitFor(orderNo);
    const off = cancelled.now();
    const line = order?.lines.find(isOff);
    const way = line ? anotherWay(line) : null;
    const tickets = order?.tickets.filter(({ state, ...each }) => state === "issued" && each.line === line?.line) ?? [];
    if (!order || !way || tickets.length === 0) return;
    const passengers = tickets.map(({ passengerId, ticketType }) => ({ passengerId, ticketType }));
    const body = { ...way, ticketNos: tickets.map(({ ticketNo }) => ticketNo) };
    const instead = await buy([{ ...way, passengers }], { orderNo, body });
    if (!instead || cancelled.now() !== off) return;
    const after = await waitFor(instead.orderNo);
    if (!after?.replaces) return;
    told.count(`took another train: ${after.state}`);
    told.wrong.push(...wrongWithInstead(order, after, faresOf(after.lines[0]!)));
  }

  async function changeTickets(orderNo: string): Promise<void> {
    for (let times = 1 + chance.below(2); times > 0; times--) {
      const order = await waitFor(orderNo);
      if (order?.state !== "ticketed") return;
      await pause(4 * secondMs);
      const meanwhile = chance.chance(0.2) ? pause(secondMs).then(() => giveBack(orderNo)) : null;
      const change = await askFor(order);
      await meanwhile;
      if (change) await settle(change, orderNo);
    }
  }

  return { changeTickets, takeAnother };
}
