/** What the forms say of codes is what the platform does. */
import { expect, test } from "bun:test";
import { minuteMs, oneTimeCodeDigits as digits, oneTimeCodeTtlMs } from "@chepiao/kernel";
import { oneTimeCodeDigits, oneTimeCodeMinutes } from "./passwords.ts";

test("a code has as many digits, and is valid as long, as the forms say", () => {
  expect([oneTimeCodeDigits, oneTimeCodeMinutes * minuteMs]).toEqual([digits, oneTimeCodeTtlMs]);
});
