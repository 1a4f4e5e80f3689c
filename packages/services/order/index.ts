/** The order room: a purchase from the first request to the last refund. */
import {
  type AnnouncedQueuesClient,
  type InventoryClient,
  type OrderAccepted,
  type OrderClient,
  type RiskClient,
  type PaymentClient,
  type Policies,
  type RunId,
  type SeatsFreed,
  ServiceUnavailable,
  type Timetable,
  type UserClient,
} from "@chepiao/contracts";
import type { IdSource, ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Delay } from "@chepiao/ports/delay";
import type { GateStore } from "@chepiao/ports/gate-store";
import type { Log } from "@chepiao/ports/log";
import type { OrderFeed } from "@chepiao/ports/order-feed";
import type { OrderRecord, OrdersOfRuns, OrderStore } from "@chepiao/ports/order-store";
import type { PurchaseLoad } from "@chepiao/ports/purchase-load";
import type { Random } from "@chepiao/ports/random";
import type { Reservations } from "@chepiao/ports/reservations";
import type { RunStateStore } from "@chepiao/ports/run-states";
import type { WithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import type { HoldsView } from "@chepiao/ports/seat-store";
import type { Submissions } from "@chepiao/ports/submissions";
import type { Vault } from "@chepiao/ports/vault";
import { acceptedReply, createApi } from "./api.ts";
import { createChanges } from "./changes.ts";
import { countsAsUnpaid, createConsumers } from "./consume.ts";
import { createGateApi } from "./gate/api.ts";
import { createPassages } from "./gate/passages.ts";
import { createJobs } from "./jobs.ts";
import { createSeatRepairer } from "./repair.ts";
import { createSubmit } from "./purchase/submit.ts";
import { createQueries } from "./queries.ts";
import { repairLimitsFor } from "./repairLimits.ts";
import { reloadOrders } from "./reload.ts";
import { rulesOf } from "./rules.ts";
import { createRunRefunds } from "./runRefunds.ts";
import { createProved, createQueuePasses } from "@chepiao/room";
import { createReseat } from "./change/reseat.ts";
import { createFulfil } from "./purchase/fulfil.ts";
import { createFindLogged, createFindOrder } from "./store.ts";
import { studentTripsLeft } from "./studentTrips.ts";
import { toldOf } from "./told.ts";

export { createSeatRepairer, type SeatRepairer, type RunDifference, type RunRepaired } from "./repair.ts";
export { repairKeys, repairLimits } from "./repairLimits.ts";
export { writing } from "./consume.ts";
export { holdsOfRuns } from "./reload.ts";
export { gateKeyHash, unreadableCode } from "./gate/api.ts";
export { ticketsToBoard } from "./gate/list.ts";
export { createPurchaseHandler, type Purchase, type SubmitCommand } from "./purchase/command.ts";
export { createPassStep } from "./purchase/passStep.ts";
export { createRetention, travellersKeptMs } from "./retention.ts";

export type OrderDeps = {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly timetable: () => Timetable;
  readonly users: Pick<UserClient, "documentHash" | "passengers">;
  /** With its books where it may lose what it answered. */
  readonly inventory: InventoryClient & { readonly holdsView?: HoldsView };
  /** For repair, where there is a view of holds. */
  readonly ordersOfRuns?: OrdersOfRuns;
  readonly store: OrderStore;
  readonly reservations: Reservations;
  /** Which runs do not run. */
  readonly runStates: Pick<RunStateStore, "cancellationsOf" | "read" | "version">;
  /** Which coaches they run without. */
  readonly withdrawnCoaches: Pick<WithdrawnCoachStore, "ofRuns">;
  readonly gates: GateStore;
  readonly submissions: Submissions;
  /** Whom they let buy. */
  readonly queues: AnnouncedQueuesClient;
  readonly load: Pick<PurchaseLoad, "note">;
  readonly random: Pick<Random, "token">;
  /** Who judges them. */
  readonly risk: RiskClient;
  readonly feed: OrderFeed;
  readonly log: Pick<Log, "append">;
  readonly vault: Pick<Vault, "sign" | "secret" | "verify">;
  readonly payments: PaymentClient;
  /** Its time is the usual time to pay. Only makes the end of unpaid orders cheaper to find (I4 holds without it). */
  readonly delay?: Delay;
  readonly kickOutbox: () => void;
  readonly report: (message: string, error?: unknown) => void;
  /** All versions; which one holds now is in the timetable. */
  readonly policies: Policies;
};

export type OrderCounters = Record<
  | "written"
  | "rejected"
  | "ticketed"
  | "paidTooLate"
  /** The log told of money that was not captured. */
  | "paymentsNotBelieved"
  | "expired"
  | "completed"
  /** Orders whose tickets went back, or that ended, because their train does not run. */
  | "runRefunded"
  | "broughtBack",
  number
>;

export function createOrder(deps: OrderDeps) {
  const { store, submissions, reservations } = deps;
  const rulesFor = ({ policyVersion = 1 }: Pick<OrderRecord, "policyVersion">) =>
    rulesOf(deps.policies.of(policyVersion));
  const counters: OrderCounters = {
    written: 0,
    rejected: 0,
    ticketed: 0,
    paidTooLate: 0,
    paymentsNotBelieved: 0,
    expired: 0,
    completed: 0,
    runRefunded: 0,
    broughtBack: 0,
  };
  const zone = (): ZoneName => deps.timetable().zone;

  const find = createFindOrder(store, submissions);
  /** Doing it again changes nothing: both sides know what is theirs by the order's id and line. */
  async function free({ runId, orderId, line, holdLine = line, seatIndexes, ticketNos, unpaid }: SeatsFreed) {
    await deps.inventory.release({ runId, holdId: orderId, line: holdLine }, seatIndexes);
    if (unpaid) await reservations.endUnpaid(orderId);
    else await reservations.release({ orderId, line }, ticketNos);
  }
  const paid = (order: OrderRecord) => reservations.paid([countsAsUnpaid(order)]);
  const endedUnpaid = ({ userId, orderId }: OrderRecord) => deps.risk.endedUnpaid(userId, orderId, deps.clock.now());
  const changes = createChanges({ ...deps, find, free, paid, endedUnpaid });

  const findLogged = createFindLogged(store, submissions);
  const submit = createSubmit({
    ...deps,
    passes: createQueuePasses(deps.vault),
    find,
    findLogged,
    replyOf: (order) => acceptedReply(order, zone()),
  });
  const queries = createQueries({ ...deps, rulesFor, find });
  const { handlers, followers } = createApi({ ...deps, rulesFor, purchase: submit.submit, changes, queries, find });
  const { holdsView } = deps.inventory;
  const repairer =
    holdsView && deps.ordersOfRuns
      ? createSeatRepairer({ ...deps, orders: deps.ordersOfRuns, inventory: { ...deps.inventory, holdsView } })
      : null;
  /** What is away is asked again, with the whole batch; anything else must not hold up the log. */
  async function repairSeatsOf(runId: RunId) {
    try {
      const repaired = await repairer!.repairRun(runId);
      const count = (repaired?.missing.length ?? 0) - (repaired?.blocked.length ?? 0);
      if (count === 0) return;
      counters.broughtBack += count;
      deps.report(`run ${runId} had the seats of ${count} orders for sale that are sold; they are taken again`);
    } catch (error) {
      if (error instanceof ServiceUnavailable) throw error;
      deps.report(`run ${runId} could not be brought in line with what is sold`, error);
    }
  }
  async function repairLimitsOf(refused: OrderAccepted) {
    try {
      await repairLimitsFor({ ...deps, orders: deps.ordersOfRuns! }, refused);
      deps.report(`limits did not count what order ${refused.orderNo} was refused for; they do now`);
    } catch (error) {
      if (error instanceof ServiceUnavailable) throw error;
      deps.report(`limits could not be brought in line with what order ${refused.orderNo} was refused for`, error);
    }
  }
  const consumers = createConsumers({
    ...deps,
    changes,
    free,
    limitsFor: (order) => (order.replaces?.byRailway ? rulesFor(order).moveLimits : rulesFor(order).limits),
    proved: createProved(deps),
    ...(repairer ? { repair: { seats: repairSeatsOf, limits: repairLimitsOf } } : {}),
    count: (what) => void counters[what]++,
  });
  const sweeper = createJobs({
    ...deps,
    changes,
    count: (what, howMany) => {
      counters[what] += howMany;
    },
  });

  const runRefunds = createRunRefunds({ ...deps, changes, count: (what) => void counters[what]++ });

  const passages = createPassages({ ...deps, changes });
  const gateApi = createGateApi({ ...deps, passages, verify: deps.vault.verify });

  const fulfil = createFulfil({ findLogged, purchase: submit.submit });
  const reseat = createReseat({ ...deps, rulesFor, find, purchase: submit.submit });
  const client: OrderClient = {
    payable: queries.payable,
    fulfil,
    reseat,
    studentTrips: (userId, date) => studentTripsLeft(deps, userId, date),
    isLive: queries.isLive,
    async told(orderId) {
      const order = await find(orderId);
      return order && toldOf(order, deps.timetable());
    },
    holdersOn: (runId, skipped) => store.holdersOn(runId, skipped),
  };

  return {
    handlers: { ...handlers, ...gateApi },
    /** For requests that were read on another thread. */
    purchase: submit.submit,
    client,
    consumers,
    sweeper,
    runRefunds,
    passages,
    /** To be called once, when everything in the log is in SQL and before a request is served. */
    reload: (reloadSeats: Parameters<typeof reloadOrders>[1]) => reloadOrders(deps, reloadSeats),
    counters,
    submitsInFlight: submit.inFlight,
    /** Nothing is appended by itself any more. */
    stopAppending: submit.stop,
    eventStreams: followers.openCount,
    closeEventStreams: followers.closeAll,
  };
}

export type OrderRoom = ReturnType<typeof createOrder>;
