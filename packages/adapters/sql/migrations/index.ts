import type { Migration } from "kysely/migration";
import { outbox } from "./0003-outbox.ts";

/** In order of name. */
export const migrations: Record<string, Migration> = {
  "0003-outbox": outbox,
};
