import { port } from "@chepiao/ports/port";
import type { SessionStore } from "./session-store.ts";

export { type SessionRecord, type SessionStore, slotOfSession, slotPrefix } from "./session-store.ts";
export { createMemorySessionStore } from "./session-store.memory.ts";

export const sessionStorePort = port<SessionStore>("sessions");
