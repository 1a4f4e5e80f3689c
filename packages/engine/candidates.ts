/**
 * Which blocks and rows of a class can answer a party's wishes when all their seats are free: known of the layout alone, worked out
 * when such a party first asks, and kept. Where the seats are taken nothing else needs looking at.
 */
import type { Candidates, Layout } from "./layout.ts";

/** Parties ask for a handful of combinations; a stranger who asks for all there are fills no memory. */
const keptMax = 512;

/** `served` are the passengers' wishes in order of service, the first `count` of them. */
export function candidatesFor(layout: Layout, served: Uint8Array, count: number): Candidates {
  let key = count;
  for (let p = 0; p < count; p++) key = key * layout.masks.length + served[p]!;
  const known = layout.candidates.get(key);
  if (known) return known;
  const found = findCandidates(layout, served.slice(0, count));
  if (layout.candidates.size >= keptMax) layout.candidates.clear();
  layout.candidates.set(key, found);
  return found;
}

function findCandidates(layout: Layout, served: Uint8Array): Candidates {
  const { rowStart, wordCount } = layout;
  const blockStarts = new Int32Array(wordCount);
  const rows = new Uint8Array(rowStart.length - 1);
  for (let r = 0; r + 1 < rowStart.length; r++) {
    const end = rowStart[r + 1]!;
    if (canAnswer(layout, served, rowStart[r]!, end)) rows[r] = 1;
    for (let seat = rowStart[r]!; seat + served.length <= end; seat++) {
      if (canAnswer(layout, served, seat, seat + served.length)) blockStarts[seat >>> 5]! |= 1 << (seat & 31);
    }
  }
  return { blockStarts, rows };
}

/** As wishes are nested and narrow ones come first, taking any seat for each finds a way if there is one. */
function canAnswer({ masks }: Layout, served: Uint8Array, low: number, high: number): boolean {
  const left = new Set(Array.from({ length: high - low }, (_, i) => low + i));
  return served.every((wish) => {
    for (const seat of left) if ((masks[wish]![seat >>> 5]! & (1 << (seat & 31))) !== 0) return left.delete(seat);
    return false;
  });
}
