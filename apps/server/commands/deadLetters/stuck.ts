/**
 * Where messages stand still: the log's dead letters and the outbox, of a data folder or of a cluster. A folder is read beside the
 * platform that runs on it; a command that changes something there has it alone.
 */
import { openFileLog, readDeadLetters } from "@chepiao/adapters/file-log";
import { createSqlAuditTrail, createSqlOutbox } from "@chepiao/adapters/sql";
import { openSqlite, openSqliteToRead } from "@chepiao/adapters/sqlite";
import { createSystemClock } from "@chepiao/adapters/system";
import type { EpochMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { DeadLetter, DeadLetters } from "@chepiao/ports/log";
import type { FailingMessage, Outbox } from "@chepiao/ports/outbox";
import { createLogger } from "@chepiao/runtime";
import { type Config, engineIdentity } from "../../config.ts";
import { openDataFolder } from "../../dataFolder.ts";
import { assertSaidForCommand } from "../../requirements.ts";
import { CommandFailed } from "../command.ts";
import type { OperatorTrail } from "../operator.ts";
import { readFolder } from "../folder.ts";

export type StuckMessage = {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  /** JSON, unless that is what is wrong with it. */
  readonly text: string;
  readonly since: EpochMs;
  readonly why: PutAside | NotSent;
};
type PutAside = Pick<DeadLetter, "group" | "origin" | "cause">;
type NotSent = Pick<FailingMessage, "messageId" | "attempts" | "nextAt">;

export type Stuck = AsyncDisposable & {
  /** What was put aside, then what could not be sent; oldest first. */
  all(): Promise<readonly StuckMessage[]>;
  /** Where it is noted who looked at one in the clear, and who replayed some. */
  readonly auditTrail: OperatorTrail;
  /** All of them are records. */
  tryAgain(messages: readonly StuckMessage[]): Promise<void>;
};

export const isPutAside = (why: StuckMessage["why"]): why is PutAside => "cause" in why;

type Sources = {
  readonly auditTrail: OperatorTrail;
  readonly deadLetters: Pick<DeadLetters, "list" | "replay">;
  readonly outbox: Pick<Outbox, "failing" | "hurry">;
  readonly clock: Pick<Clock, "now">;
};

/** More than that is not looked at one by one. */
const failingMax = 1_000;

export const stuckIn = ({
  deadLetters,
  outbox,
  clock,
}: Omit<Sources, "auditTrail">): Pick<Stuck, "all" | "tryAgain"> => ({
  all: async () => [
    ...(await deadLetters.list()).map(fromLetter),
    ...(await outbox.failing(failingMax)).map(fromOutbox),
  ],
  async tryAgain(messages) {
    const whys = messages.map(({ why }) => why);
    const waiting = whys.flatMap((why) => (isPutAside(why) ? [] : [why.messageId]));
    await deadLetters.replay(messages.filter(({ why }) => isPutAside(why)).map(({ id }) => id));
    await outbox.hurry(waiting, clock.now());
  },
});

const fromLetter = ({ id, topic, key, text, buriedAt, group, origin, cause }: DeadLetter): StuckMessage => ({
  id,
  topic,
  key,
  text,
  since: buriedAt,
  why: { group, origin, cause },
});

const fromOutbox = ({ messageId, record, createdAt, attempts, nextAt }: FailingMessage): StuckMessage => ({
  id: `outbox@${messageId}`,
  topic: record.topic,
  key: record.key,
  text: JSON.stringify(record.value),
  since: createdAt,
  why: { messageId, attempts, nextAt },
});

/** @param toChange what is there, and not only to look at it */
export async function openStuck(config: Config, toChange: boolean): Promise<Stuck> {
  await using cleanUp = new AsyncDisposableStack();
  const open = config.engines === "cluster" ? openCluster : toChange ? openFolder : seeFolder;
  const sources = await open(config, cleanUp);
  const kept = cleanUp.move();
  const { auditTrail } = sources;
  return { ...stuckIn(sources), auditTrail, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Opening the log would cut off what a running platform is just writing; its dead letters are a file by themselves. */
async function seeFolder(config: Config, cleanUp: AsyncDisposableStack): Promise<Sources> {
  const folder = readFolder(config);
  const database = cleanUp.use(openSqliteToRead(folder.database));
  return {
    auditTrail: createSqlAuditTrail(cleanUp.use(await openSqlite(folder.database)).sql),
    deadLetters: { list: async () => readDeadLetters(folder.log), replay: onlyToRead },
    outbox: createSqlOutbox(database.sql),
    clock: createSystemClock(),
  };
}

async function openFolder(config: Config, cleanUp: AsyncDisposableStack): Promise<Sources> {
  readFolder(config);
  const clock = createSystemClock();
  const folder = cleanUp.use(openDataFolder(config.dataDir, config.keysFile));
  const database = cleanUp.use(await openSqlite(folder.database));
  const { deadLetters } = cleanUp.use(await openFileLog(folder.log, clock));
  return { auditTrail: createSqlAuditTrail(database.sql), deadLetters, outbox: createSqlOutbox(database.sql), clock };
}

const onlyToRead = () => Promise.reject(new Error("this folder was opened to look only"));

async function openCluster(config: Config, cleanUp: AsyncDisposableStack): Promise<Sources> {
  // The relay is the role that needs what is looked at here.
  assertSaidForCommand({ ...config, roles: ["relay"] });
  // Loaded only where they are used: a command on a folder should be quick.
  const { createMysqlStores, migrateMysql, openMysql } = await import("@chepiao/adapters/mysql");
  const { openLog } = await import("../../wiring/cluster.ts");
  const clock = createSystemClock();
  // What keeps it from working is said at the end, in a sentence.
  const logger = createLogger({ level: "silent", write: () => {} });
  const database = cleanUp.use(openMysql(config.mysqlUrl!, { identity: engineIdentity(config) }));
  await migrateMysql(database);
  const report = (message: string, error: unknown) => console.error(message, error);
  const { outbox, auditTrail } = cleanUp.use(createMysqlStores({ database, clock, report }));
  const log = await openLog({ config, clock, logger, cleanUp });
  await inTime(log.ready);
  return { auditTrail, deadLetters: log.deadLetters, outbox, clock };
}

const withinMs = 10_000;
const pollMs = 100;

/** Kafka is asked by itself again and again; an operator at a terminal wants to know in a moment what is wrong. */
export async function inTime(work: () => Promise<void>): Promise<void> {
  const until = Date.now() + withinMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > until) throw new CommandFailed(String(error instanceof Error ? error.message : error));
      await Bun.sleep(pollMs);
    }
  }
}
