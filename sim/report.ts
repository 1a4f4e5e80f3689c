/** What a run of the simulation says on the screen. */
import { type FaultName, faultNames, hasFired } from "./faults/faults.ts";
import type { Outcome, RunOptions } from "./run.ts";

export const lineOf = ({ seed, steps, hash, violations }: Outcome): string =>
  `seed ${seed}: ${steps} steps, hash ${hash}, ${violations.length} violations`;

/** The command that tells the same history again. */
export function replayOf({ seed, steps, rounds, only, kind }: RunOptions, planted: string | null): string {
  const parts = [`npm run sim -- --seed ${seed} --steps ${steps}`];
  if (planted) parts.push(`--planted ${planted}`);
  if (kind) parts.push(`--world ${kind}`);
  if (rounds !== undefined) parts.push(`--rounds ${rounds}`);
  if (only) parts.push(`--only ${[...only].join(",")}`);
  return parts.join(" ");
}

/** Adds up what several histories counted. */
export class Totals {
  readonly fired = new Map<string, number>();
  readonly told = new Map<string, number>();
  readonly orders = new Map<string, number>();
  readonly entries = new Map<string, number>();
  readonly reports = new Map<string, number>();
  steps = 0;
  seeds = 0;
  failed = 0;
  readonly known = new Map<string, number>();

  add({ fired, told, orders, entries, reports, steps, violations, known }: Outcome) {
    for (const [into, from] of [
      [this.fired, fired],
      [this.told, told],
      [this.orders, orders],
      [this.entries, entries],
      [this.reports, reports],
    ] as const)
      for (const [name, count] of from) into.set(name, (into.get(name) ?? 0) + count);
    this.steps += steps;
    this.seeds++;
    if (violations.length > 0) this.failed++;
    for (const each of known) {
      const kind = each.split(":")[0]!;
      this.known.set(kind, (this.known.get(kind) ?? 0) + 1);
    }
  }

  neverFired(): FaultName[] {
    return faultNames.filter((name) => !hasFired(name, this.fired));
  }
}

export function listOf(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return sorted.map(([name, count]) => `${name} ${count}`).join(", ") || "none";
}

export function summaryOf(totals: Totals, cpuMs: number): string[] {
  const { fired, told, orders, entries, known } = totals;
  return [
    `people: ${listOf(told)}`,
    `orders: ${listOf(orders)}`,
    `waitlist: ${listOf(entries)}`,
    `faults: ${listOf(fired)}`,
    ...(known.size > 0 ? [`known, because Redis forgot acknowledged writes: ${listOf(known)}`] : []),
    `${totals.steps} steps of ${totals.seeds} seeds in ${(cpuMs / 1_000).toFixed(1)} s of processor time, ${Math.round((1_000 * totals.steps) / cpuMs)} steps/s`,
  ];
}
