/**
 * Step 3: does it look like a program's? Who is blocked, too quick or too many is turned away, and may ask again under the same key, with a solved
 * challenge. Takes nothing; what is refused later on is told to who judges the next ones.
 */
import type { RiskAct, RiskClient } from "@chepiao/contracts";
import { isOwed } from "./command.ts";
import { type Draft, failed, type Step, type Verdicts } from "./step.ts";

export type VerdictStepDeps = { readonly risk: RiskClient };

const actOf = ({ command: { userId, key, asker }, at }: Draft): RiskAct => ({ userId, key, asker, at });

export function createVerdictStep({ risk }: VerdictStepDeps): Step {
  /** Those that this step itself has turned away: they fail, too, and are tries all the same. */
  const turnedAway = new WeakSet<Draft>();
  return {
    name: "verdict",
    do(drafts): Verdicts | Promise<Verdicts> {
      // Nobody is judged, and this is all that it costs.
      if (risk.isIdle()) return null;
      // Seats of the waitlist are held already, and were waited for.
      const judged = drafts.filter(({ command }) => !isOwed(command));
      const answers = risk.judge(judged.map(actOf));
      const verdicts = (all: Awaited<typeof answers>): Verdicts => {
        if (all.every((each) => each === null)) return null;
        let next = 0;
        return drafts.map((draft) => {
          const reason = isOwed(draft.command) ? null : all[next++]!;
          if (reason === null) return null;
          turnedAway.add(draft);
          return failed(reason);
        });
      };
      return answers instanceof Promise ? answers.then(verdicts) : verdicts(answers);
    },
    async undo(draft, ended) {
      const { command, orderId, at } = draft;
      if (isOwed(command) || turnedAway.has(draft) || risk.isIdle()) return;
      if (ended.kind === "refused") risk.failed(command.userId, orderId, at);
      else risk.takeBack(actOf(draft));
    },
  };
}
