/**
 * What happened to accounts, and by whom, for those who look into an attack; what staff do is on the audit trail. One stream, appended to and never changed, kept for
 * 180 days. It names people by their account's number and a keyed hash, and addresses by their network.
 */
import type { EpochMs } from "@chepiao/kernel";

/** What people do with accounts, and operators with those of others. */
export const accountActions = [
  "register",
  "login",
  "logout",
  "endSessions",
  "changePassword",
  "askPasswordReset",
  "resetPassword",
  "askContactCode",
  "proveContact",
  "askContactChange",
  "changeContact",
  "deleteAccount",
  "changeRole",
  "changeStatus",
] as const;
export type AccountAction = (typeof accountActions)[number];
export type SecurityAction =
  | AccountAction
  /** A client asks more than is let through. */
  | "throttle";
/** `refused` because of what was asked or by whom, `failed` because of us. */
export type SecurityStatus = "success" | "refused" | "failed";

/** In the fields of the design document's log lines (§11.2.2); absent ones are null. */
export type SecurityEvent = {
  readonly timestamp: EpochMs;
  readonly level: "INFO" | "WARN" | "ERROR";
  /** `user-service`, `gateway-service`, or `command-line` where an operator did it there. */
  readonly service: string;
  readonly traceId: string | null;
  readonly userId: number | null;
  readonly action: SecurityAction;
  readonly message: string;
  readonly status: SecurityStatus;
  /** The code of a refusal, or what the operator gave as the reason. */
  readonly reason: string | null;
  /** Of the name that was given, keyed: equal names have equal hashes. */
  readonly nameHash: string | null;
  /** The network the request came from: `203.0.113.0/24`, `2001:db8:1::/48`. */
  readonly address: string | null;
};

export type SecurityEvents = {
  /** In the order given; on stable storage soon, not on return. */
  append(events: readonly SecurityEvent[]): Promise<void>;
  /** Forgets events from before then, about `limit` at most; how many. */
  purge(before: EpochMs, limit: number): Promise<number>;
};
