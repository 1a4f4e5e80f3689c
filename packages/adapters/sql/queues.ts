/** `t_queue`, and `t_queue_draw` beside it. Marks never go back: each is raised by a statement that says from where. */
import type { Kysely, Selectable } from "kysely";
import type { AnnouncedQueue, KeptQueue, QueueMarks } from "@chepiao/contracts";
import { type EpochMs, epochMs } from "@chepiao/kernel";
import { endOf, type QueueStore } from "@chepiao/ports/queue-store";
import { againIfUndone, inserted } from "./errors.ts";
import type { Tables } from "./tables.ts";

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
    async mark(queueId, marks) {
      await raise(db, queueId, "taken", marks.taken);
      await raise(db, queueId, "served", marks.served);
      const once = onceKnown(marks);
      if (Object.keys(once).length > 0)
        await db.updateTable("t_queue").set(once).where("queue_id", "=", queueId).execute();
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
      return row && row.lots !== "" ? row.lots.split(" ") : [];
    },
    async forget(endedBefore) {
      for (const { queueId } of (await all()).filter((queue) => endOf(queue) < endedBefore)) {
        await db.deleteFrom("t_queue_draw").where("queue_id", "=", queueId).execute();
        await db.deleteFrom("t_queue").where("queue_id", "=", queueId).execute();
      }
    },
  };
}

const raise = (db: Kysely<Tables>, queueId: string, column: "taken" | "served", to: number) =>
  db
    .updateTable("t_queue")
    .set({ [column]: to })
    .where("queue_id", "=", queueId)
    .where(column, "<", to)
    .execute();

const onceKnown = ({ root, drawn }: QueueMarks) => ({
  ...(root === null ? {} : { root }),
  ...(drawn === null ? {} : { drawn }),
});

type Row = Selectable<Tables["t_queue"]>;
type Rules = Pick<AnnouncedQueue, "perMinute" | "activeMax" | "keepMs" | "stayMs">;

const rowOf = (queue: AnnouncedQueue): Row => {
  const { perMinute, activeMax, keepMs, stayMs } = queue;
  return {
    queue_id: queue.queueId,
    scope: queue.scope,
    collect_time: queue.collectsFrom,
    open_time: queue.opensAt,
    end_time: queue.endsAt,
    ended_time: queue.endedAt,
    rules: JSON.stringify({ perMinute, activeMax, keepMs, stayMs } satisfies Rules),
    seed: queue.seed,
    taken: 0,
    served: 0,
    root: null,
    drawn: null,
  };
};

const time = (value: number): EpochMs => epochMs(Number(value));

const queueOf = (row: Row): KeptQueue => ({
  queueId: row.queue_id,
  scope: row.scope as AnnouncedQueue["scope"],
  collectsFrom: time(row.collect_time),
  opensAt: time(row.open_time),
  endsAt: time(row.end_time),
  endedAt: row.ended_time === null ? null : time(row.ended_time),
  ...(JSON.parse(row.rules) as Rules),
  seed: row.seed,
  marks: {
    taken: Number(row.taken),
    served: Number(row.served),
    root: row.root,
    drawn: row.drawn === null ? null : Number(row.drawn),
  },
});
