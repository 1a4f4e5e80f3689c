/** The rules of one-time codes. */
import { expect, test } from "bun:test";
import { epochMs, minuteMs, type UserId } from "@chepiao/kernel";
import type { OneTimeCode, OneTimeCodes } from "./one-time-codes.ts";

const start = epochMs(1_800_000_000_000);
const later = (minutes: number) => epochMs(start + minutes * minuteMs);
const hash = (text: string) => Buffer.from(text.padEnd(32, ".")).toString("hex");

const code = (userId: number, text: string, triesMax = 5): OneTimeCode => ({
  userId: userId as UserId,
  purpose: "passwordReset",
  codeHash: hash(text),
  triesMax,
  createdAt: start,
  expiresAt: later(10),
});

export function oneTimeCodesSuite(adapter: string, create: () => Promise<OneTimeCodes> | OneTimeCodes): void {
  test(`${adapter}: a code is good for its account, until it expires, and for one use`, async () => {
    const codes = await create();
    await codes.put(code(1, "a"));
    expect(await codes.try(code(2, "a"), start)).toBe(false);
    expect(await codes.try(code(1, "b"), start)).toBe(false);
    expect(await codes.try(code(1, "a"), later(10))).toBe(false);
    expect(await codes.try(code(1, "a"), epochMs(later(10) - 1))).toBe(true);
    expect(await codes.use(code(1, "b"), start)).toBe(false);
    expect(await codes.use(code(1, "a"), later(10))).toBe(false);
    const uses = await Promise.all(Array.from({ length: 10 }, () => codes.use(code(1, "a"), start)));
    expect(uses.filter(Boolean)).toHaveLength(1);
    expect(await codes.try(code(1, "a"), start)).toBe(false);
  });

  test(`${adapter}: of many tries at once no more are answered than the code has, right or wrong`, async () => {
    const codes = await create();
    await codes.put(code(1, "a", 3));
    const tries = await Promise.all(Array.from({ length: 10 }, () => codes.try(code(1, "a"), start)));
    expect(tries.filter(Boolean)).toHaveLength(3);
    await codes.put(code(2, "a", 3));
    for (let n = 0; n < 3; n++) expect(await codes.try(code(2, `wrong ${n}`), start)).toBe(false);
    expect(await codes.try(code(2, "a"), start)).toBe(false);
  });

  test(`${adapter}: a new code takes the place of the one before, with tries of its own`, async () => {
    const codes = await create();
    await codes.put(code(1, "a", 1));
    expect(await codes.try(code(1, "x"), start)).toBe(false);
    await codes.put(code(1, "b", 2));
    expect(await codes.try(code(1, "a"), start)).toBe(false);
    expect(await codes.try(code(1, "b"), start)).toBe(true);
    await Promise.all([codes.put(code(3, "c")), codes.put(code(3, "d"))]);
    const good = [await codes.try(code(3, "c"), start), await codes.try(code(3, "d"), start)];
    expect(good.filter(Boolean)).toHaveLength(1);
  });

  test(`${adapter}: a code can be ended before it is used`, async () => {
    const codes = await create();
    await codes.put(code(1, "a"));
    await codes.put(code(2, "a"));
    await codes.end(1 as UserId, "passwordReset");
    await codes.end(1 as UserId, "passwordReset");
    expect([await codes.try(code(1, "a"), start), await codes.try(code(2, "a"), start)]).toEqual([false, true]);
  });

  test(`${adapter}: only what has expired is purged, a bounded number at a time`, async () => {
    const codes = await create();
    for (const n of [1, 2, 3]) await codes.put(code(n, "a"));
    await codes.put({ ...code(4, "a"), expiresAt: later(11) });
    expect([await codes.purge(later(10), 2), await codes.purge(later(10), 2), await codes.purge(later(10), 2)]).toEqual(
      [2, 1, 0],
    );
    expect(await codes.use(code(4, "a"), start)).toBe(true);
  });
}
