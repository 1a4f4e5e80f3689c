/** Argon2id, and the lines in front of it. */
import { expect, test } from "bun:test";
import { refusal } from "@chepiao/contracts";
import { ok, refuse } from "@chepiao/kernel";
import type { PasswordTurn } from "@chepiao/ports/passwords";
import { passwordsSuite } from "@chepiao/ports/passwords/passwords.suite.ts";
import { createArgon2Passwords } from "./index.ts";

// The least that argon2id allows: these rules are about the line, not about the cost.
const cheap = { memoryKib: 8, passes: 1 };
const turn = (line: PasswordTurn["line"], n = 1): PasswordTurn => ({ line, address: `10.0.${n >> 8}.${n & 255}` });
const login = (n?: number) => turn("login", n);
const registration = (n?: number) => turn("registration", n);
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

passwordsSuite("argon2id", () => createArgon2Passwords({ ...cheap, atOnceMax: 2, waitingMax: 10 }));

test("the 10,000 commonest passwords are refused, and those that are common in Chinese", () => {
  const { isCommon } = createArgon2Passwords(cheap);
  for (const common of ["1qaz2wsx", "admin123", "a123456789", "QQ123456", "woaini1314", "5201314520", "aini1314"])
    expect(isCommon(common)).toBe(true);
  for (const other of ["tickets to Harbin", "g7Kq-ploughshare", "woaini-and-the-train"])
    expect(isCommon(other)).toBe(false);
});

test("passwords are hashed with argon2id at 19 MiB and two passes", async () => {
  const hashed = await createArgon2Passwords().hash("correct horse", registration());
  expect(hashed.ok && hashed.value).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
});

test("past those hashed at once and those waiting, the rest are refused, and room comes back", async () => {
  const passwords = createArgon2Passwords({ ...cheap, atOnceMax: 2, waitingMax: 3 });
  const outcomes = await Promise.all(numbers(8).map((n) => passwords.verify("x", null, login(n))));
  expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(5);
  expect(outcomes.slice(5)).toEqual(Array.from({ length: 3 }, () => refuse(refusal("Overloaded"))));
  expect(await passwords.verify("x", null, login())).toEqual(ok(false));
});

test("an account that does not exist takes as long as a wrong password", async () => {
  const passwords = createArgon2Passwords({ atOnceMax: 1 });
  const hashed = await passwords.hash("correct horse", registration());
  const took = async (stored: string | null) => {
    const start = performance.now();
    for (let i = 0; i < 3; i++) await passwords.verify("wrong", stored, login());
    return performance.now() - start;
  };
  const [known, unknown] = [await took(hashed.ok ? hashed.value : ""), await took(null)];
  expect(unknown / known).toBeWithin(0.4, 2.5);
});

test("log-ins are served before 600 registrations that came first", async () => {
  const passwords = createArgon2Passwords({ ...cheap, atOnceMax: 1, waitingMax: 600, waitingOfAddressMax: 600 });
  let registered = 0;
  const registrations = numbers(600).map(async (n) => {
    await passwords.hash("x", registration(n));
    registered++;
  });
  const logins = await Promise.all(numbers(5).map((n) => passwords.verify("x", null, login(n))));
  // The one that was being hashed when they came.
  expect(registered).toBeLessThanOrEqual(1);
  expect(logins).toEqual(numbers(5).map(() => ok(false)));
  await Promise.all(registrations);
  expect(registered).toBe(600);
});

test("of the turns that both want, registrations get one in eight", async () => {
  const passwords = createArgon2Passwords({ ...cheap, atOnceMax: 1, waitingMax: 100, waitingOfAddressMax: 100 });
  const served: string[] = [];
  const serve = async (work: Promise<unknown>, line: string) => {
    await work;
    served.push(line);
  };
  await Promise.all([
    serve(passwords.verify("x", null, login()), "first"),
    ...numbers(40).map((n) => serve(passwords.hash("x", registration(n)), "registration")),
    ...numbers(40).map((n) => serve(passwords.verify("x", null, login(n)), "login")),
  ]);
  const both = served.slice(1, 1 + 40);
  expect(both.filter((line) => line === "registration")).toHaveLength(5);
});

test("a full line of registrations refuses no log-in, and one address fills no line", async () => {
  const passwords = createArgon2Passwords({ ...cheap, atOnceMax: 1, waitingMax: 4, waitingOfAddressMax: 2 });
  const flood = numbers(10).map(() => passwords.hash("x", registration(1)));
  const others = numbers(3).map((n) => passwords.hash("x", registration(n + 1)));
  const logins = numbers(2).map((n) => passwords.verify("x", null, login(n)));
  const kept = (outcomes: readonly { readonly ok: boolean }[]) => outcomes.filter((outcome) => outcome.ok).length;
  // One at once and its share of two; the next two have the rest of the line.
  expect(kept(await Promise.all(flood))).toBe(3);
  expect(kept(await Promise.all(others))).toBe(2);
  expect(kept(await Promise.all(logins))).toBe(2);
});
