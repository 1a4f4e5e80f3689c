import { createMemoryNotificationStore } from "./notificationStore.memory.ts";
import { notificationStoreSuite } from "./notificationStore.suite.ts";

notificationStoreSuite("memory", async () => createMemoryNotificationStore());
