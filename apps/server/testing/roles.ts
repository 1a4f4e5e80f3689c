/**
 * The platform as roles that share nothing but their engines, all in one test process: each role has its own rooms, clients and
 * doors on loopback, and the engines are SQLite, the file log and memory. What holds here holds for roles in processes of their
 * own, as far as it is the roles' doing.
 */
import { join } from "node:path";
import { createVault, loadOrCreateKeys, partOf } from "@chepiao/adapters/crypto";
import { openFileLog } from "@chepiao/adapters/file-log";
import { openStores } from "@chepiao/adapters/sqlite";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import { createMemoryChangeFeed } from "@chepiao/ports/change-feed";
import { createMemoryLeases } from "@chepiao/ports/lease";
import { createMemoryOrderFeed } from "@chepiao/ports/order-feed";
import { createMemoryOrderIndex, createMemoryOrderList } from "@chepiao/ports/order-lists";
import { createMemoryPurchaseLoad } from "@chepiao/ports/purchase-load";
import { createMemoryQueueCounters } from "@chepiao/ports/queue-counters";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemoryRiskCounters } from "@chepiao/ports/risk-counters";
import { createMemoryReservations } from "@chepiao/ports/reservations";
import { createMemorySessionFeed } from "@chepiao/ports/session-feed";
import { createMemorySubmissions } from "@chepiao/ports/submissions";
import { createLogger, type Probe } from "@chepiao/runtime";
import { createEngineSeats } from "@chepiao/services/inventory";
import { readConfig } from "../config.ts";
import { keyNeeds } from "../roleKeys.ts";
import { type EngineName, type RoleName, roles as allRoles } from "../roles.ts";
import type { Ports } from "../wiring/ports.ts";
import { type ProcessOptions, type RunningProcess, startProcess } from "../wiring/process.ts";
import { freePort, type World } from "./world.ts";
import { policySetting } from "./policy.ts";

export type Cluster = AsyncDisposable & {
  /** Starts one more process with these roles at that place of the plan; it may still be waiting when this returns. */
  start(place: string): RunningProcess;
  readonly gatewayUrl: string;
  /** Where the gateway says what it waits for. */
  readonly insideGatewayUrl: string;
  /** Everything that was logged. */
  readonly lines: readonly string[];
  /** Engines that are away until they are taken out of here. */
  readonly away: Set<EngineName>;
};

/** Which processes there are: a name for each and its roles. Every process has its own address from the beginning. */
export type ProcessRoles = Readonly<Record<string, string>>;

export async function createCluster(
  world: Pick<World, "dataDir">,
  processRoles: ProcessRoles,
  environment: Readonly<Record<string, string>> = {},
  altered: (ports: Ports) => Ports = (ports) => ports,
  more: Pick<ProcessOptions, "rooms" | "morePorts"> = {},
): Promise<Cluster> {
  const cleanUp = new AsyncDisposableStack();
  const clock = createSystemClock();
  const lines: string[] = [];
  const logger = createLogger({ level: "debug", write: (line) => void lines.push(line) });
  const ports = altered(await openSharedPorts(world.dataDir, cleanUp));
  const keys = await loadOrCreateKeys(join(world.dataDir, "keys.json"));
  const away = new Set<EngineName>();
  const probe =
    (engine: EngineName): Probe =>
    async () => {
      if (away.has(engine)) throw new Error("ECONNREFUSED");
    };
  const probes = { mysql: probe("mysql"), redis: probe("redis"), kafka: probe("kafka") };

  const started: RunningProcess[] = [];
  cleanUp.defer(async () => void (await Promise.all(started.map((process) => process.stop()))));

  const publicPort = freePort();
  const places = Object.entries(processRoles).map(([name, roles]) => ({
    name,
    roles: roles === "all" ? allRoles : roles.split(","),
    port: freePort(),
  }));
  const addressesOf = (role: RoleName) =>
    role === "gateway"
      ? [`http://127.0.0.1:${publicPort}`]
      : places.filter(({ roles }) => roles.includes(role)).map(({ port }) => `http://127.0.0.1:${port}`);

  return {
    lines,
    away,
    gatewayUrl: `http://127.0.0.1:${publicPort}`,
    insideGatewayUrl: `http://127.0.0.1:${places.find(({ roles }) => roles.includes("gateway"))?.port}`,
    start(place) {
      const { roles, port } = places.find(({ name }) => name === place)!;
      const config = readConfig(
        {
          PORT: String(publicPort),
          HOST: "127.0.0.1",
          INTERNAL_PORT: String(port),
          SHED_AFTER_MS: "0",
          ...policySetting(),
          ...environment,
        },
        more.rooms,
      );
      const process = startProcess({
        roles,
        config,
        logger,
        clock,
        random: createSystemRandom(),
        // What these roles are given, and no key more.
        vault: createVault(partOf(keys, roles, keyNeeds(roles, more.rooms))),
        // Engines outlive the processes that use them.
        engines: { ports, probes, [Symbol.asyncDispose]: async () => {} },
        addressesOf,
        ...more,
        bankLedger: join(world.dataDir, "sandbox-bank.db"),
        demo: null,
      });
      started.push(process);
      return process;
    },
    [Symbol.asyncDispose]: () => cleanUp.disposeAsync(),
  };
}

async function openSharedPorts(dataDir: string, cleanUp: AsyncDisposableStack): Promise<Ports> {
  const report = (message: string, error?: unknown) => console.error(message, error);
  const { stores } = cleanUp.use(
    await openStores(join(dataDir, "chepiao.db"), (error) => {
      throw error;
    }),
  );
  return {
    stores,
    sessions: stores.sessions,
    sessionFeed: createMemorySessionFeed(),
    limiter: createMemoryRateLimiter(createSystemClock()),
    queueCounters: createMemoryQueueCounters(),
    purchaseLoad: createMemoryPurchaseLoad(),
    riskCounters: createMemoryRiskCounters(),
    seats: createEngineSeats(),
    reservations: createMemoryReservations(),
    submissions: createMemorySubmissions(),
    feed: createMemoryOrderFeed(),
    leases: createMemoryLeases(createSystemClock()),
    log: cleanUp.use(await openFileLog(join(dataDir, "log"), createSystemClock(), { report })),
    delay: null,
    // SQLite tells nobody of its changes: here the role that hears of them only starts and ends.
    readModels: {
      feed: createMemoryChangeFeed(createSystemClock()),
      orders: { some: async () => [], ofRun: async () => [], ofTravellers: async () => [], async *all() {} },
      index: createMemoryOrderIndex(),
      list: createMemoryOrderList(),
    },
    orderSearch: null,
  };
}

/** Waits until the gateway finds every role ready. */
export async function allReady(
  { insideGatewayUrl }: Pick<Cluster, "insideGatewayUrl">,
  withinMs = 60_000,
): Promise<void> {
  const until = Date.now() + withinMs;
  for (;;) {
    const answer = await fetch(`${insideGatewayUrl}/readyz`).catch(() => null);
    const { waitingFor } = ((await answer?.json()) as { waitingFor?: string[] }) ?? {};
    if (waitingFor?.length === 0) return;
    if (Date.now() > until) throw new Error(`still waiting for ${waitingFor?.join(", ") ?? "the gateway"}`);
    await Bun.sleep(50);
  }
}
