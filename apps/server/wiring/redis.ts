/** Redis as the settings say it, under the platform's own prefix. */
import { openRedis, type Redis } from "@chepiao/adapters/redis";
import { type Config, engineIdentity } from "../config.ts";

export function openRedisOf(config: Config): Redis {
  const { redisNodes: nodes, redisUsername, redisPassword, redisTls: tls, namespace } = config;
  return openRedis({
    nodes,
    tls,
    identity: engineIdentity(config),
    ...(redisUsername === null ? {} : { username: redisUsername }),
    ...(redisPassword === null ? {} : { password: redisPassword }),
    ...(namespace === "" ? {} : { prefix: `${namespace}:` }),
  });
}
