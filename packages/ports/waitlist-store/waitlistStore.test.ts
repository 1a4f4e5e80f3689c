import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryWaitlistStore } from "./waitlistStore.memory.ts";
import { waitlistStoreSuite } from "./waitlistStore.suite.ts";

waitlistStoreSuite("memory", () => {
  const outbox = createMemoryOutbox();
  return { store: createMemoryWaitlistStore(outbox), outbox };
});
