/** Order search on Elasticsearch. */
import {
  hitsCountedMax,
  type OrderDocument,
  type OrderSearch,
  type PageEnd,
  type Statistic,
  type StatisticsBy,
} from "@chepiao/ports/order-search";
import { Client, type estypes, HttpConnection } from "@elastic/elasticsearch";
import { addressForms, type TlsIdentity, tlsTrouble } from "@chepiao/adapters/engine-address";
import { searchConnection } from "./address.ts";
import { createGenerations, isNamed } from "./generations.ts";
import { indexed, searchedOnly } from "./mapping.ts";
import { queryOf } from "./query.ts";

export type ElasticsearchSettings = {
  /** `http://user:password@host:port`; `https://` over TLS */
  readonly url: string;
  /** Over TLS, where the address says nothing of it: who is trusted, and who we are. */
  readonly identity?: TlsIdentity;
  /** The name of the index; installations that share a cluster have different ones. */
  readonly index?: string;
  readonly shards?: number;
  readonly replicas?: number;
};

export type ElasticOrderSearch = OrderSearch & {
  /** Everything taken in so far is found from now on. For tests: it comes by itself within a second. */
  refresh(): Promise<void>;
  /** Deletes all of it; what comes next begins anew. */
  drop(): Promise<void>;
  /** Throws, saying why, while Elasticsearch cannot be used. */
  ready(): Promise<void>;
  close(): Promise<void>;
};

/** What one request carries at most; an order is about a kilobyte. */
const bulkMax = 1_000;

export function openOrderSearch(settings: ElasticsearchSettings): ElasticOrderSearch {
  const server = searchConnection(settings.url, settings.identity);
  const client = new Client({
    ...server.options,
    // The default one does not work on Bun.
    Connection: HttpConnection,
    requestTimeout: 10_000,
    maxRetries: 2,
  });
  const generations = createGenerations(client, settings.index ?? "chepiao-orders", {
    shards: settings.shards ?? 1,
    replicas: settings.replicas ?? 1,
  });

  /** False when the generation has been replaced meanwhile. */
  async function write(writer: string, orders: readonly OrderDocument[]): Promise<boolean> {
    for (let first = 0; first < orders.length; first += bulkMax) {
      const { items } = await client.bulk({
        require_alias: true,
        operations: orders.slice(first, first + bulkMax).flatMap((order) => [
          // Elasticsearch drops what is not newer than what it has.
          { index: { _index: writer, _id: String(order.orderId), version: order.version, version_type: "external" } },
          indexed(order),
        ]),
      });
      for (const { index } of items) {
        const { error, status, _id: id } = index!;
        if (!error || status === conflict) continue;
        if (error.type === "index_not_found_exception") return false;
        throw new Error(`order ${id} was not taken in: ${error.reason}`);
      }
    }
    return true;
  }

  /** `empty` is what there is where nothing was ever taken in. */
  async function ask<T>(empty: T, question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      if (isNamed(error, "index_not_found_exception")) return empty;
      throw error;
    }
  }

  async function asked() {
    try {
      return await client.cluster.health({}, { maxRetries: 0, requestTimeout: 2_000 });
    } catch (error) {
      const insecure = tlsTrouble(error, server.isPlain ? addressForms.search.tls : null);
      throw insecure ? new Error(`${server.name} ${insecure}: ${String(error)}`, { cause: error }) : error;
    }
  }

  return {
    async index(orders) {
      for (;;) {
        const writers = await generations.writers();
        const written = await Promise.all(writers.map((writer) => write(writer, orders)));
        if (written.every(Boolean)) return;
      }
    },
    search: ({ limit, after, ...filter }) =>
      ask({ orders: [], total: 0, next: null }, async () => {
        const { hits } = await client.search<OrderDocument>({
          index: generations.name,
          size: limit,
          query: queryOf(filter),
          sort: [{ _score: { order: "desc" } }, { orderId: "desc" }],
          track_total_hits: hitsCountedMax,
          _source: { excludes: searchedOnly },
          ...(after === undefined ? {} : { search_after: [...after] }),
        });
        const last = hits.hits.at(-1);
        return {
          orders: hits.hits.map(({ _source }) => _source!),
          total: (hits.total as estypes.SearchTotalHits).value,
          next: last && hits.hits.length === limit ? (last.sort as unknown as PageEnd) : null,
        };
      }),
    statistics: (filter, by, limit) =>
      ask([], async () => {
        const { aggregations } = await client.search<unknown, Record<"groups", Groups>>({
          index: generations.name,
          size: 0,
          query: queryOf(filter),
          aggregations: { groups: groupsBy(by, limit) },
        });
        return aggregations!.groups.buckets.map(({ key, doc_count: orders, passengers, totalFen }): Statistic => ({
          key,
          orders,
          passengers: passengers.value,
          totalFen: totalFen.value,
        }));
      }),
    async rebuild(source) {
      await generations.writers();
      const writer = await generations.begin();
      let count = 0;
      try {
        for await (const orders of source) {
          if (!(await write(writer, orders))) throw new Error("another rebuild has taken the place of this one");
          count += orders.length;
        }
        await client.indices.refresh({ index: writer });
        await generations.replaceBy(writer);
      } catch (error) {
        await generations.drop(writer);
        throw error;
      }
      return count;
    },
    async refresh() {
      await client.indices.refresh({ index: [...(await generations.writers())] });
    },
    async drop() {
      for (const writer of await generations.writers()) await generations.drop(writer);
    },
    async ready() {
      const { status } = await asked();
      if (status === "red") throw new Error("Elasticsearch is red: some of its shards are not there");
    },
    close: () => client.close(),
  };
}

/** What is already there is as new or newer. */
const conflict = 409;

type Groups = {
  readonly buckets: readonly {
    readonly key: string;
    readonly doc_count: number;
    readonly passengers: { readonly value: number };
    readonly totalFen: { readonly value: number };
  }[];
};

const groupsBy = (by: StatisticsBy, limit: number): estypes.AggregationsAggregationContainer => ({
  terms: {
    field: by,
    size: limit,
    order: by === "originDate" ? { _key: "asc" } : [{ _count: "desc" }, { _key: "asc" }],
  },
  aggregations: {
    passengers: { sum: { field: "passengerCount" } },
    totalFen: { sum: { field: "totalFen" } },
  },
});
