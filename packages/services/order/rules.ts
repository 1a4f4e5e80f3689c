/** What the railway's policy says of orders, worked out once for each of its versions. */
import { orderTicketsMax, type Policy, type PolicyVersion, type ServiceHours } from "@chepiao/contracts";
import { assert, type EpochMs, hourMs, idempotencyWindowMs, secondMs, writtenWithinMsMax } from "@chepiao/kernel";
import { moveLimitsOf, type PurchaseLimits, purchaseLimitsOf } from "@chepiao/ports/reservations";
import { type ChangeRules, changeRulesOf } from "./change/terms.ts";
import { type RefundRules, refundRulesOf } from "./refundFee.ts";

export type OrderRules = {
  readonly version: number;
  /** People of an order. */
  readonly ticketsMax: number;
  /** Tickets of all its lines. */
  readonly orderTicketsMax: number;
  readonly limits: PurchaseLimits;
  /** For those whom the railway moves to other seats of their train. */
  readonly moveLimits: PurchaseLimits;
  readonly fares: Policy["fares"];
  /** Tickets are bought at any hour where there are none. */
  readonly hours: ServiceHours | undefined;
  readonly refund: RefundRules;
  /** No ticket is changed where there are none. */
  readonly change: ChangeRules | null;
  /** From the purchase on; shorter where the train leaves soon. */
  timeToPayMs(at: EpochMs, departAt: EpochMs): number;
  /** The longest that it can be. */
  readonly timeToPayMsMax: number;
  /** An order that is accepted and not written for longer has its door closed behind it. Follows from the time to pay. */
  readonly writtenWithinMs: number;
};

const known = new WeakMap<PolicyVersion, OrderRules>();

export function rulesOf(version: PolicyVersion): OrderRules {
  let rules = known.get(version);
  if (!rules) known.set(version, (rules = makeRules(version)));
  return rules;
}

function makeRules({ version, policy }: PolicyVersion): OrderRules {
  const { order, payment } = policy;
  const [usualMs, lateMs] = [payment.seconds * secondMs, payment.lateSeconds * secondMs];
  const lateWithinMs = payment.lateHours * hourMs;
  const limits = purchaseLimitsOf(policy);
  assert(usualMs <= idempotencyWindowMs, "a purchase is known by its key for as long as it can be paid");
  return {
    version,
    ticketsMax: order.ticketsMax,
    orderTicketsMax: orderTicketsMax(order),
    limits,
    moveLimits: moveLimitsOf(limits),
    fares: policy.fares,
    hours: policy.service?.hours,
    refund: refundRulesOf(policy),
    change: changeRulesOf(policy),
    timeToPayMs: (at, departAt) => (departAt - at < lateWithinMs ? Math.min(lateMs, usualMs) : usualMs),
    timeToPayMsMax: usualMs,
    // Nobody can pay before the row is written: who was accepted late still has most of the time for it.
    writtenWithinMs: Math.min(writtenWithinMsMax, usualMs / 3),
  };
}
