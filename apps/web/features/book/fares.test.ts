/** The total before the order is the one of the order. */
import { expect, test } from "bun:test";
import type { FareTable } from "@chepiao/contracts";
import { totalOf } from "./fares.ts";

const seats: FareTable = {
  fares: [
    { ticketType: "adult", kind: "seat", fareFen: 55_250 },
    { ticketType: "child", kind: "seat", fareFen: 27_650 },
    { ticketType: "student", kind: "seat", fareFen: 41_450 },
  ],
};
const berths: FareTable = {
  fares: [
    { ticketType: "adult", kind: "upper", fareFen: 28_400 },
    { ticketType: "adult", kind: "lower", fareFen: 30_400 },
    { ticketType: "child", kind: "upper", fareFen: 20_550 },
    { ticketType: "child", kind: "lower", fareFen: 22_550 },
  ],
};

test("a family with a child and a student sees what it will pay", () => {
  expect(totalOf(["adult", "adult", "child"], seats, 55_250)).toEqual({ fen: 138_150, isMost: false });
  expect(totalOf(["student"], seats, 55_250)).toEqual({ fen: 41_450, isMost: false });
});

test("in a sleeper it is the most that it can be, since the berth is not known yet", () => {
  expect(totalOf(["adult", "child"], berths, 30_400)).toEqual({ fen: 52_950, isMost: true });
});

test("until the fares are there, the adult fare is said for what it is", () => {
  expect(totalOf(["adult"], undefined, 55_250)).toEqual({ fen: 55_250, isMost: false });
  expect(totalOf(["child"], undefined, 55_250)).toEqual({ fen: 55_250, isMost: true });
});
