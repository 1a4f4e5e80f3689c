/**
 * How far a queue has come, the own place in it, and its turn. What is shown never goes back, whichever process answers. All of it is asked
 * for in a hidden tab too: who waits looks at something else meanwhile.
 */
import type { QueuePlace, QueueStatus, QueueTurn } from "@chepiao/contracts";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, isRefused } from "../../lib/api.ts";
import { forgetPlace, keepPass, keepPlace, type PlaceOf, placeKept } from "../../lib/queuePlaces.ts";
import { pollUnlessDeclined } from "../../lib/session.ts";

const statusEveryMs = 2_000;
/** Who was called and finds no room asks again. */
const callEveryMs = 4_000;
/** A lot that a failover lost is taken again; who is inside says so. */
const beatEveryMs = 15_000;

export type Queued = {
  readonly status: QueueStatus | undefined;
  readonly place: QueuePlace | undefined;
  readonly turn: QueueTurn["turn"] | undefined;
  /** Why one of them could not be had when it was asked for last. */
  readonly error: Error | null;
};

/** Without an account only the status is known. */
export function useQueuePlace(queueId: string, userId: number | undefined): Queued {
  const client = useQueryClient();
  const of: PlaceOf = { userId: userId ?? 0, queueId };
  const statusKey = ["queue", queueId];
  const status = useQuery({
    queryKey: statusKey,
    queryFn: async ({ signal }) => {
      const now = await ask("GET /api/queue/status", { query: { queue: queueId } }, { signal });
      const before = client.getQueryData<QueueStatus>(statusKey);
      return { ...now, served: Math.max(now.served, before?.served ?? 0) };
    },
    refetchInterval: ({ state }) => (isRefused(state.error, "QueueUnknown") ? false : statusEveryMs),
    refetchIntervalInBackground: true,
  });

  const phase = status.data?.phase;
  const place = useQuery({
    // Asked anew once lots are drawn.
    queryKey: ["queuePlace", userId, queueId, phase === "open"],
    queryFn: () => join(of),
    enabled: userId !== undefined && (phase === "collecting" || phase === "drawing" || phase === "open"),
    refetchInterval: ({ state }) =>
      state.data?.position != null || isRefused(state.error, "QueueLotTaken")
        ? false
        : pollUnlessDeclined(beatEveryMs, state),
    refetchIntervalInBackground: true,
  });

  const held = place.data;
  const isCalled = status.data !== undefined && held?.position != null && held.position <= status.data.served;
  const turn = useQuery({
    queryKey: ["queueTurn", userId, queueId],
    queryFn: async (): Promise<QueueTurn["turn"]> => {
      const joinAnew = () => client.invalidateQueries({ queryKey: ["queuePlace", userId, queueId] });
      try {
        const now = await ask("POST /api/queue/heartbeat", { body: { place: held?.place ?? "" } });
        keepPass(of, now);
        if (now.turn === "lost") void joinAnew();
        return now.turn;
      } catch (error) {
        if (isRefused(error, "QueuePlaceInvalid")) {
          forgetPlace(of);
          void joinAnew();
        }
        throw error;
      }
    },
    enabled: isCalled,
    refetchInterval: ({ state }) => pollUnlessDeclined(state.data === "inside" ? beatEveryMs : callEveryMs, state),
    refetchIntervalInBackground: true,
  });
  return {
    status: status.data,
    place: held,
    turn: isCalled ? turn.data : undefined,
    error: status.error ?? place.error ?? (isCalled ? turn.error : null),
  };
}

async function join(of: PlaceOf): Promise<QueuePlace> {
  const known = placeKept(of);
  const joined = await ask("POST /api/queue/join", {
    body: { queue: of.queueId, ...(known === null ? {} : { place: known }) },
  });
  keepPlace(of, joined.place);
  return joined;
}

/** How long one waits at least, in whole minutes. */
export const minutesLeft = (ahead: number, perMinute: number): number =>
  Math.ceil((ahead + 1) / Math.max(1, perMinute));
