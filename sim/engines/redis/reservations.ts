/**
 * Purchase limits that outlive the processes which claim them, as packages/adapters/redis/reservations keeps them: a claim ends by
 * itself unless its order is written, and what was given back is not taken again by a late word.
 */
import { type Refusal, refusal } from "@chepiao/contracts";
import { dayMs, type EpochMs, ok, type OrderId, orderNoOf, refuse, type Result } from "@chepiao/kernel";
import {
  accountRefusal,
  type Reservation,
  claimText,
  documentRefusal,
  type HoardingLimits,
  type PurchaseLimits,
  isCancelledTooOften,
  type Reservations,
  tripsInTheWay,
} from "@chepiao/ports/reservations";

export type SharedReservations = Reservations & {
  /** For audits: what counts now. */
  reservations(): readonly Reservation[];
  /** Orders that count as having ended unpaid. */
  cancels(): readonly OrderId[];
};

/** An order among those of its account that are or were to be paid for. */
type Unpaid = Pick<Reservation, "orderId" | "userId" | "unpaidUntil"> & { readonly isOpen: boolean };

type Entry = { readonly reservation: Reservation; readonly live: readonly string[]; readonly until: number };

/** A claim that was given back is not kept any more by a late word that its order is written. */
const endedForMs = dayMs;

export function createSharedReservations(now: () => EpochMs, unwrittenMs: number): SharedReservations {
  const entries = new Map<string, Entry>();
  const ended = new Map<string, number>();
  const unpaid = new Map<OrderId, Unpaid>();
  const cancelled = new Map<OrderId, readonly Reservation[]>();
  let forgottenBefore = -Infinity;

  const counts = ({ reservation, until }: Entry) => until > now() && reservation.arriveAt >= forgottenBefore;
  const others = (reservation: Reservation) =>
    [...entries.values()].filter((entry) => claimText(entry.reservation) !== claimText(reservation) && counts(entry));

  function isTooOften(
    reservation: Reservation,
    limits: HoardingLimits,
    isTheirs: (other: Reservation) => boolean,
  ): boolean {
    const all = [...cancelled.values()].filter(
      (lines) => lines[0]!.boughtOn === reservation.boughtOn && lines.some(isTheirs),
    );
    const standing = all.filter(([first]) => first!.isStanding).length;
    return isCancelledTooOften({ seated: all.length - standing, standing }, limits);
  }

  function checkHoarding(reservation: Reservation, limits: HoardingLimits): Result<void, Refusal> {
    const open = [...unpaid.values()]
      .filter(({ orderId }) => orderId !== reservation.orderId)
      .filter(
        ({ isOpen, userId, unpaidUntil }) =>
          isOpen && userId === reservation.userId && unpaidUntil! > reservation.boughtAt,
      )
      .map(({ orderId }) => orderId);
    if (limits.unpaidMax > 0 && open.length >= limits.unpaidMax) {
      const oldest = Math.min(...open) as OrderId;
      return refuse(refusal("UnpaidOrderOpen", { orderNo: orderNoOf(oldest) }));
    }
    if (isTooOften(reservation, limits, ({ userId }) => userId === reservation.userId))
      return refuse(refusal("CancelledTooOften"));
    return ok(undefined);
  }

  function check(reservation: Reservation, limits: PurchaseLimits): Result<void, Refusal> {
    const inTheWay = others(reservation);
    const hoarding = checkHoarding(reservation, limits);
    if (!hoarding.ok) return hoarding;
    const ofUser = inTheWay.filter(
      (entry) => entry.reservation.userId === reservation.userId && entry.reservation.runId === reservation.runId,
    );
    const tickets = ofUser.reduce((sum, { live }) => sum + live.length, 0);
    const tooMany = accountRefusal(reservation, tickets, limits);
    if (tooMany) return refuse(tooMany);
    for (const [ticket, { documentHash }] of reservation.trips.entries()) {
      const ofDocument = inTheWay.filter((entry) => hasTrip(entry, documentHash)).map((entry) => entry.reservation);
      const theirs = tripsInTheWay(reservation, documentHash, ofDocument);
      const why = documentRefusal(reservation, ticket, theirs, limits);
      if (why) return refuse(why);
      if (isTooOften(reservation, limits, ({ trips }) => trips.some((trip) => trip.documentHash === documentHash)))
        return refuse(refusal("CancelledTooOften", { ticket }));
    }
    return ok(undefined);
  }

  const all = (reservation: Reservation) => reservation.trips.map(({ ticketNo }) => ticketNo);

  async function keep(reservations: readonly Reservation[]) {
    for (const reservation of reservations) {
      if ((ended.get(claimText(reservation)) ?? 0) > now()) continue;
      if (reservation.unpaidUntil === null) unpaid.delete(reservation.orderId);
      else if (!unpaid.has(reservation.orderId)) unpaid.set(reservation.orderId, { ...reservation, isOpen: true });
      const known = entries.get(claimText(reservation));
      entries.set(claimText(reservation), { reservation, live: known?.live ?? all(reservation), until: Infinity });
    }
  }

  return {
    async reserve(reservations, limits) {
      return reservations.map((reservation) => {
        const known = entries.get(claimText(reservation));
        if (known && counts(known)) return ok(undefined);
        const verdict = check(reservation, limits);
        if (!verdict.ok) return verdict;
        if (reservation.unpaidUntil !== null) unpaid.set(reservation.orderId, { ...reservation, isOpen: true });
        entries.set(claimText(reservation), { reservation, live: all(reservation), until: now() + unwrittenMs });
        ended.delete(claimText(reservation));
        return verdict;
      });
    },
    keep,
    reload: keep,
    async release(name, ticketNos) {
      const text = claimText(name);
      const known = entries.get(text);
      if (!known) return;
      const live = ticketNos ? known.live.filter((ticketNo) => !ticketNos.includes(ticketNo)) : [];
      if (live.length > 0) {
        entries.set(text, { ...known, live });
        return;
      }
      entries.delete(text);
      unpaid.delete(name.orderId);
      ended.set(text, now() + endedForMs);
    },
    async endUnpaid(orderId) {
      const lines = [...entries.values()]
        .map(({ reservation }) => reservation)
        .filter((reservation) => reservation.orderId === orderId);
      if (lines.length === 0) return;
      for (const reservation of lines) {
        entries.delete(claimText(reservation));
        ended.set(claimText(reservation), now() + endedForMs);
      }
      unpaid.delete(orderId);
      cancelled.set(orderId, lines);
    },
    async paid(reservations) {
      for (const reservation of reservations) unpaid.set(reservation.orderId, { ...reservation, isOpen: false });
    },
    async restoreUnpaid(reservations) {
      for (const [orderId, lines] of Map.groupBy(reservations, (reservation) => reservation.orderId)) {
        unpaid.delete(orderId);
        cancelled.set(orderId, lines);
      }
    },
    cancels: () => [...cancelled.keys()],
    async forgetBefore(instant) {
      for (const [orderId, [first]] of cancelled) if (first!.boughtAt < instant) cancelled.delete(orderId);
      forgottenBefore = Math.max(forgottenBefore, instant);
    },
    reservations: () =>
      [...entries.values()].filter(counts).map(({ reservation, live }) => ({
        ...reservation,
        trips: reservation.trips.filter(({ ticketNo }) => live.includes(ticketNo)),
      })),
  };
}

const hasTrip = ({ reservation, live }: Entry, documentHash: string): boolean =>
  reservation.trips.some((trip) => trip.documentHash === documentHash && live.includes(trip.ticketNo));
