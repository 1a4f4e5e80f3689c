/** A file of rows that an operator hands over: cut at its commas, with the line of each, and what is wrong with it by its lines. */
import { readFileSync } from "node:fs";
import { createCsvSplitter, type CsvRecord, CsvError } from "@chepiao/adapters/gtfs";
import { CommandFailed } from "./command.ts";

/** @throws CommandFailed where it cannot be read, or is longer than that */
export function csvRowsIn(path: string, lengthMax = Infinity): readonly CsvRecord[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandFailed(`${path} cannot be read: ${(error as Error).message}`);
  }
  if (text.length > lengthMax) throw new CommandFailed(`${path} is longer than such a file may be.`);
  try {
    const splitter = createCsvSplitter();
    return [...splitter.push(text), ...splitter.end()];
  } catch (error) {
    if (error instanceof CsvError) throw new CommandFailed(`${path}: line ${error.line}: ${error.message}`);
    throw error;
  }
}

const faultsSaid = 20;

export function faultTexts(faults: readonly { readonly line: number; readonly message: string }[]): string[] {
  const said = faults.slice(0, faultsSaid).map(({ line, message }) => `  line ${line}: ${message}`);
  return faults.length > faultsSaid ? [...said, `  and ${faults.length - faultsSaid} more`] : said;
}
