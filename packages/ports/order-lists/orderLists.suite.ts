/** The rules of both read models. */
import { expect, test } from "bun:test";
import { runId } from "@chepiao/contracts";
import type { UserId } from "@chepiao/kernel";
import { firstRecord, type OrderRecord } from "@chepiao/ports/order-store";
import { sampleDate, sampleOrder, type SampleOptions } from "@chepiao/ports/order-store/samples.suite.ts";
import { indexedOrders, listedOrder, type ListPage, type OrderIndex, type OrderList } from "./orderLists.ts";

export type OrderListsSubject = { readonly index: OrderIndex; readonly list: OrderList };

const g1 = runId("G1", sampleDate);
const user = 7 as UserId;
const order = (options: SampleOptions = {}): OrderRecord =>
  firstRecord(sampleOrder({ userId: user, train: "G1", ...options }), null);
const ids = (orders: readonly { readonly orderId: number }[]) => orders.map(({ orderId }) => orderId);
const newestFirst = (orders: readonly OrderRecord[]) => orders.toSorted((a, b) => b.orderId - a.orderId);

export function orderListsSuite(adapter: string, create: () => Promise<OrderListsSubject>): void {
  /** The same rule for both: each as what it says of one run and one account. */
  const both = (name: string, check: (model: Model) => Promise<void>) => {
    for (const [kind, modelOf] of Object.entries(models)) {
      test(`${adapter}: ${kind}: ${name}`, async () => check(modelOf(await create())));
    }
  };

  both("an order is there as it is, and others' are not", async ({ projection, page, rowOf }) => {
    const [mine, other] = [order(), order({ userId: 8, train: "D5" })];
    await projection.take([mine, other]);
    expect(await page({ limit: 10 })).toEqual([rowOf(mine)]);
  });

  test(`${adapter}: index of a run: an order is there on each run that it has a line on, once`, async () => {
    const { index } = await create();
    const [first] = order().lines;
    const on = (train: string, line: number) => ({
      ...first,
      line,
      runId: runId(train, sampleDate),
      trainNumber: train,
    });
    const changing: OrderRecord = { ...order(), lines: [on("G1", 0), on("D5", 1), on("G1", 2)] };
    const other = order({ train: "D5" });
    await index.take([changing, other]);
    const rowsOn = (train: string) => index.ofRun(runId(train, sampleDate), { limit: 10 });
    const [onFirst, onSecond] = indexedOrders(changing);
    expect(await rowsOn("G1")).toEqual([onFirst!]);
    expect(ids(await rowsOn("D5"))).toEqual(ids(newestFirst([changing, other])));
    expect(await rowsOn("D5")).toContainEqual(onSecond!);
    const refunded: OrderRecord = { ...changing, state: "refunded", version: changing.version + 1 };
    await index.take([refunded]);
    expect(await rowsOn("D5")).toContainEqual(indexedOrders(refunded)[1]!);
    async function* source() {
      yield [refunded];
    }
    expect(await index.rebuild(source())).toBe(1);
    expect([await rowsOn("G1"), await rowsOn("D5")]).toEqual(indexedOrders(refunded).map((row) => [row]));
  });

  both("newest first, and page by page", async ({ projection, page }) => {
    const orders = [order(), order(), order(), order(), order()];
    await projection.take(orders);
    const expected = ids(newestFirst(orders));
    const first = await page({ limit: 3 });
    const second = await page({ limit: 3, before: first.at(-1)!.orderId });
    expect([ids(first), ids(second)]).toEqual([expected.slice(0, 3), expected.slice(3)]);
  });

  both("I7: older never replaces newer, and the same twice is one", async ({ projection, page, rowOf }) => {
    const held = order();
    const paid: OrderRecord = { ...held, state: "ticketed", version: held.version + 2 };
    await projection.take([paid]);
    await projection.take([held, { ...held, state: "paid", version: held.version + 1 }]);
    await projection.take([paid, paid]);
    expect(await page({ limit: 10 })).toEqual([rowOf(paid)]);
    const refunded: OrderRecord = { ...paid, state: "refunded", version: paid.version + 1 };
    await projection.take([refunded]);
    expect(await page({ limit: 10 })).toEqual([rowOf(refunded)]);
  });

  both("I8: made anew it is what the orders say, and nothing else", async ({ projection, page, rowOf }) => {
    const [gone, stays, spoilt, missing] = [order(), order(), order(), order()];
    // Wrong in every way: one too many, two spoilt, with the right version and with one that no order has, one not there.
    const wrong = [gone, { ...stays, trainNumber: "X9" }, { ...spoilt, trainNumber: "X9", version: 1_000 }];
    await projection.take(wrong);
    const late = order();
    async function* source() {
      yield [stays, spoilt];
      // Taken in meanwhile, by the follower of the orders.
      await projection.take([late]);
      yield [missing];
    }
    expect(await projection.rebuild(source())).toBe(3);
    expect(await page({ limit: 10 })).toEqual(newestFirst([stays, spoilt, missing, late]).map(rowOf));
    // Versions decide again.
    const paid: OrderRecord = { ...spoilt, state: "ticketed", version: spoilt.version + 1 };
    await projection.take([paid, stays]);
    expect(await page({ limit: 10 })).toEqual(newestFirst([stays, paid, missing, late]).map(rowOf));
  });

  both("I8: while it is made anew nothing is missing, and no change of that time is lost", async (model) => {
    const { projection, page, rowOf } = model;
    const [one, two] = [order(), order()];
    await projection.take([one, two]);
    const shown: number[] = [];
    const readPage = async () => void shown.push((await page({ limit: 10 })).length);
    const changed: OrderRecord = { ...one, state: "ticketed", version: one.version + 1 };
    async function* source() {
      await readPage();
      // Changed after it was read, and taken in before what was read arrives.
      await projection.take([changed]);
      yield [one];
      await readPage();
      yield [two];
      await readPage();
    }
    await projection.rebuild(source());
    expect(shown).toEqual([2, 2, 2]);
    expect(await page({ limit: 10 })).toEqual(newestFirst([changed, two]).map(rowOf));
  });

  both("a making that breaks off takes nothing away, and another one is whole", async ({ projection, page, rowOf }) => {
    const [one, two, gone] = [order(), order(), order()];
    await projection.take([one, two, gone]);
    async function* breaking() {
      yield [one];
      throw new Error("the database is away");
    }
    expect(projection.rebuild(breaking())).rejects.toThrow("the database is away");
    expect(await page({ limit: 10 })).toEqual(newestFirst([one, two, gone]).map(rowOf));
    async function* whole() {
      yield [two, one];
    }
    expect(await projection.rebuild(whole())).toBe(2);
    expect(await page({ limit: 10 })).toEqual(newestFirst([one, two]).map(rowOf));
  });
}

type Row = { readonly orderId: OrderRecord["orderId"] };
type Model = {
  readonly projection: OrderIndex | OrderList;
  page(page: ListPage): Promise<readonly Row[]>;
  rowOf(order: OrderRecord): Row;
};
const models: Readonly<Record<string, (subject: OrderListsSubject) => Model>> = {
  "index of a run": ({ index }) => ({
    projection: index,
    page: (page) => index.ofRun(g1, page),
    rowOf: (one) => indexedOrders(one)[0]!,
  }),
  "list of an account": ({ list }) => ({
    projection: list,
    page: (page) => list.ofUser(user, page),
    rowOf: listedOrder,
  }),
};
