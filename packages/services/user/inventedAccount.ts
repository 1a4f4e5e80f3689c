/**
 * Accounts of people who are made up, already logged in: for a rehearsal, which needs hundreds of thousands of them and has no time for their slow
 * password hashes. They have no password, and reserve neither name nor document, so that nobody can log in to one.
 */
import { assert, epochMs, type ServiceDate, sessionLifetimeMsDefault, type UserId } from "@chepiao/kernel";
import type { SessionRecord } from "@chepiao/ports/session-store";
import type { PassengerRecord, UserRecord } from "@chepiao/ports/user-store";
import { passengerRecord } from "./accounts.ts";
import { demoResidentId, parseDocument } from "./documents.ts";
import type { UserDeps } from "./deps.ts";
import { userDocument } from "./sealedPlaces.ts";
import { newToken } from "./tokens.ts";

export type InventedPerson = {
  readonly username: string;
  readonly name: string;
  /** Of a resident id that is nobody's; several accounts may have one person. */
  readonly born: ServiceDate;
  readonly sequence: number;
};
export type InventedAccount = {
  readonly user: UserRecord;
  readonly self: PassengerRecord;
  readonly session: SessionRecord;
  readonly token: string;
};

type InventDeps = Pick<UserDeps, "vault" | "clock" | "random" | "ids">;

export function inventAccount(deps: InventDeps, { username, name, born, sequence }: InventedPerson): InventedAccount {
  const { vault, clock, random, ids } = deps;
  const now = clock.now();
  const document = parseDocument("residentId", demoResidentId(born, sequence), born);
  assert(document !== null, "a number made for demonstrations is one");
  const person = { name, document, phone: null, ticketType: "adult", birthDate: null } as const;
  const userId = ids.rowId(now) as UserId;
  const identity = { askedAt: () => now };
  const self = passengerRecord({ vault, clock, ids, identity }, userId, person, "proved", true);
  const { token, sessionId } = newToken(vault, random, userId);
  const user: UserRecord = {
    userId,
    username,
    passwordHash: "",
    realName: name,
    documentType: self.documentType,
    documentSealed: vault.seal(document.number, userDocument(userId)),
    documentHash: self.documentHash,
    documentMasked: self.documentMasked,
    phoneSealed: "",
    phoneMasked: "",
    contactProvedAt: now,
    emailSealed: null,
    emailMasked: null,
    role: "passenger",
    status: "active",
    statusReason: null,
    sessionsSince: epochMs(0),
    createdAt: now,
  };
  const expiresAt = epochMs(now + sessionLifetimeMsDefault);
  return {
    user,
    self,
    token,
    session: { sessionId, userId, createdAt: now, lastSeenAt: now, expiresAt, userAgent: "rehearsal" },
  };
}
