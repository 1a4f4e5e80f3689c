/** Step 5: for whom an account buys is told to who judges its next purchases. Nobody waits for it, and nothing is taken. */
import type { RiskClient } from "@chepiao/contracts";
import { limitedPerson } from "@chepiao/ports/reservations";
import { writtenOf } from "./acceptedOrder.ts";
import type { Draft, Step } from "./step.ts";

export type DocumentsStepDeps = { readonly risk: RiskClient };

/** One that is not proved is a person of its account alone: nobody makes a stranger's document look shared. */
const documentsOf = ({ command: { userId }, plans }: Draft): string[] => [
  ...new Set(
    plans!.flatMap(({ passengers }) => passengers.map(({ passenger }) => limitedPerson(writtenOf(passenger), userId))),
  ),
];

export const createDocumentsStep = ({ risk }: DocumentsStepDeps): Step => ({
  name: "documents",
  do(drafts) {
    if (risk.isIdle()) return null;
    for (const draft of drafts)
      if (!draft.command.granted) risk.buysFor(draft.command.userId, documentsOf(draft), draft.at);
    return null;
  },
  undo: null,
});
