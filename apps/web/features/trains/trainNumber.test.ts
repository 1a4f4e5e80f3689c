/** A train is asked for by the number that was typed. */
import { expect, test } from "bun:test";
import { trainNumberOf } from "./trainNumber.ts";

test("gaps make no other number, and letters stay as they were typed", () => {
  for (const text of ["G1", " G1 ", "G 1"]) expect(trainNumberOf(text)).toBe("G1");
  for (const text of ["Os1234", "g1", "Ｇ１"]) expect(trainNumberOf(text)).toBe(text);
});
