/** A cluster: engines outside of every process, and processes with some of the roles, each in one or several replicas. */
import { holdGraceMs } from "@chepiao/kernel";
import { createSeededRandom } from "@chepiao/ports/random";
import { createNodeNumbers, type NodeNumbers } from "./audit/nodeNumbers.ts";
import type { Life } from "./core/life.ts";
import { chanceOf } from "./core/chance.ts";
import { createDelayEngine, type DelayEngine } from "./engines/delay.ts";
import { createLogEngine, type LogEngine } from "./engines/log/log.ts";
import { createRedis, type Redis } from "./engines/redis/redis.ts";
import type { Process } from "./endpoints.ts";
import { portsOf } from "./ports.ts";
import { startProcess } from "./process.ts";
import type { Machine, Surroundings } from "./machine.ts";

export type Cluster = {
  readonly redis: Redis;
  readonly log: LogEngine;
  readonly delay: DelayEngine;
  readonly nodeNumbers: NodeNumbers;
  open(machine: Machine, life: Life): Promise<Process>;
};

export function createCluster(around: Surroundings): Cluster {
  const {
    seed,
    reach,
    scheduler,
    now,
    paymentTimeoutMs,
    hoarding,
    judgedOver,
    byLoad,
    fire,
    watch,
    queueOf,
    loads,
    cancelled,
    sql,
    bank,
    mails,
    net,
    vault,
    logger,
  } = around;
  const redis = createRedis({
    reach,
    scheduler,
    now,
    unwrittenMs: paymentTimeoutMs + holdGraceMs,
    watch,
    queueOf,
    loads,
  });
  const nodeNumbers = createNodeNumbers();
  const log = createLogEngine({ reach, scheduler, fired: (fault) => fire(`log: ${fault}`) });
  const delay = createDelayEngine({
    scheduler,
    chance: chanceOf(seed, "delay"),
    delayMs: paymentTimeoutMs,
    fired: (fault) => fire(`delay: ${fault}`),
  });
  return {
    redis,
    log,
    delay,
    nodeNumbers,
    open({ role }, life) {
      const shared = redis.portsOf(life);
      const ownSql = sql.portsOf(life);
      const ownLog = log.portOf(life);
      return startProcess({
        roles: [role],
        clock: life.clock,
        random: createSeededRandom(life.chance.below(2 ** 31)),
        vault,
        logger,
        rules: { paymentTimeoutMs, hoarding, judgedOver, byLoad },
        // All look for a free number at the same place first, so that one which two have at once does harm.
        node: 0,
        leases: shared.leases,
        nodeLeases: ownSql.leases,
        watched: (ids) => nodeNumbers.watched(ids, life.name, now),
        log: ownLog,
        ports: portsOf({
          sql: ownSql,
          binlog: sql.binlog.portOf(life),
          redis: { ...shared, seats: cancelled.soldBy(life, shared.seats) },
          log: ownLog,
          delay: delay.portOf(life),
          provider: bank.providerOf(life),
          messenger: mails?.messengerOf(life) ?? null,
          clock: life.clock,
        }),
        ask: ({ room, path, timeoutMs }, question) =>
          net.ask(life, role, room, path, timeoutMs, [question], (process) => process.answer(path, question)),
      });
    },
  };
}
