/** Step 4: who wants to go where, in what, and may they (`plan.ts`)? Takes nothing. */
import type { KnownPassenger, Timetable, UserClient } from "@chepiao/contracts";
import { type EpochMs, hourMs, ok } from "@chepiao/kernel";
import { type NewWay, planChange, ticketsToChange, travellersOf } from "../change/plan.ts";
import type { Replacing } from "../change/replacing.ts";
import {
  type Draft,
  type Ended,
  endedBy,
  failed,
  internal,
  reasonOf,
  refused,
  type Step,
  type Verdicts,
} from "./step.ts";
import { type OrderRules, rulesOf } from "../rules.ts";
import { payByOf, planLines } from "./plan.ts";

export type PlanStepDeps = {
  readonly timetable: () => Timetable;
  readonly users: Pick<UserClient, "passengers">;
  readonly report: (message: string, error: unknown) => void;
};

/**
 * The money of an order of the waitlist is here already, and the writer takes it a moment after the row. Where it is behind, time to pay
 * must not end between the two what the entry was served with.
 */
const prepaid: Pick<OrderRules, "timeToPayMs"> = { timeToPayMs: () => hourMs };

/** Of one account; or that they cannot be read, which is no reason to fail the others of the batch. */
type Saved = readonly KnownPassenger[] | Ended;

export function createPlanStep({ timetable, users, report }: PlanStepDeps): Step {
  function savedFor({ command }: Draft): Saved | Promise<Saved> {
    try {
      const saved = users.passengers(command.userId);
      return saved instanceof Promise ? saved.catch(unread) : saved;
    } catch (error) {
      return unread(error);
    }
  }

  function unread(error: unknown): Ended {
    report("the passengers of a purchase could not be read", error);
    return failed(reasonOf(error));
  }

  function plan(draft: Draft, saved: Saved, trains: Timetable, rules: OrderRules): Ended | null {
    if (isEnded(saved)) return saved;
    try {
      const { lines, replacing } = draft.command;
      const who = replacing ? travellers(replacing, lines[0], saved, draft.at, trains) : ok(saved);
      if (!who.ok) return refused(who.error);
      const isAdultAsked = Boolean(replacing ?? draft.command.granted);
      const planned = planLines(lines, who.value, trains, draft.at, {
        ...rules,
        isAdultAsked,
        isTypeKept: draft.command.byRailway === true,
      });
      if (!planned.ok) return endedBy(planned.error);
      if (replacing) {
        const change = planChange(replacing, lines[0], planned.value[0]!, saved, draft.at, trains);
        if (!change.ok) return refused(change.error);
        draft.change = change.value;
      }
      draft.trains = trains;
      draft.rules = rules;
      draft.plans = planned.value;
      draft.payBy = payByOf(planned.value, draft.at, draft.command.granted ? prepaid : rules);
      return null;
    } catch (error) {
      report("a purchase could not be planned", error);
      return failed(internal);
    }
  }

  return {
    name: "plan",
    do(drafts): Verdicts | Promise<Verdicts> {
      const trains = timetable();
      const rules = rulesOf(trains.policy);
      const saved = drafts.map(savedFor);
      const planAll = (all: readonly Saved[]) => drafts.map((draft, n) => plan(draft, all[n]!, trains, rules));
      // Most passengers are in memory, and a wait for each would cost more than the plan.
      const isKnown = !saved.some((each) => each instanceof Promise);
      return isKnown ? planAll(saved as readonly Saved[]) : Promise.all(saved.map(async (each) => each)).then(planAll);
    },
    undo: null,
  };
}

/** Whatever keeps tickets from being changed is told before what the new train lacks. */
function travellers(
  replacing: Replacing,
  way: NewWay,
  saved: readonly KnownPassenger[],
  now: EpochMs,
  trains: Timetable,
) {
  const tickets = ticketsToChange(replacing, way, now, trains);
  return tickets.ok ? ok(travellersOf(tickets.value, saved)) : tickets;
}

const isEnded = (saved: Saved): saved is Ended => "kind" in saved;
