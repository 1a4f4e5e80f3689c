/** Who buys: accounts with saved passengers, some of whom other accounts have saved too. They are there before the world begins. */
import type { TicketType } from "@chepiao/contracts";
import { createIdSource, epochMs, serviceDate } from "@chepiao/kernel";
import type { IdentityVerdict } from "@chepiao/ports/identity-verifier";
import { createMemoryOneTimeCodes } from "@chepiao/ports/one-time-codes";
import { createMemoryPasswords } from "@chepiao/ports/passwords";
import { createSeededRandom } from "@chepiao/ports/random";
import { createMemoryRateLimiter } from "@chepiao/ports/rate-limiter";
import { createMemorySecurityEvents } from "@chepiao/ports/security-events";
import { createMemorySessionStore } from "@chepiao/ports/session-store";
import { createMemoryVault } from "@chepiao/ports/vault";
import { createUser, demoResidentId } from "@chepiao/services/user";
import { accountCount, hasStudents } from "../plan.ts";
import { zone } from "../railway.ts";
import type { World } from "../world.ts";

export type Account = { readonly username: string; readonly password: string; readonly number: number };

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

/** Opens so many accounts, straight in the database. */
export async function openAccounts({ sql, seed }: Pick<World, "seed" | "sql">, count: number): Promise<void> {
  let verdict: IdentityVerdict = "matches";
  const room = createUser({
    users: sql.within.users,
    sessions: createMemorySessionStore(),
    codes: createMemoryOneTimeCodes(),
    limiter: createMemoryRateLimiter({ now: () => epochMs(Date.UTC(2026, 0, 1)) }),
    securityEvents: createMemorySecurityEvents(),
    messenger: null,
    identityVerifier: { verify: async () => verdict },
    vault: createMemoryVault(1),
    passwords: createMemoryPasswords(),
    clock: { now: () => epochMs(Date.UTC(2026, 0, 1)), after: () => () => {}, soon: () => {} },
    random: createSeededRandom(1),
    ids: createIdSource(63),
    zone,
  });
  const ticketType: TicketType = hasStudents(seed) ? "student" : "adult";
  for (let number = 0; number < count; number++) {
    verdict = isProved(number) ? "matches" : "notCovered";
    await room.seedAccount({
      account: {
        username: accountOf(number).username,
        password,
        phone: `139${String(10_000_000 + number)}`,
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
  }
}
