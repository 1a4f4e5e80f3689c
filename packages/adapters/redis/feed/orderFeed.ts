/**
 * Word of changed orders between processes, by sharded pub/sub: a channel an order, heard only by processes in which a buyer
 * follows it. Word is lost while a node is away, and while a process connects anew; each follower looks by itself now and then.
 */
import { type OrderNo, orderIdOf, secondMs } from "@chepiao/kernel";
import type { OrderFeed } from "@chepiao/ports/order-feed";
import type { Redis } from "../openRedis.ts";
import { keyIn, partOfOrder } from "../parts.ts";

const subscribeAgainMs = secondMs;

export function createRedisOrderFeed(redis: Redis): OrderFeed & Disposable {
  const { cluster } = redis;
  const followers = new Map<string, Set<() => void>>();
  let isClosed = false;

  const hear = (channel: string) => {
    for (const heard of followers.get(channel) ?? []) heard();
  };
  cluster.on("smessage", hear);

  function channelOf(orderNo: OrderNo): string {
    const orderId = orderIdOf(orderNo);
    if (orderId === null) throw new TypeError(`"${orderNo}" is not the number of an order`);
    return redis.key(keyIn(partOfOrder(orderId), "order-changed", orderNo));
  }

  /** As long as there is a follower: a node that is away now comes back, or another takes its place. */
  async function subscribe(channel: string) {
    while (followers.has(channel) && !isClosed) {
      try {
        await redis.ask(() => cluster.ssubscribe(channel));
        if (!followers.has(channel)) unsubscribe(channel);
        return;
      } catch {
        await Bun.sleep(subscribeAgainMs);
      }
    }
  }

  /** Should it fail, word comes that nobody wants. */
  function unsubscribe(channel: string) {
    cluster.sunsubscribe(channel).catch(() => {});
  }

  return {
    changed(orderNo) {
      redis.ask(() => cluster.spublish(channelOf(orderNo), "")).catch(() => {});
    },
    follow(orderNo, heard) {
      const channel = channelOf(orderNo);
      const ofOrder = followers.get(channel) ?? new Set();
      ofOrder.add(heard);
      if (!followers.has(channel)) {
        followers.set(channel, ofOrder);
        void subscribe(channel);
      }
      return () => {
        if (!ofOrder.delete(heard) || ofOrder.size > 0) return;
        followers.delete(channel);
        unsubscribe(channel);
      };
    },
    [Symbol.dispose]() {
      isClosed = true;
      cluster.off("smessage", hear);
    },
  };
}
