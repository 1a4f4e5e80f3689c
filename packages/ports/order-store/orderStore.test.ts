import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryOrderStore } from "./orderStore.memory.ts";
import { orderStoreSuite } from "./orderStore.suite.ts";

orderStoreSuite("memory", () => {
  const outbox = createMemoryOutbox();
  return { outbox, store: createMemoryOrderStore(outbox) };
});
