/**
 * What a feed does not say and an operator may: which train is made of what, what a composition is, and fares of its own.
 *
 *   rolling stock  CSV  train_number,composition            `G1,CR400AF-16`; `G*` for every number that begins so
 *   fares          CSV  train_number,seat_class,from_stop_id,to_stop_id,fare,percent
 *                       stations both or none; `fare` (adult, cheapest berth, in the platform's currency) or `percent` of the computed
 *                       fare. `fare_yuan` is what `fare` was called
 *   compositions   JSON [{ "code": "…", "coaches": [{ "no": 1, "sections": [{ "seatClass": "second", "rows": 18 }] }] }]
 */
import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type Composition, type Currency, placesPerRow, type SeatClass, seatClasses } from "@chepiao/contracts";
import { seatsPerClassMax } from "@chepiao/kernel";
import type { FareOverride, TrainPlan } from "@chepiao/ports/timetable-store";
import { amountOf, currencyDefault } from "./currency.ts";
import { trainNumberOf } from "./numbers.ts";
import type { Problems } from "./problems.ts";
import { type Columns, readTable, type Row } from "./table.ts";

/** The trains of a feed, by which rows beside it are known to mean something. */
export type FeedTrains = {
  readonly trains: readonly TrainPlan[];
  /** The station that a stop of the feed belongs to, or null where there is no such stop. */
  readonly stationOf: (stopId: string) => string | null;
};

export type RollingStock = {
  /** The composition named for that train: its own line first, else the longest pattern that fits. */
  compositionOf(trainNumber: string): string | null;
  /** Warns of each line that fits no train. */
  warnOfUnmet(feed: FeedTrains): void;
};

export async function readRollingStock(
  path: string,
  codes: ReadonlySet<string>,
  problems: Problems,
): Promise<RollingStock> {
  const named = new Map<string, { readonly code: string; readonly line: number }>();
  const columns = { required: ["train_number", "composition"], optional: [] } as const;
  await readFileTable(path, columns, problems, (row, line) => {
    const { train_number: text, composition: code } = row;
    const train = trainNumberOf(text);
    if (!codes.has(code))
      problems.error(path, line, `there is no composition ${code}; there are ${[...codes].join(", ")}`);
    if (train === "") problems.error(path, line, "train_number is empty");
    if (named.has(train)) problems.error(path, line, `${text} comes twice`);
    named.set(train, { code, line });
  });
  const patterns = [...named.keys()].filter((key) => key.endsWith("*")).map((key) => key.slice(0, -1));
  patterns.sort((a, b) => b.length - a.length);
  return {
    compositionOf(trainNumber) {
      const pattern = patterns.find((prefix) => trainNumber.startsWith(prefix));
      return (named.get(trainNumber) ?? named.get(`${pattern}*`))?.code ?? null;
    },
    warnOfUnmet({ trains }) {
      const numbers = new Set(trains.flatMap((train) => [train.trainNumber, ...train.trainNumber.split("+")]));
      for (const [train, { line }] of named) {
        const prefix = train.endsWith("*") ? train.slice(0, -1) : null;
        const isMet = prefix === null ? numbers.has(train) : numbers.values().some((each) => each.startsWith(prefix));
        if (!isMet) problems.warnAt(path, line, `no train of the feed is called ${train}`);
      }
    },
  };
}

const fareColumns = {
  required: ["train_number", "seat_class"],
  optional: ["from_stop_id", "to_stop_id", "fare", "fare_yuan", "percent"],
} as const;

/** The fares for the trains of a feed; each row that changes the fare of none is warned of. */
export type Fares = (feed: FeedTrains, seatClassesOf: (train: TrainPlan) => ReadonlySet<SeatClass>) => FareOverride[];

export async function readFares(path: string, problems: Problems, currency = currencyDefault): Promise<Fares> {
  const rows: { readonly fare: FareOverride; readonly line: number }[] = [];
  await readFileTable(path, fareColumns, problems, (row, line) => {
    const fare = fareOf(row, currency, (message) => problems.error(path, line, message));
    if (fare) rows.push({ fare, line });
  });
  return ({ trains, stationOf }, seatClassesOf) => {
    const byNumber = Map.groupBy(trains, (train) => train.trainNumber);
    const unmetBy = ({ trainNumber, seatClass, between }: FareOverride): string | null => {
      const called = byNumber.get(trainNumber);
      if (!called) return `no train of the feed is called ${trainNumber}`;
      const withClass = called.filter((train) => seatClassesOf(train).has(seatClass));
      if (withClass.length === 0) return `${trainNumber} has no ${seatClass}`;
      if (!between || withClass.some((train) => goesBetween(train, between))) return null;
      return `${trainNumber} does not go from ${between.fromStationId} to ${between.toStationId}`;
    };
    return rows.flatMap(({ fare, line }) => {
      const { between } = fare;
      const unknown = between && [between.fromStationId, between.toStationId].find((stop) => stationOf(stop) === null);
      const meant = !between || unknown ? fare : { ...fare, between: atStations(between, stationOf) };
      const unmet = unknown ? `there is no stop ${unknown} in the feed` : unmetBy(meant);
      if (unmet === null) return [meant];
      problems.warnAt(path, line, `${unmet}: the fare is not used`);
      return [];
    });
  };
}

type Between = NonNullable<FareOverride["between"]>;

/** A platform stands for its station, as where trains call. */
const atStations = ({ fromStationId, toStationId }: Between, stationOf: FeedTrains["stationOf"]): Between => ({
  fromStationId: stationOf(fromStationId)!,
  toStationId: stationOf(toStationId)!,
});

function goesBetween({ stops }: TrainPlan, { fromStationId, toStationId }: Between): boolean {
  const from = stops.findIndex((stop) => stop.stationId === fromStationId);
  return from >= 0 && from < stops.findLastIndex((stop) => stop.stationId === toStationId);
}

function fareOf(
  row: Row<(typeof fareColumns)["required"][number] | (typeof fareColumns)["optional"][number]>,
  currency: Currency,
  wrong: (message: string) => void,
): FareOverride | null {
  const { train_number: trainText, seat_class: seatClass, from_stop_id: from, to_stop_id: to, percent } = row;
  const column = row.fare_yuan === "" ? "fare" : "fare_yuan";
  const amount = row[column];
  const trainNumber = trainNumberOf(trainText);
  const fare = amountOf(amount, currency.code, currency);
  if (trainNumber === "") wrong("train_number is empty");
  else if (!isSeatClass(seatClass) || seatClass === "standing")
    wrong(`seat_class "${seatClass}" is none of ${seatClasses.filter((each) => each !== "standing").join(", ")}`);
  else if ((from === "") !== (to === "")) wrong("from_stop_id and to_stop_id go together");
  else if ([row.fare, row.fare_yuan, percent].filter(Boolean).length !== 1) wrong("give fare or percent, one of them");
  else if (column === "fare_yuan" && amount !== "" && currency.code !== "CNY")
    wrong(`this platform sells in ${currency.code}: the column is called fare`);
  else if (percent === "" && fare === null)
    wrong(`${column} "${amount}" is not an amount with ${currency.minorUnits} decimals at most`);
  else if (percent !== "" && !/^\d{1,4}(\.\d{1,2})?$/.test(percent)) wrong(`percent "${percent}" is not a share`);
  else if (Number(amount || percent) === 0) wrong("a ticket for nothing cannot be sold: give a fare above 0");
  else {
    return {
      trainNumber,
      seatClass,
      between: from === "" ? null : { fromStationId: from, toStationId: to },
      set: percent === "" ? { fareFen: fare! } : { rateBasisPoints: Math.round(Number(percent) * 100) },
    };
  }
  return null;
}

export async function readCompositions(path: string, problems: Problems): Promise<Composition[]> {
  if (!existsSync(path)) {
    problems.error(path, null, "there is no such file");
    return [];
  }
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    problems.error(path, null, `is not JSON: ${(error as Error).message}`);
    return [];
  }
  if (!Array.isArray(value)) {
    problems.error(path, null, "is not a list of compositions");
    return [];
  }
  const wrong = value.map(flawOf);
  wrong.forEach((flaw, index) => flaw && problems.error(path, null, `composition ${index + 1}: ${flaw}`));
  return wrong.some(Boolean) ? [] : (value as Composition[]);
}

/** What is wrong with a composition, or null. */
function flawOf(value: unknown): string | null {
  const { code, coaches } = (value ?? {}) as Partial<Composition>;
  if (typeof code !== "string" || !/^\S{1,64}$/.test(code)) return "code is not a short text without spaces";
  if (!Array.isArray(coaches) || coaches.length === 0) return `${code}: coaches is not a list`;
  const places = new Map<SeatClass, number>();
  const coachNos = new Set<number>();
  for (const coach of coaches) {
    if (!Number.isInteger(coach?.no) || coach.no < 1 || coach.no > 99) return `${code}: a coach has a number 1…99`;
    if (coachNos.has(coach.no)) return `${code}: coach ${coach.no} comes twice`;
    coachNos.add(coach.no);
    if (!Array.isArray(coach.sections)) return `${code}: coach ${coach.no} has no list of sections`;
    for (const { seatClass, rows } of coach.sections) {
      if (!isSeatClass(seatClass))
        return `${code}: coach ${coach.no}: ${String(seatClass)} is none of ${seatClasses.join(", ")}`;
      if (!Number.isInteger(rows) || rows < 1) return `${code}: coach ${coach.no}: rows is not a whole number above 0`;
      places.set(seatClass, (places.get(seatClass) ?? 0) + rows * placesPerRow(seatClass));
    }
  }
  for (const [seatClass, count] of places)
    if (count > seatsPerClassMax) return `${code}: ${count} places ${seatClass}; ${seatsPerClassMax} are the most`;
  if (places.has("standing") && !places.has("second") && !places.has("hardSeat"))
    return `${code}: standing places need second or hardSeat, whose fare they are sold at`;
  return places.size === 0 ? `${code}: has no places` : null;
}

const isSeatClass = (text: unknown): text is SeatClass => seatClasses.some((seatClass) => seatClass === text);

async function readFileTable<R extends string, O extends string>(
  path: string,
  columns: Columns<R, O>,
  problems: Problems,
  onRow: (row: Row<R | O>, line: number) => void,
): Promise<void> {
  if (existsSync(path)) await readTable(path, createReadStream(path), columns, problems, onRow);
  else problems.error(path, null, "there is no such file");
}
