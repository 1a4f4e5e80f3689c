/**
 * Pages of offers, ready to send. A page is kept under the address that asked for it, as the bytes of its JSON: to answer is to
 * find it and to compare two numbers.
 *
 * A page is looked over in every half second in which somebody asks for it. The counters of its runs say which rows may have
 * changed; only for those is the stock asked, and only those are written anew. What changes by time alone (a train leaves, a sale
 * opens or closes, the day ends) bounds the page by `validUntil`. So `asOf` is always the second in which the answer is read, and
 * what it says was true less than half a second ago.
 */
import type { Changes, InventoryClient, Reply, Timetable } from "@chepiao/contracts";
import {
  addDays,
  assert,
  type EpochMs,
  epochMs,
  formatInZone,
  secondMs,
  type ServiceDate,
  serviceDayStart,
} from "@chepiao/kernel";
import { createShelf } from "./shelf.ts";
import { departureOf, fixedOffer, type LegForSale, legForSale, nextTurn, saleOffer } from "./offers.ts";

export const lookEveryMs = secondMs / 2;
assert(secondMs % lookEveryMs === 0, "a page is looked over when a second begins, so that asOf can be exact");

/** At least 16,000 pages of the demo network, which take 7 KB on the average. */
const pagesBytesMax = 256 * 2 ** 20;
/** What a row takes besides its fixed bytes: its sale, and what it is worked out from. Measured on the demo network. */
const rowBytes = 1_000;

export type Journey = {
  readonly date: ServiceDate;
  readonly from: readonly string[];
  readonly to: readonly string[];
};

/** One train. Of the page's bytes it has those from `start`: what never changes, then, from `sale` to `end`, what does. */
type Row = {
  readonly forSale: LegForSale;
  readonly changes: Changes | undefined;
  /** What the counter said before the stock was asked for; -1 where it was not. */
  seen: number;
  start: number;
  sale: number;
  end: number;
};

export type Page = {
  readonly timetableVersion: number;
  /** Until then its date can be asked for. */
  readonly endsAt: EpochMs;
  rows: readonly Row[];
  /** Changed in place where only `asOf` changes: who sends them copies them. */
  bytes: Uint8Array;
  asOfAt: number;
  reply: Reply;
  /** The half second in which it was last looked over. */
  tick: number;
  validUntil: EpochMs;
  /** Under way: whoever asks meanwhile waits for the same. */
  lookingOver: Promise<Reply> | null;
};

export type PagesDeps = {
  readonly timetable: () => Timetable;
  readonly inventory: Pick<InventoryClient, "available" | "changes">;
  readonly saleClosesBeforeMs: number;
};

export type Pages = {
  /** The answer, where it is at hand. */
  ready(url: string, now: EpochMs): Reply | null;
  /** The page of that address, where it was made before and need not be made again. */
  find(url: string, now: EpochMs): Page | null;
  /** Makes a page. The journey's date can be asked for. */
  make(url: string, journey: Journey, now: EpochMs): Page;
  /** The answer, after a look at what may have changed. */
  answer(page: Page, now: EpochMs): Promise<Reply>;
};

const encoder = new TextEncoder();
const [afterAsOf, between, end] = ['","trains":[', ",", "]}"].map((text) => encoder.encode(text)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

export function createPages({ timetable, inventory, saleClosesBeforeMs }: PagesDeps): Pages {
  const pages = createShelf<Page>(pagesBytesMax);
  const asOf = createAsOf(timetable);

  function ready(url: string, now: EpochMs): Reply | null {
    const page = pages.get(url);
    if (page === undefined) return null;
    if (page.tick === tickOf(now) && now < page.validUntil) return page.reply;
    return stillHolds(page, now) ? page.reply : null;
  }

  /** Looks over a page that is known, without waiting; false where there is more to do. */
  function stillHolds(page: Page, now: EpochMs): boolean {
    if (!isOf(page, now) || now >= page.validUntil || page.rows.some(hasMoved)) return false;
    page.bytes.set(asOf(now), page.asOfAt);
    page.tick = tickOf(now);
    return true;
  }

  /** Of this timetable, and of no later time: a clock may be set back. */
  const isOf = (page: Page, now: EpochMs) =>
    page.timetableVersion === timetable().version && now < page.endsAt && page.tick <= tickOf(now);

  function find(url: string, now: EpochMs): Page | null {
    const page = pages.get(url);
    return page && isOf(page, now) ? page : null;
  }

  function make(url: string, { date, from, to }: Journey, now: EpochMs): Page {
    const current = timetable();
    const head = encoder.encode(`${JSON.stringify({ date, from, to }).slice(0, -1)},"asOf":"`);
    const legs = current.legs(from, to, date).filter((leg) => departureOf(leg) > now);
    const parts = legs.map((leg) => encoder.encode(`${JSON.stringify(fixedOffer(leg)).slice(0, -1)},`));
    let at = head.length;
    const page: Page = {
      timetableVersion: current.version,
      endsAt: epochMs(serviceDayStart(addDays(date, 1), current.zone)),
      rows: legs.map((leg, n) => ({
        forSale: legForSale(leg, current, saleClosesBeforeMs),
        changes: inventory.changes?.(leg.run),
        seen: -1,
        start: at,
        sale: (at += parts[n]!.length),
        end: at,
      })),
      bytes: joined([head, ...parts]),
      asOfAt: head.length,
      reply: { status: 200 },
      tick: -1,
      validUntil: now,
      lookingOver: null,
    };
    pages.put(url, page, page.bytes.length + page.rows.length * rowBytes);
    return page;
  }

  async function answer(page: Page, now: EpochMs): Promise<Reply> {
    if (page.tick === tickOf(now) && now < page.validUntil) return page.reply;
    return (page.lookingOver ??= lookOver(page, now).finally(() => (page.lookingOver = null)));
  }

  async function lookOver(page: Page, now: EpochMs): Promise<Reply> {
    const rows = page.rows.filter(({ forSale }) => forSale.departsAt > now);
    const moved = now >= page.validUntil ? rows : rows.filter(hasMoved);
    // Before the stock is asked for: what changes meanwhile is then looked at again, rather than never.
    const counts = moved.map(({ changes }) => changes?.count ?? -1);
    const free = moved.length > 0 ? await inventory.available(moved.map(({ forSale }) => forSale.leg)) : [];
    const sales = new Map<Row, Uint8Array>();
    for (const [n, row] of moved.entries()) {
      row.seen = counts[n]!;
      sales.set(row, encoder.encode(JSON.stringify(saleOffer(row.forSale, free[n]!, now)).slice(1)));
    }
    write(page, rows, sales, asOf(now));
    page.validUntil = rows.reduce((first, { forSale }) => earlier(first, nextTurn(forSale, now)), page.endsAt);
    page.tick = tickOf(now);
    return page.reply;
  }

  return { ready, find, make, answer };
}

const tickOf = (now: EpochMs): number => Math.floor(now / lookEveryMs);
const earlier = (a: EpochMs, b: EpochMs): EpochMs => (a < b ? a : b);
const hasMoved = ({ changes, seen }: Row): boolean =>
  changes === undefined || changes.count !== seen || changes.silent === true;

/** Puts the page together: new sales where there are any, all else from the page as it was. */
function write(page: Page, rows: readonly Row[], sales: ReadonlyMap<Row, Uint8Array>, asOf: Uint8Array) {
  const old = page.bytes;
  const parts = [old.subarray(0, page.asOfAt), asOf, afterAsOf];
  let at = page.asOfAt + asOf.length + afterAsOf.length;
  for (const [n, row] of rows.entries()) {
    if (n > 0) {
      parts.push(between);
      at += between.length;
    }
    const sale = sales.get(row);
    if (sale) parts.push(old.subarray(row.start, row.sale), sale);
    else parts.push(old.subarray(row.start, row.end));
    const fixedLength = row.sale - row.start;
    const saleLength = sale?.length ?? row.end - row.sale;
    row.start = at;
    row.sale = at += fixedLength;
    row.end = at += saleLength;
  }
  parts.push(end);
  page.rows = rows;
  page.bytes = joined(parts);
  page.reply = { status: 200, body: page.bytes, raw: "json" };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The second that it is, as every page of it says. */
function createAsOf(timetable: () => Timetable): (now: EpochMs) => Uint8Array {
  let second = -1;
  let text = new Uint8Array();
  return (now) => {
    if (Math.floor(now / secondMs) !== second) {
      second = Math.floor(now / secondMs);
      text = encoder.encode(formatInZone(now, timetable().zone));
    }
    return text;
  };
}
