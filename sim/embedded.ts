/**
 * The platform in one process: seats, limits and keys in its memory, which a death takes with it; the log in files, of which a power
 * cut takes what was not synced; the database as everywhere. It wakes up as production does: what is in the log becomes rows, memory
 * is rebuilt from the rows, and then it serves.
 */
import { openFileLog } from "@chepiao/adapters/file-log";
import { createCompactOrderKeys } from "@chepiao/adapters/memory";
import { type LogRecord, ServiceUnavailable, type Topic } from "@chepiao/contracts";
import { createIdSource } from "@chepiao/kernel";
import { createMemoryDisk, type Disk, type MemoryDisk } from "@chepiao/ports/disk";
import type { Consumption } from "@chepiao/ports/log";
import { createMemoryOrderFeed } from "@chepiao/ports/order-feed";
import { createMemoryPurchaseLoad } from "@chepiao/ports/purchase-load";
import { createMemoryQueueCounters } from "@chepiao/ports/queue-counters";
import { createMemoryRiskCounters } from "@chepiao/ports/risk-counters";
import { createMemoryReservations, type MemoryReservations } from "@chepiao/ports/reservations";
import { createMemorySubmissions } from "@chepiao/ports/submissions";
import { createSeededRandom } from "@chepiao/ports/random";
import { beginHouseWork, openHouse } from "@chepiao/runtime";
import { createEngineSeats } from "@chepiao/services/inventory";
import { roleTable } from "../apps/server/roles.ts";
import { rooms } from "../apps/server/rooms/index.ts";
import { reporter } from "../apps/server/wiring/world.ts";
import { watchedLines, type WatchedSeats } from "./audit/lineWatch.ts";
import { watchedCalls, watchedQueues } from "./audit/queueWatch.ts";
import { chanceOf } from "./core/chance.ts";
import type { Life } from "./core/life.ts";
import { endpointsOf, type Process, settingsOf, site } from "./endpoints.ts";
import { createEngine, type Engine } from "./engines/engine.ts";
import { embeddedPortsOf } from "./ports.ts";
import type { Machine, Surroundings } from "./machine.ts";

export type Embedded = {
  readonly disk: MemoryDisk;
  readonly diskEngine: Engine;
  /** What the process keeps in its memory; null while there is none. */
  memory(): Memory | null;
  /** What was acknowledged, also if the writer has forgotten it since. */
  recordsOf(topic: Topic): readonly LogRecord[];
  /** Records that it has not handled. */
  lag(): number;
  open(machine: Machine, life: Life): Promise<Process>;
  /** What was not synced is gone, in whole or in part. */
  cutPower(): void;
};

type Memory = { readonly seats: WatchedSeats; readonly reservations: MemoryReservations };

const folder = "log";
/** Small, so that files are begun and read often. */
const segmentBytes = 20_000;
/** Read models follow binlogs, which it does not have; the bank is outside of everything. */
const rolesElsewhere = ["cdc", "bank", "gateway"];

export function createEmbedded(around: Surroundings): Embedded {
  const {
    seed,
    reach,
    now,
    paymentTimeoutMs,
    hoarding,
    judgedOver,
    byLoad,
    watch,
    queueOf,
    loads,
    cancelled,
    sql,
    bank,
    mails,
    vault,
    logger,
  } = around;
  const diskEngine = createEngine({
    name: "disk",
    wayUs: 700,
    timeoutUs: 60_000_000,
    unavailable: (why) => new ServiceUnavailable("the disk", why),
  });
  const disk = createMemoryDisk({ now });
  const chance = chanceOf(seed, "disk");
  let memory: Memory | null = null;
  let consumptions: readonly Consumption[] = [];
  const acknowledged: LogRecord[] = [];

  /** What takes time on a disk takes it, and may or may not be done when the process dies over it. */
  const diskOf = (life: Life): Disk => ({
    ...disk,
    async open(path, which) {
      const file = await disk.open(path, which);
      return {
        ...file,
        append(bytes) {
          const copy = Uint8Array.from(bytes);
          return reach(life, diskEngine, "disk.append", [copy.length], () => file.append(copy));
        },
        sync: () => reach(life, diskEngine, "disk.sync", [], () => file.sync()),
      };
    },
    replaceSoon: (path, content) =>
      reach(life, diskEngine, "disk.replaceSoon", [path], () => disk.replaceSoon(path, content)),
  });

  async function open(_: Machine, life: Life): Promise<Process> {
    const { clock } = life;
    const report = reporter(logger);
    const cleanUp = new AsyncDisposableStack();
    const ids = createIdSource(0);
    const log = cleanUp.use(
      await openFileLog(folder, clock, { segmentBytes, disk: diskOf(life), report: report("log") }),
    );
    const { append } = log;
    log.append = async (records) => {
      await append(records);
      acknowledged.push(...records);
    };
    const seats = watchedLines(createEngineSeats({ holdCapacity: 1_024 }), watch);
    const reservations = createMemoryReservations();
    const stores = sql.portsOf(life);
    const queueWatch = { found: watch.found, queueOf };
    const house = cleanUp.use(
      await openHouse(
        {
          clock,
          random: createSeededRandom(life.chance.below(2 ** 31)),
          vault,
          ids,
          site,
          setting: settingsOf({ paymentTimeoutMs, hoarding, judgedOver, byLoad }),
          bus: null,
          isSingleProcess: true,
          report,
          log: (service) => (message) => logger.info({ service, message }),
          ports: embeddedPortsOf({
            queues: watchedCalls(watchedQueues(createMemoryQueueCounters(), queueWatch), queueWatch),
            sql: stores,
            seats: cancelled.soldBy(life, seats),
            reservations,
            submissions: createMemorySubmissions({ keys: createCompactOrderKeys() }),
            feed: createMemoryOrderFeed(),
            log,
            provider: bank.providerOf(life),
            messenger: mails?.messengerOf(life) ?? null,
            riskCounters: createMemoryRiskCounters(),
            load: loads.watched(createMemoryPurchaseLoad()),
            clock,
          }),
        },
        rooms,
        roleTable.names.filter((role) => !rolesElsewhere.includes(role)).map((role) => roleTable.spec(role).rooms),
      ),
    );
    const opened: Consumption[] = [];
    for (const consumer of house.consumers) {
      const consumption = log.consume(consumer);
      await consumption.caughtUp();
      opened.push(consumption);
    }
    ids.skipPast(await stores.orders.highestId());
    ids.skipPast(await stores.waitlist.highestId());
    await house.reload();
    cleanUp.use(beginHouseWork(house, { clock, logger, leases: null, report }));
    cleanUp.defer(house.endStreams);
    memory = { seats, reservations };
    consumptions = opened;
    return { ...endpointsOf(house), stop: () => cleanUp.disposeAsync() };
  }

  return {
    disk,
    diskEngine,
    memory: () => memory,
    recordsOf: (topic) => acknowledged.filter((record) => record.topic === topic),
    lag: () => consumptions.reduce((sum, consumption) => sum + consumption.lag(), 0),
    open,
    cutPower: () => disk.cutPower({ keep: (bytes) => chance.below(bytes + 1), happened: () => chance.chance(0.5) }),
  };
}
