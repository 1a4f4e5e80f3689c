/**
 * A platform on engines, each role in a process of its own on this machine, whose settings are said whole: nothing is inherited by chance. Its end kills
 * what still runs.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadOrCreateKeys, partOf, replaceKeys } from "@chepiao/adapters/crypto";
import { freePort } from "./freePort.ts";
import { keyNeeds } from "./roleKeys.ts";
import { addressSetting, type RoleName, roles } from "./roles.ts";

export type Settings = Readonly<Record<string, string>>;

export type RoleProcess = {
  readonly role: RoleName;
  /** Where the public or other roles reach it. */
  readonly url: string;
  /** Where it says what it waits for. */
  readonly innerUrl: string;
  /** SIGKILL: nothing is finished, nothing is closed. */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number>;
  /** It does nothing any more, and says nothing, until it is resumed. */
  pause(): void;
  resume(): void;
  hasEnded(): boolean;
  /** Resolves when it has ended, however that came. */
  readonly ended: Promise<unknown>;
  /** On its standard input. */
  tell(text: string): void;
  /** Everything it printed so far. */
  output(): string;
};

export type RoleProcesses = AsyncDisposable & {
  readonly gatewayUrl: string;
  /** The settings that all processes share, for commands that work on the platform. */
  readonly settings: Settings;
  /** One more process, which may still be waiting when this returns; `more` is for it alone, and `program` is run instead of the platform's own. */
  start(role: RoleName, more?: Settings, program?: string): RoleProcess;
  readonly running: () => readonly RoleProcess[];
  /** Resolves when no process that runs waits for anything. */
  ready(withinMs: number): Promise<void>;
};

export type RoleProcessesOptions = {
  /** Of all: engines, names, policy. */
  readonly settings: Settings;
  /** The keys, and the books of the bank. */
  readonly dataDir: string;
  /** What is not a setting of the platform, such as PATH. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where they start: Bun reads a .env there. */
  readonly cwd?: string;
  /** How many processes of a role the others know of; one where nothing is said. */
  readonly replicas?: Readonly<Partial<Record<RoleName, number>>>;
};

const main = resolve(import.meta.dir, "main.ts");
const pollEveryMs = 50;

export async function createRoleProcesses(options: RoleProcessesOptions): Promise<RoleProcesses> {
  const { settings: said, dataDir, environment, cwd, replicas } = options;
  const addresses = new Map(roles.map((role) => [role, freeUrls(replicas?.[role] ?? 1)]));
  const settings: Settings = {
    CHEPIAO_ENGINES: "cluster",
    KEYS_FILE: join(dataDir, "keys.json"),
    DATA_DIR: dataDir,
    HOST: "127.0.0.1",
    ...Object.fromEntries([...addresses].map(([role, urls]) => [addressSetting(role), urls.join(",")])),
    ...said,
  };
  const keys = await loadOrCreateKeys(settings["KEYS_FILE"]!);
  const keysFileOf = (role: RoleName) => join(dataDir, `keys.${role}.json`);
  for (const role of roles) await replaceKeys(keysFileOf(role), partOf(keys, [role], keyNeeds([role])));

  const running = new Map<string, RoleProcess>();
  function start(role: RoleName, extraSettings: Settings = {}, program = main): RoleProcess {
    const url = addresses.get(role)!.find((each) => running.get(each)?.hasEnded() ?? true);
    if (url === undefined)
      throw new Error(`all processes of ${role} that the others know of run already: see \`replicas\``);
    const { port } = new URL(url);
    const innerPort = role === "gateway" ? String(freePort()) : port;
    // A file that was built runs by itself.
    const isSource = program.endsWith(".ts");
    const command =
      isSource && existsSync(program) ? [process.execPath, program] : [isSource ? process.execPath : program];
    const child = Bun.spawn([...command, "serve", `--roles=${role}`], {
      ...(cwd === undefined ? {} : { cwd }),
      env: {
        ...environment,
        ...settings,
        KEYS_FILE: keysFileOf(role),
        ...(role === "gateway" ? { PORT: port } : {}),
        INTERNAL_PORT: innerPort,
        ...extraSettings,
      },
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    const output = gather(child.stdout, child.stderr);
    const end = async (signal: "SIGKILL" | "SIGTERM") => {
      child.kill(signal);
      const code = await child.exited;
      if (running.get(url) === started) running.delete(url);
      return code;
    };
    const started: RoleProcess = {
      role,
      url,
      innerUrl: `http://127.0.0.1:${innerPort}`,
      kill: async () => void (await end("SIGKILL")),
      stop: () => end("SIGTERM"),
      pause: () => child.kill("SIGSTOP"),
      resume: () => child.kill("SIGCONT"),
      hasEnded: () => child.exitCode !== null || child.signalCode !== null,
      ended: child.exited,
      tell(text) {
        void child.stdin.write(text);
        void child.stdin.flush();
      },
      output,
    };
    running.set(url, started);
    return started;
  }

  return {
    gatewayUrl: addresses.get("gateway")![0]!,
    settings,
    start,
    running: () => [...running.values()],
    ready: async (withinMs) => void (await Promise.all([...running.values()].map((each) => isReady(each, withinMs)))),
    [Symbol.asyncDispose]: async () => void (await Promise.all([...running.values()].map((each) => each.kill()))),
  };
}

async function isReady({ role, innerUrl, hasEnded, output }: RoleProcess, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  for (;;) {
    const answer = await fetch(`${innerUrl}/readyz`).catch(() => null);
    const { waitingFor } = ((await answer?.json()) as { waitingFor?: string[] }) ?? {};
    if (waitingFor?.length === 0) return;
    if (hasEnded()) throw new Error(`${role} ended. It said:\n${output()}`);
    if (Date.now() > until) {
      const why = waitingFor ? `waits for ${waitingFor.join(", ")}` : "does not answer";
      throw new Error(`${role} ${why} after ${withinMs} ms. It said:\n${output()}`);
    }
    await Bun.sleep(pollEveryMs);
  }
}

/** Reads all that a process says, so that it never waits for us. */
function gather(...streams: readonly ReadableStream<Uint8Array>[]): () => string {
  let printed = "";
  for (const stream of streams) {
    void (async () => {
      for await (const chunk of stream) printed += Buffer.from(chunk).toString();
    })();
  }
  return () => printed;
}

const freeUrls = (count: number) => Array.from({ length: count }, () => `http://127.0.0.1:${freePort()}`);
