/** An instant that only rises and that all processes soon agree on: what lies before it is over. */
import { ServiceUnavailable } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import type { Redis } from "./openRedis.ts";

export type Watermark = {
  /** As this process has seen it lately. */
  value(): Promise<number>;
  raise(to: number): Promise<void>;
};

const ageMaxMs = 30 * secondMs;

export function createWatermark(redis: Redis, name: string): Watermark {
  const key = redis.key(name);
  let seen = { value: 0, at: -Infinity };
  const see = (value: number) => {
    seen = { value: Math.max(seen.value, value), at: performance.now() };
  };
  /** Where it is away, what was seen before goes on to hold: it only rises, and its node is not everybody's. */
  async function readAgain() {
    try {
      see(Number((await redis.askOf(key, (cluster) => cluster.zscore(key, "before"))) ?? 0));
    } catch (error) {
      if (seen.at === -Infinity || !(error instanceof ServiceUnavailable)) throw error;
    }
  }

  return {
    async value() {
      if (performance.now() - seen.at > ageMaxMs) {
        await readAgain();
      }
      return seen.value;
    },
    async raise(to) {
      await redis.ask((cluster) => cluster.zadd(key, "GT", to, "before"));
      see(to);
    },
  };
}
