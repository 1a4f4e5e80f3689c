/** What the room of people does beside answering: work that nobody waits for, and clearing away what has expired. */
import {
  dayMs,
  epochMs,
  hourMs,
  minuteMs,
  secondMs,
  securityEventsKeptDays,
  sessionTouchMs,
  type Slot,
  userSlotCount,
} from "@chepiao/kernel";
import type { Work } from "@chepiao/room";
import { sealedEmail } from "./accounts.ts";
import type { UserDeps } from "./deps.ts";

const purgeEveryMs = 10 * minuteMs;
const purgedAtOnce = 500;
const sealedAtOnce = 500;

/** Work that nobody waits for; what goes wrong is reported. */
export function createBackground(report: (message: string, error: unknown) => void) {
  const underWay = new Set<Promise<void>>();
  return {
    begin(work: () => Promise<void>): void {
      const begun = work()
        .catch((error: unknown) => report("a message to the owner of an account could not be sent", error))
        .finally(() => underWay.delete(begun));
      underWay.add(begun);
    },
    settled: async () => void (await Promise.all(underWay)),
  };
}

/** What has expired is refused wherever it is met; this only keeps the tables from growing. */
export const purging = ({
  sessions,
  codes,
  securityEvents,
  clock,
}: Pick<UserDeps, "sessions" | "codes" | "securityEvents" | "clock">): Work => ({
  kind: "job",
  name: "expired sessions, codes and security events",
  everyMs: purgeEveryMs,
  async pass() {
    const now = clock.now();
    const purged = [
      // The last minute's uses may not be written yet.
      await sessions.purge(epochMs(now - sessionTouchMs), purgedAtOnce),
      await codes.purge(now, purgedAtOnce),
      await securityEvents.purge(epochMs(now - securityEventsKeptDays * dayMs), purgedAtOnce),
    ];
    return purged.some((count) => count >= purgedAtOnce);
  },
  // What could not be purged now will be found again next time.
  failed: null,
});

/** Of versions before, and of processes of theirs that still run beside this one while a cluster is brought up to date. */
export function sealing(deps: Pick<UserDeps, "users" | "vault">): Work {
  let slot = 0;
  return {
    kind: "job",
    name: "mail addresses in the clear",
    firstMs: 10 * secondMs,
    everyMs: hourMs,
    async pass() {
      for (; slot < userSlotCount; slot++) {
        const clear = await deps.users.clearEmails(slot as Slot, sealedAtOnce);
        for (const one of clear) await deps.users.sealEmail(one, sealedEmail(deps, one.userId, one.email));
        if (clear.length > 0) return true;
      }
      slot = 0;
      return false;
    },
    failed: "mail addresses of versions before could not be sealed",
  };
}
