/** What became of everybody who had a seat that the train does not have any more: a row for each order. */
import type { RunId } from "@chepiao/contracts";
import type { Exchange } from "@chepiao/ports/withdrawn-coaches";
import { type ReseatProgress, reseatProgress } from "@chepiao/services/operations";
import { table } from "../table.ts";
import type { RunStores } from "./stores.ts";
import { depsOf } from "./words.ts";

/** Without being asked for all of them. */
const rowsSaid = 20;

type Say = (line: string) => void;
type Row = ReseatProgress["rows"][number];

/** Nothing where the train is as it was sold. */
export async function sayReseats(stores: RunStores, run: RunId, isWhole: boolean, say: Say): Promise<void> {
  const progress = await reseatProgress(depsOf(stores), run);
  if (!progress) return;
  const { withdrawn, inCoach, elsewhere, rows } = progress;
  const { lost, exchange } = withdrawn;
  if (exchange) say(exchangeText(run, exchange, elsewhere));
  const counts = lost.map(({ no }) => `${inCoach.get(no) ?? 0} in coach ${no}`);
  if (lost.length > 0)
    say(
      `${run} runs without coach ${lost.map(({ no }) => no).join(", ")}: tickets that still have seats there: ${counts.join(", ")}.`,
    );
  if (rows.length === 0) return;
  const sum = (what: keyof Row["tickets"]) => String(rows.reduce((all, { tickets }) => all + tickets[what], 0));
  say(
    `Orders that had seats there: ${rows.length}. Their tickets: ${sum("moved")} became others, ${sum("gone")} were given back, ` +
      `${sum("inside")} are inside, ${sum("still")} have no other seat.`,
  );
  const shown = isWhole ? rows : rows.filter(({ tickets }) => tickets.still > 0).slice(0, rowsSaid);
  if (shown.length === 0) return;
  const lines = shown.map(({ orderNo, tickets: { moved, gone, inside, still }, why, into }) => [
    orderNo,
    ...[moved, gone, inside, still].map(String),
    into.join(" "),
    still > 0 ? (why ?? "") : "",
  ]);
  const head = ["order", "became others", "given back", "inside", "no other seat", "now in", "why not"];
  for (const line of table([head, ...lines])) say(`  ${line}`);
  if (!isWhole) say("A row for each order: --orders");
}

const exchangeText = (run: RunId, { compositions, closedAt, openedAt }: Exchange, left: number): string =>
  `${run} runs as ${compositions.at(-1)!.code}, and was sold as ${compositions[0].code}: ` +
  `tickets that still have seats which it does not have: ${left}. ` +
  (openedAt !== null
    ? "All have been asked for, and what is left is sold."
    : closedAt !== null
      ? "They are given others now, and nobody else is sold a seat until all have been asked for."
      : "The platform has not begun to give them others.");
