/** Each planted bug in a process of its own, until it is found: a table of how soon, and by which invariant. */
import { join } from "node:path";
import type { PlantedBug } from "./planted.ts";

/** Of one core. */
const secondsMax = 600;

/** True where each was found in time. */
export async function provePlanted(
  bugs: readonly PlantedBug[],
  steps: string,
  say: (line: string) => void,
): Promise<boolean> {
  say(`${"bug".padEnd(36)} ${"found".padEnd(9)} ${"by seed".padEnd(8)} by`);
  let missed = 0;
  for (const bug of bugs) {
    const found = await hunt(bug, steps);
    if (!found) missed++;
    say(
      found
        ? `${bug.name.padEnd(36)} ${`${found.cpuSeconds.toFixed(1)} s`.padEnd(9)} ${found.seed.padEnd(8)} ${found.by}`
        : `${bug.name.padEnd(36)} not within ${secondsMax} s of one core`,
    );
  }
  say(`${bugs.length - missed} of ${bugs.length} planted bugs found`);
  return missed === 0;
}

type Found = { readonly cpuSeconds: number; readonly seed: string; readonly by: string };

async function hunt({ name }: PlantedBug, steps: string): Promise<Found | null> {
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, "main.ts"), "--planted", name, "--steps", steps, "--shrink", "0"],
    { stdout: "pipe", stderr: "inherit", timeout: 2 * secondsMax * 1_000 },
  );
  const text = await new Response(child.stdout).text();
  const code = await child.exited;
  if (code === 2) throw new Error(`${name} could not be planted`);
  const cpuSeconds = Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1e6;
  const [, seed] =
    /^seed (\d+): \d+ steps, hash \w+, [1-9]\d* violations$/m.exec(text.trimEnd().split("\n").at(-1)!) ?? [];
  if (seed === undefined || cpuSeconds > secondsMax) return null;
  const [, by = ""] = /^ {2}(\S.*)$/m.exec(text) ?? [];
  return { cpuSeconds, seed, by };
}
