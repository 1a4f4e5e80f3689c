export { type KafkaLog, openKafkaLog } from "./kafkaLog.ts";
export { kafkaConnection, type KafkaSettings } from "./settings.ts";
