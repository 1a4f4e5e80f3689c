/** Redis Cluster: masters with a replica each, their slots spread by redis-cli, an append-only file flushed each second. */
import { $ } from "bun";
import { Redis } from "ioredis";
import { askLimitMs, type Engine, type Server } from "./engine.ts";
import { until } from "./waiting.ts";
import type { Ports } from "./ports.ts";
import { debian, programPath } from "./provision.ts";
import { clusterNodeTimeoutMs, host, redisMasterCount } from "./settings.ts";
import { addressFiles, clientTls, speaksTls, tlsFiles } from "./tls.ts";

const slotCount = 16_384;
const nodeCount = redisMasterCount * 2;
export const redisNodes: readonly string[] = Array.from({ length: nodeCount }, (_, index) => `redis-${index + 1}`);

export const redis: Engine = {
  name: "redis",
  needs: [],
  provision: (say) => debian(["redis-server", "redis-tools"], ["redis-server", "redis-cli"], say),
  servers: redisNodes.map(node),
  unite,
  environment: (ports) => ({ REDIS_NODES: redisNodes.map((name) => address(`${host}:${ports[name]}`)).join(",") }),
};

const address = (hostPort: string) => (speaksTls() ? `rediss://${hostPort}?${addressFiles()}` : hostPort);

function node(name: string, index: number): Server {
  return {
    name,
    role: "node of the cluster",
    listens: { [name]: 23_379 + index, [`${name}-bus`]: 23_389 + index },
    files: (ports) => ({ "redis.conf": configuration(ports[name]!, ports[`${name}-bus`]!) }),
    command: () => ({ argv: [programPath("redis-server")!, "redis.conf"] }),
    ask: (ports) => withNode(ports[name]!, async (client) => saysOfItself(await client.role(), ports)),
  };
}

const configuration = (port: number, busPort: number) => `${commonConfiguration}
${speaksTls() ? encryption(port) : `port ${port}`}
cluster-port ${busPort}
bind ${host}
daemonize no
`;

/** Between nodes, too. A client shows a certificate. */
const encryption = (port: number) => `port 0
tls-port ${port}
tls-cluster yes
tls-replication yes
tls-auth-clients yes
tls-ca-cert-file ${tlsFiles.ca}
tls-cert-file ${tlsFiles.serverCert}
tls-key-file ${tlsFiles.serverKey}`;

const cliOptions = () =>
  speaksTls() ? ["--tls", "--cacert", tlsFiles.ca, "--cert", tlsFiles.clientCert, "--key", tlsFiles.clientKey] : [];

/** What every node is told, wherever it runs. */
export const commonConfiguration = `cluster-enabled yes
cluster-node-timeout ${clusterNodeTimeoutMs}
# Runs of other masters go on selling while one master is being replaced.
cluster-require-full-coverage no
# Replicas stay where they were put, so that a fault test knows whom it kills.
cluster-allow-replica-migration no
repl-diskless-sync-delay 0

appendonly yes
appendfsync everysec
save ""
# Stock is not a cache: a full node refuses, it does not forget.
maxmemory-policy noeviction
`;

/** After a failover a node is not what it was laid out to be. */
function saysOfItself([role, ...rest]: readonly unknown[], ports: Ports): string {
  if (role === "master") return `master with ${Array.isArray(rest[1]) ? rest[1].length : 0} replica`;
  const master = redisNodes.find((name) => ports[name] === rest[1]);
  return `replica of ${master ?? "nobody we know"}, ${String(rest[2])}`;
}

/** Creates the cluster the first time; afterwards only tells the nodes each other's addresses, which may have moved. */
async function unite(ports: Ports): Promise<void> {
  const addresses = redisNodes.map((name) => `${host}:${ports[name]}`);
  const known = await Promise.all(redisNodes.map((name) => withNode(ports[name]!, knownNodes)));
  if (known.every((count) => count === 1)) {
    const create =
      await $`${programPath("redis-cli")} ${cliOptions()} --cluster create ${addresses} --cluster-replicas 1 --cluster-yes`
        .quiet()
        .nothrow();
    if (create.exitCode !== 0) throw new Error(`the cluster was not created:\n${create.stdout.toString()}`);
  } else {
    await withNode(ports[redisNodes[0]!]!, async (client) => {
      for (const name of redisNodes) await client.cluster("MEET", host, ports[name]!, ports[`${name}-bus`]!);
    });
  }
  await until(() => Promise.all(redisNodes.map((name) => withNode(ports[name]!, isWhole))));
}

async function knownNodes(client: Redis): Promise<number> {
  return Number(field(String(await client.cluster("INFO")), "cluster_known_nodes"));
}

/** Every node sees all slots served and as many connected replicas as masters. */
async function isWhole(client: Redis): Promise<void> {
  const info = String(await client.cluster("INFO"));
  const nodes = String(await client.cluster("NODES"))
    .trim()
    .split("\n");
  const healthy = nodes.filter((line) => / connected/.test(line) && !/fail|handshake|noaddr/.test(line));
  const replicas = healthy.filter((line) => / slave|,slave/.test(line)).length;
  const whole = field(info, "cluster_state") === "ok" && Number(field(info, "cluster_slots_ok")) === slotCount;
  if (!whole || healthy.length < nodeCount || replicas !== nodeCount - redisMasterCount) {
    throw new Error(`the cluster is not whole:\n${nodes.join("\n")}`);
  }
}

const field = (info: string, name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];

/** A plain connection to one node, for one question. */
async function withNode<T>(port: number, ask: (client: Redis) => Promise<T>): Promise<T> {
  const options = { retryStrategy: () => null, connectTimeout: askLimitMs, commandTimeout: askLimitMs };
  const tls = clientTls();
  const client = new Redis({ host, port, lazyConnect: true, ...options, ...(tls ? { tls } : {}) });
  // Without a listener ioredis writes every refused connection to the console; the promise tells it already.
  client.on("error", () => {});
  try {
    await client.connect();
    return await ask(client);
  } finally {
    client.disconnect();
  }
}
