/**
 * Read models of orders, as a room: each follows the binlogs of MySQL's primaries, in one process of all. An embedded platform has
 * none: it reads the orders themselves.
 */
import { changeFeedPort } from "@chepiao/ports/change-feed";
import type { RunningFollower } from "@chepiao/ports/change-feed";
import { secondMs } from "@chepiao/kernel";
import { orderIndexPort, orderListPort } from "@chepiao/ports/order-lists";
import { orderSearchPort } from "@chepiao/ports/order-search";
import { defineRoom, type Follower } from "@chepiao/room";
import { runProjection, orderReaderPort, projectionNames, projectionOf } from "./readModels.ts";

export const projectionsRoom = defineRoom({
  name: "projections",
  about: "keeps read models of orders true, by the binlogs of MySQL's primaries",
  needs: {
    feed: changeFeedPort,
    orders: orderReaderPort,
    index: orderIndexPort,
    list: orderListPort,
    search: orderSearchPort,
  },
  open({ clock, ports }) {
    const followers = new Map<string, RunningFollower>();
    const work = projectionNames.flatMap((name): Follower[] => {
      const projection = projectionOf(name, ports);
      if (!projection) return [];
      const begin = () => {
        const follower = runProjection(name, projection, ports, clock);
        followers.set(name, follower);
        return async () => {
          followers.delete(name);
          await follower[Symbol.asyncDispose]();
        };
      };
      return [{ kind: "follower", name, electedAs: `projection ${name}`, begin }];
    });
    return {
      work,
      metrics: [
        {
          kind: "gauge" as const,
          name: "projection_lag_seconds",
          help: "Age of the oldest change in SQL that a read model kept here may not have yet.",
          labels: ["projection"],
          read: () =>
            [...followers].map(([projection, follower]) => ({
              value: follower.lagMs() / secondMs,
              labels: { projection },
            })),
        },
      ],
    };
  },
});
