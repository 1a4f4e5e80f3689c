/**
 * A process with some of the roles, from its first breath to its last. Its doors are there at once and say what it waits for;
 * engines and other roles may come in any order. What stands behind the ports is not known here.
 *
 * It ends in the order in which nobody is let down: the street first, then what other roles ask, then work on the log after the
 * batch at hand, then what is done now and then, then the rooms, and the engines last.
 */
import { ServiceUnavailable } from "@chepiao/contracts";
import type { Vault } from "@chepiao/ports/vault";
import { createIdSource, epochMs, hourMs, type IdSource, minuteMs, nodeCount, secondMs } from "@chepiao/kernel";
import type { Following } from "@chepiao/ports/change-feed";
import { type Clock, sleep } from "@chepiao/ports/clock";
import type { Consumption } from "@chepiao/ports/log";
import type { Random } from "@chepiao/ports/random";
import {
  bindCalls,
  createBus,
  createGateway,
  createMetrics,
  createRelay,
  createWatch,
  doWhileElected,
  type GatewayRole,
  type HttpOptions,
  insideOnly,
  type Logger,
  type Look,
  type Observe,
  openPorch,
  type Porch,
  probeRole,
  serveHttp,
  Stopped,
  timetableFreshMs,
} from "@chepiao/runtime";
import { sweepEveryMs } from "@chepiao/services/inventory";
import type { SeedAccount } from "@chepiao/services/user";
import type { Config } from "../config.ts";
import { askedElsewhere } from "../requirements.ts";
import { type EngineName, isForTheStreet, type RoleName, roles as allRoles, roleTable } from "../roles.ts";
import { createSite } from "../site.ts";
import { type EngineCounters, registerGauges, watchDeadLetters } from "./gauges.ts";
import { createNodeIds } from "./nodeIds.ts";
import { answersToRoles, type Has, openRooms, type Ports, type ProcessRooms, publicRooms } from "./processRooms.ts";
import { keepTrue, projectionNames, projectionOf } from "./readModels.ts";
import { everyNowAndThen, type House, refundConsumer, reporter, siteFor } from "./rooms.ts";

export type Engines = AsyncDisposable & {
  readonly ports: Ports;
  /** How to see whether each is there. */
  readonly looks: Readonly<Partial<Record<EngineName, Look>>>;
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
  /** Where copies of a role listen that is not in this process. */
  readonly addressesOf: (role: RoleName) => readonly string[];
  readonly bankBooks: string;
  /** A login that everybody may use; null where the travellers are real. */
  readonly demo: SeedAccount | null;
};

export type RunningProcess = {
  /** Null where this process is no gateway. */
  readonly streetUrl: string | null;
  /** Where other roles reach this one. Null for a gateway alone. */
  readonly innerUrl: string | null;
  /** Resolves when the doors are open; rejects where it cannot, or was stopped before. */
  readonly opened: Promise<void>;
  stop(): Promise<void>;
};

/** In a process of its own nobody tells the relay that there is something to carry. */
const relayLooksEveryMs = 200;
const tryAgainMs = secondMs / 2;

export function startProcess(options: ProcessOptions): RunningProcess {
  const { roles, config, logger, clock, engines, vault } = options;
  const { ports, looks } = engines;
  const has: Has = (...some) => some.some((role) => roles.includes(role));
  const report = reporter(logger);
  const observe: Observe = { logger, metrics: createMetrics() };
  const secret = vault.fingerprint("between processes");

  let isStopping = false;
  const cleanUp = new AsyncDisposableStack();
  cleanUp.use(engines);
  const watch = createWatch({ clock, logger });
  const porch = (port: number, hostname: string) => {
    const opened = openPorch({ port, hostname, ready: watch.checks, observe });
    cleanUp.defer(opened.stop);
    return opened;
  };
  const street = has("gateway") ? porch(config.port, config.host) : null;
  const inner = roles.some((role) => role !== "gateway") ? porch(config.innerPort, config.innerHost) : null;
  cleanUp.use(watch);
  const urlOf = (door: Porch, host: string) => `http://${host === "0.0.0.0" ? "localhost" : host}:${door.port}`;
  const streetUrl = street && urlOf(street, config.host);
  const innerUrl = inner && urlOf(inner, config.innerHost);
  const siteUrl = () => streetUrl ?? (config.publicUrl || options.addressesOf("gateway")[0]!);

  async function openUp() {
    await waitForEngines();
    const relay = has("relay")
      ? cleanUp.use(
          createRelay({
            outbox: ports.stores.outbox,
            log: ports.log,
            clock,
            report: report("relay-service"),
            everyMs: relayLooksEveryMs,
          }),
        )
      : null;
    const house: House = { ...options, ids: await idSource() };
    const bus = createBus({ addressesOf: (role) => options.addressesOf(role as RoleName), secret, observe });
    const rooms = await whileThere(async () => {
      await using attempt = new AsyncDisposableStack();
      const opened = await openRooms(
        {
          house,
          ports,
          has,
          bus,
          kickOutbox: () => relay?.kick(),
          // Behind another process's gateway, that one has seen to what is believed.
          site: { publicUrl: siteFor(config, street === null || config.trustProxy, siteUrl), noticeUrl: siteUrl },
          bankUrl: () => (has("bank") ? innerUrl! : options.addressesOf("bank")[0]!),
          bankBooks: options.bankBooks,
        },
        attempt,
      );
      if (options.demo && opened.users) await opened.users.seedAccount(options.demo);
      cleanUp.use(attempt.move());
      return opened;
    });
    workNowAndThen(rooms);
    const consumptions = readTheLog(rooms);
    const followings = has("cdc") ? keepReadModels() : null;
    registerGauges(observe.metrics, {
      ...rooms,
      clock,
      // To count what is free on every run would be a call for each of thousands.
      timetable: null,
      outbox: relay && ports.stores.outbox,
      log: enginesOf("needs").has("kafka") ? ports.log : null,
      consumptions,
      followings,
      engines: engines.counters ?? {},
    });
    if (relay) cleanUp.defer(watchDeadLetters(observe.metrics, ports.log.deadLetters, clock));
    openDoors(rooms);
  }

  // What has to be there

  const enginesOf = (kind: "needs" | "wants") =>
    new Set(roles.flatMap((role) => roleTable[role][kind] ?? []).filter((engine) => looks[engine]));

  async function waitForEngines() {
    const needed = enginesOf("needs");
    for (const engine of needed) watch.add(engine, looks[engine]!);
    for (const engine of enginesOf("wants").difference(needed)) watch.add(engine, looks[engine]!, "optional");
    for (const role of askedElsewhere(roles)) watch.add(role, probeRole(options.addressesOf(role)), "optional");
    await Promise.all([...needed].map(watch.seen));
    if (roles.every((role) => ["gateway", "relay", "cdc"].includes(role))) return;
    watch.add("timetable", async () => {
      if ((await ports.stores.timetable.version()) === 0)
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
    if (!roles.some((role) => roleTable[role].makesIds)) return givesOutNoIds;
    // A number that is leased was nobody's for a minute, and ids begin with the time: no need to look at every order there is.
    if (config.nodeId === null) return leasedIds();
    const source = createIdSource(config.nodeId);
    if (has("order")) source.skipPast(await whileThere(() => ports.stores.orders.highestId()));
    return source;
  }

  async function leasedIds(): Promise<IdSource> {
    const from = Math.floor(Math.random() * nodeCount);
    const nodeIds = cleanUp.use(createNodeIds({ leases: ports.leases, clock, logger, from }));
    watch.add("node number", nodeIds.look);
    await watch.seen("node number");
    return nodeIds.ids;
  }

  // What goes on by itself

  function workNowAndThen({ ticket, order, inventory, payment }: ProcessRooms) {
    if (ticket) cleanUp.defer(everyNowAndThen(clock, timetableFreshMs, ticket.reload));
    if (payment) {
      onlyHere("payments", () => {
        payment.start();
        return payment.stop;
      });
    }
    if (!has("sweeper") || !order || !inventory) return;
    onlyHere("sweeping", () => {
      const ends = [
        order.sweeper.start(),
        everyNowAndThen(clock, sweepEveryMs, inventory.sweep),
        everyNowAndThen(clock, 10 * minuteMs, () => inventory.retire(epochMs(clock.now() - hourMs))),
      ];
      return () => ends.forEach((end) => end());
    });
  }

  /** Of all copies, one does it. */
  const onlyHere = (name: string, begin: () => () => void | Promise<void>) =>
    cleanUp.use(doWhileElected({ name, leases: ports.leases, clock, logger, begin }));

  /** Orders before what happens to them, as far as one process can see to it. */
  function readTheLog({ order, payment }: ProcessRooms): readonly Consumption[] {
    const consumers = [
      ...(order && has("writer") ? order.consumers : []),
      ...(payment ? [refundConsumer(payment)] : []),
    ];
    return consumers.map((consumer) => cleanUp.use(ports.log.consume(consumer)));
  }

  /** Each by one of all copies. */
  function keepReadModels(): ReadonlyMap<string, Following> {
    const { readModels, orderSearch } = ports;
    const followings = new Map<string, Following>();
    for (const name of projectionNames) {
      const projection = projectionOf(name, { ...readModels, search: orderSearch });
      if (!projection) continue;
      onlyHere(`projection ${name}`, () => {
        const following = keepTrue(name, projection, readModels, clock);
        followings.set(name, following);
        return async () => {
          followings.delete(name);
          await following[Symbol.asyncDispose]();
        };
      });
    }
    return followings;
  }

  // Doors

  function openDoors(rooms: ProcessRooms) {
    if (inner) openDoor(inner, rooms, innerDoor(rooms));
    if (street) openDoor(street, rooms, streetDoor(rooms));
    if (rooms.order) cleanUp.defer(rooms.order.closeEventStreams);
  }

  function openDoor(door: Porch, rooms: ProcessRooms, more: Partial<HttpOptions>) {
    // Who has two doors says at the first one that it is leaving.
    const noticeMs = door === (street ?? inner) ? config.drainNoticeMs : 0;
    const server = serveHttp({
      port: door.port,
      porch: door,
      rooms: publicRooms(rooms, has),
      authenticate: rooms.authenticate,
      observe,
      ready: watch.checks,
      noticeMs,
      ...more,
    });
    cleanUp.defer(() => server.stop());
  }

  const innerDoor = (rooms: ProcessRooms): Partial<HttpOptions> => ({
    around: insideOnly(secret),
    doors: () => bindCalls(answersToRoles(rooms, has), secret, observe),
    // The gateway has seen to what is believed.
    trustProxy: true,
    ...(rooms.bank ? { extra: rooms.bank.fetch } : {}),
  });

  function streetDoor({ bank }: ProcessRooms): Partial<HttpOptions> {
    const site = createSite({ report: report("site-service"), demo: options.demo && options.demo.account });
    const { trustProxy } = config;
    const elsewhere = allRoles.filter((role) => !has(role) && isForTheStreet(role));
    const passedOn = elsewhere.map((role): GatewayRole => {
      const { routes, pages = [] } = roleTable[role];
      return { role, routes, pages, addresses: options.addressesOf(role) };
    });
    return {
      doors: createGateway({ roles: passedOn, secret, observe, trustProxy }),
      described: allRoles.flatMap((role) => roleTable[role].routes),
      extra: async (request) => (bank && (await bank.fetch(request))) ?? site(request),
      trustProxy,
    };
  }

  const opened = openUp();
  opened.catch(() => {});
  return {
    streetUrl,
    innerUrl,
    opened,
    async stop() {
      isStopping = true;
      // Whoever still waits for an engine waits no more.
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
