import { expect, test } from "bun:test";
import { epochMs, minuteMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryRateLimiter } from "./index.ts";
import { rateLimiterSuite } from "./rate-limiter.suite.ts";

rateLimiterSuite("memory", () => {
  const clock = createManualClock(epochMs(0));
  return { limiter: createMemoryRateLimiter(clock), pass: (ms) => clock.advance(ms) };
});

test("memory is bounded: the key that was not asked for longest is forgotten first", async () => {
  const limiter = createMemoryRateLimiter(createManualClock(epochMs(0)), 2);
  const once = { triesMax: 1, windowMs: minuteMs };
  for (const key of ["anna", "bert", "anna", "carl"]) await limiter.take(key, once);
  expect([await limiter.take("anna", once), await limiter.take("bert", once)]).toEqual([minuteMs, 0]);
});
