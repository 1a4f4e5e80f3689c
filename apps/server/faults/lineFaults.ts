/** Faults that are played while people wait in line for a train that is sold out. */
import type { Fault } from "./fault.ts";
import { type Line, openLine } from "./line.ts";
import type { Day, Stage } from "./stage.ts";

/** The same fault, with a line that some have joined and been served from before, and that goes on meanwhile and afterwards. */
export function withLine(fault: Fault): Fault {
  let line: Line;
  let meanwhile: Promise<unknown>;
  return {
    ...fault,
    async prepare(stage, day) {
      line = await openLine(stage, day);
      await line.join(8);
      await line.giveBack(3);
      await fault.prepare?.(stage, day);
    },
    async strike(stage, day) {
      await fault.strike(stage, day);
      meanwhile = Promise.all([line.join(2), line.giveBack(2)]);
      // Told of where it is waited for.
      meanwhile.catch(() => {});
    },
    async afterwards(stage, day) {
      await meanwhile;
      await line.giveBack(2);
      return [...((await fault.afterwards?.(stage, day)) ?? []), ...(await line.wrong())];
    },
  };
}

export type LineLost = Pick<Fault, "heal" | "strike"> & {
  /** From here on, what the line is told is lost. */
  loseWrites(stage: Stage, day: Day, train: string): Promise<void>;
  /** The operator's command is done. */
  repaired(stage: Stage, day: Day): Promise<void>;
};

/** Some are in line before, and some of whom a failover knows nothing: all are served in the order in which they paid. */
export function lineForgotten(name: string, lastsMs: number, lost: LineLost): Fault {
  let line: Line;
  return {
    name,
    noticed: "buying on its runs: 503; who waits is served again after `chepiao repair`, in the old order",
    lastsMs,
    async prepare(stage, day) {
      line = await openLine(stage, day);
      await line.join(4);
      await lost.loseWrites(stage, day, line.train);
      await line.join(6);
    },
    strike: lost.strike,
    heal: lost.heal,
    async afterwards(stage, day) {
      await lost.repaired(stage, day);
      await line.giveBack(8);
      return line.wrong();
    },
  };
}
