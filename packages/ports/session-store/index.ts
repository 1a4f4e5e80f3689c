export { type SessionRecord, type SessionStore, slotOfSession, slotPrefix } from "./session-store.ts";
export { createMemorySessionStore } from "./session-store.memory.ts";
