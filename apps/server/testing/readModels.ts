/**
 * I8: read models of orders, looked at from the outside: each says of every order what its row says, column by column, and knows of
 * no other. It shares no code with those who keep them.
 */
import { mysqlConnection } from "@chepiao/adapters/mysql";
import { openOrderSearch } from "@chepiao/adapters/elasticsearch";
import type { ServiceDate } from "@chepiao/kernel";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import type { Settings } from "./processes.ts";

type Row = Readonly<Record<string, unknown>>;

type Column = string | readonly [ofOrder: string, ofModel: string];

type Table = {
  /** What it says beside what both say; a pair where a column has another name there. */
  readonly columns: readonly Column[];
  /** The day of the run. No train of a test runs over midnight. */
  readonly day: string;
};
const tables: Readonly<Record<string, Table>> = {
  t_user_order_index: { columns: ["run_id", "origin_date", ["boarding_date", "train_date"]], day: "origin_date" },
  t_user_order_list: {
    columns: ["departure_name", "arrival_name", "departure_time", "expire_time", ["boarding_date", "train_date"]],
    day: "train_date",
  },
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

/**
 * Everything that is wrong, in words.
 *
 * @param date only what runs on that day, where there is much
 */
export async function readModelsAreOrders(settings: Settings, date: ServiceDate | null = null): Promise<string[]> {
  const server = await createConnection({
    ...mysqlConnection(settings["MYSQL_URL"]!).options,
    supportBigNumbers: true,
  });
  const rowsOf = async (table: string, key: string, day: string): Promise<Map<number, Row>> => {
    const only = date === null ? "" : ` where ${day} = ?`;
    const [rows] = await server.query<RowDataPacket[]>(`select * from ${table}${only}`, [date]);
    return new Map(rows.map((row) => [Number(row[key]), row as Row]));
  };
  try {
    const orders = await rowsOf("t_order", "id", "origin_date");
    const wrong: string[] = [];
    for (const [table, { columns, day }] of Object.entries(tables)) {
      const rows = await rowsOf(table, "order_id", day);
      wrong.push(...differences(table, orders, rows, [...inBothTables, ...columns]));
    }
    return [...wrong, ...differences("the search", orders, await documents(settings, date), inSearch)];
  } finally {
    await server.end();
  }
}

async function documents(settings: Settings, date: ServiceDate | null): Promise<Map<number, Row>> {
  const index = `${settings["NAMESPACE"]}-chepiao-orders`;
  const search = openOrderSearch({ url: settings["ELASTICSEARCH_URL"]!, index, replicas: 0 });
  const only = date === null ? {} : { originDate: { from: date, to: date } };
  try {
    await search.refresh();
    const { orders } = await search.search({ ...only, limit: 10_000 });
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
