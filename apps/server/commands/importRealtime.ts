/** `chepiao import rt`: what becomes of trains on the day, from a GTFS-Realtime feed, once. */
import { NoTrainMessages, openMessageSource } from "@chepiao/adapters/gtfs-realtime";
import { formatInZone, type ZoneName } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { createTrainMessages, type TakenOver } from "@chepiao/services/trainMessages";
import type { Stores } from "@chepiao/adapters/sql";
import type { TimetableRoom } from "@chepiao/services/timetable";

export type RealtimeOptions = {
  /** A file, or an address. */
  readonly place: string;
  readonly stores: Pick<Stores, "timetable" | "runStates" | "orders">;
  readonly openTimetable: () => Promise<Pick<TimetableRoom, "timetable">>;
  readonly clock: Pick<Clock, "now">;
};

const linesShown = 20;

/** 0 taken over, 1 there was nothing that could be. */
export async function importRealtime(options: RealtimeOptions, print: (line: string) => void): Promise<0 | 1> {
  const { place, stores, clock } = options;
  if ((await stores.timetable.version()) === 0) {
    print("There is no timetable yet: import one first, with import gtfs.");
    return 1;
  }
  const { timetable } = await options.openTimetable();
  const messages = createTrainMessages({
    states: stores.runStates,
    store: stores.timetable,
    orders: stores.orders,
    timetable: () => timetable,
    clock,
  });
  try {
    const taken = await messages.takeOver(openMessageSource(place, clock));
    printTaken(print, taken, formatInZone(clock.now(), "UTC" as ZoneName));
    return taken.isNewer ? 0 : 1;
  } catch (error) {
    if (!(error instanceof NoTrainMessages) && !isAway(error)) throw error;
    print(`Nothing was taken over from ${place}: ${(error as Error).message}.`);
    return 1;
  }
}

/** The other end, or the network, and not this program. */
const isAway = (error: unknown): boolean =>
  error instanceof Error && (error.name === "TimeoutError" || error.name === "TypeError" || "code" in error);

function printTaken(print: (line: string) => void, taken: TakenOver, now: string): void {
  const { isNewer, runCount, noticeCount, unknownTrips, cancelled, cancelledCount } = taken;
  if (!isNewer) return print("Nothing was taken over: what is there is as new.");
  print(
    `Taken over at ${now}: word of ${runCount} runs, ${cancelledCount} of them cancelled, and ${noticeCount} notices.`,
  );
  for (const { runId, orderCount } of cancelled.slice(0, linesShown))
    print(`  ${runId} is cancelled and not on sale any more; orders with seats on it: ${orderCount}`);
  if (cancelled.length > linesShown) print(`  … and ${cancelled.length - linesShown} more`);
  if (unknownTrips.length > 0)
    print(`  ${unknownTrips.length} × trips that are no trains of this timetable on that day (${unknownTrips[0]})`);
}
