/** The Redis Cluster that tests use. Each subject has keys of its own, and takes them away. */
import { openRedis, type Redis } from "./openRedis.ts";
import { removeKeys } from "./removeKeys.ts";

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
  await removeKeys(redis);
  await redis[Symbol.asyncDispose]();
}
