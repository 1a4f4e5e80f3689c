/** What a caller is told of a request that may have one of several forms. */
import { expect, test } from "bun:test";
import { PurchaseRequest } from "@chepiao/contracts";
import { Compile } from "typebox/compile";
import { explain } from "./explain.ts";

const validator = Compile(PurchaseRequest);
const line = {
  trainNumber: "G1",
  originDate: "2026-12-01",
  from: "A",
  to: "B",
  seatClass: "second",
  passengers: [{ passengerId: 1 }],
};
const told = (body: unknown) => explain(validator, body, "en").map(({ path, message }) => `${path} ${message}`);

test("of a body that may be one of several objects, what is wrong is told field by field of the form that was meant", () => {
  expect([line, { lines: [line, line] }].map((body) => validator.Check(body))).toEqual([true, true]);
  const { from: _, ...nowhere } = line;
  expect(told(nowhere)).toEqual(["/from is missing."]);
  expect(told({ lines: [line, nowhere] })).toEqual(["/lines/1/from is missing."]);
  expect(told({ lines: [] })).toEqual(["/lines must have at least 1 items."]);
  expect(told({ ...line, lines: [line] })).toEqual(["/lines is not a known field."]);
  expect(told({}).length).toBe(Object.keys(line).length);
  expect(told([line])).toEqual([" has the wrong form."]);
  expect(told(null)).toEqual([" has the wrong form."]);
});
