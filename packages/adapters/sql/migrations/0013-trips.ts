/**
 * What tickets count for in purchase limits, for the guard that asks once more when an order is written (docs/decisions/0027): trips by
 * document, and how many tickets an account has on a run. Filled from the orders that stand.
 *
 * On MySQL a document is locked by a row of its own, because its trips lie on another server than their orders.
 */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { codeOf, orderStates, ticketStates } from "@chepiao/contracts";
import { dayMs, ledgerKeptDays, slotCount } from "@chepiao/kernel";
import { liveTicketStates, tripStates } from "@chepiao/ports/order-store";
import { slotOfText } from "../slots.ts";
import { createTable, isMysql } from "./table.ts";

export const trips: Migration = {
  async up(db: Kysely<any>) {
    await createTables(db);
    for await (const { orders, tickets } of isMysql(db) ? bySlots(db) : byIds(db)) {
      const byId = new Map(orders.map((order) => [order.id, order]));
      const rows = tickets.flatMap((ticket) => tripRow(db, byId.get(ticket.order_id), ticket));
      await writeTrips(db, rows);
      await writeCounts(db, rows, byId);
    }
  },
};

async function createTables(db: Kysely<any>): Promise<void> {
  const slot = isMysql(db) ? ({ slot: "integer" } as const) : {};
  await createTable(
    db,
    "t_document_trip",
    {
      document_key: "varchar(96)",
      ticket_no: "varchar(32)",
      ...slot,
      order_id: "bigint",
      user_id: "bigint",
      run_id: "varchar(32)",
      boarding_date: "varchar(10)",
      departure_time: "bigint",
      arrival_time: "bigint",
    },
    { primary: ["document_key", "ticket_no"], indexes: { idx_document_trip_arrival: ["arrival_time"] } },
  );
  await createTable(
    db,
    "t_account_run",
    { run_id: "varchar(32)", user_id: "bigint", ...slot, ticket_count: "integer" },
    { primary: ["run_id", "user_id"] },
  );
  if (!isMysql(db)) return;
  await createTable(
    db,
    "t_document_lock",
    { document_key: "varchar(96)", slot: "integer" },
    { primary: ["document_key"] },
  );
}

type OrderRow = {
  id: number;
  slot: number;
  user_id: number;
  run_id: string;
  boarding_date: string;
  departure_time: number;
  arrival_time: number;
};
type TicketRow = { order_id: number; ticket_no: string; document_hash: string };
type Page = { readonly orders: readonly OrderRow[]; readonly tickets: readonly TicketRow[] };

const standingOrders = (db: Kysely<any>) =>
  db
    .selectFrom("t_order")
    .select(["id", "slot", "user_id", "run_id", "boarding_date", "departure_time", "arrival_time"])
    .where(
      "order_status",
      "in",
      tripStates.map((state) => codeOf(orderStates, state)),
    )
    .where("arrival_time", ">", Date.now() - ledgerKeptDays * dayMs);
const liveTickets = (db: Kysely<any>) =>
  db
    .selectFrom("t_order_detail")
    .select(["order_id", "ticket_no", "document_hash"])
    .where(
      "ticket_status",
      "in",
      liveTicketStates.map((state) => codeOf(ticketStates, state)),
    );

const idsAtOnce = 2_000;

async function* byIds(db: Kysely<any>): AsyncIterable<Page> {
  for (let after = 0; ;) {
    const orders = await standingOrders(db).where("id", ">", after).orderBy("id").limit(idsAtOnce).execute();
    if (orders.length === 0) return;
    const first = orders[0]!.id;
    after = orders.at(-1)!.id;
    const tickets = await liveTickets(db).where("order_id", ">=", first).where("order_id", "<=", after).execute();
    yield { orders, tickets };
  }
}

/** Less than a hundredth of all orders. An account's are all in one slot, so that they are counted together. */
const slotsAtOnce = 16;

/** In a transaction, or a proxy would keep silent about servers that did not answer. */
async function* bySlots(db: Kysely<any>): AsyncIterable<Page> {
  for (let first = 0; first < slotCount; first += slotsAtOnce) {
    const slots = Array.from({ length: slotsAtOnce }, (_, n) => first + n);
    yield await db.transaction().execute(async (trx) => ({
      orders: await standingOrders(trx).where("slot", "in", slots).execute(),
      tickets: await liveTickets(trx).where("slot", "in", slots).execute(),
    }));
  }
}

function tripRow(db: Kysely<any>, order: OrderRow | undefined, ticket: TicketRow) {
  if (!order) return [];
  // Until documents could be proved each counted for everybody.
  const documentKey = ticket.document_hash;
  return [
    {
      document_key: documentKey,
      ticket_no: ticket.ticket_no,
      ...(isMysql(db) ? { slot: slotOfText(documentKey) } : {}),
      order_id: order.id,
      user_id: order.user_id,
      run_id: order.run_id,
      boarding_date: order.boarding_date,
      departure_time: order.departure_time,
      arrival_time: order.arrival_time,
    },
  ];
}

type TripRow = ReturnType<typeof tripRow>[number];
const rowsAtOnce = 500;

function* inPages<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let next = 0; next < rows.length; next += rowsAtOnce) yield rows.slice(next, next + rowsAtOnce);
}

/** On MySQL once more where it was done before, by a migration that died behind it. */
async function writeTrips(db: Kysely<any>, rows: readonly TripRow[]): Promise<void> {
  for (const page of inPages(rows)) {
    const insert = db.insertInto("t_document_trip").values([...page]);
    const again = insert.onDuplicateKeyUpdate({ ticket_no: sql`values(ticket_no)` });
    await (isMysql(db) ? again : insert).execute();
  }
}

async function writeCounts(db: Kysely<any>, rows: readonly TripRow[], orders: ReadonlyMap<number, OrderRow>) {
  const ofAccounts = Map.groupBy(rows, ({ run_id, user_id }) => `${run_id} ${user_id}`);
  const counts = [...ofAccounts.values()].map(([first, ...others]) => ({
    run_id: first!.run_id,
    user_id: first!.user_id,
    ...(isMysql(db) ? { slot: orders.get(first!.order_id)!.slot } : {}),
    ticket_count: 1 + others.length,
  }));
  for (const page of inPages(counts)) {
    const insert = db.insertInto("t_account_run").values([...page]);
    const more = { ticket_count: sql`t_account_run.ticket_count + excluded.ticket_count` };
    await (
      isMysql(db)
        ? insert.onDuplicateKeyUpdate({ ticket_count: sql`values(ticket_count)` })
        : insert.onConflict((the) => the.columns(["run_id", "user_id"]).doUpdateSet(more))
    ).execute();
  }
}
