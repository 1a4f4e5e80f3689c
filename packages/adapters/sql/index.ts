export { createSqlOutbox, insertMessages } from "./outbox.ts";
export { migrate } from "./migrate.ts";
export type { Tables } from "./tables.ts";
