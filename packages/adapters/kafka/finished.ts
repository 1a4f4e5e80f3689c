/** Has a group finished what was appended by now? Asked from outside of the group, which goes on as it was. */
import type { Topic } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import { Admin } from "@platformatic/kafka";
import { createReader } from "./reader.ts";
import { clientId, kafkaConnection, type KafkaSettings, topicName } from "./settings.ts";

export type FinishedDeps = {
  readonly settings: KafkaSettings;
  readonly clock: Clock;
  readonly report: (message: string, error?: unknown) => void;
};

const pollMs = secondMs / 4;

/** How many records the group had left when its time was over; 0 as soon as it has finished all that were there at the beginning. */
export async function unfinishedAfter(
  { settings, clock, report }: FinishedDeps,
  { group, topic, withinMs }: { readonly group: string; readonly topic: Topic; readonly withinMs: number },
): Promise<number> {
  const name = topicName(settings, topic);
  await using reader = createReader(settings, [name], report);
  const admin = new Admin({ clientId, ...kafkaConnection(settings), retries: 1, retryDelay: 500 });
  try {
    const [begins, ends] = await Promise.all([reader.offsets("earliest"), reader.offsets("end")]);
    const until = clock.now() + withinMs;
    for (;;) {
      const left = leftOf(begins.get(name)!, ends.get(name)!, await finishedIn(admin, settings.prefix + group, name));
      if (left === 0 || clock.now() >= until) return left;
      await sleep(clock, pollMs);
    }
  } finally {
    await admin.close();
  }
}

/** By partition; a group that never was there has finished nothing. */
async function finishedIn(admin: Admin, groupId: string, name: string): Promise<ReadonlyMap<number, bigint>> {
  const groups = await admin.listConsumerGroupOffsets({ groups: [groupId], requireStable: true });
  const parts = groups
    .flatMap(({ topics }) => topics.filter((topic) => topic.name === name))
    .flatMap((topic) => topic.partitions);
  return new Map(parts.map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset]));
}

const leftOf = (begins: readonly bigint[], ends: readonly bigint[], finished: ReadonlyMap<number, bigint>): number =>
  ends.reduce((sum, end, index) => {
    const known = finished.get(index) ?? -1n;
    const from = known >= 0n ? known : begins[index]!;
    return sum + Math.max(0, Number(end - from));
  }, 0);
