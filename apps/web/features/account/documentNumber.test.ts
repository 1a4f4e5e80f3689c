/** A wrong document number says what is wrong with it. */
import { expect, test } from "bun:test";
import { accountZh as zh } from "../../messages/account.zh.ts";
import { documentNumberFault } from "./documentNumber.ts";

const fault = (typed: string, type: Parameters<typeof documentNumberFault>[0] = "residentId") =>
  documentNumberFault(type, typed, zh);

test("a resident id is counted, read and checked, in any way of writing it", () => {
  for (const right of ["11010519491231002X", "11010519491231002x", "１１０１０５ 19491231 002X"])
    expect(fault(right)).toBeNull();
  expect(fault("11010")).toBe(zh.passenger.idLength(5));
  expect(fault("11010519491231002A")).toBe(zh.passenger.idLetters);
  expect(fault("110105194912310021")).toBe(zh.passenger.idCheck);
  expect(fault("  ")).toBe(zh.passenger.required);
});

test("where the railway has a form of its own for a document, that is what its number is held against", () => {
  const own = (typed: string) => documentNumberFault("residentId", typed, zh, "^[A-Z]\\d{6}$");
  expect(own("a 123-456")).toBeNull();
  expect(own("11010519491231002X")).toBe(zh.passenger.idForm);
  expect(own("")).toBe(zh.passenger.required);
});

test("what other documents look like is for the platform to say", () => {
  expect(fault("C01234567", "passport")).toBeNull();
});
