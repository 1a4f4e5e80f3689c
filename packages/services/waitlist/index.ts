/**
 * The waitlist room: entries that wait for seats which are sold out, from their prepayment to their order, or to their money back. Who is
 * served first is the seat store's to say, in the step in which seats come back (I5); what an entry becomes is decided here, once (I7).
 */
import {
  type InventoryClient,
  type LinesClient,
  type OrderClient,
  type PaymentClient,
  type Policies,
  type Timetable,
  type TimetableClient,
  timetableFreshMs,
  type UserClient,
  type WaitlistClient,
} from "@chepiao/contracts";
import type { IdSource } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { RateLimiter } from "@chepiao/ports/rate-limiter";
import type { RunStateStore } from "@chepiao/ports/run-states";
import type { Vault } from "@chepiao/ports/vault";
import type { WaitlistStore } from "@chepiao/ports/waitlist-store";
import { createProved } from "@chepiao/room";
import { createHandlers } from "./api.ts";
import { createAdded } from "./added.ts";
import { createChances } from "./chances.ts";
import { createChanges } from "./changes.ts";
import { createConsumers } from "./consume.ts";
import { createJobs } from "./jobs.ts";
import { createJoin } from "./join.ts";
import { createJoinLines, createLines } from "./lines.ts";
import { createQueries } from "./queries.ts";
import { createServe } from "./serve.ts";

export { askAgainMs } from "./decide.ts";
export { repairLines } from "./lines.ts";
export { type LineLength, lengthsOf } from "./length.ts";
export { type OneMoreCoach, oneMoreCoach, type Served, wouldServe } from "./whatIf.ts";

export type WaitlistDeps = {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly timetable: () => Timetable;
  readonly trains: Pick<TimetableClient, "added" | "openAdded">;
  readonly users: Pick<UserClient, "passengers">;
  readonly inventory: InventoryClient & LinesClient;
  readonly orders: Pick<OrderClient, "fulfil" | "isLive" | "studentTrips">;
  readonly payments: PaymentClient;
  readonly store: WaitlistStore;
  readonly runStates: Pick<RunStateStore, "read" | "version">;
  readonly limiter: Pick<RateLimiter, "take">;
  readonly chancesPerAccountMinute: number;
  /** How long an entry is kept that has ended. */
  readonly entriesKeptMs: number;
  readonly vault: Pick<Vault, "secret">;
  readonly policies: Policies;
  /** Lines are in memory, and are to be set by `setLines` before the first request. */
  readonly forgetsLines: boolean;
  readonly kickOutbox: () => void;
  readonly report: (message: string, error?: unknown) => void;
};

export type WaitlistCounters = Record<
  | "joined"
  | "prepaidTooLate"
  /** The log told of money that was not captured. */
  | "paymentsNotBelieved"
  | "served"
  /** Seats that an entry was given and could not take. */
  | "conflicts"
  | "grantsPassedOn"
  | "expired"
  | "ordersLost",
  number
>;

export function createWaitlist(deps: WaitlistDeps) {
  const counters: WaitlistCounters = {
    joined: 0,
    prepaidTooLate: 0,
    paymentsNotBelieved: 0,
    served: 0,
    conflicts: 0,
    grantsPassedOn: 0,
    expired: 0,
    ordersLost: 0,
  };
  const count = (what: keyof WaitlistCounters) => void counters[what]++;
  let areLinesSet = !deps.forgetsLines;
  const changes = createChanges(deps);
  const chances = createChances(deps);
  const queries = createQueries({ ...deps, chances });
  const joinLines = createJoinLines({ ...deps, changes });
  const inside = { ...deps, changes, queries, joinLines, count };
  const serve = createServe(inside);
  const lines = createLines(inside);
  const added = createAdded({
    ...inside,
    policyOf: (policyVersion) => deps.policies.of(policyVersion).policy,
    // What is in memory is all in this process.
    everywhereAfterMs: deps.forgetsLines ? 0 : 2 * timetableFreshMs,
  });
  const jobs = createJobs({ ...inside, serve, added });
  const client: WaitlistClient = { payable: queries.payable, isGrantWanted: serve.named, told: queries.toldOf };

  return {
    addedClosedBy: added.closedBy,
    handlers: createHandlers({ ...inside, chances, join: createJoin(deps) }),
    client,
    consumers: createConsumers({ ...inside, serve, proved: createProved(deps), areLinesSet: () => areLinesSet }),
    jobs,
    counters,
    /** To be called once, when all that is sold is held again and before a request is served. */
    async setLines() {
      areLinesSet = true;
      const notGiven = await added.give();
      await lines.setAll(notGiven);
      await added.open(notGiven);
    },
  };
}

export type WaitlistRoom = ReturnType<typeof createWaitlist>;
