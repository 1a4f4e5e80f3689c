/** A list on the page has one row for each part of the story, also where two are alike. */
import { expect, test } from "bun:test";
import { storyKeys } from "./storyKeys.ts";

const part = (at: string, seats = 1) => ({
  choice: 0,
  at,
  seatClass: "second" as const,
  seats,
  fromStop: 0,
  toStop: 2,
  because: "tooFew" as const,
  refusal: null,
});

test("parts that are alike are told apart, and each keeps its key while newer ones come before it", () => {
  const before = [part("12:01"), part("12:00"), part("12:00"), part("12:00", 2)];
  const keys = storyKeys(before);
  expect(new Set(keys).size).toBe(4);
  expect(storyKeys([part("12:01"), part("12:03"), ...before]).slice(2)).toEqual([...keys]);
});
