/** The order room: a purchase from the first request to the last refund. */
import {
  type InventoryClient,
  type OrderClient,
  refusal,
  type RunId,
  type SeatsFreed,
  ServiceUnavailable,
  type Timetable,
  type UserClient,
} from "@chepiao/contracts";
import {
  type IdSource,
  ok,
  type OrderId,
  orderIdOf,
  refuse,
  paymentTimeoutMsDefault,
  saleClosesBeforeDepartureMs,
  type ZoneName,
} from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Delay } from "@chepiao/ports/delay";
import type { Log } from "@chepiao/ports/log";
import type { OrderFeed } from "@chepiao/ports/order-feed";
import { type OrderRecord, type OrdersOfRuns, type OrderStore, seatHoldingStates } from "@chepiao/ports/order-store";
import type { Reservations } from "@chepiao/ports/reservations";
import type { SeatBooks } from "@chepiao/ports/seat-store";
import type { Submissions } from "@chepiao/ports/submissions";
import type { Vault } from "@chepiao/ports/vault";
import { createApi } from "./api.ts";
import { createConsumers } from "./consume.ts";
import { createMender } from "./mend.ts";
import { type RefundGrade, refundGradesDefault } from "./refundFee.ts";
import { restoreOrders } from "./restore.ts";
import type { Purchase } from "./purchase.ts";
import { createSubmit } from "./submit.ts";
import { createSweeper } from "./sweep.ts";
import { acceptedView, undecided } from "./views.ts";

export { createMender, type Mender, type RunDifference, type RunMended } from "./mend.ts";
export { recoverKeys, recoverLimits } from "./recover.ts";
export { createPurchaseHandler, type Purchase } from "./purchase.ts";
export { type RefundGrade, refundGradesDefault } from "./refundFee.ts";
export type { SubmitCommand } from "./submit.ts";

export type OrderDeps = {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly timetable: () => Timetable;
  readonly users: Pick<UserClient, "passengers">;
  /** With its books where it may lose what it answered. */
  readonly inventory: InventoryClient & { readonly books?: SeatBooks };
  /** For mending, where there are books. */
  readonly ordersOfRuns?: OrdersOfRuns;
  readonly store: OrderStore;
  readonly reservations: Reservations;
  readonly submissions: Submissions;
  readonly feed: OrderFeed;
  readonly log: Pick<Log, "append">;
  readonly vault: Pick<Vault, "sign">;
  /** Its time is `paymentTimeoutMs`. Only makes the end of unpaid orders cheaper to find (I4 holds without it). */
  readonly delay?: Delay;
  readonly kickOutbox: () => void;
  readonly report: (message: string, error?: unknown) => void;
  readonly saleClosesBeforeDepartureMs?: number;
  readonly paymentTimeoutMs?: number;
  readonly refundGrades?: readonly RefundGrade[];
};

export type OrderCounters = Record<
  "written" | "rejected" | "ticketed" | "paidTooLate" | "expired" | "completed" | "broughtBack",
  number
>;

export function createOrder(deps: OrderDeps) {
  const { clock, store, submissions, reservations } = deps;
  const counters: OrderCounters = {
    written: 0,
    rejected: 0,
    ticketed: 0,
    paidTooLate: 0,
    expired: 0,
    completed: 0,
    broughtBack: 0,
  };
  const zone = (): ZoneName => deps.timetable().zone;

  /** An order wherever it is: in SQL, or still between log and SQL. */
  async function find(orderId: OrderId): Promise<OrderRecord | null> {
    const row = await store.load(orderId);
    if (row) return row;
    const waiting = await submissions.find(orderId);
    // It may have been written between the two looks.
    return waiting ? undecided(waiting) : store.load(orderId);
  }

  const submit = createSubmit({
    ...deps,
    find,
    settings: {
      saleClosesBeforeDepartureMs: deps.saleClosesBeforeDepartureMs ?? saleClosesBeforeDepartureMs,
      paymentTimeoutMs: deps.paymentTimeoutMs ?? paymentTimeoutMsDefault,
    },
  });
  const purchase: Purchase = (command) =>
    submit
      .submit(command)
      .then((outcome) => (outcome.ok ? ok({ status: 202, body: acceptedView(outcome.value, zone()) }) : outcome));
  /** Doing it again changes nothing: both sides know what is theirs by the order's id. */
  async function free({ runId, orderId, seatIndexes, ticketNos }: SeatsFreed) {
    await deps.inventory.release({ runId, holdId: orderId }, seatIndexes);
    await reservations.giveBack(orderId, ticketNos);
  }
  const { handlers, followers } = createApi({
    ...deps,
    free,
    zone,
    find,
    purchase,
    refundGrades: deps.refundGrades ?? refundGradesDefault,
  });
  const { books } = deps.inventory;
  const mender =
    books && deps.ordersOfRuns
      ? createMender({ ...deps, orders: deps.ordersOfRuns, inventory: { ...deps.inventory, books } })
      : null;
  /** An inventory that is away is asked again, with the whole batch; anything else must not hold up the log. */
  async function mend(runId: RunId) {
    try {
      const mended = await mender!.mend(runId);
      const count = (mended?.missing.length ?? 0) - (mended?.blocked.length ?? 0);
      if (count === 0) return;
      counters.broughtBack += count;
      deps.report(`run ${runId} had the seats of ${count} orders for sale that are sold; they are taken again`);
    } catch (error) {
      if (error instanceof ServiceUnavailable) throw error;
      deps.report(`run ${runId} could not be brought in line with what is sold`, error);
    }
  }
  const consumers = createConsumers({
    ...deps,
    free,
    ...(mender ? { mend } : {}),
    count: (what) => void counters[what]++,
  });
  const sweeper = createSweeper({
    ...deps,
    count: (what, howMany) => {
      counters[what] += howMany;
    },
  });

  const client: OrderClient = {
    async payable(userId, orderNo) {
      const orderId = orderIdOf(orderNo);
      const order = orderId === null ? null : await find(orderId);
      if (!order || order.userId !== userId) return refuse(refusal("OrderUnknown"));
      if (order.state === "accepted") return refuse(refusal("OrderChanged"));
      if (order.state !== "pendingPayment" || order.payBy <= clock.now()) {
        return refuse(refusal("OrderNotPayable", { state: order.state }));
      }
      return ok({
        orderNo: order.orderNo,
        userId: order.userId,
        runId: order.runId,
        totalFen: order.totalFen,
        payBy: order.payBy,
        subject: `${order.trainNumber} ${order.fromName}–${order.toName} ${order.boardingDate}`,
      });
    },
    async isLive(orderId) {
      const order = await find(orderId);
      return (
        order !== null && (order.state === "accepted" || (seatHoldingStates as readonly string[]).includes(order.state))
      );
    },
  };

  return {
    handlers,
    /** For requests that were read on another thread. */
    purchase,
    client,
    consumers,
    sweeper,
    /** To be called once, when everything in the log is in SQL and before anybody is served. */
    restore: (restoreSeats: Parameters<typeof restoreOrders>[1]) => restoreOrders(deps, restoreSeats),
    counters,
    submitsInFlight: submit.inFlight,
    eventStreams: followers.openCount,
    closeEventStreams: followers.closeAll,
  };
}

export type OrderRoom = ReturnType<typeof createOrder>;
