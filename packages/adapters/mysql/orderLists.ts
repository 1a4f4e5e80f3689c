/**
 * The read models of orders: `t_user_order_index`, which lies where its run does, and `t_user_order_list`, which lies where its user
 * does. A row that is not newer than the one that is there changes nothing, so those who follow the orders and one who makes a
 * model anew need not know of each other. Made anew it is row by row, in place: a reader meanwhile sees old rows or new ones,
 * and what no order stands behind goes at the end.
 */
import type { Kysely, Selectable } from "kysely";
import { slotOfText, stateCode } from "@chepiao/adapters/sql";
import { type OrderLine, orderStates, type RunId, wordOf } from "@chepiao/contracts";
import { type EpochMs, type Fen, type OrderId, type OrderNo, type ServiceDate, type UserId } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import {
  firstLinesByRun,
  type IndexedOrder,
  type ListedOrder,
  type ListPage,
  type OrderIndex,
  type OrderList,
  type OrderProjection,
} from "@chepiao/ports/order-lists";
import type { OrderRecord } from "@chepiao/ports/order-store";
import { userSlotOf } from "@chepiao/ports/user-store";
import { insertRows } from "./batches.ts";
import type { MysqlDatabase } from "./database.ts";
import { generationOf, nextGeneration } from "./generations.ts";
import type { MysqlTables } from "./tables.ts";
import { transactionsOn } from "./transaction.ts";

type IndexRow = Omit<Selectable<MysqlTables["t_user_order_index"]>, "generation">;
type ListRow = Omit<Selectable<MysqlTables["t_user_order_list"]>, "generation">;

/** Asked are the replicas: a read model is behind in any case. */
export function createMysqlOrderIndex(database: MysqlDatabase, clock: Pick<Clock, "now">): OrderIndex {
  return {
    ...projectionOn(database, "t_user_order_index", (order) =>
      firstLinesByRun(order).map((line) => indexRow(order, line, clock.now())),
    ),
    async ofRun(runId, { before, limit }: ListPage) {
      let query = database.stale
        .selectFrom("t_user_order_index")
        .selectAll()
        .where("slot", "=", slotOfText(runId))
        .where("run_id", "=", runId);
      if (before !== undefined) query = query.where("order_id", "<", before);
      return (await query.orderBy("order_id", "desc").limit(limit).execute()).map(indexedOf);
    },
  };
}

export function createMysqlOrderList(database: MysqlDatabase): OrderList {
  return {
    ...projectionOn(database, "t_user_order_list", (order) => [listRow(order)]),
    async ofUser(userId, { before, limit }: ListPage) {
      let query = database.stale
        .selectFrom("t_user_order_list")
        .selectAll()
        .where("slot", "=", userSlotOf(userId))
        .where("user_id", "=", userId);
      if (before !== undefined) query = query.where("order_id", "<", before);
      return (await query.orderBy("order_id", "desc").limit(limit).execute()).map(listedOf);
    },
  };
}

function projectionOn(
  { sql }: MysqlDatabase,
  table: "t_user_order_index" | "t_user_order_list",
  rowsOf: (order: OrderRecord) => readonly (IndexRow | ListRow)[],
): OrderProjection {
  const inTransaction = transactionsOn(sql);
  async function write(orders: readonly OrderRecord[], generationIn: (trx: Kysely<MysqlTables>) => Promise<number>) {
    if (orders.length === 0) return;
    await inTransaction(async (trx) => {
      const generation = await generationIn(trx);
      const rows = orders.flatMap(rowsOf).map((row) => ({ ...row, generation }));
      await insertRows(trx, table, rows, ifNewer(Object.keys(rows[0]!)));
    });
  }
  return {
    take: (orders) => write(orders, (trx) => generationOf(trx, table)),
    async rebuild(source) {
      const generation = await nextGeneration(sql, table);
      let count = 0;
      for await (const orders of source) {
        await write(orders, async () => generation);
        count += orders.length;
      }
      // What is older now was not among the orders.
      await inTransaction((trx) => trx.deleteFrom(table).where("generation", "<", generation).execute());
      return count;
    },
  };
}

const isNewer = "values(generation) > generation or (values(generation) = generation and values(version) > version)";
/** Those last: what stands before them compares with what was there. */
const compared = ["version", "generation"];

const ifNewer = (columns: readonly string[]): string =>
  `on duplicate key update ${columns
    .toSorted((a, b) => compared.indexOf(a) - compared.indexOf(b))
    .map((column) => `${column} = if(${isNewer}, values(${column}), ${column})`)
    .join(", ")}`;

const indexRow = (order: OrderRecord, line: OrderLine, now: EpochMs): IndexRow => ({
  order_id: order.orderId,
  order_no: order.orderNo,
  slot: slotOfText(line.runId),
  user_id: order.userId,
  run_id: line.runId,
  train_number: line.trainNumber,
  origin_date: line.originDate,
  train_date: line.boardingDate,
  order_status: stateCode(order.state),
  total_price: order.totalFen,
  create_time: order.acceptedAt,
  update_time: now,
  version: order.version,
});

const listRow = (order: OrderRecord): ListRow => ({
  user_id: order.userId,
  order_id: order.orderId,
  order_no: order.orderNo,
  slot: userSlotOf(order.userId),
  train_number: order.lines[0].trainNumber,
  train_date: order.lines[0].boardingDate,
  departure_name: order.lines[0].fromName,
  arrival_name: order.lines[0].toName,
  departure_time: order.lines[0].departAt,
  order_status: stateCode(order.state),
  total_price: order.totalFen,
  expire_time: order.payBy,
  create_time: order.acceptedAt,
  version: order.version,
});

const commonOf = (row: IndexRow | ListRow) => ({
  orderId: row.order_id as OrderId,
  orderNo: row.order_no as OrderNo,
  userId: row.user_id as UserId,
  trainNumber: row.train_number,
  boardingDate: row.train_date as ServiceDate,
  state: wordOf(orderStates, row.order_status),
  totalFen: row.total_price as Fen,
  acceptedAt: row.create_time as EpochMs,
  version: row.version,
});

const indexedOf = (row: IndexRow): IndexedOrder => ({
  ...commonOf(row),
  runId: row.run_id as RunId,
  originDate: row.origin_date as ServiceDate,
});

const listedOf = (row: ListRow): ListedOrder => ({
  ...commonOf(row),
  fromName: row.departure_name,
  toName: row.arrival_name,
  departAt: row.departure_time as EpochMs,
  payBy: row.expire_time as EpochMs,
});
