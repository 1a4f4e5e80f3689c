/**
 * Engines for as long as some work takes: brought up before it, and afterwards left as they were found, also those that the work
 * killed or paused and did not bring back.
 */
import { isPaused, pidOf, signal, terminate } from "./daemon.ts";
import { environment, servers, start, up } from "./fleet.ts";
import { alone } from "./lock.ts";
import { readPorts } from "./ports.ts";
import { root } from "./settings.ts";

/** Who asks us to go waits until the child that runs has ended: somebody has to clean up after it. */
export type Borrowed = { readonly isAskedToStop: () => boolean };

export async function withEngines<T>(work: (borrowed: Borrowed) => Promise<T>): Promise<T> {
  let stopped = false;
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => (stopped = true));
  const before = new Map(servers.map(({ name }) => [name, { ran: pidOf(name) !== null, paused: isPaused(name) }]));
  try {
    await alone(() => up([], (engine, line) => console.log(`${engine.padEnd(15)} ${line}`)));
    return await work({ isAskedToStop: () => stopped });
  } finally {
    await alone(() => leaveAs(before));
  }
}

/** A program that finds the engines' addresses in its environment; answers its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const child = Bun.spawn([...argv], {
    cwd: root,
    env: { ...process.env, ...environment() },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const forward = () => child.kill("SIGTERM");
  process.once("SIGTERM", forward);
  const code = await child.exited;
  process.off("SIGTERM", forward);
  return code;
}

async function leaveAs(
  before: ReadonlyMap<string, { readonly ran: boolean; readonly paused: boolean }>,
): Promise<void> {
  const ports = readPorts();
  for (const { name } of servers.toReversed()) if (!before.get(name)!.ran) await terminate(name);
  for (const server of servers) {
    const { ran, paused } = before.get(server.name)!;
    if (ran) await start(server, ports);
    if (paused) signal(server.name, "SIGSTOP");
  }
}
