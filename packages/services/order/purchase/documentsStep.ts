/**
 * Step 9: for whom an account has bought is told to who judges its next purchases. Last, so that nobody makes a document look shared by tries that are
 * refused. Nobody waits for it; the purchase is a fact already, so nothing here ends it.
 */
import type { RiskClient } from "@chepiao/contracts";
import { limitedPerson } from "@chepiao/ports/reservations";
import { writtenOf } from "./acceptedOrder.ts";
import { isOwed } from "./command.ts";
import type { Draft, Step } from "./step.ts";

export type DocumentsStepDeps = {
  readonly risk: RiskClient;
  readonly report: (message: string, error: unknown) => void;
};

/** One that is not proved is a person of its account alone: nobody makes a stranger's document look shared. */
const documentsOf = ({ command: { userId }, plans }: Draft): string[] => [
  ...new Set(
    plans!.flatMap(({ passengers }) => passengers.map(({ passenger }) => limitedPerson(writtenOf(passenger), userId))),
  ),
];

export const createDocumentsStep = ({ risk, report }: DocumentsStepDeps): Step => ({
  name: "documents",
  do(drafts) {
    if (risk.isIdle()) return null;
    try {
      for (const draft of drafts)
        if (!isOwed(draft.command)) risk.buysFor(draft.command.userId, documentsOf(draft), draft.at);
    } catch (error) {
      report("documents of a purchase were not counted", error);
    }
    return null;
  },
  undo: null,
});
