/** Elasticsearch keeps the rules of every order search. */
import { afterAll, expect, test } from "bun:test";
import { orderDocument, orderSearchSuite } from "@chepiao/ports/order-search/orderSearch.suite.ts";
import { type ElasticOrderSearch, openOrderSearch } from "./orderSearch.ts";

const url = process.env["ELASTICSEARCH_URL"] ?? "";
if (url === "") {
  throw new Error("ELASTICSEARCH_URL is not set: `npm run engines -- up` starts Elasticsearch and says where it is");
}

const opened: ElasticOrderSearch[] = [];
const open = (index: string) => {
  const search = openOrderSearch({ url, index, replicas: 0 });
  opened.push(search);
  return search;
};
let count = 0;
const freshIndex = () => `test-${process.pid}-${Date.now()}-${count++}`;
afterAll(async () => {
  for (const search of opened) {
    await search.drop();
    await search.close();
  }
});

orderSearchSuite("Elasticsearch", async () => {
  const search = open(freshIndex());
  return { search, settle: () => search.refresh() };
});

test("another process that takes in orders during a rebuild loses none, however often it is rebuilt", async () => {
  const index = freshIndex();
  const [operator, consumer] = [open(index), open(index)];
  const taken: number[] = [];
  let isDone = false;
  const taking = (async () => {
    for (let n = 0; !isDone; n++) {
      await consumer.index([orderDocument(n)]);
      taken.push(n);
    }
  })();
  async function* source() {
    const read = taken.map((n) => orderDocument(n));
    for (let first = 0; first < read.length; first += 10) yield read.slice(first, first + 10);
  }
  for (let round = 0; round < 5; round++) await operator.rebuild(source());
  isDone = true;
  await taking;
  await operator.refresh();
  const { total } = await operator.search({ limit: 1 });
  expect(total).toBe(taken.length);
  expect(total).toBeGreaterThan(5);
});

test("what was dropped while somebody writes begins anew", async () => {
  const search = open(freshIndex());
  await search.index([orderDocument(1)]);
  await search.drop();
  expect(await search.search({ limit: 1 })).toEqual({ orders: [], total: 0, next: null });
  await search.index([orderDocument(2)]);
  await search.refresh();
  expect((await search.search({ limit: 1 })).orders).toEqual([orderDocument(2)]);
});

test("an Elasticsearch that is not there is said, with its address", async () => {
  const nowhere = openOrderSearch({ url: "http://127.0.0.1:9" });
  expect(nowhere.ready()).rejects.toThrow("127.0.0.1:9");
  await nowhere.close();
});
