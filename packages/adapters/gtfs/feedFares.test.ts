/** Fares of a feed, in both of its forms, put to its trains. */
import { expect, test } from "bun:test";
import { type TrainFare, wayIndex } from "@chepiao/contracts";
import type { Feed } from "./index.ts";
import { errorsOf, feedOf, type FeedFiles } from "./smallFeed.suite.ts";

const zoned = {
  "stops.txt":
    "stop_id,stop_name,stop_lat,stop_lon,zone_id\nA,甲城,30,110,1\nB,乙城,31,110,2\nC,丙城,32,110,3\nD,丁城,33,110,\n",
};
const attributes = (...rows: string[]) => ({
  "fare_attributes.txt": ["fare_id,price,currency_type,payment_method,transfers,agency_id", ...rows].join("\n"),
});
const rules = (...rows: string[]) => ({
  "fare_rules.txt": ["fare_id,route_id,origin_id,destination_id,contains_id", ...rows].join("\n"),
});

/** `AB 100` for each way and kind that has a fare; second class and adults are not named. */
function faresOf({ trains: [train] }: Feed): string[] {
  const { stops, fares = [] } = train!;
  const saying = ({ seatClass, ticketType, byWay }: TrainFare) =>
    stops.flatMap((from, i) =>
      stops.slice(i + 1).flatMap((to, n) => {
        const fare = byWay[wayIndex(i, i + 1 + n, stops.length)];
        const more = `${seatClass === "second" ? "" : ` ${seatClass}`}${ticketType === "adult" ? "" : ` ${ticketType}`}`;
        return fare === null ? [] : [`${from.stationId}${to.stationId} ${fare}${more}`];
      }),
    );
  return fares.flatMap(saying);
}
const priced = async (files: FeedFiles) => faresOf(await feedOf({ ...zoned, ...files }));
const told = async (files: FeedFiles) => {
  const { warnings, rowWarnings } = await feedOf({ ...zoned, ...files });
  return [
    ...warnings.map(({ kind, example }) => `${kind}: ${example}`),
    ...rowWarnings.map(({ file, line, message }) => `${file}:${line}: ${message}`),
  ];
};

test("a fare without rules holds everywhere, of several the cheapest", async () => {
  expect(await priced(attributes("F,12.5,CNY,1,0,", "E,13,CNY,1,0,"))).toEqual(["AB 1250", "AC 1250", "BC 1250"]);
});

test("rules name where a way begins and ends, and the route", async () => {
  const files = {
    ...attributes("F,10,CNY,1,0,", "H,20,CNY,1,0,", "R,30,CNY,1,0,", "O,1,CNY,1,0,"),
    ...rules("F,,1,2,", "H,R1,1,3,", "R,R1,,,", "O,R2,,,"),
    "routes.txt": "route_id,route_short_name,route_type\nR1,R1,2\nR2,R2,2\n",
  };
  expect(await priced(files)).toEqual(["AB 1000", "AC 2000", "BC 3000"]);
});

test("a fare of zones holds where just these are passed", async () => {
  const files = {
    ...attributes("one,10,CNY,1,0,", "two,20,CNY,1,0,"),
    ...rules("one,,,,1", "one,,,,2", "two,,,,1", "two,,,,2", "two,,,,3"),
  };
  expect(await priced(files)).toEqual(["AB 1000", "AC 2000"]);
  expect(await told(files)).toEqual(["ways without a fare in the feed are sold at computed fares: T1 from B to C"]);
});

test("a fare of an agency holds on its routes", async () => {
  const files = {
    ...attributes("F,10,CNY,1,0,R", "X,5,CNY,1,0,other"),
    "routes.txt": "route_id,route_short_name,route_type,agency_id\nR1,R1,2,R\n",
  };
  expect(await priced(files)).toEqual(["AB 1000", "AC 1000", "BC 1000"]);
});

test("what a rule names and the feed has not is told by file and line, and so is what is sold otherwise", async () => {
  const files = {
    ...attributes("F,10,CNY,1,,", "G,1,CNY,1,0,"),
    ...rules("F,,,,", "G,R9,,,", "G,,9,,"),
  };
  expect(await told(files)).toEqual([
    "fares that hold over a change of trains are sold train by train: F",
    "fare_rules.txt:3: route_id R9 is not in routes.txt: the rule is not used",
    "fare_rules.txt:4: no stop is in zone 9: the rule is not used",
  ]);
  expect(await errorsOf({ ...attributes("F,10,CNY,1,0,"), ...rules("X,,,,") })).toEqual([
    "fare_rules.txt:2: fare_id X is not in fare_attributes.txt",
  ]);
});

test("fares in other money, for nothing or finer than a coin refuse the feed, and say what to do", async () => {
  expect(await errorsOf(attributes("F,10,EUR,1,0,"))).toEqual([
    "fare_attributes.txt:2: fares are in EUR, and this platform sells in CNY: name a policy with that currency (CHEPIAO_POLICY), or import with --without-fares and give fares in CNY with --fares",
  ]);
  expect(await errorsOf(attributes("F,0.00,CNY,1,0,"))).toEqual([
    "fare_attributes.txt:2: trip T1 is free by this row, and a ticket for nothing cannot be sold: give a fare above 0, or leave its route out",
  ]);
  for (const price of ["-1", "1.005", "ten", "1e3"])
    expect(await errorsOf(attributes(`F,${price},CNY,1,0,`))).toEqual([
      `fare_attributes.txt:2: price "${price}" is not an amount with 2 decimals at most`,
    ]);
  const left = await feedOf(attributes("F,10,EUR,1,0,"), { leavesOutFares: true });
  expect(left.trains[0]!.fares).toBeUndefined();
  const soldIn = async (code: string, minorUnits: number, price: string) =>
    faresOf(await feedOf(attributes(`F,${price},${code},1,0,`), { currency: { code, minorUnits } }))[0];
  expect(await soldIn("EUR", 2, "10")).toBe("AB 1000");
  expect(await soldIn("JPY", 0, "1300.00")).toBe("AB 1300");
  expect(await soldIn("KWD", 3, "1.25")).toBe("AB 1250");
});

test("fares that no train is sold at may be in whatever money they like", async () => {
  const files = {
    ...attributes("F,10,CNY,1,0,", "bus,3,EUR,1,0,"),
    ...rules("F,R1,,,", "bus,B,,,"),
    "routes.txt": "route_id,route_short_name,route_type\nR1,R1,2\nB,B,3\n",
  };
  expect(await priced(files)).toEqual(["AB 1000", "AC 1000", "BC 1000"]);
});

const products = (...rows: string[]) => ({
  "fare_products.txt": [
    "fare_product_id,fare_product_name,rider_category_id,fare_media_id,amount,currency",
    ...rows,
  ].join("\n"),
});
const legRules = (...rows: string[]) => ({
  "fare_leg_rules.txt": [
    "network_id,from_area_id,to_area_id,from_timeframe_group_id,to_timeframe_group_id,fare_product_id,rule_priority",
    ...rows,
  ].join("\n"),
});
const areas = {
  "areas.txt": "area_id,area_name\nin,\nout,\n",
  "stop_areas.txt": "area_id,stop_id\nin,A\nin,B\nout,C\n",
};

test("products are sold by the areas where a leg begins and ends; an empty one means those that no other rule names", async () => {
  const files = {
    ...areas,
    ...products("S,Single,,,10,CNY", "L,Long,,,25.50,CNY", "O,Other,,,1,CNY"),
    ...legRules(",in,in,,,S,", ",in,out,,,L,", ",,,,,O,"),
  };
  expect(await priced(files)).toEqual(["AB 1000", "AC 2550", "BC 2550"]);
});

test("with priorities the first wins, and an empty area means any", async () => {
  const files = {
    ...areas,
    ...products("S,Single,,,10,CNY", "L,Long,,,25.50,CNY"),
    ...legRules(",,,,,S,", ",,out,,,L,5"),
  };
  expect(await priced(files)).toEqual(["AB 1000", "AC 2550", "BC 2550"]);
});

test("networks are named by the route or by a file", async () => {
  const files = { ...products("S,Single,,,10,CNY", "L,Long,,,20,CNY"), ...legRules("fast,,,,,L,", ",,,,,S,") };
  expect(await priced(files)).toEqual(["AB 1000", "AC 1000", "BC 1000"]);
  expect(await priced({ ...files, "route_networks.txt": "network_id,route_id\nfast,R1\n" })).toEqual([
    "AB 2000",
    "AC 2000",
    "BC 2000",
  ]);
  const routes = "route_id,route_short_name,route_type,network_id\nR1,R1,2,fast\n";
  expect(await priced({ ...files, "routes.txt": routes })).toEqual(["AB 2000", "AC 2000", "BC 2000"]);
});

test("riders are kinds of passengers where they are called so, and others are told", async () => {
  const files = {
    "rider_categories.txt":
      "rider_category_id,rider_category_name,is_default_fare_category\na,Regular,1\nc,Children,0\ns,Seniors,0\n",
    ...products("S,Single,a,,10,CNY", "S,Single,c,,4,CNY", "S,Single,s,,1,CNY"),
    ...legRules(",,,,,S,"),
  };
  expect(await priced(files)).toEqual([
    "AB 1000",
    "AC 1000",
    "BC 1000",
    "AB 400 child",
    "AC 400 child",
    "BC 400 child",
  ]);
  expect(await told(files)).toEqual([
    "rider_categories.txt:4: Seniors are no kind of passenger here: their fares are left out",
  ]);
});

test("media are passed over with a word, and the dearest is sold where they differ", async () => {
  const files = { ...products("S,Single,,card,9,CNY", "S,Single,,cash,10,CNY"), ...legRules(",,,,,S,") };
  expect(await priced(files)).toEqual(["AB 1000", "AC 1000", "BC 1000"]);
  expect(await told(files)).toEqual([
    "fare_media are passed over: tickets are sold here, by whatever medium the fare is for: S",
    "fare_products.txt:3: S costs differently by fare_media: the dearest is sold",
  ]);
});

test("fares by the hour refuse the feed where a train would be sold at them", async () => {
  const files = { ...areas, ...products("S,Single,,,10,CNY"), ...legRules(",in,out,peak,,S,", ",in,in,,,S,") };
  expect(await errorsOf({ ...zoned, ...files })).toEqual([
    "fare_leg_rules.txt:2: trip T1 costs more or less by the hour (timeframes), which is not sold: import with --without-fares, and give its fares with --fares",
  ]);
});

test("products named after a class are that class's, others the plainest's", async () => {
  const files = {
    ...products("S,Single,,,10,CNY", "F,First class single,,,20,CNY", "B,Business,,,50,CNY"),
    ...legRules(",,,,,S,", ",,,,,F,", ",,,,,B,"),
  };
  const feed = await feedOf(files, { seatClassesOf: () => new Set(["first", "second", "standing"]) });
  expect(faresOf(feed).filter((fare) => fare.startsWith("AC"))).toEqual(["AC 1000", "AC 2000 first"]);
  expect(feed.warnings.map(({ kind, example }) => `${kind}: ${example}`)).toEqual([
    "fares of classes that a train does not have are left out: business on T1",
  ]);
});

test("of both forms the newer is read", async () => {
  const files = { ...attributes("F,1,CNY,1,0,"), ...products("S,Single,,,10,CNY"), ...legRules(",,,,,S,") };
  expect(await priced(files)).toEqual(["AB 1000", "AC 1000", "BC 1000"]);
  expect(await told(files)).toEqual([
    "of two forms of fares the newer is read, fare_products.txt: fare_attributes.txt",
  ]);
});

test("trains that call alike share their fares", async () => {
  const feed = await feedOf({
    ...attributes("F,1,CNY,1,0,"),
    "trips.txt": "route_id,service_id,trip_id,trip_short_name\nR1,S,T1,G1\nR1,S,T2,G2\n",
    "stop_times.txt":
      "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT1,8:00:00,8:00:00,A,1\nT1,9:00:00,9:00:00,B,2\nT2,9:00:00,9:00:00,A,1\nT2,10:00:00,10:00:00,B,2\n",
  });
  expect(feed.trains[0]!.fares).toBe(feed.trains[1]!.fares);
});
