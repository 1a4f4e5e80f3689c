/** What every store of gateway rules keeps to. */
import { expect, test } from "bun:test";
import type { GatewayRulesVersion, GatewayUsage } from "@chepiao/contracts";
import { epochMs, minuteMs } from "@chepiao/kernel";
import type { GatewayStore } from "./gatewayStore.ts";

const at = epochMs(1_800_000_000_000);
const versionOf = (version: number, over: Partial<GatewayRulesVersion> = {}): GatewayRulesVersion => ({
  version,
  at,
  operator: "anna",
  rulesOf: version,
  rules: [{ route: "search.tickets", who: "address", perMinute: 60 + version, burst: 10 }],
  ...over,
});
const usageOf = (minutes: number, source: string): GatewayUsage => ({
  minute: epochMs(at + minutes * minuteMs),
  spanMs: 59_000,
  source,
  routes: [
    {
      route: "search.tickets",
      who: "address",
      buckets: [
        [3, 4],
        [1, 100],
      ],
    },
  ],
  uncounted: 2,
});

export function gatewayStoreSuite(adapter: string, open: () => Promise<GatewayStore>): void {
  test(`${adapter}: versions are read as they were written, the newest first`, async () => {
    const store = await open();
    expect([await store.newest(), await store.find(1), await store.latest(5)]).toEqual([null, null, []]);
    const back = versionOf(3, { rulesOf: 0, rules: [], operator: "bert as root" });
    for (const version of [versionOf(1), versionOf(2), back]) expect(await store.add(version)).toBe(true);
    expect(await store.newest()).toEqual(back);
    expect(await store.find(1)).toEqual(versionOf(1));
    expect(await store.latest(2)).toEqual([back, versionOf(2)]);
  });

  test(`${adapter}: of two who set rules at once, one hears that somebody was quicker`, async () => {
    const store = await open();
    await store.add(versionOf(1));
    const both = await Promise.all([store.add(versionOf(2)), store.add(versionOf(2, { operator: "bert" }))]);
    expect(both.filter(Boolean)).toHaveLength(1);
    expect(await store.add(versionOf(4))).toBe(false);
    expect((await store.newest())?.version).toBe(2);
  });

  test(`${adapter}: a minute that is told twice counts once, and old ones are forgotten`, async () => {
    const store = await open();
    const start = epochMs(0);
    await store.addUsage(usageOf(1, "b"), start);
    await store.addUsage(usageOf(1, "a"), start);
    await store.addUsage({ ...usageOf(1, "a"), uncounted: 99 }, start);
    await store.addUsage(usageOf(0, "a"), start);
    expect(await store.usageSince(at)).toEqual([usageOf(0, "a"), usageOf(1, "a"), usageOf(1, "b")]);
    expect(await store.usageSince(epochMs(at + 1))).toHaveLength(2);
    await store.addUsage(usageOf(2, "a"), epochMs(at + minuteMs));
    expect(await store.usageSince(at)).toEqual([usageOf(1, "a"), usageOf(1, "b"), usageOf(2, "a")]);
  });
}
