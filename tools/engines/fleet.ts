/** All engines together: brought up in parallel, each as soon as those it needs answer; taken down; asked how they are. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { folderOf, isPaused, launch, pidOf, slay, tailOf, terminate } from "./daemon.ts";
import type { Engine, Server } from "./engine.ts";
import { kafka } from "./kafka.ts";
import { mariadb } from "./mariadb.ts";
import { until } from "./patience.ts";
import { choosePorts, readPorts, type Ports } from "./ports.ts";
import { rabbitmq } from "./rabbitmq.ts";
import { redis } from "./redis.ts";
import { search } from "./search.ts";
import { folder } from "./settings.ts";
import { shardingProxy } from "./shardingProxy.ts";

export const all: readonly Engine[] = [mariadb, shardingProxy, redis, rabbitmq, kafka, search];

type Say = (engine: string, line: string) => void;

/** The named engines with those they need; all when none is named. */
export function chosen(names: readonly string[]): readonly Engine[] {
  if (names.length === 0) return all;
  const wanted = new Set<string>();
  const add = (name: string) => {
    const engine = all.find((each) => each.name === name);
    if (!engine) throw new Error(`there is no engine "${name}"; there are: ${all.map((each) => each.name).join(", ")}`);
    wanted.add(name);
    engine.needs.forEach(add);
  };
  names.forEach(add);
  return all.filter(({ name }) => wanted.has(name));
}

/** Resolves when every chosen engine does its work; what already does is left alone. */
export async function up(names: readonly string[], say: Say): Promise<Ports> {
  const engines = chosen(names);
  const servers = engines.flatMap((engine) => engine.servers);
  const running = servers.filter(({ name }) => pidOf(name) !== null);
  const held = new Set(running.flatMap(({ listens }) => Object.keys(listens)));
  const wanted = Object.assign({}, ...servers.map(({ listens }) => listens));
  const ports = await choosePorts(wanted, held);
  const started = new Map<string, Promise<void>>();
  for (const engine of engines) {
    const before = engine.needs.map((need) => started.get(need));
    started.set(engine.name, Promise.all(before).then(() => bring(engine, ports, say)));
  }
  const results = await Promise.allSettled(started.values());
  const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  if (reasons.length > 0) throw new AggregateError(reasons, `${reasons.length} of ${engines.length} engines did not start`);
  return ports;
}

async function bring(engine: Engine, ports: Ports, say: Say): Promise<void> {
  const startedMs = performance.now();
  await engine.provision((line) => say(engine.name, line));
  const pids = engine.servers.map(({ name }) => pidOf(name));
  try {
    await Promise.all(engine.servers.map((server) => ensure(server, ports)));
    await engine.unite(ports);
  } catch (error) {
    const logs = engine.servers.map(({ name }) => `--- ${name}\n${tailOf(name, 15)}`);
    throw new Error(`${engine.name}: ${error instanceof Error ? error.message : String(error)}\n${logs.join("\n")}`);
  }
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  say(engine.name, pids.includes(null) ? `answers after ${seconds} s` : "was up already");
}

/** Starts a server that does not run, and waits until it answers. */
export async function ensure(server: Server, ports: Ports): Promise<void> {
  if (pidOf(server.name) === null) {
    await server.prepare(ports);
    const { argv, env } = server.command(ports);
    launch(server.name, argv, env);
  }
  const runs = () => pidOf(server.name) !== null;
  await until(() => server.ask(ports), runs);
}
