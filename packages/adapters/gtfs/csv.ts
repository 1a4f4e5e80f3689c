/**
 * CSV in pieces, with the line on which each record began: quoted fields may hold commas, quotes and line breaks. Lines may end
 * in LF or CRLF. What does not parse is told, not guessed.
 */
export type CsvRecord = { readonly line: number; readonly fields: readonly string[] };

export class CsvError extends Error {
  override readonly name = "CsvError";
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const neverClosed = "a quoted field is never closed: end it with a quote, and write a quote within it twice";
const insideField =
  "a quote stands inside a field that does not begin with one: put the field in quotes, and write that one twice";
const afterClosing =
  "text stands after a closing quote: write the quote twice where it is part of the field, and end the field with a comma";

/** A record longer than this is a quote that was never closed. */
const recordLengthMax = 1 << 20;

export type CsvSplitter = {
  /** Every record that is whole by now. Empty lines are left out. */
  push(text: string): CsvRecord[];
  end(): CsvRecord[];
  /** Where the next record begins. */
  line(): number;
};

export function createCsvSplitter(): CsvSplitter {
  let rest = "";
  let line = 1;

  function take(final: boolean): CsvRecord[] {
    const records: CsvRecord[] = [];
    let at = 0;
    while (at < rest.length) {
      const newline = rest.indexOf("\n", at);
      if (newline < 0 && !final) break;
      const end = newline < 0 ? rest.length : newline;
      const text = rest.slice(at, rest[end - 1] === "\r" && end > at ? end - 1 : end);
      if (!text.includes('"')) {
        if (text.trim() !== "") records.push({ line, fields: text.split(",") });
        line++;
        at = end + 1;
        continue;
      }
      const record = takeQuoted(rest, at, line, final);
      if (!record) break;
      records.push({ line, fields: record.fields });
      line += record.lines;
      at = record.next;
    }
    rest = rest.slice(at);
    if (rest.length > recordLengthMax) throw new CsvError(line, neverClosed);
    return records;
  }

  return {
    push(text) {
      rest += text;
      return take(false);
    },
    end: () => take(true),
    line: () => line,
  };
}

/** A record with quotes in it, letter by letter. Null where it goes on past the text at hand. */
function takeQuoted(text: string, start: number, line: number, final: boolean) {
  const fields: string[] = [];
  let lines = 1;
  let at = start;
  for (;;) {
    let field = "";
    if (text[at] === '"') {
      for (;;) {
        const close = text.indexOf('"', at + 1);
        // A quote at the very end may be the first half of a doubled one.
        if (close < 0 || (close === text.length - 1 && !final)) {
          if (final) throw new CsvError(line, neverClosed);
          return null;
        }
        field += text.slice(at + 1, close);
        at = close + 1;
        if (text[at] !== '"') break;
        field += '"';
      }
      for (const letter of field) if (letter === "\n") lines++;
    } else {
      const next = /[,\n]/g;
      next.lastIndex = at;
      const end = next.exec(text)?.index ?? text.length;
      if (end === text.length && !final) return null;
      field = text.slice(at, end).replace(/\r$/, "");
      at = end;
      if (field.includes('"')) throw new CsvError(line, insideField);
    }
    fields.push(field);
    if (text[at] === "\r" && (text[at + 1] === "\n" || at + 1 === text.length)) at++;
    if (at >= text.length) return final ? { fields, lines, next: at } : null;
    if (text[at] === "\n") return { fields, lines, next: at + 1 };
    if (text[at] !== ",") throw new CsvError(line, afterClosing);
    at++;
  }
}
