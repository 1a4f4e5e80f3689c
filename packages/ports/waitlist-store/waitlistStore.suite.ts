/** The rules of the waitlist's store, for every adapter. */
import { expect, test } from "bun:test";
import { type LogRecord, type RunId, runId } from "@chepiao/contracts";
import {
  addDays,
  createIdSource,
  type EpochMs,
  epochMs,
  fen,
  hourMs,
  minuteMs,
  type OrderId,
  orderNoOf,
  type PassengerId,
  serviceDate,
  type UserId,
} from "@chepiao/kernel";
import type { Outbox } from "@chepiao/ports/outbox";
import type {
  AddedTrains,
  WaitlistChoice,
  WaitlistOutcomes,
  WaitlistRecord,
  WaitlistRelease,
  WaitlistStore,
} from "./waitlistStore.ts";

type Subject = { readonly store: WaitlistStore; readonly outbox: Outbox; close?(): Promise<void> };

const now = epochMs(Date.UTC(2026, 10, 20, 4));
const day = serviceDate("2026-12-01");
const g1 = runId("G1", day);
const g2 = runId("G2", day);
const later = (byMs: number): EpochMs => epochMs(now + byMs);

export function waitlistStoreSuite(adapter: string, create: () => Promise<Subject> | Subject): void {
  const ids = createIdSource(3);
  const rule = (name: string, check: (subject: Subject) => Promise<void>) =>
    test(`${adapter}: ${name}`, async () => {
      const subject = await create();
      try {
        await check(subject);
      } finally {
        await subject.close?.();
      }
    });

  let key = 0;
  const entryOf = (over: Partial<WaitlistRecord> = {}, runs: readonly RunId[] = [g1]): WaitlistRecord => {
    const userId = over.userId ?? (7 as UserId);
    return {
      entryId: ids.orderId(userId, now),
      userId,
      state: "awaitingPrepayment",
      version: 0,
      passengers: [
        { passengerId: 11 as PassengerId, ticketType: "adult" },
        { passengerId: 12 as PassengerId, ticketType: "student" },
      ],
      choices: runs.map((run, choice) => choiceOf(run, choice)),
      acceptsStanding: true,
      addedTrains: null,
      policyVersion: 3,
      endBy: later(24 * hourMs),
      deadlineMinutes: 360,
      prepayFen: fen(110_600),
      prepayBy: later(10 * minuteMs),
      captured: null,
      place: null,
      granted: null,
      grantCount: 0,
      idempotencyKey: `key-${key++}`,
      requestHash: "h",
      createdAt: now,
      endedBecause: null,
      endedAt: null,
      nextAt: later(15 * minuteMs),
      ...over,
    };
  };
  const prepaid = (entry: WaitlistRecord, place: number): WaitlistRecord => ({
    ...entry,
    state: "waiting",
    captured: {
      paymentNo: "P00010000001",
      orderNo: orderNoOf(entry.entryId),
      amountFen: entry.prepayFen,
      capturedAt: epochMs(place),
      mac: "a".repeat(64),
    },
    place,
    nextAt: later(hourMs),
  });
  async function waiting(store: WaitlistStore, place: number, runs: readonly RunId[], userId: number) {
    const entry = entryOf({ userId: userId as UserId }, runs);
    await store.add(entry, 6);
    await store.change({ entry: prepaid(entry, place), messages: [] }, now);
    return (await store.load(entry.entryId))!;
  }

  rule("an entry is found as it was added, by its id, its key and its owner", async ({ store }) => {
    const entry = entryOf({}, [g1, g2]);
    expect(await store.add(entry, 6)).toEqual({ kind: "added" });
    expect(await store.load(entry.entryId)).toEqual(entry);
    expect(await store.ofKey(entry.userId, entry.idempotencyKey)).toEqual(entry);
    expect(await store.ofKey(8 as UserId, entry.idempotencyKey)).toBeNull();
    expect(await store.load((entry.entryId + 2_048) as OrderId)).toBeNull();
    expect(await store.add({ ...entry, entryId: ids.orderId(entry.userId, now) }, 6)).toEqual({ kind: "known", entry });
    const second = entryOf();
    await store.add(second, 6);
    expect(await store.highestId()).toBeGreaterThanOrEqual(second.entryId);
    expect(await store.ofUser(entry.userId, { limit: 10 })).toEqual([second, entry]);
    expect(await store.ofUser(entry.userId, { limit: 10, before: second.entryId })).toEqual([entry]);
  });

  rule(
    "an account has so many entries that have not ended, and no more, however many come at once",
    async ({ store }) => {
      const added = await Promise.all(Array.from({ length: 5 }, () => store.add(entryOf(), 2)));
      expect(added.map(({ kind }) => kind).sort()).toEqual(["added", "added", "full", "full", "full"]);
      expect((await store.add(entryOf({ userId: 8 as UserId }), 2)).kind).toBe("added");
      const [first] = await store.ofUser(7 as UserId, { limit: 1 });
      await store.change({ entry: { ...first!, state: "cancelled", nextAt: null }, messages: [] }, now);
      expect((await store.add(entryOf(), 2)).kind).toBe("added");
      expect((await store.add(entryOf(), 2)).kind).toBe("full");
    },
  );

  rule("a limit that was lowered counts those that wait from before", async ({ store }) => {
    const entries = Array.from({ length: 4 }, () => entryOf());
    for (const entry of entries) await store.add(entry, 4);
    for (const entry of entries.slice(0, 2))
      await store.change({ entry: { ...entry, state: "cancelled", nextAt: null }, messages: [] }, now);
    expect(await store.add(entryOf(), 2)).toEqual({ kind: "full" });
    expect(await store.add(entryOf(), 3)).toEqual({ kind: "added" });
    expect(await store.add(entryOf(), 3)).toEqual({ kind: "full" });
  });

  rule("of two changes that were decided on one version, one is made, with its messages", async ({ store, outbox }) => {
    const entry = entryOf({}, [g1, g2]);
    await store.add(entry, 6);
    const message: LogRecord = {
      topic: "payment-refund-topic",
      key: g1,
      value: {
        refundNo: "R",
        paymentNo: "P",
        orderNo: orderNoOf(entry.entryId),
        ticketNo: null,
        amountFen: fen(1),
        feeFen: fen(0),
        reason: "waitlistEnded",
      },
    };
    const waits = prepaid(entry, now + 5);
    const ended: WaitlistRecord = { ...entry, state: "cancelled", endedAt: later(1), nextAt: null };
    const made = [
      await store.change({ entry: waits, messages: [] }, now),
      await store.change({ entry: ended, messages: [message] }, now),
    ];
    expect(made).toEqual([true, false]);
    expect(await store.load(entry.entryId)).toEqual({ ...waits, version: 1 });
    expect(await outbox.pending(later(hourMs), 10)).toEqual([]);

    const choices = waits.choices.map((choice, n) =>
      n === 0 ? { ...choice, endedBecause: "TripOverlaps" as const, endedAt: later(9) } : choice,
    );
    const granted: WaitlistRecord = {
      ...waits,
      version: 1,
      state: "granted",
      granted: { choice: 1, seatClass: "first" },
      grantCount: 1,
      choices,
    };
    expect(await store.change({ entry: granted, messages: [message] }, now)).toBe(true);
    expect(await store.load(entry.entryId)).toEqual({ ...granted, version: 2 });
    expect((await outbox.pending(later(hourMs), 10)).map(({ record }) => record)).toEqual([message]);
  });

  rule(
    "whether an account waits, and whether it ever prepaid, is known of entries of all states",
    async ({ store }) => {
      const standing = (userId: number) =>
        Promise.all([store.hasPending(userId as UserId), store.hasPrepaid(userId as UserId)]);
      expect(await standing(1)).toEqual([false, false]);
      await store.add(entryOf({ userId: 1 as UserId }), 6);
      expect(await standing(1)).toEqual([true, false]);
      const entry = await waiting(store, now + 10, [g1], 2);
      expect([await standing(1), await standing(2)]).toEqual([
        [true, false],
        [true, true],
      ]);
      for (const state of ["granted", "cancelled"] as const) {
        expect(await standing(2)).toEqual([true, true]);
        const { version } = (await store.load(entry.entryId))!;
        await store.change({ entry: { ...entry, version, state }, messages: [] }, now);
      }
      expect(await standing(2)).toEqual([false, true]);
    },
  );

  rule("a run's entries are those that it may serve, in order of their places", async ({ store }) => {
    const third = await waiting(store, now + 30, [g1], 3);
    const first = await waiting(store, now + 10, [g1, g2], 1);
    const second = await waiting(store, now + 20, [g2], 2);
    await store.add(entryOf({ userId: 4 as UserId }), 6);
    expect(await store.ofRun(g1)).toEqual([first, third]);
    expect(await store.ofRun(g2)).toEqual([first, second]);
    expect(await store.idsOfRun(g1)).toEqual([first.entryId, third.entryId]);
    const unknown = (third.entryId + 1_000_000_000) as OrderId;
    expect(await store.loadAll([third.entryId, unknown, first.entryId])).toEqual([third, first]);
    expect(await store.loadAll([])).toEqual([]);
    expect(await store.waitedFor()).toEqual(
      new Map([
        [g1, 2],
        [g2, 2],
      ]),
    );

    const choices = first.choices.map((choice) =>
      choice.runId === g1 ? { ...choice, endedBecause: "SaleClosed" as const, endedAt: now } : choice,
    );
    await store.change({ entry: { ...first, choices }, messages: [] }, now);
    expect(await store.ofRun(g1)).toEqual([third]);
    await store.change({ entry: { ...third, state: "granted" }, messages: [] }, now);
    expect((await store.ofRun(g1)).map(({ entryId }) => entryId)).toEqual([third.entryId]);
    await store.change({ entry: { ...third, version: 2, state: "served", nextAt: null }, messages: [] }, now);
    expect([await store.ofRun(g1), await store.idsOfRun(g1)]).toEqual([[], []]);
    expect([...(await store.waitedFor())]).toEqual([[g2, 2]]);
  });

  rule("entries come up when their time has come, the longest overdue first", async ({ store }) => {
    const slow = entryOf({ nextAt: later(20) });
    const quick = entryOf({ nextAt: later(10) });
    const over = entryOf({ nextAt: null });
    for (const entry of [slow, quick, over]) await store.add(entry, 6);
    expect(await store.due(later(9), 10)).toEqual([]);
    expect(await store.due(later(20), 10)).toEqual([quick, slow]);
    expect(await store.due(later(20), 1)).toEqual([quick]);
  });

  rule("entries that ended long ago are forgotten with their trains, and nobody else is", async ({ store }) => {
    const ended = (at: number, userId: number) =>
      entryOf({ userId: userId as UserId, state: "cancelled", endedAt: later(at), nextAt: null });
    const [first, second, third, late] = [ended(1, 1), ended(2, 1), ended(3, 2), ended(10, 1)];
    const waits = entryOf({ idempotencyKey: "still waits" });
    for (const entry of [first, second, third, late, waits]) {
      const added = { ...entry, idempotencyKey: `${entry.idempotencyKey} ${entry.entryId}` };
      await store.add(added, 6);
      await store.change({ entry: added, messages: [] }, now);
    }
    const left = async () => [...(await store.named(g1, 10))].map(({ entryId }) => entryId).sort((a, b) => a - b);
    expect(await left()).toHaveLength(5);
    expect(await store.forgetEnded(later(1), 10)).toBe(0);
    expect([await store.forgetEnded(later(10), 2), await store.forgetEnded(later(10), 2)]).toEqual([2, 1]);
    expect(await store.forgetEnded(later(10), 2)).toBe(0);
    expect(await left()).toEqual([late.entryId, waits.entryId].sort((a, b) => a - b));
    expect(await store.load(first.entryId)).toBeNull();
    expect((await store.ofUser(late.userId, { limit: 10 })).map(({ entryId }) => entryId)).toContain(late.entryId);
  });

  rule("releases are kept once, and forgotten with their run", async ({ store }) => {
    const release = (run: RunId, at: number, firstSeat = 0): WaitlistRelease => ({
      runId: run,
      at: later(at),
      seatClass: "second",
      fromStop: 0,
      toStop: 2,
      firstSeat,
      seatCount: 1,
      servedIds: [entryOf().entryId],
    });
    const old = runId("G1", addDays(day, -9));
    const [a, b, c, d] = [release(g1, 1), release(g1, 2), release(g2, 3), release(old, 4)];
    await store.addReleases([a, b]);
    await store.addReleases([b, c, d]);
    expect(await store.releases([{ runId: g1 }, { runId: g2 }], now, 10)).toEqual([c, b, a]);
    expect(await store.releases([{ runId: g1 }, { runId: g2 }], now, 2)).toEqual([c, b]);
    expect(await store.releases([{ runId: g1 }], later(2), 10)).toEqual([b]);
    expect(await store.releases([{ runId: g1 }], now, 1)).toEqual([b]);
    expect(await store.releases([{ runId: g1, until: later(1) }, { runId: g2 }], now, 10)).toEqual([c, a]);
    expect(await store.releases([], now, 10)).toEqual([]);
    expect(await store.forgetRuns(day, 10)).toBe(1);
    expect(await store.releases([{ runId: old }], now, 10)).toEqual([]);
    expect(await store.releases([{ runId: g1 }], now, 10)).toEqual([b, a]);
  });

  rule("releases that are of use are found behind any number of newer ones that are not", async ({ store }) => {
    const release = (run: RunId, at: number, over: Partial<WaitlistRelease> = {}): WaitlistRelease => ({
      runId: run,
      at: later(at),
      seatClass: "second",
      fromStop: 1,
      toStop: 3,
      firstSeat: 0,
      seatCount: 1,
      servedIds: [],
      ...over,
    });
    const [own, other] = [release(g1, 1), release(g2, 2, { seatClass: "first" })];
    const noise = Array.from({ length: 5 }, (_, n) => [
      release(g1, 10 + n, { seatClass: "first" }),
      release(g1, 20 + n, { fromStop: 0, toStop: 1 }),
      release(g1, 30 + n, { fromStop: 3, toStop: 4 }),
      release(g2, 40 + n),
    ]).flat();
    await store.addReleases([own, other, ...noise]);
    const use = (seatClass: "first" | "second") => ({ seatClasses: [seatClass], fromStop: 1, toStop: 3 });
    const asked = [
      { runId: g1, use: use("second") },
      { runId: g2, use: use("first") },
    ];
    expect(await store.releases(asked, now, 2)).toEqual([other, own]);
    expect(await store.releases(asked, now, 1)).toEqual([other]);
    expect(await store.releases(asked, later(2), 2)).toEqual([other]);
  });

  rule("those who named a run are found whatever became of them, those who came first", async ({ store }) => {
    const first = entryOf({ userId: 3 as UserId, createdAt: now, entryId: ids.orderId(3 as UserId, now) }, [g2, g1]);
    const second = entryOf({
      userId: 4 as UserId,
      createdAt: later(2_000),
      entryId: ids.orderId(4 as UserId, later(2_000)),
    });
    for (const entry of [second, first]) await store.add(entry, 6);
    const ended: WaitlistRecord = { ...first, state: "expired", endedAt: later(3), nextAt: null };
    await store.change({ entry: ended, messages: [] }, now);
    expect(await store.named(g1, 10)).toEqual([{ ...ended, version: 1 }, second]);
    expect(await store.named(g1, 1)).toEqual([{ ...ended, version: 1 }]);
    expect(await store.named(g2, 10)).toEqual([{ ...ended, version: 1 }]);
  });

  rule("what became of those who waited for a run is kept once, the newest of it", async ({ store }) => {
    await store.add(entryOf({}, [g1, g2]), 6);
    const old = runId("G1", addDays(day, -9));
    const outcomes = (run: RunId, waited: number): WaitlistOutcomes => ({
      runId: run,
      releases: [{ seatClass: "second", wayLength: 1, partySize: 2, useful: [0, 3], watchedHours: [0.5, 12] }],
      waits: [
        {
          seatClasses: ["second"],
          wayLength: 1,
          partySize: 2,
          isNew: true,
          from: 5,
          until: 0,
          ahead: 7,
          waited,
          served: 1,
        },
      ],
    });
    expect([...(await store.uncounted(day))].sort()).toEqual([g1, g2]);
    expect([...(await store.uncounted(addDays(day, 1)))]).toEqual([]);
    await store.addOutcomes(outcomes(g1, 3), now);
    await store.addOutcomes(outcomes(g1, 4), now);
    expect([...(await store.uncounted(day))]).toEqual([g2]);
    await store.addOutcomes(outcomes(g2, 5), now);
    await store.addOutcomes(outcomes(old, 6), now);
    const kept = async () => store.outcomes(null, 10);
    const all = [outcomes(old, 6), outcomes(g1, 3), outcomes(g2, 5)];
    expect(await kept()).toEqual(all);
    expect(await store.outcomes(null, 2)).toEqual(all.slice(0, 2));
    expect(await store.outcomes(g1, 2)).toEqual(all.slice(2));
    expect(await store.outcomes(g2, 2)).toEqual([]);
    expect([await store.outcomesOn(day), await store.outcomesOn(addDays(day, -9))]).toEqual([2, 1]);
    expect(await store.forgetOutcomes(addDays(day, -9), 3)).toBe(0);
    expect(await store.forgetOutcomes(addDays(day, -9), 2)).toBe(1);
    expect(await kept()).toEqual([outcomes(g1, 3), outcomes(g2, 5)]);
    expect(await store.forgetOutcomes(addDays(day, 1), 10)).toBe(2);
    expect(await kept()).toEqual([]);
  });

  rule("a run is stopped and reopened", async ({ store }) => {
    await store.setStopped(g1, true, now);
    await store.setStopped(g1, true, now);
    expect([...(await store.stopped([g1, g2]))]).toEqual([g1]);
    await store.setStopped(g1, false, now);
    expect([...(await store.stopped([g1, g2]))]).toEqual([]);
    expect([...(await store.stopped([]))]).toEqual([]);
  });

  rule(
    "an entry gets further trains, and is waited for by them like by those that it began with",
    async ({ store }) => {
      const entry = entryOf({ state: "waiting", place: now, addedTrains: { ...wish, departFrom: "08:00" } });
      await store.add(entry, 6);
      const added = { ...choiceOf(g2, 1), addedAt: later(1) };
      const ended = {
        ...choiceOf(g3, 2),
        addedAt: later(1),
        endedBecause: "WaitlistDearer" as const,
        endedAt: later(1),
      };
      const more = { ...entry, choices: [...entry.choices, added, ended] };
      expect(await store.change({ entry: more, messages: [] }, later(1))).toBe(true);
      expect(await store.load(entry.entryId)).toEqual({ ...more, version: 1 });
      expect((await store.ofRun(g2)).map(({ entryId }) => entryId)).toEqual([entry.entryId]);
      expect(await store.ofRun(g3)).toEqual([]);
      // Those that it has got stay as they are with the next change.
      expect(await store.change({ entry: { ...more, version: 1, deadlineMinutes: 60 }, messages: [] }, later(2))).toBe(
        true,
      );
      expect((await store.load(entry.entryId))!.choices).toEqual(more.choices);
    },
  );

  rule(
    "who accepts added trains is found by the last day that he accepts, a page at a time, until he has ended",
    async ({ store }) => {
      const without = entryOf();
      const some = Array.from({ length: 3 }, () => entryOf({ addedTrains: wish }));
      for (const entry of [without, ...some]) await store.add(entry, 6);
      const idsOf = async (...asked: Parameters<typeof store.acceptingAdded>) =>
        (await store.acceptingAdded(...asked)).map(({ entryId }) => entryId);
      const all = some.map(({ entryId }) => entryId);
      expect(await idsOf(day, null, 2)).toEqual(all.slice(0, 2));
      expect(await idsOf(addDays(day, 1), all[1]!, 2)).toEqual(all.slice(2));
      expect(await idsOf(addDays(day, 2), null, 9)).toEqual([]);
      await store.change({ entry: { ...some[0]!, state: "cancelled" }, messages: [] }, now);
      expect(await idsOf(day, null, 9)).toEqual(all.slice(1));
    },
  );
}

const g3 = runId("G3", day);
const wish: AddedTrains = { dates: [addDays(day, 1), day], departFrom: null, departUntil: null };

const choiceOf = (run: RunId, choice: number): WaitlistChoice => ({
  choice,
  runId: run,
  trainNumber: run.slice(0, 2),
  originDate: day,
  boardingDate: day,
  fromStop: 0,
  toStop: 2,
  fromStationId: "A",
  toStationId: "C",
  fromName: "甲",
  toName: "丙",
  departAt: epochMs(Date.UTC(2026, 11, 1)),
  arriveAt: epochMs(Date.UTC(2026, 11, 1, 3)),
  seatClasses: ["second", "first", "standing"],
  endedBecause: null,
  endedAt: null,
  addedAt: null,
});
