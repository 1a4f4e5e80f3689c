export type { FailingMessage, Outbox, WaitingMessage } from "./outbox.ts";
export { createMemoryOutbox, type MemoryOutbox } from "./outbox.memory.ts";
