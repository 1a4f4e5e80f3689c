/**
 * One server as a process of its own that outlives the command which started it: found again by its pid file, spoken to
 * by signals. A pid alone can be reused, so it is kept together with the moment its process began.
 */
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder } from "./settings.ts";

export const folderOf = (name: string): string => join(folder, name);
export const logOf = (name: string): string => join(folderOf(name), "server.log");

const stopLimitMs = 60_000;
const lookEveryMs = 50;
const pidFileOf = (name: string) => join(folderOf(name), "pid");

export function launch(name: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  mkdirSync(folderOf(name), { recursive: true });
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
  if (child.pid) writeFileSync(pidFileOf(name), `${child.pid} ${beginningOf(child.pid)?.at}`);
}

/** The pid of the running process, or null. */
export function pidOf(name: string): number | null {
  if (!existsSync(pidFileOf(name))) return null;
  const [pid, began] = readFileSync(pidFileOf(name), "utf8").split(" ");
  const now = beginningOf(Number(pid));
  return now && now.at === began && !now.zombie ? Number(pid) : null;
}

/** Sends a signal; false when there is no process to receive it. */
export function signal(name: string, which: NodeJS.Signals): boolean {
  const pid = pidOf(name);
  if (pid === null) return false;
  process.kill(pid, which);
  return true;
}

/** Asks it to end in order, and insists when it does not. */
export async function terminate(name: string): Promise<void> {
  signal(name, "SIGTERM");
  // One that is paused hears nothing else.
  signal(name, "SIGCONT");
  if (await ended(name, stopLimitMs)) return;
  signal(name, "SIGKILL");
  if (!(await ended(name, stopLimitMs))) throw new Error(`${name} does not end, even when killed`);
}

export async function slay(name: string): Promise<void> {
  signal(name, "SIGKILL");
  if (!(await ended(name, stopLimitMs))) throw new Error(`${name} does not end, even when killed`);
}

async function ended(name: string, limitMs: number): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  while (pidOf(name) !== null) {
    if (performance.now() > endMs) return false;
    await Bun.sleep(lookEveryMs);
  }
  rmSync(pidFileOf(name), { force: true });
  return true;
}

/** The last lines of its log. */
export function tailOf(name: string, lines: number): string {
  if (!existsSync(logOf(name))) return "(no log)";
  return readFileSync(logOf(name), "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}

export function isPaused(name: string): boolean {
  const pid = pidOf(name);
  return pid !== null && beginningOf(pid)?.stopped === true;
}

/** From /proc, where field 22 is the start time in ticks since boot; the name in field 2 may hold spaces. */
function beginningOf(pid: number): { at: string; zombie: boolean; stopped: boolean } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
    return { at: fields[19] ?? "", zombie: fields[0] === "Z" || fields[0] === "X", stopped: fields[0] === "T" };
  } catch {
    return null;
  }
}
