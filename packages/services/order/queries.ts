/** What is asked about orders, and answered as they stand. An order that is accepted and not yet a row is among them. */
import {
  firstRunOf,
  type Order,
  type OrderLine,
  type PayableOrder,
  type Refusal,
  refusal,
  type RefundQuote,
  type Replaces,
  type Timetable,
} from "@chepiao/contracts";
import { dateIn, ok, type OrderId, orderIdOf, refuse, type Result, type UserId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { type OrderRecord, type OrderStore, seatHoldingStates } from "@chepiao/ports/order-store";
import type { RunStateStore } from "@chepiao/ports/run-states";
import type { Submissions } from "@chepiao/ports/submissions";
import type { Vault } from "@chepiao/ports/vault";
import type { WithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { decideReplaced } from "./change/decide.ts";
import { type Mistakes, type RefundBasis, runsAll } from "./refundCase.ts";
import { lostIn } from "./lostCoach.ts";
import type { OrderRules } from "./rules.ts";
import type { FindOrder } from "./store.ts";
import { orderView, refundQuoteView, undecided, type Zones } from "./views.ts";

export type QueriesDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Zones & Pick<Timetable, "stateOf" | "station">;
  readonly store: Pick<OrderStore, "mistakesOf" | "ofUser">;
  readonly submissions: Pick<Submissions, "ofUser">;
  readonly vault: Pick<Vault, "sign">;
  readonly runStates: Pick<RunStateStore, "cancellationsOf">;
  readonly withdrawnCoaches: Pick<WithdrawnCoachStore, "ofRuns">;
  readonly rulesFor: (order: OrderRecord) => Pick<OrderRules, "refund">;
  readonly find: FindOrder;
};

export type ListQuery = { readonly state?: Order["state"]; readonly before?: string; readonly limit?: number };
export type OrderList = { readonly orders: readonly Order[]; readonly next: string | null };

const pageSizeDefault = 20;
const runsOf = ({ lines }: OrderRecord) => [...new Set(lines.map(({ runId }) => runId))];
const holdsSeats = (state: Order["state"]) => (seatHoldingStates as readonly string[]).includes(state);

export function createQueries(deps: QueriesDeps) {
  const { clock, timetable, store, runStates, withdrawnCoaches, submissions, vault, rulesFor, find } = deps;
  const findByNo = async (orderNo: string): Promise<OrderRecord | null> => {
    const orderId = orderIdOf(orderNo);
    return orderId === null ? null : find(orderId);
  };

  /** The order, if it is that account's own; to any other account it does not exist. */
  async function own(userId: number, orderNo: string): Promise<Result<OrderRecord, Refusal>> {
    const order = await findByNo(orderNo);
    return order && order.userId === userId ? ok(order) : refuse(refusal("OrderUnknown"));
  }

  const refundBasis = async (order: OrderRecord): Promise<RefundBasis> => ({
    rules: rulesFor(order).refund,
    mistakes: await mistakesOf(order),
    cancellations: await runStates.cancellationsOf(runsOf(order)),
    lostCoaches: lostIn(await withdrawnCoaches.ofRuns(runsOf(order))),
    timetable: timetable(),
  });

  async function mistakesOf(order: OrderRecord): Promise<Mistakes> {
    const day = dateIn(timetable().zone, clock.now());
    const isCounted = order.state === "ticketed" && rulesFor(order).refund.mistake !== null;
    return { day, orders: isCounted ? await store.mistakesOf(order.userId, day) : [] };
  }

  /** Nobody should pay for tickets that would come back: the old ones are needed for it, and one that is carried is never paid. */
  async function canReplace(order: OrderRecord, replaces: Replaces): Promise<boolean> {
    return !replaces.isCarried && decideReplaced(order, replaces, await find(replaces.orderId), clock.now()) !== null;
  }

  /** What the payer reads: every trip once, in however many classes it is bought. */
  function subjectOf(lines: readonly OrderLine[]): PayableOrder["subject"] {
    const english = (stationId: string, name: string) => timetable().station(stationId)?.nameEn ?? name;
    const all = lines.map(({ trainNumber, boardingDate, fromStationId, fromName, toStationId, toName }) => ({
      zh: `${trainNumber} ${fromName}–${toName} ${boardingDate}`,
      en: `${trainNumber} ${english(fromStationId, fromName)} – ${english(toStationId, toName)} ${boardingDate}`,
    }));
    const once = (texts: readonly string[], between: string) => [...new Set(texts)].join(between);
    return {
      zh: once(
        all.map(({ zh }) => zh),
        "；",
      ),
      en: once(
        all.map(({ en }) => en),
        "; ",
      ),
    };
  }

  return {
    own,

    /** With ticket codes. */
    view: (order: OrderRecord): Order => orderView(order, timetable(), clock.now(), vault.sign),

    /** An account's orders, newest first. */
    async list(userId: UserId, query: ListQuery): Promise<OrderList> {
      const { limit = pageSizeDefault, state } = query;
      const before = query.before === undefined ? undefined : (orderIdOf(query.before) ?? undefined);
      const page = { limit: limit + 1, ...(state ? { state } : {}), ...(before ? { before } : {}) };
      const waiting = (await submissions.ofUser(userId))
        .filter((order) => (before === undefined || order.orderId < before) && (!state || state === "accepted"))
        .map(undecided);
      const rows = await store.ofUser(userId, page);
      // One that was written in between is in both; the row knows better.
      const written = new Set(rows.map((order) => order.orderId));
      const orders = [...waiting.filter((order) => !written.has(order.orderId)), ...rows]
        .sort((a, b) => b.orderId - a.orderId)
        .slice(0, limit + 1);
      return {
        orders: orders.slice(0, limit).map((order) => orderView(order, timetable(), clock.now(), null)),
        next: orders.length > limit ? orders[limit - 1]!.orderNo : null,
      };
    },

    async refundQuote(order: OrderRecord): Promise<RefundQuote> {
      return refundQuoteView(order, clock.now(), await refundBasis(order));
    },

    /** What its tickets are given back by, read for every decision anew. */
    refundBasis,

    /** The order as its owner may pay it now. */
    async payable(userId: UserId, orderNo: string): Promise<Result<PayableOrder, Refusal>> {
      const found = await own(userId, orderNo);
      if (!found.ok) return found;
      const order = found.value;
      if (order.state === "accepted") return refuse(refusal("OrderChanged"));
      if (order.state !== "pendingPayment" || order.payBy <= clock.now()) {
        return refuse(refusal("OrderNotPayable", { state: order.state }));
      }
      if (!runsAll(order, timetable())) return refuse(refusal("OrderNotPayable"));
      if (order.replaces && !(await canReplace(order, order.replaces))) return refuse(refusal("OrderNotPayable"));
      return ok({
        orderNo: order.orderNo,
        userId: order.userId,
        runId: firstRunOf(order),
        totalFen: order.totalFen,
        payBy: order.payBy,
        subject: subjectOf(order.lines),
      });
    },

    /** Is its hold still wanted? */
    async isLive(orderId: OrderId): Promise<boolean> {
      const order = await find(orderId);
      return order !== null && (order.state === "accepted" || holdsSeats(order.state));
    },
  };
}

export type Queries = ReturnType<typeof createQueries>;
