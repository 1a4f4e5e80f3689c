/**
 * What was decided, for whoever asks afterwards why. Written by and by, and of each account the first of each kind in a minute: a program that is
 * turned away a thousand times a second is one row.
 */
import { dayMs, minuteMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { RiskDecision, RiskStore } from "@chepiao/ports/risk-store";

const waitingMax = 10_000;
/** What is kept of an account's decisions. */
export const decisionsKeptMs = 30 * dayMs;

export function createNotes(store: Pick<RiskStore, "note" | "forget">, clock: Pick<Clock, "now">) {
  let waiting: RiskDecision[] = [];
  /** What was decided of each account in this minute; that of the minute before is forgotten as a whole. */
  let told = new Set<string>();
  let minute = 0;

  return {
    add(decision: RiskDecision): void {
      const now = Math.floor(decision.at / minuteMs);
      if (now !== minute) {
        minute = now;
        told = new Set();
      }
      const { userId, decided } = decision;
      const kind = `${userId} ${decided}`;
      const roomFor = decided === "allow" ? waitingMax / 2 : waitingMax;
      if (told.has(kind) || waiting.length >= roomFor) return;
      told.add(kind);
      waiting.push(decision);
    },
    /** What cannot be written is lost: a judgement must not wait for its reasons. */
    async write(): Promise<void> {
      // Of one instant the first is kept: what was decided against somebody before what was let through.
      const decisions = waiting.toSorted((a, b) => Number(a.decided === "allow") - Number(b.decided === "allow"));
      waiting = [];
      if (decisions.length > 0) await store.note(decisions);
    },
    async forget(): Promise<void> {
      await store.forget((clock.now() - decisionsKeptMs) as ReturnType<Clock["now"]>);
    },
  };
}
