/**
 * `t_user`, `t_user_unique`, `t_passenger`. What may exist once, or only so many times, has numbered places under a unique
 * key: whoever comes second is refused by the database itself, in whichever process he is.
 */
import type { Kysely, Transaction } from "kysely";
import { codeOf, documentTypes, roles, ticketTypes, wordOf } from "@chepiao/contracts";
import {
  assert,
  BrokenBelief,
  epochMs,
  minuteMs,
  type PassengerId,
  type ServiceDate,
  type UserId,
} from "@chepiao/kernel";
import {
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
import type { PassengerRow, UniqueRow, UserRow } from "./users.tables.ts";

const uniqueKinds = ["username", "phone", "document"] as const;
type UniqueKind = (typeof uniqueKinds)[number];

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
  "email",
  "role",
  "status",
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
    byId,
    async byLogin(kind, hash) {
      const row = await db
        .selectFrom("t_user_unique")
        .select("user_id")
        .where("slot", "=", slotOfHash(hash))
        .where("kind", "=", codeOf(uniqueKinds, kind))
        .where("value_hash", "=", hash)
        .executeTakeFirst();
      return row ? byId(Number(row.user_id) as UserId) : null;
    },
    async change(userId, { role, status }, now) {
      const { numUpdatedRows } = await db
        .updateTable("t_user")
        .set({
          update_time: now,
          ...(role ? { role: codeOf(roles, role) } : {}),
          ...(status ? { status: codeOf(userStatuses, status) } : {}),
        })
        .where("slot", "=", userSlotOf(userId))
        .where("user_id", "=", userId)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },

    passengers: async (userId) => (await savedPassengers(userSlotOf(userId), userId)).map(passengerOf),
    // Not a transaction: after losing a place to somebody else, the next look must see who took it.
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
  const { user, usernameHash, phoneHash, accountsPerDocumentMax } = registration;
  const take = (kind: UniqueKind, hash: string, place: number) =>
    takePlace(trx, {
      kind: codeOf(uniqueKinds, kind),
      value_hash: hash,
      place,
      slot: slotOfHash(hash),
      user_id: user.userId,
      create_time: user.createdAt,
    });
  if (!(await take("username", usernameHash, 1))) throw new Undo("usernameTaken");
  if (!(await take("phone", phoneHash, 1))) throw new Undo("phoneTaken");
  // Tried one after the other rather than counted: a count inside a transaction does not see who commits meanwhile.
  let place = 1;
  while (place <= accountsPerDocumentMax && !(await take("document", user.documentHash, place))) place++;
  if (place > accountsPerDocumentMax) throw new Undo("documentFull");
}

async function write(trx: Transaction<Tables>, { user, self }: Registration): Promise<void> {
  await trx.insertInto("t_user").values(userRow(user)).execute();
  await trx.insertInto("t_passenger").values(passengerRow(self, 1)).execute();
}

/** Reservations of an account that is not there by then belong to a process that died. */
const abandonedAfterMs = 2 * minuteMs;

async function takePlace(trx: Transaction<Tables>, row: UniqueRow): Promise<boolean> {
  if (await inserted(trx.insertInto("t_user_unique").values(row).execute())) return true;
  const { slot, kind, value_hash, place } = row;
  const owner = await trx
    .selectFrom("t_user_unique")
    .select(["user_id", "create_time"])
    .where((the) => the.and({ slot, kind, value_hash, place }))
    .executeTakeFirst();
  if (!owner || owner.create_time > row.create_time - abandonedAfterMs) return false;
  const account = await trx
    .selectFrom("t_user")
    .select("user_id")
    .where("slot", "=", userSlotOf(owner.user_id as UserId))
    .where("user_id", "=", owner.user_id)
    .executeTakeFirst();
  if (account) return false;
  const { numUpdatedRows } = await trx
    .updateTable("t_user_unique")
    .set({ user_id: row.user_id, create_time: row.create_time })
    .where((the) => the.and({ slot, kind, value_hash, place, user_id: owner.user_id }))
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
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
  email: user.email,
  role: codeOf(roles, user.role),
  status: codeOf(userStatuses, user.status),
  create_time: user.createdAt,
  update_time: user.createdAt,
});

const userOf = (row: Omit<UserRow, "slot" | "update_time">): UserRecord => ({
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
  email: row.email,
  role: wordOf(roles, row.role),
  status: wordOf(userStatuses, row.status),
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
  createdAt: epochMs(Number(row.create_time)),
});
