/** One command at a time changes the engines of a clone; a second one waits, and then finds the work done. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder } from "./settings.ts";

const file = join(folder, "lock");
const pollEveryMs = 200;

export async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true });
  for (let waits = 0; !take(); waits++) {
    if (waits === 5) console.log("another command is at work on these engines: waiting for it");
    await Bun.sleep(pollEveryMs);
  }
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

function take(): boolean {
  try {
    writeFileSync(file, `${process.pid}`, { flag: "wx" });
    return true;
  } catch {
    if (isForsaken()) rmSync(file, { force: true });
    return false;
  }
}

/** Its owner was killed before it could give it back. */
function isForsaken(): boolean {
  try {
    process.kill(Number(readFileSync(file, "utf8")), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
