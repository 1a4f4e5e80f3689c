/** Where processes of a simulated platform run, and what they stand in. */
import type { KeptQueue, QueueLoadRules } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import type { HoardingLimits } from "@chepiao/ports/reservations";
import type { Vault } from "@chepiao/ports/vault";
import type { Logger } from "@chepiao/runtime";
import type { RoleName } from "../apps/server/roles.ts";
import type { CancelledBook } from "./audit/cancelledBook.ts";
import type { LoadBook } from "./audit/load.ts";
import type { Life } from "./core/life.ts";
import type { Reach } from "./core/reach.ts";
import type { Scheduler } from "./core/scheduler.ts";
import type { Process } from "./endpoints.ts";
import type { Bank } from "./engines/bank.ts";
import type { Mails } from "./engines/mails.ts";
import type { Net } from "./engines/net.ts";
import type { Sql } from "./engines/sql.ts";
import type { WatchDeps } from "./audit/lineWatch.ts";

/** Where a process runs: it is started again there under the same name, and the machine's clock is what it believes. */
export type Machine = {
  readonly name: string;
  readonly role: RoleName;
  /** What its clock is off by. */
  offMs: number;
  /** How often a process was begun here. */
  begun: number;
  life: Life | null;
  /** Null while it is starting. */
  process: Process | null;
};

/** What both kinds of platform stand in. */
export type Surroundings = {
  readonly seed: number;
  readonly scheduler: Scheduler;
  readonly reach: Reach;
  readonly now: () => EpochMs;
  readonly paymentTimeoutMs: number;
  readonly hoarding: HoardingLimits;
  readonly judgedOver: number | null;
  readonly byLoad: QueueLoadRules | null;
  readonly sql: Sql;
  readonly bank: Bank;
  /** Null where no mails are carried. */
  readonly mails: Mails | null;
  readonly net: Net<Process>;
  readonly vault: Vault;
  readonly logger: Logger;
  readonly fire: (fault: string) => void;
  /** Of trains that do not run. */
  readonly cancelled: CancelledBook;
  /** As the database has it at this moment. */
  readonly queueOf: (queueId: string) => KeptQueue;
  /** What was said of load. */
  readonly loads: LoadBook;
  /** Of seat stores. */
  readonly watch: WatchDeps;
};
