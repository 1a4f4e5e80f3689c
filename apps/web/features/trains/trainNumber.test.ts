/** A train is found however its number is typed. */
import { expect, test } from "bun:test";
import { trainNumberOf } from "./trainNumber.ts";

test("full width, small letters and gaps make no other number", () => {
  for (const text of ["G1", " g1 ", "Ｇ１", "g 1"]) expect(trainNumberOf(text)).toBe("G1");
  expect(trainNumberOf("IC 123")).toBe("IC123");
});
