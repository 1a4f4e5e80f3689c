/** Queues as operators have announced them, in memory of each process that sells or lets people in: nobody waits for a store to know. */
import { type AnnouncedQueuesClient, type KeptQueue, type RunId, trainAndDateOf } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import { endOf, type QueueStore } from "@chepiao/ports/queue-store";

export type AnnouncedQueues = {
  readonly client: AnnouncedQueuesClient;
  reload(): Promise<void>;
};

export async function createAnnouncedQueues(store: Pick<QueueStore, "all">): Promise<AnnouncedQueues> {
  let kept: readonly KeptQueue[] = await store.all();
  let queues = withoutExemptions(kept);

  function gateOf(id: RunId, now: EpochMs): KeptQueue | null {
    // Mostly there is none at all.
    if (queues.length === 0) return null;
    const [, date] = trainAndDateOf(id);
    const isOn = (queue: KeptQueue) => queue.collectsFrom <= now && now < endOf(queue);
    // What is said of the run itself stands before what is said of its day.
    const found =
      kept.find((queue) => queue.scope === id && isOn(queue)) ??
      kept.find((queue) => queue.scope === date && isOn(queue));
    return found && found.kind !== "exempt" ? found : null;
  }

  return {
    client: { all: () => queues, gateOf },
    async reload() {
      kept = await store.all();
      queues = withoutExemptions(kept);
    },
  };
}

const withoutExemptions = (kept: readonly KeptQueue[]): readonly KeptQueue[] =>
  kept.filter(({ kind }) => kind !== "exempt");
