/** What acts on a run work on, and why one is not done: the same for the command line and the API. */
import type { Composition, Placement, Refit, Run, RunId, SeatClass, SeatedParty, Timetable } from "@chepiao/contracts";
import type { Clock } from "@chepiao/ports/clock";
import type { OrderStore } from "@chepiao/ports/order-store";
import type { CancelledRun, RunStateStore } from "@chepiao/ports/run-states";
import type { WaitlistStore } from "@chepiao/ports/waitlist-store";
import type { WithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";

/** The inventory room's: who would sit where. It decides nothing and holds nothing. */
export type PlanRefit = (run: Run, refit: Refit, parties: readonly SeatedParty[]) => readonly Placement[];

export type RunDeps = {
  readonly orders: Pick<OrderStore, "holdersOn" | "load" | "runRefunds">;
  readonly waitlist: Pick<WaitlistStore, "ofRun">;
  readonly runStates: Pick<RunStateStore, "cancellationsOf" | "forgetEnded" | "read" | "replace" | "version">;
  readonly withdrawnCoaches: Pick<WithdrawnCoachStore, "ofRuns" | "reseats" | "set" | "version">;
  readonly timetable: Pick<Timetable, "resolvePlace" | "run" | "runsOn" | "station">;
  readonly clock: Clock;
  readonly planRefit: PlanRefit;
};

/** Why nothing was done. */
export type RunFault =
  | { readonly kind: "runUnknown"; readonly run: RunId }
  | { readonly kind: "longOver"; readonly run: RunId }
  /** When the time to choose is over, who had seats is forgotten. */
  | { readonly kind: "choiceTooLong"; readonly run: RunId }
  | { readonly kind: "placeUnknown"; readonly place: string }
  | { readonly kind: "notOnWay"; readonly run: RunId; readonly place: string }
  | { readonly kind: "wrongWay"; readonly run: RunId; readonly from: string; readonly to: string }
  | { readonly kind: "wholeWay"; readonly run: RunId; readonly from: string; readonly to: string }
  /** What is said now would be less than what stands. */
  | { readonly kind: "restoreFirst"; readonly before: CancelledRun }
  | {
      readonly kind: "unconfirmed";
      readonly run: RunId;
      readonly what: "giveBack" | "move";
      readonly tickets: number;
      readonly confirmed: number | null;
    }
  | { readonly kind: "changedMeanwhile"; readonly run: RunId; readonly what: "coaches" | "exchange" | "state" }
  | { readonly kind: "refundsBegun"; readonly run: RunId; readonly orders: number; readonly isWhole: boolean }
  | { readonly kind: "notCancelled"; readonly run: RunId }
  | { readonly kind: "coachUnknown"; readonly run: RunId; readonly no: number; readonly composition: Composition }
  | { readonly kind: "coachNotWithdrawn"; readonly run: RunId; readonly no: number }
  | { readonly kind: "compositionUnknown"; readonly called: string; readonly codes: readonly string[] }
  | { readonly kind: "compositionsFull"; readonly run: RunId }
  | { readonly kind: "classTooLarge"; readonly seatClass: SeatClass };
