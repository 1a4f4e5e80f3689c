/** Opening an account, finding it, and ending it. */
import {
  type DocumentProof,
  type Policy,
  type Refusal,
  refusal,
  type RefusalCode,
  type Registration,
  type Role,
} from "@chepiao/contracts";
import {
  accountsPerDocumentMax,
  countedNetwork,
  dateIn,
  epochMs,
  ok,
  type PassengerId,
  refuse,
  type Result,
  type UserId,
} from "@chepiao/kernel";
import type { PassengerRecord, Registered, UserRecord } from "@chepiao/ports/user-store";
import type { Attempts } from "./attempts.ts";
import { type Contact, contactOf, contactText } from "./contact.ts";
import { decideAccount, type Person, usernameText } from "./decide.ts";
import { maskEmail, maskPhone } from "./documents.ts";
import type { UserDeps } from "./deps.ts";
import { emailIn } from "./emailAddresses.ts";
import { faultAt } from "./faults.ts";
import type { IdentityProofs, Named } from "./identity.ts";
import { type OwnFacts, weaknessOf } from "./passwordRules.ts";
import { isCarried } from "./oneTimeCodes.ts";
import { phoneIn } from "./phoneNumbers.ts";
import { passengerDocument, passengerPhone, userDocument, userEmail, userPhone } from "./sealedPlaces.ts";

type AccountsDeps = Pick<UserDeps, "users" | "vault" | "passwords" | "clock" | "ids" | "zone" | "messenger"> & {
  readonly policy: () => Policy;
  readonly regionsBefore: NonNullable<FindDeps["regionsBefore"]>;
  readonly attempts: Attempts;
  readonly identity: IdentityProofs;
};

export function createAccounts(deps: AccountsDeps) {
  const { users, vault, passwords, clock, ids, zone, policy, attempts, identity } = deps;
  const find = (name: string) => findAccount(deps, name);

  /** @param asker null where the operator of the platform asks, who knows whose phone or mail address it is */
  async function open(asked: Registration, role: Role, asker: string | null): Promise<Result<UserRecord, Refusal>> {
    const now = clock.now();
    const person = decideAccount(asked, dateIn(zone, now), policy());
    if (!person.ok) return person;
    // Before the slow hash: a client that tries names that are taken costs us little.
    if (await find(asked.username)) return refuse(refusal("UsernameTaken"));
    const { contact, phone, email } = person.value;
    const proof = await identity.prove(namedBy(person.value));
    if (proof === "refused") return refuse(refusal("IdentityRefused"));
    const passwordHash = await passwords.hash(tidyPassword(asked.password), {
      line: "registration",
      address: asker ?? "this process",
    });
    if (!passwordHash.ok) return passwordHash;
    const self = passengerRecord(deps, ids.rowId(now) as UserId, person.value, proof, true);
    const user: UserRecord = {
      userId: self.userId,
      username: asked.username,
      passwordHash: passwordHash.value,
      realName: self.name,
      documentType: self.documentType,
      documentSealed: vault.seal(person.value.document.number, userDocument(self.userId)),
      documentHash: self.documentHash,
      documentMasked: self.documentMasked,
      phoneSealed: phone === null ? "" : vault.seal(phone, userPhone(self.userId)),
      phoneMasked: phone === null ? "" : maskPhone(phone),
      contactProvedAt: epochMs(0),
      ...sealedEmail(deps, self.userId, email),
      role,
      status: "active",
      statusReason: null,
      sessionsSince: epochMs(0),
      createdAt: now,
    };
    const usernameHash = vault.fingerprint(usernameText(asked.username));
    // Where a code can be sent, a contact is nobody's who has not read one: neither an answer nor a log-in tells whether it is another's.
    const mustProve = isCarried(deps.messenger, contact) && asker !== null;
    const contactHash = mustProve ? null : vault.fingerprint(contactText(contact));
    const registered = await users.register({
      user,
      self,
      usernameHash,
      contactHash,
      accountsPerDocumentMax: identity.shown(proof) === "proved" ? accountsPerDocumentMax : null,
    });
    return registered === "registered" ? ok(user) : refuse(refusal(refusedBecause[registered]));
  }

  return {
    find,
    /** A known account, for the operator of the platform: its password may be one that everybody knows. */
    open: (asked: Registration, role: Role) => open(asked, role, null),
    /**
     * For every client on the internet: so many an address, whatever comes of them, because each that succeeds costs us a slow hash
     * and leaves an account. Only what was never begun, because the line was full, does not count.
     */
    async register(asked: Registration, clientAddress: string): Promise<Result<UserRecord, Refusal>> {
      const attempt = await attempts.register(clientAddress);
      if (!attempt.ok) return attempt;
      const weakness = weaknessOf(tidyPassword(asked.password), ownFacts(asked), passwords.isCommon);
      if (weakness) return faultAt("/password", weakness, "PasswordTooWeak");
      const opened = await open(asked, "passenger", countedNetwork(clientAddress));
      if (!opened.ok && opened.error.code === "Overloaded") await attempt.value.withdraw();
      return opened;
    },
    /** Of the person nothing is left here; orders and payments stay in the books under the account's number. */
    erase(user: UserRecord): Promise<boolean> {
      const usernameHash = vault.fingerprint(usernameText(user.username));
      const contactHash = vault.fingerprint(contactText(contactOf(user, vault)));
      return users.erase(user.userId, { usernameHash, contactHash, documentHash: user.documentHash }, clock.now());
    },
  };
}

const ownFacts = (asked: Registration): OwnFacts => ({
  ...asked,
  phone: asked.phone ?? null,
  email: asked.email ?? null,
});

/** A mail address as it is kept. */
export const sealedEmail = (
  { vault }: Pick<UserDeps, "vault">,
  userId: UserId,
  email: string | null,
): Pick<UserRecord, "emailSealed" | "emailMasked"> =>
  email === null
    ? { emailSealed: null, emailMasked: null }
    : { emailSealed: vault.seal(email, userEmail(userId)), emailMasked: maskEmail(email) };

export type FindDeps = Pick<UserDeps, "users" | "vault"> & {
  readonly policy?: () => Policy;
  /** Of versions of the policy before: who has an account may log in by its phone when its region is not taken any more. */
  readonly regionsBefore?: () => readonly Policy["phoneRegions"][];
};

/** The account that is meant by a username, in any case, a phone or a mail address: no username has an `@` in it. */
export async function findAccount(deps: FindDeps, name: string): Promise<UserRecord | null> {
  const { users, vault } = deps;
  const contacts = contactsMeant(deps, name);
  if (contacts.length === 0) return users.byLogin("username", vault.fingerprint(usernameText(name)));
  for (const contact of contacts) {
    const found = await users.byLogin("contact", vault.fingerprint(contactText(contact)));
    if (found) return found;
  }
  return null;
}

/** The contacts that a name may be, in the forms that are kept, by the policy in force and those before. */
export function contactsMeant(
  { policy, regionsBefore = () => [] }: Pick<FindDeps, "policy" | "regionsBefore">,
  name: string,
): readonly Contact[] {
  const email = emailIn(name);
  if (email !== null) return [{ kind: "email", address: email }];
  const regions = [policy?.().phoneRegions, ...regionsBefore()];
  const phones = new Set(regions.map((each) => phoneIn(name, each)).filter((phone) => phone !== null));
  return Array.from(phones, (address) => ({ kind: "phone", address }));
}

/** A passenger as it is kept: what identifies a person is sealed, hashed and masked here and read nowhere after. */
export function passengerRecord(
  {
    vault,
    clock,
    ids,
    identity,
  }: Pick<AccountsDeps, "vault" | "clock" | "ids"> & {
    readonly identity: Pick<IdentityProofs, "askedAt">;
  },
  userId: UserId,
  { name, document, phone, ticketType, birthDate }: Person,
  proof: DocumentProof,
  self: boolean,
): PassengerRecord {
  const now = clock.now();
  const passengerId = ids.rowId(now) as PassengerId;
  return {
    passengerId,
    userId,
    name,
    documentType: document.type,
    documentSealed: vault.seal(document.number, passengerDocument(passengerId)),
    documentHash: vault.fingerprint(document.identity),
    documentMasked: document.masked,
    phoneSealed: phone === null ? null : vault.seal(phone, passengerPhone(passengerId)),
    phoneMasked: phone === null ? null : maskPhone(phone),
    ticketType,
    birthDate: document.birthDate === null ? birthDate : null,
    self,
    proof,
    proofAskedAt: identity.askedAt(),
    createdAt: now,
  };
}

export const namedBy = ({ name, document: { type, number } }: Person): Named => ({
  name,
  documentType: type,
  documentNumber: number,
});

const refusedBecause: Record<Exclude<Registered, "registered">, RefusalCode> = {
  usernameTaken: "UsernameTaken",
  documentFull: "DocumentAccountsFull",
};

/** The same characters typed on another keyboard are the same password (NIST SP 800-63B). */
export const tidyPassword = (password: string): string => password.normalize("NFKC");
