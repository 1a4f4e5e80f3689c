/** SQLite keeps the rules of every order search, and those that a file has which several processes may open. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryOrderSearch } from "@chepiao/ports/order-search";
import { orderDocument, orderSearchSuite } from "@chepiao/ports/order-search/orderSearch.suite.ts";
import { createPrng } from "@chepiao/kernel";
import { openSqliteOrderSearch, type SqliteOrderSearch } from "./orderSearch.ts";

const folder = mkdtempSync(join(tmpdir(), "chepiao-search-"));
const opened: SqliteOrderSearch[] = [];
let count = 0;
const freshFile = () => join(folder, `search-${count++}.db`);
function open(path = freshFile()): SqliteOrderSearch {
  const search = openSqliteOrderSearch(path);
  opened.push(search);
  return search;
}
afterAll(() => {
  for (const search of opened) search[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

orderSearchSuite("SQLite", async () => ({ search: open(), settle: async () => {} }));

test("what was taken in is there when the file is opened again, and a making that broke off is no harm", async () => {
  const path = freshFile();
  const before = openSqliteOrderSearch(path);
  await before.index([orderDocument(1)]);
  async function* never() {
    yield [orderDocument(1)];
    // The process ends here.
    before[Symbol.dispose]();
    await new Promise<never>(() => {});
  }
  void before.rebuild(never());
  await Bun.sleep(0);
  const after = open(path);
  await after.index([orderDocument(2)]);
  expect((await after.search({ limit: 5 })).total).toBe(2);
  async function* both() {
    yield [orderDocument(1), orderDocument(2)];
  }
  expect(await after.rebuild(both())).toBe(2);
  expect((await after.search({ limit: 5 })).orders).toEqual([orderDocument(2), orderDocument(1)]);
});

test("versions tell what it has", async () => {
  const search = open();
  await search.index([orderDocument(1), orderDocument(2, ["钱二"], { version: 7 }), orderDocument(9)]);
  const [first, second] = [orderDocument(1).orderId, orderDocument(2).orderId];
  expect([...search.versions(first, second)]).toEqual([
    [first, 1],
    [second, 7],
  ]);
});

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

test(`it finds what memory finds, in the same order, whatever is asked (seed ${seed})`, async () => {
  const prng = createPrng(seed);
  const [search, twin] = [open(), createMemoryOrderSearch()];
  const surnames = Array.from("王李张欧阳单");
  const given = Array.from("小晓大明华鸣");
  const words = ["john", "jon", "smith", "smyth", "miller", "müller", "o'neil"];
  const name = () =>
    prng.below(4) === 0
      ? `${prng.pick(words)} ${prng.pick(words)}`
      : prng.pick(surnames) + prng.pick(given) + (prng.below(2) === 0 ? prng.pick(given) : "");
  const documents = Array.from({ length: 300 }, (_, n) =>
    orderDocument(n, Array.from({ length: 1 + prng.below(3) }, name), { trainNumber: prng.pick(["G1", "D5"]) }),
  );
  await Promise.all([search.index(documents), twin.index(documents)]);
  for (let round = 0; round < 60; round++) {
    const wanted = prng.below(8) === 0 ? prng.pick(["wangxiao", "zhang", "limin", "shan", "明小王", "a"]) : name();
    const query = {
      limit: 400,
      passenger: { name: wanted },
      ...(prng.below(2) === 0 ? { trainNumber: "G1" } : {}),
    };
    const numbers = async (of: typeof twin) => (await of.search(query)).orders.map(({ orderId }) => orderId);
    const found: unknown = { wanted, numbers: await numbers(search) };
    expect(found).toEqual({ wanted, numbers: await numbers(twin) });
  }
});
