/**
 * The notification room: what became of orders, entries and trains is told to whom it concerns, after it has happened. It decides nothing about
 * any of these, and whatever fails here undoes no sale and holds none up.
 */
import type { OrderClient, Timetable, WaitlistClient } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { NotificationStore } from "@chepiao/ports/notification-store";
import type { RunStateStore } from "@chepiao/ports/run-states";
import { createHandlers } from "./api.ts";
import { createCancelled } from "./cancelled.ts";
import { createConsumers } from "./consume.ts";
import { createJobs } from "./jobs.ts";

export type NotificationDeps = {
  readonly clock: Clock;
  readonly timetable: () => Timetable;
  readonly store: NotificationStore;
  readonly runStates: Pick<RunStateStore, "read" | "version">;
  readonly orders: Pick<OrderClient, "told" | "holdersOn">;
  readonly waitlist: Pick<WaitlistClient, "told">;
  readonly notificationsKeptMs: number;
};

/** `told` counts what came again, too. */
export type NotificationCounters = Record<"told" | "ofUnknown", number>;

export function createNotification(deps: NotificationDeps) {
  const counters: NotificationCounters = { told: 0, ofUnknown: 0 };
  const count = (what: keyof NotificationCounters, howMany = 1) => void (counters[what] += howMany);
  const tellOfCancelledRuns = createCancelled({ ...deps, count });
  const jobs = createJobs({ ...deps, tellOfCancelledRuns });
  return {
    handlers: createHandlers(deps),
    consumers: createConsumers({ ...deps, count }),
    tellOfCancelledRuns,
    jobs,
    counters,
  };
}
