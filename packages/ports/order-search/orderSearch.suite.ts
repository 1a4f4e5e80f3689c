/** The rules of order search. `settle` waits until everything that was taken in is found. */
import { expect, test } from "bun:test";
import { epochMs, fen, hourMs, type OrderId, orderNoOf, serviceDate } from "@chepiao/kernel";
import type { OrderDocument, OrderQuery, OrderSearch, PageEnd } from "./orderSearch.ts";

export type OrderSearchSubject = { readonly search: OrderSearch; settle(): Promise<void> };

const noon = Date.UTC(2026, 10, 20, 4);

/** Order number `n`, one passenger unless told otherwise. */
export function orderDocument(
  n: number,
  names: readonly string[] = ["赵一"],
  over: Partial<OrderDocument> = {},
): OrderDocument {
  const orderId = (1_000_000 + n) as OrderId;
  return {
    orderId,
    version: 1,
    orderNo: orderNoOf(orderId),
    userId: 7 as never,
    state: "pendingPayment",
    trainNumber: "G1",
    originDate: serviceDate("2026-12-01"),
    boardingDate: serviceDate("2026-12-01"),
    fromStationId: "BJN",
    toStationId: "SHQ",
    fromName: "北京南",
    toName: "上海虹桥",
    departAt: epochMs(noon),
    seatClass: "second",
    totalFen: fen(55_300),
    createdAt: epochMs(noon + n * hourMs),
    paidAt: null,
    passengers: names.map((name, index) => ({
      ticketNo: `${orderNoOf(orderId)}-${index + 1}`,
      name,
      documentMasked: `1101**********00${n}${index}`,
      documentHash: `hash ${n} ${index}`,
      state: "held",
    })),
    ...over,
  };
}

export function orderSearchSuite(adapter: string, create: () => Promise<OrderSearchSubject>): void {
  const numbers = (orders: readonly OrderDocument[]) => orders.map(({ orderId }) => orderId - 1_000_000);
  const find = async ({ search }: OrderSearchSubject, filter: Partial<OrderQuery>) =>
    numbers((await search.search({ limit: 50, ...filter })).orders);
  const filled = async (...orders: OrderDocument[]) => {
    const subject = await create();
    await subject.search.index(orders);
    await subject.settle();
    return subject;
  };

  test(`${adapter}: an order comes back as it was taken in, and an empty index finds nothing`, async () => {
    const subject = await create();
    expect(await subject.search.search({ limit: 10 })).toEqual({ orders: [], total: 0, next: null });
    expect(await subject.search.statistics({}, "state", 10)).toEqual([]);
    const order = orderDocument(1, ["王小明", "李华"], { paidAt: epochMs(noon) });
    await subject.search.index([order]);
    await subject.settle();
    expect(await subject.search.search({ limit: 10 })).toEqual({ orders: [order], total: 1, next: null });
  });

  test(`${adapter}: each condition finds its orders, and all that are given must hold`, async () => {
    const december = (day: number) => serviceDate(`2026-12-0${day}`);
    const subject = await filled(
      orderDocument(1),
      orderDocument(2, ["钱二"], { userId: 8 as never, state: "ticketed" }),
      orderDocument(3, ["孙三"], { trainNumber: "D5", seatClass: "first" }),
      orderDocument(4, ["李四"], { originDate: december(2), boardingDate: december(3), state: "expired" }),
      orderDocument(5, ["周五"], { fromStationId: "SHQ", toStationId: "HGH" }),
    );
    const table: readonly (readonly [Partial<OrderQuery>, readonly number[]])[] = [
      [{}, [5, 4, 3, 2, 1]],
      [{ orderNo: orderNoOf(1_000_003 as OrderId) }, [3]],
      [{ orderNoStart: orderNoOf(1_000_003 as OrderId).slice(0, 5) }, [3]],
      [{ orderNoStart: "E9" }, []],
      [{ userId: 8 as never }, [2]],
      [{ trainNumber: "D5" }, [3]],
      [{ seatClass: "first" }, [3]],
      [{ states: ["ticketed", "expired"] }, [4, 2]],
      [{ states: [] }, []],
      [{ originDate: { from: december(2) } }, [4]],
      [{ originDate: { to: december(1) } }, [5, 3, 2, 1]],
      [{ boardingDate: { from: december(2), to: december(3) } }, [4]],
      [{ createdAt: { from: epochMs(noon + 2 * hourMs), to: epochMs(noon + 3 * hourMs) } }, [3, 2]],
      [{ stationId: "SHQ" }, [5, 4, 3, 2, 1]],
      [{ fromStationId: "SHQ" }, [5]],
      [{ toStationId: "SHQ" }, [4, 3, 2, 1]],
      [{ passenger: { documentMasked: "1101**********0020" } }, [2]],
      [{ passenger: { documentHash: "hash 3 0" } }, [3]],
      [{ passenger: { ticketNo: `${orderNoOf(1_000_004 as OrderId)}-1` } }, [4]],
      [{ trainNumber: "G1", states: ["pendingPayment"], toStationId: "SHQ" }, [1]],
      [{ trainNumber: "D5", userId: 8 as never }, []],
    ];
    for (const [filter, expected] of table) {
      const answer: unknown = [filter, await find(subject, filter)];
      expect(answer).toEqual([filter, expected]);
    }
  });

  test(`${adapter}: an order is found by each of its trains, with what is said of one and the same, and counted once`, async () => {
    const connection = {
      trainNumber: "D5",
      originDate: serviceDate("2026-12-01"),
      boardingDate: serviceDate("2026-12-02"),
      fromStationId: "SHQ",
      toStationId: "HGH",
      fromName: "上海虹桥",
      toName: "杭州东",
      departAt: epochMs(noon),
      seatClass: "first" as const,
    };
    const subject = await filled(orderDocument(1, ["赵一"], { furtherWays: [connection] }), orderDocument(2));
    const found = (filter: Partial<OrderQuery>) => find(subject, filter);
    expect(await found({ trainNumber: "G1" })).toEqual([2, 1]);
    expect(await found({ trainNumber: "D5", seatClass: "first", toStationId: "HGH" })).toEqual([1]);
    expect(await found({ stationId: "HGH", boardingDate: { from: serviceDate("2026-12-02") } })).toEqual([1]);
    expect(await found({ trainNumber: "G1", seatClass: "first" })).toEqual([]);
    expect(await found({ trainNumber: "D5", passenger: { name: "赵一" } })).toEqual([1]);
    const [order] = (await subject.search.search({ limit: 5, trainNumber: "D5" })).orders;
    expect(order).toEqual(orderDocument(1, ["赵一"], { furtherWays: [connection] }));
    expect((await subject.search.statistics({}, "trainNumber", 5)).map(({ key, orders }) => [key, orders])).toEqual([
      ["G1", 2],
    ]);
    // What replaces it says its ways anew.
    await subject.search.index([orderDocument(1, ["赵一"], { version: 2 })]);
    await subject.settle();
    expect(await found({ trainNumber: "D5" })).toEqual([]);
  });

  test(`${adapter}: what is said of a passenger must hold for one and the same`, async () => {
    const subject = await filled(orderDocument(1, ["王小明", "李华"]));
    const about = (name: string, documentHash: string) => find(subject, { passenger: { name, documentHash } });
    expect([await about("王小明", "hash 1 0"), await about("王小明", "hash 1 1")]).toEqual([[1], []]);
  });

  test(`${adapter}: a name is found whole, in part, by its sound and with a mistake in it, closest first`, async () => {
    const subject = await filled(
      orderDocument(1, ["王小明"]),
      orderDocument(2, ["王晓明"]),
      orderDocument(3, ["王大明"]),
      orderDocument(4, ["欧阳王小明"]),
      orderDocument(5, ["李华", "John Smith"]),
      orderDocument(6, ["买买提·吐尔逊"]),
      orderDocument(7, ["单雄信"]),
    );
    const table: readonly (readonly [string, readonly number[]])[] = [
      ["王小明", [1, 4, 2, 3]],
      ["小明", [4, 1]],
      ["明", [4, 3, 2, 1]],
      ["wangxiao", [2, 1]],
      ["Wang Xiao Ming", [2, 1]],
      ["shanxiong", [7]],
      ["smith", [5]],
      ["Jon Smyth", [5]],
      ["john miller", []],
      ["买买提吐尔逊", [6]],
      ["张三丰", []],
      ["·", []],
    ];
    for (const [name, expected] of table) {
      const answer: unknown = [name, await find(subject, { passenger: { name } })];
      expect(answer).toEqual([name, expected]);
    }
  });

  test(`${adapter}: pages follow each other without a gap or a repetition, with a name and without`, async () => {
    const subject = await filled(...[1, 2, 3, 4, 5].map((n) => orderDocument(n, [n % 2 === 0 ? "王小明" : "王晓明"])));
    const walk = async (filter: Partial<OrderQuery>) => {
      const pages: number[][] = [];
      for (let after: PageEnd | null | undefined; after !== null;) {
        const hits = await subject.search.search({ ...filter, limit: 2, ...(after === undefined ? {} : { after }) });
        expect(hits.total).toBe(5);
        pages.push(numbers(hits.orders));
        after = hits.next;
      }
      return pages;
    };
    expect(await walk({})).toEqual([[5, 4], [3, 2], [1]]);
    expect(await walk({ passenger: { name: "王小明" } })).toEqual([[4, 2], [5, 3], [1]]);
  });

  test(`${adapter}: I7: an older state of an order never replaces a newer one, and the same one twice is one`, async () => {
    const subject = await create();
    const at = (version: number, state: OrderDocument["state"]) => orderDocument(1, ["王小明"], { version, state });
    await subject.search.index([at(2, "ticketed"), at(1, "pendingPayment")]);
    await subject.search.index([at(1, "pendingPayment"), at(2, "ticketed")]);
    await subject.settle();
    expect((await subject.search.search({ limit: 5 })).orders).toEqual([at(2, "ticketed")]);
    await subject.search.index([at(3, "refunded")]);
    await subject.settle();
    expect(await find(subject, { states: ["ticketed"] })).toEqual([]);
    expect(await find(subject, { states: ["refunded"] })).toEqual([1]);
  });

  test(`${adapter}: orders are counted by day, train, state and class, among those that are asked for`, async () => {
    const day = (n: number) => ({ originDate: serviceDate(`2026-12-0${n}`) });
    const subject = await filled(
      orderDocument(1, ["赵一", "钱二"], { ...day(2), totalFen: fen(200) }),
      orderDocument(2, ["孙三"], { ...day(1), totalFen: fen(100) }),
      orderDocument(3, ["李四"], { ...day(2), totalFen: fen(50), trainNumber: "D5", state: "expired" }),
      orderDocument(4, ["周五"], { ...day(3), totalFen: fen(25), trainNumber: "D5", seatClass: "first" }),
      orderDocument(5, ["吴六"], { ...day(3), totalFen: fen(1), trainNumber: "D5" }),
    );
    const { search } = subject;
    expect(await search.statistics({}, "originDate", 10)).toEqual([
      { key: "2026-12-01", orders: 1, passengers: 1, totalFen: 100 },
      { key: "2026-12-02", orders: 2, passengers: 3, totalFen: 250 },
      { key: "2026-12-03", orders: 2, passengers: 2, totalFen: 26 },
    ]);
    const keys = async (...of: Parameters<OrderSearch["statistics"]>) =>
      (await search.statistics(...of)).map(({ key, orders }) => `${key} ${orders}`);
    expect(await keys({}, "trainNumber", 10)).toEqual(["D5 3", "G1 2"]);
    expect(await keys({}, "trainNumber", 1)).toEqual(["D5 3"]);
    expect(await keys({}, "state", 10)).toEqual(["pendingPayment 4", "expired 1"]);
    expect(await keys({ trainNumber: "D5" }, "seatClass", 10)).toEqual(["second 2", "first 1"]);
    expect(await keys({ passenger: { name: "吴六" } }, "state", 10)).toEqual(["pendingPayment 1"]);
  });

  test(`${adapter}: I8: it is rebuilt while it answers and while orders change, and no change is lost`, async () => {
    const subject = await filled(orderDocument(1), orderDocument(2), orderDocument(9));
    const { search } = subject;
    const changed = orderDocument(1, ["赵一"], { version: 2, state: "ticketed" });
    async function* source() {
      // Changed after it was read, and taken in before what was read arrives.
      const read = orderDocument(1);
      await search.index([changed, orderDocument(3)]);
      await subject.settle();
      expect(await find(subject, {})).toEqual([9, 3, 2, 1]);
      yield [read];
      yield [orderDocument(2)];
    }
    expect(await search.rebuild(source())).toBe(2);
    await subject.settle();
    expect(await find(subject, {})).toEqual([3, 2, 1]);
    expect((await search.search({ limit: 5, states: ["ticketed"] })).orders).toEqual([changed]);
    await search.index([orderDocument(4)]);
    await subject.settle();
    expect(await find(subject, {})).toEqual([4, 3, 2, 1]);
  });

  test(`${adapter}: a rebuild that breaks off leaves everything as it was`, async () => {
    const subject = await filled(orderDocument(1), orderDocument(2));
    async function* source() {
      yield [orderDocument(1)];
      throw new Error("the database is away");
    }
    expect(subject.search.rebuild(source())).rejects.toThrow("the database is away");
    await subject.search.index([orderDocument(3)]);
    await subject.settle();
    expect(await find(subject, {})).toEqual([3, 2, 1]);
  });
}
