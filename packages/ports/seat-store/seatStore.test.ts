import { createMemorySeatStore } from "./seatStore.memory.ts";
import { seatStoreSuite } from "./seatStore.suite.ts";

seatStoreSuite("seats in memory", async () => ({ seats: createMemorySeatStore() }));
