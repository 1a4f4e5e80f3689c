/** What commands about a run work on: the database, beside a platform that may be running on it. */
import type { Stores } from "@chepiao/adapters/sql";
import type { Currency, Timetable } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { Config } from "../../config.ts";
import type { OperatorTrail } from "../operator.ts";
import { openStoresBeside } from "../stores.ts";

export type RunStores = Pick<Stores, "orders" | "runStates" | "waitlist" | "withdrawnCoaches"> & {
  readonly auditTrail: OperatorTrail;
  readonly timetable: Pick<Timetable, "resolvePlace" | "run" | "runsOn" | "station">;
  readonly currency: Currency;
  readonly clock: Clock;
};

export async function openRunStores(config: Config): Promise<RunStores & AsyncDisposable> {
  const { stores, ...beside } = await openStoresBeside(config);
  const { orders, runStates, waitlist, withdrawnCoaches } = stores;
  return {
    orders,
    runStates,
    waitlist,
    withdrawnCoaches,
    currency: beside.timetable.policy.policy.currency,
    ...beside,
  };
}
