/** The whole platform in one process: every room, on SQLite, the file log and memory, and the doors to it. */
import { messagesPath } from "@chepiao/adapters/sandbox-messages";
import type { Timetable } from "@chepiao/contracts";
import { dayMs, hourMs, repeating } from "@chepiao/kernel";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import {
  type AnswerAudit,
  assertPortFree,
  beginHouseWork,
  createMetrics,
  type HttpServer,
  type Logger,
  type LoggerDeps,
  serveHttp,
} from "@chepiao/runtime";
import { gatewayRoom } from "@chepiao/services/gateway/room.ts";
import { orderRoom } from "@chepiao/services/order/room.ts";
import { timetableRoom } from "@chepiao/services/timetable/room.ts";
import type { SeedAccount } from "@chepiao/services/user";
import { userRoom } from "@chepiao/services/user/room.ts";
import type { RoomSpec } from "@chepiao/room";
import { type Config, hasDemoLogin, isHere, isPractice, settingIn } from "../config.ts";
import {
  demoAccount,
  demoAccountFor,
  demoLeftOut,
  demoOperator,
  demoOperatorFor,
  demoRetired,
} from "../data/demo/account.ts";
import type { DataFolder } from "../dataFolder.ts";
import { rooms as allRooms } from "../rooms/index.ts";
import { createConsoleSite } from "../consoleSite.ts";
import { createSite } from "../site.ts";
import { openEmbeddedRooms, wakeUp } from "./embeddedRooms.ts";
import { registerMetrics, registerReadiness, watchDeadLetters } from "./gauges.ts";
import { requestLimitOf, sheddingOf } from "./requestLimit.ts";
import { createWorkers } from "./workers/workers.ts";
import { firstPolicy } from "@chepiao/services/policy";
import { reporter, trustOf } from "./world.ts";

/** Logs of trips long past are of no use to a restart. */
const logKeepMs = 7 * dayMs;

export type Platform = {
  readonly server: HttpServer;
  readonly timetable: Timetable;
  /** The login that everybody knows, where there is one. */
  readonly demo: Pick<SeedAccount["account"], "username" | "password"> | null;
  /** One of staff that everybody knows, on a platform that is tried out at home. */
  readonly demoOperator: Pick<SeedAccount["account"], "username" | "password"> | null;
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

export async function startEmbedded(options: EmbeddedOptions): Promise<Platform> {
  const { config, folder, logger, rooms = allRooms } = options;
  const workerCount = config.workers - 1;
  const report = reporter(logger);
  const cleanUp = new AsyncDisposableStack();

  const demo = hasDemoLogin(config) ? demoAccountFor(settingIn(config)(firstPolicy)) : null;

  let server: HttpServer | null = null;
  const embedded = await openEmbeddedRooms(
    {
      config,
      folder,
      logger,
      rooms,
      firstTimetable: options.firstTimetable,
      broken: options.broken,
      ownUrl: () => config.publicUrl || (server?.url ?? `http://localhost:${config.port}`),
      isShared: workerCount > 0,
      ...(workerCount > 0 ? { tellOthers: (changes) => workers!.tellSessions(changes) } : {}),
    },
    cleanUp,
  );
  const { clock, house, log, opened, roles, seats, securityEvents } = embedded;
  const { timetable } = house.room(timetableRoom)!.client;
  const users = house.room(userRoom)!;
  const order = house.room(orderRoom)!;
  const consumptions = await wakeUp(embedded);

  // The demonstration's login is there before a visitor can ask for it, or is there no more: everybody knows it.
  const seeded = demo && (await users.seedAccount(demo));
  const demoLogin = seeded && demo.account;
  if (demo && !seeded) logger.warn({ service: "server", message: demoLeftOut });
  if (!demo && (await users.retireAccount(demoAccount))) logger.warn({ service: "server", message: demoRetired });

  // Never where others than who tries it come, whatever was asked for: it may cancel trains and read names.
  const isAtHome = demo !== null && config.publicUrl === "" && isHere(config.host);
  const operator = isAtHome ? demoOperatorFor(settingIn(config)(firstPolicy)) : null;
  const operatorLogin = operator && (await users.seedAccount(operator)) ? operator.account : null;
  if (!isAtHome && (await users.retireAccount(demoOperator))) logger.warn({ service: "server", message: demoRetired });

  const site = createSite({
    report: report("site-service"),
    // A site that was given a name is for real travellers.
    demo: demoLogin,
    messagesPage: isPractice(config) ? messagesPath : null,
    railway: settingIn(config)(firstPolicy),
    publicUrl: config.publicUrl,
  });

  const consoleSite = createConsoleSite({
    report: report("site-service"),
    railway: settingIn(config)(firstPolicy),
    demo: operatorLogin,
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
  registerMetrics(metrics, { rooms: [...house.metrics, ...work.metrics], consumptions, log });
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
      extra: async (request) => (await house.pages(request)) ?? (await (consoleSite(request) ?? site(request))),
      trustProxy: trustOf(config),
      limit: requestLimitOf({
        config,
        clock,
        securityEvents,
        report: report("gateway-service"),
        rules: house.room(gatewayRoom)!.routeRules,
        metrics,
      }),
      ...sheddingOf(config, { logger, metrics }),
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
  return { server, timetable, demo: demoLogin, demoOperator: operatorLogin, stop: () => cleanUp.disposeAsync() };
}
