/** Following an order: what is sent, when it is not, and that nothing stays behind. */
import { expect, test } from "bun:test";
import type { OrderNo, UserId } from "@chepiao/kernel";
import { epochMs, eventStreamsPerUserMax, minuteMs, secondMs, sessionTtlMs } from "@chepiao/kernel";
import { type Clock, createManualClock } from "@chepiao/ports/clock";
import { createMemoryOrderFeed } from "@chepiao/ports/order-feed";
import { createFollowers } from "./follow.ts";
import { createWorld, quiet, sold } from "./order.twin.ts";

const user = 7 as UserId;
const orderNo = "E00010000000000001" as OrderNo;

/** A clock that knows how many timers wait. */
function countedClock() {
  const manual = createManualClock(epochMs(0));
  const waiting = new Set<object>();
  const clock: Clock = {
    ...manual,
    after(delayMs, call) {
      const timer = {};
      waiting.add(timer);
      const cancel = manual.after(delayMs, () => {
        waiting.delete(timer);
        call();
      });
      return () => {
        waiting.delete(timer);
        cancel();
      };
    },
  };
  return { clock, advance: manual.advance, waiting };
}

function setUp(over: { perUserMax?: number } = {}) {
  const { clock, advance, waiting } = countedClock();
  const feed = createMemoryOrderFeed();
  const followers = createFollowers({
    clock,
    lifetimeMs: 10 * minuteMs,
    perUserMax: over.perUserMax ?? 2,
    heartbeatMs: 15 * secondMs,
  });
  const order = { state: "a", fails: false, reads: 0, hearers: 0 };
  const follow = (who = user) =>
    followers.follow(
      who,
      async () => {
        order.reads++;
        if (order.fails) throw new Error("the database is away");
        return { json: JSON.stringify({ state: order.state, now: clock.now() }), sameness: order.state };
      },
      (heard) => {
        order.hearers++;
        const stop = feed.follow(orderNo, heard);
        return () => {
          order.hearers--;
          stop();
        };
      },
    );
  return { advance, waiting, feed, followers, order, follow };
}

/** Reads along; what has come so far, as the lines a browser sees, and whether it has ended. */
function along(stream: ReadableStream<Uint8Array> | null) {
  if (!stream) throw new Error("no stream");
  const seen = { text: "", ended: false };
  const reader = stream.getReader();
  const text = new TextDecoder();
  void (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      seen.text += text.decode(value);
    }
    seen.ended = true;
  })();
  const take = async () => {
    await quiet();
    const { text: all } = seen;
    seen.text = "";
    return all.split("\n\n").filter(Boolean);
  };
  return { seen, take, leave: () => reader.cancel() };
}
const event = (state: string, now: number) => `event: order\ndata: ${JSON.stringify({ state, now })}`;

test("the order is sent at once, and again after each change, and not without one", async () => {
  const { feed, follow, order, advance } = setUp();
  const { take } = along(follow());
  expect(await take()).toEqual(["retry: 2000", event("a", 0)]);
  feed.changed(orderNo);
  expect(await take()).toEqual([]);
  order.state = "b";
  await advance(1);
  feed.changed(orderNo);
  feed.changed(orderNo);
  expect(await take()).toEqual([event("b", 1)]);
  feed.changed("E00010000000000002" as OrderNo);
  expect(await take()).toEqual([]);
});

test("a change whose word was lost is sent with the next heartbeat, and a heartbeat comes also without a change", async () => {
  const { follow, order, advance } = setUp();
  const { take } = along(follow());
  await take();
  order.state = "b";
  await advance(15 * secondMs - 1);
  expect(await take()).toEqual([]);
  await advance(1);
  expect(await take()).toEqual([": still here", event("b", 15_000)]);
  await advance(30 * secondMs);
  expect(await take()).toEqual([": still here", ": still here"]);
});

test("word of a change that comes while the order is being read is not lost", async () => {
  const { clock, advance } = countedClock();
  const followers = createFollowers({ clock, lifetimeMs: minuteMs, perUserMax: 1 });
  const reads: ((state: string) => void)[] = [];
  let heard = () => {};
  const stream = followers.follow(
    user,
    () => new Promise((resolve) => reads.push((state) => resolve({ json: state, sameness: state }))),
    (call) => {
      heard = call;
      return () => {};
    },
  );
  const { take } = along(stream);
  await take();
  heard();
  heard();
  reads[0]!("a");
  expect(await take()).toEqual(["event: order\ndata: a"]);
  expect(reads.length).toBe(2);
  reads[1]!("b");
  expect(await take()).toEqual(["event: order\ndata: b"]);
  expect(reads.length).toBe(2);
  followers.closeAll();
  await advance(0);
});

test("an order that cannot be read just now is read again later", async () => {
  const { follow, order, advance } = setUp();
  order.fails = true;
  const { take } = along(follow());
  expect(await take()).toEqual(["retry: 2000"]);
  order.fails = false;
  await advance(15 * secondMs);
  expect(await take()).toEqual([": still here", event("a", 15_000)]);
});

test("an account follows only so many at once, and whoever leaves makes room", async () => {
  const { follow, followers, order } = setUp({ perUserMax: 2 });
  const first = along(follow());
  along(follow());
  expect(follow()).toBeNull();
  along(follow(8 as UserId));
  expect([followers.openCount(), order.hearers]).toEqual([3, 3]);
  await first.leave();
  expect([followers.openCount(), order.hearers]).toEqual([2, 2]);
  along(follow());
  expect(follow()).toBeNull();
});

test("a stream ends after its lifetime", async () => {
  const { follow, followers, advance, waiting, order } = setUp();
  const { seen } = along(follow());
  await advance(10 * minuteMs - 1);
  await quiet();
  expect([seen.ended, followers.openCount()]).toEqual([false, 1]);
  await advance(1);
  await quiet();
  expect([seen.ended, followers.openCount(), waiting.size, order.hearers]).toEqual([true, 0, 0, 0]);
});

test("however a stream ends, no timer and no listener stays behind", async () => {
  const { follow, followers, waiting, order, advance, feed } = setUp({ perUserMax: 9 });
  const streams = [1, 2, 3].map(() => along(follow()));
  await quiet();
  expect(waiting.size).toBe(6);
  await streams[0]!.leave();
  expect(waiting.size).toBe(4);
  followers.closeAll();
  await quiet();
  expect([waiting.size, order.hearers, followers.openCount()]).toEqual([0, 0, 0]);
  expect(streams.map(({ seen }) => seen.ended)).toEqual([true, true, true]);
  const { reads } = order;
  feed.changed(orderNo);
  await advance(minuteMs);
  expect(order.reads).toBe(reads);
});

test("who comes while the house is closing is sent away to come back, and holds nothing up", async () => {
  const { follow, followers, waiting, order } = setUp();
  followers.closeAll();
  const { seen, take } = along(follow());
  expect(await take()).toEqual(["retry: 2000"]);
  expect([seen.ended, waiting.size, order.hearers, followers.openCount()]).toEqual([true, 0, 0, 0]);
});

test("an order is followed from its acceptance to its ticket, and only by its owner", async () => {
  const world = await createWorld();
  const { orderNo: no, totalFen } = sold(await world.submit(1));
  expect(await world.events(2, no)).toBe("OrderUnknown");
  const { take, seen } = along((await world.events(1, no)) as ReadableStream<Uint8Array>);
  const orderIn = (message: string) => JSON.parse(message.split("data: ")[1] ?? "null");
  const statesIn = (messages: string[]) => messages.flatMap((message) => orderIn(message)?.state ?? []);
  await world.rest();
  await world.pay(no, totalFen);
  const told = statesIn(await take());
  expect(told.at(-1)).toBe("ticketed");
  expect(told.length).toBe(new Set(told).size);
  const last = sold(await world.refund(1, no, [`${no}-1`]));
  await world.rest();
  const [refunded] = await take();
  expect(orderIn(refunded!)).toEqual(last);
  world.settle();
  await world.rest();
  expect((await take()).length).toBe(1);
  await world.advance(sessionTtlMs);
  expect([seen.ended, world.room().eventStreams()]).toEqual([true, 0]);
});

test("the ninth stream of an account is refused", async () => {
  const world = await createWorld();
  const { orderNo: no } = sold(await world.submit(1));
  for (let n = 0; n < eventStreamsPerUserMax; n++) expect(typeof (await world.events(1, no))).toBe("object");
  expect(await world.events(1, no)).toBe("TooManyRequests");
  world.room().closeEventStreams();
});
