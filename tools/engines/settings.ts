/**
 * What is started, how much of it, and where: the numbers of the engines that are provisioned here. Everything they
 * write lies in one ignored folder of the clone; everything they listen on is loopback.
 */
import { join } from "node:path";
import { parseLayout } from "./sharding.ts";

export const root = join(import.meta.dir, "..", "..");
/** Data, logs, downloads, ports and pids. CHEPIAO_ENGINES_FOLDER moves it, so that two sets can stand beside each other. */
export const folder = process.env["CHEPIAO_ENGINES_FOLDER"] ?? join(root, ".engines");
export const host = "127.0.0.1";
/** As `up --tls` says for once. */
export const tlsByDefault = process.env["CHEPIAO_ENGINES_TLS"] === "1";

/** No secret: it guards servers that listen on loopback and hold test data. */
export const account = { user: "chepiao", password: "chepiao" } as const;
export const database = "chepiao";

/** Pairs of a MariaDB primary and its replica; ShardingSphere makes one logical database of them. */
export const mariadbPairCount = 2;
export const redisMasterCount = 3;

/** The design's is 32x64. Another layout needs a `wipe`: rows do not move. */
export const sharding = parseLayout(process.env["CHEPIAO_SHARDING"] ?? "2x2");

/** A primary that waits longer than this for its replica goes on without it: a lost replica must not stop sales. */
export const semiSyncTimeoutMs = 2_000;
/** No transaction of ours pauses: one that does is a dead program's. */
export const idleTransactionSeconds = 5;
/** How long a statement waits for a lock before it is told so. */
export const lockWaitSeconds = 3;
/** How long a Redis master is silent before its replica takes over. */
export const clusterNodeTimeoutMs = 2_000;
/** How long a Kafka broker is silent before it counts as gone. One that was killed cannot come back as itself sooner. */
export const brokerSessionTimeoutMs = 3_000;
/** Statements that the proxy remembers taken apart: ours are some hundred. */
export const proxyStatementsMax = 1_000;

/** Small on purpose: all of them share one machine with the program under test. */
export const heapMb = { kafka: 320, "sharding-proxy": 384, search: 512 } as const;

/** Below the range from which Linux takes ports for outgoing connections (32768 on), so that none is taken by chance. */
export const portFirst = 23_000;
export const portLast = 23_999;
