/** From HTTP to the order room and back: takes a request for the command or the question it is, and answers. Decides nothing itself. */
import {
  type Handlers,
  type OrderAccepted,
  type orderRoutes,
  type Refusal,
  refusal,
  type Reply,
  type RiskClient,
  type Timetable,
  type UserClient,
} from "@chepiao/contracts";
import {
  eventStreamsPerUserMax,
  ok,
  parseServiceDate,
  refuse,
  type Result,
  sessionTtlMs,
  type UserId,
  type ZoneName,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { OrderFeed } from "@chepiao/ports/order-feed";
import { inSomeSchoolYear, type OrderRecord, type OrderStore } from "@chepiao/ports/order-store";
import type { RunStateStore } from "@chepiao/ports/run-states";
import type { WithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { createChangeApi } from "./change/api.ts";
import type { Changes } from "./changes.ts";
import { decideCancel, decideRefund } from "./decide.ts";
import { createFollowers } from "./follow.ts";
import { createPurchaseHandler, type Purchase } from "./purchase/command.ts";
import type { Queries } from "./queries.ts";
import { receiptOf } from "./receipt.ts";
import type { OrderRules } from "./rules.ts";
import type { FindOrder } from "./store.ts";
import { studentTripsLeft } from "./studentTrips.ts";
import type { DecidedChange } from "./transitions.ts";
import { acceptedView } from "./views.ts";

/** What a purchase is answered with once it is in the log (I2). */
export const acceptedReply = (order: OrderAccepted, zone: ZoneName): Reply => ({
  status: 202,
  body: acceptedView(order, zone),
});

export type ApiDeps = {
  readonly clock: Clock;
  readonly feed: Pick<OrderFeed, "follow">;
  readonly rulesFor: (order: OrderRecord) => Pick<OrderRules, "change" | "fares" | "refund">;
  readonly timetable: () => Timetable;
  readonly users: Pick<UserClient, "passengers">;
  readonly store: Pick<OrderStore, "studentTrips">;
  readonly runStates: Pick<RunStateStore, "cancellationsOf">;
  readonly withdrawnCoaches: Pick<WithdrawnCoachStore, "ofRuns">;
  readonly purchase: Purchase;
  readonly risk: Pick<RiskClient, "isIdle">;
  readonly changes: Changes;
  readonly queries: Queries;
  readonly find: FindOrder;
};

export function createApi(deps: ApiDeps) {
  const { clock, feed, purchase, changes, queries, find } = deps;
  const followers = createFollowers({ clock, lifetimeMs: sessionTtlMs, perUserMax: eventStreamsPerUserMax });
  const reply = (body: unknown) => ok<Reply>({ status: 200, body });

  async function change(
    userId: number,
    orderNo: string,
    decide: (order: OrderRecord) => Result<DecidedChange, Refusal> | Promise<Result<DecidedChange, Refusal>>,
  ): Promise<Result<Reply, Refusal>> {
    const order = await queries.own(userId, orderNo);
    if (!order.ok) return order;
    const made = await changes.make(order.value.orderId, async (now) => {
      const decided = await decide(now);
      return decided.ok ? { change: decided.value } : { refused: decided.error };
    });
    // In the log but not in SQL yet, or changed by others again and again: a moment later it can be changed.
    if (!made.ok) return refuse(refusal("OrderChanged"));
    const decision = made.value;
    return decision.change ? reply(queries.view(decision.change.order)) : refuse(decision.refused);
  }

  const handlers: Handlers<typeof orderRoutes> = {
    submit: createPurchaseHandler(purchase, deps.risk),
    ...createChangeApi({ ...deps, own: queries.own }),
    list: async ({ session, query }) => reply(await queries.list(session.userId as UserId, query)),
    async studentTrips({ session, query }) {
      const date = parseServiceDate(query.date);
      if (!date || !inSomeSchoolYear(date)) return refuse(refusal("MalformedRequest"));
      return reply(await studentTripsLeft(deps, session.userId as UserId, date));
    },
    async get({ session, params }) {
      const order = await queries.own(session.userId, params.orderNo);
      return order.ok ? reply(queries.view(order.value)) : order;
    },
    async events({ session, params }) {
      const order = await queries.own(session.userId, params.orderNo);
      if (!order.ok) return order;
      const { orderId, orderNo, userId } = order.value;
      const stream = followers.follow(
        userId,
        async () => {
          const { now, ...rest } = queries.view((await find(orderId))!);
          return { json: JSON.stringify({ ...rest, now }), sameness: JSON.stringify(rest) };
        },
        (heard) => feed.follow(orderNo, heard),
      );
      if (!stream) return refuse(refusal("TooManyRequests"));
      return ok({ status: 200, body: stream, raw: true, headers: { "content-type": "text/event-stream" } });
    },
    async receipt({ session, params }) {
      const order = await queries.own(session.userId, params.orderNo);
      if (!order.ok) return order;
      // Oneself stands first among the saved passengers of an account.
      const [buyer] = await deps.users.passengers(order.value.userId);
      const zones = deps.timetable();
      const { code: currency } = zones.policy.policy.currency;
      const receipt = receiptOf(order.value, { buyer: buyer?.name ?? "", currency, zones, now: clock.now() });
      return receipt.ok ? reply(receipt.value) : receipt;
    },
    cancel: ({ session, params }) => change(session.userId, params.orderNo, decideCancel),
    async refundQuote({ session, params }) {
      const order = await queries.own(session.userId, params.orderNo);
      return order.ok ? reply(await queries.refundQuote(order.value)) : order;
    },
    refund: ({ session, params, body }) =>
      change(session.userId, params.orderNo, async (order) => {
        const command = { ticketNos: body.ticketNos, feeFenMax: body.feeFenMax ?? null };
        return decideRefund(order, command, clock.now(), await queries.refundBasis(order));
      }),
  };
  return { handlers, followers };
}
