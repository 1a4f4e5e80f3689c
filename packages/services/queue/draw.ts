/**
 * The draw: who came before the opening gets a place by lot, and anybody can check it. The hash of the seed is published before the first lot
 * is taken, the Merkle root of the lots when none is taken any more, the seed after that. The order is that of a hash of seed, root and lot, and of a
 * chance from elsewhere where one was announced: nobody who lacks the seed can say where a lot will come, and nobody who has it can move one
 * without another root. Lots of people who are not proved come behind all others.
 */
import { createHash } from "node:crypto";
import type { QueueDraw } from "@chepiao/contracts";
import { ok, refuse, type Result } from "@chepiao/kernel";

/** Called between steps that take milliseconds, so that whoever draws a million lots goes on serving. */
export type Pause = () => Promise<void>;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** What is published before. */
export const commitmentOf = (seed: string): string => sha256(seed);

const atOnce = 2_000;

/**
 * The Merkle root of the lots in the order of their letters. Leaves and nodes are told apart by their first letter, as in RFC 6962; an odd node
 * goes up as it is.
 */
export async function merkleRoot(lots: Iterable<string>, pause: Pause): Promise<string> {
  const sorted = await inOrder(lots, (lot) => lot, pause);
  let level: string[] = [];
  for (const lot of sorted) {
    level.push(sha256(`0${lot}`));
    if (level.length % atOnce === 0) await pause();
  }
  while (level.length > 1) {
    const above: string[] = [];
    for (let n = 0; n < level.length; n += 2) {
      const [left, right] = [level[n]!, level[n + 1]];
      above.push(right === undefined ? left : sha256(`1${left}${right}`));
      if (above.length % atOnce === 0) await pause();
    }
    level = above;
  }
  return level[0] ?? sha256("");
}

/** What decides about the order. */
export type DrawFacts = { readonly seed: string; readonly root: string; readonly chance: string | null };

/** The lots in the order of their places. */
export async function drawLots(facts: DrawFacts, lots: Iterable<string>, pause: Pause): Promise<string[]> {
  const { seed, root, chance } = facts;
  const start = chance === null ? `${seed} ${root}` : `${seed} ${root} ${chance}`;
  const tickets: { readonly lot: string; readonly ticket: string }[] = [];
  for (const lot of lots) {
    tickets.push({ lot, ticket: `${isUnproved(lot) ? 1 : 0}${sha256(`${start} ${lot}`)}` });
    if (tickets.length % atOnce === 0) await pause();
  }
  return (await inOrder(tickets, ({ ticket }) => ticket, pause)).map(({ lot }) => lot);
}

/** How a lot begins whose owner is not proved to be a person that has no other. */
export const unprovedMark = "u";
const isUnproved = (lot: string): boolean => lot.startsWith(unprovedMark);

/** Sorted by their keys, a few thousand at a time: hashes are evenly spread over their first letters. Few items are no reason for many pauses. */
export async function inOrder<T>(items: Iterable<T>, keyOf: (item: T) => string, pause: Pause): Promise<T[]> {
  const bins = new Map<string, T[]>();
  let binned = 0;
  for (const item of items) {
    const first = keyOf(item).slice(0, 3);
    const bin = bins.get(first);
    if (bin) bin.push(item);
    else bins.set(first, [item]);
    if (++binned % atOnce === 0) await pause();
  }
  const sorted: T[] = [];
  let sincePause = 0;
  for (const first of [...bins.keys()].toSorted()) {
    const bin = bins.get(first)!.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    for (const item of bin) sorted.push(item);
    sincePause += bin.length;
    if (sincePause < atOnce) continue;
    sincePause = 0;
    await pause();
  }
  return sorted;
}

/** What is wrong with a draw, in words for whoever checks it. */
export type DrawFault = string;

/** Is this what was promised? `pages` are all pages of a draw, in any order. */
export async function verifyDraw(
  pages: readonly QueueDraw[],
  pause: Pause,
): Promise<Result<readonly string[], DrawFault>> {
  const [first] = pages;
  if (!first) return refuse("there is no page");
  const { seed, seedHash, root, entrants, chance } = first;
  if (pages.some((page) => factsOf(page) !== factsOf(first))) return refuse("the pages are not of one draw");
  const inTurn = pages.toSorted((a, b) => a.page - b.page);
  if (inTurn.length !== first.pages || inTurn.some(({ page }, n) => page !== n))
    return refuse(`of ${first.pages} pages ${pages.length} are here, or one is here twice`);
  const lots = inTurn.flatMap((page) => page.lots);
  if (lots.length !== entrants) return refuse(`${entrants} lots were announced, and ${lots.length} are listed`);
  if (new Set(lots).size !== lots.length) return refuse("a lot is listed twice");
  if (commitmentOf(seed) !== seedHash) return refuse("the seed is not the one whose hash was published");
  if ((chance === null) !== (first.chanceFrom === null)) return refuse("the chance is not the one that was announced");
  if ((await merkleRoot(lots, pause)) !== root)
    return refuse("the list of lots is not the one whose root was published");
  const drawn = await drawLots({ seed, root, chance }, lots, pause);
  const wrong = drawn.findIndex((lot, n) => lot !== lots[n]);
  return wrong < 0
    ? ok(drawn)
    : refuse(`place ${wrong + 1} belongs to lot ${drawn[wrong]}, and is said to be of ${lots[wrong]}`);
}

/** What all pages of a draw say. */
const factsOf = ({ queueId, seed, seedHash, chanceFrom, chance, root, rootAt, entrants }: QueueDraw): string =>
  JSON.stringify([queueId, seed, seedHash, chanceFrom, chance, root, rootAt, entrants]);
