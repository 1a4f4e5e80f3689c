/** Where followers of the change feed are. */
import type { Checkpoints } from "@chepiao/ports/change-feed";
import { insertRows } from "./batches.ts";
import type { MysqlDatabase } from "./database.ts";

export const createMysqlCheckpoints = ({ sql }: MysqlDatabase): Checkpoints => ({
  async load(name) {
    const row = await sql.selectFrom("t_feed_place").select("place").where("name", "=", name).executeTakeFirst();
    return row?.place ?? null;
  },
  async save(name, checkpoint) {
    await insertRows(
      sql,
      "t_feed_place",
      [{ name, place: checkpoint }],
      "on duplicate key update place = values(place)",
    );
  },
});
