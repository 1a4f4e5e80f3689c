/** The rules of a rate limiter. */
import { expect, test } from "bun:test";
import type { Allowance, RateLimiter } from "./rate-limiter.ts";

export type RateLimiterSubject = {
  readonly limiter: RateLimiter;
  /** Lets so much time pass, or a little more. */
  pass(ms: number): Promise<void>;
};

/** Long enough that none of the steps between takes as long on a real engine. */
const allowance: Allowance = { triesMax: 3, windowMs: 1_500 };
const shareMs = allowance.windowMs / allowance.triesMax;

export function rateLimiterSuite(
  adapter: string,
  create: () => Promise<RateLimiterSubject> | RateLimiterSubject,
): void {
  const takeAll = async (limiter: RateLimiter, key: string, times: number) => {
    const waits: number[] = [];
    for (let n = 0; n < times; n++) waits.push(await limiter.take(key, allowance));
    return waits;
  };

  test(`${adapter}: so many tries at once, then a wait, and each key by itself`, async () => {
    const { limiter } = await create();
    const waits = await takeAll(limiter, "anna", 5);
    expect(waits.slice(0, 3)).toEqual([0, 0, 0]);
    for (const wait of waits.slice(3)) expect(wait).toBeWithin(1, shareMs + 1);
    expect(await limiter.take("bert", allowance)).toBe(0);
  });

  test(`${adapter}: of many tries at once, no more than are allowed go ahead`, async () => {
    const { limiter } = await create();
    const waits = await Promise.all(Array.from({ length: 30 }, () => limiter.take("anna", allowance)));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(allowance.triesMax);
  });

  test(`${adapter}: tries come back one by one, and the wait that was told is enough`, async () => {
    const { limiter, pass } = await create();
    const [, , , wait] = await takeAll(limiter, "anna", 4);
    await pass(wait!);
    expect(await limiter.take("anna", allowance)).toBe(0);
    expect(await limiter.take("anna", allowance)).toBeGreaterThan(0);
    await pass(allowance.windowMs);
    expect((await takeAll(limiter, "anna", 3)).every((each) => each === 0)).toBe(true);
  });

  test(`${adapter}: whoever keeps asking while he has to wait does not wait longer for it`, async () => {
    const { limiter, pass } = await create();
    await takeAll(limiter, "anna", 3);
    await takeAll(limiter, "anna", 20);
    await pass(shareMs);
    expect(await limiter.take("anna", allowance)).toBe(0);
  });

  test(`${adapter}: a try that is given back may be made again, and one that never was gives nothing`, async () => {
    const { limiter } = await create();
    await takeAll(limiter, "anna", 3);
    await limiter.withdraw("anna", allowance);
    expect(await limiter.take("anna", allowance)).toBe(0);
    expect(await limiter.take("anna", allowance)).toBeGreaterThan(0);
    for (let n = 0; n < 5; n++) await limiter.withdraw("bert", allowance);
    expect((await takeAll(limiter, "bert", 4)).filter((wait) => wait === 0)).toHaveLength(3);
  });

  test(`${adapter}: what is forgotten begins anew`, async () => {
    const { limiter } = await create();
    await takeAll(limiter, "anna", 4);
    await limiter.forget("anna");
    expect((await takeAll(limiter, "anna", 3)).every((wait) => wait === 0)).toBe(true);
  });

  test(`${adapter}: an exemption is noted for its time, and is nothing to tries`, async () => {
    const { limiter, pass } = await create();
    expect(await limiter.isExempt("anna")).toBe(false);
    await limiter.exempt("anna", 800);
    expect([await limiter.isExempt("anna"), await limiter.isExempt("bert")]).toEqual([true, false]);
    await takeAll(limiter, "anna", 3);
    expect(await limiter.take("anna", allowance)).toBeGreaterThan(0);
    await limiter.forget("anna");
    expect(await limiter.isExempt("anna")).toBe(true);
    await pass(850);
    expect(await limiter.isExempt("anna")).toBe(false);
  });
}
