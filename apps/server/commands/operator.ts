/** What operators look at and do at the command line goes on the audit trail, by the same door as what they do by the API. */
import { userInfo } from "node:os";
import { createSystemClock, createSystemRandom } from "@chepiao/adapters/system";
import type { AuditTrail } from "@chepiao/ports/audit-trail";
import { type ActNote, createActs, type LookNote } from "@chepiao/services/operations";
import { CommandFailed } from "./command.ts";

export type OperatorTrail = Pick<AuditTrail, "append" | "end">;

/** Before anything is shown. */
export const operatorLooks = (trail: OperatorTrail, note: LookNote): Promise<void> =>
  actsOn(trail).noteLook(atCommandLine(), note);

/** The act is on the trail before it begins, and how it came out after it: refused where it says why it was not done, failed where it broke. */
export async function operatorActs<T>(
  trail: OperatorTrail,
  note: ActNote,
  work: () => Promise<T>,
  afterOf: (done: T) => string | undefined = () => undefined,
): Promise<T> {
  const act = await actsOn(trail).begin(atCommandLine(), note);
  const ended = (...how: Parameters<typeof act.ended>) =>
    act.ended(...how).catch((error: unknown) => console.error("How this came out is not on the audit trail:", error));
  try {
    const done = await work();
    await ended("done", afterOf(done));
    return done;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await ended(error instanceof CommandFailed ? "refused" : "failed", why);
    throw error;
  }
}

const actsOn = (trail: OperatorTrail) =>
  createActs({ trail, clock: createSystemClock(), random: createSystemRandom() });

const atCommandLine = () => ({ door: "command", who: operatorName(), userId: null, role: null }) as const;

/** The account of the machine, and who became it: the platform has no log-in for its command line. */
export function operatorName(): string {
  const { username, uid } = userInfo();
  // Containers may run as a number that has no name.
  const name = username === "" || username === "unknown" ? `uid ${uid}` : username;
  const behind = process.env["SUDO_USER"];
  return behind === undefined || behind === name ? name : `${behind} as ${name}`;
}
