export { type KafkaLog, openKafkaLog } from "./kafkaLog.ts";
export type { KafkaSettings } from "./settings.ts";
