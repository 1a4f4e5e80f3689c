/**
 * The connection to a Redis Cluster. Commands fail soon instead of waiting for a node that may be gone: the caller may ask
 * again, and everything here may be asked twice. While a master is replaced that lasts some seconds, for its slots only.
 */
import { once } from "node:events";
import type { Socket } from "node:net";
import { addressForms, readAddresses, tlsFor, type TlsIdentity, tlsTrouble } from "@chepiao/adapters/engine-address";
import { ServiceUnavailable } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import calculateSlot from "cluster-key-slot";
import { Cluster, Redis as Node } from "ioredis";
import { createNodeWatch, NodeSilent } from "./nodeWatch.ts";

export type RedisOptions = {
  /** `host:port` or `rediss://host:port` of some nodes; the others are learnt from them. */
  readonly nodes: readonly string[];
  /** Over TLS, where no address says anything of it: who is trusted, and who we are. */
  readonly identity?: TlsIdentity;
  /** In front of every key, so that several platforms can share a cluster. */
  readonly prefix?: string;
  readonly username?: string;
  readonly password?: string;
  /** As if every address said so. */
  readonly tls?: boolean;
  readonly commandTimeoutMs?: number;
};

/** Since the start, for metrics. */
export type RedisCounters = {
  /** Commands that got no answer: no node for them, or none in time. */
  unavailable: number;
  /** Times that a library of functions was loaded. */
  functionLoads: number;
};

export type Redis = AsyncDisposable & {
  readonly cluster: Cluster;
  readonly counters: RedisCounters;
  key(name: string): string;
  /** Does the work with the cluster; what says that nobody is there to do it becomes RedisUnavailable. */
  ask<T>(work: (cluster: Cluster) => Promise<T>): Promise<T>;
  /** The same for work with that key, or with others of its slot: where its master is known to say nothing nobody waits for it. */
  askOf<T>(key: string, work: (cluster: Cluster) => Promise<T>): Promise<T>;
  /** Throws unless every slot is served and every master answers. */
  check(): Promise<void>;
};

/** Nobody knows whether what was asked is done. */
export class RedisUnavailable extends ServiceUnavailable {
  constructor(nodes: readonly string[], cause: unknown, plain: string | null = null) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = tlsTrouble(cause, plain) ?? "does not serve this";
    super("Redis", `the cluster of ${nodes.join(", ")} ${what}: ${why}`, 1, { cause });
  }
}

const slotCount = 16_384;
/** Measured: a client with these finds the new master as soon as the cluster has elected it (docs/decisions/0011). */
const clusterRetryMsMax = secondMs;
const commandTimeoutMsDefault = 3 * secondMs;
/** A node that does not answer a `PING` within it says nothing. So often it is asked, and the cluster who has its slots. */
const pingMs = secondMs / 2;

/** Returns at once: it connects when first asked, and again whenever the connection is lost. */
export function openRedis(options: RedisOptions): Redis {
  const { prefix = "chepiao:" } = options;
  const addresses = readAddresses(options.nodes, addressForms.redis);
  const tls = tlsFor({ tls: addresses.tls ?? (options.tls ? {} : null) }, options.identity);
  const username = options.username ?? addresses.username;
  const password = options.password ?? addresses.password;
  const nodes = addresses.servers.map(({ host, port }) => `${host}:${port}`);
  const commandTimeoutMs = options.commandTimeoutMs ?? commandTimeoutMsDefault;
  const counters: RedisCounters = { unavailable: 0, functionLoads: 0 };
  const speaking = {
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
    ...(tls ? { tls } : {}),
  };
  const cluster = new Cluster([...addresses.servers], {
    lazyConnect: true,
    // Who waits for the cluster waits in `ask`, and not for ever.
    enableOfflineQueue: false,
    clusterRetryStrategy: (attempt) => Math.min(100 * attempt, clusterRetryMsMax),
    slotsRefreshTimeout: secondMs,
    // Word of a change goes only to the nodes that have listeners. Connections for it are made with the first.
    shardedSubscribers: true,
    redisOptions: {
      ...speaking,
      connectTimeout: 2 * secondMs,
      commandTimeout: commandTimeoutMs,
      maxRetriesPerRequest: 1,
    },
  });
  let connecting: Promise<void> | null = null;
  let gathering = false;
  // Each failed command says it itself; without a listener the process would end.
  cluster.on("error", () => {});

  /** For the first connection, or the next after all nodes were away. */
  async function connected() {
    if (cluster.status === "end") throw new Error("Cluster is not asked any more: the connection was closed");
    if (cluster.status === "wait") cluster.connect().catch(() => {});
    const timeout = AbortSignal.timeout(commandTimeoutMs);
    await once(cluster, "ready", { signal: timeout }).catch((error: unknown) => {
      throw timeout.aborted ? new Error(`Cluster is not reached within ${commandTimeoutMs} ms`) : error;
    });
  }

  /** What is asked within a turn leaves in one write: a system call for each would cost as much again as all else. */
  function gatherWrites() {
    if (gathering) return;
    gathering = true;
    const streams = cluster.nodes("master").map(({ stream }) => stream as Socket | undefined);
    for (const stream of streams) stream?.cork();
    setImmediate(() => {
      gathering = false;
      for (const stream of streams) stream?.uncork();
    });
  }

  const nameOf = ({ options: { host, port } }: Node) => `${host}:${port}`;
  const watch = createNodeWatch({
    answers(name) {
      // Nobody else says that its replica has taken over: a connection that is open and silent has no end.
      cluster.refreshSlotsCache();
      const node = cluster.nodes("master").find((each) => nameOf(each) === name);
      // One whose connection is lost is no node any more, and has its slots until the cluster says who has.
      return node ? isThere(node) : Promise.resolve(!cluster.slots.some((slot) => slot?.[0] === name));
    },
    async anotherAnswers(name) {
      const others = cluster.nodes("master").filter((each) => nameOf(each) !== name);
      return (await Promise.all(others.map(isThere))).includes(true);
    },
  });

  function isThere(node: Node): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), pingMs);
    const said = (isAnswered: boolean) => {
      clearTimeout(timer);
      resolve(isAnswered);
    };
    node.ping().then(
      () => said(true),
      () => said(false),
    );
    return promise;
  }

  const masterOf = (key: string): string | undefined => cluster.slots[calculateSlot(key)]?.[0];

  const ask = <T>(work: (cluster: Cluster) => Promise<T>) => askGuarded(work, null);
  const askOf = <T>(key: string, work: (cluster: Cluster) => Promise<T>) => askGuarded(work, key);

  async function askGuarded<T>(work: (cluster: Cluster) => Promise<T>, key: string | null): Promise<T> {
    try {
      if (cluster.status !== "ready") await (connecting ??= connected().finally(() => (connecting = null)));
      gatherWrites();
      const master = key === null ? undefined : masterOf(key);
      return await (master === undefined ? work(cluster) : watch.guard(master, () => work(cluster)));
    } catch (error) {
      if (!isAbsence(error)) throw error;
      counters.unavailable++;
      throw new RedisUnavailable(nodes, error);
    }
  }

  /** The cluster's client says that no node serves it, and not why: one node, asked alone, does. */
  async function askWhy(): Promise<Error | null> {
    const { host, port } = addresses.servers[0]!;
    const alone = { lazyConnect: true, retryStrategy: () => null, connectTimeout: commandTimeoutMs } as const;
    const node = new Node({ host, port, ...speaking, ...alone, maxRetriesPerRequest: 0 });
    let why: Error | null = null;
    node.on("error", (error) => (why ??= error));
    try {
      await node.connect();
      await node.ping();
    } catch (error) {
      why ??= error as Error;
    } finally {
      node.disconnect();
    }
    return why;
  }

  async function check() {
    const info = await ask(async () => String(await cluster.cluster("INFO"))).catch(async (error: unknown) => {
      const why = error instanceof RedisUnavailable ? await askWhy() : null;
      throw why === null ? error : new RedisUnavailable(nodes, why, tls ? null : addressForms.redis.tls);
    });
    const served = Number(/cluster_slots_ok:(\d+)/.exec(info)?.[1] ?? 0);
    if (served < slotCount)
      throw new RedisUnavailable(nodes, `${slotCount - served} of ${slotCount} slots are not served`);
    await ask(() => Promise.all(cluster.nodes("master").map((node) => node.ping())));
  }

  return {
    cluster,
    counters,
    key: (name) => prefix + name,
    ask,
    askOf,
    check,
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      cluster.disconnect();
    },
  };
}

/** What ioredis and Redis say when it is not the command that is wrong. */
const absence =
  /timed out|Connection is closed|Cluster is |Cluster isn't|slots cache|Too many Cluster redirections|max retries per request|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|^(CLUSTERDOWN|MASTERDOWN|LOADING|TRYAGAIN|READONLY|NOREPLICAS|UNBLOCKED|OOM|MISCONF)/;

const isAbsence = (error: unknown): boolean =>
  error instanceof NodeSilent || (error instanceof Error && absence.test(error.message));
