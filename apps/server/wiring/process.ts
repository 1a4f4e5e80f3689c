/**
 * A process with some of the roles, from its first breath to its last. Its doors are there at once and say what it waits for;
 * engines and other roles may come in any order. What stands behind the ports is not known here.
 *
 * It ends in the order in which nobody is let down: the public listener first, then what other roles ask, then work on the log after the
 * batch at hand, then what is done now and then, then the rooms, and the engines last.
 */
import { messagesPath } from "@chepiao/adapters/sandbox-messages";
import { ServiceUnavailable } from "@chepiao/contracts";
import type { Vault } from "@chepiao/ports/vault";
import { callBytesMax, type IdSource, nodeCount, secondMs } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import type { Implementations } from "@chepiao/ports/port";
import type { Random } from "@chepiao/ports/random";
import type { RoomSpec } from "@chepiao/room";
import {
  beginHouseWork,
  bindCalls,
  createBus,
  createGateway,
  createMetrics,
  createWatch,
  type GatewayRole,
  type House,
  type HttpOptions,
  insideOnly,
  type Logger,
  type Probe,
  type Observe,
  openHouse,
  openStartupServer,
  type StartupServer,
  type StartupServerOptions,
  probeRole,
  serveHttp,
  Stopped,
} from "@chepiao/runtime";
import { gatewayRoom } from "@chepiao/services/gateway/room.ts";
import type { SeedAccount } from "@chepiao/services/user";
import { userRoom } from "@chepiao/services/user/room.ts";
import { type Config, isPractice, settingIn } from "../config.ts";
import { demoAccount, demoLeftOut, demoRetired } from "../data/demo/account.ts";
import { type EngineName, type RoleName, rolesOf } from "../roles.ts";
import { bankRoom } from "../rooms/bank.ts";
import { rooms as allRooms } from "../rooms/index.ts";
import { createConsoleSite } from "../consoleSite.ts";
import { createSite } from "../site.ts";
import { type EngineCounters, registerMetrics, registerReadiness, watchDeadLetters } from "./gauges.ts";
import { createInside } from "./inside.ts";
import { createNodeIds } from "./nodeIds.ts";
import type { Ports } from "./ports.ts";
import { requestLimitOf, securityEventsInLog, sheddingOf } from "./requestLimit.ts";
import { firstPolicy } from "@chepiao/services/policy";
import { createWorld, reporter, siteFor, trustOf } from "./world.ts";

export type Engines = AsyncDisposable & {
  /** Those that the roles of this process need. */
  readonly ports: Partial<Ports>;
  /** How to see whether each is there. */
  readonly probes: Readonly<Partial<Record<EngineName, Probe>>>;
  /** How to see whether the binlogs can be read that `cdc` follows; null for processes without it. */
  readonly binlogs?: Probe | null;
  /** What happened to those that count it, since the start. */
  readonly counters?: EngineCounters;
};

export type ProcessOptions = {
  readonly roles: readonly RoleName[];
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly engines: Engines;
  /** Where replicas of a role listen that is not in this process. */
  readonly addressesOf: (role: RoleName) => readonly string[];
  readonly bankLedger: string;
  /** All of the platform's where they are left out. */
  readonly rooms?: readonly RoomSpec[];
  /** What stands behind ports that only those rooms know. */
  readonly morePorts?: Implementations;
  /** A login that everybody may use; null where the travellers are real. */
  readonly demo: SeedAccount | null;
};

export type RunningProcess = {
  /** Null where this process is no gateway. */
  readonly publicUrl: string | null;
  /** Where other roles reach this one, and where it tells its metrics and what it waits for. */
  readonly innerUrl: string;
  /** Resolves when the doors are open; rejects where it cannot, or was stopped before. */
  readonly opened: Promise<void>;
  stop(): Promise<void>;
};

const tryAgainMs = secondMs / 2;

export function startProcess(options: ProcessOptions): RunningProcess {
  const { roles, config, logger, clock, engines, vault, rooms = allRooms } = options;
  const { ports, probes } = engines;
  const table = rolesOf(rooms);
  const has = (role: RoleName) => roles.includes(role);
  const report = reporter(logger);
  const observe: Observe = { logger, metrics: createMetrics() };
  const inside = createInside({ roles, table, vault, clock });

  let isOpen = false;
  let isStopping = false;
  const cleanUp = new AsyncDisposableStack();
  cleanUp.use(engines);
  const watch = createWatch({ clock, logger });
  const isReady = () => isOpen && !isStopping && watch.checks().every(({ ready, optional }) => ready || optional);
  registerReadiness(observe.metrics, roles, isReady);
  const startupServer = (at: Pick<StartupServerOptions, "port" | "hostname" | "health" | "bodyBytesMax">) => {
    const opened = openStartupServer({ ...at, ready: watch.checks, observe });
    cleanUp.defer(opened.stop);
    return opened;
  };
  const publicServer = has("gateway")
    ? startupServer({ port: config.port, hostname: config.host, health: "status" })
    : null;
  const inner = startupServer({
    port: config.innerPort,
    hostname: config.innerHost,
    health: "details",
    bodyBytesMax: callBytesMax,
  });
  cleanUp.use(watch);
  const urlOf = (door: StartupServer, host: string) => `http://${host === "0.0.0.0" ? "localhost" : host}:${door.port}`;
  const publicUrl = publicServer && urlOf(publicServer, config.host);
  const innerUrl = urlOf(inner, config.innerHost);
  const siteUrl = () => publicUrl ?? (config.publicUrl || options.addressesOf("gateway")[0]!);

  async function openUp() {
    await waitForEngines();
    let house: House | null = null;
    const world = createWorld({
      ...options,
      ids: await idSource(),
      ports,
      isSingleProcess: false,
      bus: createBus({
        addressesOf: (room) => options.addressesOf(table.answering(room)),
        signerOf: inside.signerOf,
        observe,
      }),
      // Behind another process's gateway, that one has seen to what is believed.
      site: { publicUrl: siteFor(config, publicServer === null || config.trustProxy, siteUrl), noticeUrl: siteUrl },
      bank: {
        url: () => (has("bank") ? innerUrl : options.addressesOf("bank")[0]!),
        ask: async (request) => (await house?.room(bankRoom)?.pages(request)) ?? fetch(request),
      },
    });
    house = await whileThere(async () => {
      await using attempt = new AsyncDisposableStack();
      const opened = attempt.use(
        await openHouse(
          world,
          rooms,
          roles.map((role) => table.spec(role).rooms),
        ),
      );
      const users = opened.room(userRoom);
      if (options.demo) {
        if (users && !(await users.seedAccount(options.demo))) logger.warn({ service: "server", message: demoLeftOut });
      } else if (await users?.retireAccount(demoAccount)) logger.warn({ service: "server", message: demoRetired });
      cleanUp.use(attempt.move());
      return opened;
    });
    const work = cleanUp.use(beginHouseWork(house, { clock, logger, leases: ports.leases ?? null, report }));
    // Orders before what happens to them, as far as one process can see to it.
    const consumptions = house.consumers.map((consumer) => cleanUp.use(ports.log!.consume(consumer)));
    registerMetrics(observe.metrics, {
      rooms: [...house.metrics, ...work.metrics],
      log: enginesOf("needs").has("kafka") ? ports.log! : null,
      consumptions,
      engines: engines.counters ?? {},
    });
    if (has("relay")) cleanUp.defer(watchDeadLetters(observe.metrics, ports.log!.deadLetters, clock));
    openRoutes(house);
    isOpen = true;
  }

  // What has to be there

  const enginesOf = (kind: "needs" | "wants") =>
    new Set(roles.flatMap((role) => table.spec(role)[kind] ?? []).filter((engine) => probes[engine]));

  async function waitForEngines() {
    const needed = enginesOf("needs");
    for (const engine of needed) watch.add(engine, probes[engine]!);
    for (const engine of enginesOf("wants").difference(needed)) watch.add(engine, probes[engine]!, "optional");
    // Read models alone wait for them: a process with other roles serves without.
    if (engines.binlogs) watch.add("binlogs", engines.binlogs, roles.length === 1 ? "needed" : "optional");
    for (const role of table.askedElsewhere(roles)) watch.add(role, probeRole(options.addressesOf(role)), "optional");
    await Promise.all([...needed].map(watch.seen));
    if (roles.every((role) => ["gateway", "relay", "cdc"].includes(role))) return;
    watch.add("timetable", async () => {
      if ((await ports.stores!.timetable.version()) === 0)
        throw new Error("none was imported yet: npm run chepiao -- import --help");
    });
    await watch.seen("timetable");
  }

  /** Who was seen may go again before our doors are open: then it is waited for once more. */
  async function whileThere<T>(step: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await step();
      } catch (error) {
        if (isStopping) throw new Stopped("told to stop while waiting", { cause: error });
        if (!(error instanceof ServiceUnavailable)) throw error;
        // Once: from then on the watch says what is missing.
        if (tries === 1) report("server")("it went while the doors were being opened; trying again", error);
        await sleep(clock, tryAgainMs);
      }
    }
  }

  async function idSource(): Promise<IdSource> {
    if (!roles.some(table.makesIds)) return givesOutNoIds;
    const from = Math.floor(Math.random() * nodeCount);
    const only = config.nodeId;
    const nodeIds = cleanUp.use(createNodeIds({ leases: ports.stores!.leases, clock, logger, from, only }));
    watch.add("node number", nodeIds.assertLeased);
    await watch.seen("node number");
    // A number that is leased was nobody's for some seconds, and ids begin with the time: no need to look at every order there is. A
    // number that was given may have been used by a version that leased none.
    if (only !== null) await skipPastAll(nodeIds.ids);
    return nodeIds.ids;
  }

  async function skipPastAll(ids: IdSource): Promise<void> {
    if (has("order")) ids.skipPast(await whileThere(() => ports.stores!.orders.highestId()));
    if (has("order") || has("waitlist")) ids.skipPast(await whileThere(() => ports.stores!.waitlist.highestId()));
  }

  // Doors

  function openRoutes(house: House) {
    openRoutesOn(inner, house, innerRoutesOf(house));
    if (publicServer) openRoutesOn(publicServer, house, publicRoutesOf(house));
    cleanUp.defer(house.endStreams);
  }

  function openRoutesOn(door: StartupServer, house: House, more: Partial<HttpOptions>) {
    // Who has two doors says at the first one that it is leaving.
    const noticeMs = door === (publicServer ?? inner) ? config.drainNoticeMs : 0;
    const server = serveHttp({
      port: door.port,
      startupServer: door,
      rooms: house.routes,
      authenticate: house.authenticate,
      observe,
      ready: watch.checks,
      noticeMs,
      ...more,
    });
    cleanUp.defer(() => server.stop());
  }

  const innerRoutesOf = (house: House): Partial<HttpOptions> => ({
    ...(house.routes.length > 0 ? { around: insideOnly(inside.fromGateway) } : {}),
    extraRoutes: () => bindCalls(house.calls, inside.guardOf, observe),
    // The gateway has seen to what is believed.
    trustProxy: trustOf(config, true),
    extra: house.pages,
  });

  function publicRoutesOf(house: House): Partial<HttpOptions> {
    const site = createSite({
      report: report("site-service"),
      demo: options.demo && options.demo.account,
      messagesPage: isPractice(config) ? messagesPath : null,
      railway: settingIn(config)(firstPolicy),
      publicUrl: config.publicUrl,
    });
    const consoleSite = createConsoleSite({
      report: report("site-service"),
      railway: settingIn(config)(firstPolicy),
      demo: null,
    });
    const trustProxy = trustOf(config);
    const elsewhere = table.names.filter((role) => !has(role) && table.isPublic(role));
    const passedOn = elsewhere.map((role): GatewayRole => ({
      role,
      routes: table.routesOf(role),
      pages: table.pagesOf(role),
      addresses: options.addressesOf(role),
    }));
    return {
      extraRoutes: createGateway({ roles: passedOn, signerOf: inside.passingTo, observe, trustProxy }),
      described: table.names.flatMap(table.routesOf),
      extra: async (request) => (await house.pages(request)) ?? consoleSite(request) ?? site(request),
      trustProxy,
      limit: requestLimitOf({
        config,
        clock,
        securityEvents: enginesOf("needs").has("mysql") ? ports.stores!.securityEvents : securityEventsInLog(logger),
        report: report("gateway-service"),
        rules: house.room(gatewayRoom)!.routeRules,
        metrics: observe.metrics,
      }),
      ...sheddingOf(config, observe),
    };
  }

  const opened = openUp();
  opened.catch(() => {});
  return {
    publicUrl,
    innerUrl,
    opened,
    async stop() {
      isStopping = true;
      // A caller that still waits for an engine waits no more.
      await watch[Symbol.asyncDispose]();
      await opened.catch(() => {});
      await cleanUp.disposeAsync();
    },
  };
}

const outOfPlace = (): never => {
  throw new Error("this role gives out no ids");
};
const givesOutNoIds: IdSource = { orderId: outOfPlace, rowId: outOfPlace, skipPast: outOfPlace };
