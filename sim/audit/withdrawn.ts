/**
 * Seats that an operator has withdrawn, by coach or because the train is another, said slowly: from what he said, and what of it may be in force while
 * word of it is on its way.
 */
import {
  areNoSeats,
  type Composition,
  type OrderLine,
  placeName,
  type Run,
  type RunId,
  type SeatClass,
  seatsOf,
} from "@chepiao/contracts";
import type { OrderId } from "@chepiao/kernel";
import type { TicketRecord } from "@chepiao/ports/order-store";
import {
  isClosed,
  noneWithdrawn,
  type WithdrawnCoaches,
  type WithdrawnCoachStore,
} from "@chepiao/ports/withdrawn-coaches";

export type WithdrawnBook = {
  /** Seats of a run's class, by index; more than one set where a change may not have come through yet. */
  possible(run: Run, seatClass: SeatClass): readonly ReadonlySet<number>[];
  /** What was said last. */
  latest(run: Run, seatClass: SeatClass): ReadonlySet<number>;
  /** Does the train run without that seat, as was said last? */
  isLost(line: Line, ticket: Ticket): boolean;
  wasLost(line: Line, ticket: Ticket): boolean;
  /** As far as word of it may have come through. */
  mayBeClosed(runId: RunId): boolean;
  /** Those that were exchanged and are not open again, as was said last. */
  closed(): readonly RunId[];
  /** Was an order ever refused other seats of the run, for want of any? */
  wasRefusedSeats(runId: RunId, orderId: OrderId): boolean;
  /** Of which anything was ever withdrawn. */
  runIds(): readonly RunId[];
  /** From now on nothing but the latest can be in force. */
  settle(): void;
  /** A store that writes down here what is said in it. */
  kept(store: WithdrawnCoachStore): WithdrawnCoachStore;
};

type Line = Pick<OrderLine, "runId" | "seatClass">;
type Ticket = Pick<TicketRecord, "coachNo" | "seatIndex">;

export function createWithdrawnBook(): WithdrawnBook {
  const byRun = new Map<RunId, WithdrawnCoaches[]>();
  /** All of it, also what is in force nowhere any more. */
  const everSaid = new Map<RunId, WithdrawnCoaches[]>();
  const everRefused = new Set<string>();
  const of = ({ runId }: Run) => byRun.get(runId) ?? [noneWithdrawn(runId)];
  return {
    possible: (run, seatClass) => of(run).map((said) => seatsIn(run, seatClass, said)),
    latest: (run, seatClass) => seatsIn(run, seatClass, of(run).at(-1)!),
    isLost: (line, ticket) => isWithout(everSaid.get(line.runId)?.at(-1), line, ticket),
    wasLost: (line, ticket) => (everSaid.get(line.runId) ?? []).some((said) => isWithout(said, line, ticket)),
    mayBeClosed: (runId) => (byRun.get(runId) ?? []).some(isClosed),
    closed: () => [...everSaid].flatMap(([runId, said]) => (isClosed(said.at(-1)!) ? [runId] : [])),
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
        const { runId } = change;
        byRun.set(runId, [...(byRun.get(runId) ?? [noneWithdrawn(runId)]), change]);
        everSaid.set(runId, [...(everSaid.get(runId) ?? []), change]);
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

/** What the train that was said last has no seat for, or only one in a coach that is withdrawn. */
function seatsIn({ train }: Run, seatClass: SeatClass, { exchange, coachNos }: WithdrawnCoaches): ReadonlySet<number> {
  const present = exchange?.compositions.at(-1) ?? firstOf(train.composition);
  const places = new Set((seatsOf(present).get(seatClass) ?? []).map(placeName));
  return new Set(
    (seatsOf(train.composition).get(seatClass) ?? [])
      .filter((seat) => coachNos.includes(seat.coachNo) || !places.has(placeName(seat)))
      .map(({ index }) => index),
  );
}

/** As the run was sold. */
export function firstOf(composition: Composition): Composition {
  let first = composition;
  while (first.replaces) first = first.replaces;
  return first;
}

function isWithout(said: WithdrawnCoaches | undefined, { seatClass }: Line, { coachNo, seatIndex }: Ticket): boolean {
  if (!said) return false;
  if (said.lost.some(({ no }) => no === coachNo)) return true;
  if (!said.exchange) return false;
  // By its number, which counts through all of them.
  const numbered: string[] = [];
  for (const composition of said.exchange.compositions)
    for (const seat of seatsOf(composition).get(seatClass) ?? [])
      if (!numbered.includes(placeName(seat))) numbered.push(placeName(seat));
  const places = (seatsOf(said.exchange.compositions.at(-1)!).get(seatClass) ?? []).map(placeName);
  return !places.includes(numbered[seatIndex]!);
}
