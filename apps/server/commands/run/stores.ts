/** What commands about a run work on: the database, beside a platform that may be running on it. */
import type { Stores } from "@chepiao/adapters/sql";
import { createSystemClock } from "@chepiao/adapters/system";
import type { Currency, Timetable } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { SecurityEvents } from "@chepiao/ports/security-events";
import type { Config } from "../../config.ts";
import { openTimetable } from "../../wiring/timetable.ts";
import { openStoresBeside } from "../stores.ts";

export type RunStores = Pick<Stores, "orders" | "runStates" | "waitlist"> & {
  readonly securityEvents: Pick<SecurityEvents, "append">;
  readonly timetable: Pick<Timetable, "run">;
  readonly currency: Currency;
  readonly clock: Clock;
};

export async function openRunStores(config: Config): Promise<RunStores & AsyncDisposable> {
  await using cleanUp = new AsyncDisposableStack();
  const clock = createSystemClock();
  const { stores, securityEvents } = await openStoresBeside(config, cleanUp);
  const { timetable } = await openTimetable({ config, clock }, stores);
  const { orders, runStates, waitlist } = stores;
  const { currency } = timetable.policy.policy;
  const kept = cleanUp.move();
  return {
    orders,
    runStates,
    waitlist,
    securityEvents,
    timetable,
    currency,
    clock,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
