import { expect, test } from "bun:test";
import { CommandFailed } from "./command.ts";
import { resetSaid } from "./account.ts";

const reset = { contactMasked: "e***@example.com", code: "12345678" };

test("an operator hears that a password is gone and no code went out, why, and how to go on, without the code", () => {
  const said = () => resetSaid("erik", { ...reset, notSent: "connect ECONNREFUSED" }, false);
  expect(said).toThrow(CommandFailed);
  expect(said).toThrow(
    "The password of erik is taken away. No code was sent (connect ECONNREFUSED); --show-code shows one.",
  );
});

test("a code is shown to an operator who asked for that, and to no other", () => {
  expect(resetSaid("erik", reset, true)).toContain("12345678");
  expect(resetSaid("erik", reset, false)).not.toContain("12345678");
  expect(resetSaid("erik", { ...reset, code: null }, false)).toContain("a code was sent to e***@example.com");
});
