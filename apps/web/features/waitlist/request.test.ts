/** What an entry asks for is what was chosen and cannot be had at once; what it says it costs is never too little. */
import { expect, test } from "bun:test";
import type { ClassOffer, SeatClass, TrainOffer } from "@chepiao/contracts";
import {
  addedLeftOut,
  canStand,
  chosenOf,
  classesToWaitFor,
  classToBuy,
  considered,
  deadlineAmong,
  deadlinesFor,
  deadlinesOf,
  endedByDeadline,
  isToldAgain,
  nextToBegin,
  onceEach,
  ownLeftOut,
  prepayMostFen,
  refusedTrain,
  requestOf,
} from "./request.ts";

const offer = (seatClass: SeatClass, free: number, fareFen: number, over: Partial<ClassOffer> = {}): ClassOffer => ({
  seatClass,
  free,
  fareFen,
  sellable: free > 0,
  ...over,
});

const train = (trainNumber: string, classes: readonly ClassOffer[], departAt = "2026-12-01T08:00:00+08:00") =>
  ({
    trainNumber,
    originDate: "2026-12-01",
    boardingDate: departAt.slice(0, 10),
    sale: "open",
    from: { stationId: "A" },
    to: { stationId: "B" },
    departAt,
    classes,
  }) as unknown as TrainOffer;

const full = train("G1", [offer("business", 0, 900), offer("first", 2, 500), offer("second", 0, 300)]);

test("a class is waited for where the party cannot have it at once, in the order that was wished", () => {
  expect(classesToWaitFor(full, ["second", "first", "business", "hardSeat"], 1)).toEqual(["second", "business"]);
  expect(classesToWaitFor(full, ["second", "first"], 3)).toEqual(["second", "first"]);
  expect(classesToWaitFor(full, ["first"], 2)).toEqual([]);
});

test("what the party can have at once is bought: the first of the wished classes", () => {
  expect(classToBuy(full, ["business", "first"], 2)?.seatClass).toBe("first");
  expect(classToBuy(full, ["business", "first"], 3)).toBeUndefined();
  // Seats that are there and not for sale over this way are none.
  expect(classToBuy(train("G1", [offer("first", 5, 1, { sellable: false })]), ["first"], 1)).toBeUndefined();
});

test("standing is asked for where some train has it, and none sells it already", () => {
  const waits = { train: train("K1", [offer("standing", 0, 10)]), classes: ["hardSeat"] as const };
  const sells = { train: train("K2", [offer("standing", 9, 10)]), classes: ["hardSeat"] as const };
  const without = { train: full, classes: ["second"] as const };
  expect(canStand([waits, without], 1)).toBe(true);
  expect(canStand([waits, sells], 1)).toBe(false);
  expect(canStand([without], 1)).toBe(false);
});

test("it costs at most the dearest train, class and berth, for all", () => {
  const sleeper = train("T1", [
    offer("softSleeper", 0, 400, { fareNote: { lower: 700, middleBerth: 600, upper: 400 } }),
  ]);
  const waited = [
    { train: full, classes: ["second"] as const },
    { train: sleeper, classes: ["softSleeper"] as const },
  ];
  expect(prepayMostFen(waited, 3)).toBe(2_100);
  expect(prepayMostFen(waited.slice(0, 1), 2)).toBe(600);
  expect(prepayMostFen([], 2)).toBe(0);
});

/** China's. */
const rules = { deadline: { latest: 20, choices: [20, 60, 120, 180, 360, 720, 1_440, 2_880], preset: 360 } };

test("a deadline is offered while it lies ahead for each train, and the usual one is taken where it does", () => {
  const departAt = "2026-12-01T08:00:00+08:00";
  const hoursBefore = (hours: number) => Date.parse(departAt) - hours * 3_600_000;
  const allDay = deadlinesFor([{ departAt }], hoursBefore(24.5), rules);
  expect(allDay).toEqual([20, 60, 120, 180, 360, 720, 1_440]);
  expect(deadlineAmong(allDay, null, rules)).toBe(360);
  expect(deadlineAmong(allDay, 20, rules)).toBe(20);
  const soon = deadlinesFor([{ departAt }, { departAt: "2026-12-01T05:00:00+08:00" }], hoursBefore(4), rules);
  expect(soon).toEqual([20]);
  expect(deadlineAmong(soon, 720, rules)).toBe(20);
  expect(deadlineAmong(deadlinesFor([{ departAt }], hoursBefore(0.1), rules), null, rules)).toBeNull();
  // At the very moment it has passed.
  expect(deadlinesFor([{ departAt }], hoursBefore(1), rules)).toEqual([20]);
});

test("deadlines are offered from the shortest on, however the policy lists them: the fallback is the earliest", () => {
  const mixed = { deadline: { latest: 20, choices: [360, 20, 1_440, 60], preset: 360 } };
  const departAt = "2026-12-01T08:00:00+08:00";
  const possible = deadlinesFor([{ departAt }], Date.parse(departAt) - 3 * 3_600_000, mixed);
  expect(possible).toEqual([20, 60]);
  expect(deadlineAmong(possible, null, mixed)).toBe(60);
  expect(mixed.deadline.choices).toEqual([360, 20, 1_440, 60]);
});

test("an entry that waits can be given any deadline that leaves it a train", () => {
  const choice = (departAt: string, endedBecause: string | null) => ({ departAt, endedBecause }) as never;
  const now = Date.parse("2026-12-01T00:00:00+08:00");
  const choices = [choice("2026-12-01T01:30:00+08:00", null), choice("2026-12-01T02:30:00+08:00", null)];
  expect(deadlinesOf({ choices }, now, rules)).toEqual([20, 60, 120]);
  const over = [...choices.slice(0, 1), choice("2026-12-09T02:30:00+08:00", "TripOverlaps")];
  expect(deadlinesOf({ choices: over }, now, rules)).toEqual([20, 60]);
  const anyTime = { deadline: { ...rules.deadline, choices: [] } };
  expect(deadlinesOf({ choices: over }, Date.parse("2026-11-30T00:00:00+08:00"), anyTime)).toEqual([20, 360]);
});

test("a deadline that is over for some trains of an entry ends these, and says so before", () => {
  const choice = (trainNumber: string, departAt: string, endedBecause: string | null = null) =>
    ({ trainNumber, departAt, endedBecause }) as never;
  const choices = [
    choice("G1", "2026-12-01T01:30:00+08:00"),
    choice("G3", "2026-12-01T02:30:00+08:00"),
    choice("G5", "2026-12-01T01:00:00+08:00", "TripOverlaps"),
  ];
  const endedBy = (minutes: number, at: string) =>
    endedByDeadline({ choices }, minutes, Date.parse(at)).map(({ trainNumber }) => trainNumber);
  expect(endedBy(60, "2026-12-01T00:00:00+08:00")).toEqual([]);
  expect(endedBy(120, "2026-12-01T00:00:00+08:00")).toEqual(["G1"]);
  expect(endedBy(60, "2026-12-01T00:30:00+08:00")).toEqual(["G1"]);
  expect(endedBy(180, "2026-12-01T00:00:00+08:00")).toEqual(["G1", "G3"]);
});

const wish = {
  classes: ["second"] as readonly SeatClass[],
  partySize: 1,
  nowMs: Date.parse("2026-12-01T00:00:00+08:00"),
  rules: { ...rules, datesMax: 2 },
};
const soldOut = [offer("second", 0, 300)];
const reasons = (trains: readonly TrainOffer[], over: Partial<typeof wish> = {}) =>
  considered(trains, { ...wish, ...over }).map(({ leftOut }) => leftOut);

test("a train that cannot be waited for is left out with its reason, and stops none of the others", () => {
  const trains = [
    train("G1", soldOut),
    train("G3", [offer("second", 5, 300)]),
    train("G5", [offer("first", 0, 300)]),
    { ...train("G7", soldOut), sale: "closed" } as TrainOffer,
    train("G9", soldOut, "2026-12-01T00:20:00+08:00"),
    train("G11", soldOut, "2026-12-01T00:21:00+08:00"),
  ];
  expect(reasons(trains)).toEqual([null, "hasSeats", "noClass", "closed", "tooLate", null]);
  expect(reasons(trains, { partySize: 6 })[1]).toBeNull();
});

test("days are counted of what is waited for alone: one that is left out takes none, and what is beyond is left out", () => {
  const on = (day: number, sale = "open") =>
    ({ ...train(`G${day}`, soldOut, `2026-12-0${day}T08:00:00+08:00`), sale }) as TrainOffer;
  expect(reasons([on(1), on(2, "closed"), on(3), on(4), on(1), on(3)])).toEqual([
    null,
    "closed",
    null,
    "tooManyDays",
    null,
    null,
  ]);
});

test("each added train that is left out is named, also one that the list does not have any more, and none of a day that is not read", () => {
  const day = "2026-12-01";
  const [free, gone, near] = [
    train("G3", [offer("second", 5, 300)]),
    train("G5", soldOut),
    train("G7", soldOut, "2026-12-01T00:10:00+08:00"),
  ];
  const waits = train("G9", soldOut);
  const added = [free, gone, near, waits].map((each) => chosenOf(each, day));
  const listed = [full, free, near, waits];
  const named = (trainsOf: ReadonlyMap<string, readonly TrainOffer[] | undefined>) =>
    addedLeftOut(added, trainsOf, considered(listed, wish)).map(({ chosen, because }) => [chosen.trainNumber, because]);
  expect(named(new Map([[day, listed]]))).toEqual([
    ["G3", "hasSeats"],
    ["G5", "closed"],
    ["G7", "tooLate"],
  ]);
  expect(named(new Map([[day, undefined]]))).toEqual([]);
});

test("the page's own train is told with its reason like any other, and nothing is said of it before a class is chosen", () => {
  const classes = ["second"] as const;
  const told = (own: TrainOffer, chosen: readonly SeatClass[] = classes, isGone = false) =>
    ownLeftOut(considered([own, full], { ...wish, classes: chosen }), chosen, isGone);
  expect(told(train("G3", soldOut))).toBeNull();
  expect(told(train("G3", [offer("second", 5, 300)]))).toBe("hasSeats");
  expect(told(train("G3", soldOut), ["hardSeat"])).toBe("noClass");
  expect(told(train("G3", soldOut, "2026-12-01T00:10:00+08:00"))).toBe("tooLate");
  expect(told(train("G3", soldOut), [])).toBeNull();
  // The others alone are looked at then.
  expect(ownLeftOut(considered([full], wish), classes, true)).toBe("closed");
  expect(ownLeftOut([], [], true)).toBe("closed");
});

test("without its own train the page goes on with the next that is waited for, in a class that this one has", () => {
  const day = "2026-12-01";
  const classes = ["second", "softSleeper", "hardSeat"] as const;
  const free = train("G3", [offer("second", 5, 300)]);
  const slow = train("K9", [offer("hardSleeper", 0, 200), offer("hardSeat", 0, 90), offer("softSleeper", 3, 400)]);
  const waited = considered([full, free, slow], { ...wish, classes }).filter(({ leftOut }) => leftOut === null);
  const added = [free, slow].map((each) => chosenOf(each, day));
  expect(nextToBegin(added, waited)).toEqual({ next: chosenOf(slow, day), seatClass: "hardSeat" });
  expect(nextToBegin(added, [{ train: slow, classes: [] }])?.seatClass).toBe("hardSleeper");
  expect(nextToBegin(added.slice(0, 1), waited)).toBeNull();
});

test("a refusal of a passenger on one train of several names the train too; of the only one it is told once", () => {
  const waited = [full, train("K9", soldOut)].map((each) => ({ train: each, classes: ["second"] as const }));
  const about = refusedTrain({ ticket: 0, choice: 1 }, waited);
  expect(about?.train.trainNumber).toBe("K9");
  expect(isToldAgain(about, waited, false)).toBe(true);
  expect(isToldAgain(about, waited.slice(1), true)).toBe(true);
  expect(isToldAgain(about, waited.slice(1), false)).toBe(false);
  expect(refusedTrain({ ticket: 0 }, waited)).toBeUndefined();
  expect(refusedTrain(undefined, waited)).toBeUndefined();
  expect(isToldAgain(undefined, waited, false)).toBe(false);
});

test("a train that calls at two stations of a city is waited for once", () => {
  const other = { ...full, from: { stationId: "A2" } } as TrainOffer;
  expect(
    onceEach([full, other, train("G3", [])]).map(({ from, trainNumber }) => [trainNumber, from.stationId]),
  ).toEqual([
    ["G1", "A"],
    ["G3", "A"],
  ]);
});

test("the request names each train with its classes, and the party as it was chosen", () => {
  const party = [{ passengerId: 7, ticketType: "child" as const }];
  const waited = [
    { train: full, classes: ["second", "business"] as const },
    { train: train("G3", [offer("second", 0, 300)]), classes: ["second"] as const },
  ];
  const wishes = { acceptsStanding: true, acceptsAdded: false, deadlineMinutes: 60 };
  expect(requestOf(waited, party, wishes)).toEqual({
    from: "A",
    to: "B",
    choices: [
      { trainNumber: "G1", originDate: "2026-12-01", seatClasses: ["second", "business"] },
      { trainNumber: "G3", originDate: "2026-12-01", seatClasses: ["second"] },
    ],
    passengers: party,
    acceptsStanding: true,
    deadlineMinutes: 60,
  });
  // On the days of its trains.
  const { addedTrains } = requestOf(waited, party, { ...wishes, acceptsAdded: true });
  expect(addedTrains).toEqual({ dates: [...new Set(waited.map((each) => each.train.boardingDate))] });
});
