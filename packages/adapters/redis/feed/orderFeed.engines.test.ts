/** Each process has a connection of its own: a subscription belongs to one. */
import { afterAll } from "bun:test";
import { orderFeedSuite } from "@chepiao/ports/order-feed/orderFeed.suite.ts";
import type { Redis } from "../openRedis.ts";
import { closeTestRedis, openTestRedis, withFreshPrefix } from "../testing.suite.ts";
import { createRedisOrderFeed } from "./orderFeed.ts";

const [here, there] = [openTestRedis(), openTestRedis()];
afterAll(() => Promise.all([closeTestRedis(here), closeTestRedis(there)]));

orderFeedSuite("Redis", () => {
  const { key } = withFreshPrefix(here);
  const feedOn = (redis: Redis) => createRedisOrderFeed({ ...redis, key });
  return { here: feedOn(here), there: feedOn(there) };
});
