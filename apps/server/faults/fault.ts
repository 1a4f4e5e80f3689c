/** A fault as data, and how one is played: strike under load, heal, wait until people are served again, come to rest, audit. */
import { createPrng } from "@chepiao/kernel";
import { travel } from "../testing/passengers.ts";
import type { Auditor } from "./auditor.ts";
import { startProbe } from "./probe.ts";
import { type Attempt, isOver, isSettled, promptOf, type Recovery, recoveryOf } from "./recovery.ts";
import type { Day, Stage } from "./stage.ts";

export type Fault = {
  readonly name: string;
  /** What people are told to expect, in a few words. */
  readonly noticed: string;
  /** How long it stays before it is healed; nothing where a supervisor starts it again at once. */
  readonly lastsMs?: number;
  /** How long all of it may take; ten minutes unless said. */
  readonly withinMs?: number;
  /** What must be so for the fault to be one. Its time does not count. */
  prepare?(stage: Stage, day: Day): Promise<void>;
  strike(stage: Stage, day: Day): Promise<void>;
  /** What is looked at while it lasts, for as long. Answers what is wrong: what has nothing to do with the fault does not notice it. */
  elsewhere?(stage: Stage, day: Day, forMs: number): Promise<readonly string[]>;
  heal(stage: Stage): Promise<void>;
  /** What has to be waited for, or an operator does, once people are served again. Answers what is wrong, where that is seen here alone. */
  afterwards?(stage: Stage, day: Day): Promise<readonly string[] | void>;
};

export type Outcome = Recovery & {
  /** From the strike until what was struck was there again. */
  readonly healedAfterMs: number;
  /** A buyer who came after that got a ticket, and it became a row. */
  readonly isBack: boolean;
  readonly purchases: number;
  readonly wrong: readonly string[];
};

const warmUpMs = 2_000;
/** Purchases that are in time are waited for no longer; a machine may be too busy for any to be. */
const giveUpMs = 60_000;
/** "never" is known after 15 seconds at the earliest, which has nothing to do with faults. */
const bank = ["normal", "normal", "late", "captureLate", "twice", "payTwice"] as const;

export async function play(fault: Fault, stage: Stage, auditor: Auditor, n: number, seed: number): Promise<Outcome> {
  const day = stage.day(n);
  const url = stage.platform.gatewayUrl;
  const { record } = stage;
  const before = record.sent.size;
  let goOn = true;
  const crowd = { world: day.crowd, url, record, seatClass: "second" as const, bank, goOn: () => goOn };
  const people = day.crowd.users.map((user, each) => travel(crowd, user, createPrng((seed + n) * 1_000 + each)));
  const probe = startProbe({ url, world: day.probe, users: day.probe.users, record });

  let struckAt: number;
  let promptMs: number;
  let healedAfterMs: number;
  let seen: readonly Attempt[];
  let elsewhere: Promise<readonly string[]> | undefined;
  try {
    await Bun.sleep(warmUpMs);
    promptMs = promptOf(probe.attempts);
    await fault.prepare?.(stage, day);
    struckAt = performance.now();
    await fault.strike(stage, day);
    elsewhere = fault.elsewhere?.(stage, day, fault.lastsMs ?? 0);
    await Bun.sleep(fault.lastsMs ?? 0);
    await fault.heal(stage);
    healedAfterMs = performance.now() - struckAt;
    const since = () => probe.attempts.filter(({ sentAt }) => sentAt > struckAt + healedAfterMs);
    while (!isOver(since(), performance.now(), promptMs) && performance.now() < struckAt + giveUpMs)
      await Bun.sleep(100);
    // Up to the last one whose outcome is known: those on their way say nothing about a fault that is over.
    seen = probe.attempts.slice(0, probe.attempts.findLastIndex(isSettled) + 1);
  } finally {
    goOn = false;
    await Promise.all([...people, probe.stop(), elsewhere]);
  }
  const isBack = seen.some(({ sentAt, writtenAt }) => sentAt > struckAt + healedAfterMs && writtenAt !== null);
  const wrong = [
    ...((await elsewhere) ?? []),
    ...((await fault.afterwards?.(stage, day)) ?? []),
    ...(await auditor.audit(day.whole, record)),
  ];
  return {
    ...recoveryOf(seen, struckAt, promptMs),
    healedAfterMs,
    isBack,
    purchases: record.sent.size - before,
    wrong,
  };
}
