/**
 * What must have become of queues, by what people were told and what the database has: the draw is the one that was committed to, nobody has two lots, no
 * place grows, and while a queue was on nobody bought without a pass of it.
 */
import { createHash } from "node:crypto";
import { type KeptQueue, type RunId, trainAndDateOf } from "@chepiao/contracts";
import { type EpochMs, minuteMs, secondMs } from "@chepiao/kernel";
import type { OrderRecord } from "@chepiao/ports/order-store";
import { endOf, type QueueStore } from "@chepiao/ports/queue-store";
import type { Told, ToldPlace } from "../people/told.ts";

/** A queue with the lots of its draw, in their order. */
export type DrawnQueue = { readonly queue: KeptQueue; readonly lots: readonly string[] };

/** What may be lost: by a failover lots before they are closed, and by a restart of one process places that nobody shows. */
export type Forgets = { readonly lots: boolean; readonly places: boolean };

export async function drawnQueues(store: Pick<QueueStore, "all" | "page">): Promise<DrawnQueue[]> {
  const drawn: DrawnQueue[] = [];
  // Nobody comes so often that there is a second page.
  for (const queue of await store.all()) drawn.push({ queue, lots: await store.page(queue.queueId, 0) });
  return drawn;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** By halves: the left one is the largest power of two below. */
function rootOf(sorted: readonly string[]): string {
  if (sorted.length <= 1) return sorted.length === 0 ? sha256("") : sha256(`0${sorted[0]}`);
  const half = 2 ** Math.ceil(Math.log2(sorted.length) - 1);
  return sha256(`1${rootOf(sorted.slice(0, half))}${rootOf(sorted.slice(half))}`);
}

/** I2: anybody can come to the same order from what was published, and the list is the one whose root was published first. */
export function drawsAreFair(drawn: readonly DrawnQueue[], told: Told): string[] {
  return drawn.flatMap(({ queue: { queueId, seedHash, marks }, lots }) => {
    if (marks.drawn === null) return [];
    const wrong: string[] = [];
    const { seed, root, chance } = marks;
    const ticket = (lot: string) =>
      `${lot.startsWith("u") ? 1 : 0}${sha256([seed, root, ...(chance === null ? [] : [chance]), lot].join(" "))}`;
    const inTurn = lots.toSorted((a, b) => (ticket(a) < ticket(b) ? -1 : 1));
    if (new Set(lots).size < lots.length) wrong.push(`a lot is drawn twice`);
    if (sha256(seed ?? "") !== seedHash) wrong.push(`the seed is not the one that was committed to`);
    if (rootOf(lots.toSorted()) !== root) wrong.push(`the lots are not those whose root was published`);
    if ((told.roots.get(queueId) ?? root) !== root) wrong.push(`the root was another one before`);
    if (inTurn.join() !== lots.join()) wrong.push(`the lots are not in the order that follows from the seed`);
    return wrong.map((what) => `I2: queue ${queueId}: ${what}`);
  });
}

/** I2: a lot is one account's, a person has one, whoever was told of one before it was closed is in the draw, and nobody else is. */
export function lotsArePeople(drawn: readonly DrawnQueue[], told: Told, forgets: Forgets): string[] {
  const wrong: string[] = [];
  for (const { queue, lots } of drawn) {
    const { queueId } = queue;
    const places = told.places.filter((place) => place.queueId === queueId);
    for (const [lot, of] of Map.groupBy(places, (place) => place.lot)) {
      const accounts = new Set(of.map(({ userId }) => userId));
      const isKept = of.some(({ signed }) => signed === 0) ? !forgets.lots : !forgets.places;
      if (accounts.size > 1 && isKept)
        wrong.push(`I6: ${[...accounts].join(" and ")} have lot ${lot} of queue ${queueId}`);
    }
    if (queue.marks.drawn === null) continue;
    const ownerOf = new Map(places.map(({ lot, owner }) => [lot, owner]));
    const inDraw = new Set(lots);
    const owners = lots.flatMap((lot) => ownerOf.get(lot) ?? []);
    for (const [owner, of] of Map.groupBy(owners, (each) => each))
      if (of.length > 1) wrong.push(`I6: person ${owner} has ${of.length} lots in queue ${queueId}`);
    const unheard = told.askedPlaces.values().filter((asked) => asked.startsWith(`${queueId} `));
    const mayBe = [...unheard].filter((asked) => !owners.includes(Number(asked.split(" ")[1]))).length;
    const nobodys = lots.length - owners.length;
    if (nobodys > mayBe) wrong.push(`I6: ${nobodys} lots of queue ${queueId} are nobody's`);
    const missing = places.find(({ lot, signed }) => signed === 0 && !inDraw.has(lot));
    if (missing && !forgets.lots) wrong.push(`I2: lot ${missing.lot} of queue ${queueId} is not in the draw`);
  }
  return wrong;
}

/** What clocks are off by, both ways. */
const skewMs = 12 * secondMs;

/** I5: a place is what the draw says, and no later one while it can still be kept for who shows it. */
export function placesNeverGrow(drawn: readonly DrawnQueue[], { places }: Told, forgets: Forgets): string[] {
  const wrong: string[] = [];
  for (const { queue, lots } of drawn) {
    const ofQueue = places.filter(({ queueId, signed }) => queueId === queue.queueId && signed > 0);
    for (const [userId, of] of Map.groupBy(ofQueue, (place) => place.userId)) {
      of.forEach(({ lot, signed, isShown, turn, at }, n) => {
        const before = of[n - 1];
        const drawnAs = lots.indexOf(lot) + 1;
        const isKept =
          before?.turn === "waits" && at - before.at < queue.keepMs - skewMs && (isShown || !forgets.places);
        // Who only asks for a turn keeps the place of the draw, however late.
        const most = before ? (isKept ? before.signed : Infinity) : turn === null || drawnAs === 0 ? Infinity : drawnAs;
        if (signed > most) wrong.push(`I5: ${userId} had place ${most} in queue ${queue.queueId}, and has ${signed}`);
      });
    }
  }
  return wrong;
}

/** Every process has heard of a queue by load long before, unless it could not read; of one that was announced all know from its beginning on. */
const heardOfMs = 20 * secondMs;

/** I5: by the clock of the process that sold. What is owed for a lost coach needs no pass. */
export function nobodyPassesQueues(
  queues: readonly KeptQueue[],
  orders: readonly OrderRecord[],
  entryIds: ReadonlySet<number>,
  { told: { places }, cannotRead }: { readonly told: Told; readonly cannotRead: boolean },
): string[] {
  return queues.flatMap((queue) => {
    const { queueId, scope, collectsFrom, kind } = queue;
    const isByLoad = kind === "load";
    if (isByLoad && cannotRead) return [];
    const from = collectsFrom + (isByLoad ? heardOfMs : 0);
    const isOn = (at: EpochMs) => from <= at && at < endOf(queue);
    // A queue of the run itself stands before one of its day.
    const isOf = (run: RunId) =>
      run === scope || (trainAndDateOf(run)[1] === scope && !queues.some((other) => other.scope === run));
    return orders
      .filter(({ orderId, acceptedAt, lines, replaces }) => {
        const isOwed = entryIds.has(orderId) || replaces?.because === "coachLost";
        return !isOwed && isOn(acceptedAt) && lines.some(({ runId }) => isOf(runId));
      })
      .filter(({ userId, acceptedAt }) => {
        const isPass = (place: ToldPlace) => place.queueId === queueId && place.userId === userId;
        return !places.some((place) => isPass(place) && (place.passUntil ?? 0) > acceptedAt);
      })
      .map(({ orderNo }) => `I5: ${orderNo} was bought without a pass of queue ${queueId}`);
  });
}

/** I4: long after the opening lots are drawn, unless the chance that was announced never came. */
export const queuesOpen = (queues: readonly KeptQueue[], now: EpochMs): string[] =>
  queues
    .filter(({ marks, chanceFrom }) => marks.drawn === null && (chanceFrom === null || marks.chance !== null))
    .filter(({ opensAt }) => opensAt + 2 * minuteMs < now)
    .map(({ queueId }) => `I4: queue ${queueId} was never drawn`);
