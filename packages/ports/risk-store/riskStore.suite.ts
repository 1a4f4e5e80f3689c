/** What every store of blocks and decisions keeps to. */
import { expect, test } from "bun:test";
import { riskSignalNames, type RiskSignals } from "@chepiao/contracts";
import { type EpochMs, epochMs, type UserId } from "@chepiao/kernel";
import type { BlockSubject, RiskAppeal, RiskBlock, RiskDecision, RiskStore } from "./riskStore.ts";

const block = (subject: BlockSubject, more: Partial<RiskBlock> = {}): RiskBlock => ({
  blockId: `of${subject.replaceAll(/\W/g, "")}`.slice(0, 24),
  subject,
  reason: "票贩子",
  since: epochMs(1_000),
  until: null,
  ...more,
});
const signals = Object.fromEntries(riskSignalNames.map((name, n) => [name, n % 2 === 0 ? n : null])) as RiskSignals;
const decision = (userId: number, at: number, more: Partial<RiskDecision> = {}): RiskDecision => ({
  userId: userId as UserId,
  at: epochMs(at),
  mode: "on",
  decided: "challenge",
  points: 160,
  reasons: [
    { signal: "accountPerMinute", value: 31, points: 100 },
    { signal: "spacingMs", value: 12, points: 60 },
  ],
  signals,
  ...more,
});
const appeal = (blockId: string, userId: number, at: number) => ({
  blockId,
  userId: userId as UserId,
  text: "我没有倒票 🙏",
  at: epochMs(at),
});
const openOf = (each: ReturnType<typeof appeal>): RiskAppeal => ({
  ...each,
  outcome: "open",
  answer: null,
  decidedAt: null,
});
const subjectsAt = async (store: RiskStore, now: EpochMs) => (await store.blocks(now)).map(({ subject }) => subject);

export function riskStoreSuite(adapter: string, open: () => Promise<RiskStore>): void {
  test(`${adapter}: a block is read as it was set, of a subject there is one, and it ends at its time or when it is taken back`, async () => {
    const store = await open();
    const forever = block("account 9007199254740991");
    const ending = block("network 2001:db8::/48", { since: epochMs(2_000), until: epochMs(5_000) });
    await store.block(ending);
    await store.block(forever);
    expect(await store.blocks(epochMs(4_999))).toEqual([forever, ending]);
    expect(await subjectsAt(store, epochMs(5_000))).toEqual([forever.subject]);
    const again = block(forever.subject, { blockId: "another", reason: "again", since: epochMs(3_000) });
    await store.block(again);
    expect(await store.blocks(epochMs(6_000))).toEqual([again]);
    expect([await store.unblock(again.subject), await store.unblock(again.subject)]).toEqual([true, false]);
    expect(await store.blocks(epochMs(6_000))).toEqual([]);
  });

  test(`${adapter}: decisions are told of their account alone, newest first, and of one instant the first is kept`, async () => {
    const store = await open();
    const [first, second] = [decision(7, 1_000), decision(7, 2_000, { decided: "refuse", mode: "dryRun" })];
    await store.note([first, second, decision(8, 1_500)]);
    await store.note([decision(7, 1_000, { points: 999 }), decision(7, 3_000, { decided: "blocked", reasons: [] })]);
    expect(await store.decisionsOf(7 as UserId, 10)).toEqual([
      decision(7, 3_000, { decided: "blocked", reasons: [] }),
      second,
      first,
    ]);
    expect(await store.decisionsOf(7 as UserId, 1)).toHaveLength(1);
    expect(await store.decisionsOf(9 as UserId, 10)).toEqual([]);
    await store.note([]);
  });

  test(`${adapter}: decisions of all accounts since then are told with what was measured, newest first`, async () => {
    const store = await open();
    const allowed = decision(9, 3_000, { decided: "allow", points: 0, reasons: [] });
    const blocked = decision(8, 2_000, { decided: "blocked", signals: null });
    await store.note([decision(7, 1_000), blocked, allowed]);
    expect(await store.decisionsSince(epochMs(2_000), 10)).toEqual([allowed, blocked]);
    expect(await store.decisionsSince(epochMs(0), 1)).toEqual([allowed]);
    expect(await store.decisionsSince(epochMs(3_001), 10)).toEqual([]);
  });

  test(`${adapter}: what is old is forgotten, but no block that still holds`, async () => {
    const store = await open();
    await store.block(block("account 1"));
    await store.block(block("account 2", { until: epochMs(2_000) }));
    await store.block(block("account 3", { until: epochMs(4_000) }));
    await store.note([decision(7, 1_000), decision(7, 3_000)]);
    await store.forget(epochMs(3_000));
    expect(await subjectsAt(store, epochMs(0))).toEqual(["account 1", "account 3"]);
    expect((await store.decisionsOf(7 as UserId, 10)).map(({ at }) => at)).toEqual([epochMs(3_000)]);
  });

  test(`${adapter}: of an account against a block the first appeal is kept, and what is open against a block that is there is told, oldest first`, async () => {
    const store = await open();
    const blocked = block("network 203.0.113.0/24");
    await store.block(blocked);
    const [first, second] = [appeal(blocked.blockId, 7, 2_000), appeal(blocked.blockId, 8, 1_000)];
    const ofNoBlock = appeal("gone", 7, 500);
    for (const each of [first, second, ofNoBlock]) expect(await store.appeal(each)).toEqual(openOf(each));
    expect(await store.appeal({ ...first, text: "another", at: epochMs(9_000) })).toEqual(openOf(first));
    expect(await store.appealsOf(7 as UserId, 10)).toEqual([openOf(first), openOf(ofNoBlock)]);
    expect(await store.appealsOf(7 as UserId, 1)).toEqual([openOf(first)]);
    expect(await store.appeals("open", 10)).toEqual([openOf(second), openOf(first)]);
    expect(await store.appeals("open", 1)).toEqual([openOf(second)]);
    expect(await store.appeals("all", 10)).toEqual([openOf(first), openOf(second), openOf(ofNoBlock)]);
  });

  test(`${adapter}: who grants appeals lifts their block, who refuses them leaves it, and what was decided is decided once`, async () => {
    const store = await open();
    const [one, other] = [block("account 7"), block("account 8")];
    await store.block(one);
    await store.block(other);
    const granted = { isGranted: true, answer: "our mistake", at: epochMs(5_000) };
    expect(await store.decideAppeals(one.blockId, granted)).toBe(0);
    expect(await subjectsAt(store, epochMs(6_000))).toEqual([one.subject, other.subject]);
    await store.appeal(appeal(one.blockId, 7, 1_000));
    await store.appeal(appeal(other.blockId, 8, 1_000));
    expect(await store.decideAppeals(other.blockId, { ...granted, isGranted: false, answer: "no" })).toBe(1);
    expect(await subjectsAt(store, epochMs(6_000))).toEqual([one.subject, other.subject]);
    expect(await store.decideAppeals(one.blockId, granted)).toBe(1);
    expect(await subjectsAt(store, epochMs(6_000))).toEqual([other.subject]);
    expect(await store.decideAppeals(other.blockId, granted)).toBe(0);
    expect(await subjectsAt(store, epochMs(6_000))).toEqual([other.subject]);
    const decided = { decidedAt: epochMs(5_000) };
    expect(await store.appeals("all", 10)).toEqual([
      { ...appeal(one.blockId, 7, 1_000), ...decided, outcome: "granted", answer: "our mistake" },
      { ...appeal(other.blockId, 8, 1_000), ...decided, outcome: "refused", answer: "no" },
    ]);
    expect(await store.appeals("open", 10)).toEqual([]);
  });

  test(`${adapter}: appeals are forgotten when they were decided long ago, or when their block is gone, and not while somebody waits`, async () => {
    const store = await open();
    const [kept, ended, decided] = [
      block("account 1"),
      block("account 2", { until: epochMs(2_000) }),
      block("account 3"),
    ];
    for (const each of [kept, ended, decided]) await store.block(each);
    for (const [n, { blockId }] of [kept, ended, decided].entries()) await store.appeal(appeal(blockId, n + 1, 1_000));
    await store.appeal(appeal("late", 4, 3_500));
    await store.decideAppeals(decided.blockId, { isGranted: false, answer: "no", at: epochMs(2_500) });
    await store.forget(epochMs(3_000));
    expect((await store.appeals("all", 10)).map(({ userId }) => Number(userId))).toEqual([4, 1]);
  });
}
