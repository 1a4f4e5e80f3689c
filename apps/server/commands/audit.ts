/** `chepiao audit`: what staff did and looked at, by whichever door. */
import { type AuditAction, auditActionNames, type AuditLine } from "@chepiao/contracts";
import type { AuditSearch } from "@chepiao/ports/audit-trail";
import { auditLineOf } from "@chepiao/services/operations";
import { readConfig } from "../config.ts";
import { type Command, readArgs, UsageError } from "./command.ts";
import { operatorLooks } from "./operator.ts";
import { openStoresBeside } from "./stores.ts";
import { table } from "./table.ts";

const limitMax = 1_000;

const help = `npm run chepiao -- audit [--who NAME] [--action ACTION] [--subject SUBJECT] [--limit N] [--before ENTRY] [--json]

The audit trail, newest first: who did what, on what, why, and how it came out; at the command line and by the API. An act that has
no outcome is under way, or its process died in it. A look at the trail is on it, too.

  --who NAME         a username, or an account of the machine
  --action ACTION    ${auditActionNames.slice(0, 6).join(", ")},
                     ${auditActionNames.slice(6, 13).join(", ")},
                     ${auditActionNames.slice(13).join(", ")}
  --subject SUBJECT  "run G1/2026-12-01", "account 123", "case 1A2B"
  --limit N          how many are shown, at most ${limitMax} (20)
  --before ENTRY     go on where the page before has ended
  --json             for programs`;

const text = { type: "string" } as const;
const options = {
  who: text,
  action: text,
  subject: text,
  limit: { type: "string", default: "20" },
  before: text,
  json: { type: "boolean", default: false },
} as const;

export const auditCommand: Command = {
  about: "what staff did and looked at",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    if (positionals.length > 0) throw new UsageError(help);
    const { json, limit, ...named } = values;
    const search: AuditSearch = { ...searchOf(named), limit: limitOf(limit) };
    await using beside = await openStoresBeside(readConfig(process.env));
    const by = Object.keys(named).join(", ");
    await operatorLooks(beside.auditTrail, {
      action: "readAudit",
      what: `the audit trail, by ${by || "no condition"}`,
    });
    const found = await beside.stores.auditTrail.find(search);
    const lines = found.map((each) => auditLineOf(each, beside.timetable.zone));
    console.log(json ? JSON.stringify(lines, null, 2) : auditText(lines, search.limit));
    return 0;
  },
};

type Named = { readonly [Name in "action" | "before" | "subject" | "who"]?: string };

function searchOf({ action, ...others }: Named): Omit<AuditSearch, "limit"> {
  if (action === undefined) return others;
  if (!auditActionNames.includes(action as AuditAction))
    throw new UsageError(`--action takes ${auditActionNames.join(", ")}; not "${action}".`);
  return { ...others, action: action as AuditAction };
}

function limitOf(given: string): number {
  const limit = Number(given);
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax)
    throw new UsageError(`--limit takes a whole number from 1 to ${limitMax}, not "${given}".`);
  return limit;
}

function auditText(lines: readonly AuditLine[], limit: number): string {
  if (lines.length === 0) return "Nothing like that is on the audit trail.";
  const rows = lines.map(({ at, who, role, action, subject, what, reason, isDryRun, before, after, outcome }) => [
    at,
    role === null ? who : `${who} (${role})`,
    action,
    subject ?? "",
    [what, ...(reason === null ? [] : [`because: ${reason}`])].join("; "),
    [isDryRun ? "dry run" : "", outcome ?? "", [before, after].filter((side) => side !== null).join(" → ")]
      .filter((part) => part !== "")
      .join(", "),
  ]);
  return [
    ...table([["AT", "WHO", "ACTION", "ON", "WHAT", "OUTCOME"], ...rows]),
    ...(lines.length < limit ? [] : ["", `Go on with: --before ${lines.at(-1)!.entryId}`]),
  ].join("\n");
}
