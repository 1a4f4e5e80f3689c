/**
 * The idempotency keys of a day's orders in typed arrays: a million take some 70 MB. Rows hang together in order of arrival, so the
 * oldest are found at the front.
 */
import { type EpochMs, epochMs, type OrderId, type UserId } from "@chepiao/kernel";
import type { OrderKeys } from "@chepiao/ports/submissions";
import { isPrint, print, takePrint, wordsPerPrint } from "./fingerprints.ts";
import { grown, Rows, SlotIndex } from "./slotIndex.ts";

const firstCapacity = 1_024;
const none = 0xffff_ffff;

export function createCompactOrderKeys(): OrderKeys {
  const rows = new Rows();
  let capacity = firstCapacity;
  let prints = new Uint32Array(capacity * wordsPerPrint);
  let bodies = new Uint32Array(capacity * wordsPerPrint);
  let orderIds = new Float64Array(capacity);
  let ats = new Float64Array(capacity);
  let older = new Uint32Array(capacity);
  let newer = new Uint32Array(capacity);
  let oldest = none;
  let newest = none;
  const index = new SlotIndex((row) => prints[row * wordsPerPrint]!);

  function grow(wanted: number) {
    capacity = wanted;
    prints = grown(prints, capacity * wordsPerPrint);
    bodies = grown(bodies, capacity * wordsPerPrint);
    orderIds = grown(orderIds, capacity);
    ats = grown(ats, capacity);
    older = grown(older, capacity);
    newer = grown(newer, capacity);
  }

  function rowOf(userId: UserId, key: string): number {
    takePrint(`${userId} ${key}`);
    return index.find(print[0]!, (row) => isPrint(prints, row));
  }

  function remove(row: number) {
    if (older[row] === none) oldest = newer[row]!;
    else newer[older[row]!] = newer[row]!;
    if (newer[row] === none) newest = older[row]!;
    else older[newer[row]!] = older[row]!;
    index.leave(row);
    rows.free(row);
  }

  return {
    find(userId, key) {
      const row = rowOf(userId, key);
      if (row < 0) return null;
      return {
        orderId: orderIds[row]! as OrderId,
        at: epochMs(ats[row]!),
        isSame(requestHash) {
          takePrint(requestHash);
          return isPrint(bodies, row);
        },
      };
    },
    remember({ userId, key, requestHash, orderId, at }) {
      const known = rowOf(userId, key);
      if (known >= 0) remove(known);
      const row = rows.take(capacity, grow);
      // Growing asked for no print.
      prints.set(print, row * wordsPerPrint);
      takePrint(requestHash);
      bodies.set(print, row * wordsPerPrint);
      orderIds[row] = orderId;
      ats[row] = at;
      older[row] = newest;
      newer[row] = none;
      if (newest === none) oldest = row;
      else newer[newest] = row;
      newest = row;
      index.enter(row);
    },
    forget(userId, key) {
      const row = rowOf(userId, key);
      if (row >= 0) remove(row);
    },
    forgetBefore(instant: EpochMs) {
      while (oldest !== none && ats[oldest]! < instant) remove(oldest);
    },
  };
}
