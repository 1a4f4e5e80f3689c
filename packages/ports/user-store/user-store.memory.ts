/** Accounts in maps. Nothing waits between a look and its change, which is what keeps the limits here. */
import type { PassengerId, UserId } from "@chepiao/kernel";
import type { PassengerRecord, UserRecord, UserStore } from "./user-store.ts";

export function createMemoryUserStore(): UserStore {
  const users = new Map<UserId, UserRecord>();
  /** Kind and hash → account. */
  const logins = new Map<string, UserId>();
  const accountsOfDocument = new Map<string, number>();
  const passengersOfUser = new Map<UserId, PassengerRecord[]>();
  const ofUser = (userId: UserId) => passengersOfUser.get(userId) ?? [];
  const find = (userId: UserId, passengerId: PassengerId) =>
    ofUser(userId).findIndex((passenger) => passenger.passengerId === passengerId);
  return {
    async register({ user, self, usernameHash, phoneHash, accountsPerDocumentMax }) {
      const accounts = accountsOfDocument.get(user.documentHash) ?? 0;
      if (logins.has(`username ${usernameHash}`)) return "usernameTaken";
      if (logins.has(`phone ${phoneHash}`)) return "phoneTaken";
      if (accounts >= accountsPerDocumentMax) return "documentFull";
      logins.set(`username ${usernameHash}`, user.userId).set(`phone ${phoneHash}`, user.userId);
      accountsOfDocument.set(user.documentHash, accounts + 1);
      users.set(user.userId, user);
      passengersOfUser.set(user.userId, [self]);
      return "registered";
    },
    byId: async (userId) => users.get(userId) ?? null,
    byLogin: async (kind, hash) => users.get(logins.get(`${kind} ${hash}`)!) ?? null,
    async change(userId, change) {
      const user = users.get(userId);
      if (user) users.set(userId, { ...user, ...change });
      return user !== undefined;
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
