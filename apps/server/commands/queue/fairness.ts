/**
 * How a run was sold behind its queue, by what the platform has kept: the draw, the counter and the orders. Only numbers leave it, none of a person, so that
 * it can be published as it is.
 */
import type { KeptQueue, OrderState } from "@chepiao/contracts";
import {
  type EpochMs,
  type Evenness,
  formatInZone,
  independence,
  type OrderId,
  rankCorrelation,
  secondMs,
} from "@chepiao/kernel";
import { endOf } from "@chepiao/ports/queue-store";
import { drawPageOf, pagesOf, possibleLots, verifyDraw } from "@chepiao/services/queue";
import { CommandFailed } from "../command.ts";
import { table } from "../table.ts";
import type { Scope } from "./announce.ts";
import type { QueueStores } from "./stores.ts";

type FairnessStores = Pick<QueueStores, "clock" | "orders" | "queues" | "timetable" | "users" | "vault" | "waitlist">;

export type QueueFairness = {
  readonly queueId: string;
  readonly scope: string;
  readonly opensAt: string;
  readonly until: string;
  readonly draw: {
    readonly seedHash: string;
    readonly root: string | null;
    readonly rootAt: string | null;
    readonly lots: number | null;
    /** Null where it was not drawn; otherwise what `verify-draw` would say, "right" or what is wrong. */
    readonly checked: string | null;
    /** Whether places have to do with the order in which the lots were listed before they were drawn, by tenths of both; null for too few lots. */
    readonly evenness: Evenness | null;
  };
  readonly places: { readonly given: number; readonly called: number };
  readonly orders: {
    readonly total: number;
    readonly byState: Readonly<Partial<Record<OrderState, number>>>;
    /** Why accepted orders were rejected later. */
    readonly rejectedFor: Readonly<Record<string, number>>;
    /** That the waitlist made, beside the queue: in none of the figures below. */
    readonly byWaitlist: number;
    /** Of buyers who had a lot; the others came behind. */
    readonly byLot: number;
    /** Of buyers with a lot whose place was never called: 0. */
    readonly neverCalled: number;
    /** Before the first could have been let in: 0. */
    readonly beforeDraw: number;
  };
  /** Between place and moment of purchase, over buyers with a lot: 1 is in the order of places. Null for fewer than 10. */
  readonly placeAgainstPurchase: number | null;
  /** Of each tenth of the lots, in the order of places: how many there are, and how many of them bought. */
  readonly buyersByTenth: readonly { readonly lots: number; readonly bought: number }[];
  /** In the seconds after the opening, as far as there were any. */
  readonly purchasesBySecond: Readonly<Record<string, number>>;
  /** How many accounts bought so many tickets. */
  readonly ticketsPerAccount: Readonly<Record<string, number>>;
  readonly secondsToLastPurchase: number | null;
};

export async function queueFairness(stores: FairnessStores, scope: Scope): Promise<QueueFairness> {
  const now = stores.clock.now();
  const queue = (await stores.queues.all()).findLast(
    (each) => each.scope === scope && each.kind !== "exempt" && each.opensAt <= now,
  );
  if (!queue) throw new CommandFailed(`No queue of ${scope} has opened in the last week.`);
  const time = (instant: EpochMs) => formatInZone(instant, stores.timetable.zone);
  const until = endOf(queue) < now ? endOf(queue) : now;
  const { marks } = queue;
  const drawn = await drawOf(stores, queue);
  const placeOf = await placesIn(stores, queue);
  const { bought, byWaitlist } = await boughtBehind(stores, queue, until, placeOf);
  const placed = bought.flatMap((order) => (order.place === null ? [] : [{ ...order, place: order.place }]));
  const ticketsOf = new Map<number, number>();
  for (const { userId, tickets } of bought) ticketsOf.set(userId, (ticketsOf.get(userId) ?? 0) + tickets);
  const last = bought.at(-1);
  return {
    queueId: queue.queueId,
    scope,
    opensAt: time(queue.opensAt),
    until: time(until),
    draw: {
      seedHash: queue.seedHash,
      root: marks.root,
      rootAt: marks.rootAt === null ? null : time(marks.rootAt),
      lots: marks.drawn,
      checked: drawn,
      evenness: evennessOf(await listedIn(stores, queue), placeOf),
    },
    places: { given: marks.taken, called: marks.served },
    orders: {
      total: bought.length,
      byState: countedBy(bought, ({ state }) => state),
      rejectedFor: countedBy(
        bought.filter(({ endedBecause }) => endedBecause !== null),
        ({ endedBecause }) => endedBecause!,
      ),
      byWaitlist,
      byLot: placed.length,
      neverCalled: placed.filter(({ place }) => place > marks.served).length,
      beforeDraw: bought.filter(({ at }) => marks.rootAt === null || at < marks.rootAt).length,
    },
    placeAgainstPurchase: placed.length < leastToTell ? null : rankCorrelation(placed),
    buyersByTenth: buyersByTenth(
      placed.map(({ place }) => place),
      placeOf.size,
    ),
    purchasesBySecond: countedBy(bought, ({ at }) => String(Math.floor((at - queue.opensAt) / secondMs))),
    ticketsPerAccount: countedBy([...ticketsOf.values()], String),
    secondsToLastPurchase: last ? (last.at - queue.opensAt) / secondMs : null,
  };
}

/** Fewer say nothing about an order. */
const leastToTell = 10;
const atOnce = 200;

async function* pagesIn({ queues }: Pick<FairnessStores, "queues">, queue: KeptQueue) {
  for (let page = 0; page < pagesOf(queue.marks.drawn ?? 0); page++) yield await queues.page(queue.queueId, page);
}

async function drawOf(stores: FairnessStores, queue: KeptQueue): Promise<string | null> {
  if (queue.marks.drawn === null) return null;
  const pages = [];
  for await (const lots of pagesIn(stores, queue))
    pages.push(drawPageOf(queue, pages.length, lots, stores.timetable.zone));
  const checked = await verifyDraw(
    pages.filter((page) => page !== null),
    async () => {},
  );
  return checked.ok ? "right" : checked.error;
}

/** By lot. */
async function placesIn(stores: FairnessStores, queue: KeptQueue): Promise<ReadonlyMap<string, number>> {
  const placeOf = new Map<string, number>();
  for await (const lots of pagesIn(stores, queue)) for (const lot of lots) placeOf.set(lot, placeOf.size + 1);
  return placeOf;
}

/** As the root was made of them. */
async function listedIn({ queues }: FairnessStores, { queueId, marks }: KeptQueue): Promise<readonly string[]> {
  if (marks.root === null || marks.drawn === null) return [];
  const listed: string[] = [];
  for (let page = 0; page < pagesOf(marks.drawn); page++)
    listed.push(...(await queues.listed(queueId, marks.root, page)));
  return listed;
}

const tenths = 10;
/** Of a hundred cells, each then has five lots at least, as the test wants. */
const leastToTest = 500;

/** Rows are tenths of the list, columns tenths of the places. */
export function evennessOf(listed: readonly string[], placeOf: ReadonlyMap<string, number>): Evenness | null {
  if (listed.length < leastToTest || listed.length !== placeOf.size) return null;
  const counts = Array.from({ length: tenths }, () => Array.from({ length: tenths }, () => 0));
  for (const [n, lot] of listed.entries()) {
    const place = placeOf.get(lot);
    // A lot that was listed and not drawn: the check of the draw says so.
    if (place === undefined) return null;
    counts[tenthOf(n, listed.length)]![tenthOf(place - 1, listed.length)]!++;
  }
  return independence(counts);
}

/** Of whole numbers below a count. */
const tenthOf = (n: number, count: number): number => Math.floor((n * tenths) / count);

export function buyersByTenth(places: readonly number[], lots: number): QueueFairness["buyersByTenth"] {
  if (lots < tenths) return [];
  const found = Array.from({ length: tenths }, () => ({ lots: 0, bought: 0 }));
  for (let n = 0; n < lots; n++) found[tenthOf(n, lots)]!.lots++;
  for (const place of places) found[tenthOf(place - 1, lots)]!.bought++;
  return found;
}

type Bought = {
  readonly userId: number;
  readonly at: EpochMs;
  readonly tickets: number;
  readonly state: OrderState;
  readonly endedBecause: string | null;
  /** Of the buyer's lot; null for who had none. */
  readonly place: number | null;
};

/** In the order of purchases. Orders that stand in place of others took no turn in it. */
async function boughtBehind(
  stores: FairnessStores,
  queue: KeptQueue,
  until: EpochMs,
  placeOf: ReadonlyMap<string, number>,
) {
  const ids: OrderId[] = [];
  for await (const some of stores.orders.createdSince(queue.opensAt, until))
    for (const { orderId } of some) ids.push(orderId);
  const bought: Bought[] = [];
  let byWaitlist = 0;
  for (let first = 0; first < ids.length; first += atOnce) {
    const some = ids.slice(first, first + atOnce);
    // An order of the waitlist has the id of its entry.
    const entries = new Set((await stores.waitlist.loadAll(some)).map(({ entryId }) => entryId));
    for (const order of await stores.orders.some(some)) {
      const isBehind = order.lines.some(({ runId, originDate }) => runId === queue.scope || originDate === queue.scope);
      if (!isBehind || order.replaces !== undefined) continue;
      if (entries.has(order.orderId)) {
        byWaitlist++;
        continue;
      }
      const { userId, acceptedAt: at, tickets, state, endedBecause } = order;
      const self = (await stores.users.passengers(userId)).find((passenger) => passenger.self);
      const lots = possibleLots(stores.vault, queue.queueId, userId, self?.documentHash ?? null);
      const place = lots.map((lot) => placeOf.get(lot)).find((each) => each !== undefined) ?? null;
      bought.push({ userId, at, tickets: tickets.length, state, endedBecause, place });
    }
  }
  return { bought: bought.toSorted((a, b) => a.at - b.at), byWaitlist };
}

function countedBy<T>(items: readonly T[], nameOf: (item: T) => string): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(items, nameOf)].map(([name, some]) => [name, some.length]));
}

export function fairnessLines(fair: QueueFairness): readonly string[] {
  const { draw, places, orders } = fair;
  const counts = (some: Readonly<Record<string, number>>) =>
    Object.entries(some)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ") || "none";
  return [
    `Queue ${fair.queueId} of ${fair.scope}, ${fair.opensAt} to ${fair.until}`,
    ...table([
      ["SHA-256 of the seed, published before", draw.seedHash],
      ["root of the lots", draw.root === null ? "not yet" : `${draw.root}, at ${draw.rootAt}`],
      ["draw", draw.checked === null ? "not made" : `${draw.lots} lots, ${draw.checked}`],
      [
        "draw against the list, chi-square",
        draw.evenness === null
          ? "too few to tell"
          : `${draw.evenness.chiSquare.toFixed(1)} of ${draw.evenness.degrees}: chance alone makes it as uneven in ${(100 * draw.evenness.p).toFixed(1)} % of draws`,
      ],
      ["places", `${places.given} given, ${places.called} called`],
      ["orders", `${orders.total}: ${counts(orders.byState)}`],
      ["rejected for", counts(orders.rejectedFor)],
      ["by the waitlist, not counted here", String(orders.byWaitlist)],
      ["by buyers with a lot", String(orders.byLot)],
      ["of a place that was never called", String(orders.neverCalled)],
      ["before the draw", String(orders.beforeDraw)],
      [
        "buyers by tenths of places",
        fair.buyersByTenth.length === 0 ? "too few to tell" : fair.buyersByTenth.map(({ bought }) => bought).join(" "),
      ],
      [
        "place against purchase",
        fair.placeAgainstPurchase === null
          ? "too few to tell"
          : `${fair.placeAgainstPurchase.toFixed(3)} (1: in the order of places)`,
      ],
      [
        "tickets of an account",
        counts(Object.fromEntries(Object.entries(fair.ticketsPerAccount).map(([count, some]) => [`${count}:`, some]))),
      ],
      [
        "last purchase",
        fair.secondsToLastPurchase === null ? "none" : `${fair.secondsToLastPurchase.toFixed(0)} s after the opening`,
      ],
    ]).map((line) => `  ${line}`),
  ];
}
