/** What stands in a log of CI where a program could not be installed. */
import { expect, test } from "bun:test";
import { whatIsMissing } from "./programs.ts";

test("programs that are missing are named with the packages that have them, and where none is missing nothing is said", () => {
  const onlyPromtool = (program: string) => (program === "promtool" ? "/usr/bin/promtool" : null);
  expect(whatIsMissing(["promtool", "prometheus", "amtool"], onlyPromtool)).toBe(
    "not run, because prometheus, amtool cannot be had here: apt-get install prometheus; apt-get install prometheus-alertmanager",
  );
  expect(whatIsMissing(["promtool"], onlyPromtool)).toBeNull();
});
