/** The two routes of changes: what one would cost, and the purchase that it is. */
import { hash } from "node:crypto";
import {
  type ChangeQuote,
  type ChangeRequest,
  type Handlers,
  lineOf,
  type orderRoutes,
  type Refusal,
  type RiskClient,
  type Timetable,
  type UserClient,
} from "@chepiao/contracts";
import { fen, formatInZone, ok, type Result, sumFen, type UserId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { OrderRecord } from "@chepiao/ports/order-store";
import type { RunStateStore } from "@chepiao/ports/run-states";
import type { WithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { lostIn } from "../lostCoach.ts";
import { askerOf, type Purchase } from "../purchase/command.ts";
import { type PlanRules, planPurchase } from "../purchase/plan.ts";
import { type OrderRules, rulesOf } from "../rules.ts";
import {
  backOf,
  fareOnChange,
  isCarried,
  lineOfChange,
  netOf,
  type NewWay,
  planChange,
  pricesOf,
  ticketsToChange,
  travellersOf,
} from "./plan.ts";
import type { Replacing } from "./replacing.ts";

export type ChangeApiDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Timetable;
  readonly users: Pick<UserClient, "passengers">;
  readonly runStates: Pick<RunStateStore, "cancellationsOf">;
  readonly withdrawnCoaches: Pick<WithdrawnCoachStore, "ofRuns">;
  readonly rulesFor: (order: OrderRecord) => Pick<OrderRules, "change" | "fares" | "refund">;
  readonly purchase: Purchase;
  readonly risk: Pick<RiskClient, "isIdle">;
  readonly own: (userId: number, orderNo: string) => Promise<Result<OrderRecord, Refusal>>;
};

export type ReplacingDeps = Pick<ChangeApiDeps, "rulesFor" | "runStates" | "timetable" | "withdrawnCoaches">;

/** All that a change of these tickets goes by. */
export const createReplacing =
  (deps: ReplacingDeps) =>
  async (order: OrderRecord, ticketNos: readonly string[], netFenMax: number | null): Promise<Replacing> => {
    const { change, refund, fares } = deps.rulesFor(order);
    const ticket = order.tickets.find(({ ticketNo }) => ticketNo === ticketNos[0]);
    const { fromStationId, runId } = ticket ? lineOf(order, ticket) : order.lines[0];
    const cancellations = await deps.runStates.cancellationsOf([runId]);
    const lostCoaches = lostIn(await deps.withdrawnCoaches.ofRuns([runId]));
    const zone = deps.timetable().zoneOf(fromStationId);
    return { order, ticketNos, rules: change, refund, children: fares, cancellations, lostCoaches, zone, netFenMax };
  };

export function createChangeApi(deps: ChangeApiDeps): Pick<Handlers<typeof orderRoutes>, "change" | "changeQuote"> {
  const replacing = createReplacing(deps);

  async function quote(
    order: OrderRecord,
    ticketNos: readonly string[],
    way: NewWay,
  ): Promise<Result<ChangeQuote, Refusal>> {
    const [now, timetable] = [deps.clock.now(), deps.timetable()];
    const asked = await replacing(order, ticketNos, null);
    const tickets = ticketsToChange(asked, way, now, timetable);
    if (!tickets.ok) return tickets;
    const saved = await deps.users.passengers(order.userId);
    const line = lineOfChange(tickets.value, way);
    const rules: PlanRules = { ...rulesOf(timetable.policy), isAdultAsked: true };
    const planned = planPurchase(line, travellersOf(tickets.value, saved), timetable, now, rules);
    if (!planned.ok) return planned;
    const plan = planned.value;
    const change = planChange(asked, way, plan, saved, now, timetable);
    if (!change.ok) return change;
    const { run, seatClass, fromStop, toStop } = plan;
    const asSold = tickets.value.map(({ ticketType }) => timetable.fare(run, seatClass, fromStop, toStop, ticketType));
    const fares = asSold.map((fare, n) => fareOnChange(change.value, n, fare));
    const prices = pricesOf(change.value, fares, asked.rules!);
    const carried = isCarried(prices);
    return ok({
      orderNo: order.orderNo,
      kind: change.value.kind,
      ...change.value.terms,
      departAt: formatInZone(plan.departAt, timetable.zoneOf(way.from)),
      arriveAt: formatInZone(plan.arriveAt, timetable.zoneOf(way.to)),
      tickets: prices.map(({ old, newFareFen, feeFen, differenceFeeFen, netFen }, n) => ({
        ticketNo: old.ticketNo,
        passengerId: old.passengerId,
        fareFen: old.fareFen,
        newFareFen: asSold[n]!,
        ...(asSold[n]! > newFareFen ? { notCollectedFen: asSold[n]! - newFareFen } : {}),
        feeFen,
        differenceFeeFen,
        netFen,
      })),
      netFen: netOf(prices),
      payFen: carried ? fen(0) : sumFen(fares),
      backFen: sumFen(prices.map((price) => backOf(price, carried).refundFen)),
    });
  }

  return {
    async changeQuote({ session, params, query: { ticketNos, ...way } }) {
      const order = await deps.own(session.userId, params.orderNo);
      if (!order.ok) return order;
      const quoted = await quote(order.value, [...new Set(ticketNos.split(","))], way);
      return quoted.ok ? ok({ status: 200, body: quoted.value }) : quoted;
    },
    async change(call) {
      const { session, params, body } = call;
      const asker = askerOf(call, deps.risk);
      const order = await deps.own(session.userId, params.orderNo);
      if (!order.ok) return order;
      const tickets = body.ticketNos.flatMap((no) => order.value.tickets.find(({ ticketNo }) => ticketNo === no) ?? []);
      return deps.purchase({
        userId: session.userId as UserId,
        key: call.idempotencyKey,
        requestHash: hashChange(params.orderNo, body),
        lines: [lineOfChange(tickets, body, body.preferences)],
        asker,
        replacing: await replacing(order.value, body.ticketNos, body.netFenMax ?? null),
      });
    },
  };
}

/** Unlike that of any purchase, which begins with a train. */
const hashChange = (orderNo: string, asked: ChangeRequest): string =>
  hash(
    "sha256",
    JSON.stringify([
      "change",
      orderNo,
      asked.ticketNos,
      asked.trainNumber,
      asked.originDate,
      asked.from,
      asked.to,
      asked.seatClass,
      asked.preferences ?? [],
      asked.netFenMax ?? null,
    ]),
    "base64url",
  );
