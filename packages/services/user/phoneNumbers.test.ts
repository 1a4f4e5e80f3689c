/** Phone numbers of the regions that a railway takes, however people write them. */
import { expect, test } from "bun:test";
import { policyProfiles } from "@chepiao/contracts";
import { phoneIn } from "./phoneNumbers.ts";

const abroad = policyProfiles["demo-metric"].phoneRegions;

test("a number of a region that is taken is kept in one form, however it is written", () => {
  for (const text of [
    "13800000001",
    "138 0000 0001",
    "+86 138-0000-0001",
    "１３８００００００01",
    "\u202d13800000001\u202c",
  ])
    expect([text, phoneIn(text)]).toEqual([text, "13800000001"]);
  for (const text of ["0171 2345678", "+49 171 2345678", "0049 171 2345678"])
    expect([text, phoneIn(text, abroad)]).toEqual([text, "+491712345678"]);
  expect(phoneIn("+43 664 1234567", abroad)).toBe("+436641234567");
});

test("numbers of other regions, lines that read no messages, and what is no number are none", () => {
  for (const text of ["12345", "+49 171 2345678", "010 8888 8888", "demo", "", "13800000001 or so"])
    expect([text, phoneIn(text)]).toEqual([text, null]);
  for (const text of ["+86 138 0000 0001", "0171", "+1 202 555 0143"])
    expect([text, phoneIn(text, abroad)]).toEqual([text, null]);
});
