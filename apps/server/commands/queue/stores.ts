/** What commands about queues work on: the database, beside a platform that may be running on it. */
import type { Stores } from "@chepiao/adapters/sql";
import { createSystemClock } from "@chepiao/adapters/system";
import { type Policy, queueRulesDefault, type Timetable } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { SecurityEvents } from "@chepiao/ports/security-events";
import type { Config } from "../../config.ts";
import { openTimetable } from "../../wiring/timetable.ts";
import { openStoresBeside } from "../stores.ts";

export type QueueStores = Pick<Stores, "queues"> & {
  readonly securityEvents: Pick<SecurityEvents, "append">;
  readonly timetable: Timetable;
  /** As the policy in force says. */
  readonly rules: NonNullable<Policy["queue"]>;
  readonly clock: Pick<Clock, "now">;
};

export async function openQueueStores(config: Config): Promise<QueueStores & AsyncDisposable> {
  await using cleanUp = new AsyncDisposableStack();
  const clock = createSystemClock();
  const { stores, securityEvents } = await openStoresBeside(config, cleanUp);
  const { timetable } = await openTimetable({ config, clock }, stores);
  const kept = cleanUp.move();
  return {
    queues: stores.queues,
    securityEvents,
    timetable,
    rules: timetable.policy.policy.queue ?? queueRulesDefault,
    clock,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
