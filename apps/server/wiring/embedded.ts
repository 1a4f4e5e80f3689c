/**
 * The whole platform in one process: every room, on SQLite, the file log and memory. This is the only place that knows which
 * adapter stands behind which port here.
 *
 * The order of waking up matters: what is in the log but not in SQL is written first, then memory (seats, limits, keys) is
 * rebuilt from SQL, and only then does anybody get to buy.
 */
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { openFileLog } from "@chepiao/adapters/file-log";
import { createCompactOrderKeys, createCompactReservations } from "@chepiao/adapters/memory";
import { openStores } from "@chepiao/adapters/sqlite";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import { orderRoutes, paymentRoutes, searchRoutes, ticketRoutes, type Timetable, userRoutes } from "@chepiao/contracts";
import { createIdSource, dayMs, epochMs, hourMs, minuteMs } from "@chepiao/kernel";
import type { Consumption } from "@chepiao/ports/log";
import { createMemoryOrderFeed } from "@chepiao/ports/order-feed";
import { createMemorySubmissions } from "@chepiao/ports/submissions";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import {
  type AnswerAudit,
  assertPortFree,
  createMetrics,
  createRelay,
  type HttpServer,
  type Logger,
  type LoggerDeps,
  serveHttp,
} from "@chepiao/runtime";
import { createEngineSeats } from "@chepiao/services/inventory";
import type { SeedAccount } from "@chepiao/services/user";
import type { Config } from "../config.ts";
import { demoAccount } from "../data/demo/account.ts";
import type { DataFolder } from "../dataFolder.ts";
import { createSite } from "../site.ts";
import { registerGauges, watchDeadLetters } from "./gauges.ts";
import {
  everyNowAndThen,
  type House,
  openBank,
  openInventory,
  openOrders,
  openPayments,
  openSearch,
  openTickets,
  openUsers,
  refundConsumer,
  reporter,
  siteFor,
} from "./rooms.ts";
import { createWorkers } from "./workers/workers.ts";

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
  /** What the logger writes, and where to: for those of other threads. */
  readonly logTo: LoggerDeps;
  /** Called where no timetable was imported yet: the one to begin with. */
  readonly firstTimetable: (store: TimetableStore) => Promise<void>;
  /** Something broke that only a restart can mend. */
  readonly broken: (error: Error) => void;
  /** Tests check every answer against its declaration. */
  readonly strictAnswers?: AnswerAudit;
};

export async function startEmbedded(options: EmbeddedOptions): Promise<Platform> {
  const { config, folder, logger } = options;
  const workerCount = config.workers - 1;
  const report = reporter(logger);
  const cleanUp = new AsyncDisposableStack();

  const demo = (config.demo ?? config.publicUrl === "") ? demoAccount : null;

  // The world outside
  const clock = createSystemClock();
  const vault = createVault(await loadOrCreateKeys(folder.keys));
  const ids = createIdSource(0);
  const house: House = { config, logger, clock, random: createSystemRandom(), vault, ids };
  const opened = cleanUp.use(await openStores(folder.database, options.broken));
  const { stores } = opened;
  const log = cleanUp.use(await openFileLog(folder.log, clock, { report: report("log-service") }));
  const relay = cleanUp.use(createRelay({ outbox: stores.outbox, log, clock, report: report("relay-service") }));

  // The rooms
  if ((await stores.timetable.version()) === 0) await options.firstTimetable(stores.timetable);
  const ticket = await openTickets(house, stores.timetable);
  const { zone } = ticket.timetable;
  const users = openUsers(house, stores, zone, {
    alone: true,
    ...(workerCount > 0 ? { tellOthers: (news) => workers!.tellSessions(news) } : {}),
  });
  cleanUp.defer(() => users.stop());
  const seats = createEngineSeats({ shared: workerCount > 0 });
  const inventory = cleanUp.use(openInventory(house, seats, (orderId) => order.client.isLive(orderId)));
  const order = openOrders(
    house,
    {
      store: stores.orders,
      reservations: createCompactReservations(),
      submissions: createMemorySubmissions({ keys: createCompactOrderKeys() }),
      feed: createMemoryOrderFeed(),
      log,
      users: users.client,
      inventory,
      kickOutbox: relay.kick,
    },
    ticket,
  );
  const search = openSearch(house, inventory, ticket);
  const ownUrl = () => config.publicUrl || (server?.url ?? `http://localhost:${config.port}`);
  const bank = cleanUp.use(openBank(house, zone, folder.sandboxBank));
  const payment = openPayments(house, zone, {
    store: stores.payments,
    orders: order.client,
    kickOutbox: relay.kick,
    publicUrl: siteFor(config, config.trustProxy, ownUrl),
    noticeUrl: ownUrl,
    bank: { url: ownUrl, ask: bank.fetch },
  });
  cleanUp.defer(() => payment.stop());
  const site = createSite({
    report: report("site-service"),
    // A site that was given a name is for real travellers.
    demo: demo && demo.account,
  });

  // Waking up
  // Orders before what happens to them: a payment should not come before its order, even where the log is read from afar.
  const consumptions: Consumption[] = [];
  for (const consumer of [...order.consumers, refundConsumer(payment)]) {
    const consumption = log.consume(consumer);
    await consumption.caughtUp();
    consumptions.push(consumption);
  }
  ids.skipPast(await stores.orders.highestId());
  await order.restore(inventory.restore);
  // It read millions of rows that nobody needs any more: better now than in the middle of a sale.
  Bun.gc(true);

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
  cleanUp.defer(watchDeadLetters(metrics, log.deadLetters, clock));
  const workers =
    workerCount === 0
      ? null
      : createWorkers(workerCount, {
          ...options,
          clock,
          stores: opened,
          seats,
          purchase: order.purchase,
          report: report("order-service"),
          strictAnswers: options.strictAnswers !== undefined,
        });
  if (workers) metrics.alsoOf(workers.values);
  let server: HttpServer | null = null;
  cleanUp.defer(order.sweeper.start());
  inventory.startSweeper();
  payment.start();
  cleanUp.defer(everyNowAndThen(clock, 10 * minuteMs, () => inventory.retire(epochMs(clock.now() - hourMs))));
  cleanUp.defer(everyNowAndThen(clock, hourMs, () => log.trim(logKeepMs)));
  relay.kick();
  try {
    if (workers) assertPortFree(config.port, config.host);
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
      ready: () => [{ name: "platform", ready: true }, ...(workers ? [workers.readiness()] : [])],
      extra: async (request) => (await bank.fetch(request)) ?? (await site(request)),
      trustProxy: config.trustProxy,
      ...(workers ? { reusePort: true, inner: workers.inner } : {}),
      ...(options.strictAnswers ? { strictAnswers: options.strictAnswers } : {}),
    });
    // Streets first: nobody new comes in, those inside are served, then the rooms close.
    cleanUp.defer(() => server!.stop());
    if (workers) {
      cleanUp.use(workers);
      await workers.open(server.port);
    }
    cleanUp.defer(() => order.closeEventStreams());
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
  return { server, timetable: ticket.timetable, demo, stop: () => cleanUp.disposeAsync() };
}
