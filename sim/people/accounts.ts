/** Who buys: accounts with saved passengers, some of whom other accounts have saved too. They are there before the world begins. */
import {
  isMandatory,
  notificationKinds,
  onlyPolicy,
  type OptionalKind,
  policyDefault,
  type TicketType,
  withChanges,
} from "@chepiao/contracts";
import { assert, createIdSource, epochMs, formatInZone, minuteMs, serviceDate } from "@chepiao/kernel";
import type { IdentityVerdict } from "@chepiao/ports/identity-verifier";
import { createMemoryOneTimeCodes } from "@chepiao/ports/one-time-codes";
import { createMemoryPasswords } from "@chepiao/ports/passwords";
import { createSeededRandom } from "@chepiao/ports/random";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemorySecurityEvents } from "@chepiao/ports/security-events";
import { createMemorySessionStore } from "@chepiao/ports/session-store";
import { createMemoryVault } from "@chepiao/ports/vault";
import { createUser, demoResidentId } from "@chepiao/services/user";
import { chanceOf } from "../core/chance.ts";
import { accountCount, hasMails, hasStudents } from "../plan.ts";
import { zone } from "../railway.ts";
import type { World } from "../world.ts";

export type Account = { readonly username: string; readonly password: string; readonly number: number };

const mailOf = (number: number) => `buyer-${number}@mail.example`;
/** Under it an account is known by its mail address, and reached there. */
const byMail = withChanges(policyDefault, { account: { knownBy: "email" } });

const ownPassengers = 4;
const password = "correct horse 1";

export const accountOf = (number: number): Account => ({ username: `buyer${number}`, password, number });

/** Born in a year of their own, so that all numbers differ. */
const documentOf = (person: number, born = 1960 + (person % 40)) =>
  ({ documentType: "residentId", documentNumber: demoResidentId(serviceDate(`${born}-05-01`), person) }) as const;

/** Whose account that is: behind the first ones come further accounts of the same people. */
const ownerOf = (number: number): number => number % accountCount;

/** Some only say who they are: what they save counts within their account alone. */
const isProved = (number: number): boolean => number % 4 !== 1;

/** Who has one lot in a queue: whoever proved a document, and each account that did not. */
export const personOf = (number: number): number => (isProved(number) ? ownerOf(number) : number);

/** Opens these accounts, straight in the database. */
export async function openAccounts(
  { sql, seed, mails }: Pick<World, "seed" | "sql" | "mails">,
  numbers: readonly number[],
): Promise<void> {
  const vault = createMemoryVault(1);
  let verdict: IdentityVerdict = "matches";
  const room = createUser({
    users: sql.within.users,
    sessions: createMemorySessionStore(),
    codes: createMemoryOneTimeCodes(),
    limiter: createMemoryRateLimiter({ now: () => epochMs(Date.UTC(2026, 0, 1)) }),
    securityEvents: createMemorySecurityEvents(),
    messenger: null,
    identityVerifier: { verify: async () => verdict },
    vault,
    passwords: createMemoryPasswords(),
    clock: { now: () => epochMs(Date.UTC(2026, 0, 1)), after: () => () => {}, soon: () => {} },
    random: createSeededRandom(1),
    ids: createIdSource(63),
    zone,
    ...(hasMails(seed) ? { policies: onlyPolicy(byMail) } : {}),
  });
  const ticketType: TicketType = hasStudents(seed) ? "student" : "adult";
  for (const number of numbers) {
    verdict = isProved(number) ? "matches" : "notCovered";
    const opened = await room.seedAccount({
      account: {
        username: accountOf(number).username,
        password,
        ...(hasMails(seed) ? { email: mailOf(number) } : { phone: `139${String(10_000_000 + number)}` }),
        realName: `买家${ownerOf(number)}`,
        ...documentOf(ownerOf(number) * 10),
      },
      passengers: [
        ...Array.from({ length: ownPassengers - 1 }, (_, n) => ({
          name: "乘客",
          ...documentOf(number * 10 + n + 1),
          ticketType,
        })),
        // Saved by the neighbour, too: a student's trips run out sooner.
        { name: "同行", ...documentOf(900 + Math.floor(number / 2)), ticketType },
        { name: "儿童", ...documentOf(number, 2020), ticketType: "child" },
      ],
    });
    assert(opened !== null, "nobody has that name yet");
    if (!hasMails(seed)) continue;
    const contactHash = vault.fingerprint(`email:${mailOf(number)}`);
    const proved = await sql.within.users.proveContact(opened.userId, contactHash, epochMs(Date.UTC(2026, 0, 1)));
    assert(proved, "nobody has that address yet");
    mails.addresses.set(opened.userId, mailOf(number));
  }
}

/** Some do not want everything mailed, or not at this hour: what is asked for then waits for a while, or until long after the sale. */
export async function choosePreferences({ seed, sql, mails, now }: Pick<World, "seed" | "sql" | "mails" | "now">) {
  const chance = chanceOf(seed, "what is mailed");
  const clockAt = (afterMs: number) => formatInZone(epochMs(now() + afterMs), zone).slice(11, 16);
  for (const userId of mails.addresses.keys()) {
    if (chance.chance(0.4)) continue;
    const quiet = chance.chance(0.5)
      ? { from: clockAt(-minuteMs), until: clockAt(chance.pick([4, 90]) * minuteMs), zone }
      : null;
    const notMailed = notificationKinds.filter(
      (kind): kind is OptionalKind => !isMandatory(kind) && chance.chance(0.2),
    );
    await sql.within.notifications.setPreferences(userId, { notMailed, language: null, quiet }, now());
  }
}
