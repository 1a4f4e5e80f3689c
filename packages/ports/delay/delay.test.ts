import { createSystemClock } from "@chepiao/adapters/system";
import { createMemoryDelay } from "./delay.memory.ts";
import { delaySuite } from "./delay.suite.ts";

delaySuite("memory delay", async () => {
  const delayMs = 100;
  const delay = createMemoryDelay(createSystemClock(), delayMs);
  return { delay, delayMs, other: () => delay };
});
