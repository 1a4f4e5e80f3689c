/**
 * Holds by id and line, in typed arrays: a million of them are some 63 MB and no work for the garbage collector.
 *
 * A hold is `held` until its deadline, `confirmed` for good, or `released`. A released one stays behind as a tombstone, so that
 * a late copy of its request does not take seats again; once its deadline is past by the grace, the copy would be refused as
 * too late anyway, and the tombstone goes. A hold reloaded as confirmed has no deadline: its tombstone goes with its run.
 *
 * What waits for a deadline hangs on a wheel of one-second buckets (a hashed timing wheel: far deadlines share buckets and are
 * passed over), so finding the overdue costs what is overdue and nothing for the rest.
 */
import { assert, minuteMs, passengersPerOrderMax, secondMs } from "@chepiao/kernel";

export const vacant = 0;
export const held = 1;
export const confirmed = 2;
export const released = 3;

export type HoldTable = {
  ids: Float64Array;
  /** Several holds have one id, each with a line of its own. */
  lines: Uint8Array;
  deadlines: Float64Array;
  runs: Uint32Array;
  classes: Uint8Array;
  froms: Uint8Array;
  tos: Uint8Array;
  states: Uint8Array;
  /** 1 for a hold that was given to the waitlist. */
  grants: Uint8Array;
  /** Seats of the first answer, in its order: `seats[slot * seatsPerHold …]`. */
  counts: Uint8Array;
  seats: Uint16Array;
  /** Bits over those seats: which are still held. */
  live: Uint16Array;
  /** Links of the wheel. Below `buckets` are the ring's own ends; a slot's links are at `buckets + slot`. */
  next: Int32Array;
  before: Int32Array;
  /** Open addressing: slot + 1, or 0. Kept at most half full. */
  index: Int32Array;
  capacity: number;
  slotEnd: number;
  /** Slots given back, chained through `next`; -1 ends. */
  freeSlot: number;
  /** Held or confirmed at the moment, and all that takes a slot. */
  heldCount: number;
  confirmedCount: number;
  slotCount: number;
  /** The wheel has been read up to this second. */
  second: number;
};

export const seatsPerHold = passengersPerOrderMax;
export const tombstoneGraceMs = minuteMs;
const buckets = 4_096;
const noDeadline = Infinity;

export function createHoldTable(capacity = 1_024): HoldTable {
  assert((capacity & (capacity - 1)) === 0 && capacity >= 16, "the capacity is a power of two");
  const ends = Int32Array.from({ length: buckets }, (_, bucket) => bucket);
  return {
    ids: new Float64Array(capacity),
    lines: new Uint8Array(capacity),
    deadlines: new Float64Array(capacity),
    runs: new Uint32Array(capacity),
    classes: new Uint8Array(capacity),
    froms: new Uint8Array(capacity),
    tos: new Uint8Array(capacity),
    states: new Uint8Array(capacity),
    grants: new Uint8Array(capacity),
    counts: new Uint8Array(capacity),
    seats: new Uint16Array(capacity * seatsPerHold),
    live: new Uint16Array(capacity),
    next: resized(ends, buckets + capacity),
    before: resized(ends, buckets + capacity),
    index: new Int32Array(capacity * 2),
    capacity,
    slotEnd: 0,
    freeSlot: -1,
    heldCount: 0,
    confirmedCount: 0,
    slotCount: 0,
    second: 0,
  };
}

/** The slot of a hold, also of a released one; -1 if it is not known. */
export function findHold(table: HoldTable, id: number, line: number): number {
  const { index, ids, lines } = table;
  for (let at = placeOf(table, id, line); ; at = (at + 1) & (index.length - 1)) {
    const slot = index[at]! - 1;
    if (slot < 0 || (ids[slot] === id && lines[slot] === line)) return slot;
  }
}

/** Enters a new hold and answers its slot. A deadline of null enters it as confirmed. */
export function addHold(
  table: HoldTable,
  id: number,
  line: number,
  run: number,
  cls: number,
  from: number,
  to: number,
  deadline: number | null,
  seats: ArrayLike<number>,
  count: number,
): number {
  assert(count > 0 && count <= seatsPerHold, `a hold has 1…${seatsPerHold} seats`);
  const slot = newSlot(table);
  table.ids[slot] = id;
  table.lines[slot] = line;
  table.runs[slot] = run;
  table.classes[slot] = cls;
  table.froms[slot] = from;
  table.tos[slot] = to;
  table.grants[slot] = 0;
  table.counts[slot] = count;
  table.live[slot] = (1 << count) - 1;
  for (let i = 0; i < count; i++) table.seats[slot * seatsPerHold + i] = seats[i]!;
  enterIndex(table, slot);
  if (deadline === null) {
    table.deadlines[slot] = noDeadline;
    table.states[slot] = confirmed;
    table.confirmedCount++;
  } else {
    table.deadlines[slot] = deadline;
    table.states[slot] = held;
    table.heldCount++;
    hang(table, slot, deadline);
  }
  return slot;
}

/** The hold no longer ends by itself. Does nothing to one that is confirmed or released. */
export function confirmHold(table: HoldTable, slot: number): boolean {
  if (table.states[slot] !== held) return false;
  table.states[slot] = confirmed;
  table.heldCount--;
  table.confirmedCount++;
  unhang(table, slot);
  return true;
}

/** Strikes out the seat at that place of the hold. False where it was struck out before. */
export function releaseSeat(table: HoldTable, slot: number, place: number): boolean {
  const bit = 1 << place;
  if ((table.live[slot]! & bit) === 0) return false;
  table.live[slot]! ^= bit;
  if (table.live[slot] === 0) endHold(table, slot);
  return true;
}

/**
 * Holds past their deadline into `out` (their slots), at most as many as fit; answers how many. Each is next due at
 * `askAgainAt`. Tombstones past their time are cleared on the way.
 */
export function takeOverdue(table: HoldTable, now: number, askAgainAt: number, out: Int32Array): number {
  assert(askAgainAt > now, "an overdue hold is asked for again later");
  const nowSecond = Math.floor(now / secondMs);
  let found = 0;
  // One turn of the wheel sees every bucket.
  if (nowSecond - table.second >= buckets) table.second = nowSecond - buckets + 1;
  for (; table.second <= nowSecond; table.second++) {
    const end = table.second & (buckets - 1);
    let link = table.next[end]!;
    while (link !== end) {
      const slot = link - buckets;
      link = table.next[link]!;
      if (table.states[slot] === released) {
        if (table.deadlines[slot]! + tombstoneGraceMs <= now) eraseHold(table, slot);
      } else if (table.deadlines[slot]! <= now) {
        if (found === out.length) return found;
        out[found++] = slot;
        unhang(table, slot);
        table.deadlines[slot] = askAgainAt;
        hang(table, slot, askAgainAt);
      }
    }
    // What comes due later within this second is still here: the second is read again.
    if (table.second === nowSecond) break;
  }
  return found;
}

/** Forgets every hold, tombstones too, of the runs marked in `runs`: one pass over all slots, for many runs at once. */
export function eraseHoldsOfRuns(table: HoldTable, runs: ReadonlySet<number>): void {
  for (let slot = 0; slot < table.slotEnd; slot++) {
    if (table.states[slot] !== vacant && runs.has(table.runs[slot]!)) eraseHold(table, slot);
  }
}

export function holdTableBytes(table: HoldTable): number {
  let bytes = 0;
  for (const part of Object.values(table)) if (ArrayBuffer.isView(part)) bytes += part.byteLength;
  return bytes;
}

function endHold(table: HoldTable, slot: number): void {
  if (table.states[slot] === held) {
    table.heldCount--;
    unhang(table, slot);
  } else table.confirmedCount--;
  table.states[slot] = released;
  const deadline = table.deadlines[slot]!;
  if (deadline !== noDeadline) hang(table, slot, deadline + tombstoneGraceMs);
}

function eraseHold(table: HoldTable, slot: number): void {
  const state = table.states[slot];
  if (state === held) table.heldCount--;
  if (state === confirmed) table.confirmedCount--;
  if (state === held || (state === released && table.deadlines[slot] !== noDeadline)) unhang(table, slot);
  leaveIndex(table, slot);
  table.states[slot] = vacant;
  table.slotCount--;
  table.next[buckets + slot] = table.freeSlot;
  table.freeSlot = slot;
}

// The wheel ---------------------------------------------------------------------------------------------------------------

function hang(table: HoldTable, slot: number, due: number): void {
  const second = Math.floor(due / secondMs);
  const end = (second < table.second ? table.second : second) & (buckets - 1);
  const last = table.before[end]!;
  const link = buckets + slot;
  table.next[last] = link;
  table.before[link] = last;
  table.next[link] = end;
  table.before[end] = link;
}

function unhang(table: HoldTable, slot: number): void {
  const link = buckets + slot;
  table.next[table.before[link]!] = table.next[link]!;
  table.before[table.next[link]!] = table.before[link]!;
}

// The index: linear probing; leaving closes the hole, so there are no markers to clean up -----------------------------------

const high = 1 / 4_294_967_296;

function placeOf(table: HoldTable, id: number, line: number): number {
  let hash = (id >>> 0) ^ Math.imul(Math.floor(id * high) + line, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & (table.index.length - 1);
}

function enterIndex(table: HoldTable, slot: number): void {
  const { index, ids, lines } = table;
  let at = placeOf(table, ids[slot]!, lines[slot]!);
  for (; index[at] !== 0; at = (at + 1) & (index.length - 1)) {
    const other = index[at]! - 1;
    assert(ids[other] !== ids[slot] || lines[other] !== lines[slot] || other === slot, "a hold is entered once");
  }
  index[at] = slot + 1;
}

function leaveIndex(table: HoldTable, slot: number): void {
  const { index, ids, lines } = table;
  const last = index.length - 1;
  let hole = placeOf(table, ids[slot]!, lines[slot]!);
  while (index[hole]! - 1 !== slot) hole = (hole + 1) & last;
  for (let at = (hole + 1) & last; index[at] !== 0; at = (at + 1) & last) {
    // An entry may move back into the hole unless the hole lies before the place it belongs to.
    const other = index[at]! - 1;
    const home = placeOf(table, ids[other]!, lines[other]!);
    if (((at - home) & last) < ((at - hole) & last)) continue;
    index[hole] = index[at]!;
    hole = at;
  }
  index[hole] = 0;
}

// Room --------------------------------------------------------------------------------------------------------------------

function newSlot(table: HoldTable): number {
  table.slotCount++;
  if (table.freeSlot >= 0) {
    const slot = table.freeSlot;
    table.freeSlot = table.next[buckets + slot]!;
    return slot;
  }
  if (table.slotEnd === table.capacity) grow(table);
  return table.slotEnd++;
}

/** Doubles. At a million holds this is a pause of some tens of milliseconds; a busy node is created with the capacity it needs. */
function grow(table: HoldTable): void {
  const capacity = table.capacity * 2;
  table.ids = resized(table.ids, capacity);
  table.lines = resized(table.lines, capacity);
  table.deadlines = resized(table.deadlines, capacity);
  table.runs = resized(table.runs, capacity);
  table.classes = resized(table.classes, capacity);
  table.froms = resized(table.froms, capacity);
  table.tos = resized(table.tos, capacity);
  table.states = resized(table.states, capacity);
  table.grants = resized(table.grants, capacity);
  table.counts = resized(table.counts, capacity);
  table.seats = resized(table.seats, capacity * seatsPerHold);
  table.live = resized(table.live, capacity);
  table.next = resized(table.next, buckets + capacity);
  table.before = resized(table.before, buckets + capacity);
  table.index = new Int32Array(capacity * 2);
  table.capacity = capacity;
  for (let slot = 0; slot < table.slotEnd; slot++) {
    if (table.states[slot] !== vacant) enterIndex(table, slot);
  }
}

type Numbers = Float64Array | Uint32Array | Int32Array | Uint16Array | Uint8Array;

function resized<T extends Numbers>(old: T, length: number): T {
  const room = new (old.constructor as new (length: number) => T)(length);
  room.set(old);
  return room;
}
