/** From HTTP to the order room and back: finds, asks the decisions, answers. Decides nothing itself. */
import {
  type Handlers,
  type orderRoutes,
  type Refusal,
  refusal,
  type Reply,
  type SeatsFreed,
} from "@chepiao/contracts";
import {
  eventStreamsPerUserMax,
  ok,
  type OrderId,
  orderIdOf,
  refuse,
  type Result,
  sessionTtlMs,
  type UserId,
  type ZoneName,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { OrderFeed } from "@chepiao/ports/order-feed";
import type { OrderChange, OrderRecord, OrderStore } from "@chepiao/ports/order-store";
import type { Submissions } from "@chepiao/ports/submissions";
import type { Vault } from "@chepiao/ports/vault";
import { decideCancel, decideRefund } from "./decide.ts";
import { createFollowers } from "./follow.ts";
import { createPurchaseHandler, type Purchase } from "./purchase.ts";
import type { RefundGrade } from "./refundFee.ts";
import { orderView, refundQuoteView, undecided } from "./views.ts";

export type ApiDeps = {
  readonly clock: Clock;
  readonly zone: () => ZoneName;
  readonly store: OrderStore;
  readonly submissions: Submissions;
  readonly feed: OrderFeed;
  readonly vault: Pick<Vault, "sign">;
  readonly refundGrades: readonly RefundGrade[];
  readonly kickOutbox: () => void;
  readonly report: (message: string, error: unknown) => void;
  /** Seats and limits of tickets that ended. */
  readonly free: (freed: SeatsFreed) => Promise<void>;
  readonly purchase: Purchase;
  readonly find: (orderId: OrderId) => Promise<OrderRecord | null>;
};

const pageSizeDefault = 20;
/** A change that loses its race is decided again on what won; more often than this it is not bad luck. */
const attemptsMax = 5;

export function createApi(deps: ApiDeps) {
  const { clock, store, submissions, feed } = deps;
  const followers = createFollowers({ clock, lifetimeMs: sessionTtlMs, perUserMax: eventStreamsPerUserMax });
  const view = (order: OrderRecord) => orderView(order, deps.zone(), clock.now(), deps.vault.sign);
  const reply = (body: unknown) => ok<Reply>({ status: 200, body });

  /** The order, if it is that account's own; to anybody else it does not exist. */
  async function own(userId: number, orderNo: string): Promise<Result<OrderRecord, Refusal>> {
    const orderId = orderIdOf(orderNo);
    const order = orderId === null ? null : await deps.find(orderId);
    return order && order.userId === userId ? ok(order) : refuse(refusal("OrderUnknown"));
  }

  async function change(
    userId: number,
    orderNo: string,
    decide: (order: OrderRecord) => Result<OrderChange, Refusal>,
  ): Promise<Result<Reply, Refusal>> {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const order = await own(userId, orderNo);
      if (!order.ok) return order;
      // In the log but not in SQL yet: a moment later it can be changed.
      if (order.value.state === "accepted") return refuse(refusal("OrderChanged"));
      const decision = decide(order.value);
      if (!decision.ok) return decision;
      const [made] = await store.change([decision.value], clock.now());
      if (!made) continue;
      deps.kickOutbox();
      await giveBackAtOnce(decision.value);
      feed.changed(order.value.orderNo);
      return reply(view((await store.load(order.value.orderId))!));
    }
    return refuse(refusal("OrderChanged"));
  }

  /**
   * Who cancels often buys again in the next breath, and should not meet his own old seats and limits. The message in the
   * outbox does the same once more, and alone if we die or fail here: what was changed is answered as changed.
   */
  async function giveBackAtOnce({ messages }: OrderChange) {
    try {
      for (const { topic, value } of messages) if (topic === "inventory-update-topic") await deps.free(value);
    } catch (error) {
      deps.report("seats could not be given back at once; the log does it", error);
    }
  }

  const handlers: Handlers<typeof orderRoutes> = {
    submit: createPurchaseHandler(deps.purchase),
    async list({ session, query }) {
      const userId = session.userId as UserId;
      const { limit = pageSizeDefault } = query;
      const before = query.before === undefined ? undefined : (orderIdOf(query.before) ?? undefined);
      const page = { limit: limit + 1, ...(query.state ? { state: query.state } : {}), ...(before ? { before } : {}) };
      const waiting = (await submissions.ofUser(userId))
        .filter(
          (order) => (before === undefined || order.orderId < before) && (!query.state || query.state === "accepted"),
        )
        .map(undecided);
      const rows = await store.ofUser(userId, page);
      // One that was written in between is in both; the row knows better.
      const written = new Set(rows.map((order) => order.orderId));
      const orders = [...waiting.filter((order) => !written.has(order.orderId)), ...rows]
        .sort((a, b) => b.orderId - a.orderId)
        .slice(0, limit + 1);
      return reply({
        orders: orders.slice(0, limit).map((order) => orderView(order, deps.zone(), clock.now(), null)),
        next: orders.length > limit ? orders[limit - 1]!.orderNo : null,
      });
    },
    async get({ session, params }) {
      const order = await own(session.userId, params.orderNo);
      return order.ok ? reply(view(order.value)) : order;
    },
    async events({ session, params }) {
      const order = await own(session.userId, params.orderNo);
      if (!order.ok) return order;
      const { orderId, orderNo, userId } = order.value;
      const stream = followers.follow(
        userId,
        async () => {
          const { now, ...rest } = view((await deps.find(orderId))!);
          return { json: JSON.stringify({ ...rest, now }), sameness: JSON.stringify(rest) };
        },
        (heard) => feed.follow(orderNo, heard),
      );
      if (!stream) return refuse(refusal("TooManyRequests"));
      return ok({ status: 200, body: stream, raw: true, headers: { "content-type": "text/event-stream" } });
    },
    cancel: ({ session, params }) => change(session.userId, params.orderNo, decideCancel),
    async refundQuote({ session, params }) {
      const order = await own(session.userId, params.orderNo);
      return order.ok ? reply(refundQuoteView(order.value, clock.now(), deps.refundGrades)) : order;
    },
    refund: ({ session, params, body }) =>
      change(session.userId, params.orderNo, (order) =>
        decideRefund(
          order,
          { ticketNos: body.ticketNos, feeFenMax: body.feeFenMax ?? null },
          clock.now(),
          deps.refundGrades,
        ),
      ),
  };
  return { handlers, followers };
}
