/**
 * Accounts and their saved passengers. Numbers of documents and phones arrive sealed and hashed; nothing here can read them.
 * Whatever is unique or limited is so in the store, for any number of processes.
 */
import type { DocumentType, Role, TicketType } from "@chepiao/contracts";
import {
  type EpochMs,
  type PassengerId,
  type ServiceDate,
  type Slot,
  slotOfUser,
  type UserId,
  userSlotCount,
} from "@chepiao/kernel";

export const userStatuses = ["active", "disabled"] as const;
export type UserStatus = (typeof userStatuses)[number];

export type UserRecord = {
  readonly userId: UserId;
  /** As the person wrote it; unique without regard to case, through its hash. */
  readonly username: string;
  readonly passwordHash: string;
  readonly realName: string;
  readonly documentType: DocumentType;
  readonly documentSealed: string;
  readonly documentHash: string;
  readonly documentMasked: string;
  readonly phoneSealed: string;
  readonly phoneMasked: string;
  readonly email: string | null;
  readonly role: Role;
  readonly status: UserStatus;
  readonly createdAt: EpochMs;
};

export type PassengerRecord = {
  readonly passengerId: PassengerId;
  readonly userId: UserId;
  readonly name: string;
  readonly documentType: DocumentType;
  readonly documentSealed: string;
  readonly documentHash: string;
  readonly documentMasked: string;
  readonly phoneSealed: string | null;
  readonly phoneMasked: string | null;
  readonly ticketType: TicketType;
  /** Where it was declared. The one inside a document's number stays sealed with it. */
  readonly birthDate: ServiceDate | null;
  /** The account's own person. */
  readonly self: boolean;
  readonly createdAt: EpochMs;
};
/** What may change about a passenger; the document never does. */
export type PassengerChange = Partial<Pick<PassengerRecord, "name" | "phoneSealed" | "phoneMasked" | "ticketType">>;

/** What a person logs in with. */
export type LoginKind = "username" | "phone";

export type Registration = {
  readonly user: UserRecord;
  readonly self: PassengerRecord;
  readonly usernameHash: string;
  readonly phoneHash: string;
  readonly accountsPerDocumentMax: number;
};
export type Registered = "registered" | "usernameTaken" | "phoneTaken" | "documentFull";
export type PassengerAdded = "added" | "exists" | "full";

export type UserStore = {
  /**
   * All or nothing, durable on return: reserves username, phone and one of the document's places, then writes the account and
   * its own passenger. However many ask at once, each value goes to one account and a document to no more than its places.
   */
  register(registration: Registration): Promise<Registered>;
  byId(userId: UserId): Promise<UserRecord | null>;
  byLogin(kind: LoginKind, hash: string): Promise<UserRecord | null>;
  /** False where there is no such account. Saying it twice changes nothing more. */
  change(userId: UserId, change: Partial<Pick<UserRecord, "role" | "status">>, now: EpochMs): Promise<boolean>;

  /** In the order in which they were added, the account's own person first. */
  passengers(userId: UserId): Promise<readonly PassengerRecord[]>;
  /** Once per account and document, and never more than `max`, however many ask at once. */
  addPassenger(passenger: PassengerRecord, max: number): Promise<PassengerAdded>;
  /** The passenger afterwards, or null where this account has no such passenger. */
  editPassenger(userId: UserId, passengerId: PassengerId, change: PassengerChange): Promise<PassengerRecord | null>;
  /** False where this account has no such passenger, or where it is the account's own person. */
  removePassenger(userId: UserId, passengerId: PassengerId): Promise<boolean>;
};

/** Users lie on 1,024 slots. */
export const userSlotOf = (userId: UserId): Slot => (slotOfUser(userId) % userSlotCount) as Slot;
/** A unique value lies on a slot of its own hash, so that two who want it meet on one shard. */
export const slotOfHash = (hash: string): Slot => (Number.parseInt(hash.slice(0, 8), 16) % userSlotCount) as Slot;
