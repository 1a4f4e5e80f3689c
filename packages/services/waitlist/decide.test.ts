/** What happens to an entry of the waitlist, event by event, and what becomes of its prepayment (I3). */
import { expect, test } from "bun:test";
import { policyDefault, type RefundDue, runId, waitlistStates, withChanges } from "@chepiao/contracts";
import { epochMs, fen, hourMs, minuteMs } from "@chepiao/kernel";
import type { NotRun } from "@chepiao/ports/run-states";
import {
  isPending,
  type WaitlistChange,
  type WaitlistChoice,
  type WaitlistRecord,
} from "@chepiao/ports/waitlist-store";
import {
  askAgainMs,
  decideCancel,
  decideDeadline,
  decideGranted,
  decideJoinAgain,
  decideJoined,
  decideNotOrdered,
  decideOrdered,
  decideOrderLost,
  decidePrepaid,
  decideRunCancelled,
  decideTime,
} from "./decide.ts";
import { capturedFor, choiceOf, day, departure, entryOf, later, now, waitingEntry } from "./testing.ts";

const given = (choice: number) => ({ runId: runId(`G${choice + 1}`, day), choice, seatClass: "second" as const });
const granted = (entry: WaitlistRecord, choice = 0, at = now): WaitlistRecord => {
  const outcome = decideGranted(entry, given(choice), at);
  if (outcome.kind !== "granted") throw new Error(outcome.kind);
  return outcome.change.entry;
};
const rules = policyDefault.waitlist;
/** What of an entry's prepayment a change sends back. */
const backOf = (change: WaitlistChange | null) =>
  change?.messages.map(({ value }) => (value as RefundDue).amountFen) ?? null;

test("its prepayment gives an entry its place, by the moment at which it was paid, within our own clock", () => {
  const entry = entryOf();
  const placeOf = (capturedAt: number) => {
    const outcome = decidePrepaid(entry, capturedFor(entry, { capturedAt: epochMs(capturedAt) }), later(5 * minuteMs));
    return outcome.kind === "joined" ? outcome.change.entry.place! - now : outcome.kind;
  };
  expect([placeOf(later(minuteMs)), placeOf(later(hourMs)), placeOf(now - hourMs)]).toEqual([
    minuteMs,
    5 * minuteMs,
    0,
  ]);
});

test("I7: a prepayment that is told again is known; another one, too little and too late go back", () => {
  const entry = waitingEntry();
  expect(decidePrepaid(entry, capturedFor(entry), now).kind).toBe("known");
  const others = [
    decidePrepaid(entry, capturedFor(entry, { paymentNo: "P2" }), now),
    decidePrepaid(entryOf(), capturedFor(entry, { amountFen: fen(1) }), now),
    decidePrepaid(entryOf({ state: "expired" }), capturedFor(entry), now),
    decidePrepaid(entryOf({ state: "cancelled" }), capturedFor(entry), now),
  ];
  expect(others.map(({ kind }) => kind)).toEqual(["payBack", "payBack", "payBack", "payBack"]);
});

test("of all that an entry is given it takes one, in time, for a train that it still waits for", () => {
  const entry = waitingEntry();
  const first = granted(entry);
  expect(first).toMatchObject({ state: "granted", granted: { choice: 0, seatClass: "second" }, grantCount: 1 });
  expect(decideGranted(first, given(0), now).kind).toBe("again");
  // The other seats wait for what becomes of the first, or an entry whose first order is refused would have lost both.
  expect(decideGranted(first, given(1), now).kind).toBe("later");
  const served = decideOrdered(first, now)!.entry;
  expect(decideGranted(served, given(0), now).kind).toBe("ordered");
  expect(decideGranted(served, given(1), now).kind).toBe("unwanted");
  expect(decideGranted(entry, given(0), epochMs(departure - hourMs)).kind).toBe("unwanted");
  expect(decideGranted(entry, given(0), epochMs(departure - hourMs - 1)).kind).toBe("granted");
  expect(decideGranted(entry, { ...given(0), runId: runId("G9", day) }, now).kind).toBe("unwanted");
  expect(decideGranted(entry, { ...given(0), choice: 9 }, now).kind).toBe("unwanted");
  const without = waitingEntry({ choices: [choiceOf(0, { endedBecause: "TripOverlaps", endedAt: now }), choiceOf(1)] });
  expect(decideGranted(without, given(0), now).kind).toBe("unwanted");
  for (const state of waitlistStates.filter((each) => !["waiting", "granted", "served"].includes(each)))
    expect(decideGranted(entryOf({ state }), given(0), now).kind).toBe("unwanted");
});

test("a conflict ends that train for the entry, and with the last one the entry; its money goes back once", () => {
  const one = decideNotOrdered(granted(waitingEntry()), "TripOverlaps", later(5))!;
  expect(one.entry).toMatchObject({ state: "waiting", granted: null, endedBecause: null });
  expect(one.entry.choices.map(({ endedBecause }) => endedBecause)).toEqual(["TripOverlaps", null]);
  expect(backOf(one)).toEqual([]);
  const both = decideNotOrdered(granted(one.entry, 1), "UserRunLimit", later(9))!;
  expect(both.entry).toMatchObject({ state: "failed", endedBecause: "UserRunLimit", endedAt: later(9), nextAt: null });
  expect(backOf(both)).toEqual([both.entry.prepayFen]);
  expect(decideNotOrdered(both.entry, "UserRunLimit", later(10))).toBeNull();
});

test("seats that are gone end nothing: the entry waits on, in its place", () => {
  const before = waitingEntry();
  const { entry, messages } = decideNotOrdered(granted(before), "SoldOut", now)!;
  expect(entry).toMatchObject({ state: "waiting", place: before.place, granted: null });
  expect(entry.choices).toEqual(before.choices);
  expect(messages).toEqual([]);
});

test("an entry that is not prepaid in time ends, and money on its way is waited for a little longer", () => {
  const entry = entryOf();
  expect(decideTime(entry, entry.prepayBy)).toBeNull();
  const change = decideTime(entry, epochMs(entry.prepayBy + 5 * minuteMs))!;
  expect(change.entry).toMatchObject({ state: "expired", nextAt: null });
  expect(backOf(change)).toEqual([]);
});

test("each train ends at its own deadline, and the entry with the last of them, with all its money", () => {
  const entry = waitingEntry();
  expect(decideTime(entry, epochMs(departure - hourMs - 1))).toBeNull();
  const first = decideTime(entry, epochMs(departure - hourMs))!;
  expect(first.entry).toMatchObject({ state: "waiting", nextAt: departure });
  expect(first.entry.choices.map(({ endedBecause }) => endedBecause)).toEqual(["WaitlistTooLate", null]);
  const last = decideTime(first.entry, departure)!;
  expect(last.entry).toMatchObject({ state: "expired", endedBecause: null });
  expect(backOf(last)).toEqual([entry.prepayFen]);
});

test("what was given seats is decided to its end: neither the clock nor its owner comes between", () => {
  const entry = granted(waitingEntry());
  expect(decideTime(entry, epochMs(departure + hourMs))).toBeNull();
  expect(decideCancel(entry, now)).toMatchObject({ ok: false, error: { code: "WaitlistNotChangeable" } });
  expect(decideDeadline(entry, 20, rules, now).ok).toBe(false);
});

test("a train that does not run ends for the entry, once; with its last one the entry ends, and all its money goes back", () => {
  const entry = waitingEntry();
  const [one, other] = entry.choices.map(({ runId: id }) => ({ runId: id, skipped: null })) as [NotRun, NotRun];
  const first = decideRunCancelled(entry, one, later(1))!;
  expect(first.entry).toMatchObject({ state: "waiting", endedBecause: null });
  expect(first.entry.choices.map(({ endedBecause }) => endedBecause)).toEqual(["RunCancelled", null]);
  expect(first.messages).toEqual([]);
  expect(decideRunCancelled(first.entry, one, later(2))).toBeNull();
  const last = decideRunCancelled(first.entry, other, later(3))!;
  expect(last.entry).toMatchObject({ state: "failed", endedBecause: "RunCancelled" });
  expect(last.messages).toMatchObject([{ value: { amountFen: entry.prepayFen, reason: "waitlistEnded" } }]);
  // What was given seats is decided to its end.
  expect(decideRunCancelled(granted(waitingEntry()), one, later(1))).toBeNull();
  expect(decideRunCancelled(entry, { ...one, runId: runId("G404", day) }, later(1))).toBeNull();
});

test("a train that is shortened ends for those entries alone that get in or out beyond", () => {
  const entry = waitingEntry();
  const [{ runId: id, fromStop, toStop }] = entry.choices as [WaitlistChoice];
  expect(decideRunCancelled(entry, { runId: id, skipped: [toStop + 1] }, later(1))).toBeNull();
  for (const stop of [fromStop, toStop]) {
    const { choices } = decideRunCancelled(entry, { runId: id, skipped: [stop] }, later(1))!.entry;
    expect(choices.map(({ endedBecause }) => endedBecause)).toEqual(["RunCancelled", null]);
  }
});

test("its owner ends it at any time before, and has all the money back", () => {
  const change = decideCancel(waitingEntry(), now);
  expect(change.ok && backOf(change.value)).toEqual([fen(20_000)]);
  const unpaid = decideCancel(entryOf(), now);
  expect(unpaid.ok && [unpaid.value.entry.state, backOf(unpaid.value)]).toEqual(["cancelled", []]);
  expect(change.ok && decideCancel(change.value.entry, now).ok).toBe(false);
});

test("a deadline is changed while a train is left for it", () => {
  const changed = decideDeadline(waitingEntry(), 20, rules, now);
  expect(changed.ok && changed.value.entry).toMatchObject({
    deadlineMinutes: 20,
    nextAt: epochMs(departure - 20 * minuteMs),
  });
  expect(decideDeadline(waitingEntry(), 1_440, rules, now).ok).toBe(true);
  const late = decideDeadline(waitingEntry(), 2_880, rules, now);
  expect(late).toMatchObject({ ok: false, error: { code: "WaitlistTooLate" } });
});

const rulesOfAny = withChanges(rules, { deadline: { choices: [], latest: 20 } });
test("an entry that is not in all of its lines yet stays due before its time, whatever else is changed", () => {
  const early = decideJoinAgain(waitingEntry(), now)!.entry;
  expect(early.nextAt).toBe(epochMs(now + askAgainMs));
  const moved = decideDeadline(early, 20, rules, later(1));
  expect(moved.ok && moved.value.entry.nextAt).toBe(epochMs(later(1) + askAgainMs));
  const oneLess = decideTime(early, epochMs(departure - hourMs))!;
  expect(oneLess.entry.nextAt).toBe(epochMs(departure - hourMs + askAgainMs));
  expect(decideJoined(early, later(1))!.entry.nextAt).toBe(epochMs(departure - hourMs));
});

test("I3: nobody prepays what is over by then: with a later deadline there is less time to pay", () => {
  const entry = entryOf({ choices: [choiceOf(0)], deadlineMinutes: 20, prepayBy: epochMs(departure - 90 * minuteMs) });
  const changed = decideDeadline(entry, 180, rulesOfAny, now);
  expect(changed.ok && changed.value.entry.prepayBy).toBe(epochMs(departure - 180 * minuteMs));
  const other = decideDeadline({ ...entry, choices: [choiceOf(0), choiceOf(2)] }, 180, rulesOfAny, now);
  expect(other.ok && other.value.entry.prepayBy).toBe(epochMs(departure - 90 * minuteMs));
});

test("a deadline is one that the railway offers, or any that is early enough where it lists none", () => {
  const saysOf = (minutes: number, { deadline } = rules) => {
    const decided = decideDeadline(waitingEntry(), minutes, { ...rules, deadline }, now);
    return decided.ok ? "ok" : decided.error.code;
  };
  expect([20, 21, 10].map((minutes) => saysOf(minutes))).toEqual([
    "ok",
    "WaitlistDeadlineUnknown",
    "WaitlistDeadlineUnknown",
  ]);
  const free = withChanges(rules, { deadline: { choices: [], latest: 21 } });
  expect([20, 21, 22].map((minutes) => saysOf(minutes, free))).toEqual(["WaitlistDeadlineUnknown", "ok", "ok"]);
});

test("an entry that has an age ends with it, whatever its trains and its deadline, and has all the money back", () => {
  const endBy = epochMs(departure - 3 * hourMs);
  const entry = waitingEntry({ endBy });
  expect(decideTime(entry, epochMs(endBy - 1))).toBeNull();
  expect(decideGranted(entry, given(0), endBy).kind).toBe("unwanted");
  const ended = decideTime(entry, endBy)!;
  expect(ended.entry).toMatchObject({ state: "expired", nextAt: null });
  expect(backOf(ended)).toEqual([entry.prepayFen]);
  expect(decideDeadline(entry, 20, rules, endBy)).toMatchObject({ ok: false, error: { code: "WaitlistTooLate" } });
});

test("I3: an order that was lost sends its own money back; the entry has failed, and sends none", () => {
  const served = decideOrdered(granted(waitingEntry()), now)!.entry;
  const change = decideOrderLost(served, "SeatLost", later(1))!;
  expect(change.entry).toMatchObject({ state: "failed", endedBecause: "SeatLost" });
  expect(backOf(change)).toEqual([]);
  expect(decideOrderLost(change.entry, "SeatLost", later(2))).toBeNull();
  // Its word may come before the entry is known to be served, or after it was given up for lost.
  for (const before of [granted(waitingEntry()), waitingEntry()])
    expect(decideOrderLost(before, "SeatLost", later(1))!.entry).toMatchObject({
      state: "failed",
      endedBecause: "SeatLost",
    });
});

test("I3: whatever happens in whatever order, a prepayment waits, is an order's, or goes back once", () => {
  let seed = 20261129;
  const below = (n: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % n;
  for (let life = 0; life < 2_000; life++) {
    let entry = entryOf();
    let backFen = 0;
    let lostByOrder = false;
    let at = now;
    for (let step = 0; step < 14; step++) {
      at = epochMs(at + below(3 * hourMs));
      const outcome = decidePrepaid(entry, capturedFor(entry, { paymentNo: `P${below(2)}` }), at);
      const decided: readonly (WaitlistChange | null | undefined)[] = [
        outcome.kind === "payBack" ? null : outcome.change,
        decideGranted(entry, given(below(3)), at).change,
        decideOrdered(entry, at),
        decideNotOrdered(entry, (["SoldOut", "TripOverlaps"] as const)[below(2)]!, at),
        decideTime(entry, at),
        below(4) === 0 ? valueOf(decideCancel(entry, at)) : null,
        valueOf(decideDeadline(entry, 20, rules, at)),
        below(4) === 0 ? decideOrderLost(entry, "SeatLost", at) : null,
      ];
      const change = decided[below(decided.length)];
      if (!change) continue;
      lostByOrder ||= entry.state === "served";
      entry = { ...change.entry, version: entry.version + 1 };
      for (const fenBack of backOf(change)!) backFen += fenBack;
    }
    const prepaid = entry.captured ? entry.prepayFen : 0;
    const isKept = isPending(entry) || entry.state === "served" || lostByOrder;
    expect({ life, state: entry.state, backFen }).toEqual({ life, state: entry.state, backFen: isKept ? 0 : prepaid });
    expect(entry.nextAt !== null).toBe(isPending(entry) && (entry.version > 0 || entry.nextAt !== null));
  }
});

const valueOf = <T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false }): T | null =>
  result.ok ? result.value : null;
