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
  let header: { readonly names: readonly string[]; readonly places: readonly [string, number][] } | null = null;

  function take(records: readonly CsvRecord[]): boolean {
    for (const { line, fields } of records) {
      if (!header) {
        header = readHeader(fields);
        const missing = columns.required.filter((name) => !header!.names.includes(name));
        for (const name of missing) problems.error(file, line, `there is no column ${name}`);
        if (missing.length > 0) return false;
        continue;
      }
      const surplus = fields.slice(header.names.length).some((field) => field.trim() !== "");
      if (fields.length < header.names.length || surplus) {
        problems.error(file, line, `${fields.length} fields where the header has ${header.names.length}`);
        continue;
      }
      const row: Record<string, string> = {};
      for (const [name, place] of header.places) row[name] = place < 0 ? "" : fields[place]!.trim();
      onRow(row as Row<Required | Optional>, line);
    }
    return true;
  }

  function readHeader(fields: readonly string[]) {
    const names = fields.map((name) => name.trim());
    const wanted: readonly string[] = [...columns.required, ...columns.optional];
    return { names, places: wanted.map((name): [string, number] => [name, names.indexOf(name)]) };
  }

  let chunk: Uint8Array = new Uint8Array();
  try {
    for await (chunk of chunks) if (!take(splitter.push(decoder.decode(chunk, { stream: true })))) return;
    if (!take([...splitter.push(decoder.decode()), ...splitter.end()])) return;
    if (!header) problems.error(file, null, "the file is empty");
  } catch (error) {
    if (error instanceof CsvError) problems.error(file, error.line, error.message);
    else if (error instanceof TypeError)
      problems.error(file, splitter.line() + linesBeforeFlaw(chunk), "the text is not UTF-8");
    else if (error instanceof Error && "code" in error && String(error.code).startsWith("Z_"))
      problems.error(file, null, `the zip is damaged: ${error.message}`);
    else throw error;
  }
}

function linesBeforeFlaw(chunk: Uint8Array): number {
  const [good = ""] = new TextDecoder().decode(chunk).split("\uFFFD", 1);
  return good.split("\n").length - 1;
}
