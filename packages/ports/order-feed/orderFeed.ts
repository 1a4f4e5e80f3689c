/** Word that an order has changed, for those who follow it. A hint only: who hears it reads the order again. */
import type { OrderNo } from "@chepiao/kernel";

export type OrderFeed = {
  changed(orderNo: OrderNo): void;
  /** Calls on every change of that order, until the returned function is called. Changes may be told together or twice. */
  follow(orderNo: OrderNo, heard: () => void): () => void;
};

/** Within one process that is all there is to it. */
export function createMemoryOrderFeed(): OrderFeed {
  const followers = new Map<OrderNo, Set<() => void>>();
  return {
    changed(orderNo) {
      for (const heard of followers.get(orderNo) ?? []) heard();
    },
    follow(orderNo, heard) {
      const ofOrder = followers.get(orderNo) ?? new Set();
      followers.set(orderNo, ofOrder.add(heard));
      return () => {
        ofOrder.delete(heard);
        if (ofOrder.size === 0) followers.delete(orderNo);
      };
    },
  };
}
