/**
 * What the log tells of orders, held against their rows: from its acceptance to where it stands, each order was told through every change,
 * and what was told twice is the same. Shares no code with the rooms; the platform must have come to rest.
 */
import { mysqlConnection } from "@chepiao/adapters/mysql";
import { Database } from "bun:sqlite";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createSystemClock } from "@chepiao/adapters/system";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import type { Settings } from "./processes.ts";

type Told = {
  readonly orderId: number;
  readonly version: number;
  readonly step: number;
  readonly from: string;
  readonly to: string;
  readonly at: number;
  readonly tickets: readonly { readonly ticketNo: string; readonly state: string }[];
};
type Row = { readonly id: number; readonly order_no: string; readonly order_status: number; readonly version: number };
type TicketRow = { readonly order_id: number; readonly ticket_no: string; readonly ticket_status: number };

// As numbered in SQL.
const orderStates = "pendingPayment paid ticketed completed cancelled refunded accepted rejected expired changed".split(
  " ",
);
const ticketStates = "held issued refunding refunded released used changed".split(" ");

const statements = {
  orders: "select id, order_no, order_status, version from t_order",
  tickets: "select order_id, ticket_no, ticket_status from t_order_detail",
  waiting: "select content from t_local_message where topic = 'order-state-topic'",
} as const;
type Rows = {
  readonly orders: readonly Row[];
  readonly tickets: readonly TicketRow[];
  /** Committed and not carried to the log yet: it will be. */
  readonly waiting: readonly { readonly content: string }[];
};

/** Of a data folder that no platform has open. Everything that is wrong, in words. */
export function statesAreTold(dataDir: string): string[] {
  using books = new Database(join(dataDir, "chepiao.db"), { readonly: true });
  const rows = Object.entries(statements).map(([name, statement]) => [name, books.query(statement).all()]);
  return toldWrongly(Object.fromEntries(rows) as Rows, recordsIn(join(dataDir, "log")));
}

let auditCount = 0;

/** Of a platform on engines. */
export async function statesAreToldByKafka(settings: Settings): Promise<string[]> {
  // Loaded here alone: it takes longer than most tests of a data folder.
  const { openKafkaLog } = await import("@chepiao/adapters/kafka");
  const kafka = {
    brokers: settings["KAFKA_BROKERS"]!.split(","),
    prefix: `${settings["NAMESPACE"]}.`,
    partitions: Number(settings["KAFKA_PARTITIONS"]),
    replicas: 1,
    minInSyncReplicas: 1,
  };
  await using log = openKafkaLog(kafka, { clock: createSystemClock(), report: () => {} });
  const records: Told[] = [];
  const consumption = log.consume({
    group: `audit-${auditCount++}`,
    topics: ["order-state-topic"],
    batchMax: 1_000,
    handle: async (batch) => void records.push(...batch.map(({ value }) => value as Told)),
  });
  await consumption.caughtUp();
  const server = await createConnection({
    ...mysqlConnection(settings["MYSQL_URL"]!).options,
    supportBigNumbers: true,
  });
  try {
    const rows = new Map<string, RowDataPacket[]>();
    for (const [name, statement] of Object.entries(statements))
      rows.set(name, (await server.query<RowDataPacket[]>(statement))[0]);
    return toldWrongly(Object.fromEntries(rows) as unknown as Rows, records);
  } finally {
    await server.end();
  }
}

function toldWrongly({ orders, tickets, waiting }: Rows, records: readonly Told[]): string[] {
  const wrong: string[] = [];
  const told = [...records, ...waiting.map(({ content }) => JSON.parse(content) as Told)];
  const ofOrder = Map.groupBy(told, ({ orderId }) => orderId);
  const ticketsOf = Map.groupBy(tickets, (ticket) => ticket.order_id);
  for (const order of orders) {
    const texts = new Set((ofOrder.get(order.id) ?? []).map((record) => JSON.stringify(record)));
    ofOrder.delete(order.id);
    const steps = [...texts]
      .map((text) => JSON.parse(text) as Told)
      .sort((a, b) => a.version - b.version || a.step - b.step);
    let last: Pick<Told, "version" | "step" | "to" | "at"> = { version: -1, step: 0, to: "accepted", at: 0 };
    for (const each of steps) {
      const isNext = each.version === last.version ? each.step === last.step + 1 : each.version === last.version + 1;
      if (!isNext || each.from !== last.to || each.at < last.at)
        wrong.push(`I7: of ${order.order_no} was told ${JSON.stringify(each)} after ${JSON.stringify(last)}`);
      last = each;
    }
    const standing = (ticketsOf.get(order.id) ?? []).map(
      ({ ticket_no, ticket_status }) => `${ticket_no} ${ticketStates[ticket_status]}`,
    );
    const ended = (steps.at(-1)?.tickets ?? []).map(({ ticketNo, state }) => `${ticketNo} ${state}`);
    const state = orderStates[order.order_status]!;
    const isSame = ended.sort().join() === standing.sort().join();
    if (last.version !== order.version || last.to !== state || !isSame)
      wrong.push(
        `I7: ${order.order_no} is ${state} in version ${order.version}, and was told as ${JSON.stringify(last)}`,
      );
  }
  for (const orderId of ofOrder.keys()) wrong.push(`I7: the log tells of an order ${orderId} that is none`);
  return wrong;
}

const magicBytes = 8;
const headerBytes = 8;

/** Frames of length, checksum and JSON, file by file. */
function recordsIn(folder: string): Told[] {
  const found: Told[] = [];
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".log"))) {
    const bytes = readFileSync(join(folder, name));
    for (let at = magicBytes; at + headerBytes <= bytes.length;) {
      const end = at + headerBytes + bytes.readUInt32LE(at);
      const record = JSON.parse(bytes.toString("utf8", at + headerBytes, end)) as { topic: string; value: Told };
      if (record.topic === "order-state-topic") found.push(record.value);
      at = end;
    }
  }
  return found;
}
