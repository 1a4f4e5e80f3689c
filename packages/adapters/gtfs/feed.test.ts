/** Every quirk that a feed may have, how its calendar is moved, and every error with its file and line. */
import { expect, test } from "bun:test";
import { strToU8 } from "fflate";
import { epochMs, type ServiceDate, serviceDate, type ZoneName } from "@chepiao/kernel";
import { daysOf } from "@chepiao/ports/timetable-store";
import { errorsOf, feedOf, goodFeed, noonOf, readFiles } from "./smallFeed.suite.ts";

const stopTimes = (...rows: string[]) =>
  ["trip_id,arrival_time,departure_time,stop_id,stop_sequence", ...rows].join("\n");
const trips = (...rows: string[]) => ["route_id,service_id,trip_id,trip_short_name", ...rows].join("\n");
const calendarHead = "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date";
/** A and B for each of these trips, an hour each, leaving at those hours. */
const shuttles = (leaving: Readonly<Record<string, number>>) =>
  stopTimes(
    ...Object.entries(leaving).flatMap(([trip, hour]) => [
      `${trip},${hour}:00:00,${hour}:00:00,A,1`,
      `${trip},${hour + 1}:00:00,${hour + 1}:00:00,B,2`,
    ]),
  );
const kinds = (feed: { warnings: readonly { kind: string; count: number }[] }) =>
  feed.warnings.map(({ kind, count }) => `${count} ${kind}`);

// What a feed may look like ---------------------------------------------------------------------------------------------

test("a plain feed becomes trains with stops, days and distances", async () => {
  const feed = await feedOf({});
  expect(feed).toMatchObject({
    feedName: "Railway",
    zone: "Asia/Shanghai",
    first: "2026-06-01",
    last: "2026-06-14",
    warnings: [],
  });
  expect(feed.stations.map(({ stationId, name }) => `${stationId} ${name}`)).toEqual(["A 甲城", "B 乙城", "C 丙城"]);
  expect(feed.trains).toEqual([
    {
      trainNumber: "G1",
      trainType: "highSpeed",
      compositionCode: "highSpeed",
      days: {
        validFrom: serviceDate("2026-06-01"),
        validUntil: serviceDate("2026-06-14"),
        weekdays: 127,
        added: [],
        removed: [],
      },
      stops: [
        { stationId: "A", arriveS: 28_800, departS: 28_800, distanceM: 0 },
        // A degree of latitude is 111.195 km; rails count as 1.2 times that.
        { stationId: "B", arriveS: 32_400, departS: 32_700, distanceM: 133_434 },
        { stationId: "C", arriveS: 36_000, departS: 36_000, distanceM: 266_868 },
      ],
      trips: [{ tripId: "T1", routeId: "R1", firstStop: 0, sequences: [1, 2, 3] }],
    },
  ]);
});

test("a byte order mark, CRLF, quoted fields, spaces and columns in another order do no harm", async () => {
  const feed = await feedOf({
    "stops.txt":
      '\uFEFFstop_lon, stop_name ,stop_id,stop_lat,zone\r\n110,"甲, ""first""",A,30,x\r\n110,"乙\n城", B ,31,\r\n110,丙,C,32,\r\n',
    "trips.txt": `\uFEFF${goodFeed["trips.txt"]}`,
  });
  expect(feed.stations.map((station) => station.name)).toEqual(['甲, "first"', "乙\n城", "丙"]);
});

test("a feed may lie in a folder inside its zip", async () => {
  const inside = Object.fromEntries(Object.entries(goodFeed).map(([name, text]) => [`feed/${name}`, text]));
  const nothing = Object.fromEntries(Object.keys(goodFeed).map((name) => [name, null]));
  expect((await feedOf({ ...nothing, ...inside, "__MACOSX/feed/stops.txt": "junk" })).trains.length).toBe(1);
});

test("a calendar may be weekly, by dates alone, or both", async () => {
  const days = async (files: Record<string, string | null>) =>
    daysOf((await feedOf(files)).trains[0]!.days).map((day) => new Date(day * 86_400_000).toISOString().slice(5, 10));
  const dates = "service_id,date,exception_type\nS,20260606,1\nS,20260602,2\n";
  const weekdays = `${calendarHead}\nS,1,1,0,0,0,0,0,20260601,20260609\n`;
  expect(await days({ "calendar.txt": weekdays })).toEqual(["06-01", "06-02", "06-08", "06-09"]);
  expect(await days({ "calendar.txt": weekdays, "calendar_dates.txt": dates })).toEqual([
    "06-01",
    "06-06",
    "06-08",
    "06-09",
  ]);
  expect(
    await days({
      "calendar.txt": null,
      "calendar_dates.txt": "service_id,date,exception_type\nS,20260610,1\nS,20260603,1\n",
    }),
  ).toEqual(["06-03", "06-10"]);
});

test("times go past 24:00:00, and hours may have one digit", async () => {
  const feed = await feedOf({ "stop_times.txt": stopTimes("T1,9:00:00,9:00:00,A,1", "T1,33:12:00,33:12:00,B,2") });
  expect(feed.trains[0]!.stops.map((stop) => stop.arriveS)).toEqual([32_400, 119_520]);
});

test("stop times may come in any order and with gaps in their sequence", async () => {
  const feed = await feedOf({
    "stop_times.txt": stopTimes("T1,10:00:00,10:00:00,C,30", "T1,08:00:00,08:00:00,A,4", "T1,09:00:00,09:00:00,B,7"),
  });
  expect(feed.trains[0]!.stops.map((stop) => stop.stationId)).toEqual(["A", "B", "C"]);
});

test("missing times are placed evenly; one of the two times stands for both", async () => {
  const feed = await feedOf({
    "stop_times.txt": stopTimes("T1,,08:00:00,A,1", "T1,,,B,2", "T1,,,C,3", "T1,11:00:00,,D,4"),
  });
  expect(feed.trains[0]!.stops.map((stop) => stop.departS / 3_600)).toEqual([8, 9, 10, 11]);
  expect(kinds(feed)).toEqual(["2 stops without a time are placed evenly between their neighbours"]);
});

test("platforms are folded into their station, and two in a row are one stop", async () => {
  const feed = await feedOf({
    "stops.txt":
      "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\nA1,Platform 1,30,110,,A\nA2,Platform 2,30,110,0,A\nA,甲,,,1,\nB,乙,31,110,,\nE,Entrance,,,2,A\n",
    "stop_times.txt": stopTimes("T1,08:00:00,08:00:00,A1,1", "T1,08:05:00,08:10:00,A2,2", "T1,09:00:00,09:00:00,B,3"),
  });
  expect(feed.stations.map(({ stationId, latitude }) => [stationId, latitude])).toEqual([
    ["A", 30],
    ["B", 31],
  ]);
  expect(feed.trains[0]!.stops.map(({ stationId, arriveS, departS }) => [stationId, departS - arriveS])).toEqual([
    ["A", 600],
    ["B", 0],
  ]);
  expect(kinds(feed)).toEqual(["1 two stops in a row at one station are taken as one"]);
});

test("a station may be served twice in a trip", async () => {
  const feed = await feedOf({
    "stop_times.txt": stopTimes("T1,08:00:00,08:00:00,A,1", "T1,09:00:00,09:00:00,B,2", "T1,10:00:00,10:00:00,A,3"),
  });
  expect(feed.trains[0]!.stops.map((stop) => stop.stationId)).toEqual(["A", "B", "A"]);
});

test("stops where nobody gets on or off are passed by", async () => {
  const feed = await feedOf({
    "stop_times.txt":
      "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type\nT1,8:00:00,8:00:00,A,1,0,1\nT1,9:00:00,9:00:00,B,2,1,1\nT1,10:00:00,10:00:00,C,3,1,0\n",
  });
  expect(feed.trains[0]!.stops.map((stop) => stop.stationId)).toEqual(["A", "C"]);
});

test("a stop for getting off alone, or on alone, is closed to the other; a trip that sells nothing is left out", async () => {
  const sided = (...rows: string[]) =>
    ["trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type", ...rows].join("\n");
  const closed = async (pickup: string, dropOff: string) => {
    const rows = [
      "T1,8:00:00,8:00:00,A,1,,1",
      `T1,9:00:00,9:00:00,B,2,${pickup},${dropOff}`,
      "T1,10:00:00,10:00:00,C,3,1,",
    ];
    return (await feedOf({ "stop_times.txt": sided(...rows) })).trains[0]!.stops.map((stop) => stop.closedTo);
  };
  expect(await closed("", "")).toEqual([undefined, undefined, undefined]);
  expect(await closed("1", "0")).toEqual([undefined, "boarding", undefined]);
  expect(await closed("0", "1")).toEqual([undefined, "alighting", undefined]);
  const feed = await feedOf({
    "trips.txt": trips("R1,S,T1,G1", "R1,S,T2,G2"),
    "stop_times.txt": sided(
      "T1,8:00:00,8:00:00,A,1,,",
      "T1,9:00:00,9:00:00,B,2,,",
      "T2,8:00:00,8:00:00,A,1,1,",
      "T2,9:00:00,9:00:00,B,2,,",
    ),
  });
  expect(feed.trains.map((train) => train.trainNumber)).toEqual(["G1"]);
  expect(kinds(feed)).toEqual(["1 trips that nobody may get on and off again are left out"]);
});

test("a trip of 129 stops is taken", async () => {
  const feed = await feedOf({ "stop_times.txt": stopTimes(...longTrip(129)) });
  expect(feed.trains[0]!.stops.length).toBe(129);
});
const longTrip = (count: number) =>
  Array.from({ length: count }, (_, n) => {
    const time = `${8 + Math.floor(n / 60)}:${String(n % 60).padStart(2, "0")}:00`;
    return `T1,${time},${time},${n % 2 ? "B" : "A"},${n}`;
  });

test("trips without a number are called as their route, else by their trip_id", async () => {
  const feed = await feedOf({
    "routes.txt": "route_id,route_short_name,route_type\nR1,S 3,109\nR2,,2\n",
    "trips.txt": trips("R1,S,T1,", "R2,S,trip/7 west,"),
    "stop_times.txt": shuttles({ T1: 8, "trip/7 west": 9 }),
  });
  expect(feed.trains.map(({ trainNumber, trainType }) => [trainNumber, trainType])).toEqual([
    ["S3", "intercity"],
    ["trip-7west", "emu"],
  ]);
  expect(kinds(feed)).toEqual(["2 trips without trip_short_name are called as their route or trip_id"]);
});

test("two trips of one number on one date are both kept, the later numbered apart; on other dates they share it", async () => {
  const feed = await feedOf({
    "calendar.txt": `${calendarHead}\nS,1,1,1,1,1,0,0,20260601,20260614\nW,0,0,0,0,0,1,1,20260601,20260614\n`,
    "trips.txt": trips("R1,S,late,G1", "R1,S,early,G1", "R1,W,weekend,G1", "R1,S,other,G1-2"),
    "stop_times.txt": shuttles({ late: 12, early: 8, weekend: 8, other: 15 }),
  });
  expect(feed.trains.map((train) => train.trainNumber)).toEqual(["G1-3", "G1", "G1", "G1-2"]);
  expect(kinds(feed)).toEqual(["1 trips of one number on one date: the later is numbered apart"]);
});

test("routes that are not railways are left out with their trips and stops", async () => {
  const feed = await feedOf({
    "routes.txt": "route_id,route_short_name,route_type\nR1,R1,101\nBUS,7,3\n",
    "trips.txt": trips("R1,S,T1,G1", "BUS,S,B1,7"),
    "stop_times.txt": shuttles({ T1: 8, B1: 9 }),
  });
  expect(feed.trains.map((train) => train.trainNumber)).toEqual(["G1"]);
  expect(kinds(feed)).toEqual([
    "1 routes that are not railways are left out",
    "1 trips of routes that are not railways are left out: see --route-types",
  ]);
});

test("a trip of one station is left out with a warning", async () => {
  const feed = await feedOf({
    "trips.txt": trips("R1,S,T1,G1", "R1,S,T2,G2", "R1,S,T3,G3"),
    "stop_times.txt": `${shuttles({ T1: 8 })}\nT2,9:00:00,9:00:00,A,1`,
  });
  expect(feed.trains.length).toBe(1);
  expect(kinds(feed)).toEqual(["2 trips with fewer than two stations are left out"]);
});

test("distances of the feed are taken in the unit that fits the map", async () => {
  for (const [unit, metres] of [
    ["km", 1_000],
    ["m", 1],
    ["miles", 1_609.344],
    ["feet", 0.3048],
  ] as const) {
    const far = (km: number) => ((km * 1_000) / metres).toFixed(4);
    const feed = await feedOf({
      "stop_times.txt": `trip_id,arrival_time,departure_time,stop_id,stop_sequence,shape_dist_traveled\nT1,8:00:00,8:00:00,A,1,${far(5)}\nT1,9:00:00,9:00:00,B,2,${far(130)}\nT1,10:00:00,10:00:00,C,3,${far(260)}\n`,
    });
    expect([unit, ...feed.trains[0]!.stops.map((stop) => stop.distanceM)]).toEqual([unit, 0, 125_000, 255_000]);
  }
});

test("a stretch to a station whose place is unknown is measured by the time it takes", async () => {
  const feed = await feedOf({
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,甲,30,110\nB,乙,31,110\nC,丙,,\n",
    "stop_times.txt": stopTimes("T1,08:00:00,08:00:00,A,1", "T1,09:00:00,09:00:00,B,2", "T1,09:30:00,09:30:00,C,3"),
  });
  expect(feed.trains[0]!.stops.map((stop) => stop.distanceM)).toEqual([0, 133_434, 200_151]);
  expect(feed.stations[2]).toMatchObject({ latitude: null, longitude: null });
});

test("any IANA zone is taken", async () => {
  for (const zone of ["America/Argentina/Buenos_Aires", "Europe/Zurich", "Asia/Kathmandu"])
    expect(String((await feedOf({ "agency.txt": `agency_name,agency_timezone\nX,${zone}\n` })).zone)).toBe(zone);
});

test("stations are spelled for search: as the feed says, else by pinyin, else without accents", async () => {
  const feed = await feedOf({
    "stops.txt":
      "stop_id,stop_name,tts_stop_name\nA,重庆北,\nB,绍兴东,shaoxing dong\nC,Genève-Aéroport,\nD,Straßburg,\n",
    "stop_times.txt": stopTimes(
      "T1,8:00:00,8:00:00,A,1",
      "T1,9:00:00,9:00:00,B,2",
      "T1,10:00:00,10:00:00,C,3",
      "T1,11:00:00,11:00:00,D,4",
    ),
    "translations.txt":
      "table_name,field_name,language,translation,record_id\nstops,stop_name,en,Chongqing North,A\nstops,stop_name,fr,Tchongking,A\n",
  });
  expect(feed.stations.map(({ pinyin, initials, nameEn }) => [pinyin, initials, nameEn])).toEqual([
    ["chongqingbei", "cqb", "Chongqing North"],
    ["shaoxingdong", "sxd", "Shaoxing East"],
    ["geneveaeroport", "ga", "Genève-Aéroport"],
    ["strassburg", "s", "Straßburg"],
  ]);
});

const spelled = async (files: Parameters<typeof feedOf>[0], ...names: string[]) => {
  const feed = await feedOf({
    "stops.txt": `stop_id,stop_name\n${names.map((name, n) => `S${n},${name}\n`).join("")}`,
    "stop_times.txt": stopTimes(...names.map((_, n) => `T1,${8 + n}:00:00,${8 + n}:00:00,S${n},${n}`)),
    ...files,
  });
  return feed.stations;
};

test("characters of two readings are read as in the place's name, and found by the other, too", async () => {
  const names = ["蔚县", "单县", "乐清东", "乐亭", "马家堡", "六安", "铅山", "大城", "重庆"];
  const stations = await spelled({}, ...names);
  expect(stations.map((station) => station.pinyin)).toEqual([
    "yuxian",
    "shanxian",
    "yueqingdong",
    "laoting",
    "majiapu",
    "luan",
    "yanshan",
    "daicheng",
    "chongqing",
  ]);
  expect(stations[0]!.aliases).toContain("weixian");
  // One that no list of places has is found by any reading.
  expect((await spelled({}, "某堡", "某城"))[0]!.aliases).toEqual(expect.arrayContaining(["moubu", "moupu"]));
});

test("names in Chinese characters that are not Chinese are not spelled as if they were", async () => {
  const tokyo = { "agency.txt": "agency_name,agency_timezone,agency_lang\nX,Asia/Tokyo,ja\n" };
  expect((await spelled(tokyo, "川口", "川口北")).map((station) => station.city)).toEqual(["川口", "川口北"]);
  const stations = await spelled(tokyo, "駒ヶ岡", "北長田", "さくら野");
  expect(stations.map(({ pinyin, nameEn }) => [pinyin, nameEn])).toEqual([
    ["駒ヶ岡", "駒ヶ岡"],
    ["北長田", "北長田"],
    ["さくら野", "さくら野"],
  ]);
});

test("a station has the clock of its own zone; trains keep the times of the feed's", async () => {
  const feed = await feedOf({
    "agency.txt": "agency_name,agency_timezone\nX,Europe/London\n",
    "stops.txt":
      "stop_id,stop_name,stop_timezone,parent_station\nA,a,Europe/London,\nB,b,,\nC,c,,\nC1,c1,Europe/Paris,C\n",
    "stop_times.txt": stopTimes("T1,08:00:00,08:00:00,A,1", "T1,09:00:00,09:00:00,B,2", "T1,10:00:00,10:00:00,C1,3"),
  });
  expect(feed.stations.map((station) => station.zone)).toEqual([undefined, undefined, "Europe/Paris" as ZoneName]);
  expect(feed.trains[0]!.stops[2]!.arriveS).toBe(36_000);
  expect(await errorsOf({ "stops.txt": "stop_id,stop_name,stop_timezone\nA,a,Mars\nB,b,\nC,c,\n" })).toEqual([
    'stops.txt:2: stop_timezone "Mars" is not an IANA time zone',
  ]);
});

test("vowel signs are letters, and accents are not", async () => {
  const names = ["कलपुर", "कालपुर", "Genève"];
  expect((await spelled({}, ...names)).map((station) => station.pinyin)).toEqual(["कलपुर", "कालपुर", "geneve"]);
});

test("translations name a station by itself, its platforms or its name, and kana are a way to type it", async () => {
  const feed = (translations: string) =>
    spelled(
      {
        "agency.txt": "agency_name,agency_timezone\nX,Asia/Tokyo\n",
        "stops.txt": "stop_id,stop_name,location_type,parent_station\nA,北浜野,1,\nA1,北浜野 1,0,A\nC,南浜野,,\n",
        "stop_times.txt": stopTimes("T1,8:00:00,8:00:00,A1,1", "T1,9:00:00,9:00:00,C,2"),
        "translations.txt": translations,
      },
      "x",
    );
  for (const translations of [
    "table_name,field_name,language,translation,record_id\nstops,stop_name,en,Kitahamano,A1\nstops,stop_name,ja-Hrkt,きたはまの,A\n",
    "table_name,field_name,language,translation,field_value\nstops,stop_name,en,Kitahamano,北浜野\nstops,stop_name,ja-Hrkt,きたはまの,北浜野\n",
  ])
    expect((await feed(translations))[0]).toMatchObject({ nameEn: "Kitahamano", aliases: ["きたはまの"] });
});

test("names in further languages are ways to type a station, and umlauts may be typed as two letters", async () => {
  const feed = (name: string, translations: readonly string[]) =>
    spelled(
      { "translations.txt": ["table_name,field_name,language,translation,record_id", ...translations, ""].join("\n") },
      name,
      "x",
    );
  const of = (language: string, text: string) => `stops,stop_name,${language},${text},S0`;
  const [german] = await feed("Köln Hbf", [of("en", "Cologne Central")]);
  expect(german).toMatchObject({
    name: "Köln Hbf",
    nameEn: "Cologne Central",
    pinyin: "kolnhbf",
    aliases: ["Koeln Hbf"],
  });
  const [english] = await feed("Cologne Central", [of("de", "Köln Hbf"), of("fr", "Cologne-Gare-Centrale")]);
  expect(english?.aliases).toEqual(["Koeln Hbf", "Cologne-Gare-Centrale", "Köln Hbf"]);
});

test("a feed in more languages than stations are found in says which are passed over", async () => {
  const languages = "de fr it es pt nl da sv fi pl cs hu el tr".split(" ");
  const rows = languages.flatMap((language) =>
    [0, 1].map((n) => `stops,stop_name,${language},Name${n}-${language},S${n}`),
  );
  const files = {
    "translations.txt": ["table_name,field_name,language,translation,record_id", ...rows, ""].join("\n"),
  };
  const stops = { "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nS0,x,1,1\nS1,y,1,2\n" };
  const calls = { "stop_times.txt": stopTimes("T1,8:00:00,8:00:00,S0,1", "T1,9:00:00,9:00:00,S1,2") };
  const feed = await feedOf({ ...stops, ...calls, ...files });
  const sentence =
    "languages of translations.txt are passed over: beside English, stations are found in 12, the first that the file names";
  expect(feed.warnings).toContainEqual({ kind: sentence, count: 2, example: "el" });
  expect(feed.stations[0]?.aliases).toHaveLength(12);
});

test("stations of one city are found by their names", async () => {
  const cities = async (...names: string[]) => {
    const stations = names.map((name, n) => `S${n},${name}`).join("\n");
    const calls = names.map((_, n) => `T1,${8 + n}:00:00,${8 + n}:00:00,S${n},${n}`);
    const feed = await feedOf(
      { "stops.txt": `stop_id,stop_name\n${stations}\n`, "stop_times.txt": stopTimes(...calls) },
      { knownCity: (name) => (name === "汉口" ? "武汉" : null), isCity: (name) => name === "西安" },
    );
    return feed.stations.map((station) => station.city);
  };
  expect(await cities("北京", "北京南", "济南", "汉口")).toEqual(["北京", "北京", "济南", "武汉"]);
  expect(await cities("西安北", "成都东", "成都南", "长沙南")).toEqual(["西安", "成都", "成都", "长沙南"]);
});

test("rolling stock goes by the number's letter, else by the kind of route", async () => {
  const numbers = ["G1", "D2", "C3", "Z4", "T5", "K6", "1234", "Gotthard"];
  const feed = await feedOf({
    "trips.txt": trips(...numbers.map((number) => `R1,S,${number},${number}`)),
    "stop_times.txt": shuttles(Object.fromEntries(numbers.map((number) => [number, 8]))),
  });
  expect(feed.trains.map((train) => String(train.compositionCode)).join(" ")).toBe(
    "highSpeed emu intercity express express fast emu emu",
  );
});

test("letters of numbers tell the rolling stock in China alone; elsewhere the kind of route does", async () => {
  const files = {
    "trips.txt": trips("R1,S,a,T117", "R1,S,b,118", "R2,S,c,G5"),
    "routes.txt": "route_id,route_short_name,route_type\nR1,R1,2\nR2,R2,101\n",
    "stop_times.txt": shuttles({ a: 8, b: 9, c: 10 }),
  };
  const stock = async (zone: string) =>
    (await feedOf({ ...files, "agency.txt": `agency_name,agency_timezone\nX,${zone}\n` })).trains.map(
      (train) => train.trainType,
    );
  expect(await stock("Asia/Shanghai")).toEqual(["express", "emu", "highSpeed"]);
  expect(await stock("Europe/Prague")).toEqual(["emu", "emu", "highSpeed"]);
});

test("whom the feed asks to name is named once, with an address where it gives one", async () => {
  const feed = await feedOf({
    "attributions.txt":
      "attribution_id,organization_name,is_producer,attribution_url\n1,Railway,1,\n2,Railway,1,https://example.org/a\n3,Ministry,1,javascript:alert(1)\n",
  });
  expect(feed.attributions).toEqual([
    { name: "Railway", url: "https://example.org/a" },
    { name: "Ministry", url: null },
  ]);
  expect(kinds(feed)).toEqual(["1 attribution_url that is no address is left out"]);
});

test("files that say neither when trains run nor what they cost are passed over with a word", async () => {
  const head = "pathway_id,from_stop_id,to_stop_id,pathway_mode,is_bidirectional\n";
  const feed = await feedOf({ "pathways.txt": head, "booking_rules.txt": "booking_rule_id\n" });
  expect(feed.warnings).toEqual([{ kind: "files that are passed over", count: 2, example: "pathways.txt" }]);
});

test("a trip by headway is a train each time", async () => {
  const frequencies = (...rows: string[]) =>
    ["trip_id,start_time,end_time,headway_secs,exact_times", ...rows].join("\n");
  const feed = await feedOf({ "frequencies.txt": frequencies("T1,06:00:00,10:00:00,1800,1") });
  expect(feed.trains.map(({ stops }) => stops.map((stop) => stop.departS / 3_600))).toEqual(
    Array.from({ length: 8 }, (_, n) => [6 + n / 2, 7 + n / 2 + 5 / 60, 8 + n / 2]),
  );
  expect(feed.trains.map((train) => train.trainNumber).slice(0, 3)).toEqual(["G1", "G1-2", "G1-3"]);
  expect(kinds(feed)).toEqual(["7 trips of one number on one date: the later is numbered apart"]);
  const loose = await feedOf({
    "frequencies.txt": frequencies("T1,06:00:00,07:00:00,1800,", "T1,6:30:00,8:00:00,1800,0"),
  });
  expect(loose.trains.map((train) => train.stops[0]!.departS / 3_600)).toEqual([6, 6.5, 7, 7.5]);
  expect(kinds(loose)[0]).toBe("2 trips by headway alone are sold as if they kept to it: see exact_times");
  for (const [row, message] of [
    ["T9,6:00:00,7:00:00,600,1", "frequencies.txt:2: trip_id T9 is not in trips.txt"],
    ["T1,six,7:00:00,600,1", 'frequencies.txt:2: start_time "six" is not a time (HH:MM:SS)'],
    ["T1,6:00:00,6:00:00,600,1", "frequencies.txt:2: trip T1: end_time is not after start_time"],
    ["T1,6:00:00,7:00:00,0,1", 'frequencies.txt:2: headway_secs "0" is not a whole number above 0'],
    ["T1,6:00:00,7:00:00,1,1", "frequencies.txt:2: trip T1: that is more than 1440 trains"],
  ])
    expect(await errorsOf({ "frequencies.txt": frequencies(row!) })).toEqual([message!]);
});

test("a train without a number is called as its route, by the short name, else by a long one that is short", async () => {
  const called = async (route: string) => {
    const files = {
      "routes.txt": `route_id,route_short_name,route_long_name,route_type\n${route}\n`,
      "trips.txt": trips("R1,S,0,"),
      "stop_times.txt": shuttles({ 0: 8 }),
    };
    return (await feedOf(files)).trains[0]!.trainNumber;
  };
  expect(await called("R1,,IX 1672,2")).toBe("IX1672");
  expect(await called("R1,S3,IX 1672,2")).toBe("S3");
  expect(await called("R1,,From the one end of the country to the other,2")).toBe("0");
});

test("kinds of route that are no railways are named with how to take them in", async () => {
  for (const type of [0, 1, 400, 405, 12]) {
    const files = { "routes.txt": `route_id,route_short_name,route_type\nR1,M1,${type}\n` };
    expect(await errorsOf(files)).toEqual([
      `routes.txt:-: the feed has no trains but route_type ${type} (M1): take them in with --route-types ${type}`,
    ]);
    expect((await feedOf(files, { routeTypes: new Set([type]) })).trains.length).toBe(1);
  }
});

test("rows that come twice, letter for letter, count once", async () => {
  const twice = (file: keyof typeof goodFeed) => {
    const lines = goodFeed[file].trimEnd().split("\n");
    return { [file]: [...lines, lines.at(-1)].join("\n") };
  };
  for (const file of ["stops.txt", "routes.txt", "calendar.txt", "trips.txt", "stop_times.txt"] as const) {
    const feed = await feedOf(twice(file));
    expect([file, feed.trains]).toEqual([file, (await feedOf({})).trains]);
    expect(kinds(feed)).toEqual(["1 rows that come twice, letter for letter, count once"]);
  }
});

test("rows that end before columns which nobody needs are taken", async () => {
  const feed = await feedOf({
    "stops.txt":
      "stop_id,stop_name,stop_lat,stop_lon,zone_id,stop_url\nA,甲,30,110\nB,乙,31,110\nC,丙,32,110,z,https://example.org\n",
  });
  expect(feed.stations.map(({ name, latitude }) => [name, latitude])).toEqual([
    ["甲", 30],
    ["乙", 31],
    ["丙", 32],
  ]);
  expect(kinds(feed)).toEqual(["2 rows that end early: the columns they lack are taken as empty"]);
});

test("bytes that nobody sees are left out of ids and names", async () => {
  const feed = await feedOf({
    "stops.txt": "stop_id,stop_name\nA\u0000,安\bthere\nB,本\u0000城\nC,成城\n",
  });
  expect(feed.stations.map(({ stationId, name }) => `${stationId} ${name}`)).toEqual(["A 安there", "B 本城", "C 成城"]);
  expect(feed.warnings).toEqual([{ kind: "control characters are left out", count: 3, example: "stops.txt:2" }]);
});

test("the feed's name has each agency once, and is cut between names", async () => {
  const named = async (...names: string[]) =>
    (
      await feedOf({
        "agency.txt": `agency_name,agency_timezone\n${names.map((name) => `${name},Asia/Tokyo\n`).join("")}`,
      })
    ).feedName;
  expect(await named("Mini", "Mini", "Maxi")).toBe("Mini, Maxi");
  const many = await named(...Array.from({ length: 30 }, (_, n) => `Little Railway ${n + 1}`));
  expect(many).toEndWith(", Little Railway 11 …");
  expect(many.length).toBeLessThanOrEqual(200);
  expect(await named("x".repeat(300))).toHaveLength(198);
});

test("what only follows from an error is not told", async () => {
  expect(await errorsOf({ "calendar.txt": `${calendarHead}\nS,1,1,1,1,1,1,1,2026.06.01,20260607\n` })).toEqual([
    'calendar.txt:2: service S: start_date "2026.06.01" is not a day (YYYYMMDD)',
  ]);
  expect(await errorsOf({ "stops.txt": goodFeed["stops.txt"].replace("B,乙城,31,110", "B,乙城,x,110") })).toEqual([
    "stops.txt:3: stop B: x, 110 is no place on earth: latitudes go from -90 to 90, longitudes from -180 to 180",
  ]);
  expect(await errorsOf({ "stops.txt": goodFeed["stops.txt"].replace("B,乙城,31,110", "B,乙城,31,") })).toEqual([
    "stops.txt:3: stop B has one of stop_lat and stop_lon: give both, or neither",
  ]);
  expect(await errorsOf({ "stops.txt": goodFeed["stops.txt"].replace("B,乙城,31,110", "B,乙城,31,110,more") })).toEqual(
    ["stops.txt:3: 5 fields where the header has 4: a text with a comma in it needs quotes around it"],
  );
  const utf16 = new Uint8Array([0xff, 0xfe, ...Buffer.from(goodFeed["agency.txt"], "utf16le")]);
  expect(await errorsOf({ "agency.txt": utf16 })).toEqual([
    "agency.txt:1: the text is not UTF-8: save the file as UTF-8",
  ]);
});

test("a few trips that cannot be are left out where that is asked for, and named; many are not", async () => {
  const numbers = Array.from({ length: 20 }, (_, n) => `T${n}`);
  const files = {
    "trips.txt": trips(...numbers.map((id) => `R1,S,${id},${id}`), "R9,S,X,X"),
    "stop_times.txt": `${shuttles(Object.fromEntries(numbers.slice(1).map((id) => [id, 8])))}\nT0,9:00:00,8:00:00,A,1\nT0,x,8:00:00,B,2`,
  };
  expect((await errorsOf(files)).length).toBe(2);
  const feed = await feedOf(files, { leavesOutFaulty: true });
  expect(feed.trains.length).toBe(19);
  expect(feed.rowWarnings.map(({ file, line, message }) => `${file}:${line}: ${message}`)).toEqual([
    "trips.txt:22: trip X: route_id R9 is not in routes.txt: the trip is left out",
    "stop_times.txt:40: trip T0 leaves 8:00:00, before it arrives 9:00:00: the trip is left out",
  ]);
  const none = { ...files, "stop_times.txt": stopTimes(...numbers.map((id) => `${id},x,8:00:00,B,2`)) };
  expect(await readFiles(none, { leavesOutFaulty: true })).toEqual({
    errors: [
      "trips.txt:-: 21 trips would be left out and 20 are there, which is more than one in 10: without --leave-out-faulty they are listed by file and line",
    ],
  });
});

// Moving the calendar ----------------------------------------------------------------------------------------------------

const spanOf = async (rebase?: string, days?: number, today?: string) => {
  const feed = await feedOf(
    { "calendar.txt": `${calendarHead}\nS,1,1,1,1,1,0,0,20260603,20260616\n` },
    {
      ...(rebase ? { rebase: serviceDate(rebase) } : {}),
      ...(days ? { days } : {}),
      ...(today ? { now: noonOf(today) } : {}),
    },
  );
  const { validFrom, validUntil, weekdays, added, removed } = feed.trains[0]!.days;
  return {
    span: [validFrom, validUntil] as ServiceDate[],
    weekdays,
    exceptions: added.length + removed.length,
    kinds: kinds(feed),
  };
};

test("rebasing moves the feed by whole weeks, so that its first week takes in the date and weekdays stay", async () => {
  for (const [rebase, from, until] of [
    ["2026-12-02", "2026-12-02", "2026-12-15"],
    ["2026-12-01", "2026-11-25", "2026-12-08"],
    ["2026-12-08", "2026-12-02", "2026-12-15"],
    ["2020-01-01", "2020-01-01", "2020-01-14"],
  ] as const)
    expect(await spanOf(rebase, undefined, rebase)).toMatchObject({
      span: [serviceDate(from), serviceDate(until)],
      weekdays: 0b0011111,
      exceptions: 0,
    });
});

test("a number of days cuts a longer feed and goes on with a shorter one by its last week", async () => {
  expect((await spanOf("2026-12-02", 3)).span).toEqual(["2026-12-02", "2026-12-04"].map(serviceDate));
  const longer = await spanOf("2026-12-02", 365);
  expect(longer).toMatchObject({
    span: ["2026-12-02", "2027-12-01"].map(serviceDate),
    weekdays: 0b0011111,
    exceptions: 0,
  });
  expect(longer.kinds).toEqual(["1 days after the feed's end repeat its last week"]);
  expect((await spanOf(undefined, 3)).span).toEqual(["2026-06-03", "2026-06-05"].map(serviceDate));
  expect((await spanOf(undefined, 3, "2026-06-10")).span).toEqual(["2026-06-03", "2026-06-12"].map(serviceDate));
});

test("today is the railway's, not the machine's", async () => {
  const lateInTheEvening = epochMs(Date.parse("2026-06-09T23:00:00Z"));
  expect(await feedOf({}, { days: 1, now: lateInTheEvening })).toMatchObject({ last: "2026-06-10" });
});

test("a feed that has ended says so, and one without end is cut", async () => {
  expect((await spanOf(undefined, undefined, "2027-01-01")).kinds[0]).toContain("the feed has ended");
  const endless = await feedOf(
    { "calendar.txt": `${calendarHead}\nS,1,1,1,1,1,1,1,20100101,20991231\n` },
    { now: noonOf("2026-12-08") },
  );
  expect(endless).toMatchObject({ first: "2026-12-01", last: "2028-11-29" });
  expect(kinds(endless)).toEqual(["1 the calendar is longer than we keep and was cut"]);
});

// What is an error -------------------------------------------------------------------------------------------------------

const wrong: readonly [string, Parameters<typeof errorsOf>[0], string][] = [
  [
    "a missing file",
    { "trips.txt": null },
    "trips.txt:-: is missing from the zip: no feed is without it, ask for one that is whole",
  ],
  [
    "no calendar",
    { "calendar.txt": null },
    "calendar.txt:-: is missing from the zip, and so is calendar_dates.txt: one of them has to say on which days trains run",
  ],
  ["an empty file", { "trips.txt": "" }, "trips.txt:-: the file is empty: its first line names the columns"],
  ["a missing column", { "trips.txt": "route_id,trip_id\nR1,T1\n" }, "trips.txt:1: there is no column service_id"],
  [
    "too few fields",
    { "trips.txt": trips("R1,S,T1,G1", "R1,S") },
    "trips.txt:3: 2 fields where the header has 4: a field that is empty needs its comma",
  ],
  [
    "too many fields",
    { "trips.txt": trips("R1,S,T1,G1,more") },
    "trips.txt:2: 5 fields where the header has 4: a text with a comma in it needs quotes around it",
  ],
  [
    "columns that are not parted by commas",
    { "trips.txt": "route_id;service_id;trip_id\nR1;S;T1\n" },
    'trips.txt:1: columns are parted by ";": save the file with commas',
  ],
  [
    "a zip in the zip",
    { "trips.txt": null, "feed.zip": "PK" },
    "feed.zip:-: lies in the zip: if that is the feed, unpack it and import it",
  ],
  [
    "an open quote",
    { "trips.txt": trips('R1,S,T1,"G1') },
    "trips.txt:2: a quoted field is never closed: end it with a quote, and write a quote within it twice",
  ],
  [
    "bytes that are not UTF-8",
    { "stops.txt": new Uint8Array([...strToU8("stop_id,stop_name\nA,"), 0xc4, 0xe3, 0xff, 0x0a]) },
    "stops.txt:2: the text is not UTF-8: save the file as UTF-8",
  ],
  [
    "a zone that is none",
    { "agency.txt": "agency_name,agency_timezone\nX,Beijing\n" },
    'agency.txt:2: agency_timezone "Beijing" is not an IANA time zone, as Asia/Shanghai is one',
  ],
  [
    "two zones",
    { "agency.txt": "agency_name,agency_timezone\nX,Asia/Tokyo\nY,Asia/Seoul\n" },
    "agency.txt:3: agency_timezone Asia/Seoul differs from Asia/Tokyo of the agency before: a feed has one zone, see stop_timezone",
  ],
  [
    "no agency",
    { "agency.txt": "agency_name,agency_timezone\n" },
    "agency.txt:-: there is no agency in it: it needs a row with agency_name and agency_timezone",
  ],
  [
    "a stop twice",
    { "stops.txt": `${goodFeed["stops.txt"]}A,x,1,1\n` },
    "stops.txt:6: stop_id A comes twice, and not alike: leave one row, or give the other an id of its own",
  ],
  ["a stop without name", { "stops.txt": `${goodFeed["stops.txt"]}E,,1,1\n` }, "stops.txt:6: stop E has no stop_name"],
  [
    "a stop off the earth",
    { "stops.txt": `${goodFeed["stops.txt"]}E,x,91,1\n` },
    "stops.txt:6: stop E: 91, 1 is no place on earth: latitudes go from -90 to 90, longitudes from -180 to 180",
  ],
  [
    "a stop at no number",
    { "stops.txt": `${goodFeed["stops.txt"]}E,x,n/a,1\n` },
    "stops.txt:6: stop E: n/a, 1 is no place on earth: latitudes go from -90 to 90, longitudes from -180 to 180",
  ],
  [
    "a parent that is not there",
    { "stops.txt": "stop_id,stop_name,parent_station\nA,a,\nB,b,\nC,c,\nE,e,Z\n" },
    "stops.txt:5: stop E: parent_station Z is not in stops.txt: add its row, or leave parent_station empty",
  ],
  [
    "parents in a circle",
    { "stops.txt": "stop_id,stop_name,parent_station\nA,a,\nB,b,\nC,c,\nE,e,E\n" },
    "stops.txt:5: stop E: parent stations go in a circle: leave parent_station empty where a row is a station",
  ],
  [
    "a route twice",
    { "routes.txt": "route_id,route_type\nR1,2\nR1,101\n" },
    "routes.txt:3: route_id R1 comes twice, and not alike: leave one row, or give the other an id of its own",
  ],
  [
    "a route type",
    { "routes.txt": "route_id,route_type\nR1,rail\n" },
    'routes.txt:2: route_type "rail" is not a number',
  ],
  [
    "a weekday",
    { "calendar.txt": `${calendarHead}\nS,1,1,yes,1,1,1,1,20260601,20260607\n` },
    'calendar.txt:2: service S: wednesday is "yes", neither 0 nor 1',
  ],
  [
    "a start date",
    { "calendar.txt": `${calendarHead}\nS,1,1,1,1,1,1,1,20260231,20260607\n` },
    'calendar.txt:2: service S: start_date "20260231" is not a day (YYYYMMDD)',
  ],
  [
    "an end before the start",
    { "calendar.txt": `${calendarHead}\nS,1,1,1,1,1,1,1,20260602,20260601\n` },
    "calendar.txt:2: service S: ends before it starts",
  ],
  [
    "an exception's date",
    { "calendar_dates.txt": "service_id,date,exception_type\nS,2026-06-01,1\n" },
    'calendar_dates.txt:2: service S: date "2026-06-01" is not a day (YYYYMMDD)',
  ],
  [
    "an exception's type",
    { "calendar_dates.txt": "service_id,date,exception_type\nS,20260601,3\n" },
    'calendar_dates.txt:2: service S: exception_type "3" is neither 1 nor 2',
  ],
  [
    "a day that is added and removed",
    { "calendar_dates.txt": "service_id,date,exception_type\nS,20260610,1\nS,20260610,2\n" },
    "calendar_dates.txt:3: service S: 2026-06-10 is both added and removed: leave one of the two rows",
  ],
  [
    "a column twice",
    { "stops.txt": "stop_id,stop_name,stop_name\nA,a,b\n" },
    "stops.txt:1: there are two columns stop_name",
  ],
  [
    "a trip twice",
    { "trips.txt": trips("R1,S,T1,G1", "R1,S,T1,G2") },
    "trips.txt:3: trip_id T1 comes twice, and not alike: leave one row, or give the other an id of its own",
  ],
  [
    "an unknown route",
    { "trips.txt": trips("R1,S,T1,G1", "R9,S,T2,G1") },
    "trips.txt:3: trip T2: route_id R9 is not in routes.txt",
  ],
  [
    "an unknown service",
    { "trips.txt": trips("R1,S,T1,G1", "R1,X,T2,G1") },
    "trips.txt:3: trip T2: service_id X is in neither calendar.txt nor calendar_dates.txt",
  ],
  [
    "an unknown trip",
    { "stop_times.txt": stopTimes("T9,8:00:00,8:00:00,A,1") },
    "stop_times.txt:2: trip_id T9 is not in trips.txt",
  ],
  [
    "an unknown stop",
    { "stop_times.txt": stopTimes("T1,8:00:00,8:00:00,Z,1") },
    "stop_times.txt:2: stop_id Z is not in stops.txt",
  ],
  [
    "a sequence",
    { "stop_times.txt": stopTimes("T1,8:00:00,8:00:00,A,first") },
    'stop_times.txt:2: stop_sequence "first" is not a whole number',
  ],
  [
    "a time",
    { "stop_times.txt": stopTimes("T1,8:61:00,8:00:00,A,1") },
    'stop_times.txt:2: arrival_time "8:61:00" is not a time (HH:MM:SS)',
  ],
  [
    "a time too far",
    { "stop_times.txt": stopTimes("T1,200:00:00,200:00:00,A,1") },
    'stop_times.txt:2: arrival_time "200:00:00" is more than 7 days',
  ],
  [
    "leaving before arriving",
    { "stop_times.txt": stopTimes("T1,8:00:00,7:59:00,A,1") },
    "stop_times.txt:2: trip T1 leaves 7:59:00, before it arrives 8:00:00",
  ],
  [
    "a sequence twice",
    { "stop_times.txt": stopTimes("T1,8:00:00,8:00:00,A,1", "T1,9:00:00,9:00:00,B,1") },
    "stop_times.txt:3: trip T1 has stop_sequence 1 twice",
  ],
  [
    "going back in time",
    { "stop_times.txt": stopTimes("T1,8:00:00,8:00:00,A,1", "T1,7:00:00,7:00:00,B,2") },
    "stop_times.txt:3: trip T1 arrives at 乙城 before it leaves the stop before",
  ],
  [
    "no time at the first stop",
    { "stop_times.txt": stopTimes("T1,,,A,1", "T1,7:00:00,7:00:00,B,2") },
    "stop_times.txt:2: trip T1 has no time at its first stop",
  ],
  [
    "130 stops",
    { "stop_times.txt": stopTimes(...longTrip(130)) },
    "stop_times.txt:131: trip T1 has 130 stops; 129 are the most (128 segments)",
  ],
  [
    "no trains",
    { "trips.txt": "route_id,service_id,trip_id\n", "stop_times.txt": stopTimes() },
    "calendar.txt:-: the feed has no trains: no trip in trips.txt is taken",
  ],
  [
    "a service without days",
    { "calendar.txt": `${calendarHead}\nS,0,0,0,0,0,0,0,20260601,20260607\n` },
    "calendar.txt:-: no service runs on any day",
  ],
];

for (const [what, files, message] of wrong)
  test(`an error says file, line and what: ${what}`, async () => expect(await errorsOf(files)).toContain(message));

test("errors are gathered over the whole feed, up to a thousand", async () => {
  expect(
    (await errorsOf({ "trips.txt": trips("R1,S,T1,G1", "R9,S,T2,G2"), "stop_times.txt": stopTimes("T1,x,y,A,1") }))
      .length,
  ).toBe(2);
  expect(
    (
      await errorsOf({
        "stop_times.txt": stopTimes(...Array.from({ length: 3_000 }, (_, n) => `T${n + 9},8:00:00,8:00:00,A,1`)),
      })
    ).length,
  ).toBe(1_000);
});
