import { createMemoryQueueCounters } from "./queueCounters.memory.ts";
import { queueCountersSuite } from "./queueCounters.suite.ts";

queueCountersSuite("memory", createMemoryQueueCounters);
