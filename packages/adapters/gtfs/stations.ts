/** `stops.txt`: platforms are folded into their station, which is what passengers choose. */
import { parseZone, type ZoneName } from "@chepiao/kernel";
import type { StoredStation } from "@chepiao/ports/timetable-store";
import type { Point } from "./distance.ts";
import type { Problems } from "./problems.ts";
import { createRepeats } from "./repeats.ts";
import { citiesOf, loadPinyin, spellingOf } from "./spelling.ts";
import type { Row } from "./table.ts";
import type { Translations } from "./translations.ts";

export const stopColumns = {
  required: ["stop_id"],
  optional: [
    "stop_name",
    "stop_lat",
    "stop_lon",
    "location_type",
    "parent_station",
    "tts_stop_name",
    "stop_timezone",
    "zone_id",
  ],
} as const;
type StopRow = Row<(typeof stopColumns)["required"][number] | (typeof stopColumns)["optional"][number]>;

type Stop = { readonly row: StopRow; readonly line: number; readonly point: Point | null };
const file = "stops.txt";
const stationIdLengthMax = 64;
const nameLengthMax = 100;

export type StationTable = {
  take(row: StopRow, line: number): void;
  /** After the last row: parents may come behind their children. */
  finish(): void;
  /** The station that a stop belongs to, or null where there is no such stop. */
  stationOf(stopId: string): string | null;
  /** As `stops.txt` has it: one text for all who name it. */
  sameStop(stopId: string): string;
  /** Of fares; empty where the feed does not say. */
  zoneOf(stopId: string): string;
  zones(): ReadonlySet<string>;
  pointOf(stationId: string): Point | null;
  nameOf(stationId: string): string;
  /** Those stations, in the feed's order. */
  stations(used: ReadonlySet<string>, naming: Naming): Promise<StoredStation[]>;
};

export type Naming = {
  readonly translations: Translations;
  /** In which the feed tells the times of trains, wherever they are. */
  readonly zone: ZoneName;
  readonly isChinese: boolean;
  readonly knownCity: (stationName: string) => string | null;
  readonly isCity: (name: string) => boolean;
};

export function createStationTable(problems: Problems): StationTable {
  const stops = new Map<string, Stop>();
  const repeats = createRepeats(file, problems);
  const stationByStop = new Map<string, string>();
  const childPoints = new Map<string, Point>();

  return {
    take(row, line) {
      const { stop_id: id } = row;
      if (id === "") return problems.error(file, line, "a stop without stop_id");
      if (id.length > stationIdLengthMax)
        return problems.error(file, line, `stop_id is longer than ${stationIdLengthMax} characters`);
      const known = repeats.see(id, row, line);
      if (known === "same") return;
      if (known === "other")
        return problems.error(
          file,
          line,
          `stop_id ${id} comes twice, and not alike: leave one row, or give the other an id of its own`,
        );
      if (row.stop_name.length > nameLengthMax)
        return problems.error(file, line, `stop_name is longer than ${nameLengthMax} characters`);
      if (row.stop_timezone !== "" && !parseZone(row.stop_timezone))
        problems.error(file, line, `stop_timezone "${row.stop_timezone}" is not an IANA time zone`);
      stops.set(id, { row, line, point: pointOf(row, line) });
    },
    finish() {
      for (const [id, stop] of stops) {
        const station = topOf(id, stop);
        if (station === null) continue;
        stationByStop.set(id, station);
        if (station !== id && stop.point && !childPoints.has(station)) childPoints.set(station, stop.point);
        const kind = stop.row.location_type || "0";
        if (stop.row.stop_name === "" && station === id && (kind === "0" || kind === "1"))
          problems.error(file, stop.line, `stop ${id} has no stop_name`);
      }
    },
    stationOf: (stopId) => stationByStop.get(stopId) ?? null,
    sameStop: (stopId) => stops.get(stopId)!.row.stop_id,
    zoneOf: (stopId) => stops.get(stopId)!.row.zone_id || stops.get(stationByStop.get(stopId)!)!.row.zone_id,
    zones: () => new Set(stops.values().map(({ row }) => row.zone_id)),
    pointOf: (stationId) => stops.get(stationId)!.point ?? childPoints.get(stationId) ?? null,
    nameOf: (stationId) => stops.get(stationId)!.row.stop_name,
    async stations(used, { translations, isChinese, knownCity, isCity, zone: feedZone }) {
      const rows = [...stops.values()].map(({ row }) => row).filter((row) => used.has(row.stop_id));
      const names = rows.map((row) => row.stop_name);
      // Only of Chinese names it is known how a station is called after its city.
      const cityOf = isChinese ? citiesOf(names, knownCity, isCity) : (name: string) => name;
      const pinyin = isChinese ? await loadPinyin(names) : null;
      const parts = Map.groupBy(stationByStop.keys(), (stopId) => stationByStop.get(stopId)!);
      return rows.map((row) => {
        const { stop_id: stationId, stop_name: name } = row;
        const point = this.pointOf(stationId);
        const ids = [stationId, ...(parts.get(stationId) ?? [])];
        const zone = ids.map((id) => stops.get(id)!.row.stop_timezone).find((text) => text !== "") ?? feedZone;
        const said = {
          spoken: row.tts_stop_name,
          reading: translations.reading(ids, name),
          english: translations.english(ids, name),
          others: translations.others(ids, name),
        };
        const city = cityOf(name);
        const platforms = ids.slice(1).filter((id) => id !== stationId && isBoarding(stops.get(id)!.row));
        return {
          stationId,
          name,
          city,
          ...spellingOf(name, city, said, pinyin),
          latitude: point?.latitude ?? null,
          longitude: point?.longitude ?? null,
          ...(zone === feedZone ? {} : { zone: zone as ZoneName }),
          ...(platforms.length === 0 ? {} : { stopIds: platforms }),
        };
      });
    },
  };

  /** Where trains call: neither an entrance nor a path between. */
  function isBoarding({ location_type: type }: StopRow): boolean {
    return type !== "1" && type !== "2" && type !== "3";
  }

  /** A boarding area belongs to a platform, which belongs to a station: three steps at most. */
  function topOf(id: string, stop: Stop): string | null {
    let at = id;
    let row = stop.row;
    for (let step = 0; row.parent_station !== ""; step++) {
      const parent = stops.get(row.parent_station);
      if (!parent && problems.isSpoilt(file)) return null;
      if (!parent || step > 3) {
        const why = parent
          ? "parent stations go in a circle: leave parent_station empty where a row is a station"
          : `parent_station ${row.parent_station} is not in stops.txt: add its row, or leave parent_station empty`;
        problems.error(file, stop.line, `stop ${id}: ${why}`);
        return null;
      }
      at = row.parent_station;
      row = parent.row;
    }
    return at;
  }

  function pointOf(row: StopRow, line: number): Point | null {
    if (row.stop_lat === "" && row.stop_lon === "") return null;
    if (row.stop_lat === "" || row.stop_lon === "") {
      problems.error(file, line, `stop ${row.stop_id} has one of stop_lat and stop_lon: give both, or neither`);
      return null;
    }
    const latitude = Number(row.stop_lat || Number.NaN);
    const longitude = Number(row.stop_lon || Number.NaN);
    if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
      problems.error(
        file,
        line,
        `stop ${row.stop_id}: ${row.stop_lat}, ${row.stop_lon} is no place on earth: latitudes go from -90 to 90, longitudes from -180 to 180`,
      );
      return null;
    }
    // Many feeds write 0, 0 where they do not know.
    return latitude === 0 && longitude === 0 ? null : { latitude, longitude };
  }
}
