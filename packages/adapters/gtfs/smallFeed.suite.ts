/** What tests of feeds share, here and where feeds are imported: a small good feed whose files a test replaces. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { epochMs } from "@chepiao/kernel";
import { type FeedOptions, readFeed } from "./index.ts";

/** A file's text, its bytes, or null to leave it out. */
export type FeedFiles = Readonly<Record<string, string | Uint8Array | null>>;

export const goodFeed = {
  "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\nR,Railway,https://example.org,Asia/Shanghai\n",
  "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,甲城,30,110\nB,乙城,31,110\nC,丙城,32,110\nD,丁城,33,110\n",
  "routes.txt": "route_id,route_short_name,route_type\nR1,R1,2\n",
  "calendar.txt":
    "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nS,1,1,1,1,1,1,1,20260601,20260614\n",
  "trips.txt": "route_id,service_id,trip_id,trip_short_name\nR1,S,T1,G1\n",
  "stop_times.txt":
    "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT1,08:00:00,08:00:00,A,1\nT1,09:00:00,09:05:00,B,2\nT1,10:00:00,10:00:00,C,3\n",
} satisfies FeedFiles;

/** At level 0 the files lie in the zip as they are. */
export function zipOf(files: FeedFiles, level: 0 | 6 = 6): string {
  const entries: Record<string, Uint8Array> = {};
  for (const [name, content] of Object.entries({ ...goodFeed, ...files }))
    if (content !== null) entries[name] = typeof content === "string" ? strToU8(content) : content;
  const path = join(mkdtempSync(join(tmpdir(), "chepiao-feed-")), "feed.zip");
  writeFileSync(path, zipSync(entries, { level }));
  return path;
}

/** In all zones of these tests it is that day. */
export const noonOf = (date: string) => epochMs(Date.parse(`${date}T10:00:00Z`));
export const now = noonOf("2026-06-01");

/** The feed, or its errors as `file:line: message`. */
export async function readFiles(files: FeedFiles, more: Partial<FeedOptions> = {}) {
  const path = zipOf(files);
  const feed = await readFeed({ path, now, compositionOf: (_, trainType) => trainType, ...more });
  if (feed.ok) return feed.value;
  return { errors: feed.error.errors.map(({ file, line, message }) => `${file}:${line ?? "-"}: ${message}`) };
}

export async function feedOf(files: FeedFiles, more: Partial<FeedOptions> = {}) {
  const feed = await readFiles(files, more);
  if ("errors" in feed) throw new Error(feed.errors.join("\n"));
  return feed;
}

export async function errorsOf(files: FeedFiles): Promise<string[]> {
  const feed = await readFiles(files);
  return "errors" in feed ? feed.errors : [];
}
