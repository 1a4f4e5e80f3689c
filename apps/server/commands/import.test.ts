/** What an import says and does: exit codes, errors, conflicts, the files beside the feed, and the real feed of 2016. */
import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FeedFiles, zipOf } from "@chepiao/adapters/gtfs/smallFeed.suite.ts";
import { createSqlTimetableStore } from "@chepiao/adapters/sql";
import { openSqlite } from "@chepiao/adapters/sqlite";
import { type RunId, seatsOf } from "@chepiao/contracts";
import { addDays, dayNumber, epochMs, fen, serviceDate } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryTimetableStore, type TimetableStore } from "@chepiao/ports/timetable-store";
import { createTimetableRoom } from "@chepiao/services/timetable";
import { importGtfs, type ImportOptions } from "./import.ts";

const now = epochMs(Date.parse("2026-06-01T09:00:00+08:00"));
const today = serviceDate("2026-06-01");
const nothingSold = async () => new Set<RunId>();

async function run(more: Partial<ImportOptions> & Pick<ImportOptions, "path">) {
  const store = more.store ?? createMemoryTimetableStore();
  const lines: string[] = [];
  const exit = await importGtfs({ store, soldRuns: nothingSold, now, ...more }, (line) => lines.push(line));
  return { exit, store, text: lines.join("\n") };
}
const importFiles = (files: FeedFiles, more: Partial<ImportOptions> = {}) => run({ path: zipOf(files), ...more });

function fileOf(name: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "chepiao-import-")), name);
  writeFileSync(path, text);
  return path;
}

test("an import tells what came in", async () => {
  const { exit, text } = await importFiles({});
  expect(exit).toBe(0);
  expect(text).toContain(
    'Imported "Railway" as timetable version 1.\n  3 stations, 1 train, 14 runs\n  from 2026-06-01 to 2026-06-14',
  );
  expect(text).toContain("no warnings");
});

test("what is no feed is refused in a sentence, and called wrong", async () => {
  const path = zipOf({});
  const folder = tmpdir();
  const cases: [Partial<ImportOptions>, string][] = [
    [{ path: "/nowhere/feed.zip" }, "There is no file /nowhere/feed.zip."],
    [{ path: fileOf("feed.zip", "not a zip at all") }, "is not a zip file, or only part of one."],
    [{ path: folder }, `${folder} is a folder. Give the feed's zip file.`],
    [{ path, rebase: "soon" }, '--rebase takes a day, YYYY-MM-DD, not "soon".'],
    [{ path, rebase: "2026-02-30" }, "--rebase takes a day"],
    [{ path, days: "0" }, '--days takes a whole number from 1 to 730, not "0".'],
    [{ path, days: "a week" }, "--days takes a whole number"],
  ];
  for (const [options, message] of cases) {
    const { exit, text, store } = await run({ path, ...options });
    expect([exit, text]).toEqual([2, expect.stringContaining(message)]);
    expect(await store.version()).toBe(0);
  }
});

test("a feed with errors changes nothing, and says twenty of them and how many more", async () => {
  const { store } = await importFiles({});
  const rows = Array.from({ length: 30 }, (_, n) => `T${n + 100},8:00:00,8:00:00,A,1`).join("\n");
  const { exit, text } = await importFiles(
    { "stop_times.txt": `trip_id,arrival_time,departure_time,stop_id,stop_sequence\n${rows}\n` },
    { store },
  );
  expect(exit).toBe(1);
  expect(text).toContain("Nothing was imported: 30 errors.\n  stop_times.txt:2: trip_id T100 is not in trips.txt");
  expect(text).toContain("stop_times.txt:21:");
  expect(text).not.toContain("stop_times.txt:22:");
  expect(text).toContain("… and 10 more");
  expect(text).toEndWith("Each of them is of one trip: --leave-out-faulty leaves those out and takes the rest.");
  expect(await store.version()).toBe(1);
});

test("a dry run says what would change for sold runs, and changes nothing", async () => {
  const { store } = await importFiles({});
  const soldRuns = async () => new Set(["G1/2026-06-03" as RunId]);
  const files = { "trips.txt": "route_id,service_id,trip_id,trip_short_name\nR1,S,T1,G9\n" };
  const { exit, text } = await importFiles(files, { store, soldRuns, isTrial: true });
  expect(exit).toBe(0);
  expect(text).toContain('Would import "Railway" as timetable version 2.');
  expect(text).toContain("G1/2026-06-03 is called otherwise in the feed");
  expect(text).toEndWith("Nothing was changed.");
  expect((await store.load(today))!.trains.map((train) => train.trainNumber)).toEqual(["G1"]);
});

test("a zip that cannot be read is one sentence and no stack", async () => {
  const path = zipOf({});
  const zip = readFileSync(path);
  zip.writeUInt16LE(14, zip.lastIndexOf("agency.txt") - 46 + 10);
  writeFileSync(path, zip);
  const { exit, text } = await run({ path });
  const sentence =
    "is packed with LZMA, which is not read here. Pack the feed again as an ordinary zip (deflate, no password).";
  expect([exit, text]).toEqual([2, `Reading ${path}\nagency.txt in ${path} ${sentence}`]);
});

test("kinds of route that are taken in are named by numbers", async () => {
  const metro = { "routes.txt": "route_id,route_short_name,route_type\nR1,M1,1\n" };
  expect((await importFiles(metro)).text).toContain("take them in with --route-types 1");
  expect((await importFiles(metro, { routeTypes: "0,1" })).exit).toBe(0);
  expect(await importFiles(metro, { routeTypes: "metro" })).toMatchObject({
    exit: 2,
    text: '--route-types takes numbers by commas, such as 0,1, not "metro".',
  });
});

test("a zip that lacks a file says which", async () => {
  const { exit, text } = await importFiles({ "stops.txt": null });
  expect([exit, text]).toEqual([1, expect.stringContaining("stops.txt: is missing from the zip")]);
});

test("sold runs that the newer feed changes are listed and kept", async () => {
  const { store } = await importFiles({});
  const soldRuns = async () => new Set(["G1/2026-06-03" as RunId, "G1/2026-06-04" as RunId]);
  const later =
    "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT1,8:30:00,8:30:00,A,1\nT1,9:30:00,9:30:00,B,2\n";
  const { exit, text } = await importFiles({ "stop_times.txt": later }, { store, soldRuns });
  expect(exit).toBe(0);
  expect(text).toContain(
    "2 sold runs could not follow the feed and stay as they were sold:\n    G1/2026-06-03 calls at other stations in the feed",
  );
});

test("a newer feed with a train more leaves sold seats with their train, and sells it once (I1)", async () => {
  const unnumbered = (leaving: Readonly<Record<string, string>>): FeedFiles => ({
    "routes.txt": "route_id,route_short_name,route_type\nR1,S3,2\n",
    "trips.txt": `route_id,service_id,trip_id\n${Object.keys(leaving)
      .map((trip) => `R1,S,${trip}\n`)
      .join("")}`,
    "stop_times.txt": `trip_id,arrival_time,departure_time,stop_id,stop_sequence\n${Object.entries(leaving)
      .map(([trip, time]) => `${trip},${time}:00,${time}:00,A,1\n${trip},23:00:00,23:00:00,C,2\n`)
      .join("")}`,
  });
  const running = async (store: TimetableStore) =>
    (await store.load(today))!.trains
      .map(({ trainNumber, stops }) => `${stops[0]!.departS / 3_600} ${trainNumber}`)
      .sort();
  const soldRuns = async () => new Set(["S3-2/2026-06-03" as RunId]);

  const { store } = await importFiles(unnumbered({ U1: "08:00", U2: "10:00" }));
  expect(await running(store)).toEqual(["10 S3-2", "8 S3"]);
  // Its ids say nothing: many feeds make them anew.
  const more = await importFiles(unnumbered({ V3: "09:00", V1: "08:00", V2: "10:00" }), { store, soldRuns });
  expect(await running(store)).toEqual(["10 S3-2", "8 S3", "9 S3-3"]);
  expect(more.text).toContain("1 × trips keep the number they have in the timetable before (V2 as S3-2)");
  expect(more.text).not.toContain("could not follow the feed");
  // Moved by some minutes it is the same train: what was sold stays as it was sold, and nothing beside it.
  const moved = await importFiles(unnumbered({ V3: "09:00", V1: "08:00", V2: "10:06" }), { store, soldRuns });
  expect(await running(store)).toEqual(["10 S3-2", "10.1 S3-2", "8 S3", "9 S3-3"]);
  expect(moved.text).toContain("S3-2/2026-06-03 has other times in the feed");
  // A train that is gone leaves its number with those who bought it.
  const gone = await importFiles(unnumbered({ V3: "09:00", V1: "08:00", V2: "14:00" }), { store, soldRuns });
  expect(await running(store)).toEqual(["10 S3-2", "14 S3-4", "8 S3", "9 S3-3"]);
  expect(gone.text).toContain("S3-2/2026-06-03 is not in the feed");
});

test("rolling stock, compositions and fares beside the feed are taken over", async () => {
  const own = [{ code: "OWN", coaches: [{ no: 1, sections: [{ seatClass: "first", rows: 3 }] }] }];
  const { exit, store } = await importFiles(
    {
      "trips.txt": "route_id,service_id,trip_id,trip_short_name\nR1,S,T1,G1\nR1,S,T2,G2\nR1,S,T3,K3\n",
      "stop_times.txt": `trip_id,arrival_time,departure_time,stop_id,stop_sequence\n${["T1", "T2", "T3"].map((trip) => `${trip},8:00:00,8:00:00,A,1\n${trip},9:00:00,9:00:00,B,2`).join("\n")}\n`,
    },
    {
      compositions: fileOf("compositions.json", JSON.stringify(own)),
      rollingStock: fileOf("stock.csv", "train_number,composition\nG*,CRH380\nG2,OWN\n"),
      fares: fileOf(
        "fares.csv",
        "train_number,seat_class,from_stop_id,to_stop_id,fare,percent\nG1,second,A,B,12.50,\nG2,first,,,,50\n",
      ),
    },
  );
  expect(exit).toBe(0);
  const { trains, fareOverrides } = (await store.load(today))!;
  expect(trains.map(({ trainNumber, composition }) => `${trainNumber} ${composition.code}`)).toEqual([
    "G1 CRH380",
    "G2 OWN",
    "K3 25G",
  ]);
  expect(fareOverrides).toMatchObject([
    { trainNumber: "G1", between: { fromStationId: "A", toStationId: "B" }, set: { fareFen: 1_250 } },
    { trainNumber: "G2", between: null, set: { rateBasisPoints: 5_000 } },
  ]);
});

test("a train of two trips has the rolling stock of the number under which it sets out", async () => {
  const { store, text } = await importFiles(
    {
      "trips.txt": "route_id,service_id,trip_id,trip_short_name,block_id\nR1,S,T1,G1,X\nR1,S,T2,G2,X\n",
      "stop_times.txt":
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT1,8:00:00,8:00:00,A,1\nT1,9:00:00,9:00:00,B,2\nT2,9:05:00,9:05:00,B,1\nT2,10:00:00,10:00:00,C,2\n",
    },
    { rollingStock: fileOf("stock.csv", "train_number,composition\nG1,CRH380\nG2,25G\nG9,25G\n") },
  );
  const { trains } = (await store.load(today))!;
  expect(trains.map(({ trainNumber, composition }) => `${trainNumber} ${composition.code}`)).toEqual(["G1+G2 CRH380"]);
  expect(text).toContain("stock.csv:4: no train of the feed is called G9");
  expect(text).not.toContain("is called G2");
});

test("a fault in a file beside the feed says file, line and what, and imports nothing", async () => {
  const stock = fileOf("stock.csv", "train_number,composition\nG1,CRH999\n");
  const fares = fileOf(
    "fares.csv",
    "train_number,seat_class,fare\nG1,third,1\nG1,second,cheap\nG1,second,\nG1,standing,1\n",
  );
  const compositions = fileOf(
    "compositions.json",
    '[{"code":"X","coaches":[{"no":1,"sections":[{"seatClass":"standing","rows":4}]}]}]',
  );
  const { exit, text, store } = await importFiles({}, { rollingStock: stock, fares, compositions });
  expect(exit).toBe(1);
  for (const message of [
    `${stock}:2: there is no composition CRH999`,
    `${fares}:2: seat_class "third" is none of business`,
    `${fares}:3: fare "cheap" is not an amount with 2 decimals at most`,
    `${fares}:4: give fare or percent, one of them`,
    `${fares}:5: seat_class "standing" is none of`,
    `${compositions}: composition 1: X: standing places need second or hardSeat`,
  ])
    expect(text).toContain(message);
  expect(await store.version()).toBe(0);
  expect((await importFiles({}, { rollingStock: "/nowhere.csv" })).text).toContain(
    "/nowhere.csv: there is no such file",
  );
});

test("rows beside the feed that fit nothing are named one by one, and platforms and spaces mean what they do in the feed", async () => {
  const stock = fileOf("stock.csv", "train_number,composition\nIC 123,CR400AF-16\nG9*,CRH380\nG2,CRH380\n");
  const fares = fileOf(
    "fares.csv",
    `train_number,seat_class,from_stop_id,to_stop_id,fare,percent
G1,second,A1,C,10,
G1,second,AA,C,10,
G1,hardSeat,A,C,10,
G7,second,A,C,10,
G1,second,C,A,10,
IC 123,second,,,,50
`,
  );
  const files = {
    "stops.txt":
      "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\nA,甲,30,110,1,\nA1,甲一,30,110,0,A\nB,乙,31,110,,\nC,丙,32,110,,\n",
    "trips.txt": "route_id,service_id,trip_id,trip_short_name\nR1,S,T1,G1\nR1,S,T2,IC 123\n",
    "stop_times.txt": `trip_id,arrival_time,departure_time,stop_id,stop_sequence\n${["T1", "T2"].map((trip) => `${trip},8:00:00,8:00:00,A1,1\n${trip},9:00:00,9:00:00,C,2\n`).join("")}`,
  };
  const { exit, text, store } = await importFiles(files, { rollingStock: stock, fares });
  expect(exit).toBe(0);
  expect(text).toContain("6 warnings:");
  for (const warning of [
    `${stock}:3: no train of the feed is called G9*`,
    `${stock}:4: no train of the feed is called G2`,
    `${fares}:3: there is no stop AA in the feed: the fare is not used`,
    `${fares}:4: G1 has no hardSeat: the fare is not used`,
    `${fares}:5: no train of the feed is called G7: the fare is not used`,
    `${fares}:6: G1 does not go from C to A: the fare is not used`,
  ])
    expect(text).toContain(`    ${warning}\n`.trimEnd());
  const { trains, fareOverrides } = (await store.load(today))!;
  expect(fareOverrides).toEqual([
    {
      trainNumber: "G1",
      seatClass: "second",
      between: { fromStationId: "A", toStationId: "C" },
      set: { fareFen: fen(1_000) },
    },
    { trainNumber: "IC123", seatClass: "second", between: null, set: { rateBasisPoints: 5_000 } },
  ]);
  expect(trains.map(({ trainNumber, composition }) => `${trainNumber} ${composition.code}`)).toEqual([
    "G1 CR400AF",
    "IC123 CR400AF-16",
  ]);
});

test("fares beside the feed are in the railway's currency, with as many decimals as it has", async () => {
  const fares = (rows: string, column = "fare") => fileOf("fares.csv", `train_number,seat_class,${column}\n${rows}`);
  const amountIn = async (code: string, minorUnits: number, path: string) => {
    const { text, store } = await importFiles({}, { fares: path, currency: { code, minorUnits } });
    return (await store.load(today))?.fareOverrides[0]?.set ?? text.split("\n").at(-1);
  };
  expect(await amountIn("JPY", 0, fares("G1,second,1250\n"))).toEqual({ fareFen: fen(1_250) });
  expect(await amountIn("KWD", 3, fares("G1,second,1.25\n"))).toEqual({ fareFen: fen(1_250) });
  expect(await amountIn("CNY", 2, fares("G1,second,12.50\n", "fare_yuan"))).toEqual({ fareFen: fen(1_250) });
  expect(await amountIn("JPY", 0, fares("G1,second,12.50\n"))).toEndWith(
    'fares.csv:2: fare "12.50" is not an amount with 0 decimals at most',
  );
  expect(await amountIn("CHF", 2, fares("G1,second,12.50\n", "fare_yuan"))).toEndWith(
    "fares.csv:2: this platform sells in CHF: the column is called fare",
  );
});

test("a fare of nothing is refused", async () => {
  const head = "train_number,seat_class,from_stop_id,to_stop_id,fare,percent";
  const fares = fileOf("fares.csv", `${head}\nG1,second,A,C,0,\nG1,second,A,B,,0\nG1,second,A,B,0.00,\n`);
  const { exit, text } = await importFiles({}, { fares });
  expect(exit).toBe(1);
  for (const line of [2, 3, 4])
    expect(text).toContain(`${fares}:${line}: a ticket for nothing cannot be sold: give a fare above 0`);
});

test("a file beside the feed with more errors than are gathered is refused as any other", async () => {
  const fares = fileOf("fares.csv", `train_number,seat_class,fare\n${"G1,third,1\n".repeat(1_500)}`);
  const { exit, text } = await importFiles({}, { fares });
  expect([exit, text]).toEqual([1, expect.stringContaining("Nothing was imported: 1,000 errors.")]);
});

// The real feed ------------------------------------------------------------------------------------------------------------

const realFeed = join(import.meta.dir, "../../../../shared/data/cr-hsr-2016.gtfs.zip");
const absent = !existsSync(realFeed);
const why = absent ? " (skipped: ../shared/data/cr-hsr-2016.gtfs.zip is not there)" : "";
const stores: [string, () => Promise<TimetableStore>][] = [
  ["memory", async () => createMemoryTimetableStore()],
  ["SQLite", async () => createSqlTimetableStore((await openSqlite(":memory:")).sql)],
];

for (const [name, create] of stores) {
  // Because the feed is no part of the repository, it may not lie beside the clone.
  test.skipIf(absent)(
    `${name}: China's high-speed timetable of 2016 comes in whole, and sells from the date it is moved to${why}`,
    async () => {
      const store = await create();
      const { exit, text } = await run({ path: realFeed, rebase: today, store });
      expect(exit).toBe(0);
      expect(text).toContain("672 stations, 4,449 trains");
      expect(text).toContain("no warnings");
      const stored = (await store.load(addDays(today, -40)))!;
      expect(stored.trains.flatMap((train) => train.stops).length).toBe(34_596);

      const { timetable } = await createTimetableRoom({
        store,
        clock: createManualClock(now),
      });
      for (let day = 0; day < 15; day++)
        expect([...timetable.runsOn(addDays(today, day))].length).toBeGreaterThan(2_000);
      const legs = timetable.legs(
        timetable.resolvePlace("北京"),
        timetable.resolvePlace("shanghai"),
        addDays(today, 1),
      );
      expect(legs.length).toBeGreaterThan(30);
      for (const { run: found, fromStop, toStop } of legs) {
        expect(timetable.saleOpensAt(found, fromStop)).toBeLessThanOrEqual(now);
        for (const seatClass of seatsOf(found.train.composition).keys())
          expect(timetable.fare(found, seatClass, fromStop, toStop, "adult")).toBeGreaterThan(0);
      }
      // Its longest train has 38 stops and runs past 24:00.
      expect(Math.max(...stored.trains.map((train) => train.stops.length))).toBe(38);
      expect(Math.max(...stored.trains.map((train) => train.stops.at(-1)!.arriveS))).toBe(119_520);
      // The feed begins on a Saturday; moved, it still does.
      const first = Math.min(...stored.trains.map((train) => dayNumber(train.days.validFrom)));
      expect(first).toBe(dayNumber(serviceDate("2026-05-30")));
    },
  );
}
