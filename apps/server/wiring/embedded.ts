/**
 * The whole platform in one process: every room, on SQLite, the file log and memory. This is the only place that knows which
 * adapter stands behind which port here.
 *
 * The order of waking up matters: what is in the log but not in SQL is written first, then memory (seats, limits, keys) is
 * rebuilt from SQL, and only then does anybody get to buy.
 */
import { createArgon2Passwords, createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { openFileLog } from "@chepiao/adapters/file-log";
import { createSandboxBank, createSandboxProvider } from "@chepiao/adapters/sandbox-pay";
import { openStores } from "@chepiao/adapters/sqlite";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import {
  type LogEvents,
  orderRoutes,
  paymentRoutes,
  searchRoutes,
  ticketRoutes,
  type Timetable,
  userRoutes,
} from "@chepiao/contracts";
import { createIdSource, dayMs, epochMs, hourMs, minuteMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { PaymentProvider } from "@chepiao/ports/payment-provider";
import type { Consumer, Consumption } from "@chepiao/ports/log";
import { createMemoryOrderFeed } from "@chepiao/ports/order-feed";
import { createMemoryReservations } from "@chepiao/ports/reservations";
import { createMemorySubmissions } from "@chepiao/ports/submissions";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import {
  type AnswerAudit,
  createMetrics,
  createRelay,
  type HttpServer,
  type Logger,
  serveHttp,
} from "@chepiao/runtime";
import { createEngineSeats, createInventory } from "@chepiao/services/inventory";
import { createOrder } from "@chepiao/services/order";
import { createPayment } from "@chepiao/services/payment";
import { createSearch } from "@chepiao/services/search";
import { createTicket } from "@chepiao/services/ticket";
import { createUser, type SeedAccount } from "@chepiao/services/user";
import type { Config } from "../config.ts";
import { demoAccount } from "../data/demo/account.ts";
import type { DataFolder } from "../dataFolder.ts";
import { createSite } from "../site.ts";
import { registerGauges } from "./gauges.ts";

/** Logs of trips long past are of no use to a restart. */
const logKeepMs = 7 * dayMs;

export type Platform = {
  readonly server: HttpServer;
  readonly timetable: Timetable;
  /** The login that everybody knows, where there is one. */
  readonly demo: SeedAccount | null;
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  readonly config: Config;
  readonly folder: DataFolder;
  readonly logger: Logger;
  /** Called where no timetable was imported yet: the one to begin with. */
  readonly firstTimetable: (store: TimetableStore) => Promise<void>;
  /** Something broke that only a restart can mend. */
  readonly broken: (error: Error) => void;
  /** Tests check every answer against its declaration. */
  readonly strictAnswers?: AnswerAudit;
};

export async function startEmbedded(options: EmbeddedOptions): Promise<Platform> {
  const { config, folder, logger } = options;
  const report = (service: string) => (message: string, error?: unknown) =>
    logger.error({ service, message, status: "failed", ...(error === undefined ? {} : { error }) });
  const cleanUp = new AsyncDisposableStack();

  const demo = config.publicUrl === "" ? demoAccount : null;

  // The world outside
  const clock = createSystemClock();
  const random = createSystemRandom();
  const vault = createVault(await loadOrCreateKeys(folder.keys));
  const { stores } = cleanUp.use(await openStores(folder.database, options.broken));
  const log = cleanUp.use(await openFileLog(folder.log, clock, { report: report("log-service") }));
  const relay = cleanUp.use(createRelay({ outbox: stores.outbox, log, clock, report: report("relay-service") }));
  const ids = createIdSource(0);

  // The rooms
  if ((await stores.timetable.version()) === 0) await options.firstTimetable(stores.timetable);
  const ticket = await createTicket({
    store: stores.timetable,
    clock,
    saleWindowDays: config.saleWindowDays,
    openingTime: config.openingTime,
    verificationKey: () => ({ algorithm: "Ed25519", keyId: vault.keyId, publicKeyPem: vault.publicKeyPem }),
  });
  const timetable = () => ticket.timetable;
  const users = createUser({
    users: stores.users,
    sessions: stores.sessions,
    vault,
    passwords: createArgon2Passwords(),
    clock,
    random,
    ids,
    zone: ticket.timetable.zone,
    cookieSecure: config.publicUrl.startsWith("https://"),
    passengersFreshMs: Infinity,
  });
  cleanUp.defer(() => users.stop());
  const inventory = cleanUp.use(
    createInventory({
      seats: createEngineSeats(),
      clock,
      isLive: (orderId) => order.client.isLive(orderId),
      report: (trouble) => report("inventory-service")("overdue holds could not be looked at", trouble),
    }),
  );
  const reservations = createMemoryReservations();
  const order = createOrder({
    clock,
    ids,
    timetable,
    users: users.client,
    inventory,
    store: stores.orders,
    reservations,
    submissions: createMemorySubmissions(),
    feed: createMemoryOrderFeed(),
    log,
    vault,
    kickOutbox: relay.kick,
    report: report("order-service"),
    saleClosesBeforeDepartureMs: config.saleClosesBeforeMs,
    paymentTimeoutMs: config.paymentTimeoutMs,
    refundGrades: config.refundGrades,
  });
  const publicUrl = () => config.publicUrl || (server?.url ?? `http://localhost:${config.port}`);
  const siteOf = (request: Request) => config.publicUrl || (addressIn(request, config.trustProxy) ?? publicUrl());
  // The bank is ours, so its secret is made from our keys and never set by hand.
  const merchant = { merchantId: "chepiao", name: "车票 Chepiao", secret: vault.fingerprint("sandbox bank") };
  const bank = cleanUp.use(
    createSandboxBank({
      path: folder.sandboxBank,
      merchant,
      zone: ticket.timetable.zone,
      clock,
      random,
      log: (message) => logger.info({ service: "sandbox-bank", message }),
    }),
  );
  const site = createSite({
    report: report("site-service"),
    // A site that was given a name is for real travellers.
    demo: demo && demo.account,
  });
  const sandbox = createSandboxProvider({ merchant, bankUrl: publicUrl, ask: bank.fetch, clock, random });
  const provider: PaymentProvider = {
    ...sandbox,
    async start(wanted) {
      // The bank is in this house: whoever reaches the site by some address reaches the bank by the same.
      const { pathname, search: key } = new URL((await sandbox.start(wanted)).payUrl);
      return { payUrl: new URL(pathname + key, wanted.returnUrl).href };
    },
  };
  const payment = createPayment({
    store: stores.payments,
    providers: [provider],
    orders: order.client,
    clock,
    ids,
    zone: ticket.timetable.zone,
    publicUrl: siteOf,
    noticeUrl: publicUrl,
    kickOutbox: relay.kick,
    log: (message) => logger.info({ service: "payment-service", message }),
  });
  cleanUp.defer(() => payment.stop());
  const search = createSearch({
    timetable,
    inventory,
    clock,
    saleWindowDays: config.saleWindowDays,
    saleOpensAt: ticket.saleOpensAt,
    saleClosesBeforeMs: config.saleClosesBeforeMs,
  });

  // Waking up
  // Orders before what happens to them: a payment should not come before its order, even where the log is read from afar.
  const consumptions: Consumption[] = [];
  for (const consumer of [...order.consumers, refundConsumer(payment.consumers["payment-refund-topic"])]) {
    const consumption = log.consume(consumer);
    await consumption.caughtUp();
    consumptions.push(consumption);
  }
  ids.skipPast(await stores.orders.highestId());
  await order.restore(inventory.restore);

  // The demonstration's login is there before anybody can ask for it. A site with a name of its own has none: everybody knows it.
  if (demo) await users.seedAccount(demo);

  // Doors open
  const metrics = createMetrics();
  registerGauges(metrics, {
    order,
    inventory,
    timetable: ticket.timetable,
    payment,
    outbox: stores.outbox,
    clock,
    consumptions,
    log,
  });
  let server: HttpServer | null = null;
  cleanUp.defer(order.sweeper.start());
  inventory.startSweeper();
  payment.start();
  cleanUp.defer(everyNowAndThen(clock, 10 * minuteMs, () => inventory.retire(epochMs(clock.now() - hourMs))));
  cleanUp.defer(everyNowAndThen(clock, hourMs, () => log.trim(logKeepMs)));
  relay.kick();
  try {
    server = serveHttp({
      port: config.port,
      hostname: config.host,
      rooms: [
        { routes: userRoutes, handlers: users.handlers },
        { routes: searchRoutes, handlers: search },
        { routes: ticketRoutes, handlers: ticket.handlers },
        { routes: orderRoutes, handlers: order.handlers },
        { routes: paymentRoutes, handlers: payment.handlers },
      ],
      authenticate: users.client.authenticate,
      observe: { logger, metrics },
      ready: () => [{ name: "platform", ready: true }],
      extra: async (request) => (await bank.fetch(request)) ?? (await site(request)),
      trustProxy: config.trustProxy,
      ...(options.strictAnswers ? { strictAnswers: options.strictAnswers } : {}),
    });
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
  // Streets first: nobody new comes in, those inside are served, then the rooms close.
  cleanUp.defer(() => server.stop());
  cleanUp.defer(() => order.closeEventStreams());
  return { server, timetable: ticket.timetable, demo, stop: () => cleanUp.disposeAsync() };
}

const refundConsumer = (handle: (batch: readonly LogEvents["payment-refund-topic"][]) => Promise<void>): Consumer => ({
  group: "refund-consumer-group",
  topics: ["payment-refund-topic"],
  batchMax: 500,
  handle: (records) => handle(records.map((record) => record.value as LogEvents["payment-refund-topic"])),
});

/** Where somebody reached us, as their browser says: a phone in the same network knows this machine by another name. */
function addressIn({ headers }: Request, trustProxy: boolean): string | null {
  const scheme = trustProxy && headers.get("x-forwarded-proto") === "https" ? "https" : "http";
  const host = headers.get("host") ?? "";
  return /^[\w.:[\]-]+$/.test(host) && URL.canParse(`${scheme}://${host}`) ? `${scheme}://${host}` : null;
}

/** Housekeeping that may fail and is simply done again next time. */
function everyNowAndThen(clock: Clock, everyMs: number, work: () => Promise<unknown>): () => void {
  let cancel = clock.after(everyMs, again);
  function again() {
    void work().catch(() => {});
    cancel = clock.after(everyMs, again);
  }
  return () => cancel();
}
