/**
 * Every room on SQLite, the file log and memory, opened and woken up, and closed to everybody: what `serve` opens the doors of, and what a
 * backup is tried with.
 *
 * The order of waking up matters: what is in the log but not in SQL is written first, then memory (seats, limits, keys) is
 * rebuilt from SQL, and only then may passengers buy.
 */
import { openVault } from "@chepiao/adapters/crypto";
import { type FileLog, openFileLog } from "@chepiao/adapters/file-log";
import { createCompactOrderKeys, createCompactReservations } from "@chepiao/adapters/memory";
import { createSecurityLog } from "@chepiao/adapters/security-log";
import { type OpenStores, openStores } from "@chepiao/adapters/sqlite";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import { createIdSource, type IdSource } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Consumer, Consumption } from "@chepiao/ports/log";
import { createMemoryOrderFeed } from "@chepiao/ports/order-feed";
import { createMemoryPurchaseLoad } from "@chepiao/ports/purchase-load";
import { createMemoryQueueCounters } from "@chepiao/ports/queue-counters";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemoryRiskCounters } from "@chepiao/ports/risk-counters";
import { createMemorySubmissions } from "@chepiao/ports/submissions";
import type { SecurityEvents } from "@chepiao/ports/security-events";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import type { RoomSpec } from "@chepiao/room";
import { type House, type Logger, openHouse } from "@chepiao/runtime";
import { createEngineSeats } from "@chepiao/services/inventory";
import type { SessionsDeps } from "@chepiao/services/user";
import type { Config } from "../config.ts";
import type { DataFolder } from "../dataFolder.ts";
import { type RoleName, rolesOf } from "../roles.ts";
import { bankRoom } from "../rooms/bank.ts";
import { bringInLine, createFolderSearch } from "./orderSearchFile.ts";
import { createWorld, keyFileReporter, reporter, siteFor } from "./world.ts";

/** Read models follow binlogs, which an embedded platform does not have. */
const rolesElsewhere: readonly string[] = ["cdc"];

export type EmbeddedRoomsOptions = {
  readonly config: Config;
  readonly folder: DataFolder;
  readonly logger: Logger;
  readonly rooms: readonly RoomSpec[];
  /** Called where no timetable was imported yet: the one to begin with. */
  readonly firstTimetable: (store: TimetableStore) => Promise<void>;
  /** Something broke that only a restart can repair. */
  readonly broken: (error: Error) => void;
  /** Where it is reached by a browser of this machine. */
  readonly ownUrl: () => string;
  /** Do other threads look at the seats, and who tells them of sessions? */
  readonly isShared: boolean;
  readonly tellOthers?: SessionsDeps["tellOthers"];
};

export type EmbeddedRooms = {
  readonly clock: Clock;
  readonly opened: OpenStores;
  readonly log: FileLog;
  readonly seats: ReturnType<typeof createEngineSeats>;
  readonly securityEvents: SecurityEvents;
  readonly ids: IdSource;
  readonly roles: readonly RoleName[];
  readonly house: House;
};

/** @param cleanUp what closes all of it again */
export async function openEmbeddedRooms(
  options: EmbeddedRoomsOptions,
  cleanUp: AsyncDisposableStack,
): Promise<EmbeddedRooms> {
  const { config, folder, logger, rooms, ownUrl, isShared, tellOthers } = options;
  const report = reporter(logger);

  // The world outside
  const clock = createSystemClock();
  const vault = cleanUp.use(await openVault({ path: folder.keys, clock, report: keyFileReporter(logger) }));
  const ids = createIdSource(0);
  const opened = cleanUp.use(await openStores(folder.database, options.broken));
  const { stores } = opened;
  const securityEvents = createSecurityLog(folder.securityLog);
  const log = cleanUp.use(await openFileLog(folder.log, clock, { report: report("log-service") }));
  const seats = createEngineSeats({ shared: isShared });
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
      purchaseLoad: createMemoryPurchaseLoad(),
      riskCounters: createMemoryRiskCounters(),
      securityEvents,
      seats,
      reservations: createCompactReservations(),
      submissions: createMemorySubmissions({ keys: createCompactOrderKeys() }),
      feed: createMemoryOrderFeed(),
      orderSearch: cleanUp.use(createFolderSearch(folder)),
      log,
    },
    site: { publicUrl: siteFor(config, config.trustProxy, ownUrl), noticeUrl: ownUrl },
    bank: { url: ownUrl, ask: async (request) => house.room(bankRoom)!.pages(request) },
    bankLedger: folder.sandboxBank,
    afterErasing: () => bringInLine(folder),
    ...(tellOthers ? { tellOthers } : {}),
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
  return { clock, opened, log, seats, securityEvents, ids, roles, house };
}

/**
 * Orders before what happens to them: a payment should not come before its order, even where the log is read from afar.
 * @param consumers all of the house's, in their order, or those that are to catch up
 */
export async function wakeUp(
  { house, log, ids, opened: { stores } }: EmbeddedRooms,
  consumers: readonly Consumer[] = house.consumers,
): Promise<Consumption[]> {
  const consumptions: Consumption[] = [];
  for (const consumer of consumers) {
    const consumption = log.consume(consumer);
    await consumption.caughtUp();
    consumptions.push(consumption);
  }
  // Entries of the waitlist have the ids of the orders that they become.
  ids.skipPast(Math.max(await stores.orders.highestId(), await stores.waitlist.highestId()));
  await house.reload();
  // It read millions of rows that nobody needs any more: better now than in the middle of a sale.
  Bun.gc(true);
  return consumptions;
}
