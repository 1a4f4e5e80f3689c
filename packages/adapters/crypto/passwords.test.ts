/** Argon2id, and the line in front of it. */
import { expect, test } from "bun:test";
import { refusal } from "@chepiao/contracts";
import { ok, refuse } from "@chepiao/kernel";
import { passwordsSuite } from "@chepiao/ports/passwords/passwords.suite.ts";
import { createArgon2Passwords } from "./index.ts";

// The least that argon2id allows: these rules are about the line, not about the cost.
const cheap = { memoryKib: 8, passes: 1 };

passwordsSuite("argon2id", () => createArgon2Passwords({ ...cheap, atOnceMax: 2, waitingMax: 10 }));

test("passwords are hashed with argon2id at 19 MiB and two passes", async () => {
  const hashed = await createArgon2Passwords().hash("correct horse");
  expect(hashed.ok && hashed.value).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
});

test("past those hashed at once and those waiting, the rest are refused, and room comes back", async () => {
  const passwords = createArgon2Passwords({ ...cheap, atOnceMax: 2, waitingMax: 3 });
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => passwords.verify("x", null)));
  expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(5);
  expect(outcomes.slice(5)).toEqual(Array.from({ length: 3 }, () => refuse(refusal("Overloaded"))));
  expect(await passwords.verify("x", null)).toEqual(ok(false));
});

test("an account that does not exist takes as long as a wrong password", async () => {
  const passwords = createArgon2Passwords({ atOnceMax: 1 });
  const hashed = await passwords.hash("correct horse");
  const took = async (stored: string | null) => {
    const start = performance.now();
    for (let i = 0; i < 3; i++) await passwords.verify("wrong", stored);
    return performance.now() - start;
  };
  const [known, unknown] = [await took(hashed.ok ? hashed.value : ""), await took(null)];
  expect(unknown / known).toBeWithin(0.4, 2.5);
});
