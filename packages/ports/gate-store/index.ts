/** Gates of stations, and what they said. */
import { port } from "@chepiao/ports/port";
import { createMemoryGateStore } from "./gateStore.memory.ts";
import type { GateStore } from "./gateStore.ts";

export { createMemoryGateStore, type MemoryGateStore } from "./gateStore.memory.ts";
export type { ConflictsAsked, Gate, GateEvent, GateStore, KnownGateEvent } from "./gateStore.ts";

export const gateStorePort = port<GateStore>("gates", () => createMemoryGateStore());
