/** What commands about gates work on: the database, beside a platform that may be running on it. */
import type { Stores } from "@chepiao/adapters/sql";
import type { Timetable } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { Config } from "../../config.ts";
import type { OperatorTrail } from "../operator.ts";
import { openStoresBeside } from "../stores.ts";

export type GateStores = Pick<Stores, "gates" | "orders"> & {
  readonly auditTrail: OperatorTrail;
  readonly timetable: Pick<Timetable, "run" | "station" | "zone" | "zoneOf">;
  readonly clock: Clock;
};

export async function openGateStores(config: Config): Promise<GateStores & AsyncDisposable> {
  const { stores, ...beside } = await openStoresBeside(config);
  return { gates: stores.gates, orders: stores.orders, ...beside };
}
