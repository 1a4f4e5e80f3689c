/** The rules of passwords. */
import { expect, test } from "bun:test";
import { ok } from "@chepiao/kernel";
import type { Passwords, PasswordTurn } from "./passwords.ts";

const turn: PasswordTurn = { line: "login", address: "10.0.0.1" };

export function passwordsSuite(adapter: string, create: () => Passwords): void {
  test(`${adapter}: the commonest passwords are known, in any case, and a sentence is none`, () => {
    const passwords = create();
    for (const common of ["password", "PassWord", "12345678", "qwertyuiop", "iloveyou", "password1"])
      expect(passwords.isCommon(common)).toBe(true);
    for (const other of ["correct horse battery", "", "车票车票车票车票", "xK7#mQ2w"])
      expect(passwords.isCommon(other)).toBe(false);
  });

  test(`${adapter}: a password fits its own hash and no other; nobody's fits none`, async () => {
    const passwords = create();
    const [first, second] = await Promise.all([
      passwords.hash("correct horse", turn),
      passwords.hash("correct horse", turn),
    ]);
    if (!first.ok || !second.ok) throw new Error("refused with an empty queue");
    expect(first.value).not.toBe(second.value);
    expect(first.value).not.toContain("correct horse");
    expect(first.value.length).toBeLessThanOrEqual(128);
    expect(
      await Promise.all([
        passwords.verify("correct horse", first.value, turn),
        passwords.verify("correct horse", second.value, turn),
        passwords.verify("battery staple", first.value, turn),
        passwords.verify("correct horse", null, turn),
      ]),
    ).toEqual([ok(true), ok(true), ok(false), ok(false)]);
  });
}
