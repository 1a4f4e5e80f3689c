/** Keys that end, against a twin that looks at all of them each time. */
import { expect, test } from "bun:test";
import { createPrng } from "@chepiao/kernel";
import { createExpiring } from "./expiring.ts";

const ascending = (keys: Iterable<number>) => [...keys].toSorted((one, other) => one - other);

test("what is there is what was set, not deleted, and has not ended, whatever came before", () => {
  for (let seed = 1; seed <= 15; seed++) {
    const { below } = createPrng(seed);
    const keys = createExpiring<number>();
    const twin = new Map<number, number>();
    for (let now = 0; now < 400; now += below(4)) {
      const key = below(30);
      if (below(4) === 0) {
        expect(keys.delete(key)).toBe(twin.delete(key));
      } else {
        const until = now + below(60);
        keys.set(key, until);
        twin.set(key, until);
      }
      keys.purge(now);
      for (const [each, until] of twin) if (until <= now) twin.delete(each);
      expect([seed, ...ascending(keys.keys())]).toEqual([seed, ...ascending(twin.keys())]);
      expect(keys.size).toBe(twin.size);
      expect(keys.has(key)).toBe(twin.has(key));
    }
  }
});
