/**
 * Which blocks and rows of a class can answer a party's wishes when all their seats are free: known of the layout alone, worked out
 * when such a party first asks, and kept. Where the seats are taken nothing else needs looking at.
 */
import { bitsOf } from "@chepiao/kernel";
import type { Candidates, Layout } from "./layout.ts";

/** Parties ask for a handful of combinations; a stranger who asks for all there are fills no memory. */
const keptMax = 512;

/** `served` are the passengers' wishes in order of service, the first `count` of them, and within a rank by their numbers. */
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
  const count = served.length;
  const blockStarts = new Int32Array(wordCount);
  const rows = new Uint8Array(rowStart.length - 1);
  for (let r = 0; r < rows.length; r++) {
    const [start, end] = [rowStart[r]!, rowStart[r + 1]!];
    if (end - start < count || !canAnswer(layout, served, start, end - start)) continue;
    rows[r] = 1;
    for (let seat = start; seat + count <= end; seat++)
      if (canAnswer(layout, served, seat, count)) blockStarts[seat >>> 5]! |= 1 << (seat & 31);
  }
  return { blockStarts, rows };
}

/** As wishes are nested and narrow ones come first, taking any seat for each finds a way if there is one. */
function canAnswer({ masks }: Layout, served: Uint8Array, first: number, length: number): boolean {
  let left = -1 >>> (32 - length);
  for (const wish of served) {
    const seats = bitsOf(masks[wish]!, first, length) & left;
    if (seats === 0) return false;
    left &= ~(seats & -seats);
  }
  return true;
}
