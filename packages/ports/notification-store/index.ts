/** What accounts were told. */
import { port } from "@chepiao/ports/port";
import { createMemoryNotificationStore } from "./notificationStore.memory.ts";
import type { NotificationStore } from "./notificationStore.ts";

export { createMemoryNotificationStore, type MemoryNotificationStore } from "./notificationStore.memory.ts";
export type { NewNotification, NotificationPlace, NotificationRecord, NotificationStore } from "./notificationStore.ts";

export const notificationStorePort = port<NotificationStore>("notifications", () => createMemoryNotificationStore());
