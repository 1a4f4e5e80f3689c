/** What commands about gates work on: the database, beside a platform that may be running on it. */
import type { Stores } from "@chepiao/adapters/sql";
import { createSystemClock } from "@chepiao/adapters/system";
import type { Timetable } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { SecurityEvents } from "@chepiao/ports/security-events";
import type { Config } from "../../config.ts";
import { openTimetable } from "../../wiring/timetable.ts";
import { openStoresBeside } from "../stores.ts";

export type GateStores = Pick<Stores, "gates" | "orders"> & {
  readonly securityEvents: Pick<SecurityEvents, "append">;
  readonly timetable: Pick<Timetable, "run" | "station" | "zone" | "zoneOf">;
  readonly clock: Clock;
};

export async function openGateStores(config: Config): Promise<GateStores & AsyncDisposable> {
  await using cleanUp = new AsyncDisposableStack();
  const clock = createSystemClock();
  const { stores, securityEvents } = await openStoresBeside(config, cleanUp);
  const { timetable } = await openTimetable({ config, clock }, stores);
  const { gates, orders } = stores;
  const kept = cleanUp.move();
  return { gates, orders, securityEvents, timetable, clock, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
