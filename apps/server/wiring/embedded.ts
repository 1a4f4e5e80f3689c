/**
 * The whole platform in one process: every room, on SQLite, the file log and memory. This is the only place that knows which
 * adapter stands behind which port here.
 *
 * The order of waking up matters: what is in the log but not in SQL is written first, then memory (seats, limits, keys) is
 * rebuilt from SQL, and only then may passengers buy.
 */
import { openVault } from "@chepiao/adapters/crypto";
import { openFileLog } from "@chepiao/adapters/file-log";
import { createCompactOrderKeys, createCompactReservations } from "@chepiao/adapters/memory";
import { messagesPath } from "@chepiao/adapters/sandbox-messages";
import { createSecurityLog } from "@chepiao/adapters/security-log";
import { openStores } from "@chepiao/adapters/sqlite";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import type { Timetable } from "@chepiao/contracts";
import { createIdSource, dayMs, hourMs, repeating } from "@chepiao/kernel";
import type { Consumption } from "@chepiao/ports/log";
import { createMemoryOrderFeed } from "@chepiao/ports/order-feed";
import { createMemoryQueueCounters } from "@chepiao/ports/queue-counters";
import { createMemoryRiskCounters } from "@chepiao/ports/risk-counters";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemorySubmissions } from "@chepiao/ports/submissions";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import {
  type AnswerAudit,
  assertPortFree,
  beginHouseWork,
  createMetrics,
  type HttpServer,
  type Logger,
  type LoggerDeps,
  openHouse,
  serveHttp,
} from "@chepiao/runtime";
import { createEngineSeats } from "@chepiao/services/inventory";
import { orderRoom } from "@chepiao/services/order/room.ts";
import { timetableRoom } from "@chepiao/services/timetable/room.ts";
import type { SeedAccount } from "@chepiao/services/user";
import { userRoom } from "@chepiao/services/user/room.ts";
import type { RoomSpec } from "@chepiao/room";
import { type Config, hasDemoLogin, isPractice, settingIn } from "../config.ts";
import { demoAccount, demoAccountFor, demoLeftOut, demoRetired } from "../data/demo/account.ts";
import type { DataFolder } from "../dataFolder.ts";
import { rolesOf } from "../roles.ts";
import { bankRoom } from "../rooms/bank.ts";
import { rooms as allRooms } from "../rooms/index.ts";
import { createSite } from "../site.ts";
import { registerGauges, registerReadiness, watchDeadLetters } from "./gauges.ts";
import { bringInLine } from "./orderSearchFile.ts";
import { requestLimitOf } from "./requestLimit.ts";
import { createWorkers } from "./workers/workers.ts";
import { firstPolicy } from "@chepiao/services/policy";
import { createWorld, keyFileReporter, reporter, siteFor, trustOf } from "./world.ts";

/** Logs of trips long past are of no use to a restart. */
const logKeepMs = 7 * dayMs;

export type Platform = {
  readonly server: HttpServer;
  readonly timetable: Timetable;
  /** The login that everybody knows, where there is one. */
  readonly demo: Pick<SeedAccount["account"], "username" | "password"> | null;
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
  /** Something broke that only a restart can repair. */
  readonly broken: (error: Error) => void;
  /** All of the platform's where they are left out. */
  readonly rooms?: readonly RoomSpec[];
  /** Tests check every answer against its declaration. */
  readonly strictAnswers?: AnswerAudit;
};

/** Read models follow binlogs, which an embedded platform does not have. */
const rolesElsewhere: readonly string[] = ["cdc"];

export async function startEmbedded(options: EmbeddedOptions): Promise<Platform> {
  const { config, folder, logger, rooms = allRooms } = options;
  const workerCount = config.workers - 1;
  const report = reporter(logger);
  const cleanUp = new AsyncDisposableStack();

  const demo = hasDemoLogin(config) ? demoAccountFor(settingIn(config)(firstPolicy)) : null;

  // The world outside
  const clock = createSystemClock();
  const vault = cleanUp.use(await openVault({ path: folder.keys, clock, report: keyFileReporter(logger) }));
  const ids = createIdSource(0);
  const opened = cleanUp.use(await openStores(folder.database, options.broken));
  const { stores } = opened;
  const securityEvents = createSecurityLog(folder.securityLog);
  const log = cleanUp.use(await openFileLog(folder.log, clock, { report: report("log-service") }));
  const seats = createEngineSeats({ shared: workerCount > 0 });
  let server: HttpServer | null = null;
  const ownUrl = () => config.publicUrl || (server?.url ?? `http://localhost:${config.port}`);
  const world = createWorld({
    config,
    logger,
    clock,
    random: createSystemRandom(),
    vault,
    ids,
    isSingleProcess: true,
    bus: null,
    ports: {
      stores,
      sessions: stores.sessions,
      limiter: createMemoryRateLimiter(clock),
      queueCounters: createMemoryQueueCounters(),
      riskCounters: createMemoryRiskCounters(),
      securityEvents,
      seats,
      reservations: createCompactReservations(),
      submissions: createMemorySubmissions({ keys: createCompactOrderKeys() }),
      feed: createMemoryOrderFeed(),
      log,
    },
    site: { publicUrl: siteFor(config, config.trustProxy, ownUrl), noticeUrl: ownUrl },
    bank: { url: ownUrl, ask: async (request) => house.room(bankRoom)!.pages(request) },
    bankLedger: folder.sandboxBank,
    afterErasing: () => bringInLine(folder),
    ...(workerCount > 0 ? { tellOthers: (changes) => workers!.tellSessions(changes) } : {}),
  });

  // The rooms
  if ((await stores.timetable.version()) === 0) await options.firstTimetable(stores.timetable);
  const table = rolesOf(rooms);
  const roles = table.names.filter((role) => !rolesElsewhere.includes(role));
  const house = cleanUp.use(
    await openHouse(
      world,
      rooms,
      roles.map((role) => table.spec(role).rooms),
    ),
  );
  const { timetable } = house.room(timetableRoom)!.client;
  const users = house.room(userRoom)!;
  const order = house.room(orderRoom)!;

  // Waking up
  // Orders before what happens to them: a payment should not come before its order, even where the log is read from afar.
  const consumptions: Consumption[] = [];
  for (const consumer of house.consumers) {
    const consumption = log.consume(consumer);
    await consumption.caughtUp();
    consumptions.push(consumption);
  }
  // Entries of the waitlist have the ids of the orders that they become.
  ids.skipPast(Math.max(await stores.orders.highestId(), await stores.waitlist.highestId()));
  await house.reload();
  // It read millions of rows that nobody needs any more: better now than in the middle of a sale.
  Bun.gc(true);

  // The demonstration's login is there before a visitor can ask for it, or is there no more: everybody knows it.
  const seeded = demo && (await users.seedAccount(demo));
  const demoLogin = seeded && demo.account;
  if (demo && !seeded) logger.warn({ service: "server", message: demoLeftOut });
  if (!demo && (await users.retireAccount(demoAccount))) logger.warn({ service: "server", message: demoRetired });

  const site = createSite({
    report: report("site-service"),
    // A site that was given a name is for real travellers.
    demo: demoLogin,
    messagesPage: isPractice(config) ? messagesPath : null,
    railway: settingIn(config)(firstPolicy),
    publicUrl: config.publicUrl,
  });

  // Doors open
  const metrics = createMetrics();
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
  const work = cleanUp.use(beginHouseWork(house, { clock, logger, leases: null, report }));
  registerGauges(metrics, { rooms: [...house.gauges, ...work.gauges], consumptions, log });
  registerReadiness(metrics, roles, () => workers?.readiness().ready ?? true);
  const trimming = repeating({
    clock,
    name: "log",
    everyMs: hourMs,
    pass: async () => void (await log.trim(logKeepMs)),
    report: (_, error) => report("log-service")("old files of the log could not be deleted; trying again", error),
  });
  cleanUp.defer(trimming.stop);
  try {
    if (workers) assertPortFree(config.port, config.host);
    server = serveHttp({
      port: config.port,
      hostname: config.host,
      rooms: house.routes,
      authenticate: house.authenticate,
      observe: { logger, metrics },
      ...(config.metricsPort === null ? {} : { detailsAt: { port: config.metricsPort, hostname: config.metricsHost } }),
      ready: () => [{ name: "platform", ready: true }, ...(workers ? [workers.readiness()] : [])],
      extra: async (request) => (await house.pages(request)) ?? (await site(request)),
      trustProxy: trustOf(config),
      limit: requestLimitOf({ config, clock, securityEvents, report: report("gateway-service") }),
      ...(workers ? { reusePort: true, inner: workers.inner } : {}),
      ...(options.strictAnswers ? { strictAnswers: options.strictAnswers } : {}),
    });
    // The public listener first: nobody new comes in, those inside are served, then the rooms close.
    cleanUp.defer(() => server!.stop());
    if (workers) {
      cleanUp.use(workers);
      await workers.open(server.port);
    }
    cleanUp.defer(house.endStreams);
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
  return { server, timetable, demo: demoLogin, stop: () => cleanUp.disposeAsync() };
}
