/** Column types of every table, by area. Rows are what SQL sees: numbers, text and null; words are stored by their code. */
import type { OutboxTables } from "./outbox.ts";

export type Tables = OutboxTables;
