/** Compact keys keep the rules of submissions, and answer as simple ones do, whatever comes and goes. */
import { expect, test } from "bun:test";
import { refusal } from "@chepiao/contracts";
import { createPrng, epochMs, hourMs, type OrderId, type UserId } from "@chepiao/kernel";
import { createMemorySubmissions } from "@chepiao/ports/submissions";
import { submissionsSuite } from "@chepiao/ports/submissions/submissions.suite.ts";
import { createCompactOrderKeys } from "./orderKeys.ts";

submissionsSuite("compact keys", () => createMemorySubmissions({ keys: createCompactOrderKeys() }));

const seeds = Number(process.env["SEED"] ?? Math.floor(Math.random() * 1e6));

test(`compact keys: answer as simple ones do, seeds from ${seeds}`, async () => {
  for (let seed = seeds; seed < seeds + 10; seed++) {
    const prng = createPrng(seed);
    const both = [
      createMemorySubmissions({ keys: createCompactOrderKeys(), refusalsMax: 50 }),
      createMemorySubmissions({ refusalsMax: 50 }),
    ] as const;
    let at = 0;
    for (let step = 1; step < 3_000; step++) {
      at += prng.below(2) * Math.floor(hourMs / 20);
      const submission = {
        userId: prng.below(20) as UserId,
        key: `key ${prng.below(40)}`,
        requestHash: `body ${prng.below(3)}`,
        orderId: step as OrderId,
        at: epochMs(at),
      };
      const [compact, simple] = await Promise.all(both.map((each) => each.enter([submission])));
      expect(compact).toEqual(simple);
      if (simple![0]!.kind !== "new") continue;
      const draw = prng.below(3);
      for (const each of both) {
        if (draw === 0) await each.refused(submission.userId, submission.key, refusal("SoldOut"));
        if (draw === 1) await each.withdrawn(submission.userId, submission.key, submission.orderId);
      }
    }
  }
});
