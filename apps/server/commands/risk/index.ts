/** `chepiao risk`: who may not buy, by which rules purchases are judged, and why somebody was turned away. */
import { readConfig } from "../../config.ts";
import { type Command, readArgs, UsageError } from "../command.ts";
import { openStoresBeside } from "../stores.ts";
import { decideAppeals, listAppeals } from "./appeals.ts";
import { blockSubject, listBlocks, unblockSubject } from "./blocks.ts";
import { explainAccount, explainBlock, showRules } from "./explain.ts";
import { accountIn, subjectIn } from "./subject.ts";
import { tryRules } from "./try.ts";

const help = `npm run chepiao -- risk block SUBJECT --reason TEXT [--hours HOURS]
                         unblock SUBJECT
                         list
                         explain account:NUMBER|REFERENCE
                         rules
                         try [FILE] [--hours HOURS]
                         appeals [--open]
                         appeal REFERENCE grant|refuse --reason TEXT

  block    nobody buys or changes tickets as SUBJECT any more, though the waitlist stays open; who tries is shown a reference, by which you
           find the reason
  unblock  takes that back
  list     who is blocked, why, and until when
  explain  what was decided of the account's purchases in the last 30 days, and by which signals; of the REFERENCE that somebody was shown who
           is blocked, who that is and why
  rules    by which rules purchases are judged; they are a part of the railway's policy
  try      what the rules of a policy FILE would have decided of recorded purchases of the last 24 hours, or so many; without FILE those in
           force. Changes nothing
  appeals  what blocked accounts say against it, newest first; with --open those that wait for an answer, oldest first
  appeal   answers all that wait for one about that REFERENCE; they read TEXT. grant lifts the block at once, refuse leaves it

SUBJECT is account:NUMBER (the number that security events name), address:ADDRESS (of IPv6 with its /64), or network:ADDRESS (IPv4: its /24,
IPv6: its /48). Without --hours a block holds until it is taken back.

A platform may be running, and knows of a block two seconds later. Who blocks, answers appeals, asks why, or tries rules, is on the audit trail.`;

const options = { reason: { type: "string" }, hours: { type: "string" }, open: { type: "boolean" } } as const;
/** As `block` makes them. */
const referenceForm = /^[0-9A-F]{12}$/i;
const [reasonLengthMax, hoursMax, triedHours] = [200, 24 * 3_660, 24];

export const riskCommand: Command = {
  about: "block who resells or attacks, and see why purchases were turned away",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    const [action = "", what, ...more] = positionals;
    const appeal = action === "appeal" ? appealIn(what, more) : null;
    const takesSubject = ["block", "unblock", "explain"].includes(action);
    const takesMore = takesSubject || (action === "try" && what !== undefined);
    if (!appeal && (more.length > 0 || takesMore !== (what !== undefined))) throw new UsageError(help);
    if (values.open && action !== "appeals") throw new UsageError(help);
    const reason = values.reason?.trim() ?? "";
    if ((action === "block" || appeal) && (reason === "" || reason.length > reasonLengthMax))
      throw new UsageError(`A reason is needed, of ${reasonLengthMax} characters at most.\n\n${help}`);
    const reference = action === "explain" && referenceForm.test(what!) ? what!.toUpperCase() : null;
    const subject = takesSubject && reference === null ? subjectIn(what!) : null;
    const account = action === "explain" && subject ? accountIn(subject) : null;
    const hours = values.hours === undefined ? null : hoursIn(values.hours);
    await using stores = await openStoresBeside(readConfig(process.env));
    const say = (line: string) => console.log(line);
    if (action === "block") await blockSubject(stores, { subject: subject!, reason, hours }, say);
    else if (action === "unblock") await unblockSubject(stores, subject!, say);
    else if (appeal) await decideAppeals(stores, { ...appeal, answer: reason }, say);
    else if (action === "appeals") await listAppeals(stores, values.open === true, say);
    else if (action === "list") await listBlocks(stores, say);
    else if (reference !== null) await explainBlock(stores, reference, say);
    else if (action === "explain") await explainAccount(stores, account!, say);
    else if (action === "try") await tryRules(stores, { file: what ?? null, hours: hours ?? triedHours }, say);
    else if (action === "rules") showRules(stores, say);
    else throw new UsageError(help);
    return 0;
  },
};

function appealIn(what: string | undefined, [verb, ...more]: readonly string[]) {
  if (what === undefined || !referenceForm.test(what) || more.length > 0) throw new UsageError(help);
  if (verb !== "grant" && verb !== "refuse") throw new UsageError(help);
  return { reference: what.toUpperCase(), isGranted: verb === "grant" };
}

function hoursIn(text: string): number {
  const hours = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(hours >= 1 && hours <= hoursMax))
    throw new UsageError(`--hours takes a whole number from 1 to ${hoursMax}, and is "${text}".`);
  return hours;
}
