/**
 * Whether what this page would buy has a queue before it: before the sale opens the page looks for one that takes lots, afterwards a purchase
 * is told of it; and a page that is reloaded knows it as before.
 */
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { ask, isRefused } from "../../lib/api.ts";
import { serverNow } from "../../lib/clock.ts";
import { forgetQueueing, keepQueueing, placeKept, queueingKept } from "../../lib/queuePlaces.ts";
import { useMe } from "../../lib/session.ts";

export type Queueing = {
  readonly queueId: string | null;
  /** Nobody has to wait any more. */
  end(queueId: string): void;
  /** The next may come in. */
  bought(): void;
};

type Run = { readonly trainNumber: string; readonly originDate: string };
type Announced = {
  readonly queueId: string;
  readonly scope: string;
  readonly collectsFrom: string;
  readonly ended: boolean;
};

/** Lots are equal: who hears of a queue so much later misses nothing. */
const lookEveryMs = 20_000;

/** Queues in which places are taken now. */
export const queuesOn = (queues: readonly Announced[], nowMs: number): Announced[] =>
  queues.filter(({ ended, collectsFrom }) => !ended && Date.parse(collectsFrom) <= nowMs);

/** The queue of one of these runs, or of its day; that of a run comes first. */
export function queueOf(queues: readonly Announced[], runs: readonly Run[]): string | null {
  const scopes = [
    ...runs.map(({ trainNumber, originDate }) => `${trainNumber}/${originDate}`),
    ...runs.map(({ originDate }) => originDate),
  ];
  const found = scopes.flatMap((scope) => queues.filter((queue) => queue.scope === scope));
  return found[0]?.queueId ?? null;
}

/** `runs`: what would be bought. Only where the sale of one `isAhead` the platform is asked for their queues. */
export function useQueueing(error: unknown, runs: readonly Run[] = [], isAhead = false): Queueing {
  const page = location.pathname + location.search;
  const userId = useMe()?.userId;
  const [ended, setEnded] = useState<string | null>(null);
  const seen = useQuery({
    queryKey: ["queues"],
    queryFn: async ({ signal }) => queuesOn((await ask("GET /api/queue", {}, { signal })).queues, serverNow()),
    enabled: isAhead,
    refetchInterval: lookEveryMs,
    refetchIntervalInBackground: true,
  }).data;
  const fact = isRefused(error, "QueueOn") ? error.problem.facts?.["queue"] : undefined;
  const told = typeof fact === "string" ? fact : seen ? queueOf(seen, runs) : null;
  useEffect(() => {
    if (told !== null && told !== ended) keepQueueing(page, told);
  }, [told, ended, page]);
  const known = told ?? queueingKept(page);
  const queueId = known === ended ? null : known;
  const end = useCallback(
    (over: string) => {
      forgetQueueing(page);
      setEnded(over);
    },
    [page],
  );
  return {
    queueId,
    end,
    bought() {
      forgetQueueing(page);
      if (queueId !== null && userId !== undefined) void leave(userId, queueId);
    },
  };
}

async function leave(userId: number, queueId: string): Promise<void> {
  const place = placeKept({ userId, queueId });
  if (place === null) return;
  try {
    await ask("POST /api/queue/leave", { body: { place } });
  } catch {
    // Without a heartbeat it is empty a minute later.
  }
}
