/** The room of messages about trains, as it declares itself. */
import { timetableClient } from "@chepiao/contracts";
import { addDays, dateOfDayNumber, dayMs, hourMs, ledgerKeptDays, secondMs } from "@chepiao/kernel";
import { orderStorePort } from "@chepiao/ports/order-store";
import { runStateStorePort, trainMessageSourcePort } from "@chepiao/ports/run-states";
import { timetableStorePort } from "@chepiao/ports/timetable-store";
import { BadSetting, defineRoom, setting, sweepingElection, type Work, wholeNumber } from "@chepiao/room";
import { createReader, createTrainMessages, type TakenOver } from "./index.ts";

const sourcesMax = 10;
/** Tickets go back at most 365 days after the day on which their passenger boards (policy `refund.suspendedDays`). */
const cancellationsKeptDays = 370;

export const realtimeUrls = setting(
  "GTFS_RT_URL",
  "",
  "Where what becomes of trains on the day is read from, as GTFS-Realtime: addresses by commas.",
  (value): readonly string[] => {
    const urls = value
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== "");
    if (urls.length > sourcesMax || !urls.every((url) => /^https?:\/\/\S+$/i.test(url) && URL.canParse(url)))
      throw new BadSetting(`addresses by commas, as https://example.org/trip-updates.pb, ${sourcesMax} at most`);
    return urls;
  },
);
export const realtimeEveryMs = setting(
  "GTFS_RT_SECONDS",
  "30",
  "Seconds from one reading of each to the next.",
  (value) => wholeNumber(5, 3_600)(value) * secondMs,
);

export const trainMessagesRoom = defineRoom({
  name: "trainMessages",
  about: "what becomes of trains on the day, as their railway says",
  asks: { timetable: timetableClient },
  needs: {
    states: runStateStorePort,
    store: timetableStorePort,
    orders: orderStorePort,
    source: trainMessageSourcePort,
  },
  settings: { urls: realtimeUrls, everyMs: realtimeEveryMs },
  open({ clock, log, rooms, ports, settings }) {
    const messages = createTrainMessages({ ...ports, clock, timetable: () => rooms.timetable.timetable });
    const told = ({ cancelled }: TakenOver) => {
      for (const { runId, orderCount } of cancelled)
        log(`run ${runId} is cancelled and not on sale any more; orders with seats on it: ${orderCount}`);
    };
    /** Whose seats are forgotten need not be told that they do not run; until when money goes back is the policy's to say, a year at most. */
    const forget: Work = {
      kind: "job",
      name: "what was said of trains long ago",
      electedAs: sweepingElection,
      everyMs: hourMs,
      async pass() {
        const today = dateOfDayNumber(Math.floor(clock.now() / dayMs));
        await ports.states.forgetBefore(addDays(today, -ledgerKeptDays), addDays(today, -cancellationsKeptDays));
      },
      failed: "what was said of trains long ago could not be forgotten; trying again",
    };
    return {
      work: [forget, ...settings.urls.map(readingOf)],
    };

    function readingOf(url: string): Work {
      const source = ports.source(url);
      return {
        kind: "job",
        name: `train messages of ${source.name}`,
        electedAs: sweepingElection,
        everyMs: settings.everyMs,
        firstMs: 0,
        pass: createReader(source, { messages, clock, told }),
        failed: `messages about trains could not be read from ${source.name}; trying again`,
      };
    }
  },
});
