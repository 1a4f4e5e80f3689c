/**
 * A file of quotas, as an operator writes it: a row says how many seats of a class may be held over the ways of a group, from a moment on.
 * Rows of one train, date, class and group are one quota; what they say of moments and numbers is worked out for each run. Nothing is
 * taken over of a file in which anything is wrong.
 */
import { type QuotaLimit, type Run, type SeatClass, seatClasses, seatsOf, type Timetable } from "@chepiao/contracts";
import {
  addDays,
  dateIn,
  daysBetween,
  type EpochMs,
  epochMs,
  formatInZone,
  hourMs,
  instantOfClock,
  odGroupsPerOfferMax,
  ok,
  parseServiceDate,
  quotaLimitsMax,
  refuse,
  type Result,
  type ServiceDate,
  stopsPerTrainMax,
  type ZoneName,
} from "@chepiao/kernel";
import type { ClassQuotas, StationQuota } from "@chepiao/ports/quota-store";
import { groupOf, hasArrived, hasWays } from "./quotas.ts";

/** A line of the file, cut at its commas. */
export type QuotaLine = { readonly line: number; readonly fields: readonly string[] };
export type QuotaFault = { readonly line: number; readonly message: string };

export const quotaColumns = ["train", "date", "class", "from", "to", "when", "seats"] as const;
type Column = (typeof quotaColumns)[number];

/** From that moment on: when the sale opens, each day after it, so long after it or before the train leaves, or by the clock. */
type When =
  | { readonly kind: "daily" }
  | { readonly kind: "opening" | "departure"; readonly days: number; readonly hours: number }
  | { readonly kind: "clock"; readonly date: ServiceDate; readonly minute: number };
/** So many, or percent of the class's seats; more than before it, or in all. */
type Seats =
  { readonly kind: "all" } | { readonly kind: "count" | "percent"; readonly of: number; readonly isMore: boolean };

type QuotaRow = {
  readonly line: number;
  readonly train: string;
  readonly from: ServiceDate;
  readonly to: ServiceDate;
  readonly seatClass: SeatClass;
  readonly fromStations: readonly string[] | null;
  readonly toStations: readonly string[] | null;
  readonly when: When;
  readonly seats: Seats;
};

const daysPerRowMax = 366;
/** Every train of a large railway, with dozens of rows each; a file of more is a mistake, and would be read for minutes. */
const rowsMax = 100_000;
/** Of one import: each is a row in the database, and is followed by the platform. */
const classesMax = 100_000;

export type QuotaTimetable = Pick<Timetable, "zone" | "run" | "knowsTrain" | "resolvePlace" | "saleOpensAt">;

export function readQuotas(
  lines: readonly QuotaLine[],
  timetable: QuotaTimetable,
  now: EpochMs,
): Result<ClassQuotas[], QuotaFault[]> {
  const [header, ...rest] = lines;
  const order = columnsIn(header);
  if (!order.ok) return refuse([order.error]);
  if (rest.length > rowsMax)
    return refuse([{ line: rest[rowsMax]!.line, message: `at most ${rowsMax} rows in a file: cut it in two` }]);
  const faults: QuotaFault[] = [];
  const rows: QuotaRow[] = [];
  for (const { line, fields } of rest) {
    const row = rowIn({ line, fields }, order.value, timetable);
    if (row.ok) rows.push(row.value);
    else faults.push({ line, message: row.error });
  }
  if (rest.length === 0) faults.push({ line: header!.line, message: "no quota is in it" });
  const quotas = faults.length > 0 ? [] : quotasOf(rows, timetable, now, faults);
  return faults.length > 0 ? refuse(faults.toSorted((a, b) => a.line - b.line)) : ok(quotas);
}

function columnsIn(header: QuotaLine | undefined): Result<ReadonlyMap<Column, number>, QuotaFault> {
  if (!header) return refuse({ line: 1, message: "the file is empty" });
  // As a spreadsheet writes it.
  const names = header.fields.map((name) => name.replace("\uFEFF", "").trim());
  const wanted: readonly string[] = quotaColumns;
  const isTheirs = wanted.every((name) => names.includes(name)) && names.length === wanted.length;
  if (!isTheirs) return refuse({ line: header.line, message: `the columns are ${quotaColumns.join(",")}` });
  return ok(new Map(quotaColumns.map((name) => [name, names.indexOf(name)])));
}

// A row -------------------------------------------------------------------------------------------------------------------

function rowIn(
  { line, fields }: QuotaLine,
  order: ReadonlyMap<Column, number>,
  timetable: QuotaTimetable,
): Result<QuotaRow, string> {
  if (fields.length !== quotaColumns.length)
    return refuse(`${fields.length} fields, and there are ${quotaColumns.length} columns`);
  const [train, date, className, from, to, whenText, seatsText] = quotaColumns.map((name) =>
    fields[order.get(name)!]!.trim(),
  ) as [string, string, string, string, string, string, string];
  const [firstDate, lastDate = firstDate, ...more] = date.split("..").map(parseServiceDate);
  const seatClass = seatClasses.find((known) => known === className);
  const fromStations = stationsIn(from, timetable);
  const toStations = stationsIn(to, timetable);
  const when = whenIn(whenText);
  const seats = seatsIn(seatsText);
  if (!timetable.knowsTrain(train)) return refuse(`there is no train "${train}"`);
  if (!firstDate || !lastDate || more.length > 0 || firstDate > lastDate)
    return refuse(`"${date}" is no date such as 2026-12-01, and no range such as 2026-12-01..2026-12-31`);
  if (daysBetween(firstDate, lastDate) >= daysPerRowMax) return refuse(`at most ${daysPerRowMax} days in a row`);
  if (!seatClass) return refuse(`"${className}" is no class: ${seatClasses.join(", ")}`);
  if (!fromStations.ok) return fromStations;
  if (!toStations.ok) return toStations;
  if (!when.ok) return when;
  if (!seats.ok) return seats;
  if (when.value.kind === "daily" && !(seats.value.kind !== "all" && seats.value.isMore))
    return refuse(`daily takes so many more: +${/^\d+%?$/.test(seatsText) ? seatsText : "20"}`);
  return ok({
    line,
    train,
    from: firstDate,
    to: lastDate,
    seatClass,
    fromStations: fromStations.value,
    toStations: toStations.value,
    when: when.value,
    seats: seats.value,
  });
}

/** Ids, names or cities, any of which is meant; `*` is any stop. */
function stationsIn(text: string, timetable: QuotaTimetable): Result<readonly string[] | null, string> {
  if (text === "*") return ok(null);
  const ids = new Set<string>();
  for (const name of text.split("|").map((each) => each.trim())) {
    const meant = name === "" ? [] : timetable.resolvePlace(name);
    if (meant.length === 0) return refuse(`there is no station "${name}"`);
    for (const id of meant) ids.add(id);
    if (ids.size > stopsPerTrainMax) return refuse(`at most ${stopsPerTrainMax} stations: no train has more stops`);
  }
  return ok([...ids].sort());
}

function whenIn(text: string): Result<When, string> {
  if (text === "daily") return ok({ kind: "daily" });
  const after = /^opening(?:\+(\d{1,3})([dh]))?$/.exec(text);
  const before = /^departure-(\d{1,3})([dh])$/.exec(text);
  const [, count = "0", unit] = after ?? before ?? [];
  const days = unit === "d" ? Number(count) : 0;
  const hours = unit === "h" ? Number(count) : 0;
  if (after) return ok({ kind: "opening", days, hours });
  if (before) return ok({ kind: "departure", days, hours });
  const [, day, hour, minute] = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}):(\d{2})$/.exec(text) ?? [];
  const date = parseServiceDate(day ?? "");
  if (date && Number(hour) < 24 && Number(minute) < 60)
    return ok({ kind: "clock", date, minute: Number(hour) * 60 + Number(minute) });
  return refuse(`"${text}" is no moment: opening, opening+3d, daily, departure-1d, departure-12h, 2026-11-20 08:00`);
}

function seatsIn(text: string): Result<Seats, string> {
  if (text === "all") return ok({ kind: "all" });
  const [, plus, digits, percent] = /^(\+?)(\d{1,6})(%?)$/.exec(text) ?? [];
  if (digits === undefined || (percent === "%" && Number(digits) > 100))
    return refuse(`"${text}" is no number of seats: 120, 20%, +15, +5%, all`);
  return ok({ kind: percent === "%" ? "percent" : "count", of: Number(digits), isMore: plus === "+" });
}

// Rows together -----------------------------------------------------------------------------------------------------------

function quotasOf(
  rows: readonly QuotaRow[],
  timetable: QuotaTimetable,
  now: EpochMs,
  faults: QuotaFault[],
): ClassQuotas[] {
  const all: ClassQuotas[] = [];
  const byTrain = Map.groupBy(rows, ({ train }) => train);
  for (const ofTrain of byTrain.values()) {
    const running = new Set<QuotaRow>();
    for (const run of runsOf(ofTrain, timetable)) {
      const ofRun = ofTrain.filter(({ from, to }) => from <= run.originDate && run.originDate <= to);
      ofRun.forEach((row) => running.add(row));
      if (hasArrived(run, now)) continue;
      for (const [seatClass, ofClass] of Map.groupBy(ofRun, (row) => row.seatClass)) {
        const quotas = quotasOn(run, ofClass, timetable, faults);
        all.push({ runId: run.runId, seatClass, quotas });
      }
      if (all.length > classesMax) {
        faults.push({
          line: ofRun[0]!.line,
          message: `at most ${classesMax} classes of runs in a file: name fewer dates`,
        });
        return all;
      }
    }
    for (const { line, train, from, to } of ofTrain.filter((row) => !running.has(row)))
      faults.push({
        line,
        message: `${train} does not run ${from === to ? `on ${from}` : `between ${from} and ${to}`}`,
      });
  }
  if (all.length === 0 && faults.length === 0)
    faults.push({ line: rows[0]!.line, message: "all these trains have left" });
  return all;
}

function runsOf(rows: readonly QuotaRow[], timetable: QuotaTimetable): Run[] {
  const dates = new Set<ServiceDate>();
  for (const { from, to } of rows) for (let date = from; date <= to; date = addDays(date, 1)) dates.add(date);
  return [...dates].sort().flatMap((date) => timetable.run(rows[0]!.train, date) ?? []);
}

/** Of one class. What is wrong on one date of many is told once. */
function quotasOn(
  run: Run,
  rows: readonly QuotaRow[],
  timetable: QuotaTimetable,
  faults: QuotaFault[],
): StationQuota[] {
  const fault = ({ line }: QuotaRow, message: string) => {
    if (!faults.some((each) => each.line === line)) faults.push({ line, message });
    return [];
  };
  const seatCount = seatsOf(run.train.composition).get(rows[0]!.seatClass)?.length;
  if (seatCount === undefined)
    return rows.flatMap((row) => fault(row, `${run.runId} has no seats of the class ${row.seatClass}`));
  const groups = [...Map.groupBy(rows, (row) => JSON.stringify([row.fromStations, row.toStations])).values()];
  if (groups.length > odGroupsPerOfferMax)
    return fault(groups[odGroupsPerOfferMax]![0]!, `${run.runId}: at most ${odGroupsPerOfferMax} groups of a class`);
  return groups.flatMap((ofGroup) => {
    const [row] = ofGroup as [QuotaRow];
    const group = groupOf(run, row);
    if (!hasWays(group)) return fault(row, `${run.runId} leads from none of these stations to one of those`);
    const limits = limitsOn(run, { rows: ofGroup, seatCount, fromStops: group.fromStops }, timetable);
    if (!limits.ok) return fault(...limits.error);
    return [{ fromStations: row.fromStations, toStations: row.toStations, limits: limits.value }];
  });
}

type GroupRows = {
  readonly rows: readonly QuotaRow[];
  readonly seatCount: number;
  readonly fromStops: readonly number[];
};
type Step = { readonly row: QuotaRow; readonly since: EpochMs };

function limitsOn(
  run: Run,
  { rows, seatCount, fromStops }: GroupRows,
  timetable: QuotaTimetable,
): Result<QuotaLimit[], [QuotaRow, string]> {
  const { zone } = timetable;
  const opening = Math.min(...fromStops.map((stop) => timetable.saleOpensAt(run, stop))) as EpochMs;
  const departure = epochMs(run.dayStart + run.train.stops[0]!.departS * 1_000);
  const said = rows.flatMap((row): Step[] =>
    row.when.kind === "daily" ? [] : [{ row, since: momentOf(row.when, { opening, departure, zone }) }],
  );
  const twice = said.find(({ since, row }, n) =>
    said.some((other, m) => m < n && other.since === since && other.row !== row),
  );
  if (twice) return refuse([twice.row, `${run.runId}: another row of the group begins at the same moment`]);
  const [daily, dailyAgain] = rows.filter(({ when }) => when.kind === "daily");
  if (dailyAgain) return refuse([dailyAgain, `${run.runId}: another row of the group is daily`]);
  const openSale = Math.min(departure, ...said.filter(({ row }) => row.seats.kind === "all").map(({ since }) => since));
  const steps = [...said];
  for (let day = 1; daily && steps.length <= quotaLimitsMax; day++) {
    const since = daysLater(opening, day, zone);
    if (since >= openSale) break;
    // What is said of a moment goes before what is said of every day.
    if (!steps.some((step) => step.since === since)) steps.push({ row: daily, since });
  }
  if (steps.length > quotaLimitsMax)
    return refuse([rows[0]!, `${run.runId}: at most ${quotaLimitsMax} limits of a group`]);
  const limits: QuotaLimit[] = [];
  for (const { row, since } of steps.toSorted((a, b) => a.since - b.since)) {
    const seats = seatsAfter(limits.at(-1)?.seats, row.seats, seatCount);
    limits.push({ since, seats });
  }
  return ok(limits);
}

/** After open sale there is nothing to be more than. */
function seatsAfter(before: number | null = 0, seats: Seats, seatCount: number): number | null {
  if (seats.kind === "all") return null;
  const count = seats.kind === "percent" ? Math.floor((seatCount * seats.of) / 100) : seats.of;
  if (!seats.isMore) return count;
  return before === null ? null : before + count;
}

type Moments = { readonly opening: EpochMs; readonly departure: EpochMs; readonly zone: ZoneName };

function momentOf(when: Exclude<When, { kind: "daily" }>, { opening, departure, zone }: Moments): EpochMs {
  if (when.kind === "clock") return instantOfClock(when.date, when.minute, zone);
  const sign = when.kind === "opening" ? 1 : -1;
  const from = daysLater(when.kind === "opening" ? opening : departure, sign * when.days, zone);
  return epochMs(from + sign * when.hours * hourMs);
}

/** At the same hour by the clock on the wall. */
function daysLater(at: EpochMs, days: number, zone: ZoneName): EpochMs {
  if (days === 0) return at;
  const clock = formatInZone(at, zone);
  const minute = Number(clock.slice(11, 13)) * 60 + Number(clock.slice(14, 16));
  return instantOfClock(addDays(dateIn(zone, at), days), minute, zone);
}
