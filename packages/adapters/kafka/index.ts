export { type KafkaLog, openKafkaLog } from "./kafkaLog.ts";
export { kafkaDefaults, type KafkaSettings } from "./settings.ts";
