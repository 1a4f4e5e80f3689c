import { port } from "@chepiao/ports/port";
import type { Messenger } from "./messenger.ts";

export { type Messenger, MessageRefused, messengerOf } from "./messenger.ts";
export { createMemoryMessenger, type MemoryMessenger } from "./messenger.memory.ts";
export type { SentMessage, SentMessages } from "./sent-messages.ts";
export { createMemorySentMessages } from "./sent-messages.memory.ts";

/** Null where nobody carries messages to people. */
export const messengerPort = port<Messenger | null>("messenger");
