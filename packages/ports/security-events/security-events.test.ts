import { createMemorySecurityEvents } from "./index.ts";
import { securityEventsSuite } from "./security-events.suite.ts";

securityEventsSuite("memory", () => {
  const events = createMemorySecurityEvents();
  return { events, all: async () => [...events.events] };
});
