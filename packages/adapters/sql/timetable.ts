/**
 * The timetable in SQL. An import rewrites these tables as a whole in one transaction: they hold reference data that every
 * process copies into memory, so nothing reads them row by row while trains are sold.
 */
import type { InsertObject, Kysely, Transaction } from "kysely";
import {
  type Attribution,
  type Coach,
  type RunId,
  seatClasses,
  type StopSide,
  ticketTypes,
  type TrainFare,
  trainTypes,
  codeOf,
  wordOf,
} from "@chepiao/contracts";
import { type Fen, fen, type ServiceDate, type ZoneName } from "@chepiao/kernel";
import {
  type FareOverride,
  type FeedTrip,
  type NamedTimetable,
  type NamedTrain,
  type ServiceDays,
  type StoredStation,
  type StoredTimetable,
  type StoredTrain,
  takeOver,
  type TimetableStore,
} from "@chepiao/ports/timetable-store";
import type { Tables } from "./tables.ts";
import type { TimetableTables } from "./timetable.tables.ts";

const theOnlyRow = 1;
const stopSides: readonly StopSide[] = ["boarding", "alighting"];
/** Ten columns at most: stays well under the 32,766 values that SQLite takes in one statement. */
const rowsPerInsert = 500;

export function createSqlTimetableStore(db: Kysely<Tables>): TimetableStore {
  return {
    async version() {
      const row = await db.selectFrom("t_timetable").select("version").executeTakeFirst();
      return row?.version ?? 0;
    },
    // All of its tables as they were at one moment, though an import may be under way.
    load: (from) =>
      db
        .transaction()
        .setIsolationLevel("repeatable read")
        .execute((trx) => readAll(trx, from)),
    tripsOf: (from) =>
      db
        .transaction()
        .setIsolationLevel("repeatable read")
        .execute((trx) => readTrips(trx, from)),
    async replace(next, { soldRuns, progress = () => {}, onSale, isTrial = false }) {
      const sold = await soldRuns();
      return db.transaction().execute(async (trx) => {
        // Takes the lock before anything is read: of two imports at once, the second takes over what the first has written.
        await trx.updateTable("t_timetable").set({ id: theOnlyRow }).execute();
        const { timetable, conflicts, addedCount } = takeOver(await readNamed(trx), next, sold, onSale);
        if (!isTrial) await writeAll(trx, timetable, progress);
        return { version: timetable.version, trainCount: timetable.trains.length, conflicts, addedCount };
      });
    },
    added: (version) => addedOf(db, version),
    openAdded: (version, runIds) =>
      db.transaction().execute(async (trx) => {
        // As with an import: whoever opens others at the same time reads what this one has written.
        await trx.updateTable("t_timetable").set({ id: theOnlyRow }).execute();
        const added = await addedOf(trx, version);
        if (added === null) return false;
        const closed = added.filter((runId) => !runIds.has(runId));
        if (closed.length < added.length)
          await trx
            .updateTable("t_timetable")
            .set({ added_runs: addedText(closed) })
            .execute();
        return true;
      }),
  };
}

async function addedOf(db: Kysely<Tables>, version: number): Promise<readonly RunId[] | null> {
  const row = await db.selectFrom("t_timetable").select("added_runs").where("version", "=", version).executeTakeFirst();
  return row ? addedIn(row.added_runs) : null;
}

const addedIn = (text: string | null): readonly RunId[] => (text === null ? [] : (JSON.parse(text) as RunId[]));
const addedText = (runIds: readonly RunId[]): string | null => (runIds.length > 0 ? JSON.stringify(runIds) : null);

async function readAll(trx: Transaction<Tables>, from: ServiceDate | null): Promise<StoredTimetable | null> {
  const header = await trx
    .selectFrom("t_timetable")
    .select(["version", "feed_name", "zone", "attributions", "added_runs"])
    .executeTakeFirst();
  if (!header) return null;
  const stations = await trx
    .selectFrom("t_station")
    .select([
      "station_id",
      "name",
      "city",
      "pinyin",
      "initials",
      "name_en",
      "latitude",
      "longitude",
      "aliases",
      "zone",
      "stop_ids",
    ])
    .orderBy("id")
    .execute();
  const compositions = await trx.selectFrom("t_composition").select(["id", "code", "coaches"]).execute();
  const calendars = await trx
    .selectFrom("t_train_calendar")
    .select(["id", "valid_from", "valid_until", "weekdays", "added", "removed"])
    .where("valid_until", ">=", from ?? "")
    .execute();
  const trains = await trx
    .selectFrom("t_train")
    .select(["id", "train_number", "train_type", "zone", "calendar_id", "composition_id", "fares_id"])
    .orderBy("id")
    .execute();
  const stops = await trx
    .selectFrom("t_train_stop")
    .select(["train_id", "station_id", "arrive_s", "depart_s", "distance_m", "closed_to"])
    .orderBy("train_id")
    .orderBy("stop_index")
    .execute();
  const overrides = await trx
    .selectFrom("t_fare_override")
    .select(["train_number", "seat_class", "from_station_id", "to_station_id", "fare_fen", "rate_basis_points"])
    .orderBy("id")
    .execute();

  const faresById = await readFares(trx);
  const compositionsById = new Map(
    compositions.map((row) => [row.id, { code: row.code, coaches: JSON.parse(row.coaches) as Coach[] }]),
  );
  const daysById = new Map(calendars.map((row) => [row.id, daysOfRow(row)]));
  const stopsById = Map.groupBy(stops, (stop) => Number(stop.train_id));
  return {
    version: header.version,
    feedName: header.feed_name,
    zone: header.zone as ZoneName,
    attributions: header.attributions === null ? [] : (JSON.parse(header.attributions) as Attribution[]),
    ...(header.added_runs !== null && { added: addedIn(header.added_runs) }),
    stations: stations.map(({ station_id, name_en, aliases, zone, stop_ids, ...rest }): StoredStation => ({
      ...rest,
      stationId: station_id,
      nameEn: name_en,
      ...(aliases === null ? {} : { aliases: JSON.parse(aliases) as string[] }),
      ...(zone === null ? {} : { zone: zone as ZoneName }),
      ...(stop_ids === null ? {} : { stopIds: JSON.parse(stop_ids) as string[] }),
    })),
    trains: trains.flatMap((row): StoredTrain[] => {
      const days = daysById.get(row.calendar_id);
      if (!days) return [];
      return [
        {
          trainVersionId: Number(row.id),
          trainNumber: row.train_number,
          trainType: wordOf(trainTypes, row.train_type),
          zone: row.zone as ZoneName,
          composition: compositionsById.get(row.composition_id)!,
          days,
          stops: (stopsById.get(Number(row.id)) ?? []).map((stop) => ({
            stationId: stop.station_id,
            arriveS: stop.arrive_s,
            departS: stop.depart_s,
            distanceM: stop.distance_m,
            ...(stop.closed_to === null ? {} : { closedTo: wordOf(stopSides, stop.closed_to) }),
          })),
          ...(row.fares_id === null ? {} : { fares: faresById.get(row.fares_id)! }),
        },
      ];
    }),
    fareOverrides: overrides.map((row): FareOverride => ({
      trainNumber: row.train_number,
      seatClass: wordOf(seatClasses, row.seat_class),
      between:
        row.from_station_id !== null && row.to_station_id !== null
          ? { fromStationId: row.from_station_id, toStationId: row.to_station_id }
          : null,
      set:
        row.fare_fen !== null
          ? { fareFen: fen(Number(row.fare_fen)) }
          : { rateBasisPoints: row.rate_basis_points ?? 10_000 },
    })),
  };
}

/** Of trains that run on or after that day; of all where it is null. */
async function readTrips(trx: Transaction<Tables>, from: ServiceDate | null): Promise<Map<number, FeedTrip[]>> {
  const rows = await trx
    .selectFrom("t_train_trip")
    .innerJoin("t_train", "t_train.id", "t_train_trip.train_id")
    .innerJoin("t_train_calendar", "t_train_calendar.id", "t_train.calendar_id")
    .select(["train_id", "trip_id", "route_id", "first_stop", "sequences"])
    .where("valid_until", ">=", from ?? "")
    .orderBy("train_id")
    .orderBy("trip_index")
    .execute();
  const trips = new Map<number, FeedTrip[]>();
  for (const { train_id, trip_id, route_id, first_stop, sequences } of rows) {
    const trip = {
      tripId: trip_id,
      routeId: route_id,
      firstStop: first_stop,
      sequences: sequences.split(",").map(Number),
    };
    const known = trips.get(Number(train_id));
    if (known) known.push(trip);
    else trips.set(Number(train_id), [trip]);
  }
  return trips;
}

/** With what the feed calls its trains, which those that are kept go on to be called. */
async function readNamed(trx: Transaction<Tables>): Promise<NamedTimetable | null> {
  const timetable = await readAll(trx, null);
  const trips = await readTrips(trx, null);
  return (
    timetable && {
      ...timetable,
      trains: timetable.trains.map((train) => {
        const named = trips.get(train.trainVersionId);
        return named ? { ...train, trips: named } : train;
      }),
    }
  );
}

async function readFares(trx: Transaction<Tables>): Promise<Map<number, TrainFare[]>> {
  const rows = await trx
    .selectFrom("t_train_fare")
    .select(["fares_id", "seat_class", "ticket_type", "fares"])
    .orderBy("fares_id")
    .orderBy("seat_class")
    .orderBy("ticket_type")
    .execute();
  const fares = new Map<number, TrainFare[]>();
  for (const row of rows) {
    const fare: TrainFare = {
      seatClass: wordOf(seatClasses, row.seat_class) as TrainFare["seatClass"],
      ticketType: wordOf(ticketTypes, row.ticket_type),
      byWay: row.fares.split(",").map((text): Fen | null => (text === "" ? null : fen(Number.parseInt(text, 36)))),
    };
    const known = fares.get(row.fares_id);
    if (known) known.push(fare);
    else fares.set(row.fares_id, [fare]);
  }
  return fares;
}

async function writeAll(
  trx: Transaction<Tables>,
  timetable: NamedTimetable,
  progress: (share: number) => void,
): Promise<void> {
  const calendars = new Numbered<ServiceDays>((days) => JSON.stringify(days));
  const compositions = new Numbered<StoredTrain["composition"]>(JSON.stringify);
  const fares = new Numbered<readonly TrainFare[]>(JSON.stringify);
  const trains = timetable.trains.map((train) => {
    const first = train.stops[0]!;
    const last = train.stops.at(-1)!;
    return {
      id: train.trainVersionId,
      train_number: train.trainNumber,
      train_type: codeOf(trainTypes, train.trainType),
      departure_station: first.stationId,
      arrival_station: last.stationId,
      departure_s: first.departS,
      duration_s: last.arriveS - first.departS,
      zone: train.zone,
      calendar_id: calendars.idOf(train.days),
      composition_id: compositions.idOf(train.composition),
      fares_id: train.fares ? fares.idOf(train.fares) : null,
    };
  });

  for (const table of tablesRewritten) await trx.deleteFrom(table).execute();
  await trx
    .insertInto("t_timetable")
    .values({
      id: theOnlyRow,
      version: timetable.version,
      feed_name: timetable.feedName,
      zone: timetable.zone,
      attributions: timetable.attributions.length === 0 ? null : JSON.stringify(timetable.attributions),
      added_runs: addedText(timetable.added ?? []),
    })
    .execute();
  await insertAll(trx, "t_station", timetable.stations.map(rowOfStation));
  await insertAll(
    trx,
    "t_composition",
    compositions.all.map(({ code, coaches }, id) => ({ id, code, coaches: JSON.stringify(coaches) })),
  );
  await insertAll(trx, "t_train_calendar", calendars.all.map(rowOfDays));
  await insertAll(trx, "t_fare_override", timetable.fareOverrides.map(rowOfOverride));
  await insertAll(trx, "t_train_fare", fares.all.flatMap(rowsOfFares));
  await insertAll(trx, "t_train", trains);
  const { length: trainCount } = timetable.trains;
  for (let start = 0; start < trainCount; start += trainsPerInsert) {
    const some = timetable.trains.slice(start, start + trainsPerInsert);
    await insertAll(trx, "t_train_trip", some.flatMap(rowsOfTrips));
    await insertAll(trx, "t_train_stop", some.flatMap(rowsOfStops));
    progress(Math.min(1, (start + trainsPerInsert) / trainCount));
  }
  progress(1);
}

const tablesRewritten = [
  "t_timetable",
  "t_station",
  "t_composition",
  "t_train_calendar",
  "t_fare_override",
  "t_train_stop",
  "t_train_trip",
  "t_train_fare",
  "t_train",
] as const;

/** Their rows are made as they are written: those of a country's trains are millions. */
const trainsPerInsert = 1_000;

const rowsOfStops = (train: StoredTrain): TimetableTables["t_train_stop"][] =>
  train.stops.map((stop, index) => ({
    train_id: train.trainVersionId,
    stop_index: index,
    station_id: stop.stationId,
    arrive_s: stop.arriveS,
    depart_s: stop.departS,
    distance_m: stop.distanceM,
    closed_to: stop.closedTo === undefined ? null : codeOf(stopSides, stop.closedTo),
  }));

const rowsOfTrips = ({ trainVersionId, trips = [] }: NamedTrain): TimetableTables["t_train_trip"][] =>
  trips.map(({ tripId, routeId, firstStop, sequences }, index) => ({
    train_id: trainVersionId,
    trip_index: index,
    trip_id: tripId,
    route_id: routeId,
    first_stop: firstStop,
    sequences: sequences.join(","),
  }));

const rowsOfFares = (fares: readonly TrainFare[], id: number): TimetableTables["t_train_fare"][] =>
  fares.map(({ seatClass, ticketType, byWay }) => ({
    fares_id: id,
    seat_class: codeOf(seatClasses, seatClass),
    ticket_type: codeOf(ticketTypes, ticketType),
    fares: byWay.map((fare) => fare?.toString(36) ?? "").join(","),
  }));

async function insertAll<T extends keyof TimetableTables>(
  trx: Transaction<Tables>,
  table: T,
  rows: readonly TimetableTables[T][],
): Promise<void> {
  for (let start = 0; start < rows.length; start += rowsPerInsert) {
    const chunk = rows.slice(start, start + rowsPerInsert) as unknown as InsertObject<Tables, T>[];
    await trx.insertInto(table).values(chunk).execute();
  }
}

const rowOfStation = (station: StoredStation, id: number): TimetableTables["t_station"] => ({
  id,
  station_id: station.stationId,
  name: station.name,
  city: station.city,
  pinyin: station.pinyin,
  initials: station.initials,
  name_en: station.nameEn,
  latitude: station.latitude,
  longitude: station.longitude,
  aliases: station.aliases === undefined ? null : JSON.stringify(station.aliases),
  zone: station.zone ?? null,
  stop_ids: station.stopIds === undefined ? null : JSON.stringify(station.stopIds),
});

const rowOfDays = (days: ServiceDays, id: number): TimetableTables["t_train_calendar"] => ({
  id,
  valid_from: days.validFrom,
  valid_until: days.validUntil,
  weekdays: days.weekdays,
  added: days.added.join(","),
  removed: days.removed.join(","),
});

const daysOfRow = (row: TimetableTables["t_train_calendar"]): ServiceDays => ({
  validFrom: row.valid_from as ServiceDate,
  validUntil: row.valid_until as ServiceDate,
  weekdays: row.weekdays,
  added: datesOf(row.added),
  removed: datesOf(row.removed),
});
const datesOf = (text: string) => (text === "" ? [] : (text.split(",") as ServiceDate[]));

const rowOfOverride = ({ trainNumber, seatClass, between, set }: FareOverride, id: number) => ({
  id,
  train_number: trainNumber,
  seat_class: codeOf(seatClasses, seatClass),
  from_station_id: between?.fromStationId ?? null,
  to_station_id: between?.toStationId ?? null,
  fare_fen: "fareFen" in set ? set.fareFen : null,
  rate_basis_points: "fareFen" in set ? null : set.rateBasisPoints,
});

/** Gives equal values one id, from 0. */
class Numbered<T extends object> {
  readonly all: T[] = [];
  readonly #ids = new Map<T | string, number>();
  readonly #textOf: (value: T) => string;
  constructor(textOf: (value: T) => string) {
    this.#textOf = textOf;
  }
  idOf(value: T): number {
    // The same object again is by far the most common: its text is not made twice.
    let id = this.#ids.get(value);
    if (id !== undefined) return id;
    const text = this.#textOf(value);
    id = this.#ids.get(text) ?? this.all.push(value) - 1;
    this.#ids.set(text, id).set(value, id);
    return id;
  }
}
