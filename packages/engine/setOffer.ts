/** Sets what may be sold of a class of a run, as offer.ts reads it, and counts anew what quotas count. */
import { assert, odGroupsPerOfferMax, popCount, quotaLimitsMax } from "@chepiao/kernel";
import { type HoldTable, vacant } from "./holdTable.ts";
import { addressIn, classCountOf, countHeld, gateWord, quotasWord, wordsAt } from "./offer.ts";
import { giveBlock, inChunk, takeBlock } from "./slab.ts";
import { aim, type Stock } from "./stock.ts";

type OdGroupSpec = { readonly fromStops: readonly number[]; readonly toStops: readonly number[] };
type QuotaSpec = OdGroupSpec & {
  /** In order of `since`; null seats are any number. */
  readonly limits: readonly { readonly since: number; readonly seats: number | null }[];
};

/** So that blocks have few sizes, and serve each other when gates open and close. */
const blockStep = 16;

/** The ways on which what is free is the waitlist's; none to open the gate. False where it is so already. */
export function setGate(stock: Stock, run: number, cls: number, groups: readonly OdGroupSpec[]): boolean {
  const content = groups.length === 0 ? [] : bitsByStop(groups, stopCountOf(stock, run));
  if (isThere(stock, run, cls, gateWord(cls), content)) return false;
  put(stock, run, gateWord(cls), content);
  return true;
}

/**
 * Nothing is counted in them yet: `recountQuotas` is to be called before the next hold. False where they are so already, and what they
 * have counted stays.
 */
export function setQuotas(stock: Stock, run: number, cls: number, quotas: readonly QuotaSpec[]): boolean {
  const stops = stopCountOf(stock, run);
  const heads: number[] = [];
  const limits: number[] = [];
  const limitsAt = 1 + 2 * stops + 3 * quotas.length;
  for (const quota of quotas) {
    assert(quota.limits.length <= quotaLimitsMax, `a quota has at most ${quotaLimitsMax} limits`);
    heads.push(0, limitsAt + limits.length, quota.limits.length);
    for (const { since, seats } of quota.limits) limits.push(Math.floor(since / 2 ** 32), since % 2 ** 32, seats ?? -1);
  }
  const content = quotas.length === 0 ? [] : [...bitsByStop(quotas, stops), ...heads, ...limits];
  const isCount = (n: number) => n >= 2 * stops && n < limitsAt - 1 && (n - 2 * stops) % 3 === 0;
  if (isThere(stock, run, cls, quotasWord(cls), content, isCount)) return false;
  put(stock, run, quotasWord(cls), content);
  return true;
}

/** Whether the block that the head names says the same, but for what was counted in it. Its beginning tells how long what it says is. */
function isThere(
  stock: Stock,
  run: number,
  cls: number,
  headWord: number,
  content: readonly number[],
  isCount: (n: number) => boolean = () => false,
): boolean {
  const address = addressIn(stock, run, aim(stock, run, cls), headWord);
  if (address === 0 || content.length === 0) return address === 0 && content.length === 0;
  const words = wordsAt(stock, address);
  const block = address & inChunk;
  return (
    content.length < words[block]! && content.every((word, n) => isCount(n) || words[block + 1 + n] === (word | 0))
  );
}

/** Counts what is held of these runs, in one pass over all holds, for many runs at once. */
export function recountQuotas(stock: Stock, table: HoldTable, runs: ReadonlySet<number>): void {
  if (runs.size === 0) return;
  for (const run of runs) for (let cls = 0; cls < classCountOf(stock, run); cls++) clearCounts(stock, run, cls);
  for (let slot = 0; slot < table.slotEnd; slot++) {
    const run = table.runs[slot]!;
    if (table.states[slot] === vacant || table.live[slot] === 0 || !runs.has(run)) continue;
    const cls = table.classes[slot]!;
    const seats = popCount(table.live[slot]!);
    countHeld(stock, run, cls, aim(stock, run, cls), table.froms[slot]!, table.tos[slot]!, seats);
  }
}

/** Before a run is dropped. */
export function dropOffers(stock: Stock, run: number): void {
  stock.withdrawn.delete(run);
  if (stock.offerCount === 0) return;
  for (let cls = 0; cls < classCountOf(stock, run); cls++) {
    put(stock, run, gateWord(cls), []);
    put(stock, run, quotasWord(cls), []);
  }
}

function clearCounts(stock: Stock, run: number, cls: number): void {
  const address = addressIn(stock, run, aim(stock, run, cls), quotasWord(cls));
  if (address === 0) return;
  const words = wordsAt(stock, address);
  const block = address & inChunk;
  const first = block + 1 + 2 * stopCountOf(stock, run);
  // The limits of the first quota begin where the heads of all quotas end.
  for (let quota = first; quota < block + words[first + 1]!; quota += 3) words[quota] = 0;
}

/** A new block is whole before the head names it, and the old one is another's only after. */
function put(stock: Stock, run: number, headWord: number, content: readonly number[]): void {
  const { slab } = stock;
  let address = 0;
  if (content.length > 0) {
    const size = Math.ceil((1 + content.length) / blockStep) * blockStep;
    address = takeBlock(slab, size);
    wordsAt(stock, address).set([size, ...content], address & inChunk);
    stock.offerCount++;
  }
  const runAddress = stock.addressOf[run]!;
  const old = Atomics.exchange(wordsAt(stock, runAddress), (runAddress & inChunk) + headWord, address) >>> 0;
  if (old === 0) return;
  giveBlock(slab, old, wordsAt(stock, old)[old & inChunk]!);
  stock.offerCount--;
}

const stopCountOf = (stock: Stock, run: number): number => stock.shapes[stock.shapeOf[run]!]!.segments + 1;

/** For each stop the groups where ways may begin, then for each stop those where they may end. */
function bitsByStop(groups: readonly OdGroupSpec[], stops: number): number[] {
  assert(groups.length <= odGroupsPerOfferMax, `a class has at most ${odGroupsPerOfferMax} groups`);
  const bits = Array.from({ length: 2 * stops }, () => 0);
  groups.forEach(({ fromStops, toStops }, group) => {
    for (const stop of [...fromStops, ...toStops]) assert(stop >= 0 && stop < stops, "a group names stops of its run");
    for (const stop of fromStops) bits[stop]! |= 1 << group;
    for (const stop of toStops) bits[stops + stop]! |= 1 << group;
  });
  return bits;
}
