/** A Redis Cluster of one test alone, which may kill its nodes: three masters with a replica each, gone with the test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis as Node } from "ioredis";

const nodeCount = 6;
const nodeTimeoutMs = 1_000;
const withinMs = 20_000;

export type OwnCluster = AsyncDisposable & {
  readonly nodes: readonly string[];
  /** Who serves the slot of that key, and who would take its place. */
  roles(key: string): Promise<{ readonly master: Server; readonly replica: Server | null }>;
};

export type Server = {
  readonly address: string;
  readonly client: Node;
  kill(): Promise<void>;
};

type Started = Server & { readonly process: Bun.Subprocess };

export async function startOwnCluster(): Promise<OwnCluster> {
  const program = Bun.which("redis-server");
  if (!program) throw new Error("redis-server is not installed: `npm run engines -- up` installs it");
  const folder = mkdtempSync(join(tmpdir(), "chepiao-redis-"));
  const servers = await Promise.all(Array.from({ length: nodeCount }, () => startServer(program, folder)));
  const [first, ...others] = servers as [Started, ...Started[]];

  const portOf = ({ address }: Server) => Number(address.split(":")[1]);
  for (const other of others) await first.client.cluster("MEET", "127.0.0.1", portOf(other), busPortOf(portOf(other)));
  for (let n = 0; n < 3; n++) {
    const [from, to] = [Math.ceil((n * 16_384) / 3), Math.ceil(((n + 1) * 16_384) / 3) - 1];
    await servers[n]!.client.cluster("ADDSLOTSRANGE", from, to);
  }
  await until(async () => (await field(first, "cluster_known_nodes")) === "6");
  for (let n = 0; n < 3; n++) {
    const masterId = String(await servers[n]!.client.cluster("MYID"));
    await until(() => servers[n + 3]!.client.cluster("REPLICATE", masterId));
  }
  for (const server of servers) await until(async () => (await field(server, "cluster_state")) === "ok");
  for (const replica of servers.slice(3)) {
    await until(async () => /master_link_status:up/.test(await replica.client.info("replication")));
  }

  return {
    nodes: servers.map(({ address }) => address),
    async roles(key) {
      for (;;) {
        const found = await rolesNow(key);
        if (found) return found;
        await Bun.sleep(50);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.client.disconnect();
      await Promise.all(servers.map((server) => server.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };

  /** Null while the node that is asked has not heard yet who took over. */
  async function rolesNow(key: string) {
    const alive = servers.find(({ process }) => process.exitCode === null && process.signalCode === null)!;
    const slot = Number(await alive.client.cluster("KEYSLOT", key));
    const lines = String(await alive.client.cluster("NODES"))
      .trim()
      .split("\n");
    const isWell = (line: string) => !line.split(" ")[2]!.includes("fail");
    const master = lines.find((line) => serves(line, slot) && isWell(line));
    if (!master) return null;
    const replica = lines.find((line) => line.split(" ")[3] === master.split(" ")[0] && isWell(line));
    const serverOf = (line: string) => servers.find(({ address }) => line.includes(`${address}@`))!;
    return { master: serverOf(master), replica: replica === undefined ? null : serverOf(replica) };
  }
}

async function startServer(program: string, folder: string): Promise<Started> {
  const port = freePort();
  const process = Bun.spawn({
    cmd: [program, ...configuration(port).flatMap(([name, value]) => [`--${name}`, value])],
    cwd: folder,
    stdout: "ignore",
    stderr: "ignore",
  });
  const client = new Node({ port, host: "127.0.0.1", retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on("error", () => {});
  await until(async () => (await client.ping()) === "PONG");
  return {
    address: `127.0.0.1:${port}`,
    client,
    process,
    async kill() {
      process.kill("SIGKILL");
      await process.exited;
    },
  };
}

const configuration = (port: number): [name: string, value: string][] => [
  ["port", String(port)],
  ["bind", "127.0.0.1"],
  ["cluster-enabled", "yes"],
  ["cluster-port", String(busPortOf(port))],
  ["cluster-config-file", `nodes-${port}.conf`],
  ["cluster-node-timeout", String(nodeTimeoutMs)],
  ["cluster-require-full-coverage", "no"],
  ["cluster-allow-replica-migration", "no"],
  ["repl-diskless-sync-delay", "0"],
  ["appendonly", "no"],
  ["save", ""],
];

/** Above the ports that systems give to outgoing connections by themselves; the bus of a node is the next port. */
function freePort(): number {
  for (;;) {
    const port = 61_000 + 2 * Math.floor(Math.random() * 2_000);
    try {
      for (const each of [port, busPortOf(port)]) {
        Bun.listen({ hostname: "127.0.0.1", port: each, socket: { data() {} } }).stop(true);
      }
      return port;
    } catch {
      // A process has it.
    }
  }
}
const busPortOf = (port: number) => port + 1;

function serves(line: string, slot: number): boolean {
  const ranges = line.split(" ").slice(8);
  return ranges.some((range) => {
    const [from, to = from] = range.split("-").map(Number);
    return from !== undefined && from <= slot && slot <= to!;
  });
}

async function field({ client }: Server, name: string): Promise<string | undefined> {
  return new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(String(await client.cluster("INFO")))?.[1];
}

export async function until(isSo: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await isSo().catch((error: unknown) => error);
    if (answer && !(answer instanceof Error)) return;
    if (performance.now() > deadline) throw new Error(`not so within ${withinMs} ms: ${String(answer)}`);
    await Bun.sleep(50);
  }
}
