/** What may be paid: an order, or an entry of the waitlist. The letter of its number says which room knows. */
import type {
  OrderClient,
  PayableOrder,
  PaymentPurpose,
  Refusal,
  RefusalCode,
  WaitlistClient,
} from "@chepiao/contracts";
import { ok, type OrderNo, orderNoOf, parseOrderNo, type Result, type UserId, waitlistIdOf } from "@chepiao/kernel";

type Wanted = { readonly purpose: PaymentPurpose; readonly payable: PayableOrder };

export type Payables = {
  /** As its owner may pay it now. */
  of(userId: UserId, said: string): Promise<Result<Wanted, Refusal>>;
};

type Deps = {
  readonly orders: Pick<OrderClient, "payable">;
  readonly waitlist: Pick<WaitlistClient, "payable">;
};

export const createPayables = ({ orders, waitlist }: Deps): Payables => ({
  async of(userId, said) {
    const purpose = purposeOf(said);
    const room = purpose === "waitlist" ? waitlist : orders;
    const payable = await room.payable(userId, said);
    return payable.ok ? ok({ purpose, payable: payable.value }) : payable;
  },
});

export const purposeOf = (said: string): PaymentPurpose => (said.startsWith("W") ? "waitlist" : "order");

/** By which the books know its money: an entry has that of the order which it becomes. Null where it can be no number of ours. */
export function orderNoSaid(said: string): OrderNo | null {
  if (purposeOf(said) === "order") return parseOrderNo(said);
  const id = waitlistIdOf(said);
  return id === null ? null : orderNoOf(id);
}

export const unknownOf = { order: "OrderUnknown", waitlist: "WaitlistUnknown" } as const satisfies Readonly<
  Record<PaymentPurpose, RefusalCode>
>;
