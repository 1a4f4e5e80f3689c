/** Slots of what is neither an order nor a user (runs, trade numbers, keys of messages), and the order in which slots are locked. */
import { slotCount, type Slot } from "@chepiao/kernel";

/** FNV-1a, then Murmur3's finaliser: texts that differ in their last letter land on unrelated slots. Never changes. */
export function slotOfText(text: string): Slot {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) & (slotCount - 1)) as Slot;
}

const slotBits = Math.log2(slotCount);

/**
 * Everybody takes locks in this order: the slots of one database lie together in it, whatever power of two the number of databases
 * is, so all visit the servers in one order. A circle of waiting over several servers is one that none of them could see.
 */
export function lockingOrder(slot: number): number {
  let reversed = 0;
  for (let bit = 0; bit < slotBits; bit++) reversed = (reversed << 1) | ((slot >> bit) & 1);
  return reversed;
}
