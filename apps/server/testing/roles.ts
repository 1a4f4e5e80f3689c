/**
 * The platform as roles that share nothing but their engines, all in one test process: each role has its own rooms, clients and
 * doors on loopback, and the engines are SQLite, the file log and memory. What holds here holds for roles in processes of their
 * own, as far as it is the roles' doing.
 */
import { join } from "node:path";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { openFileLog } from "@chepiao/adapters/file-log";
import { openStores } from "@chepiao/adapters/sqlite";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import { createMemoryChangeFeed } from "@chepiao/ports/change-feed";
import { createMemoryLeases } from "@chepiao/ports/lease";
import { createMemoryOrderFeed } from "@chepiao/ports/order-feed";
import { createMemoryOrderIndex, createMemoryOrderList } from "@chepiao/ports/order-lists";
import { createMemoryReservations } from "@chepiao/ports/reservations";
import { createMemorySubmissions } from "@chepiao/ports/submissions";
import { createLogger, type Look } from "@chepiao/runtime";
import { createEngineSeats } from "@chepiao/services/inventory";
import { readConfig } from "../config.ts";
import { type EngineName, parseRoles, type RoleName } from "../roles.ts";
import type { Ports } from "../wiring/processRooms.ts";
import { type RunningProcess, startProcess } from "../wiring/process.ts";
import { freePort, type World } from "./world.ts";

export type Cluster = AsyncDisposable & {
  /** Starts one more process with these roles at that place of the plan; it may still be waiting when this returns. */
  start(place: string): RunningProcess;
  readonly gatewayUrl: string;
  /** Everything that was logged. */
  readonly lines: readonly string[];
  /** Engines that are away until they are taken out of here. */
  readonly away: Set<EngineName>;
};

/** Which processes there are: a name for each and its roles. Every process has its own address from the beginning. */
export type Plan = Readonly<Record<string, string>>;

export async function createCluster(
  world: Pick<World, "dataDir">,
  plan: Plan,
  environment: Readonly<Record<string, string>> = {},
  altered: (ports: Ports) => Ports = (ports) => ports,
): Promise<Cluster> {
  const cleanUp = new AsyncDisposableStack();
  const clock = createSystemClock();
  const lines: string[] = [];
  const logger = createLogger({ level: "debug", write: (line) => void lines.push(line) });
  const ports = altered(await openSharedPorts(world.dataDir, cleanUp));
  const vault = createVault(await loadOrCreateKeys(join(world.dataDir, "keys.json")));
  const away = new Set<EngineName>();
  const look =
    (engine: EngineName): Look =>
    async () => {
      if (away.has(engine)) throw new Error("ECONNREFUSED");
    };
  const looks = { mysql: look("mysql"), redis: look("redis"), kafka: look("kafka") };

  const started: RunningProcess[] = [];
  cleanUp.defer(async () => void (await Promise.all(started.map((process) => process.stop()))));

  const streetPort = freePort();
  const places = Object.entries(plan).map(([name, roles]) => ({
    name,
    roles: parseRoles(roles),
    port: freePort(),
  }));
  const addressesOf = (role: RoleName) =>
    role === "gateway"
      ? [`http://127.0.0.1:${streetPort}`]
      : places.filter(({ roles }) => roles.includes(role)).map(({ port }) => `http://127.0.0.1:${port}`);

  return {
    lines,
    away,
    gatewayUrl: `http://127.0.0.1:${streetPort}`,
    start(place) {
      const { roles, port } = places.find(({ name }) => name === place)!;
      const config = readConfig({
        PORT: String(streetPort),
        HOST: "127.0.0.1",
        INTERNAL_PORT: String(port),
        ...environment,
      });
      const process = startProcess({
        roles,
        config,
        logger,
        clock,
        random: createSystemRandom(),
        vault,
        // Engines outlive the processes that use them.
        engines: { ports, looks, [Symbol.asyncDispose]: async () => {} },
        addressesOf,
        bankBooks: join(world.dataDir, "sandbox-bank.db"),
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
      orders: { some: async () => [], ofRun: async () => [], async *all() {} },
      index: createMemoryOrderIndex(),
      list: createMemoryOrderList(),
    },
    orderSearch: null,
  };
}

/** Waits until the gateway finds every role ready. */
export async function allReady(gatewayUrl: string, patienceMs = 20_000): Promise<void> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const answer = await fetch(`${gatewayUrl}/readyz`).catch(() => null);
    const { waitingFor } = ((await answer?.json()) as { waitingFor?: string[] }) ?? {};
    if (waitingFor?.length === 0) return;
    if (Date.now() > until) throw new Error(`still waiting for ${waitingFor?.join(", ") ?? "the gateway"}`);
    await Bun.sleep(50);
  }
}
