import { port } from "@chepiao/ports/port";
import type { Delay } from "./delay.ts";

export type { Delay, DelayCounters } from "./delay.ts";
export { createMemoryDelay } from "./delay.memory.ts";

/** Null where there is none: the sweeper alone is sufficient. */
export const delayPort = port<Delay | null>("delay");
