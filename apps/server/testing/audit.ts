/**
 * Looks at what a platform left behind, from the outside: its database, the bank's own books and what clients were told. It
 * shares no code with the rooms, and knows the invariants only by their words (ARCHITECTURE.md).
 */
import { Database } from "bun:sqlite";
import { join } from "node:path";

/** What a client was told, and never contradicted. */
export type Told = {
  /** Orders answered with 202, by their idempotency key. */
  readonly accepted: ReadonlyMap<string, string>;
  /** Keys that were sent, whether or not an answer came. */
  readonly sent: ReadonlySet<string>;
};

type OrderRow = {
  id: number;
  order_no: string;
  user_id: number;
  run_id: string;
  from_stop: number;
  to_stop: number;
  seat_type: number;
  order_status: number;
  departure_time: number;
  arrival_time: number;
  boarding_date: string;
  idempotency_key: string;
};
type TicketRow = OrderRow & {
  ticket_no: string;
  seat_index: number;
  document_hash: string;
  ticket_status: number;
  ticket_price: number;
  refund_fee: number | null;
  refund_amount: number | null;
};

// As numbered in SQL.
const order = {
  pendingPayment: 0,
  paid: 1,
  ticketed: 2,
  completed: 3,
  cancelled: 4,
  refunded: 5,
  rejected: 7,
  expired: 8,
};
const ticket = { held: 0, issued: 1, refunding: 2, refunded: 3, released: 4, used: 5 };
const finalStates = [order.ticketed, order.completed, order.cancelled, order.refunded, order.rejected, order.expired];
const liveTicketStates = [ticket.held, ticket.issued, ticket.used];

/** Everything that is wrong, in words; nothing when all is well. The platform must not be running, and must have come to rest. */
export function audit(dataDir: string, told: Told): string[] {
  using books = new Database(join(dataDir, "chepiao.db"), { readonly: true });
  using bank = new Database(join(dataDir, "sandbox-bank.db"), { readonly: true });
  const orders = books.query("select * from t_order").all() as OrderRow[];
  const tickets = books
    .query("select o.*, d.* from t_order o join t_order_detail d on d.order_id = o.id")
    .all() as TicketRow[];
  const live = tickets.filter((row) => liveTicketStates.includes(row.ticket_status));
  return [
    ...noSeatTwice(live),
    ...ledgerIsTickets(books, live),
    ...acceptedIsKnown(orders, told),
    ...nothingUnfinished(orders, tickets),
    ...moneyAddsUp(books, bank, tickets),
    ...limitsHold(live),
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

/** I1: the ledger says exactly what the tickets say; a leaked seat is as wrong as a doubled one. */
function ledgerIsTickets(books: Database, live: readonly TicketRow[]): string[] {
  const fromTickets = new Map<string, bigint>();
  for (const row of live) {
    const seat = `${row.run_id} ${row.seat_type} ${row.seat_index}`;
    const mask = ((1n << BigInt(row.to_stop - row.from_stop)) - 1n) << BigInt(row.from_stop);
    fromTickets.set(seat, (fromTickets.get(seat) ?? 0n) | mask);
  }
  const wrong: string[] = [];
  const rows = books.query("select * from t_seat_ledger").all() as Record<string, number | string>[];
  for (const row of rows) {
    const seat = `${row["run_id"]} ${row["seat_type"]} ${row["seat_index"]}`;
    const words = [0, 1, 2, 3].map((n) => BigInt(row[`taken${n}`] as number) << BigInt(32 * n));
    const taken = words.reduce((all, word) => all | word, 0n);
    const expected = fromTickets.get(seat) ?? 0n;
    fromTickets.delete(seat);
    if (taken !== expected)
      wrong.push(`I1: the ledger has ${seat} as ${taken.toString(2)}, its tickets ${expected.toString(2)}`);
  }
  for (const seat of fromTickets.keys()) wrong.push(`I1: ${seat} has a ticket but no row in the ledger`);
  return wrong;
}

/** I2: what was answered is there; a key never became two orders; nothing came from nowhere. */
function acceptedIsKnown(orders: readonly OrderRow[], told: Told): string[] {
  const wrong: string[] = [];
  const byKey = Map.groupBy(orders, (row) => `${row.user_id} ${row.idempotency_key}`);
  for (const [key, rows] of byKey) {
    if (rows.length > 1) wrong.push(`I2: key ${key} became ${rows.length} orders`);
    if (!told.sent.has(key)) wrong.push(`I2: order ${rows[0]!.order_no} was asked for by nobody`);
  }
  for (const [key, orderNo] of told.accepted) {
    const found = byKey.get(key)?.[0]?.order_no;
    if (found !== orderNo) wrong.push(`I2: key ${key} was answered ${orderNo}, and is ${found ?? "forgotten"}`);
  }
  return wrong;
}

/** I4, and no ticket stuck on its way. */
function nothingUnfinished(orders: readonly OrderRow[], tickets: readonly TicketRow[]): string[] {
  const stuck = orders.filter((row) => !finalStates.includes(row.order_status));
  const onTheWay = tickets.filter((row) => [ticket.held, ticket.refunding].includes(row.ticket_status));
  return [
    ...stuck.map((row) => `I4: order ${row.order_no} is still in state ${row.order_status}`),
    ...onTheWay.map((row) => `I4: ticket ${row.ticket_no} is still in state ${row.ticket_status}`),
  ];
}

/** I3: for each order, what the bank took = fares of valid tickets + stated fees + what the bank gave back. */
function moneyAddsUp(books: Database, bank: Database, tickets: readonly TicketRow[]): string[] {
  const orderOfPayment = new Map(
    (books.query("select payment_no, order_no from t_payment").all() as { payment_no: string; order_no: string }[]).map(
      ({ payment_no, order_no }) => [payment_no, order_no],
    ),
  );
  const balance = new Map<string, number>();
  const add = (orderNo: string, amount: number) => balance.set(orderNo, (balance.get(orderNo) ?? 0) + amount);
  const trades = bank.query("select payment_no, amount_fen from trade").all() as {
    payment_no: string;
    amount_fen: number;
  }[];
  const refunds = bank
    .query("select t.payment_no, r.amount_fen from refund r join trade t on t.trade_no = r.trade_no")
    .all() as { payment_no: string; amount_fen: number }[];
  for (const { payment_no, amount_fen } of trades)
    add(orderOfPayment.get(payment_no) ?? `payment ${payment_no}`, amount_fen);
  for (const { payment_no, amount_fen } of refunds)
    add(orderOfPayment.get(payment_no) ?? `payment ${payment_no}`, -amount_fen);
  for (const row of tickets) {
    if (row.ticket_status === ticket.issued || row.ticket_status === ticket.used) add(row.order_no, -row.ticket_price);
    if (row.ticket_status === ticket.refunding || row.ticket_status === ticket.refunded)
      add(row.order_no, -(row.refund_fee ?? 0));
  }
  return [...balance]
    .filter(([, fen]) => fen !== 0)
    .map(([orderNo, fen]) => `I3: order ${orderNo} is off by ${fen} fen`);
}

/** I6. */
function limitsHold(live: readonly TicketRow[]): string[] {
  const wrong: string[] = [];
  for (const [who, rows] of Map.groupBy(live, (row) => `user ${row.user_id} on ${row.run_id}`)) {
    if (rows.length > 5) wrong.push(`I6: ${who} has ${rows.length} tickets`);
  }
  for (const [who, rows] of Map.groupBy(live, (row) => row.document_hash)) {
    for (const [day, ofDay] of Map.groupBy(rows, (row) => row.boarding_date)) {
      if (ofDay.length > 10) wrong.push(`I6: document ${who} has ${ofDay.length} tickets on ${day}`);
    }
    const byStart = rows.toSorted((a, b) => a.departure_time - b.departure_time);
    for (let n = 1; n < byStart.length; n++) {
      if (byStart[n]!.departure_time < byStart[n - 1]!.arrival_time) {
        wrong.push(`I6: document ${who} travels on ${byStart[n - 1]!.ticket_no} and ${byStart[n]!.ticket_no} at once`);
      }
    }
  }
  return wrong;
}

/** I8: what the seat engine sells from is what the tickets leave free. The platform must be running and at rest. */
export async function seatsAreTickets(
  dataDir: string,
  url: string,
  seatsOfClass: Readonly<Record<string, number>>,
  where: {
    readonly trains: readonly string[];
    readonly stations: readonly string[];
    readonly date: string;
  },
): Promise<string[]> {
  using books = new Database(join(dataDir, "chepiao.db"), { readonly: true });
  const wrong: string[] = [];
  for (const trainNumber of where.trains) {
    for (const [seatClass, seatCount] of Object.entries(seatsOfClass)) {
      for (let stop = 0; stop < where.stations.length - 1; stop++) {
        const query = new URLSearchParams({
          trainNumber,
          originDate: where.date,
          from: where.stations[stop]!,
          to: where.stations[stop + 1]!,
          seatClass,
        });
        const { free } = (await (await fetch(`${url}/api/search/seats?${query.toString()}`)).json()) as {
          free: number;
        };
        const { taken } = books
          .query(
            `select count(*) as taken from t_order o join t_order_detail d on d.order_id = o.id
             where o.run_id = ? and d.ticket_status in (0, 1, 5) and o.from_stop <= ? and o.to_stop > ?`,
          )
          .get(`${trainNumber}/${where.date}`, stop, stop) as { taken: number };
        if (free !== seatCount - taken) {
          wrong.push(
            `I8: ${trainNumber} ${seatClass} from stop ${stop}: ${free} free to buy, ${seatCount - taken} by the tickets`,
          );
        }
      }
    }
  }
  return wrong;
}
