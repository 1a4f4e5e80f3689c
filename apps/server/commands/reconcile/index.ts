/** `chepiao reconcile`: tickets, payments and providers' statements of a day against each other, and what became of differences. */
import { addDays, dateIn, parseServiceDate, type ServiceDate } from "@chepiao/kernel";
import { caseReasonLengthMax } from "@chepiao/ports/reconciliation-store";
import { readConfig } from "../../config.ts";
import { type Command, CommandFailed, readArgs, UsageError } from "../command.ts";
import { operatorActs } from "../operator.ts";
import { openReconciled, type ReconciledStores } from "./stores.ts";
import { casesText, reportText } from "./text.ts";

const help = `npm run chepiao -- reconcile [--day DATE] [--json]
                              cases [--json]
                              settle CASE --reason TEXT

Holds tickets, our books of payments and the providers' statements of a day against each other, and each difference is a case. Nothing of what
it looks at is changed: the room whose data it is puts it right, and a later run finds that the case is gone. The platform does the same
every night for the day before.

  cases   which are open, whose they are, and since when
  settle  a difference that may stay, and why: it is open again once it is another

  --day DATE     a day at the railway, such as 2026-12-01; yesterday where it is left out. Of today it is all but the last minutes
  --json         as JSON
  --reason TEXT  ${caseReasonLengthMax} characters at most

A platform may be running, and people may buy. The exit code is 1 where a case of the day is open, or its statement is not there yet.`;

const options = { day: { type: "string" }, json: { type: "boolean" }, reason: { type: "string" } } as const;
const casesShownMax = 1_000;

export const reconcileCommand: Command = {
  about: "tickets, payments and providers' statements against each other",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    const [action = "day", caseId, ...more] = positionals;
    const isKnown = ["day", "cases", "settle"].includes(action);
    if (!isKnown || more.length > 0 || (action === "settle") !== (caseId !== undefined)) throw new UsageError(help);
    const day = values.day === undefined ? null : dayIn(values.day);
    const reason = action === "settle" ? reasonIn(values.reason ?? "") : "";
    await using stores = await openReconciled(readConfig(process.env));
    const asJson = values.json ?? false;
    if (action === "settle") return await settle(stores, caseId!, reason);
    if (action === "cases") return await showCases(stores, asJson);
    return await reconcile(stores, day, asJson);
  },
};

async function reconcile({ reconciliation, clock, zone }: ReconciledStores, said: ServiceDate | null, asJson: boolean) {
  const day = said ?? addDays(dateIn(zone, clock.now()), -1);
  const report = await reconciliation.reconcile(day);
  if (!report) throw new CommandFailed(`${day} has not begun at the railway, or only just.`);
  console.log(asJson ? JSON.stringify(report, null, 2) : reportText(report));
  return report.manual_fix_count + report.statements_missing.length === 0 ? 0 : 1;
}

async function showCases({ cases, zone, clock }: ReconciledStores, asJson: boolean): Promise<number> {
  const open = await cases.open(casesShownMax);
  console.log(asJson ? JSON.stringify(open, null, 2) : casesText(open, zone, clock.now()));
  return open.length === 0 ? 0 : 1;
}

async function settle({ reconciliation, auditTrail }: ReconciledStores, caseId: string, reason: string) {
  const note = { action: "settleCase", subject: `case ${caseId}`, what: "settle it", reason } as const;
  await operatorActs(auditTrail, note, async () => {
    if (!(await reconciliation.settle(caseId, reason))) throw new CommandFailed(`No case ${caseId} is open.`);
  });
  console.log(`Case ${caseId} is settled.`);
  return 0;
}

function dayIn(text: string): ServiceDate {
  const day = parseServiceDate(text);
  if (!day) throw new UsageError(`--day takes a date, such as 2026-12-01, and is "${text}".`);
  return day;
}

function reasonIn(text: string): string {
  const reason = text.trim();
  const isFit = reason !== "" && reason.length <= caseReasonLengthMax && !/\p{Cc}/u.test(reason);
  if (!isFit) throw new UsageError(`A reason is needed, of ${caseReasonLengthMax} characters at most.\n\n${help}`);
  return reason;
}
