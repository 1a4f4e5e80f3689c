/**
 * Step 3: does it look like a program's? Who is blocked, too quick or too many is turned away, and may ask again under the same key, with a solved
 * challenge. Takes nothing; what is refused later on is told to who judges the next ones.
 */
import type { RiskClient } from "@chepiao/contracts";
import { failed, type Step, type Verdicts } from "./step.ts";

export type VerdictStepDeps = { readonly risk: RiskClient };

export const createVerdictStep = ({ risk }: VerdictStepDeps): Step => ({
  name: "verdict",
  do(drafts): Verdicts | Promise<Verdicts> {
    // Nobody is judged, and this is all that it costs.
    if (risk.isIdle()) return null;
    // Seats of the waitlist are held already, and were waited for.
    const judged = drafts.filter(({ command }) => !command.granted);
    const answers = risk.judge(judged.map(({ command: { userId, asker }, at }) => ({ userId, asker, at })));
    const verdicts = (all: Awaited<typeof answers>): Verdicts => {
      if (all.every((each) => each === null)) return null;
      let next = 0;
      return drafts.map(({ command }) => {
        const reason = command.granted ? null : all[next++]!;
        return reason === null ? null : failed(reason);
      });
    };
    return answers instanceof Promise ? answers.then(verdicts) : verdicts(answers);
  },
  async undo({ command: { userId, granted }, orderId, at }, ended) {
    if (ended.kind === "refused" && !granted) risk.failed(userId, orderId, at);
  },
});
