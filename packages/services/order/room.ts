/** The order room, as it declares itself. */
import {
  announcedQueuesClient,
  capturedSecret,
  challengeProofSecret,
  type ClientSpec,
  gateRoutes,
  type HoldName,
  type InventoryClient,
  inventoryClient,
  orderClient,
  orderRoutes,
  paymentClient,
  policyClient,
  queuePassSecret,
  type RecordedHold,
  riskClient,
  timetableClient,
  userClient,
} from "@chepiao/contracts";
import { delayPort } from "@chepiao/ports/delay";
import { gateStorePort } from "@chepiao/ports/gate-store";
import { logPort } from "@chepiao/ports/log";
import { orderFeedPort } from "@chepiao/ports/order-feed";
import { ordersOfRunsPort, orderStorePort } from "@chepiao/ports/order-store";
import { port } from "@chepiao/ports/port";
import { purchaseLoadPort } from "@chepiao/ports/purchase-load";
import { reservationsPort } from "@chepiao/ports/reservations";
import type { HoldsView } from "@chepiao/ports/seat-store";
import { runStateStorePort } from "@chepiao/ports/run-states";
import { submissionsPort } from "@chepiao/ports/submissions";
import { withdrawnCoachStorePort } from "@chepiao/ports/withdrawn-coaches";
import { countersOf, defineRoom, gaugeOf } from "@chepiao/room";
import { createOrder, type OrderRoom } from "./index.ts";
import { createRetention, travellersKeptMs } from "./retention.ts";

/** An inventory of this process can do more than one that is asked over a network. */
type Inventory = InventoryClient & {
  readonly holdsView?: HoldsView;
  readonly reload?: (holds: readonly RecordedHold[]) => Promise<readonly HoldName[]>;
};

const inventoryHere: ClientSpec<Inventory> = inventoryClient;

/** Brings in line what follows no changes by itself; null where there is no such thing. */
export const afterErasingPort = port<(() => Promise<void>) | null>("indexes that follow nothing");

export const orderRoom = defineRoom({
  name: "order",
  about: "a purchase from the first request to the last refund",
  routes: { ...orderRoutes, ...gateRoutes },
  client: orderClient,
  makesIds: true,
  // A follower of an order is told the codes of its tickets.
  keys: {
    routes: ["signing", `secret ${queuePassSecret}`, `secret ${challengeProofSecret}`],
    consumers: [`secret ${capturedSecret}`],
  },
  asks: {
    users: userClient,
    inventory: inventoryHere,
    payments: paymentClient,
    timetable: timetableClient,
    policy: policyClient,
    queues: announcedQueuesClient,
    risk: riskClient,
  },
  needs: {
    store: orderStorePort,
    reservations: reservationsPort,
    submissions: submissionsPort,
    feed: orderFeedPort,
    log: logPort,
    delay: delayPort,
    ordersOfRuns: ordersOfRunsPort,
    afterErasing: afterErasingPort,
    runStates: runStateStorePort,
    withdrawnCoaches: withdrawnCoachStorePort,
    gates: gateStorePort,
    load: purchaseLoadPort,
  },
  settings: { travellersKeptMs },
  open({ rooms, ports, settings, ...around }) {
    const { delay, ordersOfRuns, afterErasing, ...stores } = ports;
    const retention = createRetention({
      clock: around.clock,
      store: stores.store,
      travellersKeptMs: settings.travellersKeptMs,
      ...(afterErasing ? { afterErasing } : {}),
      log: around.log,
    });
    const room = createOrder({
      ...around,
      ...stores,
      ...(delay ? { delay } : {}),
      ...(ordersOfRuns ? { ordersOfRuns } : {}),
      users: rooms.users,
      inventory: rooms.inventory,
      payments: rooms.payments,
      timetable: rooms.timetable.current,
      queues: rooms.queues,
      risk: rooms.risk,
      policies: rooms.policy.policies,
    });
    return {
      ...room,
      work: [...room.sweeper.work, room.runRefunds.work, ...room.passages.work, retention.work],
      metrics: metricsOf(room),
      reload: () => room.reload((holds) => rooms.inventory.reload!(holds)),
      endStreams: room.closeEventStreams,
      close: room.stopAppending,
    };
  },
});

/** In the design document's names where it gives them (§7.4.4.1). */
const metricsOf = ({ counters, submitsInFlight, eventStreams }: OrderRoom) => [
  gaugeOf("order_submits_in_flight", "Purchases being decided.", submitsInFlight),
  gaugeOf("order_event_streams", "Followers connected.", eventStreams),
  gaugeOf("tcc_transaction_success_rate", "Share of accepted orders whose seats the ledger confirmed.", () => {
    const { written, rejected } = counters;
    return written + rejected === 0 ? 1 : written / (written + rejected);
  }),
  countersOf("orders_total", "Orders since the start, by what became of them.", counters),
];
