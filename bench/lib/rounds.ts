/** What a case answers, and how its rounds become one figure: the median, with how far the rounds lie apart. */
import { cpus, release, totalmem } from "node:os";

/** One line of the table and one file of results. Figures that only this case has are in `more`. */
export type CaseResult = {
  readonly case: string;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** To what the same process does at its simplest, measured in the same round. */
  readonly ratio: number;
  readonly reference: { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number };
  /** Largest less smallest, by the median: 0.1 is ten percent. */
  readonly spread: { readonly perSecond: number; readonly p99Ms: number; readonly ratio: number };
  readonly more: Readonly<Record<string, number>>;
  readonly rounds: readonly Round[];
  readonly settings: Readonly<Record<string, number | string>>;
};

export type Figures = { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number };
export type Round = Figures & {
  readonly reference: Figures;
  readonly more: Readonly<Record<string, number>>;
};

/** What every case is told; a case may measure for longer or shorter. */
export type BenchSettings = {
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
  readonly connections: number;
  readonly say: (line: string) => void;
};

export function settle(name: string, settings: CaseResult["settings"], rounds: readonly Round[]): CaseResult {
  const ratios = rounds.map((round) => round.perSecond / round.reference.perSecond);
  const of = (read: (round: Round) => number) => median(rounds.map(read));
  const names = new Set(rounds.flatMap((round) => Object.keys(round.more)));
  return {
    case: name,
    perSecond: of((round) => round.perSecond),
    p50Ms: of((round) => round.p50Ms),
    p99Ms: of((round) => round.p99Ms),
    ratio: median(ratios),
    reference: {
      perSecond: of((round) => round.reference.perSecond),
      p50Ms: of((round) => round.reference.p50Ms),
      p99Ms: of((round) => round.reference.p99Ms),
    },
    spread: {
      perSecond: spread(rounds.map((round) => round.perSecond)),
      p99Ms: spread(rounds.map((round) => round.p99Ms)),
      ratio: spread(ratios),
    },
    more: Object.fromEntries([...names].map((key) => [key, of((round) => round.more[key] ?? 0)])),
    rounds,
    settings,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const spread = (values: readonly number[]): number => (Math.max(...values) - Math.min(...values)) / median(values);

export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Without which a figure says nothing. */
export const circumstances = () => ({
  measuredAt: new Date().toISOString(),
  commit: git("rev-parse", "--short", "HEAD"),
  changed: git("status", "--porcelain", "--untracked-files=no") !== "",
  machine: {
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    bun: Bun.version,
  },
});

function git(...args: string[]): string {
  const { stdout, success } = Bun.spawnSync(["git", ...args], { cwd: import.meta.dir, stderr: "ignore" });
  return success ? stdout.toString().trim() : "unknown";
}
