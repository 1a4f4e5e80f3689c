import { createSystemClock } from "@chepiao/adapters/system";
import type { LogRecord } from "@chepiao/contracts";
import { createMemoryLog } from "./log.memory.ts";
import { logSuite } from "./log.suite.ts";

logSuite("memory log", async () => {
  const records: LogRecord[] = [];
  const offsets = new Map<string, number>();
  const open = () => {
    const log = createMemoryLog(createSystemClock(), records, offsets);
    return {
      log,
      reopen: async () => {
        await log[Symbol.asyncDispose]();
        return open();
      },
    };
  };
  return open();
});
