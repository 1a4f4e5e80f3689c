export { type Clock, sleep } from "./clock.ts";
export { createManualClock, type ManualClock } from "./clock.memory.ts";
