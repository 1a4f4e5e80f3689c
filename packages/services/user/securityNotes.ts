/**
 * What the room of people tells the stream of security events. Nobody waits for it: an event that cannot be written is
 * reported and lost. Throttling is told once a minute for each address and action, or a flood would fill the stream.
 */
import type { Call } from "@chepiao/contracts";
import { minuteMs, truncatedAddress } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import {
  type AccountAction,
  accountActions,
  type SecurityEvent,
  type SecurityEvents,
  type SecurityStatus,
} from "@chepiao/ports/security-events";
import type { Vault } from "@chepiao/ports/vault";
import { LRUCache } from "lru-cache";

/** Whose request it was; null for a command of an operator. */
export type Asker = Pick<Call<never>, "clientAddress" | "traceId"> | null;

export type SecurityNote = {
  readonly action: AccountAction;
  readonly status: SecurityStatus;
  readonly asker: Asker;
  readonly userId?: number | null;
  /** As it was given; only its keyed hash is written. */
  readonly name?: string | null;
  /** The code of a refusal, or an operator's words. */
  readonly reason?: string | null;
};

export type SecurityNotesDeps = {
  readonly securityEvents: SecurityEvents;
  readonly vault: Pick<Vault, "fingerprint">;
  readonly clock: Pick<Clock, "now">;
  readonly report: (message: string, error: unknown) => void;
};

const statuses = ["success", "refused", "failed"] as const satisfies readonly SecurityStatus[];
const levels = { success: "INFO", refused: "WARN", failed: "ERROR" } as const;
/** As much as tells names apart. */
const nameHashLength = 16;
const throttledMax = 10_000;
/** Told while the ones before are being written; about 5 MB. */
const waitingMax = 10_000;

export function createSecurityNotes({ securityEvents, vault, clock, report }: SecurityNotesDeps) {
  const counters: Record<string, number> = Object.fromEntries(
    accountActions.flatMap((action) => statuses.map((status) => [`${action}.${status}`, 0])),
  );
  const lastTold = new LRUCache<string, number>({ max: throttledMax });
  let waiting: SecurityEvent[] = [];
  let writing: Promise<void> | null = null;

  /** What has gathered while the last ones were written goes together. */
  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const events = waiting;
      waiting = [];
      await securityEvents
        .append(events)
        .catch((error: unknown) => report(`${events.length} security events could not be written`, error));
    }
    writing = null;
  }

  function write(event: SecurityEvent): void {
    if (waiting.length >= waitingMax) return report("security events are written too slowly: one is lost", null);
    waiting.push(event);
    writing ??= writeAll();
  }

  function isToldAlready({ action, asker, reason }: SecurityNote, now: number): boolean {
    if (reason !== "TooManyRequests" || !asker) return false;
    const key = `${action} ${truncatedAddress(asker.clientAddress)}`;
    const told = lastTold.get(key);
    if (told !== undefined && now - told < minuteMs) return true;
    lastTold.set(key, now);
    return false;
  }

  return {
    /** How many there were since the start, by action and status: `login.refused`. */
    counters: counters as Readonly<Record<string, number>>,
    note(event: SecurityNote): void {
      const { action, status, asker, userId = null, name = null, reason = null } = event;
      counters[`${action}.${status}`]!++;
      const now = clock.now();
      if (isToldAlready(event, now)) return;
      write({
        timestamp: now,
        level: levels[status],
        service: asker ? "user-service" : "command-line",
        traceId: asker?.traceId ?? null,
        userId,
        action,
        message: `${action} ${status}${reason === null ? "" : `: ${reason}`}`,
        status,
        reason,
        nameHash: name === null ? null : vault.fingerprint(`name:${name.toLowerCase()}`).slice(0, nameHashLength),
        address: asker ? truncatedAddress(asker.clientAddress) : null,
      });
    },
    /** Once everything that was told is written, or was reported. */
    settled: async () => {
      await writing;
    },
  };
}

export type SecurityNotes = ReturnType<typeof createSecurityNotes>;
