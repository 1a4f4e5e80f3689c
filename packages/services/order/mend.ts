/**
 * Brings what the inventory knows of a run in line with what is sold, where it may have lost what it had answered: a failover that
 * took the last second with it, or a Redis that came back empty. People buy meanwhile, and nobody is held up.
 *
 * - What is sold and not held is taken again. It is taken like a purchase under way, to be asked about soon; then the orders are
 *   read once more, and only those that still stand are confirmed. So an order that ends at the same moment leaves nothing behind,
 *   whether its seats were given back before they were taken or after; nor does a mender that dies in between.
 * - What is held for good and was given back, as its order says, is let go; so is what is held for an order that has ended. Where
 *   there is no order, somebody must look.
 * - A purchase under way is never touched, also where it has got a seat that is sold: the ledger refuses it (I1), it gives the seat
 *   back, and whoever refused it mends again.
 */
import {
  type InventoryClient,
  type RestoredHold,
  type Run,
  type RunId,
  type Timetable,
  trainAndDateOf,
} from "@chepiao/contracts";
import { type EpochMs, epochMs, holdGraceMs, minuteMs, type OrderId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { isTripState, liveTicketStates, type OrderRecord, type OrdersOfRuns } from "@chepiao/ports/order-store";
import type { KnownHold, SeatBooks } from "@chepiao/ports/seat-store";

export type MendDeps = {
  readonly clock: Clock;
  readonly timetable: () => Timetable;
  readonly orders: OrdersOfRuns;
  readonly inventory: Pick<InventoryClient, "confirm" | "release"> & { readonly books: SeatBooks };
};

/** What differs on one run, by order. */
export type RunDifference = {
  /** Sold, and for sale again. */
  readonly missing: readonly OrderId[];
  /** Paid, and only held until a deadline. */
  readonly unconfirmed: readonly OrderId[];
  /** Given back, and still taken or held. */
  readonly surplus: readonly OrderId[];
  /** Taken for good by no order that is known, or sold and held in part: nothing is done about those. */
  readonly unexplained: readonly OrderId[];
};
export type RunMended = RunDifference & {
  /** Of those that were missing: they cannot be taken again while a purchase under way has one of their seats. */
  readonly blocked: readonly OrderId[];
};

export type Mender = {
  /** Null where the timetable does not know the run. What is under way between rooms shows, too. */
  look(runId: RunId): Promise<RunDifference | null>;
  mend(runId: RunId): Promise<RunMended | null>;
};

/** When the sweeper asks about what was taken again, should nobody have confirmed it by then. */
const askAboutAfterMs = minuteMs;
const liveTickets: readonly string[] = liveTicketStates;

export function createMender({ clock, timetable, orders, inventory }: MendDeps): Mender {
  async function compare(run: Run) {
    // Holds first: one that is confirmed has an order that was written before.
    const holds = new Map((await inventory.books.holds(run)).map((hold) => [hold.holdId, hold]));
    const sold = new Map((await orders.ofRun(run.runId)).map((order) => [order.orderId, order]));
    const strangers = [...holds.values()].filter((hold) => isHeld(hold) && !sold.has(hold.holdId));
    const ended = new Map((await orders.some(idsOf(strangers))).map((order) => [order.orderId, order]));

    const standing = [...sold.values()].filter((order) => liveSeats(order).length > 0);
    const missing = standing.filter(({ orderId }) => !isHeld(holds.get(orderId)));
    const inPart = standing.filter((order) => isHeldInPart(order, holds.get(order.orderId)));
    const unconfirmed = standing.filter((order) => isPaid(order) && isUnderWay(holds.get(order.orderId)));
    const surplus = [...holds.values()].flatMap((hold) => {
      const order = sold.get(hold.holdId) ?? ended.get(hold.holdId);
      const seats = order ? without(hold.seatIndexes, liveSeats(order)) : [];
      return seats.length > 0 ? [{ holdId: hold.holdId, seats }] : [];
    });
    const unknown = strangers.filter((hold) => isTakenForGood(hold) && !ended.has(hold.holdId));
    return { missing, unconfirmed, surplus, unexplained: [...inPart.map(({ orderId }) => orderId), ...idsOf(unknown)] };
  }

  async function takeAgain(run: Run, missing: readonly OrderRecord[]): Promise<OrderId[]> {
    if (missing.length === 0) return [];
    const deadline = epochMs(clock.now() + askAboutAfterMs);
    const blocked = await inventory.books.retake(missing.map((order) => holdOf(order, run, deadline)));
    const taken = missing.filter(({ orderId }) => !blocked.includes(orderId));
    const now = new Map((await orders.some(taken.map(({ orderId }) => orderId))).map((each) => [each.orderId, each]));
    for (const before of taken) {
      const order = now.get(before.orderId);
      // An order that cannot be found any more is for the sweeper to ask about.
      const gone = order ? without(liveSeats(before), liveSeats(order)) : [];
      if (gone.length > 0) await inventory.release({ runId: run.runId, holdId: before.orderId }, gone);
    }
    await confirm(run, [...now.values()].filter(isPaid));
    return [...blocked];
  }

  async function confirm({ runId }: Run, paid: readonly OrderRecord[]) {
    if (paid.length > 0) await inventory.confirm(paid.map(({ orderId }) => ({ runId, holdId: orderId })));
  }

  const inOrders = ({ missing, unconfirmed, surplus, unexplained }: Awaited<ReturnType<typeof compare>>) => ({
    missing: missing.map(({ orderId }) => orderId),
    unconfirmed: unconfirmed.map(({ orderId }) => orderId),
    surplus: idsOf(surplus),
    unexplained,
  });

  function runOf(runId: RunId): Run | null {
    return timetable().run(...trainAndDateOf(runId));
  }

  return {
    async look(runId) {
      const run = runOf(runId);
      return run && inOrders(await compare(run));
    },
    async mend(runId) {
      const run = runOf(runId);
      if (!run) return null;
      const found = await compare(run);
      // Room first: what was given back may lie where something is missing.
      for (const { holdId, seats } of found.surplus) await inventory.release({ runId, holdId }, seats);
      const blocked = await takeAgain(run, found.missing);
      await confirm(run, found.unconfirmed);
      return { ...inOrders(found), blocked };
    },
  };
}

const idsOf = (holds: readonly { readonly holdId: OrderId }[]): OrderId[] => holds.map(({ holdId }) => holdId);
const without = (seats: readonly number[], others: readonly number[]) => seats.filter((seat) => !others.includes(seat));

const isHeld = (hold: KnownHold | undefined): hold is KnownHold => hold !== undefined && hold.seatIndexes.length > 0;
const isTakenForGood = (hold: KnownHold) => isHeld(hold) && hold.isConfirmed;
const isUnderWay = (hold: KnownHold | undefined) => isHeld(hold) && !hold.isConfirmed;
const isHeldInPart = (order: OrderRecord, hold: KnownHold | undefined) =>
  isHeld(hold) && without(liveSeats(order), hold.seatIndexes).length > 0;

const isPaid = ({ state }: Pick<OrderRecord, "state">) => isTripState(state) && state !== "pendingPayment";

/** Seats that the order has, or had to the end of its trip. */
function liveSeats({ state, tickets }: Pick<OrderRecord, "state" | "tickets">): readonly number[] {
  if (!isTripState(state)) return [];
  return tickets.filter((ticket) => liveTickets.includes(ticket.state)).map(({ seatIndex }) => seatIndex);
}

const holdOf = (order: OrderRecord, run: Run, askAt: EpochMs): RestoredHold => ({
  holdId: order.orderId,
  run,
  seatClass: order.seatClass,
  fromStop: order.fromStop,
  toStop: order.toStop,
  seatIndexes: liveSeats(order),
  deadline: order.state === "pendingPayment" ? epochMs(order.payBy + holdGraceMs) : askAt,
});
