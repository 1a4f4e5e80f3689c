/** How long the line of a run is, by class and way: for operators. Pure. */
import type { RunId, SeatClass } from "@chepiao/contracts";
import { mayServe, type WaitlistRecord } from "@chepiao/ports/waitlist-store";

export type LineLength = {
  readonly from: string;
  readonly to: string;
  /** In order of preference. */
  readonly seatClasses: readonly SeatClass[];
  readonly entries: number;
  readonly passengers: number;
};

/** The longest first. */
export function lengthsOf(runId: RunId, waiting: readonly WaitlistRecord[]): readonly LineLength[] {
  const lengths = new Map<string, LineLength>();
  for (const entry of waiting) {
    const choice = entry.choices.find((each) => each.runId === runId && mayServe(entry, each));
    if (!choice) continue;
    const { fromName: from, toName: to, seatClasses } = choice;
    const name = JSON.stringify([from, to, seatClasses]);
    const before = lengths.get(name) ?? { from, to, seatClasses, entries: 0, passengers: 0 };
    const passengers = before.passengers + entry.passengers.length;
    lengths.set(name, { ...before, entries: before.entries + 1, passengers });
  }
  return [...lengths.values()].sort((a, b) => b.passengers - a.passengers);
}
