/**
 * Read models of orders, and how they are kept true: a change of an order's row names the order and its version, the order is read
 * from its primary, and what was read is handed to the model, which takes it if it is newer. So changes may come late, twice or in
 * any order.
 */
import type { OrderReader } from "@chepiao/adapters/mysql";
import type { OrderId } from "@chepiao/kernel";
import { type Clock, sleep } from "@chepiao/ports/clock";
import type { ChangeFeed, RunningFollower, RowChange } from "@chepiao/ports/change-feed";
import type { OrderIndex, OrderList, OrderProjection } from "@chepiao/ports/order-lists";
import { documentOf, type OrderSearch } from "@chepiao/ports/order-search";
import { port } from "@chepiao/ports/port";
import type { OrderRecord } from "@chepiao/ports/order-store";

/** What there is where the database is; the index for search is an engine by itself. */
export type ReadModels = {
  readonly feed: ChangeFeed;
  readonly orders: OrderReader;
  readonly index: OrderIndex;
  readonly list: OrderList;
};

export const orderReaderPort = port<OrderReader>("order reader");

/** Each with what it is for. */
export const projections = {
  "order-index": "t_user_order_index: orders of a run, for back offices",
  "order-list": "t_user_order_list: an account's own orders, for its home page",
  "order-search": "Elasticsearch, or a file of a data folder: orders by many conditions and by names, for operators",
} as const;
export type ProjectionName = keyof typeof projections;
export const projectionNames = Object.keys(projections) as readonly ProjectionName[];

type Models = Pick<ReadModels, "index" | "list"> & { readonly search: OrderSearch | null };

/** Null where its engine is not there. */
export function projectionOf(name: ProjectionName, { index, list, search }: Models): OrderProjection | null {
  if (name === "order-index") return index;
  if (name === "order-list") return list;
  return search && asProjection(search);
}

export const asProjection = (search: OrderSearch): OrderProjection => ({
  take: (orders) => search.index(orders.map(documentOf)),
  rebuild: (source) => search.rebuild(documents(source)),
});

async function* documents(source: AsyncIterable<readonly OrderRecord[]>) {
  for await (const orders of source) yield orders.map(documentOf);
}

const batchMax = 500;
/** So often a change that is told is looked for, before the feed is asked to tell it again. */
const pollsMax = 20;
const pollMs = 10;

/**
 * Each model follows by itself: one whose engine is away keeps no other waiting. An order's own row alone is followed: its version
 * rises with every change, of its tickets, too.
 */
export const runProjection = (
  name: ProjectionName,
  projection: OrderProjection,
  { feed, orders }: Pick<ReadModels, "feed" | "orders">,
  clock: Clock,
): RunningFollower =>
  feed.follow({
    name,
    tables: ["t_order"],
    batchMax,
    async begin() {
      await projection.rebuild(orders.all());
    },
    async handle(changes) {
      const awaited = versionsIn(changes);
      for (let polls = 1; awaited.size > 0; polls++) {
        const found = await orders.some([...awaited.keys()]);
        const arrived = found.filter(({ orderId, version }) => version >= awaited.get(orderId)!);
        await projection.take(arrived);
        for (const { orderId } of arrived) awaited.delete(orderId);
        if (awaited.size === 0) return;
        if (polls === pollsMax) throw new Error(`${awaited.size} orders cannot be read yet as the binlog tells them`);
        await sleep(clock, pollMs);
      }
    },
  });

/** The newest version that was told of each order. */
function versionsIn(changes: readonly RowChange[]): Map<OrderId, number> {
  const versions = new Map<OrderId, number>();
  for (const { row, isDeleted } of changes) {
    const orderId = Number(row["id"]) as OrderId;
    if (isDeleted) versions.delete(orderId);
    else versions.set(orderId, Math.max(Number(row["version"]), versions.get(orderId) ?? 0));
  }
  return versions;
}
