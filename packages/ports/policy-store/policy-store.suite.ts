/** What every store of policies keeps to. */
import { expect, test } from "bun:test";
import { policyProfiles, withChanges } from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import type { PolicyStore } from "./policy-store.ts";

export function policyStoreSuite(adapter: string, open: () => Promise<PolicyStore>): void {
  const { "12306": china, "demo-metric": metric } = policyProfiles;

  test(`${adapter}: a policy is read as it was written, one version after the other`, async () => {
    const store = await open();
    expect(await store.all()).toEqual([]);
    expect(await store.add(0, epochMs(0), china)).toEqual({ version: 1, from: epochMs(0), policy: china });
    expect(await store.add(1, epochMs(1_800_000_000_000), metric)).toMatchObject({ version: 2 });
    expect(await store.all()).toEqual([
      { version: 1, from: epochMs(0), policy: china },
      { version: 2, from: epochMs(1_800_000_000_000), policy: metric },
    ]);
  });

  test(`${adapter}: a policy of more than 64 KB is kept whole`, async () => {
    const store = await open();
    const stations = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, n) => [`station ${n}`, { closesMinutes: 5 }]),
    );
    const long = withChanges(china, { sale: { stations } });
    expect(JSON.stringify(long).length).toBeGreaterThan(2 ** 16);
    await store.add(0, epochMs(0), long);
    expect((await store.all())[0]!.policy).toEqual(long);
  });

  test(`${adapter}: of two who put a version in force at once, one hears that somebody was quicker`, async () => {
    const store = await open();
    await store.add(0, epochMs(0), china);
    const both = await Promise.all([store.add(1, epochMs(5), metric), store.add(1, epochMs(6), china)]);
    expect(both.filter((each) => each === null)).toHaveLength(1);
    expect(await store.all()).toHaveLength(2);
    expect(await store.add(3, epochMs(7), china)).toBeNull();
  });
}
