import { port } from "@chepiao/ports/port";
import type { WaitlistStore } from "./waitlistStore.ts";

export type {
  ReleasesAsked,
  Added,
  AddedTrains,
  ReleaseCounts,
  WaitCount,
  WaitlistChange,
  WaitlistChoice,
  WaitlistOutcomes,
  WaitlistPassenger,
  WaitlistRecord,
  WaitlistRelease,
  WaitlistStore,
} from "./waitlistStore.ts";
export { isInLine, isPending, lineStates, mayServe } from "./waitlistStore.ts";
export { createMemoryWaitlistStore, type MemoryWaitlistStore } from "./waitlistStore.memory.ts";

export const waitlistStorePort = port<WaitlistStore>("waitlist");
