/**
 * Whose a phone or mail address is. Who registers only names one; who reads a code there has it, and takes it from an account that named it
 * and never read one. Before that nobody has it, but where no codes are sent, and in accounts from then: there it is the first's who named it.
 * Nobody who has not read a code hears whether it is another's.
 */
import { type Refusal, refusal } from "@chepiao/contracts";
import { ok, refuse, type Result, type UserId } from "@chepiao/kernel";
import type { UserRecord } from "@chepiao/ports/user-store";
import type { Attempts } from "./attempts.ts";
import { type Contact, contactOf, contactText, knownBy, mailboxText, sealedContact } from "./contact.ts";
import type { UserDeps } from "./deps.ts";
import { faultAt } from "./faults.ts";
import { addressed, codesFor, isCarried, sendCounted } from "./oneTimeCodes.ts";

export type ContactsDeps = Pick<UserDeps, "users" | "vault" | "clock" | "random" | "codes" | "messenger"> & {
  readonly attempts: Attempts;
};

const movedAway = { phone: "phoneChanged", email: "emailChanged" } as const;
const codeWrong = () => faultAt("/code", "codeWrong", "ContactCodeWrong");
const namedAgain = { phone: "phoneNamedAgain", email: "emailNamedAgain" } as const;

export const isContactProved = ({ contactProvedAt }: UserRecord): boolean => contactProvedAt > 0;

export function createContacts(deps: ContactsDeps) {
  const { users, vault, clock, attempts } = deps;
  const codes = codesFor("contactProof", deps);
  const changeCodes = codesFor("contactChange", deps);

  const hashOf = (contact: Contact) => vault.fingerprint(contactText(contact));
  /** For limits alone. */
  const mailboxHash = (contact: Contact) => vault.fingerprint(mailboxText(contact));

  /** The account that has this one's contact, where it is not this one. */
  async function otherHolder(user: UserRecord, contact: Contact): Promise<UserRecord | null> {
    const holder = await users.byLogin("contact", hashOf(contact));
    return holder?.userId === user.userId ? null : holder;
  }

  /** Of two changes of one account at a time one comes second: what that took would be kept from everybody. */
  async function letGoUnlessOwn(userId: UserId, contact: Contact): Promise<boolean> {
    const now = await users.byId(userId);
    const isOwn =
      now !== null && now.status !== "deleted" && contactText(contactOf(now, vault)) === contactText(contact);
    if (!isOwn) await users.releaseContact(userId, hashOf(contact));
    return isOwn;
  }

  return {
    mailboxHash,
    /** Where messages to the account go; null where nobody carries them there, or another account has its contact. */
    async reached(user: UserRecord): Promise<Contact | null> {
      const contact = contactOf(user, vault);
      if (!isCarried(deps.messenger, contact)) return null;
      return (await otherHolder(user, contact)) ? null : contact;
    },

    /** Nobody is told of orders at an address that he only named. */
    async mailAddress(userId: UserId): Promise<string | null> {
      const user = await users.byId(userId);
      if (user?.status !== "active" || !isContactProved(user) || knownBy(user) !== "email") return null;
      return contactOf(user, vault).address;
    },

    async sendCode(user: UserRecord, language: "zh" | "en"): Promise<Result<null, Refusal>> {
      const contact = contactOf(user, vault);
      const allowed = await attempts.proveContact(user.userId, mailboxHash(contact), isContactProved(user));
      if (!allowed.ok) return allowed;
      await codes.send(contact, await codes.make(user.userId, contact), language, allowed.value);
      return ok(null);
    },

    /** To another contact, of the kind that the account has. Whose it is so far, nobody hears who cannot read there. */
    async sendChangeCode(user: UserRecord, contact: Contact, language: "zh" | "en"): Promise<Result<null, Refusal>> {
      const allowed = await attempts.changeContact(user.userId, mailboxHash(contact));
      if (!allowed.ok) return allowed;
      await changeCodes.send(contact, await changeCodes.make(user.userId, contact), language, allowed.value);
      return ok(null);
    },

    /** Once a day, whoever has proved the contact hears that another account names it: he may have forgotten that he has one. */
    async tellHolder(user: UserRecord, language: "zh" | "en"): Promise<void> {
      const contact = contactOf(user, vault);
      if (!isCarried(deps.messenger, contact)) return;
      const other = await otherHolder(user, contact);
      if (!other || !isContactProved(other)) return;
      const allowed = await attempts.tellHolder(mailboxHash(contact));
      if (!allowed.ok) return;
      const messageId = deps.random.token(16);
      const message = { messageId, ...addressed(contact), template: namedAgain[contact.kind], facts: {}, language };
      await sendCounted(deps.messenger!, message, allowed.value);
    },

    /**
     * The account afterwards. A wrong code, an old one and one that was used are refused alike. Only who has read the code hears that
     * the contact is another account's.
     */
    async prove(user: UserRecord, code: string): Promise<Result<UserRecord, Refusal>> {
      const { userId } = user;
      const contact = contactOf(user, vault);
      if (!(await codes.try(userId, contact, code)) || !(await codes.use(userId, contact, code))) return codeWrong();
      const now = clock.now();
      if (!(await users.proveContact(userId, hashOf(contact), now))) return refuse(refusal("ContactTaken"));
      const isStill = await letGoUnlessOwn(userId, contact);
      return isStill ? ok({ ...user, contactProvedAt: now }) : codeWrong();
    },

    /** The account afterwards, which has that contact and no other; refused as above. */
    async change(user: UserRecord, contact: Contact, code: string): Promise<Result<UserRecord, Refusal>> {
      const { userId } = user;
      if (!(await changeCodes.try(userId, contact, code)) || !(await changeCodes.use(userId, contact, code)))
        return codeWrong();
      const now = clock.now();
      const after = sealedContact(user, contact, vault);
      const before = { ...user, contactHash: hashOf(contactOf(user, vault)) };
      const change = { before, after: { ...after, contactHash: hashOf(contact) } };
      const changed = await users.changeContact(userId, change, now);
      if (changed === "taken") return refuse(refusal("ContactTaken"));
      if (changed === "changed") return ok({ ...user, ...after, contactProvedAt: now });
      await letGoUnlessOwn(userId, contact);
      return codeWrong();
    },

    /** Whoever had the account's contact until now hears that it has another one. */
    async tellBefore(before: Contact, language: "zh" | "en"): Promise<void> {
      if (!isCarried(deps.messenger, before)) return;
      await deps.messenger!.send({
        messageId: deps.random.token(16),
        ...addressed(before),
        template: movedAway[before.kind],
        facts: {},
        language,
      });
    },
  };
}

export type Contacts = ReturnType<typeof createContacts>;
