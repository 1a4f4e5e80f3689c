/**
 * One server as a process of its own that outlives the command which started it: found again by its pid file, spoken to
 * by signals. A pid alone can be reused, so it is kept together with the moment its process began, as Linux knows it.
 */
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { folder } from "./settings.ts";

const endLimitMs = 60_000;
const lookEveryMs = 50;
const logBytesMax = 16 * 1024 * 1024;

export const folderOf = (name: string): string => join(folder, name);
const logOf = (name: string) => join(folderOf(name), "server.log");
const pidFileOf = (name: string) => join(folderOf(name), "pid");

export function launch(name: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  mkdirSync(folderOf(name), { recursive: true });
  if ((statSync(logOf(name), { throwIfNoEntry: false })?.size ?? 0) > logBytesMax) {
    renameSync(logOf(name), `${logOf(name)}.old`);
  }
  const log = openSync(logOf(name), "a");
  const [program, ...args] = argv;
  // A group of its own: Ctrl-C at the terminal that started it does not reach it.
  const child = spawn(program!, args, {
    cwd: folderOf(name),
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.on("error", (error) => writeFileSync(logOf(name), `${program}: ${error.message}\n`, { flag: "a" }));
  child.unref();
  if (child.pid) writeFileSync(pidFileOf(name), `${child.pid} ${stateOf(child.pid)?.began}`);
}

/** By path within the server's folder. */
type Files = Readonly<Record<string, string>>;

export function writeFiles(name: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folderOf(name), path)), { recursive: true });
    writeFileSync(join(folderOf(name), path), text);
  }
}

/** Whether the files are there to the letter: else the process was started with others. */
export function hasFiles(name: string, files: Files): boolean {
  return Object.entries(files).every(([path, text]) => {
    const file = join(folderOf(name), path);
    return existsSync(file) && readFileSync(file, "utf8") === text;
  });
}

/** The pid of the running process, or null. */
export function pidOf(name: string): number | null {
  if (!existsSync(pidFileOf(name))) return null;
  const [pid, began] = readFileSync(pidFileOf(name), "utf8").split(" ");
  const state = stateOf(Number(pid));
  return state?.began === began && state?.code !== "Z" ? Number(pid) : null;
}

export function isPaused(name: string): boolean {
  const pid = pidOf(name);
  return pid !== null && stateOf(pid)?.code === "T";
}

/** Sends a signal; false when there is no process to receive it. */
export function signal(name: string, which: NodeJS.Signals): boolean {
  const pid = pidOf(name);
  if (pid !== null) process.kill(pid, which);
  return pid !== null;
}

/** Asks it to end in order, and insists when it does not. */
export async function terminate(name: string): Promise<void> {
  signal(name, "SIGTERM");
  // One that is paused hears nothing else.
  signal(name, "SIGCONT");
  if (!(await hasEnded(name))) await slay(name);
}

export async function slay(name: string): Promise<void> {
  signal(name, "SIGKILL");
  if (!(await hasEnded(name))) throw new Error(`${name} (pid ${pidOf(name)}) does not end, even when killed`);
}

async function hasEnded(name: string): Promise<boolean> {
  const giveUpMs = performance.now() + endLimitMs;
  while (pidOf(name) !== null) {
    if (performance.now() > giveUpMs) return false;
    await Bun.sleep(lookEveryMs);
  }
  rmSync(pidFileOf(name), { force: true });
  return true;
}

/** The last lines of its log. */
export function tailOf(name: string, lineCount: number): string {
  if (!existsSync(logOf(name))) return "(no log)";
  return readFileSync(logOf(name), "utf8").trimEnd().split("\n").slice(-lineCount).join("\n");
}

/** From /proc: field 3 is the state, field 22 the start in ticks since boot. The name in field 2 may hold anything. */
function stateOf(pid: number): { code: string; began: string } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return { code: fields[0]!, began: fields[19]! };
  } catch {
    return null;
  }
}
