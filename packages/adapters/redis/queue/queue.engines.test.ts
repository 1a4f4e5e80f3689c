/** Counters of queues, and word of load, on a real cluster: the rules of their ports. */
import { afterAll } from "bun:test";
import { purchaseLoadSuite } from "@chepiao/ports/purchase-load/purchaseLoad.suite.ts";
import { queueCountersSuite } from "@chepiao/ports/queue-counters/queueCounters.suite.ts";
import { closeTestRedis, openTestRedis, withFreshPrefix } from "../testing.suite.ts";
import { createRedisPurchaseLoad } from "./purchaseLoad.ts";
import { createRedisQueueCounters } from "./queueCounters.ts";

const redis = openTestRedis();
afterAll(() => closeTestRedis(redis));

queueCountersSuite("Redis", () => createRedisQueueCounters(withFreshPrefix(redis)));
purchaseLoadSuite("Redis", () => createRedisPurchaseLoad(withFreshPrefix(redis)));
