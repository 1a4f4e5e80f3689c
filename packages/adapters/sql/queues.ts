/**
 * `t_queue`, with its lots, lists and draws beside it. Counts never go back, and what is written once is so by the statement: each says from where
 * it goes on.
 */
import type { Kysely, Selectable } from "kysely";
import type { AnnouncedQueue, KeptQueue } from "@chepiao/contracts";
import { type EpochMs, epochMs, type UserId } from "@chepiao/kernel";
import { endOf, type QueueStore } from "@chepiao/ports/queue-store";
import { againIfUndone, inserted } from "./errors.ts";
import type { Tables } from "./tables.ts";
import { unlessThere } from "./unlessThere.ts";

/** Rows of one statement. */
const rowsAtOnce = 500;

export function createSqlQueueStore(db: Kysely<Tables>): QueueStore {
  const all = async (): Promise<KeptQueue[]> =>
    (await db.selectFrom("t_queue").selectAll().orderBy("open_time").orderBy("queue_id").execute()).map(queueOf);

  return {
    all,
    async announce(queue, now) {
      const isLive = ({ scope, ...other }: KeptQueue) => scope === queue.scope && endOf(other) > now;
      if ((await all()).some(isLive)) return false;
      return inserted(db.insertInto("t_queue").values(rowOf(queue)).execute());
    },
    async end(queueId, at) {
      const { numUpdatedRows } = await db
        .updateTable("t_queue")
        .set({ ended_time: at })
        .where("queue_id", "=", queueId)
        .where("ended_time", "is", null)
        .executeTakeFirst();
      return numUpdatedRows > 0;
    },
    async mark(queueId, { taken, served, lots }) {
      await raise(db, queueId, "taken", taken);
      await raise(db, queueId, "served", served);
      await raise(db, queueId, "lots", lots);
    },
    async putTaken(queueId, lots) {
      for (let start = 0; start < lots.length; start += rowsAtOnce) {
        const rows = lots
          .slice(start, start + rowsAtOnce)
          .map(({ lot, userId }) => ({ queue_id: queueId, lot, user_id: userId }));
        const insert = db.insertInto("t_queue_taken").values(rows);
        await againIfUndone(() => unlessThere(db, insert).execute());
      }
    },
    async taken(queueId, after, max) {
      const rows = await db
        .selectFrom("t_queue_taken")
        .select(["lot", "user_id"])
        .where("queue_id", "=", queueId)
        .where("lot", ">", after)
        .orderBy("lot")
        .limit(max)
        .execute();
      return rows.map(({ lot, user_id }) => ({ lot, userId: Number(user_id) as UserId }));
    },
    async putListed(queueId, root, page, lots) {
      await inserted(
        db
          .insertInto("t_queue_list")
          .values({ queue_id: queueId, root, page, lots: lots.join(" ") })
          .execute(),
      );
    },
    async listed(queueId, root, page) {
      const row = await db
        .selectFrom("t_queue_list")
        .select("lots")
        .where("queue_id", "=", queueId)
        .where("root", "=", root)
        .where("page", "=", page)
        .executeTakeFirst();
      return lotsIn(row);
    },
    async publishRoot(queueId, root, at) {
      const { numUpdatedRows } = await db
        .updateTable("t_queue")
        .set({ root, root_time: at })
        .where("queue_id", "=", queueId)
        .where("root", "is", null)
        .executeTakeFirst();
      return numUpdatedRows > 0;
    },
    async noteChance(queueId, chance) {
      const { numUpdatedRows } = await db
        .updateTable("t_queue")
        .set({ chance })
        .where("queue_id", "=", queueId)
        .where("root", "is not", null)
        .where("chance", "is", null)
        .executeTakeFirst();
      return numUpdatedRows > 0;
    },
    async putPage(queueId, page, lots) {
      const row = { queue_id: queueId, page, lots: lots.join(" ") };
      await againIfUndone(() =>
        db.transaction().execute(async (trx) => {
          await trx.deleteFrom("t_queue_draw").where("queue_id", "=", queueId).where("page", "=", page).execute();
          await trx.insertInto("t_queue_draw").values(row).execute();
        }),
      );
    },
    async page(queueId, page) {
      const row = await db
        .selectFrom("t_queue_draw")
        .select("lots")
        .where("queue_id", "=", queueId)
        .where("page", "=", page)
        .executeTakeFirst();
      return lotsIn(row);
    },
    async reveal(queueId, drawn, seed) {
      await db
        .updateTable("t_queue")
        .set({ drawn, seed })
        .where("queue_id", "=", queueId)
        .where("drawn", "is", null)
        .execute();
    },
    async forget(endedBefore) {
      for (const { queueId } of (await all()).filter((queue) => endOf(queue) < endedBefore)) {
        for (const table of ["t_queue_draw", "t_queue_list", "t_queue_taken"] as const)
          await db.deleteFrom(table).where("queue_id", "=", queueId).execute();
        await db.deleteFrom("t_queue").where("queue_id", "=", queueId).execute();
      }
    },
  };
}

const lotsIn = (row: { readonly lots: string } | undefined): string[] =>
  row && row.lots !== "" ? row.lots.split(" ") : [];

const raise = (db: Kysely<Tables>, queueId: string, column: "taken" | "served" | "lots", to: number) =>
  db
    .updateTable("t_queue")
    .set({ [column]: to })
    .where("queue_id", "=", queueId)
    .where(column, "<", to)
    .execute();

type Row = Selectable<Tables["t_queue"]>;
type Rules = Pick<AnnouncedQueue, "kind" | "perMinute" | "activeMax" | "keepMs" | "stayMs">;

const rowOf = (queue: AnnouncedQueue): Row => {
  const { kind, perMinute, activeMax, keepMs, stayMs } = queue;
  return {
    queue_id: queue.queueId,
    scope: queue.scope,
    collect_time: queue.collectsFrom,
    open_time: queue.opensAt,
    end_time: queue.endsAt,
    ended_time: queue.endedAt,
    rules: JSON.stringify({ kind, perMinute, activeMax, keepMs, stayMs } satisfies Rules),
    seed: "",
    seed_hash: queue.seedHash,
    chance_from: queue.chanceFrom,
    chance: null,
    taken: 0,
    served: 0,
    lots: 0,
    root: null,
    root_time: null,
    drawn: null,
  };
};

const time = (value: number): EpochMs => epochMs(Number(value));
const timeOrNull = (value: number | null): EpochMs | null => (value === null ? null : time(value));

/** Before there were kinds all were announced. */
function rulesIn({ rules }: Pick<Row, "rules">): Rules {
  const { kind = "announced", ...others } = JSON.parse(rules) as Omit<Rules, "kind"> & Partial<Rules>;
  return { kind, ...others };
}

const queueOf = (row: Row): KeptQueue => ({
  queueId: row.queue_id,
  scope: row.scope as AnnouncedQueue["scope"],
  collectsFrom: time(row.collect_time),
  opensAt: time(row.open_time),
  endsAt: time(row.end_time),
  endedAt: timeOrNull(row.ended_time),
  ...rulesIn(row),
  seedHash: row.seed_hash,
  chanceFrom: row.chance_from,
  marks: {
    taken: Number(row.taken),
    served: Number(row.served),
    lots: Number(row.lots),
    root: row.root,
    rootAt: timeOrNull(row.root_time),
    chance: row.chance,
    drawn: row.drawn === null ? null : Number(row.drawn),
    seed: row.drawn === null ? null : row.seed,
  },
});
