/** Which queues are announced, as it declares itself: reference data, of which every process that asks has a copy. */
import { announcedQueuesClient } from "@chepiao/contracts";
import { queueAnnouncedFreshMs } from "@chepiao/kernel";
import { queueStorePort } from "@chepiao/ports/queue-store";
import { defineRoom } from "@chepiao/room";
import { createAnnouncedQueues } from "./index.ts";

export const announcedQueuesRoom = defineRoom({
  name: "announcedQueues",
  about: "which queues are announced, and on",
  client: announcedQueuesClient,
  isCopied: true,
  needs: { store: queueStorePort },
  async open({ ports: { store } }) {
    const queues = await createAnnouncedQueues(store);
    return {
      client: queues.client,
      work: [
        {
          kind: "job" as const,
          name: "announced queues",
          everyMs: queueAnnouncedFreshMs,
          pass: queues.reload,
          failed: "announced queues could not be read; trying again",
        },
      ],
    };
  },
});
