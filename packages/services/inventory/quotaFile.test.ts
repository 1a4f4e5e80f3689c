/** A file of quotas: what it says, and what is wrong with it, line by line. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { dayMs, epochMs, hourMs, odGroupsPerOfferMax, stopsPerTrainMax } from "@chepiao/kernel";
import { limitAt } from "./quotas.ts";
import { quotaColumns, type QuotaLine, readQuotas } from "./quotaFile.ts";
import { firstRun, idOf, opening, railway, saleDays } from "./quotas.suite.ts";

const now = epochMs(opening - dayMs);
const header = quotaColumns.join(",");
const linesOf = (...rows: readonly string[]): QuotaLine[] =>
  [header, ...rows].map((text, n) => ({ line: n + 1, fields: text.split(",") }));
const read = (...rows: readonly string[]) => readQuotas(linesOf(...rows), railway, now);
const only = (...rows: readonly string[]) => {
  const quotas = read(...rows);
  if (!quotas.ok) throw new Error(JSON.stringify(quotas.error));
  return quotas.value;
};
const faultsOf = (...rows: readonly string[]) => {
  const quotas = read(...rows);
  return quotas.ok ? [] : quotas.error.map(({ line, message }) => `${line}: ${message}`);
};

test("rows of one train, date, class and group are one quota, in order of time whatever their order in the file", () => {
  const [first] = only(
    "G1,2026-12-01,second,S0|S1,S1|S2,departure-1d,all",
    "G1,2026-12-01,second,S1|S0,S2|S1,opening,20%",
  );
  expect(first).toEqual({
    runId: idOf(0),
    seatClass: "second",
    quotas: [
      {
        fromStations: ["S0", "S1"],
        toStations: ["S1", "S2"],
        limits: [
          { since: opening, seats: 10 },
          { since: epochMs(firstRun.dayStart - dayMs + 8 * hourMs + 120_000), seats: null },
        ],
      },
    ],
  });
});

test("a row of many days is a quota of each run of them, at moments of its own", () => {
  const quotas = only("G1,2026-11-28..2026-12-31,first,*,城,opening+2h,3");
  expect(quotas.map(({ runId }) => runId)).toEqual([idOf(0), idOf(1), idOf(2)]);
  expect(quotas.map(({ quotas: [quota] }) => quota!.limits[0]!.since - opening)).toEqual([
    2 * hourMs,
    dayMs + 2 * hourMs,
    2 * dayMs + 2 * hourMs,
  ]);
  expect(quotas[0]!.quotas[0]).toMatchObject({ fromStations: null, toStations: ["S1", "S2"] });
});

test("every day after the opening so many more, until open sale", () => {
  const [first] = only(
    "G1,2026-12-01,second,S0,S1,opening,10",
    "G1,2026-12-01,second,S0,S1,daily,+4",
    "G1,2026-12-01,second,S0,S1,opening+3d,30",
    "G1,2026-12-01,second,S0,S1,opening+5d,all",
  );
  expect(first!.quotas[0]!.limits.map(({ since, seats }) => [(since - opening) / dayMs, seats])).toEqual([
    [0, 10],
    [1, 14],
    [2, 18],
    [3, 30],
    [4, 34],
    [5, null],
  ]);
});

test.each([
  ["", "2: 1 fields, and there are 7 columns"],
  ["G9,2026-12-01,second,*,*,opening,1", '2: there is no train "G9"'],
  ["G1,2026-12-32,second,*,*,opening,1", '2: "2026-12-32" is no date'],
  ["G1,2026-12-02..2026-12-01,second,*,*,opening,1", "is no date"],
  ["G1,2026-12-09,second,*,*,opening,1", "2: G1 does not run on 2026-12-09"],
  ["G1,2026-12-01..2030-12-01,second,*,*,opening,1", "2: at most 366 days in a row"],
  ["G1,2026-12-01,third,*,*,opening,1", '2: "third" is no class: business, first'],
  ["G1,2026-12-01,business,*,*,opening,1", "2: G1/2026-12-01 has no seats of the class business"],
  ["G1,2026-12-01,second,S0|,*,opening,1", '2: there is no station ""'],
  ["G1,2026-12-01,second,*,S9x,opening,1", '2: there is no station "S9x"'],
  ["G1,2026-12-01,second,S2,S1,opening,1", "2: G1/2026-12-01 leads from none of these stations to one of those"],
  ["G1,2026-12-01,second,S7,*,opening,1", "leads from none of these stations"],
  ["G1,2026-12-01,second,*,*,sometimes,1", '2: "sometimes" is no moment'],
  ["G1,2026-12-01,second,*,*,opening-1d,1", "is no moment"],
  ["G1,2026-12-01,second,*,*,2026-11-31 08:00,1", "is no moment"],
  ["G1,2026-12-01,second,*,*,2026-11-30 24:00,1", "is no moment"],
  ["G1,2026-12-01,second,*,*,opening,-1", '2: "-1" is no number of seats'],
  ["G1,2026-12-01,second,*,*,opening,101%", "is no number of seats"],
  ["G1,2026-12-01,second,*,*,opening,1.5", "is no number of seats"],
  ["G1,2026-12-01,second,*,*,daily,5", "2: daily takes so many more: +5"],
  ["G1,2026-12-01,second,*,*,daily,all", "2: daily takes so many more"],
])("%p is refused with its line", (row, said) => {
  expect(faultsOf(row)).toEqual([expect.stringContaining(said)]);
});

test("everything that is wrong with a file is said at once, in order of its lines, and none of it is taken over", () => {
  expect(
    faultsOf(
      "G1,2026-12-01,second,*,*,opening,1",
      "G1,2026-12-01,second,*,*,opening,x",
      "G2,2026-12-01,second,*,*,opening,1",
    ).map((fault) => fault.split(":")[0]),
  ).toEqual(["3", "4"]);
});

test("two rows of a group at the same moment are refused: which of them counts would be a guess", () => {
  expect(faultsOf("G1,2026-12-01,second,S0,S1,opening,1", "G1,2026-12-01,second,S0,S1,opening+0d,2")).toEqual([
    "3: G1/2026-12-01: another row of the group begins at the same moment",
  ]);
});

test("a second row of a group for every day is refused, and so is one whose dates only meet those of the first", () => {
  expect(
    faultsOf(
      "G1,2026-12-01,second,S0,S1,opening,1",
      "G1,2026-12-01,second,S0,S1,daily,+1",
      "G1,2026-12-01..2026-12-03,second,S0,S1,daily,+2",
    ),
  ).toEqual(["4: G1/2026-12-01: another row of the group is daily"]);
  expect(faultsOf("G1,2026-12-01,second,S0,S1,daily,+1", "G1,2026-12-02..2026-12-03,second,S0,S1,daily,+2")).toEqual(
    [],
  );
});

test("more stations than a train has stops, more rows than a railway needs and more runs than can be followed are refused", () => {
  const many = Array.from({ length: stopsPerTrainMax + 1 }, (_, n) => `T${n}`);
  const timetable = {
    ...railway,
    resolvePlace: (text: string) => (many.includes(text) ? [text] : railway.resolvePlace(text)),
  };
  const group = (count: number) =>
    linesOf(`G1,2026-12-01,second,${["S0", ...many.slice(0, count)].join("|")},*,opening,1`);
  expect(readQuotas(group(stopsPerTrainMax - 1), timetable, now)).toMatchObject({ ok: true });
  expect(readQuotas(group(stopsPerTrainMax), timetable, now)).toMatchObject({
    error: [{ line: 2, message: "at most 129 stations: no train has more stops" }],
  });

  const row = { line: 2, fields: "G1,2026-12-01,second,*,*,opening,1".split(",") };
  const rows = Array.from({ length: 100_001 }, (_, n) => ({ ...row, line: n + 2 }));
  expect(readQuotas([...linesOf(), ...rows], railway, now)).toEqual({
    ok: false,
    error: [{ line: 100_002, message: "at most 100000 rows in a file: cut it in two" }],
  });

  const everyTrain = { ...railway, knowsTrain: () => true, run: () => firstRun };
  const trains = Array.from({ length: 300 }, (_, n) => `K${n},2026-12-01..2027-11-30,second,*,*,opening,1`);
  expect(readQuotas(linesOf(...trains), everyTrain, now)).toMatchObject({
    error: [{ line: 275, message: "at most 100000 classes of runs in a file: name fewer dates" }],
  });
}, 60_000);

test("more groups of a class than a store has room for are refused", () => {
  const groups = Array.from({ length: odGroupsPerOfferMax + 1 }, (_, n) => {
    const stations = [0, 1, 2, 3, 4, 5].filter((bit) => (n + 1) & (1 << bit)).map((bit) => `S${bit + 4}`);
    return `G1,2026-12-01,second,S0|${stations.join("|")},*,opening,1`;
  });
  expect(faultsOf(...groups)).toEqual([`${odGroupsPerOfferMax + 2}: G1/2026-12-01: at most 32 groups of a class`]);
});

test("the header says which column is which, in any order, and an empty file or another header is refused", () => {
  const turned: QuotaLine[] = [
    ["seats", "when", "to", "from", "class", "date", "train"],
    ["7", "opening", "S2", "S0", "second", "2026-12-01", "G1"],
  ].map((fields, n) => ({ line: n + 1, fields }));
  expect(readQuotas(turned, railway, now)).toEqual(read("G1,2026-12-01,second,S0,S2,opening,7"));
  expect(readQuotas([], railway, now)).toMatchObject({ error: [{ line: 1, message: "the file is empty" }] });
  expect(readQuotas(linesOf(), railway, now)).toMatchObject({ error: [{ message: "no quota is in it" }] });
  const unknown = [{ line: 1, fields: [...quotaColumns, "price"] }];
  expect(readQuotas(unknown, railway, now)).toMatchObject({ error: [{ message: `the columns are ${header}` }] });
});

test("a file of trains that have left is refused", () => {
  const late = epochMs(firstRun.dayStart + dayMs);
  expect(readQuotas(linesOf("G1,2026-12-01,second,*,*,opening,1"), railway, late)).toMatchObject({
    error: [{ line: 2, message: "all these trains have left" }],
  });
});

/** Hour by hour from the opening on: what is said of this hour is done, and every day's where nothing is. */
function limitByHours(said: readonly SaidRow[], hour: number): number | null {
  let seats: number | null = 0;
  let rows = said;
  for (let at = 0; at <= hour; at++) {
    const isDaily = at > 0 && at % 24 === 0;
    const row: SaidRow | undefined =
      rows.find((each) => each.hour === at) ?? rows.find((each) => isDaily && each.hour === null);
    if (!row) continue;
    if (row.all) seats = null;
    else if (!row.more) seats = row.seats;
    else if (seats !== null) seats += row.seats;
    // Every day ends with the first open sale.
    if (row.all) rows = rows.filter((each) => each.hour !== null);
  }
  return seats;
}
type SaidRow = { readonly hour: number | null; readonly seats: number; readonly more: boolean; readonly all: boolean };

test("at each hour a quota is what a walk over the hours makes of its rows", () => {
  const said = fc.uniqueArray(
    fc.record({
      hour: fc.integer({ min: 0, max: 24 * 9 }),
      seats: fc.nat(60),
      more: fc.boolean(),
      all: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    }),
    { selector: ({ hour }) => hour, minLength: 1, maxLength: 9 },
  );
  fc.assert(
    fc.property(said, fc.option(fc.nat(9)), fc.nat(24 * (saleDays - 1)), (steps, daily, hour) => {
      const rows: SaidRow[] = [
        ...steps,
        ...(daily === null ? [] : [{ hour: null, seats: daily, more: true, all: false }]),
      ];
      const texts = rows.map(({ hour: at, seats, more, all }) => {
        const when = at === null ? "daily" : `opening+${at % 24 === 0 && at > 0 ? `${at / 24}d` : `${at}h`}`;
        return `G1,2026-12-01,second,S0,S1,${when},${all ? "all" : `${more ? "+" : ""}${seats}`}`;
      });
      const [quota] = only(...texts)[0]!.quotas;
      expect(limitAt(quota!, opening + hour * hourMs)).toBe(limitByHours(rows, hour));
    }),
    { numRuns: 300 },
  );
});
