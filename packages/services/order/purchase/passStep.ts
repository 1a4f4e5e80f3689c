/**
 * Step 2: while a queue is on, only those buy whom it has let in. Asks nobody: which queues there are is in memory, and a pass is signed. Who
 * is turned away may ask again under the same key, with a pass. Takes nothing.
 */
import { type AnnouncedQueuesClient, refusal, runId } from "@chepiao/contracts";
import type { ServiceDate } from "@chepiao/kernel";
import type { QueuePasses } from "@chepiao/room";
import { type Draft, type Ended, failed, type Step } from "./step.ts";

export type PassStepDeps = {
  readonly queues: AnnouncedQueuesClient;
  readonly passes: QueuePasses;
};

export function createPassStep({ queues, passes }: PassStepDeps): Step {
  function turnedAway({ command, at }: Draft): Ended | null {
    // Seats of the waitlist are held already: nobody is waited for.
    if (command.granted) return null;
    const { userId } = command;
    for (const { trainNumber, originDate } of command.lines) {
      const queue = queues.gateOf(runId(trainNumber, originDate as ServiceDate), at);
      if (!queue || passes.admits(command.asker.pass, { queueId: queue.queueId, userId }, at)) continue;
      return failed(refusal("QueueOn", { queue: queue.queueId }));
    }
    return null;
  }

  return {
    name: "pass",
    // Mostly no queue is announced, and this is all that it costs.
    do: (drafts) => (queues.all().length === 0 ? null : drafts.map(turnedAway)),
    undo: null,
  };
}
