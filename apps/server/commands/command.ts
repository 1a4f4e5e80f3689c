/** What a command of the command line is, and how it says that it was called wrongly. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import type { RunId } from "@chepiao/contracts";
import { parseServiceDate } from "@chepiao/kernel";

export type Command = {
  /** One line for the list of commands. */
  readonly about: string;
  readonly help: string;
  /** Answers the exit code: 0 done, 1 failed, 2 called wrongly. */
  run(args: readonly string[]): Promise<number>;
};

export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What was asked cannot be done now: told in a sentence, and the exit code is 1. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
}

/** A run as it is typed. */
export function runIdOf(text: string): RunId {
  const [trainNumber, date, ...more] = text.split("/");
  if (!trainNumber || !date || more.length > 0 || parseServiceDate(date) === null)
    throw new UsageError(`"${text}" is no run: a train and its origin date, such as G1/2026-12-01.`);
  return text as RunId;
}

/** Reads options by their declaration; anything else is a usage error that shows the help. */
export function readArgs<T extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: T,
  help: string,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(". ")[0]}.\n\n${help}`);
  }
}
