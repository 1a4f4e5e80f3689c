/** What the room of people makes of a railway's rules, a row each, for the table in apps/server/railwayRules.test.ts. */
import type { DocumentType, Policy, Registration } from "@chepiao/contracts";
import { epochMs, hourMs, serviceDate } from "@chepiao/kernel";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { attemptLimitsDefault, createAttempts } from "./attempts.ts";
import { decideAccount, decidePassenger } from "./decide.ts";
import { demoResidentId } from "./documents.ts";

const today = serviceDate("2026-12-01");
const hourly = { triesMax: 20, windowMs: hourMs };

function named(policy: Policy, name: string): string {
  const asked = { documentType: "passport" as const, documentNumber: "E12345678", name };
  const decided = decidePassenger(asked, today, policy);
  return decided.ok ? "ok" : (decided.error.fields?.[0]?.message ?? decided.error.code);
}

function opened(policy: Policy, reach: Pick<Registration, "phone" | "email">): string {
  const person = { documentType: "passport" as const, documentNumber: "E12345678", realName: "Anna Meier" };
  const decided = decideAccount({ username: "anna", password: "a long password", ...person, ...reach }, today, policy);
  return decided.ok ? "ok" : (decided.error.fields?.[0]?.message ?? decided.error.code);
}

function taken(policy: Policy, documentType: DocumentType, documentNumber: string): boolean {
  return decidePassenger({ documentType, documentNumber, name: "Anna Meier" }, today, policy).ok;
}

export const userRules = [
  {
    rule: "4.2",
    says: "an account saves 30 passengers",
    of: (policy: Policy) => policy.account.passengersMax,
    expected: [30, 20],
  },
  {
    rule: null,
    says: "an account is opened with a phone, or with a mail address and no phone",
    of: (policy: Policy) =>
      [{ phone: "+86 138 0000 0001" }, { phone: "+49 171 2345678" }, { email: "a@example.com" }, {}].map((reach) =>
        opened(policy, reach),
      ),
    expected: [
      ["ok", "phoneNotTaken", "needed", "needed"],
      ["phoneNotAsked", "phoneNotAsked", "ok", "needed"],
    ],
  },
  {
    rule: "12.1",
    says: "which documents are taken",
    of: (policy: Policy) => [
      taken(policy, "residentId", demoResidentId(serviceDate("1990-01-02"), 7)),
      taken(policy, "passport", "E12345678"),
      taken(policy, "nationalId", "L01X00T47"),
      taken(policy, "nationalId", "L01X"),
    ],
    expected: [
      [true, true, false, false],
      [false, true, true, false],
    ],
  },
  {
    rule: "12.6",
    says: "a name has 3 to 30 units, of which a Han character takes two",
    of: (policy: Policy) =>
      ["李", "李明", "Bo", "Ann", "李".repeat(15), "李".repeat(16), "a".repeat(30), "a".repeat(31)].map((name) =>
        named(policy, name),
      ),
    expected: [
      ["nameTooShort", "ok", "nameTooShort", "ok", "ok", "nameTooLong", "ok", "nameTooLong"],
      ["ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok"],
    ],
  },
  {
    rule: "9.5",
    says: "whoever tries too often hears that it was too often, and when to come again",
    async of() {
      const limiter = createMemoryRateLimiter({ now: () => epochMs(0) });
      const limits = { ...attemptLimitsDefault, registrationsPerAddress: hourly, registrationsPerAddressDay: hourly };
      const attempts = createAttempts(limiter, { fingerprint: (text) => text }, limits);
      const heard = [];
      for (let n = 0; n < 11; n++) heard.push(await attempts.begin("anna", "192.0.2.1"));
      const last = heard.at(-1)!;
      return [heard.filter(({ ok }) => ok).length, last.ok ? "ok" : [last.error.code, last.error.facts]];
    },
    expected: [
      [10, ["TooManyRequests", { retryAfterSeconds: 30 }]],
      [10, ["TooManyRequests", { retryAfterSeconds: 30 }]],
    ],
  },
] as const;
