/** The rules of passwords. */
import { expect, test } from "bun:test";
import { ok } from "@chepiao/kernel";
import type { Passwords } from "./passwords.ts";

export function passwordsSuite(adapter: string, create: () => Passwords): void {
  test(`${adapter}: a password fits its own hash and no other; nobody's fits none`, async () => {
    const passwords = create();
    const [first, second] = await Promise.all([passwords.hash("correct horse"), passwords.hash("correct horse")]);
    if (!first.ok || !second.ok) throw new Error("refused with an empty queue");
    expect(first.value).not.toBe(second.value);
    expect(first.value).not.toContain("correct horse");
    expect(first.value.length).toBeLessThanOrEqual(128);
    expect(
      await Promise.all([
        passwords.verify("correct horse", first.value),
        passwords.verify("correct horse", second.value),
        passwords.verify("battery staple", first.value),
        passwords.verify("correct horse", null),
      ]),
    ).toEqual([ok(true), ok(true), ok(false), ok(false)]);
  });
}
