import type { Migration } from "kysely/migration";

/** In order of name. */
export const migrations: Record<string, Migration> = {};
