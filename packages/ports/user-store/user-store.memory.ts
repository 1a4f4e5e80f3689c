/** Accounts in maps. Nothing waits between a look and its change, which is what keeps the limits here. */
import type { PassengerId, UserId } from "@chepiao/kernel";
import { erased, type PassengerRecord, type UserRecord, userSlotOf, type UserStore } from "./user-store.ts";

export function createMemoryUserStore(): UserStore {
  const users = new Map<UserId, UserRecord>();
  /** Kind and hash → account. */
  const logins = new Map<string, UserId>();
  const provedContacts = new Set<string>();
  const accountsOfDocument = new Map<string, ReadonlySet<UserId>>();
  const ofDocument = (hash: string) => accountsOfDocument.get(hash) ?? new Set<UserId>();
  const passengersOfUser = new Map<UserId, PassengerRecord[]>();
  const ofUser = (userId: UserId) => passengersOfUser.get(userId) ?? [];
  const find = (userId: UserId, passengerId: PassengerId) =>
    ofUser(userId).findIndex((passenger) => passenger.passengerId === passengerId);
  function release(userId: UserId, contactHash: string) {
    if (logins.get(`contact ${contactHash}`) !== userId) return;
    provedContacts.delete(contactHash);
    logins.delete(`contact ${contactHash}`);
  }
  return {
    async register({ user, self, usernameHash, contactHash, accountsPerDocumentMax }) {
      const accounts = ofDocument(user.documentHash);
      if (logins.has(`username ${usernameHash}`)) return "usernameTaken";
      const takesPlace = accountsPerDocumentMax !== null;
      if (takesPlace && accounts.size >= accountsPerDocumentMax) return "documentFull";
      logins.set(`username ${usernameHash}`, user.userId);
      if (contactHash !== null && !logins.has(`contact ${contactHash}`))
        logins.set(`contact ${contactHash}`, user.userId);
      if (takesPlace) accountsOfDocument.set(user.documentHash, new Set([...accounts, user.userId]));
      users.set(user.userId, user);
      passengersOfUser.set(user.userId, [self]);
      return "registered";
    },
    async takeDocumentPlace(userId, documentHash, accountsPerDocumentMax) {
      const accounts = ofDocument(documentHash);
      if (accounts.has(userId)) return true;
      if (accounts.size >= accountsPerDocumentMax) return false;
      accountsOfDocument.set(documentHash, new Set([...accounts, userId]));
      return true;
    },
    byId: async (userId) => users.get(userId) ?? null,
    byLogin: async (kind, hash) => users.get(logins.get(`${kind} ${hash}`)!) ?? null,
    async change(userId, change) {
      const user = users.get(userId);
      if (!user || user.status === "deleted") return false;
      users.set(userId, { ...user, ...change });
      return true;
    },
    async proveContact(userId, contactHash, now) {
      const user = users.get(userId);
      if (!user || user.status === "deleted") return false;
      if (provedContacts.has(contactHash) && logins.get(`contact ${contactHash}`) !== userId) return false;
      logins.set(`contact ${contactHash}`, userId);
      provedContacts.add(contactHash);
      users.set(userId, { ...user, contactProvedAt: now });
      return true;
    },
    async changeContact(userId, { before, after }, now) {
      const { contactHash, ...sealed } = after;
      const user = users.get(userId);
      const isAsBefore = user?.phoneSealed === before.phoneSealed && user.emailSealed === before.emailSealed;
      if (!user || user.status === "deleted" || !isAsBefore) return "outdated";
      if (provedContacts.has(contactHash) && logins.get(`contact ${contactHash}`) !== userId) return "taken";
      if (before.contactHash !== contactHash) release(userId, before.contactHash);
      logins.set(`contact ${contactHash}`, userId);
      provedContacts.add(contactHash);
      users.set(userId, { ...user, ...sealed, contactProvedAt: now });
      return "changed";
    },
    async releaseContact(userId, contactHash) {
      release(userId, contactHash);
    },
    async unproved(slot, { openedBefore, after, limit }) {
      const some = [...users.values()].filter(
        ({ userId, status, contactProvedAt, createdAt }) =>
          userSlotOf(userId) === slot &&
          userId > after &&
          status === "active" &&
          contactProvedAt === 0 &&
          createdAt < openedBefore,
      );
      return some.toSorted((a, b) => a.userId - b.userId).slice(0, limit);
    },
    // Nothing is left here of a version before.
    clearEmails: async () => [],
    sealEmail: async () => false,
    async erase(userId, { usernameHash, contactHash, documentHash }) {
      const user = users.get(userId);
      if (!user || user.status === "deleted") return false;
      users.set(userId, erased(user));
      passengersOfUser.delete(userId);
      release(userId, contactHash);
      if (logins.get(`username ${usernameHash}`) === userId) logins.delete(`username ${usernameHash}`);
      accountsOfDocument.set(documentHash, new Set([...ofDocument(documentHash)].filter((other) => other !== userId)));
      return true;
    },
    passengers: async (userId) => [...ofUser(userId)],
    async addPassenger(passenger, max) {
      const saved = ofUser(passenger.userId);
      if (saved.some((other) => other.documentHash === passenger.documentHash)) return "exists";
      if (saved.length >= max) return "full";
      passengersOfUser.set(passenger.userId, [...saved, passenger]);
      return "added";
    },
    async editPassenger(userId, passengerId, change) {
      const at = find(userId, passengerId);
      if (at < 0) return null;
      const edited = { ...ofUser(userId)[at]!, ...change };
      passengersOfUser.set(userId, ofUser(userId).with(at, edited));
      return edited;
    },
    async removePassenger(userId, passengerId) {
      const at = find(userId, passengerId);
      if (at < 0 || ofUser(userId)[at]!.self) return false;
      passengersOfUser.set(userId, ofUser(userId).toSpliced(at, 1));
      return true;
    },
  };
}
