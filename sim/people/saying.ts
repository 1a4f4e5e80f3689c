/** What an operator's commands about a train need, and how he says one: where nobody answers he says it again. */
import { policyDefault, ServiceUnavailable, type Timetable } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import { CommandFailed } from "../../apps/server/commands/command.ts";
import type { RunStores } from "../../apps/server/commands/run/stores.ts";
import type { Life } from "../core/life.ts";
import type { World } from "../world.ts";

export function runStoresOf({ sql }: World, life: Life, timetable: Timetable): RunStores {
  const { auditTrail, orders, waitlist, runStates, withdrawnCoaches } = sql.portsOf(life);
  const { currency } = policyDefault;
  return { orders, waitlist, runStates, withdrawnCoaches, auditTrail, timetable, currency, clock: life.clock };
}

const triesMax = 20;

/** Unknown where nobody answers for long. */
export async function sayUntil(
  { chance, clock }: Life,
  command: () => Promise<void>,
): Promise<"done" | "refused" | "unknown"> {
  for (let tries = 0; tries < triesMax; tries++) {
    try {
      await command();
      return "done";
    } catch (error) {
      if (error instanceof CommandFailed) return "refused";
      if (!(error instanceof ServiceUnavailable)) throw error;
      await sleep(clock, chance.next() * 2 * secondMs);
    }
  }
  return "unknown";
}

/** Nobody reads what is said to him. */
export const say = (): void => {};
