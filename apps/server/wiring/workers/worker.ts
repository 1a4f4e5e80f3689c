/** A thread that serves: searches from the shared seats, purchases as far as they can be read, and a way on for everything else. */
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { openStoresOn } from "@chepiao/adapters/sqlite";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import { orderRoutes, searchRoutes } from "@chepiao/contracts";
import { createLogger, createLogSink, createMetrics, createPassOn, serveHttp } from "@chepiao/runtime";
import { createSeatsMirror } from "@chepiao/services/inventory";
import { createPurchaseHandler } from "@chepiao/services/order";
import { createSessions } from "@chepiao/services/user";
import { openSearch, openTickets } from "../rooms.ts";
import type { AskMessage, Asks, FromWorker, Setup, ToWorker } from "./messages.ts";
import { sendPurchases } from "./purchases.ts";

declare const self: Worker;

const say = (message: FromWorker) => self.postMessage(message);
const sink = createLogSink((lines) => say({ kind: "log", lines }));
const mirror = createSeatsMirror();
let opened: ReturnType<typeof open> | null = null;

self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "seats") mirror.hear(data.news);
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

async function open({ config, port, keys, database, core, logLevel, strictAnswers, writer, purchases }: Setup) {
  const clock = createSystemClock();
  const logger = createLogger({ level: logLevel, write: sink.write });
  const vault = createVault(await loadOrCreateKeys(keys));
  const lent = await openStoresOn(database, writer);
  const { timetable, users, sessions: sessionStore } = lent.stores;
  const house = { config, logger, clock, random: createSystemRandom(), vault };
  const ticket = await openTickets(house, timetable);
  const sessions = createSessions({ ...house, users, sessions: sessionStore });
  const metrics = createMetrics();
  const server = serveHttp({
    port,
    hostname: config.host,
    reusePort: true,
    rooms: [
      { routes: searchRoutes, handlers: openSearch(house, mirror, ticket) },
      {
        routes: { submit: orderRoutes.submit },
        handlers: { submit: createPurchaseHandler(sendPurchases(purchases, clock)) },
      },
    ],
    passOn: createPassOn(core),
    authenticate: sessions.authenticate,
    observe: { logger, metrics },
    ready: () => [],
    trustProxy: config.trustProxy,
    strictAnswers,
  });
  return {
    sessions,
    metrics,
    async stop() {
      await server.stop();
      await lent[Symbol.asyncDispose]();
      sink.flush();
    },
  };
}
