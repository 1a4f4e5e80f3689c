/** What every store of quotas keeps to. */
import { expect, test } from "bun:test";
import { runId } from "@chepiao/contracts";
import { epochMs, quotaLimitsMax, serviceDate } from "@chepiao/kernel";
import {
  type ClassQuotas,
  type QuotaPlace,
  quotasPerPageMax,
  type QuotaStore,
  type StationQuota,
} from "./quotaStore.ts";

const quota = (seats: number | null, stations: readonly string[] | null = null): StationQuota => ({
  fromStations: stations,
  toStations: null,
  limits: [{ since: epochMs(1_800_000_000_000), seats }],
});
const on = (train: string, quotas: readonly StationQuota[], date = "2026-12-01"): ClassQuotas => ({
  runId: runId(train, serviceDate(date)),
  seatClass: "second",
  quotas,
});
const longAfter = serviceDate("2099-12-31");
const byRun = (all: readonly ClassQuotas[]) => all.toSorted((a, b) => (a.runId < b.runId ? -1 : 1));

export function quotaStoreSuite(adapter: string, open: () => Promise<QuotaStore>): void {
  test(`${adapter}: quotas are read as they were set, and replaced class by class`, async () => {
    const store = await open();
    expect(await store.version()).toBe(0);
    expect(await store.since(0, longAfter)).toEqual({ version: 0, changed: [], next: null });
    const one = on("G1", [quota(20, ["北京", "Zürich, HB"]), quota(null)]);
    const first = { ...one, seatClass: "first" as const, quotas: [quota(3)] };
    expect(await store.set(0, [one, first])).toBe(1);
    expect(await store.ofRun(one.runId)).toHaveLength(2);
    const other = on("G1", [quota(0, [])]);
    expect(await store.set(1, [other, on("G2", [quota(7)])])).toBe(2);
    expect((await store.ofRun(one.runId)).toSorted((a, b) => (a.seatClass < b.seatClass ? -1 : 1))).toEqual([
      first,
      other,
    ]);
    expect(await store.ofRun(runId("G3", serviceDate("2026-12-01")))).toEqual([]);
  });

  test(`${adapter}: who follows is told what changed after the version that he has, dropped quotas too`, async () => {
    const store = await open();
    await store.set(0, [on("G1", [quota(1)]), on("G2", [quota(2)])]);
    await store.set(1, [on("G1", [])]);
    await store.set(2, [on("G3", [quota(3)])]);
    const said = await store.since(1, longAfter);
    expect([said.version, byRun(said.changed)]).toEqual([3, [on("G1", []), on("G3", [quota(3)])]]);
    expect(await store.since(3, longAfter)).toEqual({ version: 3, changed: [], next: null });
    expect(byRun((await store.since(0, longAfter)).changed)).toHaveLength(3);
    expect(await store.ofRun(on("G1", []).runId)).toEqual([]);
  });

  test(`${adapter}: of two who set quotas at once, one hears that somebody was quicker and has set none`, async () => {
    const store = await open();
    await store.set(0, [on("G1", [quota(1)])]);
    const both = await Promise.all([store.set(1, [on("G1", [quota(2)])]), store.set(1, [on("G2", [quota(3)])])]);
    expect(both.filter((each) => each === null)).toHaveLength(1);
    expect(await store.set(0, [on("G4", [quota(4)])])).toBeNull();
    const { version, changed } = await store.since(0, longAfter);
    expect(version).toBe(2);
    const isFirst = both[0] !== null;
    expect(byRun(changed)).toEqual(isFirst ? [on("G1", [quota(2)])] : [on("G1", [quota(1)]), on("G2", [quota(3)])]);
  });

  test(`${adapter}: the quotas of thousands of runs, with every limit that one may have, are one change`, async () => {
    const store = await open();
    const limits = Array.from({ length: quotaLimitsMax }, (_, n) => ({
      since: epochMs(1_800_000_000_000 + n),
      seats: n,
    }));
    const many = Array.from({ length: 3_000 }, (_, n) => on(`K${n}`, [{ ...quota(1), limits }]));
    expect(await store.set(0, many)).toBe(1);
    const changed: ClassQuotas[] = [];
    for (let after: QuotaPlace | undefined, isMore = true; isMore;) {
      const page = await store.since(0, longAfter, after);
      expect(page.changed.length).toBeLessThanOrEqual(quotasPerPageMax);
      changed.push(...page.changed);
      [after, isMore] = [page.next ?? undefined, page.next !== null];
    }
    expect(changed).toHaveLength(many.length);
    expect(byRun(changed)).toEqual(byRun(many));
  }, 30_000);

  test(`${adapter}: where a page ends between two classes of a run, the next one begins with the other`, async () => {
    const store = await open();
    const classes = ["second", "first"] as const;
    const many = Array.from({ length: quotasPerPageMax }, (_, n) =>
      classes.map((seatClass) => ({ ...on(`K${n}`, [quota(n)]), seatClass })),
    ).flat();
    // One that is before all others makes the page end within a run.
    const all = [on("A1", [quota(1)]), ...many];
    await store.set(0, all);
    const page = await store.since(0, longAfter);
    const { runId: endsIn } = page.changed.at(-1)!;
    expect(page.changed.filter(({ runId: each }) => each === endsIn)).toHaveLength(1);
    const second = await store.since(0, longAfter, page.next!);
    expect(second.changed[0]!.runId).toBe(endsIn);
    const third = await store.since(0, longAfter, second.next!);
    const read = [page, second, third].flatMap(({ changed }) => changed);
    expect([read.length, third.next]).toEqual([all.length, null]);
    expect(new Set(read.map((each) => `${each.runId} ${each.seatClass}`)).size).toBe(all.length);
  }, 30_000);

  test(`${adapter}: of runs on later days who follows hears nothing before he asks for them`, async () => {
    const store = await open();
    const [near, far] = [on("G1", [quota(1)]), on("G1", [quota(2)], "2026-12-09")];
    await store.set(0, [near, far]);
    expect((await store.since(0, serviceDate("2026-12-09"))).changed).toEqual([near]);
    expect(byRun((await store.since(0, serviceDate("2026-12-10"))).changed)).toEqual(byRun([near, far]));
  });

  test(`${adapter}: runs of days before are forgotten, and versions go on`, async () => {
    const store = await open();
    const later = on("G1", [quota(1)], "2026-12-02");
    await store.set(0, [on("G1", [quota(1)]), on("G2", [quota(1)]), later]);
    expect(await store.forgetBefore(serviceDate("2026-12-02"))).toBe(2);
    expect((await store.since(0, longAfter)).changed).toEqual([later]);
    expect(await store.set(1, [on("G2", [quota(9)], "2026-12-03")])).toBe(2);
  });
}
