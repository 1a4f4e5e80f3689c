/** An entry as the seat store knows it: a need for each of its trains, all under the id of the order that it becomes. */
import type { HoldName, Need, Timetable } from "@chepiao/contracts";
import { assert } from "@chepiao/kernel";
import { mayServe, type WaitlistChoice, type WaitlistRecord } from "@chepiao/ports/waitlist-store";

/** Those of its trains that the timetable knows; one that it knows no more serves nobody. */
export function needsOf(entry: WaitlistRecord, timetable: Pick<Timetable, "run">): Need[] {
  return entry.choices
    .filter((choice) => mayServe(entry, choice))
    .map((choice) => needOf(entry, choice, timetable))
    .filter((need) => need !== null);
}

export function needOf(entry: WaitlistRecord, choice: WaitlistChoice, timetable: Pick<Timetable, "run">): Need | null {
  const run = timetable.run(choice.trainNumber, choice.originDate);
  if (!run) return null;
  assert(entry.place !== null, "who waits has a place");
  const { fromStop, toStop, seatClasses } = choice;
  const preferences = entry.passengers.map(() => null);
  return { ...lineNameOf(entry, choice), run, seatClasses, fromStop, toStop, preferences, place: entry.place };
}

const lineNameOf = ({ entryId }: WaitlistRecord, { choice }: WaitlistChoice) => ({ holdId: entryId, line: choice });

export const nameOf = (entry: WaitlistRecord, choice: WaitlistChoice): HoldName => ({
  ...lineNameOf(entry, choice),
  runId: choice.runId,
});

/** Of the trains by which the first may be served, and the second not any more. */
export const namesLeft = (before: WaitlistRecord, after: WaitlistRecord): HoldName[] =>
  before.choices
    .filter((choice, n) => mayServe(before, choice) && !mayServe(after, after.choices[n]!))
    .map((choice) => nameOf(before, choice));
