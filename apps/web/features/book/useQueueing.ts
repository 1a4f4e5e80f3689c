/** Whether what this page would buy has a queue before it: as a purchase was told, and after a reload of the page as it was told before. */
import { useEffect, useState } from "react";
import { ask, isRefused } from "../../lib/api.ts";
import { forgetQueueing, keepQueueing, placeKept, queueingKept } from "../../lib/queuePlaces.ts";

export type Queueing = {
  readonly queueId: string | null;
  /** Nobody has to wait any more. */
  end(): void;
  /** The next may come in. */
  bought(): void;
};

export function useQueueing(error: unknown): Queueing {
  const page = location.pathname + location.search;
  const [, setEnds] = useState(0);
  const fact = isRefused(error, "QueueOn") ? error.problem.facts?.["queue"] : undefined;
  const told = typeof fact === "string" ? fact : null;
  useEffect(() => {
    if (told !== null) keepQueueing(page, told);
  }, [told, page]);
  const queueId = told ?? queueingKept(page);
  return {
    queueId,
    end() {
      forgetQueueing(page);
      setEnds((ends) => ends + 1);
    },
    bought() {
      forgetQueueing(page);
      if (queueId !== null) void leave(queueId);
    },
  };
}

async function leave(queueId: string): Promise<void> {
  const place = placeKept(queueId);
  if (place === null) return;
  try {
    await ask("POST /api/queue/leave", { body: { place } });
  } catch {
    // Without a heartbeat it is empty a minute later.
  }
}
