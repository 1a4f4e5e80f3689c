/** What the railway's policy says of the waitlist, as far as more than one decision asks. */
import { type Policy, type Refusal, refusal } from "@chepiao/contracts";

export type WaitlistRules = Policy["waitlist"];

/** With what a time of decision is refused that the railway does not offer. */
export function deadlineUnknown(minutes: number, { deadline }: Pick<WaitlistRules, "deadline">): Refusal | null {
  const { latest, choices } = deadline;
  const isOffered = choices.length === 0 ? minutes >= latest : choices.includes(minutes);
  return isOffered ? null : refusal("WaitlistDeadlineUnknown", { latest });
}
