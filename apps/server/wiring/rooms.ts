/**
 * The rooms, set up by the configuration: which of its values goes where. The same for the platform in one process and for roles in
 * processes of their own; what stands behind the ports and the clients is not known here.
 */
import { createArgon2Passwords } from "@chepiao/adapters/crypto";
import { createSandboxBank, createSandboxProvider, type SandboxBank } from "@chepiao/adapters/sandbox-pay";
import type { InventoryClient, LogEvents, OrderClient, UserClient } from "@chepiao/contracts";
import type { IdSource, ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Consumer, Log } from "@chepiao/ports/log";
import type { OrderFeed } from "@chepiao/ports/order-feed";
import type { OrdersOfRuns, OrderStore } from "@chepiao/ports/order-store";
import type { PaymentProvider } from "@chepiao/ports/payment-provider";
import type { PaymentStore } from "@chepiao/ports/payment-store";
import type { Random } from "@chepiao/ports/random";
import type { Reservations } from "@chepiao/ports/reservations";
import type { SeatStore } from "@chepiao/ports/seat-store";
import type { SessionStore } from "@chepiao/ports/session-store";
import type { Submissions } from "@chepiao/ports/submissions";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import type { UserStore } from "@chepiao/ports/user-store";
import type { Vault } from "@chepiao/ports/vault";
import type { Logger } from "@chepiao/runtime";
import { createInventory, type Inventory } from "@chepiao/services/inventory";
import { createOrder, type OrderDeps, type OrderRoom } from "@chepiao/services/order";
import { createPayment, type PaymentRoom } from "@chepiao/services/payment";
import { createSearch } from "@chepiao/services/search";
import { createTicket, type TicketRoom } from "@chepiao/services/ticket";
import { createUser, type UserDeps, type UserRoom } from "@chepiao/services/user";
import type { Config } from "../config.ts";

/** What every room has around it. */
export type House = {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly ids: IdSource;
};

export const reporter =
  (logger: Logger) =>
  (service: string) =>
  (message: string, error?: unknown): void =>
    logger.error({ service, message, status: "failed", ...(error === undefined ? {} : { error }) });

export const openTickets = (
  { config, clock, vault }: Pick<House, "config" | "clock" | "vault">,
  store: TimetableStore,
): Promise<TicketRoom> =>
  createTicket({
    store,
    clock,
    saleWindowDays: config.saleWindowDays,
    openingTime: config.openingTime,
    verificationKey: () => ({ algorithm: "Ed25519", keyId: vault.keyId, publicKeyPem: vault.publicKeyPem }),
  });

type UserPorts = { readonly users: UserStore; readonly sessions: SessionStore };

export type UserSurroundings = {
  /** No other process writes accounts: then what was read of them may be kept. */
  readonly alone: boolean;
  readonly tellOthers?: UserDeps["tellOthers"];
};

export const openUsers = (
  house: House,
  ports: UserPorts,
  zone: ZoneName,
  { alone, tellOthers }: UserSurroundings,
): UserRoom =>
  createUser({
    ...house,
    users: ports.users,
    sessions: ports.sessions,
    passwords: createArgon2Passwords(),
    zone,
    cookieSecure: house.config.publicUrl.startsWith("https://"),
    ...(alone ? { passengersFreshMs: Infinity } : {}),
    tellOthers,
  });

export const openInventory = ({ clock, logger }: House, seats: SeatStore, isLive: OrderClient["isLive"]): Inventory =>
  createInventory({
    seats,
    clock,
    isLive,
    report: (trouble) => reporter(logger)("inventory-service")("overdue holds could not be looked at", trouble),
  });

export type OrderPorts = {
  readonly store: OrderStore;
  readonly reservations: Reservations;
  readonly submissions: Submissions;
  readonly feed: OrderFeed;
  readonly log: Pick<Log, "append">;
  readonly users: Pick<UserClient, "passengers">;
  readonly inventory: OrderDeps["inventory"];
  readonly ordersOfRuns?: OrdersOfRuns;
  readonly kickOutbox: () => void;
};

export const openOrders = (house: House, ports: OrderPorts, { timetable }: TicketRoom): OrderRoom =>
  createOrder({
    ...house,
    ...ports,
    timetable: () => timetable,
    report: reporter(house.logger)("order-service"),
    saleClosesBeforeDepartureMs: house.config.saleClosesBeforeMs,
    paymentTimeoutMs: house.config.paymentTimeoutMs,
    refundGrades: house.config.refundGrades,
  });

export const openSearch = (
  { config, clock }: Pick<House, "config" | "clock">,
  inventory: Pick<InventoryClient, "available" | "freeSeats" | "changes">,
  ticket: TicketRoom,
) =>
  createSearch({
    timetable: () => ticket.timetable,
    inventory,
    clock,
    saleWindowDays: config.saleWindowDays,
    saleOpensAt: ticket.saleOpensAt,
    saleClosesBeforeMs: config.saleClosesBeforeMs,
  });

// Money

export type PaymentPorts = {
  readonly store: PaymentStore;
  readonly orders: OrderClient;
  readonly kickOutbox: () => void;
  /** The site as this payer reaches it; and where banks send their notices. */
  readonly publicUrl: (request: Request) => string;
  readonly noticeUrl: () => string;
  readonly bank: { readonly url: () => string; readonly ask: (request: Request) => Promise<Response | null> };
};

export function openPayments(house: House, zone: ZoneName, ports: PaymentPorts): PaymentRoom {
  const { logger, clock, ids } = house;
  const { bank, ...rest } = ports;
  return createPayment({
    ...rest,
    clock,
    ids,
    zone,
    providers: [openProvider(house, bank)],
    log: (message) => logger.info({ service: "payment-service", message }),
  });
}

/** The bank is ours, so its secret is made from our keys and never set by hand. */
const merchantOf = (vault: Vault) => ({
  merchantId: "chepiao",
  name: "车票 Chepiao",
  secret: vault.fingerprint("sandbox bank"),
});

function openProvider({ vault, clock, random }: House, { url, ask }: PaymentPorts["bank"]): PaymentProvider {
  const sandbox = createSandboxProvider({ merchant: merchantOf(vault), bankUrl: url, ask, clock, random });
  return {
    ...sandbox,
    async start(wanted) {
      // The bank is in this house: whoever reaches the site by some address reaches the bank by the same.
      const { pathname, search: key } = new URL((await sandbox.start(wanted)).payUrl);
      return { payUrl: new URL(pathname + key, wanted.returnUrl).href };
    },
  };
}

export const openBank = ({ vault, clock, random, logger }: House, zone: ZoneName, path: string): SandboxBank =>
  createSandboxBank({
    path,
    merchant: merchantOf(vault),
    zone,
    clock,
    random,
    log: (message) => logger.info({ service: "sandbox-bank", message }),
  });

export const refundConsumer = ({ consumers }: PaymentRoom): Consumer => ({
  group: "refund-consumer-group",
  topics: ["payment-refund-topic"],
  batchMax: 500,
  handle: (records) =>
    consumers["payment-refund-topic"](records.map((record) => record.value as LogEvents["payment-refund-topic"])),
});

/** The site's own name where it has one, else what this caller calls it. */
export const siteFor =
  ({ publicUrl }: Config, trustProxy: boolean, otherwise: () => string) =>
  (request: Request): string =>
    publicUrl || (addressIn(request, trustProxy) ?? otherwise());

/** Where somebody reached us, as their browser says: a phone in the same network knows this machine by another name. */
function addressIn({ headers }: Request, trustProxy: boolean): string | null {
  const scheme = trustProxy && headers.get("x-forwarded-proto") === "https" ? "https" : "http";
  const host = headers.get("host") ?? "";
  return /^[\w.:[\]-]+$/.test(host) && URL.canParse(`${scheme}://${host}`) ? `${scheme}://${host}` : null;
}

/** Housekeeping that may fail and is simply done again next time. */
export function everyNowAndThen(clock: Clock, everyMs: number, work: () => Promise<unknown>): () => void {
  let cancel = clock.after(everyMs, again);
  function again() {
    void work().catch(() => {});
    cancel = clock.after(everyMs, again);
  }
  return () => cancel();
}
