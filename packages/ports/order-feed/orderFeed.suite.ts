/** The rules of word about changed orders. It may come late and more than once, so what is heard is waited for. */
import { expect, test } from "bun:test";
import { type OrderId, type OrderNo, orderNoOf } from "@chepiao/kernel";
import type { OrderFeed } from "./orderFeed.ts";

/** One feed as two processes see it; the same twice where there is only one. */
export type OrderFeedSubject = { readonly here: OrderFeed; readonly there: OrderFeed };

const [one, other] = [orderNoOf(2_049 as OrderId), orderNoOf(4_099 as OrderId)] as const;
const withinMs = 30_000;
/** Word that has not come after this long has not been sent. */
const silenceMs = 60;

export function orderFeedSuite(adapter: string, create: () => Promise<OrderFeedSubject> | OrderFeedSubject): void {
  /** Tells of a change until it is heard: one who has just begun to follow may not be heard of everywhere yet. */
  async function isHeard(feed: OrderFeed, orderNo: OrderNo, count: () => number): Promise<boolean> {
    const before = count();
    const deadline = performance.now() + withinMs;
    while (count() === before && performance.now() < deadline) {
      feed.changed(orderNo);
      await Bun.sleep(10);
    }
    return count() > before;
  }

  test(`${adapter}: who follows an order hears of its changes, from here and from elsewhere`, async () => {
    const { here, there } = await create();
    let heard = 0;
    here.follow(one, () => heard++);
    expect(await isHeard(there, one, () => heard)).toBe(true);
    expect(await isHeard(here, one, () => heard)).toBe(true);
  });

  test(`${adapter}: all who follow an order hear of it, and nobody of another`, async () => {
    const { here, there } = await create();
    const heard = [0, 0, 0];
    here.follow(one, () => heard[0]!++);
    here.follow(one, () => heard[1]!++);
    here.follow(other, () => heard[2]!++);
    expect(await isHeard(there, one, () => Math.min(heard[0]!, heard[1]!))).toBe(true);
    await Bun.sleep(silenceMs);
    expect(heard[2]).toBe(0);
    expect(await isHeard(there, other, () => heard[2]!)).toBe(true);
  });

  test(`${adapter}: who follows no more hears no more, and those who go on do`, async () => {
    const { here, there } = await create();
    const heard = [0, 0];
    const stop = here.follow(one, () => heard[0]!++);
    here.follow(one, () => heard[1]!++);
    expect(await isHeard(there, one, () => heard[0]!)).toBe(true);
    await Bun.sleep(silenceMs);
    stop();
    stop();
    const before = heard[0];
    expect(await isHeard(there, one, () => heard[1]!)).toBe(true);
    expect(heard[0]).toBe(before);
  });

  test(`${adapter}: one may follow again what one has stopped following`, async () => {
    const { here, there } = await create();
    let heard = 0;
    const stop = here.follow(one, () => {});
    stop();
    here.follow(one, () => heard++);
    expect(await isHeard(there, one, () => heard)).toBe(true);
  });
}
