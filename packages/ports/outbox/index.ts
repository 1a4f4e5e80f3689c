import { port } from "@chepiao/ports/port";
import type { Outbox } from "./outbox.ts";

export type { FailingMessage, Outbox, WaitingMessage } from "./outbox.ts";
export { createMemoryOutbox, type MemoryOutbox } from "./outbox.memory.ts";

export const outboxPort = port<Outbox>("outbox");
