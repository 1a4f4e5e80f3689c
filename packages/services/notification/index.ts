/**
 * The notification room: what became of orders, entries and trains is told to whom it concerns, after it has happened. It decides nothing about
 * any of these, and whatever fails here undoes no sale and holds none up.
 */
import type { OrderClient, Timetable, UserClient, WaitlistClient } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { Deliveries } from "@chepiao/ports/deliveries";
import type { Messenger } from "@chepiao/ports/messenger";
import type { NotificationStore } from "@chepiao/ports/notification-store";
import type { RunStateStore } from "@chepiao/ports/run-states";
import type { WithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { createHandlers } from "./api.ts";
import { createCancelled } from "./cancelled.ts";
import { createConsumers } from "./consume.ts";
import { createJobs } from "./jobs.ts";
import { createLostSeats } from "./lostSeats.ts";
import { createMailing } from "./mailing.ts";
import { createTelling } from "./telling.ts";

export type NotificationDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly timetable: () => Timetable;
  readonly store: NotificationStore;
  readonly deliveries: Deliveries;
  /** Null where nobody carries messages. */
  readonly messenger: Messenger | null;
  readonly runStates: Pick<RunStateStore, "read" | "version">;
  readonly withdrawnCoaches: Pick<WithdrawnCoachStore, "all" | "reseats" | "version">;
  readonly orders: Pick<OrderClient, "told" | "holdersOn">;
  readonly waitlist: Pick<WaitlistClient, "told">;
  readonly users: Pick<UserClient, "mailAddress" | "isDeleted">;
  readonly notificationsKeptMs: number;
};

/** `told` counts what came again, too. */
export type NotificationCounters = Record<
  "told" | "ofUnknown" | "mailsSent" | "mailsBounced" | "mailsFailed" | "mailsDropped" | "mailsTriedAgain",
  number
>;

export function createNotification(deps: NotificationDeps) {
  const counters: NotificationCounters = {
    told: 0,
    ofUnknown: 0,
    mailsSent: 0,
    mailsBounced: 0,
    mailsFailed: 0,
    mailsDropped: 0,
    mailsTriedAgain: 0,
  };
  const count = (what: keyof NotificationCounters, howMany = 1) => void (counters[what] += howMany);
  const { messenger } = deps;
  const carriesMails = messenger?.channels.includes("mail") ?? false;
  const tell = createTelling({ ...deps, carriesMails });
  const tellOfCancelledRuns = createCancelled({ ...deps, tell, count });
  const tellOfLostSeats = createLostSeats({ ...deps, tell, count });
  const mail = carriesMails ? createMailing({ ...deps, messenger: messenger!, count }) : null;
  const jobs = createJobs({ ...deps, tellOfCancelledRuns, tellOfLostSeats, mail });
  return {
    handlers: createHandlers({ ...deps, carriesMails }),
    consumers: createConsumers({ ...deps, tell, count }),
    tellOfCancelledRuns,
    tellOfLostSeats,
    mail,
    jobs,
    counters,
  };
}
