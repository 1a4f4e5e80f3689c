/** Column types of every table, by area. Rows are what SQL sees: numbers, text and null; words are stored by their code. */
export type Tables = Record<never, never>;
