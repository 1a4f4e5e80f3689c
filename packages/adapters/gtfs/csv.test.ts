/** CSV as feeds write it, cut anywhere, with the lines of what is wrong. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { createCsvSplitter, CsvError } from "./csv.ts";

function split(text: string, pieces: readonly number[] = []) {
  const splitter = createCsvSplitter();
  const records = [];
  let at = 0;
  for (const length of pieces) {
    records.push(...splitter.push(text.slice(at, at + length)));
    at += length;
  }
  records.push(...splitter.push(text.slice(at)), ...splitter.end());
  return records;
}
const fieldsOf = (text: string) => split(text).map((record) => record.fields);

test("commas, quotes and line breaks may stand in a quoted field", () => {
  expect(fieldsOf('a,"b,c","say ""hi""","two\nlines"\r\n1,2,3,4')).toEqual([
    ["a", "b,c", 'say "hi"', "two\nlines"],
    ["1", "2", "3", "4"],
  ]);
  expect(fieldsOf('""\n"",x\nx,""\n')).toEqual([[""], ["", "x"], ["x", ""]]);
});

test("a record knows its first line, empty lines counted and left out", () => {
  expect(split('a\n\n"x\r\ny",z\n\r\nlast').map(({ line, fields }) => [line, fields.length])).toEqual([
    [1, 1],
    [3, 2],
    [6, 1],
  ]);
});

test("what does not parse says on which line", () => {
  const lineOf = (text: string) => {
    try {
      split(text);
    } catch (error) {
      return error instanceof CsvError ? `${error.line}: ${error.message}` : error;
    }
    return null;
  };
  expect(lineOf('a\nb\n"c')).toBe(
    "3: a quoted field is never closed: end it with a quote, and write a quote within it twice",
  );
  expect(lineOf('a\n"b"c\n')).toBe(
    "2: text stands after a closing quote: write the quote twice where it is part of the field, and end the field with a comma",
  );
  expect(lineOf('a\nb"c\n')).toBe(
    "2: a quote stands inside a field that does not begin with one: put the field in quotes, and write that one twice",
  );
  expect(lineOf(`a\n"${"x\n".repeat(600_000)}`)).toBe(
    "2: a quoted field is never closed: end it with a quote, and write a quote within it twice",
  );
});

test("any records come back, however the text is cut into pieces", () => {
  const field = fc.string({ unit: fc.constantFrom("a", "é", ",", '"', "\n", " ", "京"), maxLength: 6 });
  fc.assert(
    fc.property(
      fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 6 }),
      fc.array(fc.nat(9)),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      (records, pieces, ending, closed) => {
        const quoted = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
        const lines = records.map((fields) => fields.map(quoted).join(","));
        const text = lines.join(ending) + (closed && lines.length > 0 ? ending : "");
        expect(split(text, pieces).map((record) => record.fields)).toEqual(records);
      },
    ),
    { numRuns: 500 },
  );
});
