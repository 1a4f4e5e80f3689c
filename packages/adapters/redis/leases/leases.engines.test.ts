import { afterAll } from "bun:test";
import { leasesSuite } from "@chepiao/ports/lease/lease.suite.ts";
import { closeTestRedis, openTestRedis, withFreshPrefix } from "../testing.suite.ts";
import { createRedisLeases } from "./leases.ts";

const redis = openTestRedis();
afterAll(() => closeTestRedis(redis));

leasesSuite("Redis", () => ({ leases: createRedisLeases(withFreshPrefix(redis)), pass: (ms) => Bun.sleep(ms) }));
