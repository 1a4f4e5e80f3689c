/** Drafts, addresses and attempts of a booking. */
import { beforeEach, expect, test } from "bun:test";
import { type Passenger, problemOf, refusal, refusals } from "@chepiao/contracts";
import { Refused } from "../../lib/api.ts";
import { dayText } from "../../lib/format.ts";
import { keep } from "../../lib/storage.ts";
import { en } from "../../messages/en.ts";
import { readWanted } from "./address.ts";
import { bookAddress } from "./bookAddress.ts";
import { keyFor } from "./attempt.ts";
import {
  emptyDraft,
  findPassengers,
  keepDraft,
  keptDraft,
  meetsWish,
  othersOf,
  requestOf,
  ticketTypeFor,
  ticketTypesFor,
  toggledFreeChild,
  toggledPassenger,
  usualParty,
  wishesOf,
  wishFor,
  withOther,
} from "./draft.ts";
import { createStorage } from "../../lib/testing.ts";
import { wrongPassenger } from "./useParty.ts";

beforeEach(() => {
  globalThis.sessionStorage = createStorage();
  globalThis.localStorage = createStorage();
});

const wanted = {
  from: "北京",
  to: "上海",
  date: "2026-11-23",
  trainNumber: "G1",
  originDate: "2026-11-23",
  board: "BEIJINGNAN",
  alight: "SHANGHAIHONGQIAO",
  seatClass: "second" as const,
};

test("an address holds all of a choice, and a broken one is known as such", () => {
  const train = {
    trainNumber: "G1",
    originDate: "2026-11-23",
    from: { stationId: "BEIJINGNAN" },
    to: { stationId: "SHANGHAIHONGQIAO" },
  };
  const address = bookAddress({
    from: "北京",
    to: "上海",
    date: "2026-11-23",
    train: train as never,
    seatClass: "second",
  });
  expect(readWanted(new URL(address, "http://site").searchParams)).toEqual(wanted);
  expect(readWanted(new URLSearchParams("train=G1"))).toBeNull();
  expect(readWanted(new URL(address.replace("second", "throne"), "http://site").searchParams)).toBeNull();
});

test("passengers are chosen in order, up to the limit of an order", () => {
  let draft = emptyDraft;
  for (const id of [4, 2, 9]) draft = toggledPassenger(draft, id, 3);
  expect(toggledPassenger(draft, 7, 3)).toBe(draft);
  expect(toggledPassenger(draft, 2, 3).passengerIds).toEqual([4, 9]);
});

test("a child has a ticket or travels free, and is asked for as one of the two", () => {
  const chosen = [1, 5].reduce((draft, id) => toggledPassenger(draft, id, 3), emptyDraft);
  const free = toggledFreeChild(chosen, 5);
  expect(free).toMatchObject({ passengerIds: [1], freeChildIds: [5] });
  expect(toggledPassenger(free, 5, 3)).toMatchObject({ passengerIds: [1, 5], freeChildIds: [] });
  expect(toggledFreeChild(free, 5)).toMatchObject({ passengerIds: [1], freeChildIds: [] });
  const asked = requestOf(wanted, free, () => "adult");
  expect([asked.passengers.map(({ passengerId }) => passengerId), asked.freeChildren]).toEqual([[1], [5]]);
  expect(requestOf(wanted, chosen, () => "adult")).not.toHaveProperty("freeChildren");
});

test("a wish is sent only with a class that knows it, and kept for when that class comes back", () => {
  const draft = { ...emptyDraft, passengerIds: [1, 2], wishes: { 1: "B" as const, 2: "F" as const } };
  const asked = (seatClass: "second" | "first" | "standing") =>
    requestOf({ ...wanted, seatClass }, draft, () => "adult").passengers.map(({ preference }) => preference);
  expect(asked("second")).toEqual(["B", "F"]);
  expect(asked("first")).toEqual([undefined, "F"]);
  expect(asked("standing")).toEqual([undefined, undefined]);
  expect(wishFor(draft.wishes, 1, "second")).toBe("B");
  expect(wishesOf.hardSleeper).toEqual(["lower", "middleBerth", "upper"]);
});

test("who of a party travels in another class is kept over a reload, for that journey alone", () => {
  const party = { ...emptyDraft, passengerIds: [1, 2, 3] };
  keepDraft(withOther(withOther(party, "北京 上海", 2, "first"), "北京 上海", 3, "business"));
  const draft = keptDraft();
  expect(draft.passengerIds).toEqual([1, 2, 3]);
  expect(othersOf(draft, "北京 上海")).toEqual({ 2: "first", 3: "business" });
  expect(othersOf(draft, "上海 北京")).toEqual({});
  expect(othersOf(withOther({ ...party, ...draft, passengerIds: [1] }, "上海 北京", 1, "first"), "上海 北京")).toEqual({
    1: "first",
  });
});

test("a draft that a version before has kept is a draft, and one that something else has left is none", () => {
  keep("session", "draft", { passengerIds: [4], ticketTypes: {}, wishes: {} });
  expect(keptDraft()).toEqual({ ...emptyDraft, passengerIds: [4] });
  for (const others of ["first", [], { journey: 1, classes: {} }, { journey: "北京 上海" }]) {
    keep("session", "draft", { ...emptyDraft, passengerIds: [4], others });
    expect(keptDraft().passengerIds).toBeNull();
  }
});

test("one attempt keeps its key over presses and reloads; another body is another attempt", () => {
  let made = 0;
  const newKey = () => `key-${++made}`;
  expect(keyFor("order", "a", newKey)).toBe("key-1");
  expect(keyFor("order", "a", newKey)).toBe("key-1");
  expect(keyFor("order", "b", newKey)).toBe("key-2");
});

test("an order and an entry that both wait for an answer keep each its own key", () => {
  let made = 0;
  const newKey = () => `key-${++made}`;
  const order = keyFor("order", "a", newKey);
  const entry = keyFor("entry", "w", newKey);
  expect(entry).not.toBe(order);
  expect([keyFor("order", "a", newKey), keyFor("entry", "w", newKey)]).toEqual([order, entry]);
});

test("what is left in the storage by something else is not believed", () => {
  keep("session", "attempt", { key: 5 });
  expect(keyFor("order", "a", () => "fresh")).toBe("fresh");
});

test("the party of the last time stands there again, less who is gone; before that the person themselves", () => {
  const saved = [1, 2, 3].map((passengerId) => ({ passengerId, self: passengerId === 1 }) as Passenger);
  expect(usualParty(saved, [])).toEqual([1]);
  expect(usualParty(saved, [3, 2, 9])).toEqual([3, 2]);
  expect(usualParty(saved, [9])).toEqual([1]);
  expect(usualParty([], [1])).toEqual([]);
});

test("nobody is offered a ticket that the platform would refuse", () => {
  const adult = { ticketType: "adult", child: false } as const;
  expect(ticketTypesFor(adult)).toEqual(["adult"]);
  expect(ticketTypesFor({ ticketType: "child", child: true })).toEqual(["adult", "child"]);
  expect(ticketTypesFor({ ticketType: "student", child: false })).toEqual(["adult", "student"]);
  expect(ticketTypeFor("child", adult)).toBe("adult");
  // Saved as a child, and grown up since.
  expect(ticketTypeFor(undefined, { ticketType: "child", child: false })).toBe("adult");
  expect(ticketTypeFor("adult", { ticketType: "student", child: false })).toBe("adult");
});

test("of a passenger who travels already is told on which train, where that is one's own to know", () => {
  const party = [{ passengerId: 7 }, { passengerId: 9 }] as unknown as readonly Passenger[];
  const told = (facts: Readonly<Record<string, string | number>>) =>
    wrongPassenger(new Refused(problemOf(refusal("TripOverlaps", facts), "en")), party, en);
  const said = refusals.TripOverlaps.say.en;
  expect(told({ ticket: 1, runId: "G5/2026-12-02" })).toEqual({
    passengerId: 9,
    message: `${said} ${en.book.otherTrip("G5", dayText("2026-12-02", en))}`,
  });
  expect(told({ ticket: 0 })).toEqual({ passengerId: 7, message: said });
  expect(told({})).toBeNull();
});

test("a wish is called unmet only where the printed place shows it", () => {
  expect(meetsWish("F", "03\u8f661F")).toBe(true);
  expect(meetsWish("F", "03\u8f661A")).toBe(false);
  expect(meetsWish("lower", "05\u8f6603\u53f7\u4e0b\u94fa")).toBe(true);
  expect(meetsWish("lower", "05\u8f6603\u53f7\u4e0a\u94fa")).toBe(false);
  expect(meetsWish("window", "05\u8f66045\u53f7")).toBe(true);
});

test("among many passengers one is found by name or document, and nobody who is chosen goes out of sight", () => {
  const saved = [
    { passengerId: 1, name: "张伟", documentMasked: "1101***********215" },
    { passengerId: 2, name: "Anna Schmidt", documentMasked: "E12****78" },
    { passengerId: 3, name: "李娜", documentMasked: "3101***********428" },
  ];
  const found = (text: string, ...chosen: number[]) =>
    findPassengers(saved, text, chosen).map(({ passengerId }) => passengerId);
  expect(found("")).toEqual([1, 2, 3]);
  expect(found(" schm")).toEqual([2]);
  expect(found("428")).toEqual([3]);
  expect(found("nobody", 1)).toEqual([1]);
});
