/** The rules of a delay. Its time is short here; every subject has its own. */
import { expect, test } from "bun:test";
import type { OrderId } from "@chepiao/kernel";
import type { Delay } from "./delay.ts";

export type DelaySubject = {
  readonly delay: Delay;
  readonly delayMs: number;
  /** Another that uses the same delay, as another process would. */
  other(): Promise<Delay> | Delay;
};

export const orders = (...numbers: number[]) => numbers as unknown as OrderId[];

/** What a listener heard, and a way to wait for it. */
export function listenTo(delay: Delay, fail: (heard: readonly OrderId[]) => void = () => {}) {
  const heard: OrderId[] = [];
  const listener = delay.listen(async (orderIds) => {
    fail(orderIds);
    heard.push(...orderIds);
  });
  const until = async (count: number) => {
    for (let ms = 0; heard.length < count; ms += 10) {
      if (ms > 8_000) throw new Error(`heard ${heard.length} of ${count}`);
      await Bun.sleep(10);
    }
    return heard.toSorted((a, b) => a - b);
  };
  return { heard, until, listener };
}

export function delaySuite(adapter: string, create: () => Promise<DelaySubject>): void {
  test(`${adapter}: an order comes back once its time is over, and not before`, async () => {
    const { delay, delayMs } = await create();
    const { heard, until } = listenTo(delay);
    const from = performance.now();
    delay.schedule(orders(1, 2));
    await Bun.sleep(delayMs / 2);
    delay.schedule(orders(3));
    expect(heard).toEqual([]);
    await until(2);
    expect(performance.now() - from).toBeGreaterThanOrEqual(delayMs - 1);
    expect(await until(3)).toEqual(orders(1, 2, 3));
    expect(performance.now() - from).toBeGreaterThanOrEqual(delayMs * 1.5 - 1);
    expect(delay.counters).toEqual({ scheduled: 3, dropped: 0, due: 3 });
    await delay[Symbol.asyncDispose]();
  });

  test(`${adapter}: what became due while nobody listened waits for somebody`, async () => {
    const { delay, delayMs } = await create();
    delay.schedule(orders(1));
    await Bun.sleep(delayMs * 2);
    const { until } = listenTo(delay);
    expect(await until(1)).toEqual(orders(1));
    await delay[Symbol.asyncDispose]();
  });

  test(`${adapter}: what could not be done comes again`, async () => {
    const { delay } = await create();
    let failures = 1;
    const { until } = listenTo(delay, () => {
      if (failures-- > 0) throw new Error("the database is away");
    });
    delay.schedule(orders(1));
    expect(await until(1)).toEqual(orders(1));
    expect(delay.counters.due).toBe(1);
    await delay[Symbol.asyncDispose]();
  });

  test(`${adapter}: those who listen share what is due`, async () => {
    const { delay, other } = await create();
    const second = await other();
    const all: OrderId[] = [];
    for (const each of [delay, second]) each.listen(async (orderIds) => void all.push(...orderIds));
    for (let n = 0; n < 40; n++) delay.schedule(orders(n));
    while (all.length < 40) await Bun.sleep(10);
    expect(all.toSorted((a, b) => a - b)).toEqual(orders(...Array(40).keys()));
    await second[Symbol.asyncDispose]();
    await delay[Symbol.asyncDispose]();
  });

  test(`${adapter}: whoever stopped listening hears nothing more, and leaves it to others`, async () => {
    const { delay, delayMs } = await create();
    const { heard, listener } = listenTo(delay);
    delay.schedule(orders(1));
    await listener[Symbol.asyncDispose]();
    await Bun.sleep(delayMs * 2);
    expect(heard).toEqual([]);
    const { until } = listenTo(delay);
    expect(await until(1)).toEqual(orders(1));
    await delay[Symbol.asyncDispose]();
  });
}
