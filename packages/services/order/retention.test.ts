/** Who travelled is erased once it is time, and no earlier, whatever a pass dies of. */
import { expect, test } from "bun:test";
import { dayMs, type EpochMs, epochMs, hourMs } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryOrderStore, type OrderStore } from "@chepiao/ports/order-store";
import { freedOf, sampleOrder } from "@chepiao/ports/order-store/samples.suite.ts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { beginAll } from "@chepiao/room";
import { createRetention, travellersKeptMs } from "./retention.ts";

const start = epochMs(Date.UTC(2026, 5, 1));
const keptMs = 180 * dayMs;

function createWorld() {
  const clock = createManualClock(start);
  const store = createMemoryOrderStore(createMemoryOutbox());
  /** The day from which on the last question looked. */
  const asked: { madeSince: EpochMs | null } = { madeSince: null };
  const seen: Pick<OrderStore, "namingTravellers" | "eraseTravellers"> = {
    namingTravellers(endedBefore, madeSince) {
      asked.madeSince = madeSince;
      return store.namingTravellers(endedBefore, madeSince);
    },
    eraseTravellers: store.eraseTravellers,
  };
  const told: string[] = [];
  const log = (message: string) => void told.push(message);
  const retention = (more: Partial<Parameters<typeof createRetention>[0]> = {}) =>
    createRetention({ clock, store: seen, travellersKeptMs: keptMs, log, ...more });

  let trains = 0;
  /** Bought so many days before the trip, whose last day is so many days from the start; cancelled before it. */
  async function over(arrivesOnDay: number, boughtDaysBefore: number) {
    const departAt = epochMs(start + arrivesOnDay * dayMs - 4 * hourMs);
    const acceptedAt = epochMs(departAt - boughtDaysBefore * dayMs);
    const order = sampleOrder({ train: `G${++trains}`, seats: [0, 1], departAt, acceptedAt });
    await store.accept([order], acceptedAt);
    const written = (await store.load(order.orderId))!;
    await store.change(
      [{ order: { ...written, state: "cancelled" }, freedSeats: freedOf(written), messages: [] }],
      acceptedAt,
    );
    return order.orderId;
  }
  const names = async (orderId: Awaited<ReturnType<typeof over>>) =>
    (await store.load(orderId))!.tickets.map(({ name, documentHash }) => name !== "—" && documentHash !== "");
  return { clock, store, retention, over, names, asked, told };
}

test("an order names its travellers for so many days after its trip, and not a day longer", async () => {
  const { clock, retention, over, names, told } = createWorld();
  const { pass, due } = retention();
  const orderId = await over(10, 3);
  await clock.advance(10 * dayMs + keptMs);
  expect([await due(), await pass(), await names(orderId)]).toEqual([0, 0, [true, true]]);
  await clock.advance(1);
  expect(await due()).toBe(1);
  expect(await pass()).toBe(1);
  expect(await names(orderId)).toEqual([false, false]);
  expect(await pass()).toBe(0);
  expect(told).toEqual(["who travelled was erased from 1 orders of long ago"]);
});

test("the first pass looks at all orders, later ones at those that may be due since; none is missed", async () => {
  const { clock, retention, over, names, asked } = createWorld();
  const { pass } = retention();
  const orders: Awaited<ReturnType<typeof over>>[] = [];
  // Bought on the day itself, and as early as anybody may.
  for (let day = 1; day <= 200; day += 7) orders.push(await over(day, day % 2 === 0 ? 0 : 60));
  await pass();
  expect(asked.madeSince).toBe(epochMs(0));
  let erased = 0;
  for (let day = 0; day < 200 + 181; day++) {
    await clock.advance(dayMs);
    erased += await pass();
    expect(clock.now() - keptMs - asked.madeSince!).toBeWithin(0, 92 * dayMs);
  }
  expect(erased).toBe(orders.length);
  for (const orderId of orders) expect(await names(orderId)).toEqual([false, false]);
});

test("a pass that dies in the middle is done again, and indexes that follow nothing are brought in line each time", async () => {
  const { clock, store, retention, over, names } = createWorld();
  const orders = [await over(1, 1), await over(2, 1)];
  await clock.advance(keptMs + 3 * dayMs);
  let erasing = 0;
  let isBroken = true;
  let brought = 0;
  const { pass } = retention({
    store: {
      async *namingTravellers(before, since) {
        for await (const page of store.namingTravellers(before, since)) for (const orderId of page) yield [orderId];
      },
      async eraseTravellers(orderIds, now) {
        if (++erasing === 2) throw new Error("the database is away");
        return store.eraseTravellers(orderIds, now);
      },
    },
    async afterErasing() {
      brought++;
      if (isBroken) throw new Error("the disk is full");
    },
  });
  expect(await outcomeOf(pass())).toBe("the database is away");
  expect(brought).toBe(0);
  expect(await outcomeOf(pass())).toBe("the disk is full");
  isBroken = false;
  expect(await pass()).toBe(0);
  expect(brought).toBe(2);
  for (const orderId of orders) expect(await names(orderId)).toEqual([false, false]);
});

const outcomeOf = (pass: Promise<number>) => pass.then(String, (error: Error) => error.message);

test("it is done by itself, an hour after the start and once a day", async () => {
  const { clock, retention, over, names } = createWorld();
  const orderId = await over(-190, 1);
  const later = await over(-180, 1);
  const reported: string[] = [];
  const end = beginAll([retention().work], { clock, report: (message) => void reported.push(message) });
  await clock.advance(hourMs - 1);
  expect(await names(orderId)).toEqual([true, true]);
  await clock.advance(1);
  expect([await names(orderId), await names(later)]).toEqual([
    [false, false],
    [false, false],
  ]);
  const nextDay = await over(-179, 1);
  await clock.advance(dayMs - 1);
  expect(await names(nextDay)).toEqual([true, true]);
  await clock.advance(1);
  expect(await names(nextDay)).toEqual([false, false]);
  await end();
  expect(reported).toEqual([]);
});

test("how long is said in days, and not shorter than an order can still be written or changed", () => {
  expect(travellersKeptMs.read(travellersKeptMs.byDefault)).toBe(keptMs);
  expect(travellersKeptMs.read("30")).toBe(30 * dayMs);
  expect(() => travellersKeptMs.read("29")).toThrow("from 30");
});
