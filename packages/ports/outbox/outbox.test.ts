import { createMemoryOutbox } from "./outbox.memory.ts";
import { outboxSuite } from "./outbox.suite.ts";

outboxSuite("memory", () => {
  const outbox = createMemoryOutbox();
  return { outbox, put: (records, now) => outbox.put(records, now) };
});
