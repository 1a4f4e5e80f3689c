/** Filters, orders and alternatives over a handful of trains. */
import { expect, test } from "bun:test";
import type { ClassOffer, SeatClass, TrainOffer } from "@chepiao/contracts";
import { alternativesTo } from "../book/alternativesTo.ts";
import { choicesOf, countWith } from "./choices.ts";
import {
  countFilters,
  filterTrains,
  type Filters,
  isSoldOut,
  lowestFare,
  readFilters,
  shownClasses,
  sortTrains,
  stockOf,
  toggled,
} from "./filter.ts";

const offer = (seatClass: SeatClass, fareFen: number, free: number): ClassOffer => ({
  seatClass,
  fareFen,
  free,
  sellable: free > 0,
});

function train(
  trainNumber: string,
  departs: string,
  minutes: number,
  classes: ClassOffer[],
  over: Partial<TrainOffer> = {},
): TrainOffer {
  const departAt = `2026-11-23T${departs}:00+08:00`;
  const arriveAt =
    new Date(Date.parse(departAt) + minutes * 60_000 + 8 * 3_600_000).toISOString().slice(0, 19) + "+08:00";
  return {
    trainNumber,
    trainType: trainNumber.startsWith("G") ? "highSpeed" : "fast",
    originDate: "2026-11-23",
    boardingDate: "2026-11-23",
    from: { stationId: "A", name: "甲", stop: 0, first: true },
    to: { stationId: "B", name: "乙", stop: 5, last: true },
    departAt,
    arriveAt,
    durationMinutes: minutes,
    arrivesDaysLater: Number(arriveAt.slice(0, 10) !== "2026-11-23"),
    sale: "open",
    saleOpensAt: "2026-11-09T08:00:00+08:00",
    classes,
    ...over,
  };
}

const night = train("K1", "22:10", 840, [offer("hardSeat", 15_000, 3), offer("standing", 15_000, 0)]);
const morning = train("G1", "07:00", 290, [offer("second", 55_000, 2), offer("first", 90_000, 40)]);
const noon = train("G3", "12:30", 270, [offer("second", 56_000, 0), offer("business", 170_000, 0)]);
const evening = train("G5", "18:05", 300, [offer("second", 53_000, 120)]);
const all = [morning, noon, evening, night];

const none = readFilters(new URLSearchParams());
const names = (trains: readonly TrainOffer[]) => trains.map(({ trainNumber }) => trainNumber);
const filtered = (over: Partial<Filters>) => names(filterTrains(all, { ...none, ...over }));

test("without filters everything is shown", () => expect(filtered({})).toEqual(["G1", "G3", "G5", "K1"]));

test("each filter narrows by what it is called", () => {
  expect(filtered({ types: ["fast"] })).toEqual(["K1"]);
  expect(filtered({ departs: ["1", "2"] })).toEqual(["G1", "G3"]);
  expect(filtered({ arrives: ["2"] })).toEqual(["G3", "K1"]);
  expect(filtered({ classes: ["first"] })).toEqual(["G1"]);
  expect(filtered({ onlySeats: true })).toEqual(["G1", "G5", "K1"]);
  expect(filtered({ fromIds: ["X"] })).toEqual([]);
});

test("what a quota keeps back is told apart from what is sold out", () => {
  const kept: ClassOffer = { ...offer("second", 55_000, 0), notOnSaleYet: true };
  expect([stockOf(kept, { classes: [kept] }), stockOf(offer("second", 55_000, 0), { classes: [] })]).toEqual([
    "kept",
    "gone",
  ]);
});

test("filters together mean all of them, also within one train", () => {
  expect(filtered({ classes: ["business"], onlySeats: true })).toEqual([]);
  expect(filtered({ classes: ["standing"], hideStanding: true })).toEqual([]);
});

test("trains are put in order of departure, length or price; what is sold out is never the cheapest", () => {
  const sorted = (sort: Filters["sort"]) => names(sortTrains(all, { ...none, sort }));
  expect(sorted("departure")).toEqual(["G1", "G3", "G5", "K1"]);
  expect(sorted("duration")).toEqual(["G3", "G1", "G5", "K1"]);
  expect(sorted("price")).toEqual(["K1", "G5", "G1", "G3"]);
  expect(lowestFare(morning, { ...none, classes: ["first"] })).toBe(90_000);
});

test("standing waits while its train has seats, and is gone with the last of them", () => {
  const stock = (each: TrainOffer) => stockOf(each.classes.at(-1)!, each);
  expect(stock(night)).toBe("waits");
  expect(stock(train("K3", "22:10", 840, [offer("hardSeat", 15_000, 0), offer("standing", 15_000, 0)]))).toBe("gone");
  expect(stock(train("K5", "22:10", 840, [offer("hardSeat", 15_000, 0), offer("standing", 15_000, 9)]))).toBe("sold");
  const express = train("G7", "08:00", 300, [
    offer("first", 90_000, 9),
    offer("second", 55_000, 0),
    offer("standing", 55_000, 0),
  ]);
  expect(stock(express)).toBe("gone");
  expect(stockOf(express.classes[1]!, express)).toBe("gone");
});

test("who wants only what can be bought is shown nothing else, standing that waits included", () => {
  const classes = (each: TrainOffer) => shownClasses(each, { ...none, onlySeats: true }).map((one) => one.seatClass);
  expect(classes(night)).toEqual(["hardSeat"]);
  expect(classes(noon)).toEqual([]);
});

test("filters are read from the address and counted, and a second press takes one back", () => {
  const filters = readFilters(new URLSearchParams("type=highSpeed,fast&seats=1&sort=price&standing=0&dep=3"));
  expect(filters).toMatchObject({
    types: ["highSpeed", "fast"],
    departs: ["3"],
    onlySeats: true,
    hideStanding: true,
    sort: "price",
  });
  expect(countFilters(filters)).toBe(4);
  expect(toggled(filters.types, "fast")).toBe("highSpeed");
  expect(readFilters(new URLSearchParams("sort=magic")).sort).toBe("departure");
});

test("only what some train has can be chosen", () => {
  expect(choicesOf(all)).toMatchObject({
    types: ["highSpeed", "fast"],
    classes: ["business", "first", "second", "hardSeat", "standing"],
  });
});

test("beside a choice stands how many trains it would leave, with everything else that is chosen", () => {
  for (const filters of [none, { ...none, onlySeats: true }, { ...none, departs: ["1"] }])
    for (const value of choicesOf(all).types)
      expect(countWith(all, filters, { types: [value] })).toBe(
        filterTrains(all, { ...filters, types: [value] }).length,
      );
  // A second choice of one list is counted by itself: together they would show more, never fewer.
  const highSpeed = { ...none, types: ["highSpeed"] };
  expect(countWith(all, highSpeed, { types: ["fast"] })).toBe(countWith(all, none, { types: ["fast"] }));
  expect(countWith(all, { ...none, departs: ["9"] }, { types: ["highSpeed"] })).toBe(0);
});

test("when a class is gone, the other classes come first and then the trains nearest in time, with seats for the whole party", () => {
  const wanted = { trainNumber: "G3", originDate: "2026-11-23", departAt: noon.departAt, seatClass: "second" as const };
  expect(names(alternativesTo(wanted, all, 2).trains.map((one) => one.train))).toEqual(["G1", "G5", "K1"]);
  const three = alternativesTo(wanted, all, 3);
  expect(three.trains.map(({ train: each, offer: { seatClass } }) => `${each.trainNumber} ${seatClass}`)).toEqual([
    "G5 second",
    "G1 first",
    "K1 hardSeat",
  ]);
  const fromMorning = alternativesTo({ ...wanted, trainNumber: "G1", departAt: morning.departAt }, all, 3);
  expect(fromMorning.classes.map(({ offer: { seatClass } }) => seatClass)).toEqual(["first"]);
});

test("a train that is not on sale is no alternative", () => {
  const closed = train("G9", "12:35", 270, [offer("second", 50_000, 99)], { sale: "closed" });
  const wanted = { trainNumber: "G3", originDate: "2026-11-23", departAt: noon.departAt, seatClass: "second" as const };
  expect(names(alternativesTo(wanted, [noon, closed], 1).trains.map((one) => one.train))).toEqual([]);
});

test("a way is sold out when nothing is left on any train on sale, whatever opens later", () => {
  const later = train("G9", "20:00", 300, [offer("second", 53_000, 0)], { sale: "notYet" });
  expect(isSoldOut([noon, later])).toBe(true);
  expect(isSoldOut([noon, morning])).toBe(false);
  expect(isSoldOut([later])).toBe(false);
  expect(isSoldOut([])).toBe(false);
});
