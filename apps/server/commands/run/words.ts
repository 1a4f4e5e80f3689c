/** How a run and what stands against an act on it are said at the command line. */
import { type Composition, type RunId, trainAndDateOf } from "@chepiao/contracts";
import { ledgerKeptDays, type Result, seatsPerClassMax } from "@chepiao/kernel";
import { compositionsPerRunMax } from "@chepiao/ports/withdrawn-coaches";
import { planRefit } from "@chepiao/services/inventory";
import { type ActNote, confirmAbove, type RunDeps, type RunFault, titleOf } from "@chepiao/services/operations";
import { CommandFailed } from "../command.ts";
import { operatorActs } from "../operator.ts";
import type { RunStores } from "./stores.ts";

/** As acts on runs are handed them. */
export const depsOf = (stores: RunStores): RunDeps => ({ ...stores, planRefit });

/** What was done or found; or the command fails with the reason. */
export function orFail<T>(stores: Pick<RunStores, "timetable">, result: Result<T, RunFault>): T {
  if (result.ok) return result.value;
  throw new CommandFailed(faultText(stores, result.error));
}

export function failIf(stores: Pick<RunStores, "timetable">, fault: RunFault | null): void {
  if (fault) throw new CommandFailed(faultText(stores, fault));
}

/** On the audit trail before it is done, and how it came out after it. */
export async function acting(
  stores: Pick<RunStores, "auditTrail" | "timetable">,
  note: ActNote,
  work: () => Promise<Result<void, RunFault>>,
): Promise<void> {
  await operatorActs(stores.auditTrail, note, async () => orFail(stores, await work()));
}

/** What the audit trail has of an act on a run. */
export const noteOf = <A extends ActNote["action"]>(action: A, run: RunId, what: string, reason: string) => ({
  action,
  subject: `run ${run}`,
  what,
  ...(reason === "" ? {} : { reason }),
});

export const asTyped = (run: RunId) => trainAndDateOf(run).join(" ");

const coachesOf = ({ coaches }: Composition) => `it is made of ${coaches.map(({ no }) => no).join(", ")}`;

function faultText(stores: Pick<RunStores, "timetable">, fault: RunFault): string {
  switch (fault.kind) {
    case "runUnknown":
      return `The timetable does not know ${fault.run}.`;
    case "longOver":
      return `${fault.run} was more than ${ledgerKeptDays} days ago: who had seats on it is forgotten by now.`;
    case "choiceTooLong":
      return `Nobody's money would go back by itself: when the time to choose is over, who had seats on ${fault.run} is forgotten. Name fewer hours.`;
    case "placeUnknown":
      return `The timetable knows no station ${fault.place}.`;
    case "notOnWay":
      return `${fault.run} does not call at ${fault.place}.`;
    case "wrongWay":
      return `${fault.run} does not go from ${fault.from} to ${fault.to}.`;
    case "wholeWay":
      return `From ${fault.from} to ${fault.to} is the whole way of ${fault.run}.`;
    case "restoreFirst":
      return fault.before.skipped === null
        ? `${fault.before.runId} is cancelled. Where a part of it runs after all, restore it first: run restore ${asTyped(fault.before.runId)}`
        : `It is shortened to less: ${titleOf(stores, fault.before)}. Restore it first: run restore ${asTyped(fault.before.runId)}`;
    case "unconfirmed":
      return unconfirmedText(fault);
    case "changedMeanwhile":
      return meanwhileText(fault);
    case "refundsBegun":
      return (
        `Orders of ${fault.run} have been refunded (${fault.orders}): it stays ${fault.isWhole ? "cancelled" : "shortened"}. ` +
        "A train that runs after all is sold under another number."
      );
    case "notCancelled":
      return `No operator has cancelled ${fault.run}.`;
    case "coachUnknown":
      return `${fault.run} has no coach ${fault.no}: ${coachesOf(fault.composition)}.`;
    case "coachNotWithdrawn":
      return `Coach ${fault.no} of ${fault.run} is not withdrawn from sale.`;
    case "compositionUnknown":
      return `No train of that day is a ${fault.called}. There are ${fault.codes.join(", ")}.`;
    case "compositionsFull":
      return `${fault.run} has been ${compositionsPerRunMax} different trains: it can be one of those again.`;
    default:
      return `A class of a run has ${seatsPerClassMax} seats at most, and ${fault.seatClass} would have more.`;
  }
}

type Fault<Kind extends RunFault["kind"]> = Extract<RunFault, { readonly kind: Kind }>;

function unconfirmedText({ what, tickets, confirmed }: Fault<"unconfirmed">): string {
  if (confirmed !== null)
    return `--confirm says ${confirmed} tickets, and now there are ${tickets}. Nothing was changed.`;
  const todo = what === "giveBack" ? "give them all back" : "give all of them other seats";
  return `That are more than ${confirmAbove} tickets: say --confirm ${tickets} to ${todo}. Nothing was changed.`;
}

function meanwhileText({ what, run }: Fault<"changedMeanwhile">): string {
  if (what === "state")
    return `Somebody else has just said something of ${run}. Look again: run status ${asTyped(run)}`;
  return what === "coaches"
    ? `Somebody else has just withdrawn or reinstated a coach: say it again. Of ${run} nothing was changed.`
    : "Somebody else has just withdrawn, reinstated or exchanged something: say it again. Nothing was changed.";
}
