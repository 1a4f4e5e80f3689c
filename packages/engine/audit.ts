/** Whether a class's count tables still say what its bitmaps say. Slow; for tests and for an operator in doubt. */
import { aim, pairRow, type Stock } from "./stock.ts";
import { gapEnd } from "./tables.ts";

export type Discrepancy = {
  readonly table: "free" | "gaps" | "hints";
  readonly from: number;
  readonly to: number;
  readonly says: number;
  readonly should: number;
};

export function auditTables(stock: Stock, run: number, cls: number): Discrepancy[] {
  const at = aim(stock, run, cls);
  const { segments, layout } = at;
  const size = segments + 1;
  const gaps = new Uint16Array(size * size);
  const firstWord = new Int32Array(size * size).fill(-1);
  for (let seat = 0; seat < layout.seatCount; seat++) {
    const base = at.occupied + (seat >>> 5) * segments;
    for (let start = 0; start < segments; start++) {
      const end = gapEnd(at.words, base, 1 << (seat & 31), start, segments);
      if (end > start) {
        gaps[start * size + end]!++;
        if (firstWord[start * size + end] === -1) firstWord[start * size + end] = seat >>> 5;
      }
      start = end;
    }
  }
  const found: Discrepancy[] = [];
  for (let from = 0; from < segments; from++) {
    for (let to = from + 1; to <= segments; to++) {
      let seats = 0;
      for (let start = 0; start <= from; start++)
        for (let end = to; end <= segments; end++) seats += gaps[start * size + end]!;
      const pair = pairRow(segments, from) + to;
      const free = at.halves[at.free + pair]!;
      const gap = at.halves[at.gaps + pair]!;
      const hint = at.bytes[at.hints + pair]!;
      const first = firstWord[from * size + to]!;
      if (free !== seats) found.push({ table: "free", from, to, says: free, should: seats });
      if (gap !== gaps[from * size + to])
        found.push({ table: "gaps", from, to, says: gap, should: gaps[from * size + to]! });
      if (first !== -1 && hint > first) found.push({ table: "hints", from, to, says: hint, should: first });
    }
  }
  return found;
}
