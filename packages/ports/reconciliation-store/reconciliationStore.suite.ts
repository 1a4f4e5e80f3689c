/** The rules of a store of cases. */
import { expect, test } from "bun:test";
import { epochMs, serviceDate } from "@chepiao/kernel";
import type { ReconciliationCase, ReconciliationStore } from "./reconciliationStore.ts";

export function reconciliationStoreSuite(adapter: string, create: () => Promise<ReconciliationStore>): void {
  const rule = (name: string, check: (store: ReconciliationStore) => Promise<void>) =>
    test(`${adapter}: ${name}`, async () => check(await create()));

  rule("a case is written once, and changed by whom has read it as it is", async (store) => {
    expect(await store.find("A")).toBeNull();
    expect(await store.change(caseOf("A"))).toBe(true);
    expect(await store.change({ ...caseOf("A"), facts: { amountFen: 1 } })).toBe(false);
    const written = { ...caseOf("A"), version: 1 };
    expect(await store.find("A")).toEqual(written);
    const settled = { ...written, state: "settled", endedAt: epochMs(5), reason: "错账 wrong" } as const;
    expect(await store.change(settled)).toBe(true);
    expect(await store.change({ ...written, state: "gone" })).toBe(false);
    expect(await store.find("A")).toEqual({ ...settled, version: 2 });
  });

  rule("open cases are listed, the oldest first, and so are the days that have some", async (store) => {
    await store.change({ ...caseOf("B"), firstSeenAt: epochMs(2) });
    await store.change({ ...caseOf("C"), firstSeenAt: epochMs(1), scope: serviceDate("2026-11-03") });
    await store.change({ ...caseOf("D"), state: "gone", scope: serviceDate("2026-11-01") });
    expect((await store.open(10)).map(({ caseId }) => caseId)).toEqual(["C", "B"]);
    expect((await store.open(1)).map(({ caseId }) => caseId)).toEqual(["C"]);
    expect(await store.openScopes(10)).toEqual([serviceDate("2026-11-02"), serviceDate("2026-11-03")]);
    expect(await store.openScopes(1)).toEqual([serviceDate("2026-11-02")]);
    expect((await store.ofScope(serviceDate("2026-11-01"))).map(({ caseId }) => caseId)).toEqual(["D"]);
  });

  rule("reports of runs are kept as they were", async (store) => {
    const report = { runNo: "R1", scope: serviceDate("2026-11-02"), endedAt: epochMs(1), report: "{}" };
    await store.report(report);
    await store.report({ ...report, report: "[]" });
    await store.report({ ...report, runNo: "R2", endedAt: epochMs(2) });
    expect((await store.reports(report.scope, 5)).map(({ runNo }) => runNo)).toEqual(["R2", "R1"]);
    expect(await store.reports(report.scope, 1)).toEqual([{ ...report, runNo: "R2", endedAt: epochMs(2) }]);
    expect((await store.reports(report.scope, 5))[1]).toEqual(report);
    expect(await store.reports(serviceDate("2026-11-09"), 5)).toEqual([]);
  });
}

const caseOf = (caseId: string): ReconciliationCase => ({
  caseId,
  kind: "tradeAmount",
  scope: serviceDate("2026-11-02"),
  subject: "sandbox T1",
  facts: { paymentNo: "P1", booksFen: 5, statedFen: null },
  state: "open",
  version: 0,
  firstSeenAt: epochMs(1),
  lastSeenAt: epochMs(1),
  endedAt: null,
  reason: null,
});
