/**
 * `t_user_unique`: what may exist once, or only so many times, has numbered places under a unique key, and the second is refused by the database
 * itself, in whichever process it comes. A contact's row says whose it is and whether it is proved.
 */
import type { Kysely, Transaction } from "kysely";
import { codeOf } from "@chepiao/contracts";
import { type EpochMs, minuteMs, type UserId } from "@chepiao/kernel";
import {
  type ContactChange,
  type ContactChanged,
  slotOfHash,
  userSlotOf,
  userStatuses,
} from "@chepiao/ports/user-store";
import { againIfUndone, inserted } from "./errors.ts";
import type { Tables } from "./tables.ts";
import type { UniqueRow } from "./users.tables.ts";

/** A contact is a phone or a mail address: the hashed text says which. */
export const uniqueKinds = ["username", "contact", "document"] as const;
export type UniqueKind = (typeof uniqueKinds)[number];
const deletedCode = codeOf(userStatuses, "deleted");

/** Reservations of an account that is not there by then, or not any more, belong to a process that died. */
export const abandonedAfterMs = 2 * minuteMs;

export async function takePlace(trx: Transaction<Tables>, row: UniqueRow): Promise<boolean> {
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
    .where("status", "!=", deletedCode)
    .executeTakeFirst();
  if (account) return false;
  const { numUpdatedRows } = await trx
    .updateTable("t_user_unique")
    .set({ user_id: row.user_id, proved: row.proved, create_time: row.create_time })
    .where((the) => the.and({ slot, kind, value_hash, place, user_id: owner.user_id }))
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

const contactPlace = (hash: string) => ({
  slot: slotOfHash(hash),
  kind: codeOf(uniqueKinds, "contact"),
  value_hash: hash,
  place: 1,
});

/** One row says both whose it is and that it is proved: of many who prove it at once the database lets one through. */
export const takeContact = (db: Kysely<Tables>, userId: UserId, hash: string, now: EpochMs): Promise<boolean> =>
  againIfUndone(() => db.transaction().execute((trx) => takeContactIn(trx, userId, hash, now)));

async function takeContactIn(trx: Transaction<Tables>, userId: UserId, hash: string, now: EpochMs): Promise<boolean> {
  const own = { user_id: userId, proved: 1, create_time: now };
  const claim = async () => {
    const { numUpdatedRows } = await trx
      .updateTable("t_user_unique")
      .set(own)
      .where((the) => the.and(contactPlace(hash)))
      .where((the) => the.or([the("user_id", "=", userId), the("proved", "=", 0)]))
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  };
  // The second time where somebody put it there meanwhile without proving it.
  return (await claim()) || (await takePlace(trx, { ...contactPlace(hash), ...own })) || (await claim());
}

/** Where it is this account's. */
export async function freePlace(db: Kysely<Tables>, kind: UniqueKind, hash: string, userId: UserId): Promise<void> {
  await db
    .deleteFrom("t_user_unique")
    .where((the) => the.and({ slot: slotOfHash(hash), kind: codeOf(uniqueKinds, kind), value_hash: hash }))
    .where("user_id", "=", userId)
    .execute();
}

/**
 * The new one first, the account last: they may lie on several servers. A process that dies between leaves a contact that its account changes to
 * again, and never one that is kept from whoever has it now.
 */
export async function changeContact(
  db: Kysely<Tables>,
  userId: UserId,
  { before, after }: ContactChange,
  now: EpochMs,
): Promise<ContactChanged> {
  const mine = { slot: userSlotOf(userId), user_id: userId, phone_sealed: before.phoneSealed };
  const asBefore = await db
    .selectFrom("t_user")
    .select("email_sealed")
    .where((the) => the.and(mine))
    .where("status", "!=", deletedCode)
    .executeTakeFirst();
  if (asBefore?.email_sealed !== before.emailSealed) return "outdated";
  if (!(await takeContact(db, userId, after.contactHash, now))) return "taken";
  if (before.contactHash !== after.contactHash) await freePlace(db, "contact", before.contactHash, userId);
  const { numUpdatedRows } = await db
    .updateTable("t_user")
    .set({
      phone_sealed: after.phoneSealed,
      phone_masked: after.phoneMasked,
      email_sealed: after.emailSealed,
      email_masked: after.emailMasked,
      phone_proof_time: now,
      update_time: now,
    })
    .where((the) => the.and(mine))
    .where("email_sealed", before.emailSealed === null ? "is" : "=", before.emailSealed)
    .where("status", "!=", deletedCode)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n ? "changed" : "outdated";
}
