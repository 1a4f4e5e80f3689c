/** A record as it lies in Kafka: its run is the key, so that all about one run is in one partition. */
import type { LogRecord } from "@chepiao/contracts";
import { jsonOnce } from "@chepiao/kernel";
import type { Message } from "./appender.ts";
import { type KafkaSettings, topicName } from "./settings.ts";

export const encode = (settings: KafkaSettings, { topic, key, value }: LogRecord): Message => ({
  topic: topicName(settings, topic),
  key: Buffer.from(key),
  value: Buffer.from(jsonOnce(value)),
});
