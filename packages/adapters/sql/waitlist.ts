/**
 * `t_waitlist_order`, `t_waitlist_item`, `t_waitlist_release`, `t_waitlist_stop`; `t_waitlist_outcome` is beside it. An entry, its items and the messages of a change have one slot,
 * that of the order which it becomes, and are written in one transaction. What is asked about a run looks into every database.
 */
import type { Expression, ExpressionBuilder, Kysely, SqlBool, Transaction } from "kysely";
import {
  codeOf,
  type RunId,
  seatClasses,
  trainAndDateOf,
  type WaitlistState,
  waitlistStates,
} from "@chepiao/contracts";
import {
  type OrderId,
  slotOfOrder,
  slotOfUser,
  type UserId,
  waitlistNoOf,
  waitlistReleasesPerRunMax,
} from "@chepiao/kernel";
import {
  isPending,
  lineStates,
  mayServe,
  type ReleasesAsked,
  type WaitlistRecord,
  type WaitlistStore,
} from "@chepiao/ports/waitlist-store";
import { againIfUndone, inserted } from "./errors.ts";
import { insertMessages } from "./outbox.ts";
import type { Everywhere } from "./sharding.ts";
import { slotOfText } from "./slots.ts";
import type { Tables } from "./tables.ts";
import {
  entryColumns,
  entryFrom,
  type EntryRow,
  entryRow,
  itemColumns,
  itemRows,
  releaseColumns,
  releaseFrom,
  releaseRow,
} from "./waitlist.rows.ts";
import { createSqlWaitlistOutcomes } from "./waitlistOutcomes.ts";

/** Each that is lost means that another request of the account was quicker. */
const addAttemptsMax = 20;
/** So many entries in one statement. */
const readAtOnce = 200;

export const createSqlWaitlistStore = (
  db: Kysely<Tables>,
  { everywhere = (query) => query(db) }: { readonly everywhere?: Everywhere } = {},
): WaitlistStore => ({
  async add(entry, pendingMax) {
    for (let attempt = 0; attempt < addAttemptsMax; attempt++) {
      const known = await ofKey(db, entry.userId, entry.idempotencyKey);
      if (known) return { kind: "known", entry: known };
      const pendingNo = await freePendingNo(db, entry.userId, pendingMax);
      if (pendingNo === null) return { kind: "full" };
      const row = { ...entryRow(entry), pending_no: pendingNo, update_time: entry.createdAt };
      // Another may have been given this number, or this key, since: the unique keys say so, and it is looked at anew.
      const isAdded = await againIfUndone(() =>
        db.transaction().execute(async (trx) => {
          if (!(await inserted(trx.insertInto("t_waitlist_order").values(row).execute()))) return false;
          await trx.insertInto("t_waitlist_item").values(itemRows(entry)).execute();
          return true;
        }),
      );
      if (isAdded) return { kind: "added" };
    }
    throw new Error(`entry ${waitlistNoOf(entry.entryId)} is there already, under another account or key`);
  },
  async highestId() {
    const rows = await everywhere((all) =>
      all
        .selectFrom("t_waitlist_order")
        .select((the) => the.fn.max("id").as("highest"))
        .execute(),
    );
    return Math.max(0, ...rows.map(({ highest }) => Number(highest ?? 0)));
  },
  async load(entryId) {
    const rows = await db
      .selectFrom("t_waitlist_order")
      .select(entryColumns)
      .where("id", "=", entryId)
      .where("slot", "=", slotOfOrder(entryId))
      .execute();
    return (await withItems((query) => query(db), rows))[0] ?? null;
  },
  ofKey: (userId, key) => ofKey(db, userId, key),
  change: ({ entry, messages }, now) =>
    againIfUndone(() =>
      db.transaction().execute(async (trx) => {
        const slot = slotOfOrder(entry.entryId);
        const { id: _, slot: __, user_id: ___, create_time: ____, ...columns } = entryRow(entry);
        const { numUpdatedRows } = await trx
          .updateTable("t_waitlist_order")
          .set({
            ...columns,
            version: entry.version + 1,
            update_time: now,
            ...(isPending(entry) ? {} : { pending_no: null }),
          })
          .where("id", "=", entry.entryId)
          .where("slot", "=", slot)
          .where("version", "=", entry.version)
          .executeTakeFirstOrThrow();
        if (Number(numUpdatedRows) === 0) return false;
        await changeItems(trx, entry);
        await insertMessages(trx, messages, now, slot);
        return true;
      }),
    ),
  enqueue: (messages, now) => insertMessages(db, messages, now),
  async ofUser(userId, { before, limit }) {
    let query = db
      .selectFrom("t_waitlist_order")
      .select(entryColumns)
      .where("slot", "=", slotOfUser(userId))
      .where("user_id", "=", userId);
    if (before !== undefined) query = query.where("id", "<", before);
    return withItems((ask) => ask(db), await query.orderBy("id", "desc").limit(limit).execute());
  },
  hasPending: (userId) => hasWith(db, userId, "pending_no"),
  hasPrepaid: (userId) => hasWith(db, userId, "payment_no"),
  async due(now, limit) {
    const rows = await everywhere((all) =>
      all
        .selectFrom("t_waitlist_order")
        .select(entryColumns)
        .where("next_time", "<=", now)
        .orderBy("next_time")
        .limit(limit)
        .execute(),
    );
    return withItems(everywhere, rows);
  },
  async loadAll(entryIds) {
    const entries = await entriesOf(everywhere, entryIds, waitlistStates);
    const byId = new Map(entries.map((entry) => [entry.entryId, entry]));
    return entryIds.flatMap((entryId) => byId.get(entryId) ?? []);
  },
  async idsOfRun(runId) {
    const rows = await inPieces(await idsWaitingFor(everywhere, runId), (some) =>
      everywhere((all) => ordersIn(all, some, lineStates).select(["id", "place"]).execute()),
    );
    return rows
      .map(({ id, place }) => ({ id: Number(id) as OrderId, place: Number(place) }))
      .sort((a, b) => a.place - b.place || a.id - b.id)
      .map(({ id }) => id);
  },
  async ofRun(runId) {
    const entries = await entriesOf(everywhere, await idsWaitingFor(everywhere, runId), lineStates);
    return entries
      .filter((entry) => entry.choices.some((choice) => choice.runId === runId && mayServe(entry, choice)))
      .sort((a, b) => a.place! - b.place! || a.entryId - b.entryId);
  },
  async acceptingAdded(since, after, limit) {
    const rows = await everywhere((all) => {
      const accepting = all.selectFrom("t_waitlist_order").select(entryColumns).where("added_until", ">=", since);
      const behind = after === null ? accepting : accepting.where("id", ">", after);
      return behind.orderBy("id").limit(limit).execute();
    });
    const first = rows.sort((a, b) => Number(a.id) - Number(b.id)).slice(0, limit);
    return withItems(everywhere, first);
  },
  async waitedFor() {
    const rows = await everywhere((all) =>
      all
        .selectFrom("t_waitlist_item")
        .select(["run_id", ({ fn }) => fn.countAll().as("entries")])
        .where("waits", "=", 1)
        .groupBy("run_id")
        .execute(),
    );
    const waiting = new Map<RunId, number>();
    for (const { run_id, entries } of rows)
      waiting.set(run_id as RunId, (waiting.get(run_id as RunId) ?? 0) + Number(entries));
    return waiting;
  },

  async named(runId, limit) {
    const items = await everywhere((all) =>
      all
        .selectFrom("t_waitlist_item")
        .select("entry_id")
        .where("run_id", "=", runId)
        .where("origin_date", "=", trainAndDateOf(runId)[1])
        .orderBy("entry_id")
        .limit(limit)
        .execute(),
    );
    // They begin with the time at which they were made.
    const ids = items.map(({ entry_id }) => Number(entry_id) as OrderId).sort((a, b) => a - b);
    return entriesOf(everywhere, ids.slice(0, limit), waitlistStates);
  },
  ...createSqlWaitlistOutcomes(db, everywhere),

  async addReleases(releases) {
    for (const release of releases)
      await inserted(againIfUndone(() => db.insertInto("t_waitlist_release").values(releaseRow(release)).execute()));
    for (const runId of new Set(releases.map((release) => release.runId))) await trimReleases(db, runId);
  },
  async releases(asked, since, limit) {
    if (asked.length === 0) return [];
    const runIds = [...new Set(asked.map(({ runId }) => runId))];
    const rows = await everywhere((all) =>
      all
        .selectFrom("t_waitlist_release")
        .select(releaseColumns)
        .where("slot", "in", [...new Set(runIds.map(slotOfText))])
        .where("run_id", "in", runIds)
        .where("release_time", ">=", since)
        .where((the) => the.or(asked.map((each) => isAsked(the, each))))
        .orderBy("release_time", "desc")
        .limit(limit)
        .execute(),
    );
    return rows
      .map(releaseFrom)
      .sort((a, b) => b.at - a.at)
      .slice(0, limit);
  },
  async setStopped(runId, isStopped, now) {
    const slot = slotOfText(runId);
    if (isStopped)
      await inserted(db.insertInto("t_waitlist_stop").values({ run_id: runId, slot, create_time: now }).execute());
    else await db.deleteFrom("t_waitlist_stop").where("run_id", "=", runId).where("slot", "=", slot).execute();
  },
  async stopped(runIds) {
    if (runIds.length === 0) return new Set();
    const rows = await everywhere((all) =>
      all
        .selectFrom("t_waitlist_stop")
        .select("run_id")
        .where("run_id", "in", runIds)
        .where("slot", "in", [...new Set(runIds.map(slotOfText))])
        .execute(),
    );
    return new Set(rows.map(({ run_id }) => run_id as RunId));
  },
  async forgetEnded(before, limit) {
    const rows = await everywhere((all) =>
      all.selectFrom("t_waitlist_order").select("id").where("end_time", "<", before).limit(limit).execute(),
    );
    const ids = rows.slice(0, limit).map(({ id }) => Number(id) as OrderId);
    await inPieces(ids, async (some) => {
      const slots = [...new Set(some.map(slotOfOrder))];
      await againIfUndone(() =>
        db.transaction().execute(async (trx) => {
          await trx.deleteFrom("t_waitlist_item").where("entry_id", "in", some).where("slot", "in", slots).execute();
          await trx.deleteFrom("t_waitlist_order").where("id", "in", some).where("slot", "in", slots).execute();
        }),
      );
      return some;
    });
    return ids.length;
  },
  async forgetRuns(before, limit) {
    const runIds = new Set<RunId>();
    for (const table of ["t_waitlist_release", "t_waitlist_stop"] as const) {
      const rows = await everywhere((all) => all.selectFrom(table).select("run_id").distinct().execute());
      for (const { run_id } of rows) if (trainAndDateOf(run_id as RunId)[1] < before) runIds.add(run_id as RunId);
    }
    const past = [...runIds].slice(0, limit);
    for (const runId of past)
      for (const table of ["t_waitlist_release", "t_waitlist_stop"] as const)
        await db.deleteFrom(table).where("run_id", "=", runId).where("slot", "=", slotOfText(runId)).execute();
    return past.length;
  },
});

async function ofKey(db: Kysely<Tables>, userId: UserId, idempotencyKey: string): Promise<WaitlistRecord | null> {
  const rows = await db
    .selectFrom("t_waitlist_order")
    .select(entryColumns)
    .where("slot", "=", slotOfUser(userId))
    .where("user_id", "=", userId)
    .where("idempotency_key", "=", idempotencyKey)
    .execute();
  return (await withItems((query) => query(db), rows))[0] ?? null;
}

async function freePendingNo(db: Kysely<Tables>, userId: UserId, pendingMax: number): Promise<number | null> {
  const rows = await db
    .selectFrom("t_waitlist_order")
    .select("pending_no")
    .where("slot", "=", slotOfUser(userId))
    .where("user_id", "=", userId)
    .where("pending_no", "is not", null)
    .execute();
  const taken = new Set(rows.map(({ pending_no }) => Number(pending_no)));
  // They may have been more: numbers below a limit that was lowered are free while higher ones wait.
  if (taken.size >= pendingMax) return null;
  for (let no = 0; no < pendingMax; no++) if (!taken.has(no)) return no;
  return null;
}

/** Is there an entry of the account that has it? */
async function hasWith(db: Kysely<Tables>, userId: UserId, column: "payment_no" | "pending_no"): Promise<boolean> {
  const rows = await db
    .selectFrom("t_waitlist_order")
    .select("id")
    .where("slot", "=", slotOfUser(userId))
    .where("user_id", "=", userId)
    .where(column, "is not", null)
    .limit(1)
    .execute();
  return rows.length > 0;
}

/** @param ask where the rows are of several slots, it asks in a transaction */
async function withItems(ask: Everywhere, rows: readonly Pick<EntryRow, (typeof entryColumns)[number]>[]) {
  const entries: WaitlistRecord[] = [];
  for (let first = 0; first < rows.length; first += readAtOnce) {
    const some = rows.slice(first, first + readAtOnce);
    const items = await ask((all) =>
      all
        .selectFrom("t_waitlist_item")
        .select(itemColumns)
        .where("slot", "in", [...new Set(some.map(({ id }) => slotOfOrder(id as OrderId)))])
        .where(
          "entry_id",
          "in",
          some.map(({ id }) => id),
        )
        .orderBy("choice")
        .execute(),
    );
    const byEntry = Map.groupBy(items, ({ entry_id }) => Number(entry_id));
    entries.push(...some.map((row) => entryFrom(row, byEntry.get(Number(row.id)) ?? [])));
  }
  return entries;
}

async function entriesOf(
  ask: Everywhere,
  ids: readonly OrderId[],
  states: readonly WaitlistState[],
): Promise<WaitlistRecord[]> {
  return inPieces(ids, async (some) => {
    const rows = await ask((all) => ordersIn(all, some, states).select(entryColumns).execute());
    return withItems(ask, rows);
  });
}

async function inPieces<T>(
  ids: readonly OrderId[],
  read: (some: readonly OrderId[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const rows: T[] = [];
  for (let first = 0; first < ids.length; first += readAtOnce)
    for (const row of await read(ids.slice(first, first + readAtOnce))) rows.push(row);
  return rows;
}

const ordersIn = (all: Kysely<Tables>, ids: readonly OrderId[], states: readonly WaitlistState[]) =>
  all
    .selectFrom("t_waitlist_order")
    .where("id", "in", ids)
    .where("slot", "in", [...new Set(ids.map(slotOfOrder))])
    .where(
      "status",
      "in",
      states.map((state) => codeOf(waitlistStates, state)),
    );

async function idsWaitingFor(ask: Everywhere, runId: RunId): Promise<OrderId[]> {
  const items = await ask((all) =>
    all
      .selectFrom("t_waitlist_item")
      .select("entry_id")
      .distinct()
      .where("run_id", "=", runId)
      .where("waits", "=", 1)
      .execute(),
  );
  return items.map(({ entry_id }) => Number(entry_id) as OrderId);
}

async function changeItems(trx: Transaction<Tables>, entry: WaitlistRecord) {
  await insertAdded(trx, entry);
  for (const choice of entry.choices)
    await trx
      .updateTable("t_waitlist_item")
      .set({
        ended_because: choice.endedBecause,
        end_time: choice.endedAt,
        waits: mayServe(entry, choice) ? 1 : 0,
      })
      .where("entry_id", "=", entry.entryId)
      .where("slot", "=", slotOfOrder(entry.entryId))
      .where("choice", "=", choice.choice)
      .execute();
}

/** Trains that have come since it was opened. */
async function insertAdded(trx: Transaction<Tables>, entry: WaitlistRecord) {
  if (entry.choices.every(({ addedAt }) => addedAt === null)) return;
  const rows = await trx
    .selectFrom("t_waitlist_item")
    .select("choice")
    .where("entry_id", "=", entry.entryId)
    .where("slot", "=", slotOfOrder(entry.entryId))
    .execute();
  const known = new Set(rows.map(({ choice }) => choice));
  const added = itemRows(entry).filter(({ choice }) => !known.has(choice));
  if (added.length > 0) await trx.insertInto("t_waitlist_item").values(added).execute();
}

const isAsked = (
  the: ExpressionBuilder<Tables, "t_waitlist_release">,
  { runId, use, until }: ReleasesAsked,
): Expression<SqlBool> =>
  the.and([
    the("run_id", "=", runId),
    ...(until === undefined ? [] : [the("release_time", "<=", until)]),
    ...(use === undefined
      ? []
      : [
          the(
            "seat_type",
            "in",
            use.seatClasses.map((seatClass) => codeOf(seatClasses, seatClass)),
          ),
          the("from_stop", "<", use.toStop),
          the("to_stop", ">", use.fromStop),
        ]),
  ]);

/** Now and then: what is there twice as often as it is kept. */
async function trimReleases(db: Kysely<Tables>, runId: RunId) {
  const slot = slotOfText(runId);
  const { count } = await db
    .selectFrom("t_waitlist_release")
    .select((the) => the.fn.countAll().as("count"))
    .where("run_id", "=", runId)
    .where("slot", "=", slot)
    .executeTakeFirstOrThrow();
  if (Number(count) <= 2 * waitlistReleasesPerRunMax) return;
  const oldest = await db
    .selectFrom("t_waitlist_release")
    .select("release_time")
    .where("run_id", "=", runId)
    .where("slot", "=", slot)
    .orderBy("release_time", "desc")
    .limit(1)
    .offset(waitlistReleasesPerRunMax)
    .executeTakeFirst();
  if (!oldest) return;
  await db
    .deleteFrom("t_waitlist_release")
    .where("run_id", "=", runId)
    .where("slot", "=", slot)
    .where("release_time", "<=", oldest.release_time)
    .execute();
}
