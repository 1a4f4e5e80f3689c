/** The smallest true store of run states: maps. */
import { type RunId, type RunState, trainAndDateOf } from "@chepiao/contracts";
import { remembered } from "./cancellations.ts";
import { isOfOperator } from "./cancelledRuns.ts";
import type { Cancellation, RunStates, RunStateStore } from "./run-states.ts";

export function createMemoryRunStateStore(): RunStateStore {
  const bySource = new Map<string, RunStates>();
  let cancellations: readonly Cancellation[] = [];
  let version = 0;
  const inOrder = (runs: readonly RunState[]) => runs.toSorted((a, b) => (a.runId < b.runId ? -1 : 1));
  const beganBefore = (runId: RunId, date: string) => trainAndDateOf(runId)[1] < date;
  const isSame = (one: Cancellation, other: Cancellation) =>
    one.source === other.source && one.runId === other.runId && one.since === other.since;
  return {
    version: async () => version,
    read: async () => new Map(bySource),
    async replace(source, said, now) {
      const before = bySource.get(source);
      if (before && before.at >= said.at) return false;
      bySource.set(source, { ...said, runs: inOrder(said.runs) });
      const standing = cancellations.filter((each) => each.source === source && each.endedAt === null);
      const { put, drop } = remembered(source, standing, said, now);
      const changed = [...put, ...drop];
      cancellations = [...cancellations.filter((each) => !changed.some((other) => isSame(each, other))), ...put];
      version++;
      return true;
    },
    cancellationsOf: async (runIds) =>
      cancellations
        .filter(({ runId }) => runIds.includes(runId))
        .toSorted((a, b) => a.since - b.since || (a.source < b.source ? -1 : 1)),
    async forgetEnded(of) {
      cancellations = cancellations.filter(({ runId, endedAt }) => runId !== of || endedAt === null);
    },
    async forgetBefore(states, before) {
      cancellations = cancellations.filter(({ runId }) => !beganBefore(runId, before));
      for (const [source, said] of bySource) {
        const runs = said.runs.filter(({ runId }) => !beganBefore(runId, states));
        if (runs.length === said.runs.length && !(isOfOperator(source) && runs.length === 0)) continue;
        if (isOfOperator(source) && runs.length === 0) bySource.delete(source);
        else bySource.set(source, { ...said, runs });
        version++;
      }
    },
  };
}
