import { port } from "@chepiao/ports/port";
import type { Log } from "./log.ts";

export { createFeed, type Feed, type Positioned } from "./consume.ts";
export { createDeadLetterStore, deadLetterOf, decodeRecord, recordOf, textOf } from "./deadLetters.ts";
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

export const logPort = port<Log>("log");
