/**
 * The rooms of a process that has some of the roles. A room is handed the clients of others: functions where those live in this
 * process, too, and calls over the network where they do not.
 */
import type { SandboxBank } from "@chepiao/adapters/sandbox-pay";
import type { Stores } from "@chepiao/adapters/sql";
import {
  type Handlers,
  type InventoryClient,
  type OrderClient,
  orderRoutes,
  paymentRoutes,
  searchRoutes,
  ticketRoutes,
  type UserClient,
  userRoutes,
} from "@chepiao/contracts";
import { serviceDate, type ZoneName } from "@chepiao/kernel";
import type { Delay } from "@chepiao/ports/delay";
import type { Leases } from "@chepiao/ports/lease";
import type { Log } from "@chepiao/ports/log";
import type { OrderFeed } from "@chepiao/ports/order-feed";
import type { OrderSearch } from "@chepiao/ports/order-search";
import type { Reservations } from "@chepiao/ports/reservations";
import type { SeatStore } from "@chepiao/ports/seat-store";
import type { SessionStore } from "@chepiao/ports/session-store";
import type { Submissions } from "@chepiao/ports/submissions";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import {
  type Answering,
  answerInventory,
  answerOrders,
  answerUsers,
  type Bus,
  createRemoteInventory,
  createRemoteOrders,
  createRemoteUsers,
  type Room,
} from "@chepiao/runtime";
import type { Inventory } from "@chepiao/services/inventory";
import type { OrderRoom } from "@chepiao/services/order";
import type { PaymentRoom } from "@chepiao/services/payment";
import type { TicketRoom } from "@chepiao/services/ticket";
import type { UserRoom } from "@chepiao/services/user";
import type { RoleName } from "../roles.ts";
import type { LogSeen } from "./gauges.ts";
import type { ReadModels } from "./readModels.ts";
import {
  type House,
  openBank,
  openInventory,
  openOrders,
  openPayments,
  openSearch,
  openTickets,
  openUsers,
  type PaymentPorts,
} from "./rooms.ts";

/** What engines give to rooms. A process opens those that its roles need; to read another one is a mistake of ours. */
export type Ports = {
  readonly stores: Stores;
  readonly sessions: SessionStore;
  readonly seats: SeatStore;
  readonly reservations: Reservations;
  readonly submissions: Submissions;
  readonly feed: OrderFeed;
  readonly leases: Leases;
  readonly log: Log & LogSeen;
  /** Null where there is none: the sweeper alone is sufficient. */
  readonly delay: Delay | null;
  readonly readModels: ReadModels;
  /** Null where there is none: operators search nothing then. */
  readonly orderSearch: OrderSearch | null;
};

/** Null is a room that is not here. */
export type ProcessRooms = {
  readonly ticket: TicketRoom | null;
  readonly users: UserRoom | null;
  readonly inventory: Inventory | null;
  readonly order: OrderRoom | null;
  readonly search: Handlers<typeof searchRoutes> | null;
  readonly payment: PaymentRoom | null;
  readonly bank: SandboxBank | null;
  /** Who is asking: for every role with doors to the street. */
  readonly authenticate: UserClient["authenticate"];
};

/** Has this process one of these roles? */
export type Has = (...roles: readonly RoleName[]) => boolean;

export type ProcessRoomsDeps = {
  readonly house: House;
  readonly ports: Ports;
  readonly bus: Bus;
  readonly has: Has;
  readonly kickOutbox: () => void;
  readonly site: Pick<PaymentPorts, "publicUrl" | "noticeUrl">;
  /** Where the practice bank is when it is elsewhere, and where it keeps its books when it is here. */
  readonly bankUrl: () => string;
  readonly bankBooks: string;
};

export async function openRooms(deps: ProcessRoomsDeps, cleanUp: AsyncDisposableStack): Promise<ProcessRooms> {
  const { house, ports, bus, has, kickOutbox } = deps;
  const knowsTrains = has("search", "order", "inventory", "writer", "sweeper");
  const ticket = knowsTrains ? await openTickets(house, ports.stores.timetable) : null;
  const zone = async () => ticket?.timetable.zone ?? zoneOf(ports.stores.timetable);

  const users = has("user")
    ? openUsers(house, { users: ports.stores.users, sessions: ports.sessions }, await zone(), { alone: false })
    : null;
  if (users) cleanUp.defer(() => users.stop());
  const userClient = users?.client ?? createRemoteUsers({ caller: bus("user"), now: house.clock.now });

  // On shared seats any process may; the writer mends them besides, for which it must see more than clients do.
  const inventory = has("inventory", "sweeper", "writer")
    ? cleanUp.use(openInventory(house, ports.seats, (orderId) => orderClient.isLive(orderId)))
    : null;
  const inventoryClient: Inventory | InventoryClient =
    inventory ?? cleanUp.use(createRemoteInventory({ caller: bus("inventory"), clock: house.clock }));

  const orderPorts = () => ({
    store: ports.stores.orders,
    reservations: ports.reservations,
    submissions: ports.submissions,
    feed: ports.feed,
    log: has("order") ? ports.log : writesNoOrders,
    users: userClient,
    inventory: inventoryClient,
    kickOutbox,
    ...(ports.delay ? { delay: ports.delay } : {}),
    ...(has("writer") ? { ordersOfRuns: ports.readModels.orders } : {}),
  });
  const order = has("order", "writer", "sweeper") ? openOrders(house, orderPorts(), ticket!) : null;
  const orderClient: OrderClient = order?.client ?? createRemoteOrders(bus("order"));

  const search = has("search") ? openSearch(house, inventoryClient, ticket!) : null;

  const bank = has("bank") ? cleanUp.use(openBank(house, await zone(), deps.bankBooks)) : null;
  const payment = has("payment")
    ? openPayments(house, await zone(), {
        ...deps.site,
        store: ports.stores.payments,
        orders: orderClient,
        kickOutbox,
        bank: { url: deps.bankUrl, ask: bank?.fetch ?? fetch },
      })
    : null;
  if (payment) cleanUp.defer(() => payment.stop());

  return { ticket, users, inventory, order, search, payment, bank, authenticate: userClient.authenticate };
}

/** What of the street's routes is answered here. */
export function publicRooms({ users, ticket, order, search, payment }: ProcessRooms, has: Has): Room[] {
  const rooms: Room[] = [];
  if (users) rooms.push({ routes: userRoutes, handlers: users.handlers });
  if (search) rooms.push({ routes: searchRoutes, handlers: search });
  if (search && ticket) rooms.push({ routes: ticketRoutes, handlers: ticket.handlers });
  if (order && has("order")) rooms.push({ routes: orderRoutes, handlers: order.handlers });
  if (payment) rooms.push({ routes: paymentRoutes, handlers: payment.handlers });
  return rooms;
}

/** What other roles may ask here. */
export function answersToRoles({ users, ticket, inventory, order }: ProcessRooms, has: Has): Answering[] {
  const answers: Answering[] = [];
  if (users) answers.push(answerUsers(users.client));
  if (inventory && ticket && has("inventory")) answers.push(answerInventory(inventory, () => ticket.timetable));
  if (order && has("order")) answers.push(answerOrders(order.client));
  return answers;
}

const writesNoOrders = { append: () => Promise.reject(new Error("this role does not sell")) };

/** No train runs that late, and the zone alone is wanted. */
async function zoneOf(timetable: TimetableStore): Promise<ZoneName> {
  const stored = await timetable.load(serviceDate("9999-12-31"));
  return stored!.zone;
}
