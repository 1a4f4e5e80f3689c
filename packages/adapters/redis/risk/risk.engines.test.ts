/** Counters of risk on a real cluster: the port's rules. */
import { afterAll } from "bun:test";
import { riskCountersSuite } from "@chepiao/ports/risk-counters/riskCounters.suite.ts";
import { closeTestRedis, openTestRedis, withFreshPrefix } from "../testing.suite.ts";
import { createRedisRiskCounters } from "./riskCounters.ts";

const redis = openTestRedis();
afterAll(() => closeTestRedis(redis));

riskCountersSuite("Redis", () => createRedisRiskCounters(withFreshPrefix(redis)));
