/** The connection: what it says when nobody is there, and how the key space is parted. */
import { afterAll, expect, test } from "bun:test";
import { BadAddress } from "@chepiao/adapters/engine-address";
import { openRedis, RedisUnavailable } from "./openRedis.ts";
import { partTags } from "./parts.ts";
import { closeTestRedis, openTestRedis } from "./testing.suite.ts";

const redis = openTestRedis();
afterAll(() => closeTestRedis(redis));

test("a cluster that is whole passes the check", async () => {
  await redis.check();
});

test("where no node answers, who asks hears soon which nodes were meant", async () => {
  await using nobody = openRedis({ nodes: ["127.0.0.1:1", "127.0.0.1:2"], commandTimeoutMs: 500 });
  const begun = performance.now();
  const error = await nobody.ask((cluster) => cluster.get("key")).catch((trouble: unknown) => trouble);
  expect(error).toBeInstanceOf(RedisUnavailable);
  expect((error as Error).message).toContain("127.0.0.1:1, 127.0.0.1:2");
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect(nobody.counters.unavailable).toBe(1);
  expect(await nobody.check().catch((trouble: unknown) => trouble)).toBeInstanceOf(RedisUnavailable);
});

test("a command that is wrong is not taken for an absence", async () => {
  const key = redis.key("text");
  await redis.ask((cluster) => cluster.set(key, "not a hash"));
  const error = await redis.ask((cluster) => cluster.hget(key, "field")).catch((trouble: unknown) => trouble);
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(RedisUnavailable);
  expect(redis.counters.unavailable).toBe(0);
});

test("a node is given as host:port", () => {
  for (const node of ["localhost", ":6379", "localhost:", "localhost:x"]) {
    expect(() => openRedis({ nodes: [node] })).toThrow(BadAddress);
  }
});

test("each part lies in its own thirty-second of the slots", async () => {
  const slots = await Promise.all(
    partTags.map((tag) => redis.ask(async (cluster) => Number(await cluster.cluster("KEYSLOT", `orders:{${tag}}:1`)))),
  );
  expect(slots.map((slot) => Math.floor(slot / (16_384 / partTags.length)))).toEqual(partTags.map((_, part) => part));
});
