/**
 * Who waits for seats of a run. Needs that wait alike, for the same classes and way as parties of one size, are a group in order of their
 * places, so that only the first of each group need be looked at: if that one does not fit, none of its group does. And groups are looked at
 * only on ways over which something may be sold.
 *
 * A need fits while its party may be sold in one of its classes through the waitlist's channel (offer.ts). After every step the caller
 * serves those that fit (`serveWaitlist`), so between steps none does: what a step did not touch need not be looked at again. Only limits of
 * quotas begin by themselves, and when that may concern anybody is kept (`serveAt`).
 */
import { assert, lowestBit, passengersPerOrderMax } from "@chepiao/kernel";
import { hold } from "./hold.ts";
import { isPossible } from "./layout.ts";
import { quotasAreSet, sale, sellable, waitlistSale } from "./offer.ts";
import type { Stock } from "./stock.ts";

/** Needs are at start…end of the arrays, the first to be served first. */
type NeedGroup = {
  /** In order of preference, and the same as bits. */
  readonly classes: readonly number[];
  readonly classBits: number;
  readonly from: number;
  readonly to: number;
  readonly partySize: number;
  places: Float64Array;
  ids: Float64Array;
  lines: Uint8Array;
  /** One a passenger. */
  wishes: Uint8Array;
  start: number;
  end: number;
};

/** Those who wait for one way, in whatever classes and parties. */
type Way = { readonly from: number; readonly to: number; classBits: number; readonly groups: NeedGroup[] };

export type Waitlist = {
  readonly run: number;
  readonly groups: NeedGroup[];
  readonly ways: Way[];
  readonly groupByKey: Map<string, NeedGroup>;
  /** By line and id: where the need waits; null once it waits no more. */
  readonly groupOf: Map<number, NeedGroup | null>[];
  /** Needs that wait. */
  size: number;
  /** From when on by time alone a need may fit; Infinity for never. */
  serveAt: number;
};

/** A need, as numbers of its run. `wishes` are numbered as those of the layouts. */
export type NeedSpec = {
  readonly id: number;
  readonly line: number;
  readonly classes: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly wishes: readonly number[];
  readonly place: number;
};

/** Where more may be sold than before: in which classes (bits), over which stretch. */
export type Reach = { readonly classBits: number; readonly from: number; readonly to: number };
export const anywhere: Reach = { classBits: -1, from: 0, to: Infinity };

/** What was served last. Its seats are `heldSeats`. */
export const servedNeed = { id: 0, line: 0, cls: 0, from: 0, to: 0, partySize: 0 };

const classesMax = 31;
const firstRoom = 4;
const wishesOfParty = new Uint8Array(passengersPerOrderMax);

export const createWaitlist = (run: number): Waitlist => ({
  run,
  groups: [],
  ways: [],
  groupByKey: new Map(),
  groupOf: [],
  size: 0,
  serveAt: Infinity,
});

/** The name waits, or has waited. */
export const hasWaited = (waitlist: Waitlist, id: number, line: number): boolean =>
  waitlist.groupOf[line]?.has(id) ?? false;

export const waits = (waitlist: Waitlist, id: number, line: number): boolean => !!waitlist.groupOf[line]?.get(id);

/** Lets a need wait whose name has not waited before. True where others wait alike: then it does not fit, as they do not. */
export function addNeed(waitlist: Waitlist, need: NeedSpec): boolean {
  assert(!hasWaited(waitlist, need.id, need.line), "a name waits once");
  const group = groupFor(waitlist, need);
  const isFirst = group.start === group.end;
  const at = placeIn(group, need.place, need.id, need.line);
  insert(group, at, need);
  namesOf(waitlist, need.line).set(need.id, group);
  waitlist.size++;
  return !isFirst;
}

/** The name waits no more, and not again. */
export function endNeed(waitlist: Waitlist, id: number, line: number): void {
  const names = namesOf(waitlist, line);
  const group = names.get(id);
  names.set(id, null);
  if (group) drop(waitlist, group, indexIn(group, id, line));
}

/** Forgets needs with places up to `upTo`, but for those that are kept; they may wait again. */
export function forgetNeeds(waitlist: Waitlist, upTo: number, isKept: (id: number, line: number) => boolean): void {
  for (const group of waitlist.groups) {
    let end = group.start;
    for (let at = group.start; at < group.end; at++) {
      const [id, line] = [group.ids[at]!, group.lines[at]!];
      if (group.places[at]! > upTo || isKept(id, line)) move(group, at, end++);
      else {
        namesOf(waitlist, line).delete(id);
        waitlist.size--;
      }
    }
    group.end = end;
  }
}

/**
 * Serves who fits, the lowest place first, where a step left more to be sold, until nobody does. Calls `granted` for each, with what it got
 * in `servedNeed` and `heldSeats`. With `anywhere` everything is looked at, and `serveAt` is found out anew.
 */
export function serveWaitlist(
  stock: Stock,
  waitlist: Waitlist,
  reach: Reach,
  now: number,
  granted: (slot: typeof servedNeed) => void,
): void {
  let { classBits, from, to } = reach;
  // A place that comes back to a quota may serve a way far from where the seat is.
  if (stock.offerCount !== 0 && quotasAreSet(stock, waitlist.run, classBits)) [from, to] = [0, Infinity];
  for (;;) {
    if (reach === anywhere) waitlist.serveAt = Infinity;
    const group = firstThatFits(stock, waitlist, classBits, from, to, now);
    if (group === null) return;
    grantFirst(stock, waitlist, group, now);
    const { cls } = servedNeed;
    const children = childrenOf(stock, waitlist.run, cls);
    if (children !== 0) {
      classBits |= children;
      from = Math.min(from, group.from);
      to = Math.max(to, group.to);
    }
    granted(servedNeed);
  }
}

/** The classes, as bits, that are sold after this one. */
export function childrenOf(stock: Stock, run: number, cls: number): number {
  const { layouts } = stock.shapes[stock.shapeOf[run]!]!;
  let bits = 0;
  for (let child = 0; child < layouts.length; child++) if (layouts[child]!.parent === cls) bits |= 1 << child;
  return bits;
}

/** Needs with a lower place that want one of the classes over a way that shares a segment with this one. */
export function needsAhead(waitlist: Waitlist, classBits: number, from: number, to: number, place: number): number {
  let count = 0;
  for (const group of waitlist.groups) {
    if ((group.classBits & classBits) === 0 || group.from >= to || group.to <= from) continue;
    count += placeIn(group, place, -Infinity, 0) - group.start;
  }
  return count;
}

export function waitlistBytes(waitlist: Waitlist): number {
  let bytes = 0;
  for (const { places, ids, lines, wishes } of waitlist.groups) {
    bytes += places.byteLength + ids.byteLength + lines.byteLength + wishes.byteLength;
  }
  return bytes;
}

/** Of the groups within reach whose first need fits, that with the lowest place. */
function firstThatFits(
  stock: Stock,
  waitlist: Waitlist,
  classBits: number,
  from: number,
  to: number,
  now: number,
): NeedGroup | null {
  let first: NeedGroup | null = null;
  for (const way of waitlist.ways) {
    if (way.from >= to || way.to <= from || (way.classBits & classBits) === 0) continue;
    // On most ways nothing is free, and who waits for them need not be looked at.
    const most = largestParty(stock, waitlist, way, classBits, now);
    if (most === 0) continue;
    for (const group of way.groups) {
      if (group.start === group.end || group.partySize > most) continue;
      if (first !== null && !isBefore(group, first)) continue;
      if (classThatFits(stock, waitlist.run, group, now) >= 0) first = group;
    }
  }
  return first;
}

/** How many may be sold over the way in any of these classes. Notes when a limit begins for which a party waits that finds seats enough. */
function largestParty(stock: Stock, waitlist: Waitlist, way: Way, classBits: number, now: number): number {
  let most = 0;
  for (let left = way.classBits & classBits; left !== 0; left &= left - 1) {
    const cls = lowestBit(left);
    const count = sellable(stock, waitlist.run, cls, way.from, way.to, waitlistSale, now);
    if (count > most) most = count;
    if (sale.changesAt >= waitlist.serveAt || sale.free <= count) continue;
    const { free, changesAt } = sale;
    const isHeldBack = ({ start, end, partySize, classBits: wanted }: NeedGroup) =>
      end > start && (wanted & (1 << cls)) !== 0 && partySize > count && partySize <= free;
    if (way.groups.some(isHeldBack)) waitlist.serveAt = changesAt;
  }
  return most;
}

/** The first class in which the group's parties may be sold, or -1. */
function classThatFits(stock: Stock, run: number, group: NeedGroup, now: number): number {
  for (const cls of group.classes) {
    if (sellable(stock, run, cls, group.from, group.to, waitlistSale, now) >= group.partySize) return cls;
  }
  return -1;
}

function grantFirst(stock: Stock, waitlist: Waitlist, group: NeedGroup, now: number): void {
  const { start, partySize, from, to } = group;
  const cls = classThatFits(stock, waitlist.run, group, now);
  const layout = stock.shapes[stock.shapeOf[waitlist.run]!]!.layouts[cls]!;
  for (let p = 0; p < partySize; p++) {
    const wish = group.wishes[start * partySize + p]!;
    wishesOfParty[p] = wish !== 0 && isPossible(layout, wish) ? wish : 0;
  }
  const id = group.ids[start]!;
  const line = group.lines[start]!;
  const held = hold(stock, waitlist.run, cls, from, to, partySize, wishesOfParty, waitlistSale, now);
  assert(held >= 0, "a need that fits is held");
  namesOf(waitlist, line).set(id, null);
  drop(waitlist, group, start);
  Object.assign(servedNeed, { id, line, cls, from, to, partySize });
}

// Groups ------------------------------------------------------------------------------------------------------------------

function groupFor(waitlist: Waitlist, { classes, from, to, wishes }: NeedSpec): NeedGroup {
  const key = `${classes.join()} ${from} ${to} ${wishes.length}`;
  const known = waitlist.groupByKey.get(key);
  if (known) return known;
  let classBits = 0;
  for (const cls of classes) {
    assert(cls < classesMax, "classes are bits of a word");
    classBits |= 1 << cls;
  }
  const partySize = wishes.length;
  const group = { classes, classBits, from, to, partySize, ...roomFor(firstRoom, partySize), start: 0, end: 0 };
  waitlist.groupByKey.set(key, group);
  waitlist.groups.push(group);
  const way = wayOf(waitlist, from, to);
  way.groups.push(group);
  way.classBits |= classBits;
  return group;
}

function wayOf(waitlist: Waitlist, from: number, to: number): Way {
  const known = waitlist.ways.find((way) => way.from === from && way.to === to);
  if (known) return known;
  const way = { from, to, classBits: 0, groups: [] };
  waitlist.ways.push(way);
  return way;
}

const roomFor = (needs: number, partySize: number) => ({
  places: new Float64Array(needs),
  ids: new Float64Array(needs),
  lines: new Uint8Array(needs),
  wishes: new Uint8Array(needs * partySize),
});

function namesOf(waitlist: Waitlist, line: number): Map<number, NeedGroup | null> {
  return (waitlist.groupOf[line] ??= new Map());
}

/** Where such a need is, or would be: by place, then by name. */
function placeIn(group: NeedGroup, place: number, id: number, line: number): number {
  let [low, high] = [group.start, group.end];
  // Most come last.
  if (high > low && comesBefore(group, high - 1, place, id, line)) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comesBefore(group, middle, place, id, line)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function comesBefore({ places, ids, lines }: NeedGroup, at: number, place: number, id: number, line: number): boolean {
  if (places[at] !== place) return places[at]! < place;
  if (ids[at] !== id) return ids[at]! < id;
  return lines[at]! < line;
}

const isBefore = (a: NeedGroup, b: NeedGroup): boolean =>
  comesBefore(a, a.start, b.places[b.start]!, b.ids[b.start]!, b.lines[b.start]!);

function indexIn(group: NeedGroup, id: number, line: number): number {
  let at = group.ids.indexOf(id, group.start);
  while (group.lines[at] !== line) at = group.ids.indexOf(id, at + 1);
  assert(at >= 0 && at < group.end, "a need is in its group");
  return at;
}

function insert(group: NeedGroup, at: number, { place, id, line, wishes }: NeedSpec): void {
  if (group.end === group.places.length) {
    const before = group.start;
    makeRoom(group);
    at -= before;
  }
  const { partySize, end } = group;
  if (at < end) {
    group.places.copyWithin(at + 1, at, end);
    group.ids.copyWithin(at + 1, at, end);
    group.lines.copyWithin(at + 1, at, end);
    group.wishes.copyWithin((at + 1) * partySize, at * partySize, end * partySize);
  }
  group.places[at] = place;
  group.ids[at] = id;
  group.lines[at] = line;
  group.wishes.set(wishes, at * partySize);
  group.end++;
}

/** Closes what was served at the front, and doubles where that is not enough. */
function makeRoom(group: NeedGroup): void {
  const { start, end, partySize } = group;
  const count = end - start;
  const { places, ids, lines, wishes } = group;
  Object.assign(group, roomFor(Math.max(firstRoom, count * 2), partySize));
  group.places.set(places.subarray(start, end));
  group.ids.set(ids.subarray(start, end));
  group.lines.set(lines.subarray(start, end));
  group.wishes.set(wishes.subarray(start * partySize, end * partySize));
  group.start = 0;
  group.end = count;
}

function move(group: NeedGroup, from: number, to: number): void {
  const { places, ids, lines, wishes, partySize } = group;
  places[to] = places[from]!;
  ids[to] = ids[from]!;
  lines[to] = lines[from]!;
  wishes.copyWithin(to * partySize, from * partySize, (from + 1) * partySize);
}

function drop(waitlist: Waitlist, group: NeedGroup, at: number): void {
  waitlist.size--;
  if (at === group.start) group.start++;
  else {
    const { partySize, end } = group;
    group.places.copyWithin(at, at + 1, end);
    group.ids.copyWithin(at, at + 1, end);
    group.lines.copyWithin(at, at + 1, end);
    group.wishes.copyWithin(at * partySize, (at + 1) * partySize, end * partySize);
    group.end--;
  }
  if (group.start === group.end) group.start = group.end = 0;
}
