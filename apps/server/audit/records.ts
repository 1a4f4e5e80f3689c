/**
 * What a platform left behind, read from the outside: its database and the practice bank's own books. Shares no code with the rooms, and knows
 * tables by their names alone.
 */
import { Database } from "bun:sqlite";
import { join } from "node:path";

export type OrderRow = {
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
  payment_no: string | null;
  /** As JSON, which of the other tickets its own replace. */
  replaces: string | null;
};
export type TicketRow = OrderRow & {
  replaced_by: number | null;
  ticket_no: string;
  seat_index: number;
  document_hash: string;
  /** 0: a person of his account alone. */
  document_proved: number;
  ticket_status: number;
  ticket_price: number;
  refund_fee: number | null;
  refund_amount: number | null;
};

// As numbered in SQL.
export const order = {
  pendingPayment: 0,
  paid: 1,
  ticketed: 2,
  completed: 3,
  cancelled: 4,
  refunded: 5,
  rejected: 7,
  expired: 8,
  changed: 9,
};
export const seatTypes: Readonly<Record<string, number>> = {
  business: 0,
  first: 1,
  second: 2,
  softSleeper: 3,
  hardSleeper: 4,
  hardSeat: 5,
};
export const entry = { awaitingPrepayment: 0, waiting: 1, granted: 2, served: 3, expired: 4, cancelled: 5, failed: 6 };
export const ticket = { held: 0, issued: 1, refunding: 2, refunded: 3, released: 4, used: 5, changed: 6 };
export const feeStates = [ticket.refunding, ticket.refunded, ticket.changed];
export const finalStates = [
  order.ticketed,
  order.completed,
  order.cancelled,
  order.refunded,
  order.rejected,
  order.expired,
  order.changed,
];
const liveTicketStates = [ticket.held, ticket.issued, ticket.used];

type LineName = { order_id: number; line_index: number };
type LineRow = LineName &
  Pick<
    OrderRow,
    "arrival_time" | "boarding_date" | "departure_time" | "from_stop" | "run_id" | "seat_type" | "to_stop"
  >;

export type LedgerRow = {
  run_id: string;
  seat_type: number;
  seat_index: number;
  taken0: number;
  taken1: number;
  taken2: number;
  taken3: number;
};
type TripRow = { document_key: string; ticket_no: string };
type AccountRunRow = { user_id: number; run_id: string; ticket_count: number };
type Money = { payment_no: string; amount_fen: number };
type EntryRow = {
  id: number;
  waitlist_no: string;
  user_id: number;
  status: number;
  passengers: string;
  payment_no: string | null;
  prepay_fen: number;
  place: number | null;
  idempotency_key: string;
};
type ItemRow = {
  entry_id: number;
  run_id: string;
  from_stop: number;
  to_stop: number;
  seat_types: string;
  waits: number;
};

/** What the platform and the bank wrote down, whatever it was written in. */
export type Records = {
  readonly orders: readonly OrderRow[];
  readonly tickets: readonly TicketRow[];
  /** Numbers of tickets whose order is not there. */
  readonly strays: readonly string[];
  readonly ledger: readonly LedgerRow[];
  /** What the guard of limits counts. */
  readonly trips: readonly TripRow[];
  readonly accountRuns: readonly AccountRunRow[];
  readonly payments: readonly { readonly payment_no: string; readonly order_no: string }[];
  readonly trades: readonly Money[];
  readonly refunds: readonly Money[];
  /** Of the waitlist, with the trains that they name. */
  readonly entries: readonly EntryRow[];
  readonly items: readonly ItemRow[];
};

export type Books = Omit<Records, "trades" | "refunds">;

/** Reads whole tables, by a statement that any database understands. */
type ReadTable = (statement: string) => readonly object[];

export function recordsOfFolder(dataDir: string): Records {
  using books = new Database(join(dataDir, "chepiao.db"), { readonly: true });
  // In one transaction, because the platform may be writing: all tables are of the same moment.
  const read = books.transaction(() => platformRecords((statement) => books.query(statement).all() as object[]));
  return { ...read(), ...bankRecords(dataDir) };
}

/** The same without a bank, which may be anybody's. */
export function booksOfFolder(dataDir: string): Books {
  using books = new Database(join(dataDir, "chepiao.db"), { readonly: true });
  return platformRecords((statement) => books.query(statement).all() as object[]);
}

/** The tables are joined here: in a cluster their rows lie on many servers. */
function platformRecords(read: ReadTable): Books {
  const orders = read(tableStatements.orders) as OrderRow[];
  const details = read(tableStatements.details) as (TicketRow & LineName)[];
  const byId = new Map(orders.map((row) => [row.id, row]));
  // Of an order with several lines, its own row says the first.
  const lines = new Map((read(tableStatements.lines) as LineRow[]).map((row) => [lineName(row), row]));
  const hasOrder = (row: { order_id: number }) => byId.has(row.order_id);
  return {
    orders,
    tickets: details
      .filter(hasOrder)
      .map((row) => ({ ...byId.get(row.order_id)!, ...lines.get(lineName(row)), ...row })),
    strays: details.filter((row) => !hasOrder(row)).map(({ ticket_no }) => ticket_no),
    ledger: read(tableStatements.ledger) as LedgerRow[],
    trips: read(tableStatements.trips) as TripRow[],
    accountRuns: read(tableStatements.accountRuns) as AccountRunRow[],
    payments: read(tableStatements.payments) as Records["payments"],
    entries: read(tableStatements.entries) as EntryRow[],
    items: read(tableStatements.items) as ItemRow[],
  };
}

const lineName = ({ order_id, line_index }: LineName) => `${order_id} ${line_index}`;

const tableStatements = {
  orders: "select * from t_order",
  details: "select * from t_order_detail",
  lines: "select * from t_order_line",
  ledger: "select * from t_seat_ledger",
  trips: "select document_key, ticket_no from t_document_trip",
  accountRuns: "select user_id, run_id, ticket_count from t_account_run",
  payments: "select payment_no, order_no from t_payment",
  entries: "select * from t_waitlist_order",
  items: "select * from t_waitlist_item",
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

/** Seats are taken by these. */
export const liveOf = ({ tickets }: Pick<Books, "tickets">): readonly TicketRow[] =>
  tickets.filter((row) => liveTicketStates.includes(row.ticket_status));

/** Orders that stand in place of tickets of others. */
export const changesMade = (orders: readonly OrderRow[]): readonly OrderRow[] =>
  orders.filter(({ replaces, payment_no }) => replaces !== null && payment_no !== null);
