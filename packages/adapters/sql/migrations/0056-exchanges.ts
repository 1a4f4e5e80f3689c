/** What a run is made of in place of what it was sold as, and how far that is (docs/decisions/0071). No run was exchanged before. */
import type { Migration } from "kysely/migration";
import { addColumn } from "./table.ts";

export const exchanges: Migration = {
  up: (db) => addColumn(db, "t_withdrawn_coach", "exchange", "text null"),
};
