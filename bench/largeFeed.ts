/**
 * `node tools/run.mjs bun bench/largeFeed.ts [TRIPS]` makes a feed of so many trips (100,000), imports it into a folder of its own as the
 * command does, twice, and says how long that took and what the most memory was. The second import meets the first: numbers are kept.
 *
 * A country of lines: stations along each, trains all day in both directions on calendars of workdays, weekends and every day, with
 * shapes' distances, short turns, fares by zone, and buses beside them that nobody keeps.
 */
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Zip, ZipDeflate } from "fflate";

const stationsPerLine = 40;
const tripsPerLine = 500;
const stopsPerTrip = 20;
const busTripsPerLine = 200;
const startOfDayS = 4 * 3_600;
const root = join(import.meta.dir, "..");

const pad = (value: number) => String(value).padStart(2, "0");
const time = (seconds: number) => `${pad(Math.floor(seconds / 3_600))}:${pad(Math.floor(seconds / 60) % 60)}:00`;
const lines = () => Array.from({ length: lineCount }, (_, line) => line);
const services = ["workdays", "weekends", "daily"] as const;

const tripCount = Number(process.argv[2] ?? 100_000);
const lineCount = Math.ceil(tripCount / tripsPerLine);
const folder = mkdtempSync(join(tmpdir(), "chepiao-large-feed-"));
try {
  const path = join(folder, "feed.zip");
  await writeFeed(path);
  console.log(
    `${tripCount} trips, ${tripCount * stopsPerTrip} stop times, ${Math.round(Bun.file(path).size / 2 ** 20)} MiB packed`,
  );
  await importOnce("an empty folder", path);
  await importOnce("the same again", path);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function importOnce(what: string, path: string): Promise<void> {
  const started = performance.now();
  const child = Bun.spawn(
    [
      process.execPath,
      join(root, "apps/server/main.ts"),
      "import",
      "gtfs",
      path,
      "--rebase",
      "2026-11-30",
      "--days",
      "60",
    ],
    {
      cwd: root,
      env: { ...process.env, DATA_DIR: join(folder, "data") },
      stdout: "pipe",
      stderr: "inherit",
    },
  );
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(text);
  const seconds = (performance.now() - started) / 1_000;
  // Of the child itself, as the system counted it: the most that it had at a time.
  const peakBytes = child.resourceUsage()!.maxRSS;
  console.log(text.split("\n").slice(-12).join("\n"));
  console.log(`${what}: ${seconds.toFixed(1)} s, ${Math.round(peakBytes / 2 ** 20)} MiB at most`);
}

async function writeFeed(path: string): Promise<void> {
  const out = createWriteStream(path);
  const zip = new Zip((error, bytes) => {
    if (error) throw error;
    out.write(bytes);
  });
  const files: readonly (readonly [string, () => Iterable<string>])[] = [
    ["agency.txt", agency],
    ["stops.txt", stops],
    ["routes.txt", routes],
    ["calendar.txt", calendar],
    ["trips.txt", trips],
    ["stop_times.txt", stopTimes],
    ["fare_attributes.txt", fareAttributes],
    ["fare_rules.txt", fareRules],
  ];
  for (const [name, rows] of files) {
    const file = new ZipDeflate(name, { level: 4 });
    zip.add(file);
    let text = "";
    for (const line of rows()) {
      text += `${line}\n`;
      if (text.length < 1 << 20) continue;
      file.push(Buffer.from(text));
      text = "";
      // Written before more is made.
      if (out.writableNeedDrain) await new Promise((resolve) => out.once("drain", resolve));
    }
    file.push(Buffer.from(text), true);
  }
  zip.end();
  await new Promise((resolve) => out.end(resolve));
}

function* agency() {
  yield "agency_id,agency_name,agency_url,agency_timezone";
  yield "L,Large Railway,https://example.org,Europe/Berlin";
}

function* stops() {
  yield "stop_id,stop_name,stop_lat,stop_lon,zone_id,location_type,parent_station";
  for (const line of lines())
    for (let at = 0; at < stationsPerLine; at++) {
      const place = `${(46 + (line % 80) * 0.1).toFixed(4)},${(6 + at * 0.15 + line * 0.001).toFixed(4)}`;
      yield `S${line}_${at},Line ${line} Station ${at},${place},,1,`;
      yield `S${line}_${at}_1,Line ${line} Station ${at},${place},${Math.floor(at / 8)},0,S${line}_${at}`;
    }
}

function* routes() {
  yield "route_id,agency_id,route_short_name,route_long_name,route_type";
  for (const line of lines()) {
    yield `R${line},L,R${line},,106`;
    yield `B${line},L,B${line},,3`;
  }
}

function* calendar() {
  yield "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date";
  yield "workdays,1,1,1,1,1,0,0,20261101,20271031";
  yield "weekends,0,0,0,0,0,1,1,20261101,20271031";
  yield "daily,1,1,1,1,1,1,1,20261101,20271031";
}

function* trips() {
  yield "route_id,service_id,trip_id,trip_short_name,block_id";
  for (const line of lines()) {
    for (let nth = 0; nth < tripsPerLine; nth++)
      yield `R${line},${services[nth % 3]},T${line}_${nth},${nth % 2 === 0 ? `${line}N${nth}` : ""},${line}V${nth % 50}`;
    for (let nth = 0; nth < busTripsPerLine; nth++) yield `B${line},daily,X${line}_${nth},,`;
  }
}

/** Short turns begin anywhere on the line; half of the trains go the other way. */
function* stopTimes() {
  yield "trip_id,arrival_time,departure_time,stop_id,stop_sequence,shape_dist_traveled";
  for (const line of lines()) {
    for (let nth = 0; nth < tripsPerLine; nth++) {
      const first = (nth * 7) % (stationsPerLine - stopsPerTrip + 1);
      const leaves = startOfDayS + Math.floor((nth * 20 * 3_600) / tripsPerLine / 60) * 60;
      for (let call = 0; call < stopsPerTrip; call++) {
        const at = nth % 4 < 2 ? first + call : stationsPerLine - 1 - first - call;
        const arrive = leaves + call * 360;
        yield `T${line}_${nth},${time(arrive)},${time(arrive + 60)},S${line}_${at}_1,${call + 1},${(call * 13.2).toFixed(1)}`;
      }
    }
    for (let nth = 0; nth < busTripsPerLine; nth++)
      for (let call = 0; call < 10; call++)
        yield `X${line}_${nth},${time(startOfDayS + nth * 300 + call * 120)},${time(startOfDayS + nth * 300 + call * 120)},S${line}_${call}_1,${call},`;
  }
}

function* fareAttributes() {
  yield "fare_id,price,currency_type,payment_method,transfers";
  for (let zones = 0; zones < stationsPerLine / 8; zones++) yield `F${zones},${3 + zones * 2}.50,CNY,1,0`;
}

function* fareRules() {
  yield "fare_id,route_id,origin_id,destination_id";
  const zones = stationsPerLine / 8;
  for (let from = 0; from < zones; from++)
    for (let to = 0; to < zones; to++) yield `F${Math.abs(from - to)},,${from},${to}`;
}
