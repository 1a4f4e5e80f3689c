/** What holds of a platform's books at any moment, whatever is under way; and of a copy of them. */
import { type Books, changesMade, type LedgerRow, liveOf, ticket, type TicketRow } from "./records.ts";

/** Everything that is wrong, in words. */
export function brokenIn(books: Books): string[] {
  const live = liveOf(books);
  return [
    ...books.strays.map((ticketNo) => `I1: ticket ${ticketNo} belongs to no order`),
    ...noSeatTwice(live),
    ...oneValidTicket(books),
    ...ledgerIsTickets(books.ledger, live),
    ...guardCountsTickets(books, live),
  ];
}

/** I1. */
function noSeatTwice(live: readonly TicketRow[]): string[] {
  const wrong: string[] = [];
  for (const [seat, rows] of Map.groupBy(
    live,
    (row) => `${row.run_id} class ${row.seat_type} seat ${row.seat_index}`,
  )) {
    const byStart = rows.toSorted((a, b) => a.from_stop - b.from_stop);
    for (let n = 1; n < byStart.length; n++) {
      if (byStart[n]!.from_stop < byStart[n - 1]!.to_stop) {
        wrong.push(`I1: ${seat} is sold to ${byStart[n - 1]!.ticket_no} and ${byStart[n]!.ticket_no} at once`);
      }
    }
  }
  return wrong;
}

/** A ticket has changed exactly where the order that was to replace it is paid: one of the two is valid at a time. */
function oneValidTicket({ orders, tickets }: Books): string[] {
  const made = changesMade(orders);
  const replacedBy = new Map(
    made.flatMap(({ id, replaces }) =>
      (JSON.parse(replaces!) as { tickets: { ticketNo: string }[] }).tickets.map(({ ticketNo }) => [ticketNo, id]),
    ),
  );
  return tickets
    .filter(
      (row) => (row.ticket_status === ticket.changed ? row.replaced_by : undefined) !== replacedBy.get(row.ticket_no),
    )
    .map(
      (row) =>
        `I3: ticket ${row.ticket_no} is in state ${row.ticket_status}, and order ${replacedBy.get(row.ticket_no)} replaces it`,
    );
}

/** I1: the ledger says exactly what the tickets say; a leaked seat is as wrong as a doubled one. */
function ledgerIsTickets(ledger: readonly LedgerRow[], live: readonly TicketRow[]): string[] {
  const fromTickets = new Map<string, bigint>();
  for (const row of live) {
    const seat = `${row.run_id} ${row.seat_type} ${row.seat_index}`;
    const mask = ((1n << BigInt(row.to_stop - row.from_stop)) - 1n) << BigInt(row.from_stop);
    fromTickets.set(seat, (fromTickets.get(seat) ?? 0n) | mask);
  }
  const wrong: string[] = [];
  for (const row of ledger) {
    const seat = `${row.run_id} ${row.seat_type} ${row.seat_index}`;
    const words = [row.taken0, row.taken1, row.taken2, row.taken3].map((word, n) => BigInt(word) << BigInt(32 * n));
    const taken = words.reduce((all, word) => all | word, 0n);
    const expected = fromTickets.get(seat) ?? 0n;
    fromTickets.delete(seat);
    if (taken !== expected)
      wrong.push(`I1: the ledger has ${seat} as ${taken.toString(2)}, its tickets ${expected.toString(2)}`);
  }
  for (const seat of fromTickets.keys()) wrong.push(`I1: ${seat} has a ticket but no row in the ledger`);
  return wrong;
}

/** A document that nobody has proved is counted for its account alone. */
const guardKeyOf = (row: TicketRow): string =>
  row.document_proved === 0 ? `${row.document_hash}@${row.user_id}` : row.document_hash;

/** Trips of long ago are forgotten there, some time after this. */
const countedForMs = 7 * 24 * 3_600_000;

/**
 * I6: the guard counts every ticket, for its document and for its account. A trip that it counts too much is found out when it is in
 * a buyer's way; a count too high is as wrong as one too low.
 */
function guardCountsTickets({ trips, accountRuns }: Books, live: readonly TicketRow[]): string[] {
  const counted = new Set(trips.map((trip) => `${trip.document_key} ${trip.ticket_no}`));
  const recent = live.filter((row) => row.arrival_time > Date.now() - countedForMs);
  const ticketsOf = new Map<string, number>();
  for (const row of recent)
    ticketsOf.set(`${row.user_id} on ${row.run_id}`, (ticketsOf.get(`${row.user_id} on ${row.run_id}`) ?? 0) + 1);
  const recentRuns = new Set(recent.map((row) => row.run_id));
  const kept = accountRuns.filter((row) => row.ticket_count !== 0 && recentRuns.has(row.run_id));
  const counts = new Map(kept.map((row) => [`${row.user_id} on ${row.run_id}`, row.ticket_count]));
  return [
    ...recent
      .filter((row) => !counted.has(`${guardKeyOf(row)} ${row.ticket_no}`))
      .map((row) => `I6: the guard does not count ${row.ticket_no} for its document`),
    ...[...new Set([...ticketsOf.keys(), ...counts.keys()])]
      .filter((who) => ticketsOf.get(who) !== counts.get(who))
      .map(
        (who) =>
          `I6: the guard counts ${counts.get(who) ?? 0} tickets of user ${who}, which has ${ticketsOf.get(who) ?? 0}`,
      ),
  ];
}
