/** What is wrong with single trips: it refuses the feed, or leaves out the trip where that was asked for. */
import type { Problems } from "./problems.ts";

export type Faults = {
  /** Of each trip the first is told; the others follow from it. */
  of(tripId: string, file: string, line: number, message: string): void;
  has(tripId: string): boolean;
  count(): number;
  /** After the last: a feed of which much is faulty is refused all the same. */
  finish(tripCount: number): void;
};

/** One in so many trips may be left out. What has more of them is not a good feed with a slip in it. */
const faultyOneIn = 10;

export function createFaults(isLeftOut: boolean, problems: Problems): Faults {
  const faulty = new Set<string>();
  return {
    of(tripId, file, line, message) {
      if (faulty.has(tripId)) return;
      faulty.add(tripId);
      if (isLeftOut) problems.warnAt(file, line, `${message}: the trip is left out`);
      else problems.error(file, line, message);
    },
    has: (tripId) => faulty.has(tripId),
    count: () => faulty.size,
    finish(tripCount) {
      if (!isLeftOut || faulty.size * faultyOneIn <= tripCount) return;
      problems.error(
        "trips.txt",
        null,
        `${faulty.size} trips would be left out and ${tripCount} are there, which is more than one in ${faultyOneIn}: without --leave-out-faulty they are listed by file and line`,
      );
    },
  };
}
