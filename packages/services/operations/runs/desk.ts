/** What the routes about runs are handed. */
import type { Composition, RunId, SeatClass, Timetable } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { OrderStore } from "@chepiao/ports/order-store";
import { port } from "@chepiao/ports/port";
import type { QuotaStore } from "@chepiao/ports/quota-store";
import type { WaitlistRecord, WaitlistStore } from "@chepiao/ports/waitlist-store";
import type { PlanRefit, RunDeps } from "./deps.ts";

type LineLength = {
  readonly from: string;
  readonly to: string;
  readonly seatClasses: readonly SeatClass[];
  readonly entries: number;
  readonly passengers: number;
};
type OneMoreCoach = {
  readonly coachNo: number;
  readonly seats: readonly { readonly seatClass: SeatClass; readonly count: number }[];
  readonly entries: number;
  readonly passengers: number;
};
type Served = {
  readonly entry: WaitlistRecord;
  readonly from: string;
  readonly to: string;
  readonly seatClass: SeatClass;
};

/** What the rooms of seats and of the waitlist work out without holding anything: pure functions, in every process. */
export type RunPlanners = {
  readonly planRefit: PlanRefit;
  readonly lengthsOf: (runId: RunId, waiting: readonly WaitlistRecord[]) => readonly LineLength[];
  readonly oneMoreCoach: (
    composition: Composition,
    runId: RunId,
    waiting: readonly WaitlistRecord[],
  ) => readonly OneMoreCoach[];
  /** @param taken of each seat of a class the parts of the way that somebody has, a bit each; what is served is taken, too */
  readonly wouldServe: (
    taken: ReadonlyMap<SeatClass, bigint[]>,
    runId: RunId,
    waiting: readonly WaitlistRecord[],
  ) => readonly Served[];
};
export const runPlannersPort = port<RunPlanners>("run planners");

export type RunDeskDeps = Omit<RunDeps, "orders" | "planRefit" | "timetable" | "waitlist"> & {
  readonly clock: Clock;
  readonly orders: RunDeps["orders"] & Pick<OrderStore, "holdersOf">;
  readonly waitlist: Pick<WaitlistStore, "ofRun" | "stopped" | "waitedFor">;
  readonly quotas: Pick<QuotaStore, "ofRun">;
  readonly timetable: () => Timetable;
  readonly planners: RunPlanners;
};

/** As acts are handed them: of one timetable from the first question to the last. */
export const actDepsOf = ({ planners, timetable, ...deps }: RunDeskDeps): RunDeps => ({
  ...deps,
  timetable: timetable(),
  planRefit: planners.planRefit,
});
