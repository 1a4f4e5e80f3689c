/** A place is told in a language that the railway speaks. */
import { expect, test } from "bun:test";
import { seatWords } from "./seatWords.ts";

test("where a railway does not speak Chinese first, no place is told in Chinese", () => {
  const told = ["01车05A", "03车012号下铺", "11车045号", "02车无座"].map((label) => seatWords(label, ["en", "zh"]));
  expect(told).toEqual(["coach 1, seat 5A", "coach 3, lower berth 12", "coach 11, seat 45", "coach 2, standing"]);
  expect(seatWords("01车05A", ["zh", "en"])).toBe("01车05A");
  expect(seatWords("A 1", ["en"])).toBe("A 1");
});
