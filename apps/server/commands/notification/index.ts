/** `chepiao notification`: what became of the mails that accounts were to get, which wait, and once more for those that never came. */
import { notificationKinds } from "@chepiao/contracts";
import { deliveryStates } from "@chepiao/ports/deliveries";
import { readConfig } from "../../config.ts";
import { type Command, readArgs, UsageError } from "../command.ts";
import { openStoresBeside } from "../stores.ts";
import { listDeliveries } from "./list.ts";
import { resendDeliveries } from "./resend.ts";
import { mailsShownMax } from "@chepiao/services/operations";
import type { Search } from "./search.ts";
import { showWaiting } from "./waiting.ts";

const help = `npm run chepiao -- notification list SEARCH [--limit NUMBER] [--json]
                                 resend SEARCH [--yes]
                                 waiting [--json]

  list     what became of mails, the newest first
  resend   mails that were refused, given up or dropped are due once more, at once; of others --state says so. Without --yes it only says which
           they would be. A mail that was sent has the id that it had: who has got it may not see it twice
  waiting  how many wait, by how long ago it happened what they tell of, and how many could have been tried long since

SEARCH is one or several of
  --account NUMBER  the number that security events name
  --order NUMBER    of an order, or of an entry of the waitlist
  --kind KIND       ${linesOf(notificationKinds)}
  --state STATE     ${deliveryStates.join(", ")}

A platform may be running. Addresses and words are not shown. Who looks at deliveries, and who has them sent again, is noted among the security
events.`;

const options = {
  account: { type: "string" },
  order: { type: "string" },
  kind: { type: "string" },
  state: { type: "string" },
  limit: { type: "string" },
  json: { type: "boolean" },
  yes: { type: "boolean" },
} as const;

export const notificationCommand: Command = {
  about: "what became of mails to accounts, which wait, and send some again",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    const [action = "", ...more] = positionals;
    const takes = taken[action];
    if (!takes || more.length > 0 || Object.keys(values).some((name) => !takes.includes(name)))
      throw new UsageError(help);
    const search = action === "waiting" ? null : searchOf(values);
    const asJson = values.json ?? false;
    await using stores = await openStoresBeside(readConfig(process.env));
    const say = (line: string) => console.log(line);
    if (action === "list") await listDeliveries(stores, search!, { asJson, say });
    else if (action === "resend") await resendDeliveries(stores, search!, { isMeant: values.yes ?? false, say });
    else await showWaiting(stores, { asJson, say });
    return 0;
  },
};

const searched = ["account", "order", "kind", "state"];
const taken: Readonly<Record<string, readonly string[]>> = {
  list: [...searched, "limit", "json"],
  resend: [...searched, "yes"],
  waiting: ["json"],
};

type Values = { readonly [Name in "account" | "order" | "kind" | "state" | "limit"]?: string | undefined };

function searchOf({ account, order, kind, state, limit }: Values): Search {
  if ([account, order, kind, state].every((each) => each === undefined))
    throw new UsageError(`Which ones? --account, --order, --kind or --state says it.\n\n${help}`);
  return {
    ...(account === undefined
      ? {}
      : { userId: wholeIn("--account", account, Number.MAX_SAFE_INTEGER) as Search["userId"] & {} }),
    ...(order === undefined ? {} : { orderNo: order }),
    ...(kind === undefined ? {} : { kind: oneIn("--kind", kind, notificationKinds) }),
    ...(state === undefined ? {} : { state: oneIn("--state", state, deliveryStates) }),
    limit: limit === undefined ? mailsShownMax : wholeIn("--limit", limit, mailsShownMax),
  };
}

function wholeIn(name: string, text: string, max: number): number {
  const number = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : NaN;
  if (!(number <= max)) throw new UsageError(`${name} takes a whole number from 1 to ${max}, and is "${text}".`);
  return number;
}

function oneIn<Word extends string>(name: string, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found === undefined) throw new UsageError(`${name} takes one of ${words.join(", ")}, and is "${text}".`);
  return found;
}

/** As a column of the help, some to a line. */
function linesOf(words: readonly string[]): string {
  const perLine = 6;
  const lines = Array.from({ length: Math.ceil(words.length / perLine) }, (_, n) =>
    words.slice(n * perLine, (n + 1) * perLine).join(", "),
  );
  return lines.join(`,\n${" ".repeat(20)}`);
}
