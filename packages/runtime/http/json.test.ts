/** The place at which a text stops being JSON, checked against the engine's own parser. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { jsonFaultAt, placeOf } from "./json.ts";

test.each([
  ["", 0],
  ["  ", 2],
  ["{", 1],
  ['{"a":1,}', 7],
  ["[1,]", 3],
  ["[1 2]", 3],
  ['{"a" 1}', 5],
  ["{a:1}", 1],
  ["01", 1],
  ["1 x", 2],
  ["nul", 0],
  ['["a\nb"]', 1],
  ["[1}", 2],
  ['"\\x"', 0],
])("%j breaks at %p", (text, at) => expect(jsonFaultAt(text)).toBe(at));

test("a line and column count from 1", () => expect(placeOf('{\n "a" x', 7)).toBe("2:6"));

test("what the engine accepts runs to its end; of what it refuses, the part before the fault is a beginning of something valid", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom("", ",", "}", "]", ":", '"', "x", "1"), (text, at, mark) => {
      const changed = text.slice(0, at % (text.length + 1)) + mark + text.slice(at % (text.length + 1));
      let valid = true;
      try {
        JSON.parse(changed);
      } catch {
        valid = false;
      }
      const fault = jsonFaultAt(changed);
      expect(fault).toBeLessThanOrEqual(changed.length);
      if (valid) expect(fault).toBe(changed.length);
    }),
    { numRuns: 2_000 },
  );
});
