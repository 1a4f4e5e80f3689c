/** One entry of the waitlist as it is now: asked for again while something can become of it and somebody looks. */
import type { WaitlistEntry, WaitlistEntryTold } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { ask } from "../../lib/api.ts";
import { noteServerDate } from "../../lib/clock.ts";
import { pollUnlessDeclined } from "../../lib/session.ts";

/** What happens next is somebody's deed, or that of seconds. */
const pollEveryMs: Readonly<Record<WaitlistEntry["state"], number | false>> = {
  awaitingPrepayment: 2_000,
  waiting: 3_000,
  granted: 1_000,
  // Its order can still be lost in the writing, which is seen from the order.
  served: 10_000,
  expired: false,
  cancelled: false,
  failed: false,
};

export const entryKey = (waitlistNo: string) => ["waitlist", waitlistNo] as const;

export function useEntry(waitlistNo: string) {
  return useQuery({
    queryKey: entryKey(waitlistNo),
    queryFn: async (): Promise<WaitlistEntryTold> => {
      const entry = await ask("GET /api/waitlist/:waitlistNo", { params: { waitlistNo } });
      noteServerDate(entry.now);
      return entry;
    },
    refetchInterval: ({ state }) => pollUnlessDeclined(state.data ? pollEveryMs[state.data.state] : false, state),
    staleTime: 1_000,
  });
}

export const isEnded = ({ state }: Pick<WaitlistEntry, "state">): boolean =>
  state === "expired" || state === "cancelled" || state === "failed";
export const isOpen = ({ state }: Pick<WaitlistEntry, "state">): boolean =>
  state === "awaitingPrepayment" || state === "waiting" || state === "granted";

/** Nobody prepaid it before its time was over. */
export const isUnpaid = (entry: Pick<WaitlistEntry, "state" | "paidAt">): boolean =>
  entry.state === "expired" && entry.paidAt === null;

export function toneOf({ state }: Pick<WaitlistEntry, "state">): string {
  if (state === "served") return "good";
  if (state === "awaitingPrepayment" || state === "waiting" || state === "granted") return "key";
  return state === "cancelled" ? "" : "warn";
}
