/** The rules of leases. */
import { expect, test } from "bun:test";
import type { Leases } from "./lease.ts";

export type LeasesSubject = {
  readonly leases: Leases;
  /** Lets so much time pass, or a little more. */
  pass(ms: number): Promise<void>;
};

/** Long enough that none of the steps between takes as long on a real engine. */
const ttlMs = 1_200;

export function leasesSuite(adapter: string, create: () => Promise<LeasesSubject> | LeasesSubject): void {
  test(`${adapter}: a lease is one's alone, and leases of other names are others'`, async () => {
    const { leases } = await create();
    expect(await leases.acquire("relay", ttlMs)).toMatchObject({ name: "relay" });
    expect(await leases.acquire("relay", ttlMs)).toBeNull();
    expect(await leases.acquire("sweeper", ttlMs)).toMatchObject({ name: "sweeper" });
  });

  test(`${adapter}: of many who ask at once one gets it`, async () => {
    const { leases } = await create();
    const answers = await Promise.all(Array.from({ length: 20 }, () => leases.acquire("relay", ttlMs)));
    expect(answers.filter((lease) => lease !== null)).toHaveLength(1);
  });

  test(`${adapter}: a lease that is given back is free at once, and its fence is behind it`, async () => {
    const { leases } = await create();
    const first = (await leases.acquire("relay", ttlMs))!;
    await leases.release(first);
    const second = (await leases.acquire("relay", ttlMs))!;
    expect(second.fence).toBeGreaterThan(first.fence);
  });

  test(`${adapter}: a lease ends by itself unless it is renewed`, async () => {
    const { leases, pass } = await create();
    const first = (await leases.acquire("relay", ttlMs))!;
    await pass(ttlMs / 2);
    expect(await leases.renew(first, 2 * ttlMs)).toBe(true);
    await pass(ttlMs);
    expect(await leases.acquire("relay", ttlMs)).toBeNull();
    await pass(ttlMs + 50);
    expect(await leases.renew(first, ttlMs)).toBe(false);
    expect(await leases.acquire("relay", ttlMs)).not.toBeNull();
  });

  test(`I7 ${adapter}: who had a lease before neither renews nor ends that of the next`, async () => {
    const { leases, pass } = await create();
    const first = (await leases.acquire("relay", ttlMs))!;
    await pass(ttlMs + 50);
    const second = (await leases.acquire("relay", ttlMs))!;
    expect(second.fence).toBeGreaterThan(first.fence);
    expect(await leases.renew(first, ttlMs)).toBe(false);
    await leases.release(first);
    expect(await leases.acquire("relay", ttlMs)).toBeNull();
    expect(await leases.renew(second, ttlMs)).toBe(true);
  });
}
