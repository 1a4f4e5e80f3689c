/** `stops.txt`: platforms are folded into their station, which is what passengers choose. */
import type { Station } from "@chepiao/contracts";
import type { Point } from "./distance.ts";
import type { Problems } from "./problems.ts";
import { citiesOf, loadPinyin, spellingOf } from "./spelling.ts";
import type { Row } from "./table.ts";

export const stopColumns = {
  required: ["stop_id"],
  optional: ["stop_name", "stop_lat", "stop_lon", "location_type", "parent_station", "tts_stop_name"],
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
  pointOf(stationId: string): Point | null;
  nameOf(stationId: string): string;
  /** Those stations, in the feed's order. */
  stations(
    used: ReadonlySet<string>,
    english: (stopId: string, name: string) => string,
    knownCity: (stationName: string) => string | null,
    isCity: (name: string) => boolean,
  ): Promise<Station[]>;
};

export function createStationTable(problems: Problems): StationTable {
  const stops = new Map<string, Stop>();
  const stationByStop = new Map<string, string>();
  const childPoints = new Map<string, Point>();

  return {
    take(row, line) {
      const { stop_id: id } = row;
      if (id === "") return problems.error(file, line, "a stop without stop_id");
      if (id.length > stationIdLengthMax)
        return problems.error(file, line, `stop_id is longer than ${stationIdLengthMax} characters`);
      if (stops.has(id)) return problems.error(file, line, `stop_id ${id} comes twice`);
      if (row.stop_name.length > nameLengthMax)
        return problems.error(file, line, `stop_name is longer than ${nameLengthMax} characters`);
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
    pointOf: (stationId) => stops.get(stationId)!.point ?? childPoints.get(stationId) ?? null,
    nameOf: (stationId) => stops.get(stationId)!.row.stop_name,
    async stations(used, english, knownCity, isCity) {
      const rows = [...stops.values()].map(({ row }) => row).filter((row) => used.has(row.stop_id));
      const cityOf = citiesOf(
        rows.map((row) => row.stop_name),
        knownCity,
        isCity,
      );
      const pinyin = await loadPinyin(rows.map((row) => row.stop_name));
      return rows.map((row) => {
        const { stop_id: stationId, stop_name: name } = row;
        const point = this.pointOf(stationId);
        return {
          stationId,
          name,
          city: cityOf(name),
          ...spellingOf(name, row.tts_stop_name, english(stationId, name), pinyin),
          latitude: point?.latitude ?? null,
          longitude: point?.longitude ?? null,
        };
      });
    },
  };

  /** A boarding area belongs to a platform, which belongs to a station: three steps at most. */
  function topOf(id: string, stop: Stop): string | null {
    let at = id;
    let row = stop.row;
    for (let step = 0; row.parent_station !== ""; step++) {
      const parent = stops.get(row.parent_station);
      if (!parent || step > 3) {
        const why = parent ? "parent stations go in a circle" : `parent_station ${row.parent_station} does not exist`;
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
    const latitude = Number(row.stop_lat || Number.NaN);
    const longitude = Number(row.stop_lon || Number.NaN);
    if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
      problems.error(file, line, `stop ${row.stop_id}: ${row.stop_lat}, ${row.stop_lon} is no place on earth`);
      return null;
    }
    // Many feeds write 0, 0 where they do not know.
    return latitude === 0 && longitude === 0 ? null : { latitude, longitude };
  }
}
