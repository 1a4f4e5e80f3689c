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
  payment_no: string | null;
  /** As JSON, which of the other tickets its own replace. */
  replaces: string | null;
};
type TicketRow = OrderRow & {
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
const order = {
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
const entry = { awaitingPrepayment: 0, waiting: 1, granted: 2, served: 3, expired: 4, cancelled: 5, failed: 6 };
const ticket = { held: 0, issued: 1, refunding: 2, refunded: 3, released: 4, used: 5, changed: 6 };
const feeStates = [ticket.refunding, ticket.refunded, ticket.changed];
const finalStates = [
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

type LedgerRow = {
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

/** Reads whole tables, by a statement that any database understands. */
type ReadTable = (statement: string) => readonly object[];

/** Everything that is wrong, in words; nothing when all is well. The platform must have come to rest. */
export const audit = (dataDir: string, told: Told): string[] => judge(recordsOfFolder(dataDir), told);

/** How many entries have become orders. */
export const servedIn = (dataDir: string): number =>
  recordsOfFolder(dataDir).entries.filter(({ status }) => status === entry.served).length;

/** How many orders stand in place of tickets of others. */
export const changesIn = (dataDir: string): number => changesMade(recordsOfFolder(dataDir).orders).length;

const changesMade = (orders: readonly OrderRow[]) =>
  orders.filter(({ replaces, payment_no }) => replaces !== null && payment_no !== null);

export function recordsOfFolder(dataDir: string): Records {
  using books = new Database(join(dataDir, "chepiao.db"), { readonly: true });
  // In one transaction, because the platform may be writing: all tables are of the same moment.
  const read = books.transaction(() => platformRecords((statement) => books.query(statement).all() as object[]));
  return { ...read(), ...bankRecords(dataDir) };
}

/** The tables are joined here: in a cluster their rows lie on many servers. */
function platformRecords(read: ReadTable): Omit<Records, "trades" | "refunds"> {
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

export function judge(records: Records, told: Told): string[] {
  const { orders, tickets } = records;
  const live = tickets.filter((row) => liveTicketStates.includes(row.ticket_status));
  return [
    ...records.strays.map((ticketNo) => `I1: ticket ${ticketNo} belongs to no order`),
    ...noSeatTwice(live),
    ...oneValidTicket(records),
    ...ledgerIsTickets(records.ledger, live),
    ...acceptedIsKnown(records, told),
    ...entriesAreOrders(records),
    ...nothingUnfinished(orders, tickets),
    ...moneyAddsUp(records),
    ...limitsHold(live),
    ...guardCountsTickets(records, live),
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
function oneValidTicket({ orders, tickets }: Records): string[] {
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

/** I2: what was answered is there; a key never became two orders; nothing came from nowhere. */
function acceptedIsKnown({ orders, entries }: Records, told: Told): string[] {
  const wrong: string[] = [];
  const waited = new Set(entries.map(({ id }) => id));
  const byKey = Map.groupBy(orders, (row) => `${row.user_id} ${row.idempotency_key}`);
  for (const [key, rows] of byKey) {
    if (rows.length > 1) wrong.push(`I2: key ${key} became ${rows.length} orders`);
    // An order of the waitlist has the id of an entry, which somebody asked for.
    if (!told.sent.has(key) && !waited.has(rows[0]!.id))
      wrong.push(`I2: order ${rows[0]!.order_no} was asked for by nobody`);
  }
  for (const [key, orderNo] of told.accepted) {
    const found = byKey.get(key)?.[0]?.order_no;
    if (found !== orderNo) wrong.push(`I2: key ${key} was answered ${orderNo}, and is ${found ?? "forgotten"}`);
  }
  return wrong;
}

/**
 * I7: of an entry and the order that it becomes there is one each. One that was served has its order, and an order whose id is an entry's is
 * that of one which was served, or whose order was lost afterwards. None is left on its way.
 */
function entriesAreOrders({ entries, orders }: Records): string[] {
  const orderIds = new Set(orders.map(({ id }) => id));
  return entries.flatMap(({ id, status, waitlist_no: no, place }) => {
    const hasOrder = orderIds.has(id);
    if (status === entry.granted) return [`I4: entry ${no} was given seats and is no order yet`];
    if (status === entry.served && !hasOrder) return [`I7: entry ${no} was served and has no order`];
    if (hasOrder && status !== entry.served && status !== entry.failed)
      return [`I7: entry ${no} has an order, and is still in state ${status}`];
    return status === entry.waiting && place === null ? [`I5: entry ${no} waits without a place`] : [];
  });
}

/** I5: nobody waits for what is free over the whole way, in the classes whose seats are named. The platform must be at rest. */
export function nobodyWaitsForFreeSeats(
  { entries, items, tickets }: Records,
  seatsOfClass: Readonly<Record<string, number>>,
): string[] {
  const live = tickets.filter((row) => liveTicketStates.includes(row.ticket_status));
  const waiting = new Map(entries.filter(({ status }) => status === entry.waiting).map((row) => [row.id, row]));
  return items.flatMap((item) => {
    const waits = item.waits === 1 ? waiting.get(item.entry_id) : undefined;
    if (!waits) return [];
    const party = (JSON.parse(waits.passengers) as unknown[]).length;
    return Object.entries(seatsOfClass).flatMap(([seatClass, seatCount]) => {
      const seatType = seatTypes[seatClass]!;
      if (!item.seat_types.split(",").map(Number).includes(seatType)) return [];
      const taken = live.filter(
        (row) =>
          row.run_id === item.run_id &&
          row.seat_type === seatType &&
          row.from_stop < item.to_stop &&
          item.from_stop < row.to_stop,
      );
      const free = seatCount - new Set(taken.map((row) => row.seat_index)).size;
      return free >= party ? [`I5: entry ${waits.waitlist_no} waits while ${free} ${seatClass} are free for it`] : [];
    });
  });
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

/**
 * I3: for each order, what the bank took = fares of valid tickets + stated fees + what the bank gave back, and the prepayment of an entry that
 * still waits. Money of an entry is under the number of the order that it becomes, and tickets that replaced others without more money are on
 * the payment of those.
 */
function moneyAddsUp({ payments, trades, refunds, tickets, entries }: Records): string[] {
  const orderOfPayment = new Map(payments.map(({ payment_no, order_no }) => [payment_no, order_no]));
  const balance = new Map<string, number>();
  const add = (orderNo: string, amount: number) => balance.set(orderNo, (balance.get(orderNo) ?? 0) + amount);
  for (const { payment_no, amount_fen } of trades)
    add(orderOfPayment.get(payment_no) ?? `payment ${payment_no}`, amount_fen);
  for (const { payment_no, amount_fen } of refunds)
    add(orderOfPayment.get(payment_no) ?? `payment ${payment_no}`, -amount_fen);
  for (const row of tickets) {
    const paidWith = orderOfPayment.get(row.payment_no ?? "") ?? row.order_no;
    if (row.ticket_status === ticket.issued || row.ticket_status === ticket.used) add(paidWith, -row.ticket_price);
    if (feeStates.includes(row.ticket_status)) add(paidWith, -(row.refund_fee ?? 0));
  }
  for (const { status, waitlist_no: no, prepay_fen: prepaid } of entries)
    if (status === entry.waiting || status === entry.granted) add(`E${no.slice(1)}`, -prepaid);
  return [...balance]
    .filter(([, fen]) => fen !== 0)
    .map(([orderNo, fen]) => `I3: order ${orderNo} is off by ${fen} fen`);
}

/** By the policy that a platform begins with. */
const perUserRun = 9;

/** I6. */
function limitsHold(live: readonly TicketRow[]): string[] {
  const wrong: string[] = [];
  for (const [who, rows] of Map.groupBy(live, (row) => `user ${row.user_id} on ${row.run_id}`)) {
    if (rows.length > perUserRun) wrong.push(`I6: ${who} has ${rows.length} tickets`);
  }
  for (const [who, rows] of Map.groupBy(live, (row) =>
    row.document_proved === 0 ? `${row.document_hash} of ${row.user_id}` : row.document_hash,
  )) {
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

/** A document that nobody has proved is counted for its account alone. */
const guardKeyOf = (row: TicketRow): string =>
  row.document_proved === 0 ? `${row.document_hash}@${row.user_id}` : row.document_hash;

/** Trips of long ago are forgotten there, some time after this. */
const countedForMs = 7 * 24 * 3_600_000;

/**
 * I6: the guard counts every ticket, for its document and for its account. A trip that it counts too much is found out when it is in
 * a buyer's way; a count too high is as wrong as one too low.
 */
function guardCountsTickets({ trips, accountRuns }: Records, live: readonly TicketRow[]): string[] {
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

type Where = { readonly trains: readonly string[]; readonly stations: readonly string[]; readonly date: string };

/** I8: what the seat engine sells from is what the tickets leave free. The platform must be running and at rest. Not for `standing`. */
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
        const taken = onTrain.filter(
          (row) => row.seat_type === seatTypes[seatClass] && row.from_stop <= stop && row.to_stop > stop,
        ).length;
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
