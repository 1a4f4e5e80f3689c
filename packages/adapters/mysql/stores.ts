/** Every store of the platform on one logical MySQL, for any number of processes at once. */
import { randomUUID } from "node:crypto";
import {
  createSqlPaymentStore,
  createSqlSessionStore,
  createSqlTimetableStore,
  createSqlUserStore,
  type Everywhere,
  type Stores,
  type Tables,
} from "@chepiao/adapters/sql";
import { epochMs, secondMs } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { MysqlDatabase } from "./database.ts";
import { createMysqlOrderStore } from "./orders.ts";
import { createMysqlOutbox } from "./outbox.ts";
import { createSeatLedger, type SeatLedger } from "./seatLedger.ts";
import { createTradeOwners } from "./trades.ts";
import { transactionsOn } from "./transaction.ts";

export type MysqlStores = Stores & AsyncDisposable;

export type MysqlStoresDeps = {
  readonly database: MysqlDatabase;
  readonly clock: Clock;
  readonly report: (message: string, error: unknown) => void;
};

export function createMysqlStores({ database, clock, report }: MysqlStoresDeps): MysqlStores {
  const { sql } = database;
  const everywhere: Everywhere = transactionsOn<Tables>(sql);
  const ledger = createSeatLedger(sql);
  const stop = finishReleases(ledger, clock, report);
  return {
    orders: createMysqlOrderStore({ sql, ledger, report }),
    outbox: createMysqlOutbox(sql, randomUUID().slice(0, 32)),
    payments: createSqlPaymentStore(sql, { ownTrade: createTradeOwners(sql), everywhere }),
    sessions: createSqlSessionStore(sql, everywhere),
    timetable: createSqlTimetableStore(sql),
    users: createSqlUserStore(sql),
    [Symbol.asyncDispose]: stop,
  };
}

/** Whoever noted a release has carried it out by then, or is dead. */
const abandonedAfterMs = 10 * secondMs;
const lookEveryMs = 30 * secondMs;

/** Now and then carries out what a process that died has left; each of them does, and it may be done twice. */
function finishReleases(ledger: SeatLedger, clock: Clock, report: MysqlStoresDeps["report"]): () => Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve();
  let cancel = clock.after(lookEveryMs, look);
  function look() {
    underWay = ledger
      .finish(epochMs(clock.now() - abandonedAfterMs))
      .catch((error: unknown) => report("freed seats could not be looked for; trying again", error));
    cancel = clock.after(lookEveryMs, look);
  }
  return async () => {
    cancel();
    await underWay;
  };
}
