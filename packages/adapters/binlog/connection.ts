/**
 * One reading of a server's binlog: from a place on, whole transactions, in order. It ends with the first trouble; a reader that reads
 * opens another.
 */
import type { BinLogEvent, BinLogQueryEvent, BinLogRotationEvent, BinLogRowEvent } from "@powersync/mysql-zongji";
import type { TlsIdentity } from "@chepiao/adapters/engine-address";
import { epochMs, type EpochMs, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { RowChange } from "@chepiao/ports/change-feed";
import { openDriver } from "./driver.ts";
import type { Position } from "./position.ts";

/** Transactions read, the last of which ends at `position`; `at` is when the first was committed. */
export type Passage = { readonly changes: readonly RowChange[]; readonly position: Position; readonly at: EpochMs };

export type BinlogConnection = {
  /** Where the server writes now. */
  end(): Promise<Position>;
  /**
   * The last place before which everything can be read in the tables, too. Behind it stands what is in the binlog already and not
   * visible yet: with semi-synchronous replication a commit waits in between for a replica.
   */
  settled(): Promise<Position>;
  /** Can one begin there? The server may have discarded what lay there, or be another one. */
  has(position: Position): Promise<boolean>;
  start(from: Position): void;
  /** What follows, as it comes; throws when there is trouble. */
  take(changesMax: number): Promise<Passage>;
  /** When the oldest was committed that was read and not taken; null for none. */
  oldestAt(): EpochMs | null;
  close(): void;
};

/** A server with nothing to say says so each second; after so long without a word it is taken for dead. */
const heartbeatMs = secondMs;
const silenceMaxMs = 10 * secondMs;
/** Read ahead of the handler. Above that the server is let wait. */
const aheadMax = 10_000;

export function connectBinlog(
  url: string,
  tables: readonly string[],
  clock: Clock,
  identity?: TlsIdentity,
): BinlogConnection {
  const { zongji, database } = openDriver(url, identity);
  let failure: Error | null = null;
  let wake = () => {};
  let isPaused = false;
  let ahead = 0;
  const ready: Passage[] = [];

  function fail(error: Error) {
    failure ??= error;
    wake();
  }
  zongji.on("error", fail);

  const ask = (sql: string) =>
    new Promise<Record<string, string | number>[]>((resolve, reject) =>
      zongji.ctrlConnection.query(sql, (error, rows) => (error ? reject(error as Error) : resolve(rows))),
    );
  const askServerId = async () => Number((await ask("select @@server_id as id"))[0]!["id"]);
  const askFiles = async () =>
    (await ask("show binary logs")).map((row) => ({ file: String(row["Log_name"]), size: Number(row["File_size"]) }));

  function start(from: Position) {
    const hear = createEar(from, clock, (passage) => {
      ready.push(passage);
      ahead += passage.changes.length;
      if (ahead > aheadMax) {
        zongji.pause();
        isPaused = true;
      }
      wake();
    });
    zongji.on("binlog", (event: BinLogEvent) => {
      try {
        hear(event);
      } catch (error) {
        fail(error as Error);
      }
    });
    zongji.connection.query(
      `set @master_heartbeat_period = ${heartbeatMs * 1_000_000}`,
      (error) => error && fail(error),
    );
    zongji.start({
      // A server has one reader of a number: the later one ends the earlier.
      serverId: 2 ** 31 + Math.floor(Math.random() * 2 ** 31),
      filename: from.file,
      position: from.offset,
      includeEvents: ["rotate", "tablemap", "writerows", "updaterows", "deleterows", "xid", "query", "heartbeat"],
      includeSchema: { [database]: (table) => tables.includes(logicalTable(table)) },
    });
  }

  async function somethingRead() {
    while (ready.length === 0) {
      if (failure) throw failure;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(silenceMaxMs, () => fail(new Error("the server has fallen silent")));
        wake = () => {
          cancel();
          resolve();
        };
      });
    }
  }

  return {
    async end() {
      const last = (await askFiles()).at(-1);
      if (!last) throw new Error("the server writes no binlog");
      return { serverId: await askServerId(), file: last.file, offset: last.size };
    },
    async settled() {
      const serverId = await askServerId();
      await ask("start transaction with consistent snapshot");
      const status = await ask("show status like 'binlog_snapshot_%'");
      await ask("commit");
      const values = new Map(status.map((row) => [String(row["Variable_name"]).toLowerCase(), String(row["Value"])]));
      const [file, offset] = [values.get("binlog_snapshot_file"), values.get("binlog_snapshot_position")];
      if (!file) throw new Error("the server does not say which binlog position a snapshot has; MariaDB does");
      return { serverId, file, offset: Number(offset) };
    },
    async has({ serverId, file, offset }) {
      const files = await askFiles();
      return serverId === (await askServerId()) && files.some((each) => each.file === file && each.size >= offset);
    },
    start,
    async take(changesMax) {
      await somethingRead();
      const taken = [ready.shift()!];
      let count = taken[0]!.changes.length;
      while (ready.length > 0 && count + ready[0]!.changes.length <= changesMax) {
        count += ready[0]!.changes.length;
        taken.push(ready.shift()!);
      }
      ahead -= count;
      if (isPaused && ahead <= aheadMax / 2) {
        isPaused = false;
        zongji.resume();
      }
      return {
        changes: taken.flatMap(({ changes }) => changes),
        position: taken.at(-1)!.position,
        at: taken[0]!.at,
      };
    },
    oldestAt: () => ready[0]?.at ?? null,
    close() {
      fail(new Error("closed"));
      zongji.stop();
    },
  };
}

/** Puts events together to whole transactions. */
function createEar(from: Position, clock: Clock, passed: (passage: Passage) => void): (event: BinLogEvent) => void {
  const { serverId } = from;
  let { file } = from;
  let changes: RowChange[] = [];
  let isInTransaction = false;

  function pass(offset: number, timestamp: number) {
    passed({ changes, position: { serverId, file, offset }, at: epochMs(timestamp || clock.now()) });
    changes = [];
    isInTransaction = false;
  }

  return (event) => {
    switch (event.getEventName()) {
      case "rotate": {
        const { binlogName, position } = event as BinLogRotationEvent;
        file = binlogName;
        // One without a time is only the name of the file that is being read.
        if (event.timestamp > 0) pass(position, event.timestamp);
        return;
      }
      case "query": {
        const { query } = event as BinLogQueryEvent;
        if (query === "BEGIN") isInTransaction = true;
        // Savepoints and comments stand inside of transactions; everything about tables is one by itself.
        else if (!isInTransaction || query === "COMMIT") pass(event.nextPosition, event.timestamp);
        return;
      }
      case "xid":
        return pass(event.nextPosition, event.timestamp);
      case "heartbeat":
        if (!isInTransaction) pass(event.nextPosition, 0);
        return;
      case "writerows":
      case "updaterows":
      case "deleterows":
        for (const change of changesOf(event as BinLogRowEvent)) changes.push(change);
    }
  };
}

function changesOf(event: BinLogRowEvent): RowChange[] {
  const { tableMap, tableId, rows } = event;
  const table = logicalTable(tableMap[tableId]!.tableName);
  if (event.getEventName() === "deleterows") return rows.map((row) => ({ table, row, isDeleted: true }));
  return rows.map((row) => ({ table, row: (row["after"] as RowChange["row"] | undefined) ?? row }));
}

/** A proxy counts the parts of a table: `t_order_17` is part of `t_order`. */
const logicalTable = (name: string): string => name.replace(/_\d+$/, "");
