/** What operators see of people is noted among the security events: who looked, at what, and how many it named. */
import { userInfo } from "node:os";
import { createSystemClock } from "@chepiao/adapters/system";
import type { SecurityAction, SecurityEvents } from "@chepiao/ports/security-events";

export type OperatorNote = {
  readonly action: SecurityAction;
  /** Without names and numbers of people: which conditions, how many. */
  readonly what: string;
  /** It was noted before, and was not done. */
  readonly isRefused?: true;
};

/** Written before anything is shown: what cannot be noted is not looked at. */
export async function noteOperator(
  events: Pick<SecurityEvents, "append">,
  { action, what, isRefused }: OperatorNote,
): Promise<void> {
  await events.append([
    {
      timestamp: createSystemClock().now(),
      level: "INFO",
      service: "command-line",
      traceId: null,
      userId: null,
      action,
      message: `${action} by ${operatorName()}: ${what}`,
      status: isRefused ? "refused" : "success",
      reason: null,
      nameHash: null,
      address: null,
    },
  ]);
}

/** The account of the machine, and who became it: the platform has no log-in for its command line. */
export function operatorName(): string {
  const { username, uid } = userInfo();
  // Containers may run as a number that has no name.
  const name = username === "" || username === "unknown" ? `uid ${uid}` : username;
  const behind = process.env["SUDO_USER"];
  return behind === undefined || behind === name ? name : `${behind} as ${name}`;
}
