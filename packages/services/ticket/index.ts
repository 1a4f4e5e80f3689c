/** The ticket room: which trains run, what they are made of, what they cost and when their sale opens. */
import type { Handlers, ticketRoutes, Timetable } from "@chepiao/contracts";
import { addDays, assert, dateIn, type EpochMs, type ServiceDate } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import type { TimetableStore } from "@chepiao/ports/timetable-store";
import { createHandlers, type VerificationKey } from "./handlers.ts";
import { createTimetable, saleOpensAt } from "./timetable.ts";

export { builtInCompositions, defaultComposition } from "./compositions.ts";
export type { VerificationKey };

export type TicketDeps = {
  readonly store: TimetableStore;
  readonly clock: Clock;
  readonly saleWindowDays: number;
  /** Local time at which a day's sale opens, `"08:00"`. */
  readonly openingTime: string;
  readonly verificationKey: () => VerificationKey;
};

export type TicketRoom = {
  /** Always the newest that was loaded: may be kept and asked for ever. */
  readonly timetable: Timetable;
  readonly handlers: Handlers<typeof ticketRoutes>;
  /** When the sale of that day's runs opens. */
  saleOpensAt(originDate: ServiceDate): EpochMs;
  /** Takes over a newer timetable where there is one; answers whether there was. */
  reload(): Promise<boolean>;
};

/** Runs of this many days back stay known, so that tickets just travelled can still be looked at. */
const daysBack = 40;

/** The store must hold a timetable. */
export async function createTicket(deps: TicketDeps): Promise<TicketRoom> {
  const rules = { saleWindowDays: deps.saleWindowDays, openingMinute: minuteOf(deps.openingTime) };
  const load = async () => {
    // The zone is in the timetable; a day more than enough is loaded, so that any zone will do to ask for it.
    const today = dateIn("UTC" as Timetable["zone"], deps.clock.now());
    const stored = await deps.store.load(addDays(today, -daysBack - 1));
    assert(stored !== null, "no timetable was imported yet");
    return createTimetable(stored, rules);
  };
  let current = await load();
  const timetable: Timetable = {
    get zone() {
      return current.zone;
    },
    get stations() {
      return current.stations;
    },
    get version() {
      return current.version;
    },
    station: (stationId) => current.station(stationId),
    resolvePlace: (text) => current.resolvePlace(text),
    suggestStations: (text, limit) => current.suggestStations(text, limit),
    run: (trainNumber, originDate) => current.run(trainNumber, originDate),
    knowsTrain: (trainNumber) => current.knowsTrain(trainNumber),
    legs: (from, to, boardingDate) => current.legs(from, to, boardingDate),
    runsOn: (originDate) => current.runsOn(originDate),
    stopIndex: (run, stationId, after) => current.stopIndex(run, stationId, after),
    fare: (...journey) => current.fare(...journey),
  };
  return {
    timetable,
    handlers: createHandlers(timetable, deps.verificationKey),
    saleOpensAt: (originDate) => saleOpensAt(originDate, current.zone, rules),
    async reload() {
      if ((await deps.store.version()) === current.version) return false;
      current = await load();
      return true;
    },
  };
}

function minuteOf(time: string): number {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(time);
  assert(match !== null, `an opening time is hours and minutes, "08:00", got "${time}"`);
  return Number(match[1]) * 60 + Number(match[2]);
}
