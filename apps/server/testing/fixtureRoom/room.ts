/** A room with one of each: a route, a call, a port, a consumer, a job, a gauge and a setting. */
import { ok } from "@chepiao/kernel";
import { port } from "@chepiao/ports/port";
import { defineRoom, gaugeOf, setting, text } from "@chepiao/room";
import { guestbookClient, guestbookRoutes, type GuestbookClient } from "./contract.ts";

export type Pages = { add(entry: string): void; readonly all: readonly string[] };

export const pagesPort = port<Pages>("pages of the guestbook", () => {
  const all: string[] = [];
  return { add: (entry) => void all.push(entry), all };
});

export const guestbookRoom = defineRoom({
  name: "guestbook",
  about: "who was here",
  routes: guestbookRoutes,
  client: guestbookClient,
  needs: { pages: pagesPort },
  settings: { greeting: setting("GUESTBOOK_GREETING", "welcome", "What the guestbook begins with.", text) },
  open({ ports: { pages }, settings: { greeting } }) {
    let passes = 0;
    const client: GuestbookClient = {
      async sign(name) {
        pages.add(name);
        return pages.all.length;
      },
    };
    return {
      handlers: { read: () => ok({ status: 200, body: { greeting, entries: [...pages.all] } }) },
      client,
      consumers: [
        {
          group: "guestbook-group",
          topics: ["order-create-topic"],
          batchMax: 10,
          async handle(records) {
            for (const { key } of records) pages.add(`a purchase on ${key}`);
          },
        },
      ],
      work: [
        {
          kind: "job",
          name: "guestbook",
          electedAs: "guestbook",
          everyMs: 10,
          pass: async () => void passes++,
          failed: null,
        },
      ],
      metrics: [gaugeOf("guestbook_passes", "How often the guestbook was looked after.", () => passes)],
    };
  },
});
