/**
 * Engines for as long as some work takes: brought up before it, and afterwards left as they were found, also those that the work
 * killed or paused and did not bring back.
 */
import { isPaused, pidOf, signal, terminate } from "./daemon.ts";
import { environment, runningEngines, servers, start, up } from "./fleet.ts";
import { exclusively } from "./lock.ts";
import { readPorts } from "./ports.ts";
import { root, tlsByDefault } from "./settings.ts";
import { speaksTls, speakTls } from "./tls.ts";

/** Who asks us to go waits until the child that runs has ended: its parent has to clean up after it. */
export type Borrowed = { readonly isAskedToStop: () => boolean };

const lastWordsMs = 2_000;

export async function withEngines<T>(work: (borrowed: Borrowed) => Promise<T>, tls = tlsByDefault): Promise<T> {
  let stopped = false;
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => (stopped = true));
  const before = new Map(servers.map(({ name }) => [name, { ran: pidOf(name) !== null, paused: isPaused(name) }]));
  const spokeTls = speaksTls();
  try {
    await exclusively(() => up([], (engine, line) => console.log(`${engine.padEnd(15)} ${line}`), tls));
    return await work({ isAskedToStop: () => stopped });
  } finally {
    await exclusively(() => leaveAs(before, spokeTls));
  }
}

export type Hearing = {
  readonly hear: (text: string) => void;
  /** Whether we say it, too, as it comes. */
  readonly isShown: boolean;
};

/** A program that finds the engines' addresses in its environment; answers its exit code. */
export async function run(argv: readonly string[], hearing?: Hearing): Promise<number> {
  const out = hearing ? "pipe" : "inherit";
  // Behind a pipe a program takes itself to be without a terminal, and without colours.
  const colours = hearing && process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
  const child = Bun.spawn([...argv], {
    cwd: root,
    env: { ...process.env, ...colours, ...environment() },
    stdio: ["ignore", out, out],
  });
  const forward = () => child.kill("SIGTERM");
  process.once("SIGTERM", forward);
  const heard = [passOn(child.stdout, process.stdout, hearing), passOn(child.stderr, process.stderr, hearing)];
  const code = await child.exited;
  process.off("SIGTERM", forward);
  // What it left running may hold its output open for ever.
  await Promise.race([Promise.all(heard), Bun.sleep(lastWordsMs)]);
  return code;
}

async function passOn(
  from: ReadableStream<Uint8Array> | undefined,
  to: NodeJS.WriteStream,
  hearing?: Hearing,
): Promise<void> {
  if (!from || !hearing) return;
  const decoder = new TextDecoder();
  for await (const chunk of from) {
    if (hearing.isShown) to.write(chunk);
    hearing.hear(decoder.decode(chunk, { stream: true }));
  }
}

async function leaveAs(
  before: ReadonlyMap<string, { readonly ran: boolean; readonly paused: boolean }>,
  spokeTls: boolean,
): Promise<void> {
  for (const { name } of servers.toReversed()) if (!before.get(name)!.ran) await terminate(name);
  // What is left and spoke otherwise before is started anew.
  if (speaksTls() !== spokeTls && servers.some(({ name }) => pidOf(name) !== null))
    await up(runningEngines(), () => {}, spokeTls);
  else speakTls(spokeTls);
  const ports = readPorts();
  for (const server of servers) {
    const { ran, paused } = before.get(server.name)!;
    if (ran) await start(server, ports);
    if (paused) signal(server.name, "SIGSTOP");
  }
}
