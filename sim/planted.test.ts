/** Planted bugs have their place in the source as it is, and the simulation finds them. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { mutated, NotPlanted, sourceOf } from "./planted.ts";
import { plantedBugs } from "./plantedBugs.ts";

const root = join(import.meta.dir, "..");

test("every planted bug has its place in the source, exactly once, and changes it", async () => {
  for (const bug of plantedBugs) {
    const source = await sourceOf(bug);
    expect(mutated(bug, source)).not.toBe(source);
  }
});

test("planted bugs have names of their own, and at least twenty of them there are", () => {
  expect(new Set(plantedBugs.map(({ name }) => name)).size).toBe(plantedBugs.length);
  expect(plantedBugs.length).toBeGreaterThanOrEqual(20);
});

test("a bug whose place is gone or stands twice is refused by name", () => {
  const bug = { name: "x", about: "", file: "a.ts", find: "let a;", replace: "" };
  expect(() => mutated(bug, "let b;")).toThrow(NotPlanted);
  expect(() => mutated(bug, "let a; let a;")).toThrow('"x" stands 2 times in a.ts');
});

async function run(...args: readonly string[]) {
  const child = Bun.spawn([process.execPath, join(root, "sim/main.ts"), ...args], { stdout: "pipe", stderr: "pipe" });
  const [stdout, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  return { lines: stdout.trimEnd().split("\n"), code };
}

test.each(["line-joined-twice", "expiry-forgotten"])("%s is found", async (name) => {
  const { lines, code } = await run("--planted", name, "--steps", "20000", "--shrink", "0");
  expect(code).toBe(1);
  expect(lines.at(-1)).toMatch(/^seed \d+: \d+ steps, hash [0-9a-f]{16}, [1-9]\d* violations$/);
});
