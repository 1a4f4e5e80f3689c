/** What a purchase is told that is to stand in place of tickets. */
import type { ChildRules } from "@chepiao/contracts";
import type { ZoneName } from "@chepiao/kernel";
import type { OrderRecord } from "@chepiao/ports/order-store";
import type { Cancellation } from "@chepiao/ports/run-states";
import type { LostCoaches } from "../lostCoach.ts";
import type { RefundRules } from "../refundFee.ts";
import type { ChangeRules } from "./terms.ts";

/** Tickets of an order as it was read when it was asked, and the rules that they were bought under. */
export type Replacing = {
  readonly order: OrderRecord;
  readonly ticketNos: readonly string[];
  readonly rules: ChangeRules | null;
  readonly refund: RefundRules;
  readonly children: ChildRules;
  /** What was said of its trains. */
  readonly cancellations: readonly Cancellation[];
  readonly lostCoaches: LostCoaches;
  /** By whose clock the day of the old trip ends. */
  readonly zone: ZoneName;
  /** No more than this, with all that comes back taken off; null for whatever it is. */
  readonly netFenMax: number | null;
  /** The railway chooses the new seats: whatever they cost more is not asked for. */
  readonly byRailway?: true;
};
