/**
 * Records what stores say to a proxy, and then asks the proxy where each statement goes (`PREVIEW`). A statement on a spread table
 * goes to the places its slots name and nowhere else, unless it is known to look into every database.
 */
import { expect, test } from "bun:test";
import { format, type SqlValue } from "mysql2";
import type { RowDataPacket } from "mysql2/promise";
import { shardedTables, shardingColumn } from "@chepiao/adapters/sql";
import type { Statement } from "./connection.ts";
import { ask } from "./ownDatabase.ts";

type Layout = { readonly databases: number; readonly tables: number };

/** Looks into every database (never into every table), each in a transaction, and why there is no slot to name. */
const everyDatabase: readonly { readonly statement: RegExp; readonly because: string }[] = [
  { statement: /^select .* from `t_order_due` .*`due_time` <=/, because: "what time changes is found by time" },
  { statement: /^select distinct `run_id` from `t_order_due`/, because: "asked once an import" },
  { statement: /^select .* from `t_order_due` .*`run_id` in/, because: "asked when a train is cancelled" },
  { statement: /^select .* from `t_order_due` .*`line_count` >/, because: "asked once an import" },
  { statement: /^select .* from `t_local_message` .*skip locked/, because: "a relay looks for whatever waits" },
  { statement: /^select .* from `t_local_message` .*`retry_count` >/, because: "an operator asks what cannot be sent" },
  { statement: /^select count\(\*\).* from `t_local_message`/, because: "how much waits, as a metric" },
  {
    statement: /^select `slot`, `run_id` from `t_seat_ledger` .* group by/,
    because: "runs of long ago are found by their day",
  },
  { statement: /^select distinct `run_id` from `t_seat_ledger`/, because: "asked once a repair" },
  { statement: /^select .* from `t_document_trip` where `arrival_time`/, because: "trips of long ago" },
  {
    statement: /^select .* from `t_run_refund` where `run_id` =/,
    because: "an operator asks what became of a run's orders",
  },
  { statement: /^select .* from `t_gate_event` where `outcome`/, because: "what gates said, by what became of it" },
  { statement: /^select .* from `t_gate_event` where `receive_time` >=/, because: "conflicts of some days" },
  { statement: /^delete from `t_gate_event` where `receive_time` </, because: "events are kept for so long" },
  { statement: /^delete from `t_mistake_refund` where `refund_date` </, because: "days of long ago" },
  { statement: /^delete from `t_student_trip` where `year_from` </, because: "school years of long ago" },
  { statement: /^delete from t_account_run where run_id/, because: "runs of long ago: counts lie with their accounts" },
  { statement: /^select .* from `t_seat_release` where `create_time`/, because: "what a dead process has left" },
  { statement: /^select .* from `t_payment` where `next_look`/, because: "providers are asked when it is time" },
  { statement: /^select .* from `t_payment_refund` .*`next_try` <=/, because: "refunds are tried when it is time" },
  { statement: /^select .* from `t_payment_refund` where `state`/, because: "how many refunds wait, as a metric" },
  { statement: /^select .* from `t_waitlist_order` where `next_time` <=/, because: "entries are changed by time" },
  {
    statement: /^select .* from `t_waitlist_order` where `added_until` >=/,
    because: "a train that is added is given to all who accept it",
  },
  {
    statement: /^select `id` from `t_waitlist_order` where `end_time` </,
    because: "entries of long ago, once an hour",
  },
  { statement: /^select max\(`id`\) as `highest` from `t_waitlist_order`/, because: "where ids go on, once a start" },
  {
    statement: /^select .* from `t_waitlist_item` where .*`waits` =/,
    because: "who waits for a run lies with their orders",
  },
  {
    statement: /^select .* from `t_waitlist_item` where `run_id` =/,
    because: "who waited for a run lies with their orders",
  },
  {
    statement: /^select distinct `run_id` from `t_waitlist_item` where `origin_date`/,
    because: "what became of those who waited, once an hour",
  },
  { statement: /^select .* from `t_waitlist_outcome`/, because: "chances are estimated from those of every run" },
  {
    statement: /^select distinct `run_id` from `t_waitlist_(release|stop)`/,
    because: "runs of long ago, once an hour",
  },
  {
    statement: /^select .* from `t_payment_trade` where `paid_at` >=/,
    because: "a day's money is held against statements",
  },
  {
    statement: /^select .* from `t_payment_refund` where `update_time` >=/,
    because: "a day's money is held against statements",
  },
  {
    statement: /^select .* from `t_payment_refund` where `create_time` >=/,
    because: "refunds that never end are of no day",
  },
  { statement: /^select sum\(.* from `t_payment_trade`/, because: "the audit sums all money" },
  { statement: /^select .*sum\(.* from `t_payment_refund` group by/, because: "the audit sums all money" },
  {
    statement: /^select .* from `t_notification` where `event_time` </,
    because: "what was told long ago, once an hour",
  },
  {
    statement: /^select .* from `t_delivery` where `(state|event_time|kind)` /,
    because:
      "deliveries are begun when it is time, those of long ago forgotten, once an hour, and operators look for some",
  },
  { statement: /^select `session_id` from `t_session` where `expire_time`/, because: "log-ins end by time" },
  { statement: /^select `user_id` from `t_one_time_code` where `expire_time`/, because: "codes end by time" },
  { statement: /^select .* from `t_security_event` where `create_time` </, because: "events are kept for so long" },
  {
    statement: /^select .* from `t_sandbox_message` where `create_time` </,
    because: "practice messages are kept a day",
  },
];

const samplesOfEach = 3;

export function createRecorder() {
  const statements = new Map<string, Statement[]>();
  return {
    statements,
    record(statement: Statement) {
      const key = `${statement.inTransaction} ${statement.sql}`;
      const samples = statements.get(key) ?? [];
      if (samples.length < samplesOfEach) statements.set(key, [...samples, statement]);
      // The longest is the one most likely to go to many places.
      else if (sizeOf(statement) > sizeOf(samples.at(-1)!)) samples[samplesOfEach - 1] = statement;
    },
  };
}

const sizeOf = ({ parameters }: Statement) => JSON.stringify(parameters).length;

export function routingRules(url: string, layout: Layout, statements: ReadonlyMap<string, readonly Statement[]>): void {
  test("every statement on a spread table goes where its slots say, or is known to look into every database", async () => {
    const onSpread = [...statements.values()].flat().filter(({ sql }) => tableOf(sql) in shardedTables);
    expect(new Set(onSpread.map(({ sql }) => tableOf(sql))).size).toBeGreaterThan(10);
    const wrong = await ask(url, async (proxy) => {
      const found: string[] = [];
      for (const statement of onSpread) {
        const text = format(statement.sql, statement.parameters as SqlValue[]);
        const [rows] = await proxy.query<RowDataPacket[]>(`preview ${text}`);
        const fault = faultOf(statement, text, nodesOf(rows, tableOf(statement.sql)), layout);
        if (fault) found.push(`${fault}: ${text.slice(0, 300)}`);
      }
      return found;
    });
    expect(wrong).toEqual([]);
  });

  test("a read goes to the primary", async () => {
    const reads = [...statements.values()].flat().filter(({ sql }) => plain(sql).startsWith("select"));
    const elsewhere = await ask(url, async (proxy) => {
      const found: string[] = [];
      for (const { sql, parameters } of reads.filter((each) => tableOf(each.sql) !== "")) {
        const [rows] = await proxy.query<RowDataPacket[]>(`preview ${format(sql, parameters as SqlValue[])}`);
        if (rows.some((row) => !String(row["data_source_name"]).endsWith("_primary"))) found.push(sql);
      }
      return found;
    });
    expect(reads.length).toBeGreaterThan(20);
    expect(elsewhere).toEqual([]);
  });
}

function faultOf(statement: Statement, text: string, nodes: readonly string[], layout: Layout): string | null {
  const table = tableOf(statement.sql);
  const slots = slotsIn(statement, text);
  if (nodes.length > 1 && !statement.inTransaction) return "goes to several places outside of a transaction";
  if (slots.length === 0) {
    const known = everyDatabase.some(({ statement: pattern }) => pattern.test(plain(text)));
    if (!known) return "names no slot";
    return nodes.length > layout.databases ? "looks into every table" : null;
  }
  const named = new Set(slots.map((slot) => nodeOf(table, slot, layout)));
  const others = nodes.filter((node) => !named.has(node));
  return others.length > 0 ? `goes to ${others.join(", ")} as well` : null;
}

function nodeOf(table: string, slot: number, { databases, tables }: Layout): string {
  const { split } = shardedTables[table as keyof typeof shardedTables];
  const suffix = split === "tables" ? `_${Math.floor(slot / databases) % tables}` : "";
  return `db_${slot % databases}.${table}${suffix}`;
}

/** `database.table` of each part that the proxy makes of a statement; parts for one database may come joined by UNION ALL. */
function nodesOf(rows: readonly RowDataPacket[], table: string): string[] {
  const nodes = rows.flatMap((row) => {
    const source = String(row["data_source_name"]).replace(/_(primary|replica)$/, "");
    const actual = String(row["sql"]).match(new RegExp(`\\b${table}(_\\d+)?\\b`, "g")) ?? [];
    return actual.map((name) => `${source}.${name}`);
  });
  return [...new Set(nodes)];
}

/** Without the hint and in one line. */
const plain = (sql: string) =>
  sql
    .replaceAll(/\/\*.*?\*\//g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
const tableOf = (sql: string) => /(?:from|into|update) `?(t_\w+)/.exec(plain(sql))?.[1] ?? "";

function slotsIn({ sql, parameters }: Statement, text: string): number[] {
  const columns = /^insert (?:ignore )?into `?\w+`? \(([^)]*)\)/.exec(plain(sql))?.[1]?.replaceAll("`", "").split(", ");
  if (columns) {
    const at = columns.indexOf(shardingColumn);
    const rows = Array.isArray(parameters[0])
      ? (parameters[0] as unknown[][])
      : Array.from({ length: parameters.length / columns.length }, (_, n) => parameters.slice(n * columns.length));
    return at < 0 ? [] : rows.map((row) => Number(row[at]));
  }
  const equal = [...text.matchAll(/\bslot`? = (\d+)/g)].map(([, slot]) => Number(slot));
  const among = [...text.matchAll(/\bslot`? in \(([\d, ]+)\)/g)].flatMap(([, list]) => list!.split(",").map(Number));
  return [...equal, ...among];
}
