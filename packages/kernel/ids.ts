/**
 * Identifiers. Every one fits a JavaScript safe integer (53 bits), so it is a plain number in memory, in JSON and in SQL.
 *
 *   order id   seconds since 2025-01-01 (31 bits) · node (6) · sequence (5) · slot (11)
 *   order no   "E" + slot, 4 digits + the id's upper 42 bits, 13 digits
 *   waitlist no  the same with "W": an entry of the waitlist has the id of the order that it becomes
 *
 * The slot is hash(user id) mod 2048, so user id, order id and order number all lead to one shard: db = slot mod 32,
 * table = slot div 32 (1,024 slots for users: the low 10 bits of the same hash).
 */
import { assert } from "./assert.ts";
import type { Brand } from "./brand.ts";
import { inOnePiece } from "./json.ts";
import type { EpochMs } from "./time.ts";

export type UserId = Brand<number, "UserId">;
export type OrderId = Brand<number, "OrderId">;
export type OrderNo = Brand<string, "OrderNo">;
export type WaitlistNo = Brand<string, "WaitlistNo">;
export type PassengerId = Brand<number, "PassengerId">;
/** Order slot, 0…2047. */
export type Slot = Brand<number, "Slot">;

export const slotCount = 2_048;
export const userSlotCount = 1_024;
export const nodeCount = 64;
const sequenceCount = 32;
const rowsPerMs = 16;
const idEpochMs = Date.UTC(2025, 0, 1);

/** Murmur3's finaliser over both halves of the number: neighbouring users land on unrelated slots. */
export function slotOfUser(userId: UserId): Slot {
  let hash = (userId >>> 0) ^ Math.imul(Math.floor(userId / 4294967296), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) & (slotCount - 1)) as Slot;
}

export const slotOfOrder = (id: OrderId): Slot => (id % slotCount) as Slot;

export const orderNoOf = (id: OrderId): OrderNo =>
  inOnePiece(
    "E",
    String(id % slotCount).padStart(4, "0"),
    String(Math.floor(id / slotCount)).padStart(13, "0"),
  ) as OrderNo;

/** The id behind an order number, or null where the text is not one. */
export function orderIdOf(orderNo: string): OrderId | null {
  if (!/^E\d{17}$/.test(orderNo)) return null;
  const slot = Number(orderNo.slice(1, 5));
  const id = Number(orderNo.slice(5)) * slotCount + slot;
  return slot < slotCount && Number.isSafeInteger(id) ? (id as OrderId) : null;
}

/** The number of a waitlist entry: that of the order it becomes, under another letter, so that one leads to the other. */
export const waitlistNoOf = (id: OrderId): WaitlistNo => `W${orderNoOf(id).slice(1)}` as WaitlistNo;

/** The id behind the number of an entry, which is its order's; null where the text is none. */
export const waitlistIdOf = (waitlistNo: string): OrderId | null =>
  waitlistNo.startsWith("W") ? orderIdOf(`E${waitlistNo.slice(1)}`) : null;

/** Text from outside as an order number, or null where no order can have it: its slot or its id is out of range. */
export const parseOrderNo = (text: string): OrderNo | null => (orderIdOf(text) === null ? null : (text as OrderNo));

/** No order id given out at that instant or later is below this: ids begin with the time. */
export const orderIdFloor = (at: EpochMs): number =>
  Math.max(0, Math.floor((at - idEpochMs) / 1_000)) * nodeCount * sequenceCount * slotCount;

export type IdSource = {
  orderId(userId: UserId, now: EpochMs): OrderId;
  /** Ids of rows that are not sharded by order: users, passengers, payments. Unique across nodes, rising. */
  rowId(now: EpochMs): number;
  /**
   * Every order id from now on is above this one: what an earlier life of this node gave out is not given out again. Nor is what it gave
   * out of rows until that order, where the clock has been set back since.
   */
  skipPast(orderId: number): void;
};

/** Makes ids of one node. More than 32 orders of one slot within a second borrow from the seconds to come. */
export function createIdSource(node: number): IdSource {
  assert(Number.isInteger(node) && node >= 0 && node < nodeCount, `a node is 0…${nodeCount - 1}, got ${node}`);
  const nextOfSlot = new Float64Array(slotCount);
  let nextRow = 0;
  const secondsOf = (now: EpochMs) => Math.floor((now - idEpochMs) / 1_000);
  return {
    orderId(userId, now) {
      const slot = slotOfUser(userId);
      const tick = Math.max(nextOfSlot[slot]!, secondsOf(now) * sequenceCount);
      nextOfSlot[slot] = tick + 1;
      const second = Math.floor(tick / sequenceCount);
      const upper = (second * nodeCount + node) * sequenceCount + (tick % sequenceCount);
      return (upper * slotCount + slot) as OrderId;
    },
    rowId(now) {
      // This leaves room for 16,000 rows a second before it borrows; with the node it stays below 2^53.
      nextRow = Math.max(nextRow + 1, (now - idEpochMs) * rowsPerMs);
      return nextRow * nodeCount + node;
    },
    skipPast(orderId) {
      const second = Math.floor(orderId / slotCount / sequenceCount / nodeCount) + 1;
      for (let slot = 0; slot < slotCount; slot++) {
        nextOfSlot[slot] = Math.max(nextOfSlot[slot]!, second * sequenceCount);
      }
      nextRow = Math.max(nextRow, second * 1_000 * rowsPerMs);
    },
  };
}
