/** Whom the room lets through, challenges, refuses and blocks, and what is kept of it. */
import { expect, test } from "bun:test";
import type { PolicyVersion, Refusal, RiskAct, RiskPolicy } from "@chepiao/contracts";
import { type EpochMs, epochMs, minuteMs, type OrderId, secondMs, type UserId } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryRiskCounters, type RiskCounters } from "@chepiao/ports/risk-counters";
import { type BlockSubject, createMemoryRiskStore } from "@chepiao/ports/risk-store";
import { createMemoryVault } from "@chepiao/ports/vault";
import { createChallengeProofs } from "@chepiao/room";
import { createRisk } from "./index.ts";

const [anna, bert] = [7 as UserId, 8 as UserId];
const start = epochMs(30_000_000 * minuteMs);
type Asked = Partial<RiskAct["asker"]> & { readonly userId?: UserId; readonly key?: string; readonly at?: EpochMs };

function open(policy: RiskPolicy | undefined, counters: RiskCounters = createMemoryRiskCounters()) {
  const clock = createManualClock(start);
  const vault = createMemoryVault();
  const store = createMemoryRiskStore();
  const reports: string[] = [];
  let lastKey = 0;
  let version = { policy: { risk: policy } } as unknown as PolicyVersion;
  const risk = createRisk({
    clock,
    vault,
    counters,
    store,
    timetable: () => ({ policy: version }),
    report: (message) => void reports.push(message),
  });
  const actOf = ({ userId = anna, key = `key ${++lastKey}`, at = clock.now(), ...asker }: Asked = {}): RiskAct => ({
    userId,
    key,
    at,
    asker: { address: "127.0.0.1", session: { sessionId: "S1" }, proof: null, ...asker },
  });
  const ask = async (asked: Asked = {}): Promise<Refusal | null> =>
    (await risk.client.judge([actOf(asked)]))[0] ?? null;
  return {
    risk,
    clock,
    store,
    reports,
    ask,
    actOf,
    proofs: createChallengeProofs(vault),
    code: async (asked: Asked = {}) => (await ask(asked))?.code ?? null,
    /** So many at once, all but the last of which are not looked at. */
    async codeAfter(count: number, asked: Asked = {}) {
      for (let n = 1; n < count; n++) await ask(asked);
      return (await ask(asked))?.code ?? null;
    },
    follow(next: RiskPolicy | undefined) {
      version = { policy: { risk: next } } as unknown as PolicyVersion;
    },
  };
}

const onlyRate: RiskPolicy = { mode: "on", rules: [{ signal: "accountPerMinute", over: 3, points: 100 }] };

test("without rules and blocks nobody is asked anything, not even the address", async () => {
  const { risk, ask } = open(undefined);
  expect(risk.client.isIdle()).toBe(true);
  const asker = {
    get address(): string {
      throw new Error("nobody needs it");
    },
    session: null,
    proof: null,
  };
  expect(await risk.client.judge([{ userId: anna, key: "k", at: start, asker }])).toEqual([null]);
  expect(await ask()).toBeNull();
  expect(risk.counts.judged).toBe(0);
});

test("who is too quick is challenged, others are not, and a minute or two later it is over", async () => {
  const { clock, codeAfter, code } = open(onlyRate);
  expect(await codeAfter(3)).toBeNull();
  expect(await code()).toBe("ChallengeRequired");
  expect(await code({ userId: bert })).toBeNull();
  await clock.advance(3 * minuteMs);
  expect(await code()).toBeNull();
});

test("a solved challenge lets one purchase through: of its session, of its account, in its time", async () => {
  const { clock, codeAfter, code, proofs } = open(onlyRate);
  expect(await codeAfter(5)).toBe("ChallengeRequired");
  const until = epochMs(clock.now() + minuteMs);
  const proofOf = (challengeId: string, sessionId = "S1") =>
    proofs.sign({ userId: anna, sessionId, act: "purchase" }, { challengeId, level: "light", until });
  const first = proofOf("first");
  expect(await code({ proof: proofOf("other", "S2") })).toBe("ChallengeRequired");
  expect(await code({ proof: first.replace(/.$/, (last) => (last === "0" ? "1" : "0")) })).toBe("ChallengeRequired");
  expect(await code({ proof: first, session: null })).toBe("ChallengeRequired");
  expect(await code({ proof: first })).toBeNull();
  expect(await code({ proof: first })).toBe("ChallengeRequired");
  expect(await code({ proof: proofOf("second") })).toBeNull();
  expect(await codeAfter(5, { userId: bert, proof: proofOf("third") })).toBe("ChallengeRequired");
  await clock.advance(minuteMs);
  expect(await codeAfter(5, { proof: proofOf("fourth") })).toBe("ChallengeRequired");
});

test("who has to come again, because we failed, comes with the same proof under the same key, and has not tried more", async () => {
  const { risk, clock, code, codeAfter, actOf, proofs } = open(onlyRate);
  expect(await codeAfter(4)).toBe("ChallengeRequired");
  const until = epochMs(clock.now() + minuteMs);
  const proof = proofs.sign(
    { userId: anna, sessionId: "S1", act: "purchase" },
    { challengeId: "first", level: "light", until },
  );
  expect([await code({ proof, key: "k" }), await code({ proof, key: "k" })]).toEqual([null, null]);
  expect(await code({ proof, key: "other" })).toBe("ChallengeRequired");
  expect(await code({ key: "k" })).toBe("ChallengeRequired");
  for (let n = 0; n < 3; n++) expect(await code({ userId: bert })).toBeNull();
  risk.client.takeBack(actOf({ userId: bert }));
  expect([await code({ userId: bert }), await code({ userId: bert })]).toEqual([null, "ChallengeRequired"]);
});

test("a proof is not spent where nobody asks for it", async () => {
  const { clock, code, codeAfter, proofs } = open(onlyRate);
  const until = epochMs(clock.now() + minuteMs);
  const proof = proofs.sign(
    { userId: anna, sessionId: "S1", act: "purchase" },
    { challengeId: "first", level: "light", until },
  );
  expect(await code({ proof })).toBeNull();
  expect(await codeAfter(4)).toBe("ChallengeRequired");
  expect(await code({ proof })).toBeNull();
});

test("much doubt asks for a strict challenge, and what a light one gave does not let through, nor is it spent", async () => {
  const { ask, code, codeAfter, clock, proofs } = open({ ...onlyRate, slidePoints: 100 });
  expect(await codeAfter(4)).toBe("ChallengeRequired");
  const until = epochMs(clock.now() + minuteMs);
  const proofOf = (level: "light" | "strict") =>
    proofs.sign({ userId: anna, sessionId: "S1", act: "purchase" }, { challengeId: "first", level, until });
  expect(await ask({ proof: proofOf("light") })).toEqual({
    code: "ChallengeRequired",
    facts: { act: "purchase", level: "strict" },
  });
  expect(await code({ proof: proofOf("light").replace(".light.", ".strict.") })).toBe("ChallengeRequired");
  expect(await code({ proof: proofOf("strict") })).toBeNull();
  expect(await code({ proof: proofOf("strict") })).toBe("ChallengeRequired");
});

test("many points are refused for a minute, and no challenge helps", async () => {
  const { ask, clock, proofs } = open({ ...onlyRate, refusePoints: 100 });
  const until = epochMs(clock.now() + minuteMs);
  const proof = proofs.sign(
    { userId: anna, sessionId: "S1", act: "purchase" },
    { challengeId: "first", level: "light", until },
  );
  for (let n = 0; n < 3; n++) await ask();
  expect(await ask({ proof })).toEqual({ code: "TooManyRequests", facts: { retryAfterSeconds: 60 } });
});

test("a dry run lets everybody through and notes what would have been decided", async () => {
  const { codeAfter, risk, store } = open({ ...onlyRate, mode: "dryRun" });
  expect(await codeAfter(9)).toBeNull();
  expect([risk.counts.challenged, risk.counts.judged]).toEqual([6, 9]);
  await risk.writeNotes();
  expect(await store.decisionsOf(anna, 10)).toMatchObject([{ mode: "dryRun", decided: "challenge", points: 100 }]);
});

test("of an account one decision of a kind is noted a minute, with its reasons", async () => {
  const { clock, codeAfter, risk, store } = open(onlyRate);
  await codeAfter(50);
  await clock.advance(minuteMs);
  await codeAfter(50);
  await risk.writeNotes();
  const decisions = await store.decisionsOf(anna, 10);
  expect(decisions.map(({ at }) => at)).toEqual([epochMs(start + minuteMs), start]);
  expect(decisions[1]!.reasons).toEqual([{ signal: "accountPerMinute", value: 4, points: 100 }]);
  expect(await store.decisionsOf(bert, 10)).toEqual([]);
});

test("of those that are let through one in so many is kept with what was measured, and displaces nothing that was decided", async () => {
  const { clock, ask, codeAfter, risk, store } = open({ ...onlyRate, recordOneIn: 2 });
  for (let n = 0; n < 10; n++) await ask({ userId: (100 + n) as UserId });
  expect(await codeAfter(5)).toBe("ChallengeRequired");
  await risk.writeNotes();
  const all = await store.decisionsSince(start, 100);
  expect(all.filter(({ decided }) => decided === "allow").map(({ userId }) => Number(userId))).toEqual([
    101, 103, 105, 107, 109,
  ]);
  const [challenged] = await store.decisionsOf(anna, 10);
  expect(challenged).toMatchObject({ decided: "challenge", signals: { accountPerMinute: 4, sessionSeconds: null } });
  await clock.advance(minuteMs);
  for (let n = 0; n < 2; n++) await ask({ userId: bert });
  await risk.writeNotes();
  expect(await store.decisionsOf(bert, 10)).toMatchObject([
    { points: 0, reasons: [], signals: { accountPerMinute: 1 } },
  ]);
});

test("who is challenged and solves it, over and over, is noted once a minute for each of both", async () => {
  const { clock, code, codeAfter, risk, store, proofs } = open(onlyRate);
  await codeAfter(3);
  const until = epochMs(clock.now() + minuteMs);
  const answers: (string | null)[] = [];
  for (let n = 0; n < 5; n++) {
    const proof = proofs.sign(
      { userId: anna, sessionId: "S1", act: "purchase" },
      { challengeId: `of ${n}`, level: "light", until },
    );
    answers.push(await code());
    await clock.advance(1);
    answers.push(await code({ proof }));
  }
  expect(answers).toEqual(Array.from({ length: 5 }, () => ["ChallengeRequired", null]).flat());
  await risk.writeNotes();
  expect((await store.decisionsOf(anna, 10)).map(({ decided }) => decided)).toEqual(["solved", "challenge"]);
});

test("this machine and those inside have no address that counts; others count over accounts, and IPv6 by its /64", async () => {
  const { code } = open({ mode: "on", rules: [{ signal: "addressPerMinute", over: 2, points: 100 }] });
  const from = (address: string, userId: number) => code({ address, userId: userId as UserId });
  for (const inside of ["127.0.0.1", "172.18.0.1", "10.0.0.9", "fd00::1"])
    for (let n = 0; n < 4; n++) expect(await from(inside, n)).toBeNull();
  const answers: (string | null)[] = [];
  for (const [n, host] of ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::3"].entries())
    answers.push(await from(host, 100 + n));
  expect(answers).toEqual([null, null, "ChallengeRequired", null]);
});

test("a fresh session, failures, orders let go of and shared documents are signals", async () => {
  const { risk, code, clock } = open({
    mode: "on",
    rules: [
      { signal: "sessionSeconds", under: 5, points: 100 },
      { signal: "failuresPerTenMinutes", over: 1, points: 100 },
      { signal: "unpaidPerDay", over: 1, points: 100 },
      { signal: "accountsPerDocument", over: 1, points: 100 },
    ],
  });
  const session = (ageMs: number) => ({ sessionId: "S1", openedAt: clock.now() - ageMs });
  expect(await code({ session: session(4 * secondMs) })).toBe("ChallengeRequired");
  expect(await code({ session: session(5 * secondMs) })).toBeNull();
  for (const n of [1, 2]) risk.client.failed(anna, n as OrderId, clock.now());
  expect(await code()).toBe("ChallengeRequired");
  const hoarder = 9 as UserId;
  for (const n of [1, 2]) risk.client.endedUnpaid(hoarder, n as OrderId, clock.now());
  expect([await code({ userId: hoarder }), await code({ userId: 10 as UserId })]).toEqual(["ChallengeRequired", null]);
  for (const userId of [anna, bert]) risk.client.buysFor(userId, ["document"], clock.now());
  expect(await code({ userId: bert })).toBe("ChallengeRequired");
});

test("who is blocked may not buy, also where nobody is judged, until the block ends; others may", async () => {
  const { risk, ask, code, clock, store, follow } = open(undefined);
  const block = (subject: BlockSubject, until: EpochMs | null) =>
    store.block({ blockId: `of ${subject}`, subject, reason: "resells", since: clock.now(), until });
  await block(`account ${anna}`, epochMs(clock.now() + minuteMs));
  await block("address 203.0.113.7", null);
  await block("network 198.51.100.0/24", null);
  expect(await code()).toBeNull();
  await risk.reload();
  expect(risk.client.isIdle()).toBe(false);
  expect(await ask()).toEqual({ code: "PurchasesBlocked", facts: { reference: `of account ${anna}` } });
  const from = (address: string) => code({ userId: bert, address });
  expect([await from("203.0.113.7"), await from("203.0.113.8"), await from("198.51.100.9")]).toEqual([
    "PurchasesBlocked",
    null,
    "PurchasesBlocked",
  ]);
  follow(onlyRate);
  expect(await code()).toBe("PurchasesBlocked");
  await clock.advance(minuteMs);
  expect(await code()).toBeNull();
  await risk.writeNotes();
  expect(await store.decisionsOf(anna, 10)).toMatchObject([{ decided: "blocked" }]);
});

test("where nobody counts everybody may buy but who is blocked, and it is said", async () => {
  const broken = () => Promise.reject(new Error("away"));
  const { risk, ask, actOf, reports, store, clock } = open(
    { mode: "on" },
    {
      act: broken,
      takeBack: broken,
      failed: broken,
      endedUnpaid: broken,
      buysFor: broken,
      attempt: broken,
      spend: broken,
    },
  );
  await store.block({ blockId: "b", subject: `account ${bert}`, reason: "", since: clock.now(), until: null });
  await risk.reload();
  expect([await ask(), (await ask({ userId: bert }))?.code]).toEqual([null, "PurchasesBlocked"]);
  risk.client.takeBack(actOf());
  risk.client.failed(anna, 1 as OrderId, clock.now());
  risk.client.endedUnpaid(anna, 1 as OrderId, clock.now());
  risk.client.buysFor(anna, ["document"], clock.now());
  await Bun.sleep(0);
  expect(reports).toHaveLength(6);
  expect(risk.counts.uncounted).toBe(2);
});

test("where it cannot be known whether a proof was spent, it lets through", async () => {
  const counters = { ...createMemoryRiskCounters(), spend: () => Promise.reject(new Error("away")) };
  const { clock, code, codeAfter, proofs, reports } = open(onlyRate, counters);
  expect(await codeAfter(4)).toBe("ChallengeRequired");
  const until = epochMs(clock.now() + minuteMs);
  const proof = proofs.sign(
    { userId: anna, sessionId: "S1", act: "purchase" },
    { challengeId: "first", level: "light", until },
  );
  expect([await code({ proof }), reports.length]).toEqual([null, 1]);
});
