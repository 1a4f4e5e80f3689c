/** The risk room: judges purchases in the process that sells, by what all processes have counted. */
import { hash } from "node:crypto";
import {
  type ChallengeLevel,
  refusal,
  type Refusal,
  type RiskAct,
  type RiskClient,
  type RiskSignals,
  type Timetable,
} from "@chepiao/contracts";
import { challengeKnownMs, countedNetwork, isInside, minuteMs, secondMs, truncatedAddress } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { ActCounts, CountedAct, RiskCounters } from "@chepiao/ports/risk-counters";
import type { RiskDecision, RiskStore } from "@chepiao/ports/risk-store";
import type { Vault } from "@chepiao/ports/vault";
import { createChallengeProofs } from "@chepiao/room";
import { type Blocks, createBlocks } from "./blocks.ts";
import { createNotes } from "./notes.ts";
import { riskRulesOf, type RiskRules } from "./rules.ts";
import { allowed, type RiskVerdict, verdictOf } from "./verdict.ts";

export { riskRulesOf, rulesIn, type RiskRules } from "./rules.ts";
export { verdictOf } from "./verdict.ts";

export type RiskDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly vault: Pick<Vault, "secret">;
  readonly timetable: () => Pick<Timetable, "policy">;
  readonly counters: RiskCounters;
  readonly store: RiskStore;
  readonly report: (message: string, error?: unknown) => void;
};

/** With what was measured of it. */
type MeasuredAct = RiskAct & { readonly signals: RiskSignals };

/** How late a process may hear of a block. */
export const blocksFreshMs = 2 * secondMs;
const refusedForSeconds = minuteMs / secondMs;

const countNames = ["judged", "challenged", "solved", "refused", "blocked", "uncounted"] as const;
export type RiskCount = (typeof countNames)[number];

export function createRisk(deps: RiskDeps) {
  const { clock, vault, timetable, counters, store, report } = deps;
  const proofs = createChallengeProofs(vault);
  const notes = createNotes(store, clock);
  const counts = Object.fromEntries(countNames.map((name) => [name, 0])) as Record<RiskCount, number>;
  let letThrough = 0;
  let blocks: Blocks = createBlocks([]);
  const rules = () => riskRulesOf(timetable().policy);

  function judge(acts: readonly RiskAct[]): ReturnType<RiskClient["judge"]> {
    const now = rules();
    if (now.mode === "off") return acts.map(blocked);
    counts.judged += acts.length;
    let counted: ReturnType<RiskCounters["act"]>;
    try {
      counted = counters.act(acts.map(countedOf));
    } catch (error) {
      counted = Promise.reject(error);
    }
    return counted instanceof Promise
      ? counted.then(
          (all) => decide(acts, all, now),
          (error: unknown) => uncounted(acts, error),
        )
      : decide(acts, counted, now);
  }

  /** Where nobody counts everybody may buy: rules against programs must not stand between people and their trains. Blocks hold. */
  function uncounted(acts: readonly RiskAct[], error: unknown) {
    counts.uncounted += acts.length;
    report("purchases are not judged: what is counted cannot be reached", error);
    return acts.map(blocked);
  }

  function decide(acts: readonly RiskAct[], all: readonly ActCounts[], now: RiskRules) {
    const outcomes = acts.map((act, n) => blocked(act) ?? judgedBy(act, signalsOf(act, all[n]!), now));
    return outcomes.some((outcome) => outcome instanceof Promise)
      ? Promise.all(outcomes.map(async (outcome) => outcome))
      : (outcomes as readonly (Refusal | null)[]);
  }

  function blocked({ userId, asker, at }: RiskAct): Refusal | null {
    if (blocks.count === 0) return null;
    const block = blocks.of(userId, () => asker.address, at);
    if (!block) return null;
    counts.blocked++;
    notes.add({ userId, at, mode: "on", decided: "blocked", points: 0, reasons: [], signals: null });
    return refusal("PurchasesBlocked", { reference: block.blockId });
  }

  function judgedBy(act: RiskAct, signals: RiskSignals, now: RiskRules) {
    const verdict = verdictOf(signals, now);
    if (verdict !== allowed && verdict.kind !== "allow") return outcomeOf({ ...act, signals }, verdict, now);
    if (now.recordOneIn !== null && ++letThrough % now.recordOneIn === 0)
      note({ ...act, signals }, verdict, now.mode, "allow");
    return null;
  }

  function outcomeOf(
    act: MeasuredAct,
    verdict: RiskVerdict,
    { mode, slidePoints }: RiskRules,
  ): Refusal | null | Promise<Refusal | null> {
    if (verdict.kind === "refuse") {
      counts.refused++;
      note(act, verdict, mode, "refuse");
      return mode === "dryRun" ? null : refusal("TooManyRequests", { retryAfterSeconds: refusedForSeconds });
    }
    const level = verdict.points >= slidePoints ? "strict" : "light";
    if (mode === "dryRun") {
      challenged(act, verdict, mode, level);
      return null;
    }
    const proof = proofOf(act);
    if (!proof || (level === "strict" && proof.level !== "strict")) return challenged(act, verdict, mode, level);
    const spent = (isOwn: boolean) => {
      if (!isOwn) return challenged(act, verdict, mode, level);
      counts.solved++;
      note(act, verdict, mode, "solved");
      return null;
    };
    return counters
      .spend(proof.challengeId, spenderOf(act), proof.until - act.at + challengeKnownMs)
      .then(spent, (error: unknown) => uncounted([act], error)[0]!);
  }

  function challenged(act: MeasuredAct, verdict: RiskVerdict, mode: RiskRules["mode"], level: ChallengeLevel): Refusal {
    counts.challenged++;
    note(act, verdict, mode, "challenge");
    return refusal("ChallengeRequired", { act: "purchase", level });
  }

  function proofOf({ userId, asker: { proof, session }, at }: RiskAct) {
    if (proof === null || session === null) return null;
    return proofs.read(proof, { userId, sessionId: session.sessionId, act: "purchase" }, at);
  }

  function note(
    { userId, at, signals }: MeasuredAct,
    { points, reasons }: RiskVerdict,
    mode: RiskRules["mode"],
    decided: RiskDecision["decided"],
  ) {
    notes.add({ userId, at, mode, decided, points, reasons, signals });
  }

  const unheard = (what: string) => (error: unknown) => report(what, error);

  const client: RiskClient = {
    isIdle: () => rules().mode === "off" && blocks.count === 0,
    judge,
    takeBack(act) {
      if (rules().mode !== "off")
        counters.takeBack([countedOf(act)]).catch(unheard("a purchase that failed was counted as a try"));
    },
    failed(userId, orderId, at) {
      if (rules().mode !== "off")
        counters.failed(userId, orderId, at).catch(unheard("a refused purchase was not counted"));
    },
    endedUnpaid(userId, orderId, at) {
      if (rules().mode !== "off")
        counters.endedUnpaid(userId, orderId, at).catch(unheard("an order that ended unpaid was not counted"));
    },
    buysFor(userId, documents, at) {
      if (rules().mode !== "off")
        counters.buysFor(userId, documents, at).catch(unheard("documents of a purchase were not counted"));
    },
  };

  return {
    client,
    counts,
    writeNotes: notes.write,
    forget: notes.forget,
    async reload() {
      blocks = createBlocks(await store.blocks(clock.now()));
    },
  };
}

/** Who comes again under the same key, because we failed, has not spent his proof on anything. */
const spenderOf = ({ userId, key }: RiskAct): string => hash("sha256", `${userId} ${key}`, "base64url");

/** Of a machine inside nobody is counted by the address: behind a proxy that is not believed everybody would have the proxy's. */
function countedOf({ userId, at, asker }: RiskAct): CountedAct {
  const { address } = asker;
  if (isInside(address)) return { userId, at, address: null, network: null };
  return { userId, at, address: countedNetwork(address), network: truncatedAddress(address) };
}

function signalsOf({ at, asker: { session } }: RiskAct, counts: ActCounts): RiskSignals {
  const openedAt = session?.openedAt;
  return { ...counts, sessionSeconds: openedAt === undefined ? null : Math.max(0, (at - openedAt) / secondMs) };
}
