/**
 * A run that is sold gets more seats, behind those that it has: another composition was put to it. It is given a block of the larger kind, under the handle
 * that it had, with all that was taken, withdrawn and set for its sale. What is new is withdrawn, so that nobody has it before somebody says so.
 */
import { assert } from "@chepiao/kernel";
import type { Layout } from "./layout.ts";
import { gateWord, quotasWord } from "./offer.ts";
import { inChunk, takeBlock } from "./slab.ts";
import { aim, chunkAt, serveWord, shapeFor, type Stock } from "./stock.ts";
import { isFree, takeSeat } from "./tables.ts";
import { withdrawFrom } from "./withdrawn.ts";

/** Of every class that it has, the layout must begin as the one before. */
export function growRun(stock: Stock, run: number, layouts: readonly Layout[]): void {
  const before = stock.shapes[stock.shapeOf[run]!]!;
  assert(
    before.layouts.every(({ seatCount }, cls) => seatCount <= (layouts[cls]?.seatCount ?? 0)),
    "a run that is sold loses no seats",
  );
  const taken = before.layouts.map((_, cls) => takenOf(stock, run, cls));
  moveBlock(stock, run, layouts);
  taken.forEach((ofClass, cls) => {
    const at = aim(stock, run, cls);
    for (const [seat, from, to] of ofClass) takeSeat(at, seat, from, to);
  });
  layouts.forEach((_, cls) => withdrawFrom(stock, run, cls, before.layouts[cls]?.seatCount ?? 0));
}

type Stretch = readonly [seat: number, from: number, to: number];

function takenOf(stock: Stock, run: number, cls: number): Stretch[] {
  const at = aim(stock, run, cls);
  const all: Stretch[] = [];
  for (let seat = 0; seat < at.layout.seatCount; seat++)
    for (let from = 0; from < at.segments; from++) {
      if (isFree(at, seat, from, from + 1)) continue;
      let to = from + 1;
      while (to < at.segments && !isFree(at, seat, to, to + 1)) to++;
      all.push([seat, from, to]);
      from = to;
    }
  return all;
}

/**
 * The new block is whole but for its seats before anybody can be told where it lies. The old one stays as it was: a thread that has not heard goes on
 * showing what is there, until the run is dropped.
 */
function moveBlock(stock: Stock, run: number, layouts: readonly Layout[]): void {
  const { segments, layouts: layoutsBefore, empty: emptyBefore } = stock.shapes[stock.shapeOf[run]!]!;
  const shape = shapeFor(stock, layouts, segments);
  const { empty } = stock.shapes[shape]!;
  const old = stock.addressOf[run]!;
  const address = takeBlock(stock.slab, empty.length);
  const [words, at] = [chunkAt(stock, address).words, address & inChunk];
  const [wordsBefore, atBefore] = [chunkAt(stock, old).words, old & inChunk];
  words.set(empty, at);
  // Both move from now on, and are never the same: who looked at the old one sees that the new one is another.
  words[at] = wordsBefore[atBefore]! + 1;
  for (const cls of layoutsBefore.keys())
    for (const word of [gateWord(cls), quotasWord(cls)]) words[at + word] = wordsBefore[atBefore + word]!;
  const [serve, serveBefore] = [serveWord(layouts.length), serveWord(layoutsBefore.length)];
  for (const n of [0, 1]) words[at + serve + n] = wordsBefore[atBefore + serveBefore + n]!;
  const outgrown = stock.outgrown.get(run) ?? [];
  stock.outgrown.set(run, [...outgrown, { address: old, wordCount: emptyBefore.length }]);
  stock.shapeOf[run] = shape;
  stock.addressOf[run] = address;
}
