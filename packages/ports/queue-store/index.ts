/** Queues, as operators have announced them. */
import { port } from "@chepiao/ports/port";
import { createMemoryQueueStore } from "./queueStore.memory.ts";
import type { QueueStore } from "./queueStore.ts";

export { createMemoryQueueStore } from "./queueStore.memory.ts";
export { endOf, noMarks, type QueueStore } from "./queueStore.ts";

export const queueStorePort = port<QueueStore>("queues", () => createMemoryQueueStore());
