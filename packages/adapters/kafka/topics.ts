/** Makes the topics that are missing. Those that are there stay as they are: what an operator changed is not changed back. */
import { topics } from "@chepiao/contracts";
import { Admin, findErrorBy } from "@platformatic/kafka";
import { clientId, deadTopicName, kafkaConnection, type KafkaSettings, topicName } from "./settings.ts";

export async function ensureTopics(settings: KafkaSettings): Promise<void> {
  const { partitions, replicas, minInSyncReplicas, keepMs } = settings;
  const admin = new Admin({ clientId, ...kafkaConnection(settings), retries: 1, retryDelay: 500 });
  try {
    const present = new Set(await admin.listTopics());
    const safe = [
      { name: "min.insync.replicas", value: String(minInSyncReplicas) },
      { name: "unclean.leader.election.enable", value: "false" },
    ];
    const make = async (names: readonly string[], partitionCount: number, configs: typeof safe) => {
      const missing = names.filter((name) => !present.has(name));
      if (missing.length === 0) return;
      await admin.createTopics({
        topics: missing,
        partitions: partitionCount,
        replicas,
        configs: [...safe, ...configs],
      });
    };
    await make(
      topics.map((topic) => topicName(settings, topic)),
      partitions,
      [{ name: "retention.ms", value: String(keepMs) }],
    );
    // Compacted and kept for ever: a letter goes when its replay overwrites it with nothing.
    await make(
      topics.map((topic) => deadTopicName(settings, topic)),
      1,
      [{ name: "cleanup.policy", value: "compact" }],
    );
  } catch (error) {
    // Another process made them at the same time.
    if (!(error instanceof Error) || !findErrorBy(error, "apiId", "TOPIC_ALREADY_EXISTS")) throw error;
    await admin.close();
    return ensureTopics(settings);
  } finally {
    await admin.close();
  }
}
