/** What people write in a form, and what is kept of it. */
import { expect, test } from "bun:test";
import { policyDefault, userRoutes } from "@chepiao/contracts";
import { serviceDate } from "@chepiao/kernel";
import { Check } from "typebox/value";
import { decidePassenger, usernameText } from "./decide.ts";
import { demoResidentId, parseDocument } from "./documents.ts";

const today = serviceDate("2026-12-01");
const documentNumber = demoResidentId(serviceDate("1990-03-07"), 1);
const account = {
  username: "traveller",
  password: "correct horse",
  realName: "张三",
  documentType: "residentId",
  documentNumber,
  phone: "13800138000",
};

function nameOf(name: string): string {
  const decided = decidePassenger({ name, documentType: "residentId", documentNumber }, today, policyDefault);
  return decided.ok ? decided.value.name : decided.error.fields![0]!.message;
}

test("no letter of a name is dropped: rare ones are kept as they were sent", () => {
  for (const name of ["王\uE863", "王䶮", "阿\u200C里", "क्\u200Dष", "张·三"]) expect(nameOf(name)).toBe(name);
});

test("blanks and marks about a name are no part of it, and between words there is one blank", () => {
  expect(nameOf("\u202d 张三 \u202c")).toBe("张三");
  expect(nameOf("\uFEFFAnna  Maria\u00A0Schmidt")).toBe("Anna Maria Schmidt");
});

test("a name with something unseen inside is refused, and not made shorter", () => {
  for (const name of ["张\u200B三", "Anna\u202EMaria", "\u3164\u3164", "张\u115F三", "张\uFDD0三"])
    expect(nameOf(name)).toBe("nameWithUnseen");
  // A newer letter than the runtime knows, and the form of a letter that was chosen.
  for (const name of ["张\u{323B0}三", "葛\u{E0100}城"]) expect(nameOf(name)).not.toBe("nameWithUnseen");
});

test("numbers that were copied from a message are taken as the numbers they are", () => {
  const phones = [
    "\u202d13800138000\u202c",
    "138 0013 8000",
    "+8613800138000",
    "１３８００１３８０００",
    "138-0013-8000",
  ];
  for (const phone of phones) expect(Check(userRoutes.register.body, { ...account, phone })).toBe(true);
  for (const mark of ["\u202c", "\u200b", " "]) {
    expect(Check(userRoutes.register.body, { ...account, documentNumber: documentNumber + mark })).toBe(true);
    expect(parseDocument("residentId", documentNumber + mark, today)?.number).toBe(documentNumber);
  }
  expect(Check(userRoutes.register.body, { ...account, phone: "call me" })).toBe(false);
});

test("a username is the same with blanks and marks about it, in full width and in any case", () => {
  for (const name of [" Traveller ", "\u202dtraveller\u202c", "ｔｒａｖｅｌｌｅｒ"])
    expect(usernameText(name)).toBe("username:traveller");
});
