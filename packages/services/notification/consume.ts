/**
 * What the log says becomes notifications. A record counts as heard once its notifications are written, so none is lost, and the same record
 * again writes the same (I7). Whoever has to be asked and is away holds up what is told, and nothing else.
 */
import type { OrderClient, OrderStateChanged, RefundDue, ToldOrder, WaitlistClient } from "@chepiao/contracts";
import { type OrderId, orderIdOf } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { Consumer } from "@chepiao/ports/log";
import type { NewNotification } from "@chepiao/ports/notification-store";
import { isTold, toldOfChange, toldOfEntry, toldOfMoney, whoseRefund } from "./decide.ts";
import type { Tell } from "./telling.ts";

export type ConsumeDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly tell: Tell;
  readonly orders: Pick<OrderClient, "told">;
  readonly waitlist: Pick<WaitlistClient, "told">;
  readonly count: (what: "told" | "ofUnknown", howMany?: number) => void;
};

export function createConsumers({ clock, tell, orders, waitlist, count }: ConsumeDeps): Consumer[] {
  /** Of an order that nobody knows nobody is told. */
  async function of<Told>(id: OrderId | null, ask: (id: OrderId) => Promise<Told | null>): Promise<Told | null> {
    const told = id === null ? null : await ask(id);
    if (told === null) count("ofUnknown");
    return told;
  }

  async function ofChange(change: OrderStateChanged): Promise<NewNotification[]> {
    const order = await of<ToldOrder>(change.orderId, orders.told);
    return order ? toldOfChange(change, order) : [];
  }

  async function ofRefund(due: RefundDue): Promise<NewNotification[]> {
    const id = orderIdOf(due.orderNo);
    if (whoseRefund(due) === "order") {
      const order = await of(id, orders.told);
      return order ? [toldOfMoney(due, order, clock.now())] : [];
    }
    const entry = await of(id, waitlist.told);
    return entry ? [toldOfEntry(due, entry, clock.now())] : [];
  }

  async function write(told: readonly Promise<NewNotification[]>[]) {
    const all = (await Promise.all(told)).flat();
    if (all.length === 0) return;
    await tell(all);
    count("told", all.length);
  }

  const consumer = (
    group: string,
    topic: Consumer["topics"][number],
    toldBy: (value: unknown) => Promise<NewNotification[]> | null,
  ): Consumer => ({
    group,
    topics: [topic],
    batchMax: 200,
    handle: (records) => write(records.flatMap(({ value }) => toldBy(value) ?? [])),
  });

  return [
    consumer("notification-consumer-group", "order-state-topic", (value) => {
      const change = value as OrderStateChanged;
      return isTold(change) ? ofChange(change) : null;
    }),
    consumer("notification-money-consumer-group", "payment-refund-topic", (value) => {
      const due = value as RefundDue;
      return whoseRefund(due) === null ? null : ofRefund(due);
    }),
  ];
}
