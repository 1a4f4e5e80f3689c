import { port } from "@chepiao/ports/port";
import type { RateLimiter } from "./rate-limiter.ts";

export { type Allowance, type RateLimiter, tryOnce } from "./rate-limiter.ts";
export { createMemoryRateLimiter } from "./rate-limiter.memory.ts";

export const rateLimiterPort = port<RateLimiter>("rate limiter");
