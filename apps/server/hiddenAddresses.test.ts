/** Accounts and logs know mail addresses by rules of their own, in two places: what the one takes the other hides, whole. */
import { expect, test } from "bun:test";
import { policyProfiles } from "@chepiao/contracts";
import { serviceDate } from "@chepiao/kernel";
import { scrubText } from "@chepiao/runtime";
import { decideAccount } from "@chepiao/services/user";
import fc from "fast-check";
import { demoAccountFor } from "./data/demo/account.ts";

const today = serviceDate("2026-12-01");
const policy = policyProfiles["demo-metric"];
const { account } = demoAccountFor(policy, today)!;
const isTaken = (email: string) => decideAccount({ ...account, email }, today, policy).ok;

const letters = (alphabet: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), minLength: 1, maxLength });
const typed = fc
  .tuple(
    letters("aZ0ß_.%4+-!#$&'*/=?^`{|}~Ｅ", 8),
    fc.constantFrom("@", "＠"),
    fc.array(letters("aZ09-öß例ｋक्й", 5), { minLength: 1, maxLength: 3 }),
    fc.oneof(fc.constantFrom("com", "例", "एक", "xn--fsq"), letters("aZ09-öß例", 4)),
  )
  .map(([local, at, labels, top]) => `${local}${at}${[...labels, top].join(".")}`);

test("every mail address that an account takes is hidden in logs, as it is typed and in addresses of the web", () => {
  let taken = 0;
  fc.assert(
    fc.property(typed, (address) => {
      if (!isTaken(address)) return;
      taken++;
      expect([address, scrubText(`to (${address}), "${address}"`)]).toEqual([address, 'to ([hidden]), "[hidden]"']);
      const inQuery = encodeURIComponent(address.normalize("NFKC"));
      expect([inQuery, scrubText(`"${inQuery}"`)]).toEqual([inQuery, '"[hidden]"']);
    }),
    { numRuns: 1_000 },
  );
  expect(taken).toBeGreaterThan(100);
});
