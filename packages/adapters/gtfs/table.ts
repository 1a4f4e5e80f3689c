/** One table of a feed, record by record: columns by name, in any order, those that nobody asked for left out. */
import type { Problems } from "./problems.ts";
import { createCsvSplitter, CsvError, type CsvRecord } from "./csv.ts";

export type Columns<Required extends string, Optional extends string> = {
  readonly required: readonly Required[];
  readonly optional: readonly Optional[];
};
/** Trimmed; empty where the column is missing. */
export type Row<Name extends string> = { readonly [N in Name]: string };

export async function readTable<Required extends string, Optional extends string>(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  columns: Columns<Required, Optional>,
  problems: Problems,
  onRow: (row: Row<Required | Optional>, line: number) => void,
): Promise<void> {
  const splitter = createCsvSplitter();
  // Drops a byte order mark by itself; anything that is not UTF-8 throws.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let header: ReturnType<typeof readHeader> | null = null;

  /** Nothing in the file is of use any more; it is read to its end all the same, which tells a damaged one. */
  let isOver = false;
  let hasControls = false;

  function take(records: readonly CsvRecord[]): void {
    for (const { line, fields } of records) {
      if (isOver) return;
      if (!header) {
        header = readHeader(fields);
        isOver = isUnusable(header.names, line);
        continue;
      }
      const isShort = fields.length < header.names.length;
      if (fields.length < header.fieldsMin || fields.slice(header.names.length).some((field) => field.trim() !== "")) {
        const way = isShort
          ? "a field that is empty needs its comma"
          : "a text with a comma in it needs quotes around it";
        problems.error(file, line, `${fields.length} fields where the header has ${header.names.length}: ${way}`);
        continue;
      }
      if (isShort) problems.warn("rows that end early: the columns they lack are taken as empty", `${file}:${line}`);
      const row: Record<string, string> = {};
      for (const [name, place] of header.places) row[name] = textOf(fields[place], line);
      onRow(row as Row<Required | Optional>, line);
    }
  }

  function isUnusable(names: readonly string[], line: number): boolean {
    const wanted: readonly string[] = [...columns.required, ...columns.optional];
    const missing = columns.required.filter((name) => !names.includes(name));
    const twice = wanted.filter((name) => names.indexOf(name) !== names.lastIndexOf(name));
    const [separator] = missing.length > 0 && names.length === 1 ? (/[;\t|]/.exec(names[0]!) ?? []) : [];
    if (separator !== undefined)
      problems.error(file, line, `columns are parted by ${JSON.stringify(separator)}: save the file with commas`);
    else for (const name of missing) problems.error(file, line, `there is no column ${name}`);
    for (const name of twice) problems.error(file, line, `there are two columns ${name}`);
    return missing.length + twice.length > 0;
  }

  /** Trimmed, and without bytes that nobody sees and that would keep a name from being found. */
  function textOf(field: string | undefined, line: number): string {
    const text = (field ?? "").trim();
    if (!hasControls || !controls.test(text)) return text;
    problems.warn("control characters are left out", `${file}:${line}`);
    return text.replaceAll(new RegExp(controls, "gu"), "").trim();
  }

  function readHeader(fields: readonly string[]) {
    const names = fields.map((name) => name.trim());
    const wanted: readonly string[] = [...columns.required, ...columns.optional];
    const requiredPlaces = columns.required.map((name) => names.indexOf(name));
    return {
      names,
      /** A row may end behind the last column that it needs. */
      fieldsMin: Math.max(...requiredPlaces, 0) + 1,
      places: wanted.map((name): [string, number] => [name, names.indexOf(name)]),
    };
  }

  function takeText(text: string): void {
    hasControls ||= controls.test(text);
    take(splitter.push(text));
  }

  function takeChunk(chunk: Uint8Array, isLast: boolean): void {
    if (isOver) return;
    try {
      takeText(decoder.decode(chunk, { stream: !isLast }));
      if (isLast) take(splitter.end());
    } catch (error) {
      isOver = true;
      if (error instanceof CsvError) problems.error(file, error.line, error.message);
      else if (error instanceof TypeError)
        problems.error(file, splitter.line() + linesBeforeFlaw(chunk), "the text is not UTF-8: save the file as UTF-8");
      else throw error;
    }
  }

  for await (const chunk of chunks) takeChunk(chunk, false);
  takeChunk(new Uint8Array(), true);
  if (!header && !isOver) problems.error(file, null, "the file is empty: its first line names the columns");
}

/** All but tabs and the ends of lines, which may stand in a quoted field. */
const controls = /[^\P{Cc}\t\n\r]/u;

function linesBeforeFlaw(chunk: Uint8Array): number {
  const [good = ""] = new TextDecoder().decode(chunk).split("\uFFFD", 1);
  return good.split("\n").length - 1;
}

/** Reads one file of a feed, where it is there. `isKept` says which rows stay in memory. */
export type Read = <R extends string, O extends string>(
  file: string,
  columns: Columns<R, O>,
  onRow: (row: Row<R | O>, line: number) => void,
  isKept?: (row: Row<R | O>) => boolean,
) => Promise<void>;
