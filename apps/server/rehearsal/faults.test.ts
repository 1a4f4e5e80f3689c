/** Faults are ordered in few words, and what cannot be read is not half done. */
import { expect, test } from "bun:test";
import { parseFaults } from "./faults.ts";

test("faults come in the order of their seconds, also before the opening", () => {
  expect(parseFaults("20:pause,-3:kill", "embedded")).toEqual([
    { atSeconds: -3, how: "kill", role: null },
    { atSeconds: 20, how: "pause", role: null },
  ]);
  expect(parseFaults("7:kill:order", "cluster")).toEqual([{ atSeconds: 7, how: "kill", role: "order" }]);
});

test("one process has no roles, roles are named, and nothing else is understood", () => {
  const wrong = ["", "kill", "5:kill:order", "5:stop", "5:kill,", "x:kill"];
  for (const text of wrong) expect([text, parseFaults(text, "embedded")]).toEqual([text, null]);
  for (const text of ["5:kill", "5:kill:nobody"]) expect([text, parseFaults(text, "cluster")]).toEqual([text, null]);
  expect(parseFaults(Array.from({ length: 21 }, (_, n) => `${n}:kill`).join(","), "embedded")).toBeNull();
});
