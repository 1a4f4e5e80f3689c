/**
 * A clone of what is committed, in a folder of its own, and a shell in it: what a stranger types there runs with nothing of the checkout
 * that the clone was made from.
 */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const root = join(import.meta.dir, "..");
const stopLimitMs = 90_000;
const runLimitMs = 420_000;
/** npm's own answer where the shell it put in front of us died of the signal; the server behind ends in order. */
export const killedByTerm = 143;

type Env = Readonly<Record<string, string>>;

export type Started = {
  readonly child: Bun.Subprocess;
  readonly said: () => string;
  /** All that hold the output are gone: npm, its shell, our runner and the server. */
  readonly closed: Promise<unknown>;
};
export type Clone = Awaited<ReturnType<typeof createClone>>;

export async function createClone() {
  const place = await mkdtemp(join(tmpdir(), "chepiao-fresh-"));
  const folder = join(place, "clone");
  const running: Bun.Subprocess[] = [];

  function start(command: readonly string[], env: Env): Started {
    const child = Bun.spawn([...command], {
      cwd: folder,
      env: { ...strangersEnv(), ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    running.push(child);
    let text = "";
    const collect = async (stream: ReadableStream<Uint8Array>) => {
      const decoder = new TextDecoder();
      for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
    };
    return { child, said: () => text, closed: Promise.all([collect(child.stdout), collect(child.stderr)]) };
  }

  /** A script to its end; answers what it said. It breaks off where a command fails. */
  async function run(script: string, env: Env, code = 0): Promise<string> {
    const shell = start(["bash", "-e", "-o", "pipefail", "-c", script], env);
    const ended = await endOf(shell, runLimitMs);
    // What it may have left behind, such as engines, does not hold its output for ever.
    await Promise.race([shell.closed, Bun.sleep(1_000)]);
    if (ended !== code) throw new Error(`exit code ${ended}, and not ${code}, of\n${script}\n\n${shell.said()}`);
    return shell.said();
  }

  /** A script whose last command is a server. That one gets the signal that ends it, as from whoever looks after it. */
  function serve(script: string, env: Env): Started {
    return start(["bash", "-e", "-c", `${script} &\ntrap "kill -TERM $!" TERM\nwait $! || wait $!`], env);
  }

  async function stopAll(): Promise<void> {
    const left = running.filter(({ exitCode }) => exitCode === null);
    // In order first: a shell that is killed leaves its server behind.
    for (const child of left) child.kill("SIGTERM");
    await Promise.race([Promise.all(left.map(({ exited }) => exited)), Bun.sleep(stopLimitMs / 2)]);
    for (const child of left) child.kill("SIGKILL");
  }

  async function cleanUp(): Promise<void> {
    await stopAll();
    const hadEngines = existsSync(join(folder, ".engines", "ports.json"));
    if (hadEngines) await run("npm run engines -- down", {}).catch(console.error);
    await rm(place, { recursive: true, force: true });
  }

  return {
    folder,
    inPlace: (name: string) => join(place, name),
    make: () => cloneHere(folder),
    start,
    run,
    serve,
    [Symbol.asyncDispose]: cleanUp,
  };
}

async function cloneHere(folder: string): Promise<void> {
  // In a container the checkout often belongs to another user; cloning it reads and does not run anything of theirs.
  const git = Bun.spawn(["git", "-c", "safe.directory=*", "clone", "--quiet", root, folder], { stderr: "pipe" });
  if ((await git.exited) !== 0) throw new Error(`git clone: ${await new Response(git.stderr).text()}`);
  // Jars that this checkout has fetched are not fetched again: they are the same, and hundreds of megabytes.
  const jars = join(root, ".engines", "jars");
  if (existsSync(jars)) await cp(jars, join(folder, ".engines", "jars"), { recursive: true });
}

/** The stranger has the Bun that the clone fetches, and not ours; nor our engines. */
function strangersEnv(): Record<string, string | undefined> {
  const env = { ...process.env };
  for (const name of Object.keys(env))
    if (/^CHEPIAO_|^KEYS_FILE$|^(MYSQL|REDIS|KAFKA|RABBITMQ|ELASTICSEARCH)_/.test(name)) delete env[name];
  env["PATH"] = env["PATH"]
    ?.split(delimiter)
    .filter((path) => !path.startsWith(root))
    .join(delimiter);
  return env;
}

/** Waits for a 200 of `url`, as long as the server lives. */
export async function untilReady(server: Started, url: string, limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (performance.now() < endMs) {
    if (server.child.exitCode !== null) throw new Error(`it ended with ${server.child.exitCode}:\n${server.said()}`);
    const ready = await fetch(url).catch(() => null);
    if (ready?.ok) return;
    await Bun.sleep(200);
  }
  throw new Error(`not ready after ${limitMs / 1_000} s:\n${server.said()}`);
}

export async function stop(server: Started, codes: readonly number[], url: string): Promise<void> {
  server.child.kill("SIGTERM");
  const code = await endOf(server, stopLimitMs);
  if (!codes.includes(code)) throw new Error(`it ended with exit code ${code}:\n${server.said()}`);
  const closed = await Promise.race([server.closed, Bun.sleep(stopLimitMs).then(() => null)]);
  const answers = await fetch(url).catch(() => null);
  if (!closed || answers) throw new Error(`the command is gone, and the server is still there:\n${server.said()}`);
}

export async function endOf({ child, said }: Started, limitMs: number): Promise<number> {
  const late = Bun.sleep(limitMs).then(() => null);
  const code = await Promise.race([child.exited, late]);
  if (code === null) throw new Error(`it still runs after ${limitMs / 1_000} s:\n${said()}`);
  return code;
}

/** Below those from which systems take ports for outgoing connections: it is still free minutes later. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 3_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
