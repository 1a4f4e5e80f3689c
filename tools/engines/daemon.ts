/**
 * One server as a process of its own that outlives the command which started it: found again by its pid file, spoken to
 * by signals. A pid alone can be reused, so it is kept together with the moment its process began, as Linux knows it.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { folder } from "./settings.ts";

const endLimitMs = 60_000;
const pollEveryMs = 50;
const logBytesMax = 16 * 1024 * 1024;

export const folderOf = (name: string): string => join(folder, name);
const logOf = (name: string) => join(folderOf(name), "server.log");
const pidFileOf = (name: string) => join(folderOf(name), "pid");

export function launch(name: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  mkdirSync(folderOf(name), { recursive: true });
  if ((statSync(logOf(name), { throwIfNoEntry: false })?.size ?? 0) > logBytesMax) {
    renameSync(logOf(name), `${logOf(name)}.old`);
  }
  // Through a shell that ends at once: the server is nobody's child, so a test runner that ends the children of a test which took
  // too long does not end it. `setsid` gives it a group of its own: Ctrl-C at the terminal does not reach it either.
  const { stdout, error } = spawnSync(
    "sh",
    ["-c", `setsid "$@" </dev/null >>"$0" 2>&1 & echo $!`, logOf(name), ...argv],
    {
      cwd: folderOf(name),
      env: { ...process.env, ...env },
      encoding: "utf8",
    },
  );
  if (error) throw error;
  const pid = Number(stdout);
  writeFileSync(pidFileOf(name), `${pid} ${stateOf(pid)?.began}`);
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
    await Bun.sleep(pollEveryMs);
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
