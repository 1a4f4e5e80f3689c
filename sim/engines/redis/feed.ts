/** Word that an order has changed, published and forgotten: a process that does not listen just then never hears it. */
import type { OrderNo } from "@chepiao/kernel";
import type { OrderFeed } from "@chepiao/ports/order-feed";
import type { Life } from "../../core/life.ts";
import type { Scheduler } from "../../core/scheduler.ts";
import type { Engine } from "../engine.ts";

export type Feed = { portOf(life: Life): OrderFeed };

type Follower = { readonly life: Life; readonly orderNo: OrderNo; readonly heard: () => void };

export function createFeed(scheduler: Scheduler, engine: Engine): Feed {
  const followers = new Set<Follower>();

  function publish(orderNo: OrderNo) {
    if (engine.presence() !== "there") return;
    for (const follower of followers) {
      const { life, heard } = follower;
      if (!life.isAlive()) followers.delete(follower);
      else if (follower.orderNo === orderNo) life.after(engine.wayUs, "hears of an order", heard);
    }
  }

  return {
    portOf: (life) => ({
      changed(orderNo) {
        if (!life.chance.chance(engine.weather.lostRequests))
          scheduler.after(engine.wayUs, engine.name, "feed.changed", () => publish(orderNo));
      },
      follow(orderNo, heard) {
        const follower = { life, orderNo, heard };
        followers.add(follower);
        return () => void followers.delete(follower);
      },
    }),
  };
}
