/**
 * Case `verdict`: what judging costs a purchase in the process that sells, by the counters in its memory: 100,000 accounts from as many addresses, in
 * batches as purchases gather, and what each buys for is noted. Reference: the same where the railway's policy judges nobody.
 */
import type { PolicyVersion, RiskAct, RiskPolicy } from "@chepiao/contracts";
import { createPrng, epochMs, type EpochMs, type Prng, type UserId } from "@chepiao/kernel";
import { createMemoryRiskCounters } from "@chepiao/ports/risk-counters";
import { createMemoryRiskStore } from "@chepiao/ports/risk-store";
import { createMemoryVault } from "@chepiao/ports/vault";
import { createRisk } from "@chepiao/services/risk";
import { type BenchSettings, type CaseResult, type Figures, percentile, type Round, settle } from "./lib/rounds.ts";

const accountCount = 100_000;
const [batchCount, batchSize] = [20_000, 16];
const purchaseCount = batchCount * batchSize;
const start = epochMs(1_800_000_000_000);
const betweenBatchesMs = 5;

export async function run({ rounds, say }: BenchSettings): Promise<CaseResult[]> {
  const done: Round[] = [];
  for (let n = 0; n < rounds; n++) {
    const on = await measure({ mode: "on" }, n);
    const off = await measure(undefined, n);
    done.push({
      ...on.figures,
      reference: off.figures,
      more: { judgeUs: on.judgeUs, noteUs: on.noteUs, offUs: off.judgeUs },
    });
    say(
      `verdict ${n + 1}/${rounds}: of processor time ${us(on.judgeUs)} to judge a purchase and ${us(on.noteUs)} to note its documents, ` +
        `${us(off.judgeUs)} where nobody is judged`,
    );
  }
  return [settle("verdict", { accounts: accountCount, batch: batchSize }, done)];
}

const us = (value: number) => `${value.toFixed(2)} µs`;

/** Figures are of a batch; processor time is of one purchase. */
async function measure(policy: RiskPolicy | undefined, seed: number) {
  const version = { policy: { risk: policy } } as unknown as PolicyVersion;
  const { client } = createRisk({
    clock: { now: () => start },
    vault: createMemoryVault(),
    timetable: () => ({ policy: version }),
    counters: createMemoryRiskCounters(),
    store: createMemoryRiskStore(),
    report: (message) => {
      throw new Error(message);
    },
  });
  const prng = createPrng(seed);
  const batches = Array.from({ length: batchCount }, (_, n) => {
    const at = epochMs(start + n * betweenBatchesMs);
    return Array.from({ length: batchSize }, () => actOf(prng, at));
  });
  const tookMs: number[] = [];
  const judgeUs = await cpuUsOf(async () => {
    for (const acts of batches) {
      const from = performance.now();
      // As the step `verdict` does it.
      if (!client.isIdle()) {
        const answers = client.judge(acts);
        if (answers instanceof Promise) await answers;
      }
      tookMs.push(performance.now() - from);
    }
  });
  const noteUs = await cpuUsOf(async () => {
    for (const acts of batches)
      if (!client.isIdle()) for (const { userId, at } of acts) client.buysFor(userId, [`document of ${userId}`], at);
  });
  const sorted = tookMs.toSorted((a, b) => a - b);
  const figures: Figures = {
    perSecond: (purchaseCount * 1_000) / tookMs.reduce((sum, ms) => sum + ms, 0),
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
  };
  return { figures, judgeUs, noteUs };
}

async function cpuUsOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / purchaseCount;
}

function actOf(prng: Prng, at: EpochMs): RiskAct {
  const account = prng.below(accountCount);
  return {
    userId: account as UserId,
    key: `key of ${account}`,
    at,
    asker: {
      // None of a private network: those are not counted.
      address: `11.${account >> 16}.${(account >> 8) & 255}.${account & 255}`,
      session: { sessionId: `S${account}`, openedAt: start },
      proof: null,
    },
  };
}
