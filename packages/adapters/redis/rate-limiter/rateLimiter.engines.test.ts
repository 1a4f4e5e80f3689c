/** The rate limiter keeps its rules on a Redis Cluster, for several processes at once. */
import { afterAll, expect, test } from "bun:test";
import { minuteMs } from "@chepiao/kernel";
import { rateLimiterSuite } from "@chepiao/ports/rate-limiter/rate-limiter.suite.ts";
import { openRedis } from "../openRedis.ts";
import { closeTestRedis, openTestRedis, redisNodes, withFreshPrefix } from "../testing.suite.ts";
import { createRedisRateLimiter } from "./rateLimiter.ts";

const redis = openTestRedis();
afterAll(() => closeTestRedis(redis));

rateLimiterSuite("Redis", () => ({
  limiter: createRedisRateLimiter(withFreshPrefix(redis)),
  pass: (ms) => Bun.sleep(ms),
}));

test("Redis: processes count together, and one that starts again has forgotten nothing", async () => {
  const allowance = { triesMax: 4, windowMs: minuteMs };
  const prefix = withFreshPrefix(redis).key("");
  const inProcess = async (tries: number) => {
    await using own = openRedis({ nodes: redisNodes(), prefix });
    const limiter = createRedisRateLimiter(own);
    return await Promise.all(Array.from({ length: tries }, () => limiter.take("anna", allowance)));
  };
  expect((await Promise.all([inProcess(2), inProcess(2)])).flat()).toEqual([0, 0, 0, 0]);
  expect((await inProcess(1))[0]).toBeWithin(1, minuteMs / 4 + 1);
});
