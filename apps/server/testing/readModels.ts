/**
 * I8: read models of orders, looked at from the outside: each says of every order what its row says, column by column, and knows of no
 * other. It shares no code with those who keep them.
 */
import { openOrderSearch } from "@chepiao/adapters/elasticsearch";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import type { Settings } from "./processes.ts";

type Row = Readonly<Record<string, unknown>>;

type Column = string | readonly [ofOrder: string, ofModel: string];

/** What a table says beside what both say; a pair where a column has another name there. */
const tables: Readonly<Record<string, readonly Column[]>> = {
  t_user_order_index: ["run_id", "origin_date", ["boarding_date", "train_date"]],
  t_user_order_list: [
    "departure_name",
    "arrival_name",
    "departure_time",
    "expire_time",
    ["boarding_date", "train_date"],
  ],
};
const inBothTables = ["order_no", "user_id", "train_number", "order_status", "total_price", "create_time", "version"];
const inSearch = [
  ["order_no", "orderNo"],
  ["user_id", "userId"],
  ["train_number", "trainNumber"],
  ["origin_date", "originDate"],
  ["total_price", "totalFen"],
  ["version", "version"],
] as const;

/** Everything that is wrong, in words. */
export async function readModelsAreOrders(settings: Settings): Promise<string[]> {
  const server = await createConnection({ uri: settings["MYSQL_URL"]!, supportBigNumbers: true });
  try {
    const orders = await rowsOf(server, "t_order", "id");
    const wrong: string[] = [];
    for (const [table, columns] of Object.entries(tables))
      wrong.push(...differences(table, orders, await rowsOf(server, table, "order_id"), [...inBothTables, ...columns]));
    return [...wrong, ...differences("the search", orders, await documents(settings), inSearch)];
  } finally {
    await server.end();
  }
}

async function rowsOf(server: Connection, table: string, key: string): Promise<Map<number, Row>> {
  const [rows] = await server.query<RowDataPacket[]>(`select * from ${table}`);
  return new Map(rows.map((row) => [Number(row[key]), row as Row]));
}

async function documents(settings: Settings): Promise<Map<number, Row>> {
  const index = `${settings["NAMESPACE"]}-chepiao-orders`;
  const search = openOrderSearch({ url: settings["ELASTICSEARCH_URL"]!, index, replicas: 0 });
  try {
    await search.refresh();
    const { orders } = await search.search({ limit: 10_000 });
    return new Map(orders.map((order) => [order.orderId, order]));
  } finally {
    await search.close();
  }
}

function differences(
  model: string,
  orders: ReadonlyMap<number, Row>,
  rows: ReadonlyMap<number, Row>,
  columns: readonly Column[],
): string[] {
  const wrong: string[] = [];
  for (const [id, order] of orders) {
    const row = rows.get(id);
    if (!row) {
      wrong.push(`I8: ${model} lacks order ${id}`);
      continue;
    }
    for (const column of columns) {
      const [ofOrder, ofModel] = typeof column === "string" ? [column, column] : column;
      const [right, said] = [String(order[ofOrder]), String(row[ofModel])];
      if (said !== right) wrong.push(`I8: ${model} says ${ofModel} ${said} of order ${id}, which has ${right}`);
    }
  }
  for (const id of rows.keys()) if (!orders.has(id)) wrong.push(`I8: ${model} has an order ${id} that is none`);
  return wrong;
}
