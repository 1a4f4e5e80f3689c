/**
 * Real engines for tests and benches, out of this clone: the same processes that `npm run engines` starts. A fault test
 * takes one of them by its name, stops, kills, pauses it, and starts it again.
 */
import { isPaused, pidOf, signal, slay, terminate } from "./daemon.ts";
import type { Server } from "./engine.ts";
import { servers, start } from "./fleet.ts";
import { readPorts } from "./ports.ts";

export { down, environment, up } from "./fleet.ts";
export { clientTls } from "./tls.ts";
export { parseLayout, placeOf, type Layout } from "./sharding.ts";

/** One process. What it is already, it stays: a second `stop` or `start` does nothing. */
export type Handle = {
  readonly name: string;
  readonly role: string;
  readonly port: number;
  pid(): number | null;
  isPaused(): boolean;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** SIGKILL: nothing is flushed, nobody is told. */
  kill(): Promise<void>;
  /** Starts it on its old data, or wakes it, and waits until it answers. */
  start(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers, as behind a cut cable. */
  pause(): Promise<void>;
  resume(): Promise<void>;
};

/** All processes that can be there, up or not: "mariadb-1", "mariadb-1-replica", "redis-1" … "redis-6", "kafka", … */
export const engines = (): readonly Handle[] => servers.map(handle);

export function engine(name: string): Handle {
  const server = servers.find((each) => each.name === name);
  if (!server)
    throw new Error(`no engine runs a process "${name}"; there are ${servers.map((each) => each.name).join(", ")}`);
  return handle(server);
}

function handle(server: Server): Handle {
  const { name, role } = server;
  const port = readPorts()[name];
  if (port === undefined) throw new Error(`${name} was never started here: npm run engines -- up`);
  return {
    name,
    role,
    port,
    pid: () => pidOf(name),
    isPaused: () => isPaused(name),
    stop: () => terminate(name),
    kill: () => slay(name),
    start: () => start(server, readPorts()),
    async pause() {
      if (!signal(name, "SIGSTOP")) throw new Error(`${name} does not run, so it cannot be paused`);
    },
    async resume() {
      if (!signal(name, "SIGCONT")) throw new Error(`${name} does not run, so it cannot be resumed`);
    },
  };
}
