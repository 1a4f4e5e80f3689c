/** The tables, made step by step. A migration that has been released is never changed; the next one corrects it. */
import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { migrations } from "./migrations/index.ts";

export type { Migration };

/** Brings the tables up to date; a step that fails is undone and named. */
export async function migrate(db: Kysely<any>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    // Features that are made at the same time number their steps beforehand: one of a lower number may come into use after a higher one.
    allowUnorderedMigrations: true,
  });
  const { error, results } = await migrator.migrateToLatest();
  const failed = results?.find((result) => result.status === "Error");
  if (error)
    throw new Error(
      `migration ${failed?.migrationName ?? ""} failed: ${error instanceof Error ? error.message : JSON.stringify(error)}`,
      { cause: error },
    );
}
