/** The Redis Cluster that tests use. Each subject has keys of its own, and takes them away. */
import { openRedis, type Redis } from "./openRedis.ts";

export const redisNodes = (): string[] => {
  const nodes = process.env["REDIS_NODES"];
  if (!nodes) throw new Error("REDIS_NODES is not set: start the engines with `npm run engines -- up`");
  return nodes.split(",");
};

let lastPrefix = 0;

/** A connection with a prefix that nobody else has. */
export const openTestRedis = (): Redis =>
  openRedis({ nodes: redisNodes(), prefix: `test-${process.pid}-${Date.now().toString(36)}-${++lastPrefix}:` });

/** The same cluster under another prefix: as empty as a new one, without a connection of its own. */
export function withFreshPrefix(redis: Redis): Redis {
  const prefix = redis.key(`${++lastPrefix}:`);
  return { ...redis, key: (name) => prefix + name };
}

/** Takes away everything under the connection's prefix, and closes it. */
export async function closeTestRedis(redis: Redis): Promise<void> {
  for (const node of redis.cluster.nodes("master")) {
    for await (const keys of node.scanStream({ match: redis.key("*"), count: 1_000 })) {
      await Promise.all((keys as string[]).map((key) => node.unlink(key)));
    }
  }
  await redis[Symbol.asyncDispose]();
}
