/** What is counted while a crowd walks: how long each step took, and by what name who was refused. Of any number of answers a few kilobytes. */
import { refusals } from "@chepiao/contracts";

export const steps = [
  "register",
  "logIn",
  "search",
  "join",
  "learnPlace",
  "comeIn",
  "buy",
  "buyWithoutPass",
  "followOrder",
  "startPaying",
  "payAtBank",
  "cancel",
  "leave",
] as const;
export type StepName = (typeof steps)[number];

export type StepFigures = {
  readonly step: StepName;
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};
export type RefusalFigures = {
  readonly step: StepName;
  readonly code: string;
  readonly people: number;
  readonly bots: number;
};

export type Tally = {
  took(step: StepName, ms: number): void;
  refused(step: StepName, code: string, isBot: boolean): void;
  readonly answers: () => number;
  readonly steps: () => readonly StepFigures[];
  readonly refusals: () => readonly RefusalFigures[];
};

/** A hundredth of a millisecond to minutes, each bucket 5 % above the one before. */
const bucketCount = 350;
const growth = Math.log(1.05);
const leastMs = 0.01;
const bucketOf = (ms: number) =>
  Math.min(bucketCount - 1, Math.max(0, Math.round(Math.log(Math.max(ms, leastMs) / leastMs) / growth)));
const msOf = (bucket: number) => leastMs * Math.exp(bucket * growth);

export function createTally(): Tally {
  const buckets = new Map(steps.map((step) => [step, new Uint32Array(bucketCount)]));
  const most = new Map<StepName, number>();
  const refused = new Map<string, { step: StepName; code: string; people: number; bots: number }>();
  let answers = 0;
  return {
    took(step, ms) {
      answers++;
      buckets.get(step)![bucketOf(ms)]!++;
      if (ms > (most.get(step) ?? 0)) most.set(step, ms);
    },
    refused(step, code, isBot) {
      const key = `${step} ${code}`;
      let row = refused.get(key);
      if (!row) refused.set(key, (row = { step, code, people: 0, bots: 0 }));
      if (isBot) row.bots++;
      else row.people++;
    },
    answers: () => answers,
    steps: () =>
      steps.flatMap((step) => {
        const counts = buckets.get(step)!;
        const count = counts.reduce((sum, each) => sum + each, 0);
        if (count === 0) return [];
        return [
          {
            step,
            count,
            p50Ms: at(counts, count, 0.5),
            p99Ms: at(counts, count, 0.99),
            maxMs: rounded(most.get(step)!),
          },
        ];
      }),
    refusals: () => [...refused.values()].toSorted((a, b) => b.people + b.bots - (a.people + a.bots)),
  };
}

function at(counts: Uint32Array, count: number, share: number): number {
  let seen = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    seen += counts[bucket]!;
    if (seen >= share * count) return rounded(msOf(bucket));
  }
  return rounded(msOf(counts.length - 1));
}
const rounded = (ms: number) => Number(ms.toPrecision(3));

/** By which part of the platform somebody is turned away; anything else is the rule of a purchase. */
export const stoppedBy = (code: string): "gateway" | "queue" | "risk" | "rules" | "network" => {
  if (code === "NoAnswer") return "network";
  if (["TooManyRequests", "Overloaded", "ServiceUnavailable"].includes(code)) return "gateway";
  if (code.startsWith("Queue")) return "queue";
  if (code.startsWith("Challenge") || code === "PurchasesBlocked") return "risk";
  return "rules";
};

/** The name of a refusal in an answer; the status where it has none. */
export const codeIn = (status: number, body: string): string => {
  const code = /"code":"([A-Za-z]+)"/.exec(body)?.[1];
  if (code !== undefined && code in refusals) return code;
  return status === 0 ? "NoAnswer" : `Status${status}`;
};
