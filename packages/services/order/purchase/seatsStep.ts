/**
 * Step 7: seats for every line and its whole party, or for nobody, held until a while after the time to pay is over (I1). What the waitlist was
 * given is held already, and answers its seats.
 */
import type { Held, HoldCommand, InventoryClient } from "@chepiao/contracts";
import { epochMs, holdGraceMs } from "@chepiao/kernel";
import type { SubmitCommand } from "./command.ts";
import type { Plan } from "./plan.ts";
import { byLine, type Draft, type Step, verdictsOf } from "./step.ts";

export type SeatsStepDeps = {
  readonly inventory: Pick<InventoryClient, "hold" | "release">;
};

export function createSeatsStep({ inventory }: SeatsStepDeps): Step {
  const holdFor = ({ command, orderId, payBy }: Draft, plan: Plan, line: number): HoldCommand => ({
    holdId: orderId,
    line: plan.holdLine ?? line,
    run: plan.run,
    seatClass: plan.seatClass,
    fromStop: plan.fromStop,
    toStop: plan.toStop,
    preferences: plan.passengers.map(({ preference }) => preference),
    deadline: epochMs(payBy! + holdGraceMs),
    ...channelOf(command),
  });

  const channelOf = ({ granted, replacing }: SubmitCommand): Pick<HoldCommand, "channel"> => {
    if (granted) return { channel: "waitlist" };
    return replacing ? { channel: replacing.byRailway ? "reseat" : "change" } : {};
  };

  return {
    name: "seats",
    async do(drafts) {
      const answers = await inventory.hold(byLine(drafts, holdFor));
      let next = 0;
      for (const draft of drafts) {
        const held: Held[] = [];
        for (let line = 0; line < draft.plans!.length; line++) {
          const answer = answers[next++]!;
          if (answer.ok) held.push(answer.value);
        }
        draft.held = held;
      }
      return verdictsOf(drafts, answers);
    },
    async undo({ command, orderId, plans }) {
      // They were held before it came, and are the waitlist's to give on.
      if (command.granted) return;
      await Promise.all(plans!.map(({ run: { runId } }, line) => inventory.release({ runId, holdId: orderId, line })));
    },
  };
}
