import { port } from "@chepiao/ports/port";
import type { SessionFeed } from "./sessionFeed.ts";

export { createMemorySessionFeed, type SessionChange, type SessionFeed } from "./sessionFeed.ts";

/** Null where no other process keeps sessions. */
export const sessionFeedPort = port<SessionFeed | null>("session feed");
