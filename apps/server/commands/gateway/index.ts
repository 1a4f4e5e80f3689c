/** `chepiao gateway`: how much one asker may ask of each route, tried on what was asked, set, shown and taken back while trains are sold. */
import { readConfig } from "../../config.ts";
import { type Command, readArgs, UsageError } from "../command.ts";
import { openStoresBeside } from "../stores.ts";
import { setRulesFrom, showHistory, showRules, tryRulesFrom, undoNewest } from "./rules.ts";

const help = `npm run chepiao -- gateway rules show [--version NUMBER]
                                 set FILE [--after VERSION]
                                 dry-run FILE [--minutes MINUTES]
                                 history
                                 undo [--of VERSION]

How much one asker may ask of a route, beside what REQUESTS_PER_ADDRESS_SECOND and REQUESTS_PER_ACCOUNT_SECOND let through. A file is CSV:

  route,who,per minute,burst
  search.tickets,address,600,100
  order.submit,account,20,5

  route       a room and the name of its route; what is not known is told with those that are
  who         address: each address, whoever asks from it; account: each account that is logged in; both: each account that is known, and
              each address of everybody else. Of IPv6 an address is a /64
  per minute  so many requests come back each minute
  burst       so many at once; left out, what ten seconds have

  show        prints the rules in force, or those of a version, as a file of them; which version, and who set it, goes to standard error
  set         puts the file's rules in force, in place of all that were. Wrong files are refused whole, with their lines. With --after
              nothing is set unless that version, which the file was made from, is still in force; 0 where there was none
  dry-run     says what each rule would have refused of the requests of the last 15 minutes, or of so many up to 120
  history     who set what, and when
  undo        brings back what was in force before, as a version of its own. With --of nothing is done unless that version is still in
              force; without it, not within a minute of another undo, which may have been for the same rules

A platform may be running: each process that takes requests knows of it two seconds later, and counts by itself. Setting is on the
audit trail.`;

const options = {
  minutes: { type: "string", default: "15" },
  version: { type: "string" },
  after: { type: "string" },
  of: { type: "string" },
} as const;

export const gatewayCommand: Command = {
  about: "how much one asker may ask of each route: try, set, show, undo",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    const [subject, action = "", path, ...more] = positionals;
    const takesFile = action === "set" || action === "dry-run";
    if (subject !== "rules" || more.length > 0 || takesFile !== (path !== undefined)) throw new UsageError(help);
    if (values.after !== undefined && action !== "set") throw new UsageError(help);
    if (values.of !== undefined && action !== "undo") throw new UsageError(help);
    const version = versionIn("--version", values.version, 1);
    const after = versionIn("--after", values.after, 0);
    const of = versionIn("--of", values.of, 1);
    const minutes = numberIn("--minutes", values.minutes, { min: 1, max: 120 });
    await using stores = await openStoresBeside(readConfig(process.env));
    const beside = { ...stores, rules: stores.stores.gatewayRules, zone: stores.timetable.zone };
    const say = (line: string) => console.log(line);
    const sayBeside = (line: string) => console.error(line);
    if (action === "show") await showRules(beside, version, { say, sayBeside });
    else if (action === "set") await setRulesFrom(beside, { path: path!, after }, say);
    else if (action === "dry-run") await tryRulesFrom(beside, { path: path!, minutes }, say);
    else if (action === "history") await showHistory(beside, say);
    else if (action === "undo") await undoNewest(beside, of, say);
    else throw new UsageError(help);
    return 0;
  },
};

const versionIn = (name: string, text: string | undefined, min: number): number | null =>
  text === undefined ? null : numberIn(name, text, { min, max: 1_000_000_000 });

type Range = { readonly min: number; readonly max: number };

function numberIn(name: string, text: string, { min, max }: Range): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(number >= min && number <= max))
    throw new UsageError(`${name} takes a whole number from ${min} to ${max}, and is "${text}".`);
  return number;
}
