/** A payment number is "P", the slot of its payer in four digits, and a row id: like an order number it leads to its shard. */
import { type Slot, slotCount, slotOfUser, type UserId } from "@chepiao/kernel";

export const paymentNoOf = (userId: UserId, rowId: number): string =>
  `P${String(slotOfUser(userId)).padStart(4, "0")}${rowId}`;

/** The slot, or null where the text is not a payment number. */
export function slotOfPayment(paymentNo: string): Slot | null {
  if (!/^P\d{5,20}$/.test(paymentNo)) return null;
  const slot = Number(paymentNo.slice(1, 5));
  return slot < slotCount ? (slot as Slot) : null;
}
