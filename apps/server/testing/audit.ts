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

type LedgerRow = {
  run_id: string;
  seat_type: number;
  seat_index: number;
  taken0: number;
  taken1: number;
  taken2: number;
  taken3: number;
};
type Money = { payment_no: string; amount_fen: number };

/** What the platform and the bank wrote down, whatever it was written in. */
export type Records = {
  readonly orders: readonly OrderRow[];
  readonly tickets: readonly TicketRow[];
  /** Numbers of tickets whose order is not there. */
  readonly strays: readonly string[];
  readonly ledger: readonly LedgerRow[];
  readonly payments: readonly { readonly payment_no: string; readonly order_no: string }[];
  readonly trades: readonly Money[];
  readonly refunds: readonly Money[];
};

/** Reads whole tables, by a statement that any database understands. */
type ReadTable = (statement: string) => readonly object[];

/** Everything that is wrong, in words; nothing when all is well. The platform must have come to rest. */
export const audit = (dataDir: string, told: Told): string[] => judge(recordsOfFolder(dataDir), told);

function recordsOfFolder(dataDir: string): Records {
  using books = new Database(join(dataDir, "chepiao.db"), { readonly: true });
  // In one transaction, because the platform may be writing: all tables are of the same moment.
  const read = books.transaction(() => platformRecords((statement) => books.query(statement).all() as object[]));
  return { ...read(), ...bankRecords(dataDir) };
}

/** The tables are joined here: in a cluster their rows lie on many servers. */
function platformRecords(read: ReadTable): Omit<Records, "trades" | "refunds"> {
  const orders = read(tableStatements.orders) as OrderRow[];
  const details = read(tableStatements.details) as (TicketRow & { order_id: number })[];
  const byId = new Map(orders.map((row) => [row.id, row]));
  const hasOrder = (row: { order_id: number }) => byId.has(row.order_id);
  return {
    orders,
    tickets: details.filter(hasOrder).map((row) => ({ ...byId.get(row.order_id)!, ...row })),
    strays: details.filter((row) => !hasOrder(row)).map(({ ticket_no }) => ticket_no),
    ledger: read(tableStatements.ledger) as LedgerRow[],
    payments: read(tableStatements.payments) as Records["payments"],
  };
}

const tableStatements = {
  orders: "select * from t_order",
  details: "select * from t_order_detail",
  ledger: "select * from t_seat_ledger",
  payments: "select payment_no, order_no from t_payment",
} as const;

/** The same of a cluster: its database, and the folder in which the bank keeps its books. */
export async function recordsOfCluster(
  read: (statement: string) => Promise<readonly object[]>,
  bankDir: string,
): Promise<Records> {
  const tables = new Map<string, readonly object[]>();
  for (const statement of Object.values(tableStatements)) tables.set(statement, await read(statement));
  return { ...platformRecords((statement) => tables.get(statement)!), ...bankRecords(bankDir) };
}

function bankRecords(dataDir: string): Pick<Records, "trades" | "refunds"> {
  using bank = new Database(join(dataDir, "sandbox-bank.db"), { readonly: true });
  return {
    trades: bank.query("select payment_no, amount_fen from trade").all() as Money[],
    refunds: bank
      .query("select t.payment_no, r.amount_fen from refund r join trade t on t.trade_no = r.trade_no")
      .all() as Money[],
  };
}

export function judge(records: Records, told: Told): string[] {
  const { orders, tickets } = records;
  const live = tickets.filter((row) => liveTicketStates.includes(row.ticket_status));
  return [
    ...records.strays.map((ticketNo) => `I1: ticket ${ticketNo} belongs to no order`),
    ...noSeatTwice(live),
    ...ledgerIsTickets(records.ledger, live),
    ...acceptedIsKnown(orders, told),
    ...nothingUnfinished(orders, tickets),
    ...moneyAddsUp(records),
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
function moneyAddsUp({ payments, trades, refunds, tickets }: Records): string[] {
  const orderOfPayment = new Map(payments.map(({ payment_no, order_no }) => [payment_no, order_no]));
  const balance = new Map<string, number>();
  const add = (orderNo: string, amount: number) => balance.set(orderNo, (balance.get(orderNo) ?? 0) + amount);
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

type Where = { readonly trains: readonly string[]; readonly stations: readonly string[]; readonly date: string };

/** I8: what the seat engine sells from is what the tickets leave free. The platform must be running and at rest. */
export const seatsAreTickets = (
  dataDir: string,
  url: string,
  seatsOfClass: Readonly<Record<string, number>>,
  where: Where,
): Promise<string[]> => seatsAreFreeBut(recordsOfFolder(dataDir), url, seatsOfClass, where);

export async function seatsAreFreeBut(
  { tickets }: Records,
  url: string,
  seatsOfClass: Readonly<Record<string, number>>,
  where: Where,
): Promise<string[]> {
  const live = tickets.filter((row) => liveTicketStates.includes(row.ticket_status));
  const wrong: string[] = [];
  for (const trainNumber of where.trains) {
    const onTrain = live.filter((row) => row.run_id === `${trainNumber}/${where.date}`);
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
        const taken = onTrain.filter((row) => row.from_stop <= stop && row.to_stop > stop).length;
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
