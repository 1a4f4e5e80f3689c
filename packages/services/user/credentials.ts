/** Proving that one is an account's owner, by password or by a code sent to its phone or mail address, and giving it another password. */
import { type Refusal, refusal, type Policy } from "@chepiao/contracts";
import { countedNetwork, ok, refuse, type Result, type UserId } from "@chepiao/kernel";
import type { UserRecord } from "@chepiao/ports/user-store";
import { type FindDeps, findAccount, contactsMeant, tidyPassword } from "./accounts.ts";
import type { Attempts } from "./attempts.ts";
import { contactOf, contactText, knownBy } from "./contact.ts";
import { usernameText } from "./decide.ts";
import type { UserDeps } from "./deps.ts";
import { faultAt } from "./faults.ts";
import { addressed, codesFor, isCarried } from "./oneTimeCodes.ts";
import { type Contacts, isContactProved } from "./contacts.ts";
import { userDocument, userEmail, userPhone } from "./sealedPlaces.ts";
import { type OwnFacts, weaknessOf } from "./passwordRules.ts";
import type { Sessions } from "./sessions.ts";

/** Whose code is tried where there is no such account: nobody's, at the same cost. */
const nobody = 0 as UserId;

type Language = "zh" | "en";

/** What came of a try, and whose account it was at: for the stream of security events, not for the answer. */
type Tried = { readonly userId: UserId | null; readonly result: Result<UserRecord, Refusal> };

export type CredentialsDeps = Pick<
  UserDeps,
  "users" | "vault" | "passwords" | "clock" | "random" | "codes" | "messenger" | "notifications" | "deliveries"
> & {
  readonly policy: () => Policy;
  readonly regionsBefore: NonNullable<FindDeps["regionsBefore"]>;
  readonly attempts: Attempts;
  readonly contacts: Pick<Contacts, "reached" | "mailboxHash">;
  readonly sessions: Pick<Sessions, "endAll">;
};

export function createCredentials(deps: CredentialsDeps) {
  const { users, vault, passwords, clock, random, messenger, attempts, contacts, sessions } = deps;
  const codes = codesFor("passwordReset", deps);
  const contactCodes = codesFor("contactChange", deps);

  /** The same for every spelling of an account's name; a name without an account is counted as one, so that nobody can tell. */
  function accountKey(name: string, user: UserRecord | null): string {
    const [contact] = contactsMeant(deps, name);
    const text = () => (contact ? contactText(contact) : usernameText(name));
    return user ? `user ${user.userId}` : `name ${vault.fingerprint(text())}`;
  }

  /** Whether it is the password of the account; a failure is counted, and nobody learns whether there is an account. */
  async function prove(
    name: string,
    user: UserRecord | null,
    password: string,
    clientAddress: string,
  ): Promise<Result<boolean, Refusal>> {
    const attempt = await attempts.begin(accountKey(name, user), clientAddress);
    if (!attempt.ok) return attempt;
    // An account whose password was taken away has none that fits.
    const stored = user?.passwordHash || null;
    const fits = await passwords.verify(tidyPassword(password), stored, {
      line: "login",
      address: countedNetwork(clientAddress),
    });
    if (!fits.ok) await attempt.value.withdraw();
    else if (fits.value) await attempt.value.succeed();
    return fits;
  }

  const ownFacts = (user: UserRecord): OwnFacts => ({
    ...user,
    phone: user.phoneSealed === "" ? null : vault.open(user.phoneSealed, userPhone(user.userId)),
    email: user.emailSealed === null ? null : vault.open(user.emailSealed, userEmail(user.userId)),
    documentNumber: vault.open(user.documentSealed, userDocument(user.userId)),
  });

  function checkStrength(path: string, password: string, own: OwnFacts | null): Result<null, Refusal> {
    const weakness = weaknessOf(tidyPassword(password), own, passwords.isCommon);
    return weakness ? faultAt(path, weakness, "PasswordTooWeak") : ok(null);
  }

  async function setPassword(user: UserRecord, hash: string, ending: "all" | { readonly but: string }): Promise<void> {
    const now = clock.now();
    const all = ending === "all";
    await users.change(user.userId, { passwordHash: hash, ...(all ? { sessionsSince: now } : {}) }, now);
    await codes.end(user.userId);
    // Whoever knew the password before may have asked for one to a phone of his own.
    await contactCodes.end(user.userId);
    await sessions.endAll(user.userId, all ? null : ending.but);
  }

  /**
   * That the password is another stands in the message centre, and is mailed as any other notification, where the account has proved its address.
   * Answers whether it is still to be sent: to a phone, or to an address that has yet to be proved, it goes once.
   */
  async function keepTold(user: UserRecord): Promise<boolean> {
    const told = {
      notificationId: `passwordChanged:${random.token(16)}`,
      userId: user.userId,
      kind: "passwordChanged",
      facts: { orderNo: null, trips: [] },
      at: clock.now(),
    } as const;
    await deps.notifications?.add([told]);
    const contact = await contacts.reached(user);
    const isMailed = contact?.kind === "email" && isContactProved(user);
    if (!deps.deliveries || !isMailed) return contact !== null;
    await deps.deliveries.add([{ ...told, channel: "mail" }]);
    return false;
  }

  async function tellOwner(user: UserRecord, language: Language): Promise<void> {
    const contact = await contacts.reached(user);
    if (!contact) return;
    await messenger!.send({
      messageId: random.token(16),
      ...addressed(contact),
      template: "passwordChanged",
      facts: {},
      language,
    });
  }

  async function resetOf(
    found: UserRecord | null,
    name: string,
    asked: { readonly code: string; readonly password: string },
    clientAddress: string,
  ): Promise<Result<UserRecord, Refusal>> {
    // Before the code loses a try: this is said of the password, to every caller.
    const strong = checkStrength("/password", asked.password, null);
    if (!strong.ok) return strong;
    const attempt = await attempts.begin(accountKey(name, found), clientAddress);
    if (!attempt.ok) return attempt;
    const user = found?.status === "active" ? found : null;
    const contact = user && contactOf(user, vault);
    const wrong = () => faultAt("/code", "codeWrong", "ResetCodeWrong");
    if (!(await codes.try(user?.userId ?? nobody, contact, asked.code)) || !user || !contact) return wrong();
    const own = checkStrength("/password", asked.password, ownFacts(user));
    const turn = { line: "login", address: countedNetwork(clientAddress) } as const;
    const hash = own.ok ? await passwords.hash(tidyPassword(asked.password), turn) : own;
    if (!hash.ok) {
      await attempt.value.withdraw();
      return hash;
    }
    if (!(await codes.use(user.userId, contact, asked.code))) return wrong();
    await setPassword(user, hash.value, "all");
    await attempt.value.succeed();
    return ok(user);
  }

  return {
    keepTold,
    tellOwner,
    prove: (user: UserRecord, password: string, clientAddress: string) =>
      prove(user.username, user, password, clientAddress),

    async logIn(name: string, password: string, clientAddress: string): Promise<Tried> {
      const user = await findAccount(deps, name);
      const tried = (result: Tried["result"]): Tried => ({ userId: user?.userId ?? null, result });
      const fits = await prove(name, user, password, clientAddress);
      if (!fits.ok) return tried(fits);
      if (!user || !fits.value) return tried(refuse(refusal("WrongCredentials")));
      // Said only to who knows the password.
      return tried(user.status === "active" ? ok(user) : refuse(refusal("AccountDisabled")));
    },

    /** Ends every session but the one that asks. */
    async change(
      user: UserRecord,
      asked: { readonly oldPassword: string; readonly newPassword: string },
      sessionId: string,
      clientAddress: string,
    ): Promise<Result<null, Refusal>> {
      const fits = await prove(user.username, user, asked.oldPassword, clientAddress);
      if (!fits.ok) return fits;
      if (!fits.value) return faultAt("/oldPassword", "passwordWrong", "PasswordWrong");
      const strong = checkStrength("/newPassword", asked.newPassword, ownFacts(user));
      if (!strong.ok) return strong;
      const turn = { line: "login", address: countedNetwork(clientAddress) } as const;
      const hash = await passwords.hash(tidyPassword(asked.newPassword), turn);
      if (!hash.ok) return hash;
      await setPassword(user, hash.value, { but: sessionId });
      return ok(null);
    },

    /** Sends a code where there is such an account, and otherwise nothing; how it went is told only to us. */
    async sendCodeTo(
      name: string,
      language: Language,
    ): Promise<{ readonly userId: UserId | null; readonly why: string | null }> {
      const user = await findAccount(deps, name);
      if (user?.status !== "active")
        return { userId: user?.userId ?? null, why: user ? "AccountDisabled" : "NoAccount" };
      if (!isCarried(messenger, { kind: knownBy(user) })) return { userId: user.userId, why: "ServiceUnavailable" };
      const contact = await contacts.reached(user);
      if (contact === null) return { userId: user.userId, why: "ContactTaken" };
      const mailbox = contacts.mailboxHash(contact);
      const allowed = await attempts.sendCode(accountKey(name, user), mailbox, isContactProved(user));
      if (!allowed.ok) return { userId: user.userId, why: allowed.error.code };
      await codes.send(contact, await codes.make(user.userId, contact), language, allowed.value);
      return { userId: user.userId, why: null };
    },

    /** Ends every session. A wrong code, an old one and one for no account are refused alike. */
    async reset(
      name: string,
      asked: { readonly code: string; readonly password: string },
      clientAddress: string,
    ): Promise<Tried> {
      const found = await findAccount(deps, name);
      return { userId: found?.userId ?? null, result: await resetOf(found, name, asked, clientAddress) };
    },

    /** Takes the password away and ends every session; the code that is answered gives it another. */
    async takeAway(user: UserRecord): Promise<string> {
      await setPassword(user, "", "all");
      return codes.make(user.userId, contactOf(user, vault));
    },
    sendCode: codes.send,
  };
}

export type Credentials = ReturnType<typeof createCredentials>;
