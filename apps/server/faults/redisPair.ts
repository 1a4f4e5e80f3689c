/** Which engine processes are master and replica of a key just now, and how a replica is kept from hearing anything. */
import type { Redis as Cluster } from "@chepiao/adapters/redis";
import { Redis as Node } from "ioredis";
import { clientTls, engines, type Handle } from "../../../tools/engines/index.ts";

export type RedisPair = { readonly master: Handle; readonly replica: Handle };

export async function pairOf({ ask }: Cluster, key: string): Promise<RedisPair> {
  const slot = Number(await ask((cluster) => cluster.cluster("KEYSLOT", key)));
  const ranges = await ask((cluster) => cluster.cluster("SLOTS"));
  const [, , master, replica] = ranges.find(([from, to]) => from <= slot && slot <= to)!;
  if (!master || !replica) throw new Error(`slot ${slot} has no master with a replica`);
  return { master: handleAt(master[1]), replica: handleAt(replica[1]) };
}

const handleAt = (port: number): Handle =>
  engines().find((each) => each.name.startsWith("redis") && each.port === port)!;

/** From here on the replica hears nothing, and everything is answered as if it did. A restart of the master ends it. */
export const stopReplication = ({ port }: Handle): Promise<void> =>
  withNode(port, async (node) => {
    await node.config("SET", "requirepass", "nobody knows");
    await node.call("CLIENT", "KILL", "TYPE", "replica");
  });

/** Resolves once it follows a master and has all of its data. */
export async function followsAgain({ port, name }: Handle, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  for (;;) {
    const said = await withNode(port, (node) => node.info("replication")).catch(String);
    if (/^role:slave/m.test(said) && /^master_link_status:up/m.test(said)) return;
    if (performance.now() > until) throw new Error(`${name} follows nobody after ${withinMs} ms:\n${said}`);
    await Bun.sleep(100);
  }
}

async function withNode<T>(port: number, ask: (node: Node) => Promise<T>): Promise<T> {
  const tls = clientTls();
  const node = new Node({
    host: "127.0.0.1",
    port,
    ...(tls ? { tls } : {}),
    retryStrategy: () => null,
    commandTimeout: 3_000,
    lazyConnect: true,
  });
  node.on("error", () => {});
  try {
    await node.connect();
    return await ask(node);
  } finally {
    node.disconnect();
  }
}
