/** What the routes for orders do: each is on the audit trail before it answers. */
import {
  type Handlers,
  hasRight,
  type OrderHit,
  type ordersOperationsRoutes,
  refusal,
  type SessionView,
  type UserClient,
} from "@chepiao/contracts";
import {
  formatInZone,
  ok,
  type OrderId,
  orderIdOf,
  pageSizeMax,
  refuse,
  type ServiceDate,
  type ZoneName,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Deliveries } from "@chepiao/ports/deliveries";
import type { OrderDocument, OrderFilter, WayDocument } from "@chepiao/ports/order-search";
import type { Actor, Acts } from "../acts.ts";
import { endedMails, queueMailsAgain } from "../notifications/resend.ts";
import { nameMasked, type StoryDeps, storyOf } from "../orderStory.ts";
import { filterOf, lookedAt, type OrdersAsked, pageEndOf, pageEndText, travellersOf } from "./find.ts";
import { type FindDeps, findOrders } from "./search.ts";

export type OrdersApiDeps = Omit<StoryDeps, "deliveries" | "orders"> & {
  readonly orders: StoryDeps["orders"] & FindDeps["orders"];
  readonly orderSearch: FindDeps["orderSearch"];
  readonly accounts: Pick<UserClient, "accountOf" | "documentHash">;
  readonly deliveries: StoryDeps["deliveries"] & Pick<Deliveries, "queueAgain">;
  readonly clock: Pick<Clock, "now">;
  readonly acts: Acts;
  readonly actorOf: (session: SessionView) => Promise<Actor>;
};

export function createOrdersApi(deps: OrdersApiDeps): Handlers<typeof ordersOperationsRoutes> {
  const { acts, actorOf, accounts, clock, zone } = deps;
  return {
    async orders({ session, query: { limit = pageSizeMax, after, ...query } }) {
      const namesTravellers = hasRight(session.role, "readTravellers");
      // Who could look for a name, and is shown that there is such an order, has read it.
      if (!namesTravellers && (query.name !== undefined || query.document !== undefined))
        return refuse(refusal("NotAllowed"));
      const asked = askedBy(query);
      const filter = await filterOf(asked, accounts);
      if (filter === "account") return refuse(refusal("AccountUnknown"));
      if (filter === "document") return refuse(refusal("DocumentInvalid"));
      const from = after === undefined ? null : pageEndOf(after);
      const found = await findOrders(deps, { ...filter, limit, ...(from === null ? {} : { after: from }) });
      await acts.noteLook(await actorOf(session), {
        action: "readOrders",
        what: `${lookedAt(found, asked)}${namesTravellers ? "" : "; travellers masked"}`,
      });
      const { orders, next, isComplete } = found;
      const hits = orders.map((each) => hitOf(each, zone, namesTravellers));
      return ok({ status: 200, body: { orders: hits, next: next && pageEndText(next), isComplete } });
    },
    async order({ session, params: { orderNo }, language }) {
      const namesTravellers = hasRight(session.role, "readTravellers");
      const orderId = orderIdOf(orderNo);
      if (orderId === null) return refuse(refusal("OrderUnknown"));
      const what = `its story, ${namesTravellers ? "with its travellers" : "travellers masked"}`;
      await acts.noteLook(await actorOf(session), { action: "readOrders", subject: `order ${orderNo}`, what });
      const story = await storyOf(deps, orderId, { namesTravellers, language });
      return story === null ? refuse(refusal("OrderUnknown")) : ok({ status: 200, body: story });
    },
    async resendOrderMails({ session, params: { orderNo }, body: { reason, isDryRun } }) {
      const order = await loaded(deps, orderIdOf(orderNo));
      if (order === null) return refuse(refusal("OrderUnknown"));
      const ended = await endedMails(deps.deliveries, { userId: order.userId, orderNo, limit: mailsMax });
      const act = await acts.begin(await actorOf(session), {
        action: "resendNotifications",
        subject: `order ${orderNo}`,
        what: `${ended.length} mails of ${orderNo}`,
        reason,
        ...(isDryRun ? { isDryRun: true } : {}),
      });
      let count = ended.length;
      if (!isDryRun) {
        try {
          count = await queueMailsAgain(deps.deliveries, ended, clock.now());
        } catch (error) {
          await act.ended("failed", error instanceof Error ? error.message : String(error));
          throw error;
        }
      }
      await act.ended("done", isDryRun ? `${count} would be due at once` : `${count} are due at once`);
      const mails = ended.map(({ kind, at, state, lastError }) => ({
        kind,
        at: formatInZone(at, zone),
        state,
        error: lastError,
      }));
      return ok({ status: 200, body: { count, mails } });
    },
  };
}

/** Of one order there are some ten. */
const mailsMax = 500;

const loaded = async ({ orders }: OrdersApiDeps, orderId: OrderId | null) =>
  orderId === null ? null : orders.load(orderId);

type Query = Omit<Parameters<Handlers<typeof ordersOperationsRoutes>["orders"]>[0]["query"], "after" | "limit">;

function askedBy({ orderNo, ticketNo, account, name, document, documentType, train, date, state }: Query): OrdersAsked {
  const passenger = {
    ...(name === undefined ? {} : { name }),
    ...(ticketNo === undefined ? {} : { ticketNo }),
  };
  const filter: OrderFilter = {
    ...(orderNo === undefined ? {} : orderIdOf(orderNo) === null ? { orderNoStart: orderNo } : { orderNo }),
    ...(train === undefined ? {} : { trainNumber: train }),
    ...(date === undefined ? {} : { boardingDate: { from: date as ServiceDate, to: date as ServiceDate } }),
    ...(state === undefined ? {} : { states: [state] }),
    ...(Object.keys(passenger).length > 0 ? { passenger } : {}),
  };
  return {
    filter,
    document: document === undefined ? null : { type: documentType ?? "residentId", number: document },
    account: account ?? null,
  };
}

function hitOf(order: OrderDocument, zone: ZoneName, namesTravellers: boolean): OrderHit {
  const { orderNo, userId, state, totalFen, createdAt, furtherWays = [] } = order;
  return {
    orderNo,
    userId,
    state,
    ...wayOf(order, zone),
    totalFen,
    createdAt: formatInZone(createdAt, zone),
    passengers: travellersOf(order).map((each) => (namesTravellers ? each : { ...each, name: nameMasked(each.name) })),
    furtherWays: furtherWays.map((way) => wayOf(way, zone)),
  };
}

const wayOf = (way: WayDocument, zone: ZoneName) => ({
  trainNumber: way.trainNumber,
  originDate: way.originDate,
  boardingDate: way.boardingDate,
  fromName: way.fromName,
  toName: way.toName,
  departAt: formatInZone(way.departAt, zone),
  seatClass: way.seatClass,
});
