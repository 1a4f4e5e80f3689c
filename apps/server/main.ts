/** The command line: one table of commands, each with its own help. Whatever goes wrong is told in a sentence, not a stack. */
import { KeyFileRefused } from "@chepiao/adapters/crypto";
import { ServiceUnavailable } from "@chepiao/contracts";
import { BadSetting } from "@chepiao/room";
import { BackupRefused } from "./backup/manifest.ts";
import { DataFolderRefused } from "./dataFolder.ts";
import { accountCommand } from "./commands/account.ts";
import { auditCommand } from "./commands/audit.ts";
import { backupCommand } from "./commands/backup/index.ts";
import { buyCommand } from "./commands/buy.ts";
import { capacityCommand } from "./commands/capacity.ts";
import { type Command, CommandFailed, UsageError } from "./commands/command.ts";
import { configCommand } from "./commands/config.ts";
import { deadLettersCommand } from "./commands/deadLetters/index.ts";
import { importCommand } from "./commands/importCommand.ts";
import { keysCommand } from "./commands/keys/index.ts";
import { ordersCommand } from "./commands/orders/index.ts";
import { policyCommand } from "./commands/policy.ts";
import { projectionsCommand } from "./commands/projections.ts";
import { reconcileCommand } from "./commands/reconcile/index.ts";
import { notificationCommand } from "./commands/notification/index.ts";
import { riskCommand } from "./commands/risk/index.ts";
import { queueCommand } from "./commands/queue/index.ts";
import { rehearseCommand } from "./commands/rehearse.ts";
import { quotaCommand } from "./commands/quota/index.ts";
import { gateCommand } from "./commands/gate/index.ts";
import { gatewayCommand } from "./commands/gateway/index.ts";
import { runCommand } from "./commands/run/index.ts";
import { retentionCommand } from "./commands/retention.ts";
import { repairCommand } from "./commands/repair.ts";
import { restoreCommand } from "./commands/restore.ts";
import { roleCommand } from "./commands/role.ts";
import { serveCommand } from "./commands/serve.ts";
import { verifyDrawCommand } from "./commands/verifyDraw.ts";
import { verifyTicketCommand } from "./commands/verifyTicket.ts";
import { waitlistCommand } from "./commands/waitlist.ts";
import { KeyMissing } from "@chepiao/ports/vault";
import { CannotListen } from "@chepiao/runtime";

const commands: Readonly<Record<string, Command>> = {
  serve: serveCommand,
  import: importCommand,
  buy: buyCommand,
  "verify-ticket": verifyTicketCommand,
  "verify-draw": verifyDrawCommand,
  role: roleCommand,
  account: accountCommand,
  audit: auditCommand,
  keys: keysCommand,
  orders: ordersCommand,
  policy: policyCommand,
  projections: projectionsCommand,
  waitlist: waitlistCommand,
  quota: quotaCommand,
  rehearse: rehearseCommand,
  queue: queueCommand,
  reconcile: reconcileCommand,
  notification: notificationCommand,
  risk: riskCommand,
  run: runCommand,
  gate: gateCommand,
  gateway: gatewayCommand,
  "dead-letters": deadLettersCommand,
  repair: repairCommand,
  backup: backupCommand,
  restore: restoreCommand,
  retention: retentionCommand,
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

/** What was said cannot be done so: the caller's to correct, and no fault of ours. */
const isRefused = (error: unknown): error is Error =>
  error instanceof BadSetting ||
  error instanceof DataFolderRefused ||
  error instanceof KeyFileRefused ||
  error instanceof CannotListen ||
  error instanceof UsageError;
/** It cannot be done now, and why is all there is to say. */
const isFailed = (error: unknown): error is Error =>
  error instanceof BackupRefused ||
  error instanceof CommandFailed ||
  error instanceof ServiceUnavailable ||
  error instanceof KeyMissing;

// What a command writes (database, log, keys) is about people: it is for the account that runs it, and for no other account of the machine.
process.umask(0o077);
try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  console.error(isRefused(error) || isFailed(error) ? error.message : error);
  process.exit(isRefused(error) ? 2 : 1);
}
