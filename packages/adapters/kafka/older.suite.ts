/** Topics and groups as another broker had them: its records in their partitions and order, and how far each group was. */
import type { Topic } from "@chepiao/contracts";
import { Admin, ProduceAcks, Producer } from "@platformatic/kafka";
import { clientId, completed, type KafkaSettings, topicName } from "./settings.ts";
import { ensureTopics } from "./topics.ts";

/** In the order of offsets, within each partition. */
export type OlderRecord = {
  readonly topic: Topic;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly text: string;
};

export type OlderGroup = {
  readonly group: string;
  readonly topics: readonly {
    readonly topic: Topic;
    readonly partitions: readonly { readonly partition: number; readonly offset: number }[];
  }[];
};

/** Before anybody else knows of the topics: the first record of each partition gets offset 0, as it had. */
export async function restoreKafka(
  given: Partial<KafkaSettings> & Pick<KafkaSettings, "brokers">,
  records: readonly OlderRecord[],
  groups: readonly OlderGroup[],
): Promise<void> {
  const settings = completed(given);
  await ensureTopics(settings);
  const bootstrapBrokers = [...settings.brokers];
  const producer = new Producer({ clientId, bootstrapBrokers, idempotent: true, retries: 2 });
  for (const { topic, partition, key, text } of records) {
    const message = { partition, key: Buffer.from(key), value: Buffer.from(text) };
    await producer.send({ acks: ProduceAcks.ALL, messages: [{ topic: topicName(settings, topic), ...message }] });
  }
  await producer.close();
  const admin = new Admin({ clientId, bootstrapBrokers });
  for (const { group, topics } of groups) {
    await admin.alterConsumerGroupOffsets({
      groupId: settings.prefix + group,
      topics: topics.map(({ topic, partitions }) => ({
        name: topicName(settings, topic),
        partitionOffsets: partitions.map(({ partition, offset }) => ({ partition, offset: BigInt(offset) })),
      })),
    });
  }
  await admin.close();
}
