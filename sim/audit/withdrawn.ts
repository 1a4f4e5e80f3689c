/** Seats of coaches that an operator has withdrawn, said slowly: from what he said, and what of it may be in force while word of it is on its way. */
import { areNoSeats, type Run, type RunId, type SeatClass, seatsOf } from "@chepiao/contracts";
import type { OrderId } from "@chepiao/kernel";
import type { WithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";

export type WithdrawnBook = {
  /** Seats of a run's class, by index; more than one set where a change may not have come through yet. */
  possible(run: Run, seatClass: SeatClass): readonly ReadonlySet<number>[];
  /** What was said last. */
  latest(run: Run, seatClass: SeatClass): ReadonlySet<number>;
  /** Coaches without which it runs, as was said last. */
  lost(runId: RunId): readonly number[];
  wasLost(runId: RunId, coachNo: number): boolean;
  /** Was an order ever refused other seats of the run, for want of any? */
  wasRefusedSeats(runId: RunId, orderId: OrderId): boolean;
  /** Of which anything was ever withdrawn. */
  runIds(): readonly RunId[];
  /** From now on nothing but the latest can be in force. */
  settle(): void;
  /** A store that writes down here what is said in it. */
  kept(store: WithdrawnCoachStore): WithdrawnCoachStore;
};

export function createWithdrawnBook(): WithdrawnBook {
  const byRun = new Map<RunId, (readonly number[])[]>();
  const lostByRun = new Map<RunId, readonly number[]>();
  const everLost = new Set<string>();
  const everRefused = new Set<string>();
  const of = ({ runId }: Run) => byRun.get(runId) ?? [[]];
  return {
    possible: (run, seatClass) => of(run).map((coachNos) => seatsIn(run, seatClass, coachNos)),
    latest: (run, seatClass) => seatsIn(run, seatClass, of(run).at(-1)!),
    lost: (runId) => lostByRun.get(runId) ?? [],
    wasLost: (runId, coachNo) => everLost.has(`${runId} ${coachNo}`),
    wasRefusedSeats: (runId, orderId) => everRefused.has(`${runId} ${orderId}`),
    runIds: () => [...byRun.keys()],
    settle() {
      for (const [runId, said] of byRun) byRun.set(runId, said.slice(-1));
    },
    kept: (store) => ({
      ...store,
      async set(after, change) {
        const version = await store.set(after, change);
        if (version === null) return null;
        byRun.set(change.runId, [...(byRun.get(change.runId) ?? [[]]), change.coachNos]);
        const lost = change.lost.map(({ no }) => no);
        lostByRun.set(change.runId, lost);
        for (const no of lost) everLost.add(`${change.runId} ${no}`);
        return version;
      },
      noteReseats(runId, results) {
        for (const { orderId, why } of results)
          if (why !== null && areNoSeats({ code: why })) everRefused.add(`${runId} ${orderId}`);
        return store.noteReseats(runId, results);
      },
    }),
  };
}

const seatsIn = ({ train }: Run, seatClass: SeatClass, coachNos: readonly number[]): ReadonlySet<number> =>
  new Set(
    (seatsOf(train.composition).get(seatClass) ?? [])
      .filter(({ coachNo }) => coachNos.includes(coachNo))
      .map(({ index }) => index),
  );
