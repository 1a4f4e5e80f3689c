/** Queues as operators have announced them, in memory of each process that sells or lets people in: nobody waits for a store to know. */
import { type AnnouncedQueuesClient, type KeptQueue, type RunId, trainAndDateOf } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import { endOf, type QueueStore } from "@chepiao/ports/queue-store";

export type AnnouncedQueues = {
  readonly client: AnnouncedQueuesClient;
  reload(): Promise<void>;
};

export async function createAnnouncedQueues(store: Pick<QueueStore, "all">): Promise<AnnouncedQueues> {
  let queues: readonly KeptQueue[] = await store.all();

  function gateOf(id: RunId, now: EpochMs): KeptQueue | null {
    // Mostly there is none at all.
    if (queues.length === 0) return null;
    const [, date] = trainAndDateOf(id);
    const isOn = (queue: KeptQueue) => queue.collectsFrom <= now && now < endOf(queue);
    // One of the run itself stands before one of its day.
    return (
      queues.find((queue) => queue.scope === id && isOn(queue)) ??
      queues.find((queue) => queue.scope === date && isOn(queue)) ??
      null
    );
  }

  return {
    client: { all: () => queues, gateOf },
    async reload() {
      queues = await store.all();
    },
  };
}
