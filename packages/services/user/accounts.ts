/** Opening an account and proving that one is its owner. */
import { type Refusal, refusal, type RefusalCode, type Registration, type Role } from "@chepiao/contracts";
import {
  accountsPerDocumentMax,
  dateIn,
  minuteMs,
  ok,
  type PassengerId,
  refuse,
  type Result,
  type UserId,
} from "@chepiao/kernel";
import type { PassengerRecord, Registered, UserRecord } from "@chepiao/ports/user-store";
import { decideAccount, isPhone, type Person, phoneText, usernameText } from "./decide.ts";
import { maskPhone } from "./documents.ts";
import type { LoginLimits, UserDeps } from "./deps.ts";
import { createThrottle } from "./throttle.ts";

const loginLimitsDefault: LoginLimits = {
  perName: { triesMax: 10, windowMs: 5 * minuteMs },
  // Whole campuses stand behind one address.
  perAddress: { triesMax: 100, windowMs: 5 * minuteMs },
};
/** Names and addresses remembered; past that the least recent are forgotten. About 10 MB each. */
const throttledMax = 50_000;

export function createAccounts(deps: UserDeps) {
  const { users, vault, passwords, clock, ids, zone, loginLimits = loginLimitsDefault } = deps;
  const byName = createThrottle(loginLimits.perName, throttledMax);
  const byAddress = createThrottle(loginLimits.perAddress, throttledMax);

  const find = (name: string) => findAccount(deps, name);

  async function open(asked: Registration, role: Role): Promise<Result<UserRecord, Refusal>> {
    const now = clock.now();
    const person = decideAccount(asked, dateIn(zone, now));
    if (!person.ok) return person;
    // Before the slow hash: whoever tries names that are taken costs us little.
    if (await find(asked.username)) return refuse(refusal("UsernameTaken"));
    if (await find(asked.phone)) return refuse(refusal("PhoneTaken"));
    const passwordHash = await passwords.hash(tidyPassword(asked.password));
    if (!passwordHash.ok) return passwordHash;
    const self = passengerRecord(deps, ids.rowId(now) as UserId, person.value, true);
    const user: UserRecord = {
      userId: self.userId,
      username: asked.username,
      passwordHash: passwordHash.value,
      realName: self.name,
      documentType: self.documentType,
      documentSealed: self.documentSealed,
      documentHash: self.documentHash,
      documentMasked: self.documentMasked,
      phoneSealed: vault.seal(asked.phone),
      phoneMasked: maskPhone(asked.phone),
      email: asked.email ?? null,
      role,
      status: "active",
      createdAt: now,
    };
    const usernameHash = vault.fingerprint(usernameText(asked.username));
    const phoneHash = vault.fingerprint(phoneText(asked.phone));
    const registered = await users.register({ user, self, usernameHash, phoneHash, accountsPerDocumentMax });
    return registered === "registered" ? ok(user) : refuse(refusal(refusedBecause[registered]));
  }

  return {
    find,
    open,
    /** As `open`, for whoever knocks: an address that keeps being refused has to wait. */
    async register(asked: Registration, address: string): Promise<Result<UserRecord, Refusal>> {
      const waitMs = byAddress.take(address, clock.now());
      if (waitMs > 0) return refuse(tooMany(waitMs));
      const opened = await open(asked, "passenger");
      if (opened.ok || opened.error.code === "Overloaded") byAddress.giveBack(address);
      return opened;
    },
    async logIn(name: string, password: string, address: string): Promise<Result<UserRecord, Refusal>> {
      const now = clock.now();
      const nameKey = name.toLowerCase();
      const waitMs = byAddress.take(address, now) || byName.take(nameKey, now);
      if (waitMs > 0) return refuse(tooMany(waitMs));
      const user = await find(name);
      const fits = await passwords.verify(tidyPassword(password), user?.passwordHash ?? null);
      if (!fits.ok) {
        byAddress.giveBack(address);
        byName.giveBack(nameKey);
        return fits;
      }
      if (!user || !fits.value) return refuse(refusal("WrongCredentials"));
      byAddress.giveBack(address);
      byName.forget(nameKey);
      // Said only to who knows the password.
      return user.status === "active" ? ok(user) : refuse(refusal("AccountDisabled"));
    },
  };
}

/** The account somebody means by a username, in any case, or a phone. */
export const findAccount = (
  { users, vault }: Pick<UserDeps, "users" | "vault">,
  name: string,
): Promise<UserRecord | null> =>
  isPhone(name)
    ? users.byLogin("phone", vault.fingerprint(phoneText(name)))
    : users.byLogin("username", vault.fingerprint(usernameText(name)));

/** A passenger as it is kept: what identifies a person is sealed, hashed and masked here and read nowhere after. */
export function passengerRecord(
  { vault, clock, ids }: Pick<UserDeps, "vault" | "clock" | "ids">,
  userId: UserId,
  { name, document, phone, ticketType, birthDate }: Person,
  self: boolean,
): PassengerRecord {
  const now = clock.now();
  return {
    passengerId: ids.rowId(now) as PassengerId,
    userId,
    name,
    documentType: document.type,
    documentSealed: vault.seal(document.number),
    documentHash: vault.fingerprint(document.identity),
    documentMasked: document.masked,
    phoneSealed: phone === null ? null : vault.seal(phone),
    phoneMasked: phone === null ? null : maskPhone(phone),
    ticketType,
    birthDate: document.birthDate === null ? birthDate : null,
    self,
    createdAt: now,
  };
}

const refusedBecause: Record<Exclude<Registered, "registered">, RefusalCode> = {
  usernameTaken: "UsernameTaken",
  phoneTaken: "PhoneTaken",
  documentFull: "DocumentAccountsFull",
};

const tooMany = (waitMs: number) => refusal("TooManyRequests", { retryAfterSeconds: Math.ceil(waitMs / 1_000) });

/** The same characters typed on another keyboard are the same password (NIST SP 800-63B). */
const tidyPassword = (password: string): string => password.normalize("NFKC");
