/** Counters of queues on a real cluster: the port's rules. */
import { afterAll } from "bun:test";
import { queueCountersSuite } from "@chepiao/ports/queue-counters/queueCounters.suite.ts";
import { closeTestRedis, openTestRedis, withFreshPrefix } from "../testing.suite.ts";
import { createRedisQueueCounters } from "./queueCounters.ts";

const redis = openTestRedis();
afterAll(() => closeTestRedis(redis));

queueCountersSuite("Redis", () => createRedisQueueCounters(withFreshPrefix(redis)));
