export type { Delay, DelayCounters } from "./delay.ts";
export { createMemoryDelay } from "./delay.memory.ts";
