/** How staff act and look, whichever door they come by: what cannot be put on the audit trail is neither done nor shown. */
import { type AuditAction, type auditActions, type AuditOutcome } from "@chepiao/contracts";
import { type AuditEntry, auditEntryId, type AuditTrail } from "@chepiao/ports/audit-trail";
import type { Clock } from "@chepiao/ports/clock";
import type { Random } from "@chepiao/ports/random";

type OfKind<Kind> = { [A in AuditAction]: (typeof auditActions)[A] extends Kind ? A : never }[AuditAction];
export type LookAction = OfKind<"look">;
export type ActAction = OfKind<"act">;

export type Actor = Pick<AuditEntry, "door" | "role" | "userId" | "who">;
type Note<Action> = {
  readonly action: Action;
  /** On what: `run G1/2026-12-01`. */
  readonly subject?: string;
  /** In words, without names and numbers of travellers. */
  readonly what: string;
};
export type LookNote = Note<LookAction>;
export type ActNote = Note<ActAction> & {
  readonly reason?: string;
  /** What it is now, where the act replaces something. */
  readonly before?: string;
  readonly isDryRun?: true;
};

/** An act that has begun: it is on the trail, and how it came out is not yet. */
export type Act = {
  /** @param after what it is now, or why it was not done */
  ended(outcome: AuditOutcome, after?: string): Promise<void>;
};

export type ActsDeps = {
  readonly trail: Pick<AuditTrail, "append" | "end">;
  readonly clock: Pick<Clock, "now">;
  readonly random: Pick<Random, "token">;
};

/** No other process draws the same in a millisecond. */
const chanceBytes = 12;

export function createActs({ trail, clock, random }: ActsDeps) {
  async function append(actor: Actor, note: LookNote | ActNote): Promise<string> {
    const at = clock.now();
    const entryId = auditEntryId(at, random.token(chanceBytes));
    const { action, subject = null, what } = note;
    const { reason = null, before = null, isDryRun = false } = note as ActNote;
    await trail.append({ entryId, at, ...actor, action, subject, what, reason, before, isDryRun });
    return entryId;
  }
  return {
    /** Before anything is shown. */
    noteLook: async (actor: Actor, note: LookNote): Promise<void> => void (await append(actor, note)),
    /** Before anything is done. An act whose end is never said has no outcome: its process died, or threw. */
    async begin(actor: Actor, note: ActNote): Promise<Act> {
      const entryId = await append(actor, note);
      return {
        ended: (outcome, after) => trail.end({ entryId, at: clock.now(), outcome, after: after ?? null }),
      };
    },
  };
}
export type Acts = ReturnType<typeof createActs>;
