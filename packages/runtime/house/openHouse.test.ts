/** What of a room is done where. */
import { expect, test } from "bun:test";
import { partsDone } from "./roles.ts";

const copied = { name: "timetable", isCopied: true } as const;
const plain = { name: "order" } as const;

test("whoever has a copy of reference data keeps it true, whatever his roles do of that room", () => {
  expect(partsDone(copied, [{ order: ["routes"] }])).toEqual(new Set(["work"]));
  expect(partsDone(copied, [{ timetable: ["routes"] }])).toEqual(new Set(["routes", "work"]));
  expect(partsDone(plain, [{ order: ["routes"] }])).toEqual(new Set(["routes"]));
});
