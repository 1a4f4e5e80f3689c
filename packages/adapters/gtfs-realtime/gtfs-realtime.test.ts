/** Feeds of GTFS-Realtime, as bytes, files and addresses. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { epochMs, stopsPerTrainMax } from "@chepiao/kernel";
import { decodeMessages } from "./decode.ts";
import { openMessageSource } from "./index.ts";
import { bytesOf, feedAt } from "./testing.suite.ts";

const now = epochMs(1_790_000_000_000);
const clock = { now: () => now };
const seconds = 1_789_999_990;

test("trip updates say delays, times, skipped stops and cancellations", () => {
  const bytes = feedAt(
    seconds,
    {
      tripUpdate: {
        trip: { tripId: "T1", startDate: "20261201" },
        stopTimeUpdate: [
          { stopSequence: 3, arrival: { delay: 540 }, departure: { delay: -60 } },
          { stopId: "B", arrival: { time: 1_790_000_123, delay: 1 } },
          { stopId: "C", scheduleRelationship: 1 },
          { stopId: "D", scheduleRelationship: 2 },
        ],
      },
    },
    { tripUpdate: { trip: { tripId: "T2", startTime: "08:00:00", scheduleRelationship: 3 } } },
    { tripUpdate: { trip: { tripId: "T3" }, delay: 120 } },
    { tripUpdate: { trip: { tripId: "extra", scheduleRelationship: 1 } } },
    { isDeleted: true, tripUpdate: { trip: { tripId: "T4" } } },
  );
  const none = { sequence: null, arrival: null, departure: null };
  expect(decodeMessages(bytes, now)).toEqual({
    at: epochMs(seconds * 1_000),
    alerts: [],
    trips: [
      {
        tripId: "T1",
        startDate: "20261201",
        startTime: "",
        isCancelled: false,
        delayS: null,
        stops: [
          {
            sequence: 3,
            stopId: "",
            says: "times",
            arrival: { delayS: 540 },
            departure: { delayS: -60 },
          },
          {
            ...none,
            stopId: "B",
            says: "times",
            arrival: { at: epochMs(1790000123e3) },
          },
          {
            ...none,
            stopId: "C",
            says: "skipped",
          },
          {
            ...none,
            stopId: "D",
            says: "nothing",
          },
        ],
      },
      { tripId: "T2", startDate: "", startTime: "08:00:00", isCancelled: true, delayS: null, stops: [] },
      { tripId: "T3", startDate: "", startTime: "", isCancelled: false, delayS: 120, stops: [] },
    ],
  });
});

test("alerts say what, when and of which trains and stops", () => {
  const said = (...pairs: [string, string][]) => ({
    translation: pairs.map(([language, text]) => ({ language, text })),
  });
  const alert = {
    activePeriod: [{ start: 10, end: 20 }, {}],
    informedEntity: [{ trip: { tripId: "T1" } }, { stopId: "B" }, { routeId: "R" }],
    headerText: said(["EN", "Wind"], ["zh-Hans", "大风"]),
    descriptionText: said(["", "Slow"]),
    url: said(["en", "javascript:alert(1)"]),
  };
  expect(decodeMessages(feedAt(seconds, { alert }), now).alerts).toEqual([
    {
      title: [
        { language: "en", text: "Wind" },
        { language: "zh-hans", text: "大风" },
      ],
      text: [{ language: "", text: "Slow" }],
      url: null,
      periods: [
        { from: epochMs(10_000), until: epochMs(20_000) },
        { from: null, until: null },
      ],
      trips: [{ tripId: "T1", startDate: "", startTime: "" }],
      stopIds: ["B"],
      routeIds: ["R"],
      isWide: false,
    },
  ]);
});

test("what is no whole feed is refused in a sentence, and one without a time is of now", () => {
  const refused = (bytes: Uint8Array) => () => decodeMessages(bytes, now);
  expect(refused(new TextEncoder().encode("<html>not found</html>"))).toThrow("this is no GTFS-Realtime feed");
  expect(refused(new Uint8Array())).toThrow("it has no header");
  expect(refused(feedAt(seconds, { tripUpdate: { trip: { tripId: "T1" } } }).slice(0, -3))).toThrow(
    "this is no GTFS-Realtime feed",
  );
  expect(refused(bytesOf({ header: { incrementality: 1 } }))).toThrow("DIFFERENTIAL");
  expect(decodeMessages(bytesOf({ header: { gtfsRealtimeVersion: "2.0" } }), now).at).toBe(now);
});

test("a feed that is of a time to come is of now, so that later ones are not taken for older", () => {
  expect(decodeMessages(feedAt(now), now).at).toBe(now);
  expect(decodeMessages(feedAt(seconds), now).at).toBe(epochMs(seconds * 1_000));
});

test("a feed of too many entities is refused before it is read, and of a trip's stops a train's worth is kept", () => {
  const empty = new Uint8Array(2 * 200_001).map((_, n) => (n % 2 === 0 ? 0x12 : 0));
  const head = bytesOf({ header: { gtfsRealtimeVersion: "2.0" } });
  expect(() => decodeMessages(Buffer.concat([head, empty]), now)).toThrow("more than 200000 entities");
  expect(decodeMessages(Buffer.concat([head, empty.subarray(2)]), now).trips).toEqual([]);
  const stopTimeUpdate = Array.from({ length: 1_000 }, (_, n) => ({ stopSequence: n }));
  const { trips } = decodeMessages(feedAt(seconds, { tripUpdate: { trip: { tripId: "T1" }, stopTimeUpdate } }), now);
  expect(trips[0]!.stops).toHaveLength(2 * stopsPerTrainMax);
});

const long = new Uint8Array(10_000);
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/slow") await Bun.sleep(2_000);
    if (pathname === "/long") return new Response(long);
    if (pathname === "/good" || pathname === "/slow") return new Response(feedAt(seconds) as Uint8Array<ArrayBuffer>);
    return new Response("no", { status: 404 });
  },
});
afterAll(() => server.stop(true));
const limits = { deadlineMs: 300, bytesMax: 5_000 };
const at = (path: string) => openMessageSource(`http://127.0.0.1:${server.port}${path}`, clock, limits);

test("an address is read within its time and size, and is called without its keys", async () => {
  const good = at("/good?key=secret");
  expect((await good.read()).trips).toEqual([]);
  expect(good.name).not.toContain("secret");
  expect(good.name).not.toBe(at("/good?key=other").name);
  expect(good.name.length).toBeLessThanOrEqual(64);
  expect(await failureOf(at("/slow").read())).toContain("timed out");
  expect(await failureOf(at("/long").read())).toBe("it is longer than 5000 bytes");
  expect(await failureOf(at("/none").read())).toBe("it was answered with 404 Not Found");
});

test("a file is read within the same size", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "chepiao-rt-")), "feed.pb");
  writeFileSync(path, feedAt(seconds));
  expect((await openMessageSource(path, clock).read()).at).toBe(epochMs(seconds * 1_000));
  expect(await failureOf(openMessageSource(path, clock, { ...limits, bytesMax: 3 }).read())).toContain(
    "longer than 3 bytes",
  );
  expect(await failureOf(openMessageSource(`${path}.none`, clock).read())).toContain("cannot be read");
});

const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "nothing failed",
    (error: Error) => error.message,
  );
