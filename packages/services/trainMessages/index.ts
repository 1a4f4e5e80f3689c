/** The room of messages about trains: it reads what becomes of trains on the day, and stores it by run. */
import type { RunId, Timetable } from "@chepiao/contracts";
import { backoffMs, epochMs, minuteMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { OrderStore } from "@chepiao/ports/order-store";
import type { RunStateStore, TrainMessageSource } from "@chepiao/ports/run-states";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import { createRunNames } from "./names.ts";
import { placeMessages } from "./place.ts";

export type TrainMessagesDeps = {
  readonly states: RunStateStore;
  readonly store: Pick<TimetableStore, "tripsOf">;
  readonly orders: Pick<OrderStore, "holdersOf">;
  readonly timetable: () => Timetable;
  readonly clock: Pick<Clock, "now">;
};

/** What was taken over from a source. */
export type TakenOver = {
  /** False where the source says nothing newer than before. */
  readonly isNewer: boolean;
  readonly runCount: number;
  readonly noticeCount: number;
  readonly unknownTrips: readonly string[];
  /** Runs that this source cancels and did not before, with how many orders have seats on them. */
  readonly cancelled: readonly { readonly runId: RunId; readonly orderCount: number }[];
  readonly cancelledCount: number;
};

export type TrainMessages = {
  takeOver(source: TrainMessageSource): Promise<TakenOver>;
};

export function createTrainMessages({ states, store, orders, timetable, clock }: TrainMessagesDeps): TrainMessages {
  const names = createRunNames({ store, timetable, clock });
  return {
    async takeOver(source) {
      const messages = await source.read();
      const placed = placeMessages(messages, await names());
      const cancelledIn = (runs: typeof placed.states.runs) =>
        runs.filter(({ isCancelled }) => isCancelled).map(({ runId }) => runId);
      const before = new Set(cancelledIn((await states.read()).get(source.name)?.runs ?? []));
      const cancelled = cancelledIn(placed.states.runs);
      const isNewer = await states.replace(source.name, placed.states, clock.now());
      const fresh = isNewer ? cancelled.filter((runId) => !before.has(runId)) : [];
      const holders = await orders.holdersOf(fresh);
      return {
        isNewer,
        runCount: placed.states.runs.length,
        noticeCount: placed.states.notices.length,
        unknownTrips: placed.unknownTrips,
        cancelled: fresh.map((runId) => ({ runId, orderCount: holders.get(runId) ?? 0 })),
        cancelledCount: cancelled.length,
      };
    },
  };
}

const restMsMax = 10 * minuteMs;

/** One pass after another over a source that may be away: ever more rarely while it is. */
export function createReader(source: TrainMessageSource, { messages, clock, told }: ReaderDeps): () => Promise<void> {
  let failures = 0;
  let restsUntil = epochMs(0);
  return async () => {
    if (clock.now() < restsUntil) return;
    try {
      told(await messages.takeOver(source));
      failures = 0;
    } catch (error) {
      restsUntil = epochMs(clock.now() + Math.min(restMsMax, backoffMs(5 + failures++)));
      throw error;
    }
  };
}
type ReaderDeps = {
  readonly messages: TrainMessages;
  readonly clock: Pick<Clock, "now">;
  readonly told: (taken: TakenOver) => void;
};
