/** All engines together: brought up in parallel, each as soon as those it needs answer; taken down; asked how they are. */
import { rmSync } from "node:fs";
import { folderOf, hasFiles, isPaused, launch, pidOf, signal, tailOf, terminate, writeFiles } from "./daemon.ts";
import { askLimitMs, type Engine, type Server } from "./engine.ts";
import { kafka } from "./kafka.ts";
import { mariadb } from "./mariadb.ts";
import { until, within } from "./waiting.ts";
import { choosePorts, readPorts, type Ports } from "./ports.ts";
import { rabbitmq } from "./rabbitmq.ts";
import { redis } from "./redis.ts";
import { search } from "./search.ts";
import { tlsByDefault } from "./settings.ts";
import { shardingProxy } from "./shardingProxy.ts";
import { provideCertificates, speakTls } from "./tls.ts";

const all: readonly Engine[] = [mariadb, shardingProxy, redis, rabbitmq, kafka, search];
export const servers: readonly Server[] = all.flatMap((engine) => engine.servers);
const isWanted = (server: Server) => server.isWanted?.() ?? true;

const logLineCount = 15;

export type Say = (engine: string, line: string) => void;

/**
 * Resolves when each of the named engines, or all, does its work; what already does is left alone. Where the fleet spoke otherwise
 * until now, all that runs is started anew.
 */
export async function up(names: readonly string[], say: Say, tls = tlsByDefault): Promise<void> {
  if (tls) await provideCertificates();
  const isChange = speakTls(tls);
  const engines = withNeeds(all.filter((engine) => named(names).includes(engine) || (isChange && runs(engine))));
  const ports = await portsFor(engines);
  const brought = new Map<string, Promise<void>>();
  const bringAfter = async (engine: Engine) => {
    for (const need of engine.needs) await brought.get(need);
    await bring(engine, ports, say);
  };
  for (const engine of engines) {
    brought.set(engine.name, bringAfter(engine));
  }
  const results = await Promise.allSettled(brought.values());
  const reasons = new Set(results.flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : [])));
  if (reasons.size > 0) throw new Error([...reasons].join("\n\n"));
}

export const runningEngines = (): readonly string[] => all.filter(runs).map(({ name }) => name);
const runs = (engine: Engine) => engine.servers.some(({ name }) => pidOf(name) !== null);

/** Ends the named engines in order, and first those that stand on them. */
export async function down(names: readonly string[], say: Say): Promise<void> {
  for (const engine of withDependents(named(names)).toReversed()) {
    const running = engine.servers.filter(({ name }) => pidOf(name) !== null);
    const startedMs = performance.now();
    await Promise.all(running.map(({ name }) => terminate(name)));
    say(engine.name, running.length > 0 ? `ended after ${secondsSince(startedMs)}` : "was down already");
  }
}

/** As `down`, and forgets what they stored. Downloads and ports are kept. */
export async function wipe(names: readonly string[], say: Say): Promise<void> {
  await down(names, say);
  for (const engine of withDependents(named(names)))
    for (const { name } of engine.servers) rmSync(folderOf(name), { recursive: true, force: true });
}

export type EngineState = {
  readonly name: string;
  readonly role: string;
  readonly port: number | undefined;
  readonly pid: number | null;
  /** What it says of itself, or why it says nothing. */
  readonly says: string;
  readonly answers: boolean;
};

export async function probeEngines(names: readonly string[]): Promise<readonly EngineState[]> {
  return Promise.all(named(names).flatMap((engine) => engine.servers.filter(isWanted).map(probeEngine)));
}

async function probeEngine(server: Server): Promise<EngineState> {
  const { name, role } = server;
  const ports = readPorts();
  const seen = { name, role, port: ports[name], pid: pidOf(name) };
  if (seen.pid === null) return { ...seen, says: "down", answers: false };
  if (isPaused(name)) return { ...seen, says: "paused", answers: false };
  try {
    return { ...seen, says: await ask(server, ports), answers: true };
  } catch (error) {
    return { ...seen, says: `does not answer: ${String(error).split("\n")[0]}`, answers: false };
  }
}

/** The addresses of all engines that were ever up here, by the names of the environment variables that hold them. */
export function environment(ports: Ports = readPorts()): Record<string, string> {
  const known = all.filter((engine) => engine.servers.filter(isWanted).every(({ name }) => ports[name] !== undefined));
  return Object.assign({}, ...known.map((engine) => engine.environment(ports)));
}

/** Starts a server that does not run, wakes one that is paused, and waits until it answers. */
export async function start(server: Server, ports: Ports): Promise<void> {
  if (pidOf(server.name) === null) {
    writeFiles(server.name, server.files(ports));
    await server.prepare?.();
    const { argv, env } = server.command(ports);
    launch(server.name, argv, env);
  }
  if (isPaused(server.name)) signal(server.name, "SIGCONT");
  await until(
    () => ask(server, ports),
    () => pidOf(server.name) !== null,
  );
}

const ask = (server: Server, ports: Ports): Promise<string> => within(askLimitMs, server.name, server.ask(ports));

async function bring(engine: Engine, ports: Ports, say: Say): Promise<void> {
  const startedMs = performance.now();
  const isUp = (server: Server) => pidOf(server.name) !== null && hasFiles(server.name, server.files(ports));
  const wanted = engine.servers.filter(isWanted);
  const wasUp = wanted.every(isUp);
  try {
    await engine.provision((line) => say(engine.name, line));
    // One that runs with other settings than it would get now is started anew.
    for (const server of engine.servers) if (!isUp(server) || !isWanted(server)) await terminate(server.name);
    await Promise.all(wanted.map((server) => start(server, ports)));
    await engine.unite?.(ports);
  } catch (error) {
    const logs = wanted.map(({ name }) => `--- the end of ${name}'s log\n${tailOf(name, logLineCount)}`);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error([`${engine.name} did not start: ${reason}`, ...logs].join("\n"), { cause: error });
  }
  say(engine.name, wasUp ? "was up already" : `answers after ${secondsSince(startedMs)}`);
}

export const wantedPorts = (of: readonly Server[] = servers.filter(isWanted)): Ports =>
  Object.assign({}, ...of.map(({ listens }) => listens));

function portsFor(engines: readonly Engine[]): Promise<Ports> {
  const wanted = engines.flatMap((engine) => engine.servers);
  const running = wanted.filter(({ name }) => pidOf(name) !== null);
  return choosePorts(wantedPorts(wanted), new Set(running.flatMap(({ listens }) => Object.keys(listens))));
}

function named(names: readonly string[]): readonly Engine[] {
  const unknown = names.find((name) => !all.some((engine) => engine.name === name));
  if (unknown) throw new Error(`there is no engine "${unknown}"; there are ${all.map(({ name }) => name).join(", ")}`);
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

// `all` is in order of need, so one pass in that order, or against it, finds everything.

function withNeeds(engines: readonly Engine[]): readonly Engine[] {
  const wanted = new Set(engines);
  for (const engine of all.toReversed())
    if (all.some((other) => wanted.has(other) && other.needs.includes(engine.name))) wanted.add(engine);
  return all.filter((engine) => wanted.has(engine));
}

function withDependents(engines: readonly Engine[]): readonly Engine[] {
  const names = new Set(engines.map(({ name }) => name));
  for (const engine of all) if (engine.needs.some((need) => names.has(need))) names.add(engine.name);
  return all.filter(({ name }) => names.has(name));
}

const secondsSince = (startedMs: number) => `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`;
