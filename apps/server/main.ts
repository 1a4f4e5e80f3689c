/** The command line: one table of commands, each with its own help. Whatever goes wrong is told in a sentence, not a stack. */
import { ServiceUnavailable } from "@chepiao/contracts";
import { BadSetting } from "./readers.ts";
import { DataFolderRefused } from "./dataFolder.ts";
import { buyCommand } from "./commands/buy.ts";
import { capacityCommand } from "./commands/capacity.ts";
import { type Command, CommandFailed, UsageError } from "./commands/command.ts";
import { configCommand } from "./commands/config.ts";
import { deadLettersCommand } from "./commands/deadLetters/index.ts";
import { importCommand } from "./commands/importCommand.ts";
import { keysCommand } from "./commands/keys.ts";
import { ordersCommand } from "./commands/orders/index.ts";
import { projectionsCommand } from "./commands/projections.ts";
import { restoreCommand } from "./commands/restore.ts";
import { roleCommand } from "./commands/role.ts";
import { serveCommand } from "./commands/serve.ts";
import { verifyTicketCommand } from "./commands/verifyTicket.ts";
import { PortTaken } from "@chepiao/runtime";

const commands: Readonly<Record<string, Command>> = {
  serve: serveCommand,
  import: importCommand,
  buy: buyCommand,
  "verify-ticket": verifyTicketCommand,
  role: roleCommand,
  keys: keysCommand,
  orders: ordersCommand,
  projections: projectionsCommand,
  "dead-letters": deadLettersCommand,
  restore: restoreCommand,
  config: configCommand,
  capacity: capacityCommand,
};
/** What `npm start` calls it. */
const aliases: Readonly<Record<string, string>> = { start: "serve" };

async function main(args: readonly string[]): Promise<number> {
  const [name = "help", ...rest] = args;
  if (name === "help" || name === "--help" || name === "-h") {
    console.log(usage());
    return 0;
  }
  const command = commands[aliases[name] ?? name];
  if (!command) {
    console.error(`There is no command "${name}".\n\n${usage()}`);
    return 2;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    console.log(command.help);
    return 0;
  }
  return command.run(rest);
}

const usage = () =>
  [
    "chepiao — an open train-ticketing platform",
    "",
    "  npm start                     the whole platform on this machine, selling at once",
    "  npm run chepiao -- COMMAND    one of:",
    "",
    ...Object.entries(commands).map(([name, { about }]) => `    ${name.padEnd(14)} ${about}`),
    "",
    "  npm run chepiao -- COMMAND --help says more.",
  ].join("\n");

/** What was said cannot be done so: somebody's to mend, and not ours. */
const isRefused = (error: unknown): error is Error =>
  error instanceof BadSetting ||
  error instanceof DataFolderRefused ||
  error instanceof PortTaken ||
  error instanceof UsageError;
/** It cannot be done now, and why is all there is to say. */
const isFailed = (error: unknown): error is Error =>
  error instanceof CommandFailed || error instanceof ServiceUnavailable;

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  console.error(isRefused(error) || isFailed(error) ? error.message : error);
  process.exit(isRefused(error) ? 2 : 1);
}
