/** What commands about queues work on: the database, beside a platform that may be running on it. */
import type { Stores } from "@chepiao/adapters/sql";
import { type Policy, queueRulesDefault, type Timetable } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { Vault } from "@chepiao/ports/vault";
import type { Config } from "../../config.ts";
import type { OperatorTrail } from "../operator.ts";
import { openStoresBeside } from "../stores.ts";

export type QueueStores = Pick<Stores, "orders" | "queues" | "users" | "waitlist"> & {
  readonly auditTrail: OperatorTrail;
  readonly vault: Pick<Vault, "secret">;
  readonly timetable: Timetable;
  /** As the policy in force says. */
  readonly rules: NonNullable<Policy["queue"]>;
  readonly clock: Pick<Clock, "now">;
};

export async function openQueueStores(config: Config): Promise<QueueStores & AsyncDisposable> {
  const { stores, vault, ...beside } = await openStoresBeside(config);
  const rules = beside.timetable.policy.policy.queue ?? queueRulesDefault;
  const { orders, queues, users, waitlist } = stores;
  return { orders, queues, users, waitlist, vault: await vault(), rules, ...beside };
}
