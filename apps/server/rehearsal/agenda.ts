/**
 * When each row of a crowd acts next: a wheel of ticks in typed arrays, so that half a million people wait without a timer or an object each. A row is on
 * it once at most.
 */
import { assert } from "@chepiao/kernel";

export type Agenda = {
  put(row: number, atMs: number): void;
  /** Calls every row that is due by then, in the order of ticks. A row that is put during a call comes with a later tick. */
  due(nowMs: number, call: (row: number, dueMs: number) => void): void;
  readonly waiting: () => number;
};

const tickMs = 5;
/** Over five minutes; what is further away goes round once more. */
const tickCount = 2 ** 16;
const nobody = -1;

export function createAgenda(rows: number, startMs: number): Agenda {
  const heads = new Int32Array(tickCount).fill(nobody);
  const next = new Int32Array(rows).fill(nobody);
  const dueMs = new Float64Array(rows).fill(NaN);
  let tick = Math.floor(startMs / tickMs);
  let waiting = 0;

  return {
    put(row, atMs) {
      assert(Number.isNaN(dueMs[row]!), `row ${row} waits once at a time`);
      const slot = Math.max(tick + 1, Math.ceil(atMs / tickMs)) % tickCount;
      dueMs[row] = atMs;
      next[row] = heads[slot]!;
      heads[slot] = row;
      waiting++;
    },
    due(nowMs, call) {
      const last = Math.floor(nowMs / tickMs);
      while (tick < last) {
        tick++;
        const slot = tick % tickCount;
        let row = heads[slot]!;
        heads[slot] = nobody;
        while (row !== nobody) {
          const after = next[row]!;
          if (dueMs[row]! > tick * tickMs) {
            next[row] = heads[slot]!;
            heads[slot] = row;
          } else {
            const at = dueMs[row]!;
            dueMs[row] = NaN;
            waiting--;
            call(row, at);
          }
          row = after;
        }
      }
    },
    waiting: () => waiting,
  };
}
