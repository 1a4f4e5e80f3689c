export { createFeed, type Feed, type Positioned } from "./consume.ts";
export { createGraveyard, deadLetterOf, decodeRecord, recordOf, textOf } from "./deadLetters.ts";
export { createDelivery } from "./delivery.ts";
export {
  type Consumer,
  type Consumption,
  type DeadLetter,
  type DeadLetters,
  type Log,
  LogUnavailable,
  PoisonRecord,
} from "./log.ts";
export { createMemoryLog, type MemoryLog } from "./log.memory.ts";
