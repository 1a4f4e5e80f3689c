/** What was asked on the command line. */
import { documentTypes, orderStates, seatClasses } from "@chepiao/contracts";
import { parseServiceDate, type ServiceDate } from "@chepiao/kernel";
import { type PageEnd, type Range, type StatisticsBy, statisticsBy } from "@chepiao/ports/order-search";
import { type OrdersAsked, pageEndOf } from "@chepiao/services/operations";
import { readArgs, UsageError } from "../command.ts";

const limitMax = 1_000;
const states = orderStates.filter((state) => state !== "accepted");

export const ordersHelp = `npm run chepiao -- orders [CONDITIONS] [--limit N] [--after PLACE] [--json]
npm run chepiao -- orders [CONDITIONS] --stats originDate|trainNumber|state|seatClass [--json]

Looks for orders: all conditions that are given must hold. On a cluster they are looked for in Elasticsearch, which the role
cdc keeps; on a data folder in an index beside the database, which is brought up to date first, also while the platform runs.

  --train G1             number of the train
  --date DAYS            boarding day, or some: 2026-12-01, 2026-12-01..2026-12-07, 2026-12-01.., ..2026-12-07
  --origin-date DAYS     the same of the day on which the train starts
  --status STATE,…       ${states.slice(0, 4).join(", ")}, ${states.slice(4).join(", ")}
  --class CLASS          ${seatClasses.join(", ")}
  --from ID, --to ID     stations; --station ID where the trip begins or ends
  --order NUMBER         of the order
  --ticket NUMBER        of a ticket
  --name NAME            of a passenger, also a part of it, as it sounds (wangxiaoming), or with a mistake in it
  --document NUMBER      of a passenger; found by its keyed hash. \`-\` reads it from standard input, where no other
                         user of the machine sees it
  --document-type TYPE   residentId where nothing is said; ${documentTypes.slice(1, 4).join(", ")},
                         ${documentTypes.slice(4).join(", ")}
  --account NAME         username or phone of who bought
  --limit N              how many are shown, at most ${limitMax} (20)
  --after PLACE          go on where the page before has ended
  --stats BY             count orders, passengers and money instead
  --json                 for programs

Exit codes: 0 done, also where nothing was found; 1 it cannot be asked now, or there is no such account; 2 called wrongly.`;

const text = { type: "string" } as const;
const options = {
  train: text,
  date: text,
  "origin-date": text,
  status: text,
  class: text,
  from: text,
  to: text,
  station: text,
  order: text,
  ticket: text,
  name: text,
  document: text,
  "document-type": { type: "string", default: "residentId" },
  account: text,
  limit: { type: "string", default: "20" },
  after: text,
  stats: text,
  json: { type: "boolean", default: false },
} as const;

export type Asked = OrdersAsked & {
  readonly by: StatisticsBy | null;
  readonly limit: number;
  readonly after: PageEnd | null;
  readonly json: boolean;
};

export function readAsked(args: readonly string[]): Asked {
  const { values, positionals } = readArgs(args, options, ordersHelp);
  if (positionals.length > 0) throw new UsageError(ordersHelp);
  const { train, date, "origin-date": originDate, status, from, to, station, order, ticket, name } = values;
  const said = <T>(key: string, value: T | undefined) => (value === undefined ? {} : { [key]: value });
  const passenger = { ...said("name", name), ...said("ticketNo", ticket) };
  const { document: number, stats } = values;
  const type = oneOf("--document-type", documentTypes, values["document-type"]);
  return {
    filter: {
      ...said("trainNumber", train),
      ...said("boardingDate", date && days("--date", date)),
      ...said("originDate", originDate && days("--origin-date", originDate)),
      ...said(
        "states",
        status?.split(",").map((each) => oneOf("--status", states, each)),
      ),
      ...said("seatClass", values.class && oneOf("--class", seatClasses, values.class)),
      ...said("fromStationId", from),
      ...said("toStationId", to),
      ...said("stationId", station),
      ...said("orderNo", order),
      ...(Object.keys(passenger).length > 0 ? { passenger } : {}),
    },
    document: number === undefined ? null : { type, number },
    account: values.account ?? null,
    by: stats === undefined ? null : oneOf("--stats", statisticsBy, stats),
    limit: limitOf(values.limit),
    after: values.after === undefined ? null : placeOf(values.after),
    json: values.json,
  };
}

function oneOf<T extends string>(option: string, words: readonly T[], given: string): T {
  const word = words.find((known) => known === given);
  if (word === undefined) throw new UsageError(`${option} takes ${words.join(", ")}; not "${given}".`);
  return word;
}

function limitOf(given: string): number {
  const limit = Number(given);
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax)
    throw new UsageError(`--limit takes a whole number from 1 to ${limitMax}, not "${given}".`);
  return limit;
}

function placeOf(given: string): PageEnd {
  const place = pageEndOf(given);
  if (place === null) throw new UsageError(`--after takes what the page before has ended with, not "${given}".`);
  return place;
}

/** One day is a range of it alone. */
function days(option: string, given: string): Range<ServiceDate> {
  const [from, to, more] = given.includes("..") ? given.split("..") : [given, given];
  const day = (word: string | undefined) => {
    const date = parseServiceDate(word ?? "");
    if (date === null) throw new UsageError(`${option} takes 2026-12-01 or 2026-12-01..2026-12-07, not "${given}".`);
    return date;
  };
  if (more !== undefined || (from === "" && to === "")) day(undefined);
  return { ...(from ? { from: day(from) } : {}), ...(to ? { to: day(to) } : {}) };
}
