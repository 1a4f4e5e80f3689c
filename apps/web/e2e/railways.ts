/**
 * The railway by whose rules the sites of browser tests sell, and what depends on it. The tests are the same for either:
 *
 *   CHEPIAO_TEST_POLICY=12306         the default
 *   CHEPIAO_TEST_POLICY=demo-metric   an invented railway that sells in euros, to people with other documents
 */
import { test } from "bun:test";
import { type CurrencyForm, fen, formatMoney, serviceDate } from "@chepiao/kernel";
import { demoResidentId } from "@chepiao/services/user";
import { policyOfTests } from "../../server/testing/policy.ts";

/** The person is made up. */
const residentId = (n: number): string => demoResidentId(serviceDate(`${1950 + (n % 50)}-01-01`), n);

type Document = { readonly documentType: string; readonly documentNumber: string };
type Railway = {
  /** Whom everybody's account may take along: its owner, and two more. */
  readonly people: readonly [string, string, string];
  /** A child of everybody's account, and whether it may be sold a ticket alone. */
  readonly child: { readonly name: string; readonly travelsAlone: boolean };
  readonly currency: CurrencyForm;
  /** Of a person who is made up; another for each number. */
  document(n: number): Document;
  /** What accounts are known by beside their names, and one of a person who is made up. */
  readonly knownBy: "phone" | "email";
  contact(n: number): string;
  /** Whether names are compared with a register. */
  readonly realName: boolean;
};

const railways: Readonly<Record<string, Railway>> = {
  "12306": {
    people: ["张伟", "李娜", "Anna Schmidt"],
    child: { name: "王小明", travelsAlone: false },
    currency: { code: "CNY", minorUnits: 2 },
    document: (n) => ({ documentType: "residentId", documentNumber: residentId(n) }),
    knownBy: "phone",
    contact: (n) => `139${String(n).padStart(8, "0")}`,
    realName: true,
  },
  "demo-metric": {
    people: ["Erik Sommer", "Anna Schmidt", "Mia Sommer"],
    child: { name: "Mia Sommer", travelsAlone: true },
    currency: { code: "EUR", minorUnits: 2 },
    document: (n) => ({ documentType: "nationalId", documentNumber: `L01X${String(n).padStart(5, "0")}` }),
    knownBy: "email",
    contact: (n) => `person${n}@example.org`,
    realName: false,
  },
};

const here = railways[policyOfTests];
if (!here) throw new Error(`CHEPIAO_TEST_POLICY is one of ${Object.keys(railways).join(", ")}`);
export const railway: Railway = here;

export const isAnother = policyOfTests !== "12306";
/** A test of what is the same by any railway's rules: browsers, devices, networks that fail, pages that come back, what a test sets itself. */
// because it is looked at once, by those of 12306.
export const testByAnyRules = test.skipIf(isAnother);

/** A sum as pages of here say it. */
export const moneyText = (amount: number, language: "zh" | "en"): string =>
  formatMoney(fen(amount), { language, currency: railway.currency });
export const signOfMoney = moneyText(0, "en")[0]!;
