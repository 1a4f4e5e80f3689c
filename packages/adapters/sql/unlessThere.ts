/** Rows of which some may be there already. */
import type { InsertQueryBuilder, Kysely } from "kysely";
import { isMysql } from "./migrations/table.ts";
import type { Tables } from "./tables.ts";

/** Those whose key is there already stay as they are. */
export const unlessThere = <Table extends keyof Tables, Output>(
  db: Kysely<Tables>,
  insert: InsertQueryBuilder<Tables, Table, Output>,
): InsertQueryBuilder<Tables, Table, Output> =>
  isMysql(db) ? insert.ignore() : insert.onConflict((conflict) => conflict.doNothing());
