/** In maps: what the embedded platform runs on. Rebuilt from the orders when it starts. */
import { type Refusal, refusal } from "@chepiao/contracts";
import { linesPerOrderMax, ok, type OrderId, orderNoOf, refuse, type Result } from "@chepiao/kernel";
import { accountRefusal, documentRefusal } from "./counted.ts";
import { createCountedTrips, tripsInTheWay } from "./countedTrips.memory.ts";
import type { PurchaseLimits } from "./limits.ts";
import { type Cancels, type Reservation, isCancelledTooOften, type Reservations } from "./reservations.ts";

export type MemoryReservations = Reservations & {
  /** For audits: what counts now. */
  reservations(): readonly Reservation[];
  /** Orders that count as having ended unpaid. */
  cancels(): readonly OrderId[];
};

export function createMemoryReservations(): MemoryReservations {
  const counted = createCountedTrips<Reservation>();
  /** Orders that ended unpaid, with all of their lines. */
  const cancelled = new Map<OrderId, readonly Reservation[]>();
  /** Orders that wait for their money, by their first line. */
  const unpaid = new Map<OrderId, Reservation>();

  function cancels({ boughtOn }: Reservation, isTheirs: (other: Reservation) => boolean): Cancels {
    const all = [...cancelled.values()].filter((lines) => lines[0]!.boughtOn === boughtOn && lines.some(isTheirs));
    const standing = all.filter(([first]) => first!.isStanding).length;
    return { seated: all.length - standing, standing };
  }

  function check(reservation: Reservation, limits: PurchaseLimits): Result<void, Refusal> {
    const open = [...unpaid.values()]
      .filter(({ orderId }) => orderId !== reservation.orderId)
      .filter(({ userId, unpaidUntil }) => userId === reservation.userId && unpaidUntil! > reservation.boughtAt)
      .map(({ orderId }) => orderId);
    if (limits.unpaidMax > 0 && open.length >= limits.unpaidMax) {
      const oldest = Math.min(...open) as OrderId;
      return refuse(refusal("UnpaidOrderOpen", { orderNo: orderNoOf(oldest) }));
    }
    const isTooOften = (isTheirs: (other: Reservation) => boolean) =>
      isCancelledTooOften(cancels(reservation, isTheirs), limits);
    if (isTooOften(({ userId }) => userId === reservation.userId)) return refuse(refusal("CancelledTooOften"));
    const tooMany = accountRefusal(reservation, counted.ticketCount(reservation), limits);
    if (tooMany) return refuse(tooMany);
    for (const [ticket, { documentHash }] of reservation.trips.entries()) {
      const others = tripsInTheWay(reservation, documentHash, counted.ofDocument(documentHash));
      const why = documentRefusal(reservation, ticket, others, limits);
      if (why) return refuse(why);
      if (isTooOften((other) => other.trips.some((trip) => trip.documentHash === documentHash)))
        return refuse(refusal("CancelledTooOften", { ticket }));
    }
    return ok(undefined);
  }

  const linesOf = (orderId: OrderId): Reservation[] =>
    Array.from({ length: linesPerOrderMax }, (_, line) => counted.find({ orderId, line })).filter(
      (reservation) => reservation !== undefined,
    );

  function take(reservation: Reservation) {
    counted.take(reservation);
    // Once for the whole order.
    if (reservation.line === 0 && reservation.unpaidUntil !== null) unpaid.set(reservation.orderId, reservation);
  }

  return {
    async reserve(reservations, limits) {
      return reservations.map((reservation) => {
        if (counted.find(reservation)) return ok(undefined);
        const verdict = check(reservation, limits);
        if (verdict.ok) take(reservation);
        return verdict;
      });
    },
    // Nothing ends by itself here, and what forgets a claim forgets all.
    keep: async () => {},
    async paid(reservations) {
      for (const { orderId } of reservations) {
        unpaid.delete(orderId);
        for (const reservation of linesOf(orderId)) {
          counted.release(reservation);
          counted.take({ ...reservation, unpaidUntil: null });
        }
      }
    },
    async release(name, ticketNos) {
      counted.release(name, ticketNos);
      if (name.line === 0 && !counted.find(name)) unpaid.delete(name.orderId);
    },
    async endUnpaid(orderId) {
      const lines = linesOf(orderId);
      if (lines.length === 0) return;
      for (const line of lines) counted.release(line);
      unpaid.delete(orderId);
      cancelled.set(orderId, lines);
    },
    async reload(reservations) {
      for (const reservation of reservations) if (!counted.find(reservation)) take(reservation);
    },
    async restoreUnpaid(reservations) {
      for (const [orderId, lines] of Map.groupBy(reservations, (reservation) => reservation.orderId))
        cancelled.set(orderId, lines);
    },
    reservations: () => counted.all(),
    cancels: () => [...cancelled.keys()],
    async forgetBefore(instant) {
      for (const [orderId, [first]] of cancelled) if (first!.boughtAt < instant) cancelled.delete(orderId);
      counted.forgetBefore(instant);
      for (const orderId of unpaid.keys()) if (!counted.find({ orderId, line: 0 })) unpaid.delete(orderId);
    },
  };
}
