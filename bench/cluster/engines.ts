/** Where the engines are, and how much processor time each of their processes has used. */
import { kafkaConnection } from "@chepiao/adapters/kafka";
import { mysqlConnection } from "@chepiao/adapters/mysql";
import { readFileSync } from "node:fs";
import { Admin } from "@platformatic/kafka";
import { createConnection } from "mysql2/promise";
import type { Redis } from "@chepiao/adapters/redis";
import { engine, environment } from "../../tools/engines/index.ts";
import { readPorts } from "../../tools/engines/ports.ts";

export type Addresses = {
  /** One primary, unsharded. */
  readonly mysql: string;
  readonly redis: readonly string[];
  readonly kafka: readonly string[];
};

export const hasEngines = (): boolean => findEngines() !== null;

export function engineAddresses(): Addresses {
  const found = findEngines();
  if (!found) throw new Error("The case cluster needs engines: npm run engines -- up mariadb redis kafka");
  return found;
}

/** For a case that needs no other engine; empty where there is none. */
export const redisNodes = (): string[] => addressesIn("REDIS_NODES");

/** What the environment says, else the engines of this clone. */
function addressesIn(name: string): string[] {
  const known: Readonly<Record<string, string | undefined>> = { ...environment(), ...process.env };
  return (known[name] ?? "").split(",").filter(Boolean);
}

function findEngines(): Addresses | null {
  const [mysql] = addressesIn("MYSQL_PRIMARIES");
  const [redis, kafka] = [redisNodes(), addressesIn("KAFKA_BROKERS")];
  return mysql && redis.length > 0 && kafka.length > 0 ? { mysql, redis, kafka } : null;
}

/** Keys, topics and databases of this run alone. */
export const benchName = (): string => `bench-${process.pid}-${Date.now().toString(36)}`;

const ticksPerSecond = 100;

/** Processor time used so far by a process of this machine. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in brackets, may hold spaces; user and system time are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The same for an engine of this clone; not a number where it is on another machine. */
export function engineCpuSeconds(port: number): number {
  const name = Object.entries(readPorts()).find(([, each]) => each === port)?.[0];
  const pid = name === undefined ? null : engine(name).pid();
  return pid === null ? Number.NaN : cpuSecondsOf(pid);
}

export const ownCpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

// What a run leaves behind is taken away ------------------------------------------------------------------------------------

/** Dropped when the bench is through with it. */
export async function freshDatabase(server: string, cleanUp: AsyncDisposableStack): Promise<string> {
  const name = `chepiao_${benchName().replaceAll("-", "_")}`;
  const say = async (statement: string) => {
    const connection = await createConnection(mysqlConnection(server).options);
    await connection.query(statement).finally(() => connection.end());
  };
  await say(`create database ${name}`);
  cleanUp.defer(() => say(`drop database ${name}`));
  return Object.assign(new URL(server), { pathname: name }).href;
}

export async function removeTopics(brokers: readonly string[], prefix: string): Promise<void> {
  const admin = new Admin({ clientId: "chepiao-bench", ...kafkaConnection({ brokers }) });
  try {
    const ours = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
    if (ours.length > 0) await admin.deleteTopics({ topics: ours });
  } finally {
    await admin.close();
  }
}

export async function removeKeys(redis: Redis): Promise<void> {
  for (const node of redis.cluster.nodes("master")) {
    for await (const keys of node.scanStream({ match: redis.key("*"), count: 1_000 })) {
      await Promise.all((keys as string[]).map((key) => node.unlink(key)));
    }
  }
}

export const portOf = (address: string): number =>
  Number(new URL(address.includes("://") ? address : `tcp://${address}`).port);
