/** A platform that lies readable in a temporary folder is gone when its trial ends, however that is. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTrialFolder } from "./trialFolder.ts";

const scratch = mkdtempSync(join(tmpdir(), "chepiao-scratch-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const children: Bun.Subprocess[] = [];
afterAll(() => children.forEach((child) => child.kill("SIGKILL")));

/** A process in the middle of a trial: it has restored something, and does not end by itself. */
async function trying() {
  const script = `
    import { mkdirSync, writeFileSync } from "node:fs";
    const { openTrialFolder } = await import(${JSON.stringify(join(import.meta.dir, "trialFolder.ts"))});
    globalThis.held = openTrialFolder(${JSON.stringify(scratch)});
    const { path } = held;
    mkdirSync(path + "/data");
    writeFileSync(path + "/data/chepiao.db", "names");
    console.log(path);
    setInterval(() => {}, 1000);`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  children.push(child);
  const { value } = await child.stdout.getReader().read();
  return { child, path: Buffer.from(value!).toString().trim() };
}

test("whoever ends a trial by Ctrl-C, SIGTERM or a closed terminal leaves nothing of it behind", async () => {
  for (const [signal, exit] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    const { child, path } = await trying();
    expect(existsSync(join(path, "data"))).toBe(true);
    child.kill(signal);
    expect([signal, await child.exited, readdirSync(scratch)]).toEqual([signal, exit, []]);
  }
}, 60_000);

test("what a trial left that was killed goes with the next one, and one that lives, and what is not ours, stays", async () => {
  const [killed, alive] = [await trying(), await trying()];
  killed.child.kill("SIGKILL");
  await killed.child.exited;
  const others = join(scratch, "chepiao-others");
  mkdirSync(others);
  writeFileSync(join(others, "lock.db"), "");
  expect(existsSync(join(killed.path, "data", "chepiao.db"))).toBe(true);
  {
    await using own = openTrialFolder(scratch);
    expect(
      readdirSync(scratch)
        .map((name) => join(scratch, name))
        .sort(),
    ).toEqual([own.path, alive.path, others].sort());
    expect(existsSync(join(alive.path, "data", "chepiao.db"))).toBe(true);
  }
  alive.child.kill("SIGTERM");
  await alive.child.exited;
  expect(readdirSync(scratch)).toEqual(["chepiao-others"]);
}, 60_000);
