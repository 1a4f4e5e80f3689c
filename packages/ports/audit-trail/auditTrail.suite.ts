/** The rules of an audit trail. */
import { expect, test } from "bun:test";
import { epochMs, type UserId } from "@chepiao/kernel";
import { type AuditEntry, auditEntryId, auditTextMax, type AuditTrail } from "./auditTrail.ts";

const entry = (n: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  entryId: auditEntryId(epochMs(n), `chance${n}`),
  at: epochMs(n),
  who: "值班员",
  userId: null,
  role: null,
  door: "command",
  action: "cancelRun",
  subject: "run G1/2026-12-01",
  what: "cancelled it — 停运",
  reason: 'typhoon "台风"',
  before: null,
  isDryRun: false,
  ...more,
});

export function auditTrailSuite(adapter: string, create: () => Promise<AuditTrail>): void {
  const rule = (name: string, check: (trail: AuditTrail) => Promise<void>) =>
    test(`${adapter}: ${name}`, async () => check(await create()));

  rule("an act is there before it has ended, and with how it came out after that", async (trail) => {
    expect(await trail.find({ limit: 5 })).toEqual([]);
    await trail.append(entry(1));
    expect(await trail.find({ limit: 5 })).toEqual([{ ...entry(1), end: null }]);
    const end = { at: epochMs(9), outcome: "done", after: "300 tickets" } as const;
    await trail.end({ entryId: entry(1).entryId, ...end });
    expect(await trail.find({ limit: 5 })).toEqual([{ ...entry(1), end }]);
  });

  rule("what was said of how an act came out stays", async (trail) => {
    const { entryId } = entry(1);
    await trail.append(entry(1));
    await trail.end({ entryId, at: epochMs(2), outcome: "failed", after: null });
    await trail.end({ entryId, at: epochMs(3), outcome: "done", after: "other" });
    expect((await trail.find({ limit: 5 }))[0]!.end).toEqual({ at: epochMs(2), outcome: "failed", after: null });
  });

  rule("entries are found by who, what and on what, the newest first, page by page", async (trail) => {
    const byRoute = { userId: 1_234_567_890_123 as UserId, role: "auditor", door: "route", isDryRun: true } as const;
    const all = [
      entry(1),
      entry(2, { ...byRoute, who: "ann", action: "readAudit", subject: null, reason: null }),
      entry(3, { who: "ann", before: '{"a":1}' }),
      entry(4, { subject: "run G2/2026-12-01" }),
    ];
    for (const each of all) await trail.append(each);
    const found = async (search: Omit<Parameters<AuditTrail["find"]>[0], "limit">, limit = 10) =>
      (await trail.find({ ...search, limit })).map(({ at }) => Number(at));
    expect(await found({})).toEqual([4, 3, 2, 1]);
    expect(await found({ who: "ann" })).toEqual([3, 2]);
    expect(await found({ action: "cancelRun", subject: "run G1/2026-12-01" })).toEqual([3, 1]);
    expect(await found({}, 2)).toEqual([4, 3]);
    expect(await found({ before: all[2]!.entryId }, 2)).toEqual([2, 1]);
    expect((await trail.find({ action: "readAudit", limit: 1 }))[0]).toEqual({ ...all[1]!, end: null });
  });

  rule("a text that is too long is cut off, and the act is there all the same", async (trail) => {
    await trail.append(entry(1, { what: "字".repeat(auditTextMax + 1), reason: "字".repeat(auditTextMax + 1) }));
    const [kept] = await trail.find({ limit: 1 });
    expect([kept!.what.length, kept!.reason!.length]).toEqual([auditTextMax, auditTextMax]);
  });

  rule("entries of long ago are forgotten with their outcomes, and no others", async (trail) => {
    for (const n of [1, 2, 3]) await trail.append(entry(n));
    await trail.end({ entryId: entry(1).entryId, at: epochMs(1), outcome: "done", after: null });
    expect(await trail.forget(epochMs(3), 1)).toBe(1);
    expect(await trail.forget(epochMs(3), 10)).toBe(1);
    expect(await trail.forget(epochMs(3), 10)).toBe(0);
    expect((await trail.find({ limit: 5 })).map(({ at }) => Number(at))).toEqual([3]);
    await trail.append(entry(1));
    expect((await trail.find({ before: entry(3).entryId, limit: 5 }))[0]!.end).toBeNull();
  });
}
