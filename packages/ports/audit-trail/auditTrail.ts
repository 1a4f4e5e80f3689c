/**
 * What staff do and look at, by whichever door: an entry is written before the act, its outcome after it, and neither is ever changed.
 * Deleted are entries that are older than the railway keeps them, and nothing else.
 */
import type { AuditAction, AuditDoor, AuditOutcome, Role } from "@chepiao/contracts";
import type { EpochMs, UserId } from "@chepiao/kernel";

export type AuditEntry = {
  /** Made with `auditEntryId`: in order of time. */
  readonly entryId: string;
  readonly at: EpochMs;
  /** A username, or the machine's account at the command line. */
  readonly who: string;
  /** Null at the command line. */
  readonly userId: UserId | null;
  readonly role: Role | null;
  readonly door: AuditDoor;
  readonly action: AuditAction;
  /** On what: `run G1/2026-12-01`, `account 123`; null where it is about nothing by itself. */
  readonly subject: string | null;
  /** In words, without names and numbers of travellers. */
  readonly what: string;
  readonly reason: string | null;
  readonly before: string | null;
  readonly isDryRun: boolean;
};

export type AuditEnd = {
  readonly entryId: string;
  readonly at: EpochMs;
  readonly outcome: AuditOutcome;
  /** What it is now, or why it was not done. */
  readonly after: string | null;
};

export type AuditRecord = AuditEntry & { readonly end: Omit<AuditEnd, "entryId"> | null };

export type AuditSearch = Partial<Pick<AuditRecord, "action" | "subject" | "who">> & {
  /** The last one of the page before. */
  readonly before?: string;
  readonly limit: number;
};

/** Longer texts are cut off. */
export const auditTextMax = 400;
const auditSubjectMax = 100;

export type AuditTrail = {
  /** On stable storage on return: what cannot be written is not done. */
  append(entry: AuditEntry): Promise<void>;
  /** How it came out; the first that is said stays (I7). */
  end(end: AuditEnd): Promise<void>;
  /** Newest first. */
  find(search: AuditSearch): Promise<readonly AuditRecord[]>;
  /** Forgets entries from before then with their outcomes, at most `limit`; how many. */
  forget(before: EpochMs, limit: number): Promise<number>;
};

/** @param chance of so many characters that no other process draws the same in the same millisecond */
export const auditEntryId = (at: EpochMs, chance: string): string =>
  `${at.toString(36).padStart(9, "0")}-${chance.slice(0, 22)}`;

/** As it is kept. */
export const auditEntryCut = (entry: AuditEntry): AuditEntry => ({
  ...entry,
  who: entry.who.slice(0, auditSubjectMax),
  subject: cut(entry.subject, auditSubjectMax),
  what: entry.what.slice(0, auditTextMax),
  reason: cut(entry.reason, auditTextMax),
  before: cut(entry.before, auditTextMax),
});
export const auditEndCut = (end: AuditEnd): AuditEnd => ({ ...end, after: cut(end.after, auditTextMax) });

const cut = (text: string | null, max: number) => (text === null ? null : text.slice(0, max));
