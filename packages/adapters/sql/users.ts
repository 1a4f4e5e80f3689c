/** `t_user` and `t_passenger`; what may exist only so many times is in `userPlaces.ts`. */
import type { Kysely, Transaction } from "kysely";
import { codeOf, documentProofs, documentTypes, roles, ticketTypes, wordOf } from "@chepiao/contracts";
import {
  assert,
  BrokenBelief,
  type EpochMs,
  epochMs,
  type PassengerId,
  type ServiceDate,
  type UserId,
} from "@chepiao/kernel";
import {
  erased,
  type PassengerRecord,
  type Registered,
  type Registration,
  slotOfHash,
  type UserRecord,
  userSlotOf,
  userStatuses,
  type UserStore,
} from "@chepiao/ports/user-store";
import { againIfUndone, inserted } from "./errors.ts";
import { reusable } from "./compiled.ts";
import type { Tables } from "./tables.ts";
import {
  abandonedAfterMs,
  changeContact,
  freePlace,
  takeContact,
  takePlace,
  type UniqueKind,
  uniqueKinds,
} from "./userPlaces.ts";
import type { PassengerRow, UserRow } from "./users.tables.ts";

const deletedCode = codeOf(userStatuses, "deleted");

const userColumns = [
  "user_id",
  "username",
  "password_hash",
  "real_name",
  "document_type",
  "document_sealed",
  "document_hash",
  "document_masked",
  "phone_sealed",
  "phone_masked",
  "phone_proof_time",
  "email_sealed",
  "email_masked",
  "role",
  "status",
  "status_reason",
  "sessions_since",
  "create_time",
] as const;
const passengerColumns = [
  "passenger_id",
  "user_id",
  "name",
  "document_type",
  "document_sealed",
  "document_hash",
  "document_masked",
  "phone_sealed",
  "phone_masked",
  "ticket_type",
  "birth_date",
  "is_self",
  "proof",
  "proof_time",
  "create_time",
] as const;

export function createSqlUserStore(db: Kysely<Tables>): UserStore {
  const userById = reusable(
    db,
    db.selectFrom("t_user").select(userColumns).where("slot", "=", 0).where("user_id", "=", 0).compile(),
  );
  const byId = async (userId: UserId) => {
    const [row] = await userById(userSlotOf(userId), userId);
    return row ? userOf(row) : null;
  };
  const passengersOf = (userId: UserId) =>
    db
      .selectFrom("t_passenger")
      .select(passengerColumns)
      .select("place")
      .where("slot", "=", userSlotOf(userId))
      .where("user_id", "=", userId);
  const savedPassengers = reusable(
    db,
    passengersOf(0 as UserId)
      .orderBy("is_self", "desc")
      .orderBy("create_time")
      .orderBy("passenger_id")
      .compile(),
  );

  return {
    async register(registration) {
      const begunMs = performance.now();
      try {
        await againIfUndone(() => db.transaction().execute((trx) => reserve(trx, registration)));
      } catch (error) {
        if (error instanceof Undo) return error.outcome;
        throw error;
      }
      const tookMs = performance.now() - begunMs;
      assert(tookMs < abandonedAfterMs / 2, "an account is written while its reservations are its own");
      await againIfUndone(() => db.transaction().execute((trx) => write(trx, registration)));
      return "registered";
    },
    async takeDocumentPlace(userId, documentHash, accountsPerDocumentMax, now) {
      const own = await db
        .selectFrom("t_user_unique")
        .select("place")
        .where("slot", "=", slotOfHash(documentHash))
        .where("kind", "=", codeOf(uniqueKinds, "document"))
        .where("value_hash", "=", documentHash)
        .where("user_id", "=", userId)
        .executeTakeFirst();
      if (own) return true;
      return againIfUndone(() =>
        db.transaction().execute((trx) => takeDocument(trx, { userId, documentHash }, accountsPerDocumentMax, now)),
      );
    },
    byId,
    async byLogin(kind, hash) {
      const row = await db
        .selectFrom("t_user_unique")
        .select("user_id")
        .where("slot", "=", slotOfHash(hash))
        .where("kind", "=", codeOf(uniqueKinds, kind))
        .where("value_hash", "=", hash)
        .executeTakeFirst();
      const user = row ? await byId(Number(row.user_id) as UserId) : null;
      return user?.status === "deleted" ? null : user;
    },
    async change(userId, { role, status, statusReason, sessionsSince, passwordHash }, now) {
      const { numUpdatedRows } = await db
        .updateTable("t_user")
        .set({
          update_time: now,
          ...(role ? { role: codeOf(roles, role) } : {}),
          ...(status ? { status: codeOf(userStatuses, status) } : {}),
          ...(statusReason === undefined ? {} : { status_reason: statusReason }),
          ...(sessionsSince === undefined ? {} : { sessions_since: sessionsSince }),
          ...(passwordHash === undefined ? {} : { password_hash: passwordHash }),
        })
        .where("slot", "=", userSlotOf(userId))
        .where("user_id", "=", userId)
        .where("status", "!=", deletedCode)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },
    async proveContact(userId, contactHash, now) {
      if (!(await takeContact(db, userId, contactHash, now))) return false;
      // Last, as in a registration: a process that dies before leaves a contact that its account proves again.
      const { numUpdatedRows } = await db
        .updateTable("t_user")
        .set({ phone_proof_time: now, update_time: now })
        .where((the) => the.and({ slot: userSlotOf(userId), user_id: userId }))
        .where("status", "!=", deletedCode)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },
    changeContact: (userId, change, now) => changeContact(db, userId, change, now),
    releaseContact: (userId, contactHash) => freePlace(db, "contact", contactHash, userId),
    async unproved(slot, { openedBefore, after, limit }) {
      const rows = await db
        .selectFrom("t_user")
        .select(userColumns)
        .where((the) => the.and({ slot, phone_proof_time: 0, status: codeOf(userStatuses, "active") }))
        .where("user_id", ">", after)
        .where("create_time", "<", openedBefore)
        .orderBy("user_id")
        .limit(limit)
        .execute();
      return rows.map(userOf);
    },
    async clearEmails(slot, limit) {
      const rows = await db
        .selectFrom("t_user")
        .select(["user_id", "email"])
        .where("slot", "=", slot)
        .where("email", "is not", null)
        .limit(limit)
        .execute();
      return rows.map((row) => ({ userId: Number(row.user_id) as UserId, email: row.email! }));
    },
    async sealEmail({ userId, email }, sealed) {
      const { numUpdatedRows } = await db
        .updateTable("t_user")
        .set({ email: null, email_sealed: sealed.emailSealed, email_masked: sealed.emailMasked })
        .where((the) => the.and({ slot: userSlotOf(userId), user_id: userId, email }))
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },
    async erase(userId, hashes, now) {
      if (!(await againIfUndone(() => db.transaction().execute((trx) => erasePerson(trx, userId, now))))) return false;
      // Last: they may lie on several servers, and until they are gone `takePlace` knows them for a deleted account's.
      for (const [kind, hash] of [
        ["username", hashes.usernameHash],
        ["contact", hashes.contactHash],
        ["document", hashes.documentHash],
      ] as const)
        await freePlace(db, kind, hash, userId);
      return true;
    },

    passengers: async (userId) => (await savedPassengers(userSlotOf(userId), userId)).map(passengerOf),
    // Not a transaction: after losing a place to another account, the next look must see who took it.
    async addPassenger(passenger, max) {
      for (let tries = 0; tries <= max; tries++) {
        const saved = await passengersOf(passenger.userId).execute();
        if (saved.some((row) => row.document_hash === passenger.documentHash)) return "exists";
        const taken = new Set(saved.map((row) => row.place));
        const place = Array.from({ length: max }, (_, n) => n + 1).find((n) => !taken.has(n));
        if (place === undefined) return "full";
        const insert = () => db.insertInto("t_passenger").values(passengerRow(passenger, place)).execute();
        if (await inserted(againIfUndone(insert))) return "added";
      }
      // Each try that failed was another's success, and there are only so many places.
      throw new BrokenBelief(`passenger ${passenger.passengerId} finds no place although one is free`);
    },
    async editPassenger(userId, passengerId, change) {
      const set = {
        ...(change.name === undefined ? {} : { name: change.name }),
        ...(change.phoneSealed === undefined ? {} : { phone_sealed: change.phoneSealed }),
        ...(change.phoneMasked === undefined ? {} : { phone_masked: change.phoneMasked }),
        ...(change.ticketType === undefined ? {} : { ticket_type: codeOf(ticketTypes, change.ticketType) }),
        ...(change.proof === undefined ? {} : { proof: codeOf(documentProofs, change.proof) }),
        ...(change.proofAskedAt === undefined ? {} : { proof_time: change.proofAskedAt }),
      };
      if (Object.keys(set).length > 0) {
        await db
          .updateTable("t_passenger")
          .set(set)
          .where("slot", "=", userSlotOf(userId))
          .where("user_id", "=", userId)
          .where("passenger_id", "=", passengerId)
          .execute();
      }
      const row = await passengersOf(userId).where("passenger_id", "=", passengerId).executeTakeFirst();
      return row ? passengerOf(row) : null;
    },
    async removePassenger(userId, passengerId) {
      const { numDeletedRows } = await db
        .deleteFrom("t_passenger")
        .where("slot", "=", userSlotOf(userId))
        .where("user_id", "=", userId)
        .where("passenger_id", "=", passengerId)
        .where("is_self", "=", 0)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
  };
}

/** Accounts that reserve nothing, hundreds at once: the people of a rehearsal. */
export async function insertAccounts(
  db: Kysely<Tables>,
  accounts: readonly Pick<Registration, "user" | "self">[],
): Promise<void> {
  await db
    .insertInto("t_user")
    .values(accounts.map(({ user }) => userRow(user)))
    .execute();
  await db
    .insertInto("t_passenger")
    .values(accounts.map(({ self }) => passengerRow(self, 1)))
    .execute();
}

/** Thrown to undo the transaction, and caught where it began. */
class Undo extends Error {
  readonly outcome: Exclude<Registered, "registered">;
  constructor(outcome: Exclude<Registered, "registered">) {
    super(outcome);
    this.outcome = outcome;
  }
}

/**
 * First the values, then the account: they may lie on several servers, and a value whose account was never written can be taken
 * over, while an account without its values could never be found. Everybody reserves in one order.
 */
async function reserve(trx: Transaction<Tables>, registration: Registration): Promise<void> {
  const { user, usernameHash, contactHash, accountsPerDocumentMax } = registration;
  const take = (kind: UniqueKind, hash: string, place: number) =>
    takePlace(trx, {
      kind: codeOf(uniqueKinds, kind),
      value_hash: hash,
      place,
      slot: slotOfHash(hash),
      user_id: user.userId,
      proved: 0,
      create_time: user.createdAt,
    });
  if (!(await take("username", usernameHash, 1))) throw new Undo("usernameTaken");
  // Whoever has it keeps it, and this account is none the wiser.
  if (contactHash !== null) await take("contact", contactHash, 1);
  if (accountsPerDocumentMax === null) return;
  if (!(await takeDocument(trx, user, accountsPerDocumentMax, user.createdAt))) throw new Undo("documentFull");
}

/** Tried one after the other rather than counted: a count inside a transaction does not see who commits meanwhile. */
async function takeDocument(
  trx: Transaction<Tables>,
  { userId, documentHash }: Pick<UserRecord, "userId" | "documentHash">,
  places: number,
  now: EpochMs,
): Promise<boolean> {
  for (let place = 1; place <= places; place++) {
    const row = {
      kind: codeOf(uniqueKinds, "document"),
      value_hash: documentHash,
      place,
      slot: slotOfHash(documentHash),
      user_id: userId,
      proved: 0,
      create_time: now,
    };
    if (await takePlace(trx, row)) return true;
  }
  return false;
}

async function write(trx: Transaction<Tables>, { user, self }: Registration): Promise<void> {
  await trx.insertInto("t_user").values(userRow(user)).execute();
  await trx.insertInto("t_passenger").values(passengerRow(self, 1)).execute();
}

async function erasePerson(trx: Transaction<Tables>, userId: UserId, now: EpochMs): Promise<boolean> {
  const mine = { slot: userSlotOf(userId), user_id: userId };
  const row = await trx
    .selectFrom("t_user")
    .select(userColumns)
    .where((the) => the.and(mine))
    .executeTakeFirst();
  if (!row || row.status === deletedCode) return false;
  // A statement does not set the column that says where it goes.
  const { slot: _slot, ...left } = userRow(erased(userOf(row)));
  const { numUpdatedRows } = await trx
    .updateTable("t_user")
    .set({ ...left, update_time: now })
    .where((the) => the.and(mine))
    .where("status", "!=", deletedCode)
    .executeTakeFirstOrThrow();
  // Two may have read it before either changed it.
  if (numUpdatedRows === 0n) return false;
  await trx
    .deleteFrom("t_passenger")
    .where((the) => the.and(mine))
    .execute();
  return true;
}

const userRow = (user: UserRecord): UserRow => ({
  user_id: user.userId,
  slot: userSlotOf(user.userId),
  username: user.username,
  password_hash: user.passwordHash,
  real_name: user.realName,
  document_type: codeOf(documentTypes, user.documentType),
  document_sealed: user.documentSealed,
  document_hash: user.documentHash,
  document_masked: user.documentMasked,
  phone_sealed: user.phoneSealed,
  phone_masked: user.phoneMasked,
  phone_proof_time: user.contactProvedAt,
  email: null,
  email_sealed: user.emailSealed,
  email_masked: user.emailMasked,
  role: codeOf(roles, user.role),
  status: codeOf(userStatuses, user.status),
  status_reason: user.statusReason,
  sessions_since: user.sessionsSince,
  create_time: user.createdAt,
  update_time: user.createdAt,
});

const userOf = (row: Omit<UserRow, "slot" | "email" | "update_time">): UserRecord => ({
  userId: Number(row.user_id) as UserId,
  username: row.username,
  passwordHash: row.password_hash,
  realName: row.real_name,
  documentType: wordOf(documentTypes, row.document_type),
  documentSealed: row.document_sealed,
  documentHash: row.document_hash,
  documentMasked: row.document_masked,
  phoneSealed: row.phone_sealed,
  phoneMasked: row.phone_masked,
  contactProvedAt: epochMs(Number(row.phone_proof_time)),
  emailSealed: row.email_sealed,
  emailMasked: row.email_masked,
  role: wordOf(roles, row.role),
  status: wordOf(userStatuses, row.status),
  statusReason: row.status_reason,
  sessionsSince: epochMs(Number(row.sessions_since)),
  createdAt: epochMs(Number(row.create_time)),
});

const passengerRow = (passenger: PassengerRecord, place: number): PassengerRow => ({
  passenger_id: passenger.passengerId,
  user_id: passenger.userId,
  slot: userSlotOf(passenger.userId),
  place,
  name: passenger.name,
  document_type: codeOf(documentTypes, passenger.documentType),
  document_sealed: passenger.documentSealed,
  document_hash: passenger.documentHash,
  document_masked: passenger.documentMasked,
  phone_sealed: passenger.phoneSealed,
  phone_masked: passenger.phoneMasked,
  ticket_type: codeOf(ticketTypes, passenger.ticketType),
  birth_date: passenger.birthDate,
  is_self: passenger.self ? 1 : 0,
  proof: codeOf(documentProofs, passenger.proof),
  proof_time: passenger.proofAskedAt,
  create_time: passenger.createdAt,
});

const passengerOf = (row: Omit<PassengerRow, "slot" | "place">): PassengerRecord => ({
  passengerId: Number(row.passenger_id) as PassengerId,
  userId: Number(row.user_id) as UserId,
  name: row.name,
  documentType: wordOf(documentTypes, row.document_type),
  documentSealed: row.document_sealed,
  documentHash: row.document_hash,
  documentMasked: row.document_masked,
  phoneSealed: row.phone_sealed,
  phoneMasked: row.phone_masked,
  ticketType: wordOf(ticketTypes, row.ticket_type),
  birthDate: row.birth_date as ServiceDate | null,
  self: row.is_self === 1,
  proof: wordOf(documentProofs, row.proof),
  proofAskedAt: epochMs(Number(row.proof_time)),
  createdAt: epochMs(Number(row.create_time)),
});
