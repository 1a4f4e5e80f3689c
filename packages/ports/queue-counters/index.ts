/** Lots, places and counters of queues. */
import { port } from "@chepiao/ports/port";
import { createMemoryQueueCounters } from "./queueCounters.memory.ts";
import type { QueueCounters } from "./queueCounters.ts";

export { createMemoryQueueCounters } from "./queueCounters.memory.ts";
export type {
  EnteredQueue,
  EnterQueue,
  JoinedQueue,
  JoinQueue,
  QueueCounters,
  QueueState,
  ServeQueue,
} from "./queueCounters.ts";

export const queueCountersPort = port<QueueCounters>("counters of queues", () => createMemoryQueueCounters());
