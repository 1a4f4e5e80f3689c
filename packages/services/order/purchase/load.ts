/**
 * What this process says of its load, where the railway's policy has queues switched on by it: how many purchases are being decided, how far behind
 * their rows are, and which runs people try to buy. It speaks once a second while somebody buys; nobody waits for it.
 */
import { type QueueLoadRules, type RunId, runId, type Timetable } from "@chepiao/contracts";
import { secondMs, type ServiceDate } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { PurchaseLoad } from "@chepiao/ports/purchase-load";
import type { Random } from "@chepiao/ports/random";
import { isOwed, type SubmitCommand } from "./command.ts";

export type LoadNotesDeps = {
  readonly clock: Pick<Clock, "now">;
  /** Null where nothing is switched on by load: then nothing is counted. */
  readonly rules: () => QueueLoadRules | null;
  readonly timetable: () => Pick<Timetable, "run">;
  readonly load: Pick<PurchaseLoad, "note">;
  readonly random: Pick<Random, "token">;
  readonly waiting: () => number;
  readonly unwrittenMs: () => number;
  readonly report: (message: string, error: unknown) => void;
};

const everyMs = secondMs;
/** A day has more runs than need to be told of. */
const runsToldMax = 20;

export function createLoadNotes(deps: LoadNotesDeps) {
  const { clock, rules, timetable, load, random, waiting, unwrittenMs, report } = deps;
  let tries = new Map<RunId, number>();
  let saidAt = -Infinity;
  /** The most that were decided at a time since. */
  let most = 0;
  /** Of this process, and of none before it; chosen when it first speaks. */
  let process: string | null = null;

  function say() {
    process ??= random.token(9);
    const triedMost = [...tries].toSorted(([, one], [, other]) => other - one).slice(0, runsToldMax);
    const said = { waiting: most, unwrittenMs: unwrittenMs(), tries: Object.fromEntries(triedMost) };
    tries = new Map();
    most = 0;
    const now = clock.now();
    saidAt = now;
    load
      .note(process, said, now)
      .catch((error: unknown) => report("how busy this process is could not be told", error));
  }

  return {
    /** Somebody tries to buy. Trains that do not exist are counted by nobody: they would hide those that do. */
    tried(command: Pick<SubmitCommand, "lines" | "granted" | "byRailway">): void {
      if (rules() === null || isOwed(command)) return;
      for (const { trainNumber, originDate } of command.lines) {
        const date = originDate as ServiceDate;
        if (timetable().run(trainNumber, date) === null) continue;
        const run = runId(trainNumber, date);
        tries.set(run, (tries.get(run) ?? 0) + 1);
      }
      most = Math.max(most, waiting());
      if (clock.now() - saidAt >= everyMs) say();
    },
  };
}
