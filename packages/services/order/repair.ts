/**
 * Brings what the inventory knows of a run in line with what is sold, where it may have lost what it had answered: a failover that
 * took the last second with it, or a Redis that came back empty. People buy meanwhile, and nobody is held up.
 *
 * - What is sold and not held is taken again. It is taken like a purchase under way, to be asked about soon; then the orders are
 *   read once more, and only those that still stand are confirmed. So an order that ends at the same moment leaves nothing behind,
 *   whether its seats were given back before they were taken or after; nor does a repairer that dies in between.
 * - What is held for good and was given back, as its order says, is let go; so is what is held for an order that has ended. Where
 *   there is no order, an operator must look.
 * - What was forgotten and held again with other seats, in another class or over another way, becomes what was sold.
 * - All of that is one step of the store, which serves nobody in line: a seat that is let go and was sold to another is his before it
 *   could be theirs.
 * - A purchase under way is never touched, also where it has got a seat that is sold: the ledger refuses it (I1), it gives the seat
 *   back, and the writer process that refused it repairs again.
 */
import {
  holdLineOf,
  type HoldName,
  holdText,
  type InventoryClient,
  type OrderLine,
  type RecordedHold,
  type Run,
  type RunId,
  ticketsOf,
  type Timetable,
  trainAndDateOf,
} from "@chepiao/contracts";
import { type EpochMs, epochMs, holdGraceMs, minuteMs, type OrderId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { isTripState, liveTicketStates, type OrderRecord, type OrdersOfRuns } from "@chepiao/ports/order-store";
import type { KnownHold, HoldsView } from "@chepiao/ports/seat-store";

export type SeatRepairerDeps = {
  readonly clock: Clock;
  readonly timetable: () => Timetable;
  readonly orders: Pick<OrdersOfRuns, "ofRun" | "some">;
  readonly inventory: Pick<InventoryClient, "confirm" | "release"> & { readonly holdsView: HoldsView };
};

/** What differs on one run, by order. */
export type RunDifference = {
  /** Sold, and for sale again: not held, or not all of it, or otherwise than it was sold. */
  readonly missing: readonly OrderId[];
  /** Paid, and only held until a deadline. */
  readonly unconfirmed: readonly OrderId[];
  /** Given back, and still taken or held. */
  readonly surplus: readonly OrderId[];
  /** Taken for good by no order that is known: nothing is done about those. */
  readonly unexplained: readonly OrderId[];
};
export type RunRepaired = RunDifference & {
  /** Of those that were missing: they lack a seat, while a purchase under way has it. */
  readonly blocked: readonly OrderId[];
};

export type SeatRepairer = {
  /** Null where the timetable does not know the run. What is under way between rooms shows, too. */
  compareRun(runId: RunId): Promise<RunDifference | null>;
  repairRun(runId: RunId): Promise<RunRepaired | null>;
};

/** When the sweeper asks about what was taken again, should nobody have confirmed it by then. */
const askAboutAfterMs = minuteMs;
const liveTickets: readonly string[] = liveTicketStates;

export function createSeatRepairer({ clock, timetable, orders, inventory }: SeatRepairerDeps): SeatRepairer {
  async function compare(run: Run) {
    // Holds first: one that is confirmed has an order that was written before.
    const holds = byName(await inventory.holdsView.holds(run));
    const sold = byName((await orders.ofRun(run.runId)).flatMap((order) => soldOn(run, order)));
    const strangers = [...holds.values()].filter((hold) => isHeld(hold) && !sold.has(holdText(hold)));
    const ended = byName((await orders.some(idsOf(strangers))).flatMap((order) => soldOn(run, order)));

    const standing = [...sold.values()].filter(({ seats }) => seats.length > 0);
    const holdFor = (each: Sold) => holds.get(holdText(each));
    const [asSold, missing] = parted(standing, (each) => isAsSold(each, holdFor(each)));
    const unconfirmed = asSold.filter((each) => isPaid(each.order) && isUnderWay(holdFor(each)));
    const surplus = [...holds.values()].flatMap((hold) => {
      const own = sold.get(holdText(hold)) ?? ended.get(holdText(hold));
      const seats = own ? surplusOf(hold, own) : [];
      return seats.length > 0 ? [{ holdId: hold.holdId, line: hold.line, seats }] : [];
    });
    const unexplained = strangers.filter((hold) => isTakenForGood(hold) && !ended.has(holdText(hold)));
    return { missing, unconfirmed, surplus, unexplained };
  }

  /** Answers those that lack a seat. */
  async function repairSeats(run: Run, missing: readonly Sold[], surplus: readonly Surplus[]): Promise<HoldName[]> {
    if (missing.length + surplus.length === 0) return [];
    const deadline = epochMs(clock.now() + askAboutAfterMs);
    const blocked = await inventory.holdsView.repair(
      missing.map((each) => holdOf(each, run, deadline)),
      surplus.map((each) => ({ hold: nameOn(run, each), seats: each.seats })),
    );
    const now = byName((await orders.some(idsOf(missing))).flatMap((order) => soldOn(run, order)));
    for (const before of missing) {
      const after = now.get(holdText(before));
      // An order that cannot be found any more is for the sweeper to ask about.
      const gone = after ? without(before.seats, after.seats) : [];
      if (gone.length > 0) await inventory.release(nameOn(run, before), gone);
    }
    await confirm(
      run,
      missing.filter((each) => isPaid(now.get(holdText(each))?.order)),
    );
    return [...blocked];
  }

  async function confirm(run: Run, paid: readonly Sold[]) {
    if (paid.length > 0) await inventory.confirm(paid.map((each) => nameOn(run, each)));
  }

  const inOrders = ({ missing, unconfirmed, surplus, unexplained }: Awaited<ReturnType<typeof compare>>) => ({
    missing: idsOf(missing),
    unconfirmed: idsOf(unconfirmed),
    surplus: idsOf(surplus),
    unexplained: idsOf(unexplained),
  });

  function runOf(runId: RunId): Run | null {
    return timetable().run(...trainAndDateOf(runId));
  }

  return {
    async compareRun(runId) {
      const run = runOf(runId);
      return run && inOrders(await compare(run));
    },
    async repairRun(runId) {
      const run = runOf(runId);
      if (!run) return null;
      const found = await compare(run);
      const blocked = await repairSeats(run, found.missing, found.surplus);
      await confirm(run, found.unconfirmed);
      return { ...inOrders(found), blocked: idsOf(blocked) };
    },
  };
}

type LineName = Pick<HoldName, "holdId" | "line">;
/** A line of an order on the run, with the seats that it has there, or had to the end of its trip. */
type Sold = LineName & { readonly order: OrderRecord; readonly on: OrderLine; readonly seats: readonly number[] };
/** Seats of a hold that are not sold to whom it is for. */
type Surplus = LineName & { readonly seats: readonly number[] };

const soldOn = ({ runId }: Run, order: OrderRecord): Sold[] =>
  order.lines
    .filter((line) => line.runId === runId)
    .map((on) => ({ holdId: order.orderId, line: holdLineOf(on), order, on, seats: liveSeats(order, on) }));

const byName = <Named extends LineName>(all: readonly Named[]): Map<string, Named> =>
  new Map(all.map((each) => [holdText(each), each]));
const idsOf = (all: readonly LineName[]): OrderId[] => [...new Set(all.map(({ holdId }) => holdId))];
const nameOn = ({ runId }: Run, { holdId, line }: LineName): HoldName => ({ runId, holdId, line });
const without = (seats: readonly number[], others: readonly number[]) => seats.filter((seat) => !others.includes(seat));

const isHeld = (hold: KnownHold | undefined): hold is KnownHold => hold !== undefined && hold.seatIndexes.length > 0;
const isTakenForGood = (hold: KnownHold) => isHeld(hold) && hold.isConfirmed;
const isUnderWay = (hold: KnownHold | undefined) => isHeld(hold) && !hold.isConfirmed;
const isOnWayOf = ({ on }: Sold, { seatClass, fromStop, toStop }: KnownHold) =>
  on.seatClass === seatClass && on.fromStop === fromStop && on.toStop === toStop;
const isAsSold = (sold: Sold, hold: KnownHold | undefined) =>
  hold !== undefined && isOnWayOf(sold, hold) && without(sold.seats, hold.seatIndexes).length === 0;
/** Of a forgotten grant that was served again: seats may be numbered alike in another class. */
const surplusOf = (hold: KnownHold, own: Sold) =>
  isOnWayOf(own, hold) ? without(hold.seatIndexes, own.seats) : hold.seatIndexes;
function parted<Each>(all: readonly Each[], isThat: (each: Each) => boolean): [Each[], Each[]] {
  return [all.filter((each) => isThat(each)), all.filter((each) => !isThat(each))];
}

const isPaid = (order: Pick<OrderRecord, "state"> | undefined) =>
  isTripState(order?.state) && order?.state !== "pendingPayment";

function liveSeats(order: OrderRecord, line: OrderLine): readonly number[] {
  if (!isTripState(order.state)) return [];
  return ticketsOf(order, line)
    .filter((ticket) => liveTickets.includes(ticket.state))
    .map(({ seatIndex }) => seatIndex);
}

const holdOf = ({ order, on, seats }: Sold, run: Run, askAt: EpochMs): RecordedHold => ({
  holdId: order.orderId,
  line: holdLineOf(on),
  run,
  seatClass: on.seatClass,
  fromStop: on.fromStop,
  toStop: on.toStop,
  seatIndexes: seats,
  deadline: order.state === "pendingPayment" ? epochMs(order.payBy + holdGraceMs) : askAt,
});
