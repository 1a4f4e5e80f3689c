export { createFeed, type Feed, type Positioned } from "./consume.ts";
export { type Consumer, type Consumption, type Log, LogUnavailable } from "./log.ts";
export { createMemoryLog, type MemoryLog } from "./log.memory.ts";
