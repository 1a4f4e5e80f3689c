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

/** Each lot is taken by an account of its own. */
const users = new Map<string, UserId>();
function userOf(lot: string): UserId {
  const userId = users.get(lot) ?? ((users.size + 1) as UserId);
  users.set(lot, userId);
  return userId;
}
const stranger = 1_000_000 as UserId;

export function queueCountersSuite(adapter: string, open: () => Promise<QueueCounters> | QueueCounters): void {
  type Joining = { readonly userId?: UserId; readonly known?: number };
  const ask = (counters: QueueCounters, lot: string, now: EpochMs, { userId = userOf(lot), known }: Joining = {}) =>
    counters.join(queueId, { lot, userId, now, opensAt, known: known ?? null, stayMs });
  /** The place alone. */
  async function join(counters: QueueCounters, lot: string, now: EpochMs, more: Joining = {}) {
    const joined = await ask(counters, lot, now, more);
    if (joined === "other") return joined;
    expect(joined.lot).toBe(lot);
    return joined.position;
  }
  const serve = (counters: QueueCounters, count: number, now: EpochMs, activeMax = 1_000) =>
    counters.serve(queueId, { count, now, calledMs, keepMs, activeMax, seats: 7 });
  const enter = (counters: QueueCounters, lot: string, position: number, now: EpochMs, more = {}) =>
    counters.enter(queueId, {
      lot,
      userId: userOf(lot),
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
    expect([await join(counters, "anna", before), await join(counters, "anna", before, { userId: stranger })]).toEqual([
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
    expect([await join(counters, "carl", at(0)), await join(counters, "dora", at(1))]).toEqual([-1, -2]);
    expect([await join(counters, "anna", at(2)), await join(counters, "carl", at(2))]).toEqual([0, -1]);
    expect((await enter(counters, "carl", -1, at(2))).turn).toBe("waits");
    expect(await counters.state(queueId)).toMatchObject({ lots: 2, closed: false, drawn: false, taken: 0 });
    await counters.close(queueId);
    expect(await join(counters, "emil", at(2))).toBe(-3);
    await counters.place(queueId, 1, ["bert", "anna"]);
    await counters.drawn(queueId, 2);
    await counters.drawn(queueId, 2);
    expect([await join(counters, "anna", at(3)), await join(counters, "bert", at(3))]).toEqual([2, 1]);
    expect([await join(counters, "carl", at(3)), await join(counters, "dora", at(3))]).toEqual([3, 4]);
    expect((await enter(counters, "emil", -3, at(3))).position).toBe(5);
    expect(await join(counters, "fred", at(3))).toBe(6);
    expect(await counters.state(queueId)).toEqual({
      lots: 2,
      closed: true,
      drawn: true,
      taken: 6,
      served: 0,
      lost: 0,
      seats: null,
    });
  });

  test(`${adapter}: a lot that was lost is had again by who shows it, until no lot is taken any more`, async () => {
    const counters = await open();
    await counters.take(queueId, [
      { lot: "anna", userId: userOf("anna") },
      { lot: "bert", userId: userOf("bert") },
    ]);
    await counters.take(queueId, [{ lot: "anna", userId: stranger }]);
    expect([await join(counters, "anna", at(5)), await join(counters, "bert", at(5))]).toEqual([0, 0]);
    // After the opening, and before the draw: lost with all that was in memory.
    expect([await join(counters, "carl", at(5), { known: 0 }), await join(counters, "dora", at(5))]).toEqual([0, -1]);
    expect(await join(counters, "emil", at(5), { known: -7 })).toBe(-7);
    expect((await counters.state(queueId)).lots).toBe(3);
    await counters.close(queueId);
    expect(await join(counters, "fred", at(6), { known: 0 })).toBe(-8);
    await counters.place(queueId, 1, ["carl", "bert", "anna"]);
    await counters.drawn(queueId, 3);
    expect(await join(counters, "emil", at(7))).toBe(10);
    expect(await join(counters, "gina", at(7), { known: -2 })).toBe(5);
    expect(await join(counters, "hans", at(7))).toBe(12);
  });

  test(`${adapter}: an account has one lot, whoever it says it is later`, async () => {
    const counters = await open();
    await join(counters, "anna", before);
    const again = await ask(counters, "another person", before, { userId: userOf("anna") });
    expect(again).toEqual({ lot: "anna", position: 0 });
    expect((await counters.state(queueId)).lots).toBe(1);
    expect(await ask(counters, "another person", before, { userId: stranger })).toEqual({
      lot: "another person",
      position: 0,
    });
    expect(await ask(counters, "anna", before, { userId: stranger })).toEqual({ lot: "another person", position: 0 });
    await counters.take(queueId, [{ lot: "bert", userId: userOf("bert") }]);
    expect(await ask(counters, "carl", before, { userId: userOf("bert") })).toEqual({ lot: "bert", position: 0 });
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

  test(`${adapter}: room that gets free is for those who were called and found it full, in their order, and only then for new calls`, async () => {
    const counters = await opened(["anna", "bert", "carl", "dora", "emil", "fred"]);
    await serve(counters, 4, at(0));
    const late = calledMs + 1;
    for (const [n, lot] of ["anna", "bert"].entries()) await enter(counters, lot, n + 1, at(late));
    // In another order than that of their places.
    expect((await enter(counters, "dora", 4, at(late))).turn).toBe("full");
    expect((await enter(counters, "carl", 3, at(late))).turn).toBe("full");
    await counters.leave(queueId, "bert");
    expect((await enter(counters, "dora", 4, at(late + 1))).turn).toBe("full");
    expect((await serve(counters, 2, at(late + 2), 2)).served).toBe(4);
    expect((await enter(counters, "dora", 4, at(late + 3))).turn).toBe("full");
    expect((await enter(counters, "carl", 3, at(late + 3))).turn).toBe("inside");
    await counters.leave(queueId, "anna");
    await counters.leave(queueId, "carl");
    // Dora has one, and one more is called.
    expect((await serve(counters, 2, at(late + 4), 2)).served).toBe(5);
    expect((await enter(counters, "dora", 4, at(late + 5))).turn).toBe("inside");
    expect((await enter(counters, "emil", 5, at(late + 5))).turn).toBe("inside");
    expect((await enter(counters, "fred", 6, at(late + 5))).turn).toBe("waits");
  });

  test(`${adapter}: who finds it full and goes on asking keeps the place, and who gives up is waited for a minute`, async () => {
    const counters = await opened(["anna", "bert", "carl", "dora"]);
    await serve(counters, 4, at(0));
    for (let now = calledMs + 1; now <= keepMs + minuteMs; now += 20 * secondMs) {
      await enter(counters, "anna", 1, at(now));
      await enter(counters, "bert", 2, at(now));
      expect((await enter(counters, "carl", 3, at(now))).turn).toBe("full");
      if (now < minuteMs) expect((await enter(counters, "dora", 4, at(now))).turn).toBe("full");
    }
    const lateMs = keepMs + minuteMs;
    expect((await serve(counters, 0, at(lateMs), 2)).lost).toBe(4);
    expect((await enter(counters, "dora", 4, at(lateMs))).turn).toBe("lost");
    expect((await enter(counters, "carl", 3, at(lateMs))).turn).toBe("full");
    await counters.leave(queueId, "anna");
    await serve(counters, 0, at(lateMs + 1), 2);
    expect((await enter(counters, "carl", 3, at(lateMs + 2))).turn).toBe("inside");
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
    expect((await enter(counters, "dora", 25, at(2), { userId: stranger })).turn).toBe("other");
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
