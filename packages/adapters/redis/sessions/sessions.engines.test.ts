import { afterAll } from "bun:test";
import { sessionStoreSuite } from "@chepiao/ports/session-store/session-store.suite.ts";
import { closeTestRedis, openTestRedis, withFreshPrefix } from "../testing.suite.ts";
import { createRedisSessionStore } from "./sessionStore.ts";

const redis = openTestRedis();
afterAll(() => closeTestRedis(redis));

sessionStoreSuite("Redis", () => createRedisSessionStore(withFreshPrefix(redis)));
