import { port } from "@chepiao/ports/port";
import type { SecurityEvents } from "./security-events.ts";

export {
  type AccountAction,
  accountActions,
  type SecurityAction,
  type SecurityEvent,
  type SecurityEvents,
  type SecurityStatus,
} from "./security-events.ts";
export { createMemorySecurityEvents, type MemorySecurityEvents } from "./security-events.memory.ts";

export const securityEventsPort = port<SecurityEvents>("security events");
