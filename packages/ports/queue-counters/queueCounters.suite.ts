/** What all counters of queues keep to. */
import { expect, test } from "bun:test";
import { type EpochMs, epochMs, minuteMs, secondMs, type UserId } from "@chepiao/kernel";
import type { QueueCounters } from "./queueCounters.ts";

const opensAt = epochMs(1_000_000);
const before = epochMs(opensAt - 10 * secondMs);
const at = (ms: number): EpochMs => epochMs(opensAt + ms);
const stayMs = 10 * minuteMs;
const keepMs = 5 * minuteMs;
const calledMs = 30 * secondMs;
const queueId = "testqueue";

export function queueCountersSuite(adapter: string, open: () => Promise<QueueCounters> | QueueCounters): void {
  const join = (counters: QueueCounters, lot: string, now: EpochMs, more: { userId?: number; known?: number } = {}) =>
    counters.join(queueId, {
      lot,
      userId: (more.userId ?? 1) as UserId,
      now,
      opensAt,
      known: more.known ?? 0,
      stayMs,
    });
  const serve = (counters: QueueCounters, count: number, now: EpochMs) =>
    counters.serve(queueId, { count, now, calledMs, keepMs, seats: 7 });
  const enter = (counters: QueueCounters, lot: string, position: number, now: EpochMs, more = {}) =>
    counters.enter(queueId, {
      lot,
      userId: 1 as UserId,
      position,
      now,
      insideMs: minuteMs,
      activeMax: 2,
      stayMs,
      ...more,
    });
  /** Lots that were drawn in that order, and the queue open. */
  async function opened(lots: readonly string[]): Promise<QueueCounters> {
    const counters = await open();
    for (const lot of lots) await join(counters, lot, before);
    await counters.close(queueId);
    await counters.place(queueId, 1, lots);
    await counters.drawn(queueId, lots.length);
    return counters;
  }

  test(`${adapter}: before the opening there are lots, one a person, and nobody has a place`, async () => {
    const counters = await open();
    expect(await counters.state(queueId)).toMatchObject({ lots: 0, closed: false, taken: 0, served: 0, seats: null });
    expect([await join(counters, "anna", before), await join(counters, "bert", before)]).toEqual([0, 0]);
    expect([await join(counters, "anna", before), await join(counters, "anna", before, { userId: 2 })]).toEqual([
      0,
      "other",
    ]);
    expect((await counters.state(queueId)).lots).toBe(2);
    const collected = new Set<string>();
    for await (const lots of counters.collected(queueId)) for (const lot of lots) collected.add(lot);
    expect([...collected].toSorted()).toEqual(["anna", "bert"]);
  });

  test(`${adapter}: who comes after the opening is behind all lots, also before they are drawn`, async () => {
    const counters = await open();
    await join(counters, "anna", before);
    await join(counters, "bert", before);
    expect([await join(counters, "carl", at(0)), await join(counters, "dora", at(1))]).toEqual([3, 4]);
    expect(await join(counters, "anna", at(2))).toBe(0);
    await counters.place(queueId, 1, ["bert", "anna"]);
    await counters.drawn(queueId, 2);
    expect([await join(counters, "anna", at(3)), await join(counters, "bert", at(3))]).toEqual([2, 1]);
    expect(await counters.state(queueId)).toEqual({
      lots: 2,
      closed: true,
      drawn: true,
      taken: 4,
      served: 0,
      lost: 0,
      seats: null,
    });
  });

  test(`${adapter}: nobody comes in before being called, and of those who are no more than there is room for`, async () => {
    const counters = await opened(["anna", "bert", "carl", "dora"]);
    expect(await enter(counters, "anna", 1, at(10))).toEqual({ turn: "waits", position: 1 });
    expect(await serve(counters, 2, at(20))).toMatchObject({ served: 2, seats: 7 });
    expect(await counters.inside(queueId, at(20))).toBe(2);
    expect((await enter(counters, "anna", 1, at(30))).turn).toBe("inside");
    expect((await enter(counters, "carl", 3, at(30))).turn).toBe("waits");
    expect(await counters.inside(queueId, at(30))).toBe(2);
    // Bert does not come: his place inside is free again, his place in the queue stays his.
    expect(await counters.inside(queueId, at(20 + calledMs))).toBe(1);
    await serve(counters, 1, at(21 + calledMs));
    expect((await enter(counters, "carl", 3, at(22 + calledMs))).turn).toBe("inside");
    expect((await enter(counters, "bert", 2, at(23 + calledMs))).turn).toBe("full");
    await counters.leave(queueId, "anna");
    expect((await enter(counters, "bert", 2, at(24 + calledMs))).turn).toBe("inside");
  });

  test(`${adapter}: who does not say any more that he is inside is outside, and who stays too long, too`, async () => {
    const counters = await opened(["anna", "bert"]);
    await serve(counters, 2, at(0));
    await enter(counters, "anna", 1, at(1));
    await enter(counters, "bert", 2, at(1));
    for (let now = 30 * secondMs; now <= stayMs; now += 30 * secondMs)
      expect((await enter(counters, "anna", 1, at(now))).turn).toBe("inside");
    expect(await counters.inside(queueId, at(stayMs))).toBe(1);
    expect((await enter(counters, "anna", 1, at(stayMs + 2))).turn).toBe("lost");
    expect(await counters.inside(queueId, at(stayMs + 2))).toBe(0);
    expect(await join(counters, "anna", at(stayMs + 3))).toBe(3);
    expect((await enter(counters, "anna", 1, at(stayMs + 4))).turn).toBe("waits");
  });

  test(`${adapter}: a place that was called is kept for its time, and lost after it`, async () => {
    const counters = await opened(["anna", "bert", "carl"]);
    await serve(counters, 1, at(0));
    await serve(counters, 1, at(minuteMs));
    expect((await serve(counters, 0, at(keepMs - 1))).lost).toBe(0);
    expect((await enter(counters, "anna", 1, at(keepMs - 1))).turn).toBe("inside");
    expect((await serve(counters, 0, at(keepMs + minuteMs))).lost).toBe(2);
    expect((await enter(counters, "bert", 2, at(keepMs + minuteMs))).turn).toBe("lost");
    expect(await join(counters, "bert", at(keepMs + minuteMs))).toBe(4);
    expect((await serve(counters, 0, at(keepMs + minuteMs))).lost).toBe(2);
  });

  test(`${adapter}: what was lost is raised to what is known, and a signed place is had again`, async () => {
    const counters = await opened([]);
    await counters.raise(queueId, { taken: 50, served: 20 });
    await counters.raise(queueId, { taken: 10, served: 30 });
    expect(await counters.state(queueId)).toMatchObject({ taken: 50, served: 30 });
    expect(await join(counters, "anna", at(1), { known: 42 })).toBe(42);
    expect(await join(counters, "bert", at(1), { known: 77 })).toBe(77);
    expect(await join(counters, "carl", at(1))).toBe(78);
    expect((await enter(counters, "dora", 25, at(2))).turn).toBe("inside");
    expect((await enter(counters, "dora", 25, at(2), { userId: 2 as UserId })).turn).toBe("other");
  });

  test(`${adapter}: of many who come at once each has a place of his own, without a gap`, async () => {
    const counters = await opened([]);
    const places = await Promise.all(Array.from({ length: 200 }, (_, n) => join(counters, `lot${n}`, at(1))));
    expect(places.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
    const again = await Promise.all(Array.from({ length: 200 }, (_, n) => join(counters, `lot${n}`, at(2))));
    expect(again).toEqual(places);
    await counters.forget(queueId);
    expect(await counters.state(queueId)).toMatchObject({ lots: 0, taken: 0, served: 0, closed: false, drawn: false });
  });
}
