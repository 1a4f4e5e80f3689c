/** What `env` says is all that the platform needs to be told of these engines. */
import { expect, test } from "bun:test";
import { readConfig } from "../../apps/server/config.ts";
import { pairs, shardDatabase, shardIndexes } from "./mariadbFiles.ts";
import { database, sharding } from "./settings.ts";
import { shardingProxy } from "./shardingProxy.ts";

test("behind the proxy the binlog of every database is named, on the primary that writes it", () => {
  const ports = { "sharding-proxy": 1, ...Object.fromEntries(pairs.map(({ primary }, n) => [primary, n + 2])) };
  const { mysqlUrl, mysqlBinlogs } = readConfig(shardingProxy.environment(ports));
  expect(mysqlUrl).toEndWith(`:1/${database}`);
  expect(mysqlBinlogs.map((url) => new URL(url).pathname)).toEqual(shardIndexes.map((n) => `/${shardDatabase(n)}`));
  expect(new Set(mysqlBinlogs.map((url) => new URL(url).port)).size).toBe(
    Math.min(pairs.length, sharding.databaseCount),
  );
});
