/**
 * Accounts and their saved passengers. Documents, phones and mail addresses arrive sealed; nothing here can read them.
 * Whatever is unique or limited is so in the store, for any number of processes.
 */
import type { DocumentProof, DocumentType, Role, TicketType } from "@chepiao/contracts";
import {
  type EpochMs,
  epochMs,
  type PassengerId,
  type ServiceDate,
  type Slot,
  slotOfUser,
  type UserId,
  userSlotCount,
} from "@chepiao/kernel";

/** `deleted`: the person is gone; the number stays in the books of those who sold to him. */
export const userStatuses = ["active", "disabled", "deleted"] as const;
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
  /** Empty, as its mask, where the account is known by its mail address. */
  readonly phoneSealed: string;
  readonly phoneMasked: string;
  /** When a code was read that was sent to the phone, or to the mail address; 0 for never. */
  readonly contactProvedAt: EpochMs;
  readonly emailSealed: string | null;
  readonly emailMasked: string | null;
  readonly role: Role;
  readonly status: UserStatus;
  /** Why an operator disabled it, in his words. */
  readonly statusReason: string | null;
  /** Sessions that were opened before this are over, wherever they are kept; 0 where none are. */
  readonly sessionsSince: EpochMs;
  readonly createdAt: EpochMs;
};
/** What may change about an account. */
export type UserChange = Partial<
  Pick<UserRecord, "role" | "status" | "statusReason" | "sessionsSince" | "passwordHash">
>;
/** A mail address as versions before wrote it; until it is sealed its account has none. */
export type ClearEmail = { readonly userId: UserId; readonly email: string };
/** Where an account is reached, as it is kept. */
export type SealedContact = Pick<UserRecord, "phoneSealed" | "phoneMasked" | "emailSealed" | "emailMasked">;
export type ContactChange = {
  readonly before: Pick<UserRecord, "phoneSealed" | "emailSealed"> & { readonly contactHash: string };
  readonly after: SealedContact & { readonly contactHash: string };
};
export type ContactChanged = "changed" | "taken" | "outdated";
/** What an account had reserved, to be freed with it. */
export type UniqueHashes = {
  readonly usernameHash: string;
  readonly contactHash: string;
  readonly documentHash: string;
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
  readonly proof: DocumentProof;
  /** When the register was last asked; 0 for never. */
  readonly proofAskedAt: EpochMs;
  readonly createdAt: EpochMs;
};
/** What may change about a passenger; the document never does. */
export type PassengerChange = Partial<
  Pick<PassengerRecord, "name" | "phoneSealed" | "phoneMasked" | "ticketType" | "proof" | "proofAskedAt">
>;

/** What a person logs in with; a contact is a phone or a mail address. */
export type LoginKind = "username" | "contact";

export type Registration = {
  readonly user: UserRecord;
  readonly self: PassengerRecord;
  readonly usernameHash: string;
  /** Null where a contact is an account's by proof alone: then it takes none yet. */
  readonly contactHash: string | null;
  /** Null where the document is not proved: then the account takes none of its places, and keeps nobody from it. */
  readonly accountsPerDocumentMax: number | null;
};
export type Registered = "registered" | "usernameTaken" | "documentFull";
export type PassengerAdded = "added" | "exists" | "full";

export type UserStore = {
  /**
   * All or nothing, durable on return: reserves username, contact and one of the document's places, then writes the account and
   * its own passenger. However many ask at once, each value goes to one account and a document to no more than its places. A contact
   * that another account has stays with that, and is no reason to refuse: whose it is is told to nobody who has not read a code there.
   */
  register(registration: Registration): Promise<Registered>;
  /** For an account whose document is proved later. False where the document has no place left; true also where it has one already. */
  takeDocumentPlace(
    userId: UserId,
    documentHash: string,
    accountsPerDocumentMax: number,
    now: EpochMs,
  ): Promise<boolean>;
  byId(userId: UserId): Promise<UserRecord | null>;
  /** Null also for one that was erased. */
  byLogin(kind: LoginKind, hash: string): Promise<UserRecord | null>;
  /** False where there is no such account, or it was erased. Saying it twice changes nothing more. */
  change(userId: UserId, change: UserChange, now: EpochMs): Promise<boolean>;
  /**
   * The account has read a code at its contact: it has that from now on, and whoever only named it has none. False where another has
   * proved it. Of many who prove one at once, one does.
   */
  proveContact(userId: UserId, contactHash: string, now: EpochMs): Promise<boolean>;
  /**
   * The account has read a code at another contact: it has that from now on, proved, and the one before is free. `taken`: another account has
   * proved it; of many who change to one at once, one does. `outdated`: the account's is not the one before any more, and stays as it is.
   */
  changeContact(userId: UserId, change: ContactChange, now: EpochMs): Promise<ContactChanged>;
  /** Frees a contact that this account had taken, and has not after all. */
  releaseContact(userId: UserId, contactHash: string): Promise<void>;
  /** Active accounts on that slot that have proved no contact, opened before then; by number, from the one behind `after`, 0 for the first. */
  unproved(slot: Slot, asked: { openedBefore: EpochMs; after: UserId; limit: number }): Promise<readonly UserRecord[]>;
  /** Mail addresses of accounts on that slot that are not sealed yet, at most `limit`. */
  clearEmails(slot: Slot, limit: number): Promise<readonly ClearEmail[]>;
  /** Puts the sealed one in its place. False where it is not there any more: another process was quicker, or the account is gone. */
  sealEmail(clear: ClearEmail, sealed: Pick<UserRecord, "emailSealed" | "emailMasked">): Promise<boolean>;
  /**
   * Erases what is known of the person: name, document, phone, mail, password, saved passengers. The account stays as a number with
   * the status `deleted`; username and contact are free again, and the document has a place more. False where there is nothing
   * to erase. What a process leaves half done that dies in the midst of it is finished by the next who wants one of the values.
   */
  erase(userId: UserId, hashes: UniqueHashes, now: EpochMs): Promise<boolean>;

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

/** What is left of an account: a number, and since when. */
export const erased = (user: UserRecord): UserRecord => ({
  userId: user.userId,
  username: "",
  passwordHash: "",
  realName: "",
  documentType: "residentId",
  documentSealed: "",
  documentHash: "",
  documentMasked: "",
  phoneSealed: "",
  phoneMasked: "",
  contactProvedAt: epochMs(0),
  emailSealed: null,
  emailMasked: null,
  role: "passenger",
  status: "deleted",
  statusReason: null,
  sessionsSince: user.sessionsSince,
  createdAt: user.createdAt,
});
