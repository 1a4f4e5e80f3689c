/** A thread that serves: searches from the shared seats, purchases as far as they can be read, and a way on for everything else. */
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { createSecurityLog } from "@chepiao/adapters/security-log";
import { openStoresOn } from "@chepiao/adapters/sqlite";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import { orderRoutes } from "@chepiao/contracts";
import { type IdSource } from "@chepiao/kernel";
import {
  beginHouseWork,
  createLogger,
  createLogSink,
  createMetrics,
  createPassOn,
  openHouse,
  serveHttp,
} from "@chepiao/runtime";
import { createSeatsMirror } from "@chepiao/services/inventory";
import { createPurchaseHandler } from "@chepiao/services/order";
import { gatewayRoom } from "@chepiao/services/gateway/room.ts";
import { createSessions, sessionLifetimeMs } from "@chepiao/services/user";
import { settingIn } from "../../config.ts";
import { rooms } from "../../rooms/index.ts";
import { registerMetrics } from "../gauges.ts";
import { requestLimitOf, sheddingOf } from "../requestLimit.ts";
import { createWorld, reporter, trustOf } from "../world.ts";
import type { AskMessage, Asks, FromWorker, Setup, ToWorker } from "./messages.ts";
import { sendPurchases } from "./purchases.ts";

declare const self: Worker;

const say = (message: FromWorker) => self.postMessage(message);
const sink = createLogSink((lines) => say({ kind: "log", lines }));
const clock = createSystemClock();
const mirror = createSeatsMirror(clock.now);
let opened: ReturnType<typeof open> | null = null;

self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "seats") mirror.hear(data.changes);
  else void reply(data);
});

async function reply(ask: AskMessage) {
  try {
    say({ kind: "answer", id: ask.id, answer: await answer(ask) });
  } catch (error) {
    say({ kind: "failed", id: ask.id, error: error instanceof Error ? error.message : String(error) });
  }
}

async function answer(ask: AskMessage): Promise<Asks[keyof Asks]["answer"]> {
  if (ask.kind === "open") opened = open(ask.given);
  const { sessions, metrics, stop } = await opened!;
  if (ask.kind === "metrics") return metrics.values();
  if (ask.kind === "sessions") sessions.hear(ask.given);
  if (ask.kind === "stop") await stop();
  return null;
}

async function open(setup: Setup) {
  const { config, port, keys, database, securityLog, core, logLevel, strictAnswers, writer, purchases } = setup;
  const logger = createLogger({ level: logLevel, write: sink.write });
  const vault = createVault(await loadOrCreateKeys(keys));
  const lent = await openStoresOn(database, writer);
  const { users, sessions: sessionStore } = lent.stores;
  const around = { config, logger, clock, random: createSystemRandom(), vault };
  const sessions = createSessions({
    ...around,
    users,
    sessions: sessionStore,
    sessionLifetimeMs: settingIn(config)(sessionLifetimeMs),
  });
  const world = createWorld({
    ...around,
    ids: givesOutNoIds,
    isSingleProcess: true,
    bus: null,
    // For display alone: what is sold is decided on the first thread.
    clients: { inventory: mirror, user: sessions },
    ports: { stores: lent.stores },
    site: { publicUrl: elsewhere, noticeUrl: elsewhere },
    bank: { url: elsewhere, ask: elsewhere },
    bankLedger: "",
  });
  const house = await openHouse(world, rooms, [{ search: ["routes"], gateway: ["work"], gatewayRules: [] }]);
  const work = beginHouseWork(house, { clock, logger, leases: null, report: reporter(logger) });
  const metrics = createMetrics();
  const gateway = house.room(gatewayRoom)!;
  registerMetrics(metrics, { rooms: gateway.metrics.filter(({ kind }) => kind === "counter"), log: null });
  const server = serveHttp({
    port,
    hostname: config.host,
    reusePort: true,
    rooms: [
      ...house.routes,
      {
        routes: { submit: orderRoutes.submit },
        handlers: { submit: createPurchaseHandler(sendPurchases(purchases, clock), null) },
      },
    ],
    passOn: createPassOn(core),
    described: rooms.map(({ routes = {} }) => routes),
    authenticate: house.authenticate,
    observe: { logger, metrics },
    ready: () => [],
    trustProxy: trustOf(config),
    limit: requestLimitOf({
      config,
      clock,
      securityEvents: createSecurityLog(securityLog),
      report: reporter(logger)("gateway-service"),
      rules: gateway.routeRules,
      metrics,
    }),
    ...sheddingOf(config, { logger, metrics }),
    strictAnswers,
  });
  return {
    sessions,
    metrics,
    async stop() {
      await server.stop();
      await work[Symbol.asyncDispose]();
      await house[Symbol.asyncDispose]();
      await lent[Symbol.asyncDispose]();
      sink.flush();
    },
  };
}

const elsewhere = (): never => {
  throw new Error("this is done on the first thread");
};
const givesOutNoIds: IdSource = { orderId: elsewhere, rowId: elsewhere, skipPast: elsewhere };
