/**
 * `npm run test:engines [paths…]`: brings the engines up, hands their addresses to every `*.engines.test.ts`, one file
 * after the other, and leaves the engines as it found them. Options go to `bun test`; paths are files or folders.
 *
 * Each file has a process of its own: what one leaves running, waiting for an engine that is gone, is no fault of the next.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { isPaused, pidOf, signal, terminate } from "./daemon.ts";
import { environment, servers, start, up } from "./fleet.ts";
import { alone } from "./lock.ts";
import { readPorts } from "./ports.ts";
import { root } from "./settings.ts";

const folders = ["packages", "apps", "tools"];
const testLimitMs = 120_000;

const args = process.argv.slice(2);
const isPath = (arg: string) => statSync(join(root, arg), { throwIfNoEntry: false }) !== undefined;
const files = filesIn(args.some(isPath) ? args.filter(isPath) : folders);
if (files.length === 0) {
  console.error(`no *.engines.test.ts in ${args.join(" ")}`);
  process.exit(1);
}

const before = new Map(servers.map(({ name }) => [name, { ran: pidOf(name) !== null, paused: isPaused(name) }]));
const options = [`--timeout=${testLimitMs}`, ...args.filter((arg) => !isPath(arg))];
const failed: string[] = [];
let stopped = false;
// We stay until the test that runs has ended, whoever asks us to go: somebody has to clean up after it.
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => (stopped = true));
try {
  await alone(() => up([], (engine, line) => console.log(`${engine.padEnd(15)} ${line}`)));
  for (const file of files) if (!stopped && !(await passes(file))) failed.push(file);
} catch (error) {
  failed.push(error instanceof Error ? error.message : String(error));
} finally {
  await alone(leaveAsFound);
}
for (const each of failed) console.error(`failed: ${each}`);
process.exit(failed.length > 0 || stopped ? 1 : 0);

function filesIn(paths: readonly string[]): readonly string[] {
  const found = paths.flatMap((path) => {
    if (!statSync(join(root, path)).isDirectory()) return [path];
    const inside = new Glob("**/*.engines.test.ts").scanSync({ cwd: join(root, path) });
    return [...inside].map((file) => join(path, file)).filter((file) => !file.includes("node_modules"));
  });
  return found.sort().map((file) => (file.startsWith("/") ? file : `./${file}`));
}

async function passes(file: string): Promise<boolean> {
  const child = Bun.spawn([process.execPath, "test", ...options, file], {
    cwd: root,
    env: { ...process.env, ...environment() },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const forward = () => child.kill("SIGTERM");
  process.once("SIGTERM", forward);
  const code = await child.exited;
  process.off("SIGTERM", forward);
  return code === 0;
}

/** A fault test that broke off in the middle may have left an engine stopped or paused. */
async function leaveAsFound(): Promise<void> {
  const ports = readPorts();
  for (const server of servers.toReversed()) {
    if (!before.get(server.name)?.ran) await terminate(server.name);
  }
  for (const server of servers) {
    const { ran, paused } = before.get(server.name)!;
    if (ran) await start(server, ports);
    if (paused) signal(server.name, "SIGSTOP");
  }
}
