/** The login that a newcomer tries a railway with: whatever the railway's rules are, it is let in by them, or is not there. */
import { expect, test } from "bun:test";
import { type Policy, policyDefault, policyProfiles } from "@chepiao/contracts";
import { serviceDate } from "@chepiao/kernel";
import { demoAccount, demoAccountFor } from "./account.ts";

const today = serviceDate("2026-12-01");
const accountIn = (differs: Partial<Policy>) => demoAccountFor({ ...policyDefault, ...differs }, today);
const passports = { passport: {} };

test("where documents of China are taken it is the one of the demo network", () => {
  expect(demoAccountFor(policyDefault, today)).toEqual(demoAccount);
});

test("elsewhere it has a passport and a phone of the railway's first region", () => {
  for (const region of ["CH", "JP", "US", "BR", "ZA"])
    expect(accountIn({ documents: passports, phoneRegions: [region] })?.account.documentType).toBe("passport");
  expect(accountIn({ documents: passports, phoneRegions: ["CH"] })?.account.phone).toStartWith("+41");
});

test("where accounts are known by a mail address it has one, and no phone", () => {
  const demo = demoAccountFor(policyProfiles["demo-metric"], today)?.account;
  expect([demo?.email, demo?.phone, demo?.documentType]).toEqual(["demo@example.com", undefined, "passport"]);
});

test("where documents of China are taken and its phones are not, it is a foreigner's", () => {
  expect(accountIn({ phoneRegions: ["CH"] })?.account.realName).toBe("Erik Sommer");
});

test("where nobody it knows would be let in there is none", () => {
  expect(accountIn({ documents: { nationalId: {} } })).toBeNull();
  expect(accountIn({ documents: { passport: { pattern: "^X$" } } })).toBeNull();
});
