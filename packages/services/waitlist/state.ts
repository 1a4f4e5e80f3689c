/** The states of an entry of the waitlist, and every way between them. A new state does not compile until all its cells are filled. */
import type { WaitlistState } from "@chepiao/contracts";

export type WaitlistEvent =
  /** Its prepayment has come. */
  | "prepaid"
  /** The line has given it seats. */
  | "granted"
  /** The seats that it had been given did not become its order, and it has trains left to wait for. */
  | "handedBack"
  /** It has become an order. */
  | "ordered"
  /** Its order has ended without a ticket. */
  | "orderLost"
  /** The last of its trains that was left could not be had. */
  | "nothingLeft"
  /** The time to prepay, or the latest time of decision of all its trains, is over. */
  | "timeOver"
  /** By its owner. */
  | "cancelled";

/** `refuse`: tell the caller. `ignore`: it has happened already, or no longer matters. */
type Next = WaitlistState | "refuse" | "ignore";
type Table = Readonly<Record<WaitlistState, Readonly<Record<WaitlistEvent, Next>>>>;

/** Money that still comes goes back, and so do seats. */
const ended: Readonly<Record<WaitlistEvent, "refuse" | "ignore">> = {
  prepaid: "refuse",
  granted: "refuse",
  handedBack: "ignore",
  ordered: "ignore",
  orderLost: "ignore",
  nothingLeft: "ignore",
  timeOver: "ignore",
  cancelled: "refuse",
};

export const waitlistTransitions: Table = {
  awaitingPrepayment: { ...ended, prepaid: "waiting", timeOver: "expired", cancelled: "cancelled" },
  // An order of an attempt that was given up for lost may still have come, and ended: its money goes back by itself.
  waiting: {
    ...ended,
    granted: "granted",
    orderLost: "failed",
    nothingLeft: "failed",
    timeOver: "expired",
    cancelled: "cancelled",
  },
  // What has been given seats is decided to its end: neither its owner nor the clock can come between.
  granted: { ...ended, handedBack: "waiting", ordered: "served", orderLost: "failed", nothingLeft: "failed" },
  served: { ...ended, orderLost: "failed" },
  expired: ended,
  cancelled: ended,
  failed: ended,
};
