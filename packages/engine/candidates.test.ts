/** What a layout says of a party's wishes, against trying out every way to seat it. */
import { expect, test } from "bun:test";
import { createPrng } from "@chepiao/kernel";
import { candidatesFor } from "./candidates.ts";
import { answers, createLayout, type Layout } from "./layout.ts";

/** Rows of five but for a short last one of each coach, so that rows lie across words; windows A and F, aisles C and D, each letter. */
const letters = [0, 1, 2, 3, 4];
const layout = createLayout({
  seatCount: 93,
  rowOf: (seat) => Math.floor((seat % 33) / 5),
  coachOf: (seat) => Math.floor(seat / 33),
  wishes: [
    { rank: 1, has: (seat) => [0, 4].includes((seat % 33) % 5) },
    { rank: 1, has: (seat) => [2, 3].includes((seat % 33) % 5) },
    ...letters.map((letter) => ({ rank: 0 as const, has: (seat: number) => (seat % 33) % 5 === letter })),
  ],
});

function canSit(of: Layout, wishes: readonly number[], seats: readonly number[]): boolean {
  const [wish, ...others] = wishes;
  if (wish === undefined) return true;
  return seats.some(
    (seat) =>
      answers(of, wish, seat) &&
      canSit(
        of,
        others,
        seats.filter((each) => each !== seat),
      ),
  );
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test("blocks and rows that can answer a party's wishes are those in which some way to seat it does", () => {
  const random = createPrng(1);
  for (let n = 0; n < 60; n++) {
    const count = 2 + random.below(4);
    const wishes = Uint8Array.from({ length: count }, () => random.below(layout.masks.length));
    const served = wishes.toSorted((a, b) => layout.ranks[a]! - layout.ranks[b]!);
    const { blockStarts, rows } = candidatesFor(layout, served, count);
    for (let r = 0; r < rows.length; r++) {
      const seats = range(layout.rowStart[r]!, layout.rowStart[r + 1]!);
      expect(rows[r] === 1).toBe(canSit(layout, [...wishes], seats));
      for (const first of seats) {
        const block = seats.filter((seat) => seat >= first && seat < first + count);
        const isStart = (blockStarts[first >>> 5]! & (1 << (first & 31))) !== 0;
        expect(isStart).toBe(block.length === count && canSit(layout, [...wishes], block));
      }
    }
  }
});

test("what is kept of wishes is bounded, however many combinations are asked for", () => {
  const wishes = new Uint8Array(9);
  for (let n = 0; n < 5_000; n++) {
    for (let p = 0; p < 9; p++) wishes[p] = Math.floor(n / 8 ** p) % 8;
    candidatesFor(layout, wishes, 9);
    expect(layout.candidates.size).toBeLessThanOrEqual(512);
  }
});
