/**
 * Pages of offers, ready to send. A page is kept under the question that it answers, as the bytes of its JSON, and addresses that
 * asked it are remembered: to answer is to look up the address, then the page, and to compare two numbers. However many ways there
 * are to spell a question, and names to ask it of, its page is made once.
 *
 * A page is looked over in every half second in which a search asks for it. The counters of its runs say which rows may have
 * changed; only for those is the stock asked, and only those are written anew. What changes by time alone (a train leaves, a sale
 * opens or closes, a quota grows, the day ends) bounds the page by `validUntil`. So `asOf` is always the second in which the answer
 * is read, and what it says was true less than half a second ago. Its tag is of all but `asOf`, so that who asks again while nothing was
 * sold is answered without it.
 */
import type { Changes, InventoryClient, Reply, Timetable } from "@chepiao/contracts";
import {
  addDays,
  assert,
  type EpochMs,
  epochMs,
  formatInZone,
  instantOfClock,
  secondMs,
  type ServiceDate,
  textHash,
} from "@chepiao/kernel";
import { createGenerationCache } from "./generationCache.ts";
import { departureOf, fixedOffer, type LegForSale, legForSale, nextTurn, saleOffer, stockChangesAt } from "./offers.ts";

export const refreshEveryMs = secondMs / 2;
assert(secondMs % refreshEveryMs === 0, "a page is looked over when a second begins, so that asOf can be exact");

/** At least 16,000 pages of the demo network, which take 7 KB on the average. */
const pagesBytesMax = 256 * 2 ** 20;
/** What is remembered of addresses: more of them than there is room for pages, and the less the longer they are. */
const spellingsBytesMax = 16 * 2 ** 20;
const spellingBytes = 200;
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
  /** When its stock changes by time alone. */
  stockChangesAt: number;
  start: number;
  sale: number;
  end: number;
  /** Of what never changes, and of what does. */
  readonly fixedHash: number;
  saleHash: number;
};

export type Page = {
  /** The question that it answers. One text for all addresses that lead here. */
  readonly key: string;
  readonly timetableVersion: number;
  /** What was cancelled when it was made. */
  readonly cancellations: number;
  /** Until then its date can be asked for. */
  readonly endsAt: EpochMs;
  rows: readonly Row[];
  /** Changed in place where only `asOf` changes: who sends them copies them. */
  bytes: Uint8Array;
  readonly asOfAt: number;
  /** Of what stands before that. */
  readonly headHash: number;
  reply: Reply;
  /** The half second in which it was last looked over. */
  tick: number;
  validUntil: EpochMs;
  /** Under way: a search that comes meanwhile waits for the same. */
  refreshing: Promise<Reply> | null;
};

export type PagesDeps = {
  readonly timetable: () => Timetable;
  readonly inventory: Pick<InventoryClient, "available" | "changes">;
};

export type Pages = {
  /** The answer, where it is at hand. */
  ready(url: string, now: EpochMs): Reply | null;
  /** The page of that address, where it was asked for before and need not be made again. */
  find(url: string, now: EpochMs): Page | null;
  /** The page of a journey, which is what the address asks for; made where there is none. The journey's date can be asked for. */
  pageOf(url: string, journey: Journey, now: EpochMs): Page;
  /** The answer, after a look at what may have changed. */
  answer(page: Page, now: EpochMs): Promise<Reply>;
};

const encoder = new TextEncoder();
const [afterAsOf, between, end] = ['","trains":[', ",", "]}"].map((text) => encoder.encode(text)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

export function createPages({ timetable, inventory }: PagesDeps): Pages {
  const pages = createGenerationCache<Page>(pagesBytesMax);
  const keys = createGenerationCache<string>(spellingsBytesMax);
  const asOf = createAsOf(timetable);

  function known(url: string): Page | undefined {
    const key = keys.get(url);
    return key === undefined ? undefined : pages.get(key);
  }

  function ready(url: string, now: EpochMs): Reply | null {
    const page = known(url);
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
    page.timetableVersion === timetable().version &&
    page.cancellations === timetable().cancellations() &&
    now < page.endsAt &&
    page.tick <= tickOf(now);

  function find(url: string, now: EpochMs): Page | null {
    const page = known(url);
    return page && isOf(page, now) ? page : null;
  }

  function pageOf(url: string, journey: Journey, now: EpochMs): Page {
    const { date, from, to } = journey;
    // What a name stands for may change with the timetable, and the key of an older one leads to no page of a newer one.
    const key = JSON.stringify([timetable().version, date, from, to]);
    const kept = pages.get(key);
    const page = kept && isOf(kept, now) ? kept : make(key, journey, now);
    keys.put(url, page.key, spellingBytes);
    return page;
  }

  function make(key: string, { date, from, to }: Journey, now: EpochMs): Page {
    const current = timetable();
    const headText = `${JSON.stringify({ date, from, to }).slice(0, -1)},"asOf":"`;
    const head = encoder.encode(headText);
    const legs = current.legs(from, to, date).filter((leg) => departureOf(leg) > now);
    const texts = legs.map((leg) => `${JSON.stringify(fixedOffer(leg, current)).slice(0, -1)},`);
    const parts = texts.map((text) => encoder.encode(text));
    let at = head.length;
    const page: Page = {
      key,
      timetableVersion: current.version,
      cancellations: current.cancellations(),
      endsAt: dayEnds(date, current),
      rows: legs.map((leg, n) => ({
        forSale: legForSale(leg, current),
        changes: inventory.changes?.(leg.run),
        seen: -1,
        stockChangesAt: Infinity,
        start: at,
        sale: (at += parts[n]!.length),
        end: at,
        fixedHash: textHash(texts[n]!),
        saleHash: 0,
      })),
      bytes: joined([head, ...parts]),
      asOfAt: head.length,
      headHash: textHash(headText),
      reply: { status: 200 },
      tick: -1,
      validUntil: now,
      refreshing: null,
    };
    pages.put(key, page, page.bytes.length + page.rows.length * rowBytes);
    return page;
  }

  async function answer(page: Page, now: EpochMs): Promise<Reply> {
    if (page.tick === tickOf(now) && now < page.validUntil) return page.reply;
    return (page.refreshing ??= refresh(page, now).finally(() => (page.refreshing = null)));
  }

  async function refresh(page: Page, now: EpochMs): Promise<Reply> {
    const rows = page.rows.filter(({ forSale }) => forSale.departsAt > now);
    const moved = now >= page.validUntil ? rows : rows.filter(hasMoved);
    // Before the stock is asked for: what changes meanwhile is then looked at again, rather than never.
    const counts = moved.map(({ changes }) => changes?.count ?? -1);
    const stock = moved.length > 0 ? await inventory.available(moved.map(({ forSale }) => forSale.leg)) : [];
    const sales = new Map<Row, Uint8Array>();
    for (const [n, row] of moved.entries()) {
      row.seen = counts[n]!;
      row.stockChangesAt = stockChangesAt(stock[n]!);
      const text = JSON.stringify(saleOffer(row.forSale, stock[n]!, now)).slice(1);
      row.saleHash = textHash(text);
      sales.set(row, encoder.encode(text));
    }
    write(page, rows, sales, asOf(now));
    page.validUntil = rows.reduce((first, row) => earlier(first, turnOf(row, now)), page.endsAt);
    page.tick = tickOf(now);
    return page.reply;
  }

  return { ready, find, pageOf, answer };
}

/** When it is the next day at every station: until then its date can be asked for. */
const dayEnds = (date: ServiceDate, { zones }: Timetable): EpochMs =>
  epochMs(Math.max(...zones.map((zone) => instantOfClock(addDays(date, 1), 0, zone))));

/** Half seconds are counted from the same instant for everything that is kept for one. */
export const tickOf = (now: EpochMs): number => Math.floor(now / refreshEveryMs);
const turnOf = ({ forSale, stockChangesAt: stock }: Row, now: EpochMs): EpochMs =>
  epochMs(Math.min(nextTurn(forSale, now), stock));
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
  page.reply = { status: 200, body: page.bytes, raw: "json", tag: tagOf(page) };
}

/**
 * Of everything that the page says but the second in which it is read: every process has the same for it, and when seats are sold and given
 * back it is again as it was.
 */
const tagOf = ({ headHash, rows }: Page): string =>
  `W/"${textHash(`${headHash} ${rows.map(({ fixedHash, saleHash }) => `${fixedHash} ${saleHash}`).join()}`).toString(36)}"`;

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
