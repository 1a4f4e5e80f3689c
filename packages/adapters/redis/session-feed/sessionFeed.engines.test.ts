/** Each process has a connection of its own: a subscription belongs to one. */
import { afterAll } from "bun:test";
import { sessionFeedSuite } from "@chepiao/ports/session-feed/sessionFeed.suite.ts";
import type { Redis } from "../openRedis.ts";
import { closeTestRedis, openTestRedis, withFreshPrefix } from "../testing.suite.ts";
import { createRedisSessionFeed } from "./sessionFeed.ts";

const [here, there] = [openTestRedis(), openTestRedis()];
afterAll(() => Promise.all([closeTestRedis(here), closeTestRedis(there)]));

sessionFeedSuite("Redis", () => {
  const { key } = withFreshPrefix(here);
  const feedOn = (redis: Redis) => createRedisSessionFeed({ ...redis, key });
  return { here: feedOn(here), there: feedOn(there) };
});
