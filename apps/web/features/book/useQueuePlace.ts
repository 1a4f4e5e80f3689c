/** How far a queue has come, the own place in it, and its turn. What is shown never goes back, whichever process answers. */
import type { QueuePlace, QueueStatus, QueueTurn } from "@chepiao/contracts";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ask } from "../../lib/api.ts";
import { isFirstToGoOn, keepPass, keepPlace, placeKept } from "../../lib/queuePlaces.ts";

const statusEveryMs = 2_000;
/** Who was called and finds no room asks again. */
const callEveryMs = 4_000;
/** A lot that a failover lost is taken again; who is inside says so. */
const beatEveryMs = 15_000;

/** `goesOn`: here, and in no other tab. */
type Turn = Pick<QueueTurn, "turn"> & { readonly goesOn: boolean };
export type Queued = {
  readonly status: QueueStatus | undefined;
  readonly place: QueuePlace | undefined;
  readonly turn: Turn | undefined;
};

export function useQueuePlace(queueId: string): Queued {
  const client = useQueryClient();
  const statusKey = ["queue", queueId];
  const status = useQuery({
    queryKey: statusKey,
    queryFn: async ({ signal }) => {
      const now = await ask("GET /api/queue/status", { query: { queue: queueId } }, { signal });
      const before = client.getQueryData<QueueStatus>(statusKey);
      return { ...now, served: Math.max(now.served, before?.served ?? 0) };
    },
    refetchInterval: statusEveryMs,
  }).data;

  const phase = status?.phase;
  const place = useQuery({
    // Asked anew once lots are drawn.
    queryKey: ["queuePlace", queueId, phase === "open"],
    queryFn: () => join(queueId),
    enabled: phase === "collecting" || phase === "drawing" || phase === "open",
    refetchInterval: ({ state }) => (state.data?.position == null ? beatEveryMs : false),
  }).data;

  const isCalled = status !== undefined && place?.position != null && place.position <= status.served;
  const turnKey = ["queueTurn", queueId];
  const turn = useQuery({
    queryKey: turnKey,
    queryFn: async (): Promise<Turn> => {
      const now = await ask("POST /api/queue/heartbeat", { body: { place: placeKept(queueId) ?? "" } });
      keepPass(queueId, now);
      if (now.turn === "lost") void client.invalidateQueries({ queryKey: ["queuePlace", queueId] });
      const went = client.getQueryData<Turn>(turnKey)?.goesOn ?? false;
      return { turn: now.turn, goesOn: now.turn === "inside" && (went || isFirstToGoOn(queueId)) };
    },
    enabled: isCalled,
    refetchInterval: ({ state }) => (state.data?.turn === "inside" ? beatEveryMs : callEveryMs),
  }).data;
  return { status, place, turn: isCalled ? turn : undefined };
}

async function join(queueId: string): Promise<QueuePlace> {
  const known = placeKept(queueId);
  const joined = await ask("POST /api/queue/join", {
    body: { queue: queueId, ...(known === null ? {} : { place: known }) },
  });
  keepPlace(queueId, joined.place);
  return joined;
}

/** How long one waits at most, in whole minutes. */
export const minutesLeft = (ahead: number, perMinute: number): number =>
  Math.ceil((ahead + 1) / Math.max(1, perMinute));
