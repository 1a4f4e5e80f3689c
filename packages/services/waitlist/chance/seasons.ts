/**
 * Generated seasons for tests: days of trains that are sold out, people who give tickets back, and people who wait. The line is walked from
 * the front for whoever fits whole, as the seat store does it; what is left is the public's. Written to be obvious, not quick.
 */
import { type RunId, runId } from "@chepiao/contracts";
import {
  addDays,
  createIdSource,
  type EpochMs,
  epochMs,
  hourMs,
  minuteMs,
  type PassengerId,
  type Prng,
  type ServiceDate,
  serviceDayStart,
  type UserId,
  type ZoneName,
} from "@chepiao/kernel";
import type { WaitlistRecord, WaitlistRelease } from "@chepiao/ports/waitlist-store";
import { choiceOf, entryOf } from "../testing.ts";

export type Shape = {
  readonly trains: readonly [string, string, string];
  /** Who joins the waitlist of a train, on average. */
  readonly waiting: number;
  /** How likely a ticket comes back, for each of the trains. */
  readonly returns: readonly [number, number, number];
  /** The higher, the later they do. */
  readonly lateness: number;
  readonly parties: readonly number[];
  /** How much one day differs from another. */
  readonly unrest: number;
};

export type SimulatedRun = {
  readonly runId: RunId;
  readonly entries: readonly WaitlistRecord[];
  readonly releases: readonly WaitlistRelease[];
};
/** As much as is known at a moment about one who waits, and what became of it. */
export type Asked = {
  readonly entry: WaitlistRecord;
  readonly at: EpochMs;
  /** One a train. */
  readonly ahead: readonly number[];
};
export type SimulatedDay = { readonly runs: readonly SimulatedRun[]; readonly asked: readonly Asked[] };

const seatCount = 30;
const stopsCount = 6;
const saleHours = 15 * 24;
const ids = createIdSource(2);

type Ticket = {
  readonly train: number;
  readonly way: number;
  seats: readonly number[];
  readonly from: number;
  readonly to: number;
};
type Event = { readonly at: number; happen(): void };

export function simulateDay(shape: Shape, date: ServiceDate, prng: Prng): SimulatedDay {
  const { trains } = shape;
  const departAt = epochMs(serviceDayStart(date, "Asia/Shanghai" as ZoneName) + 12 * hourMs);
  const opensAt = departAt - saleHours * hourMs;
  const crowd = Math.exp(shape.unrest * (prng.next() + prng.next() - 1));
  const seats = trains.map(() => Array.from({ length: seatCount }, () => 0));
  const line: WaitlistRecord[] = [];
  const ended: WaitlistRecord[] = [];
  const releases: WaitlistRelease[] = [];
  const asked: Asked[] = [];
  const events: Event[] = [];
  const plan = (at: number, happen: () => void) => {
    const event = { at, happen };
    const after = events.findLastIndex((other) => other.at <= at);
    events.splice(after + 1, 0, event);
  };

  const anyWay = () => {
    const from = prng.below(stopsCount - 1);
    return { from, to: prng.chance(0.5) ? stopsCount - 1 : from + 1 + prng.below(stopsCount - 1 - from) };
  };
  const wayOf = (from: number, to: number) => (2 ** (to - from) - 1) * 2 ** from;

  function take(train: number, from: number, to: number, party: number): Ticket | null {
    const way = wayOf(from, to);
    const free: number[] = [];
    for (let seat = 0; seat < seatCount && free.length < party; seat++)
      if ((seats[train]![seat]! & way) === 0) free.push(seat);
    if (free.length < party) return null;
    for (const seat of free) seats[train]![seat]! |= way;
    return { train, way, seats: free, from, to };
  }

  /** Some come back, all at once, the later the fewer hours are left. */
  function mayComeBack(ticket: Ticket, now: number) {
    if (!prng.chance(Math.min(0.9, shape.returns[ticket.train]! * crowd))) return;
    const at = departAt - (departAt - now) * prng.next() ** shape.lateness;
    if (at < departAt) plan(at, () => giveBack(ticket, at));
  }

  function giveBack({ train, way, seats: own, from, to }: Ticket, at: number) {
    for (const seat of own) seats[train]![seat]! &= ~way;
    const isWatched = line.some(({ choices }) =>
      choices.some((choice) => choice.runId === runId(trains[train]!, date)),
    );
    const servedIds = serve(train, at);
    if (!isWatched) return;
    releases.push({
      runId: runId(trains[train]!, date),
      at: epochMs(at),
      seatClass: "second",
      fromStop: from,
      toStop: to,
      firstSeat: own[0]!,
      seatCount: own.length,
      servedIds,
    });
  }

  function serve(train: number, at: number) {
    const servedIds: WaitlistRecord["entryId"][] = [];
    for (const entry of line.slice()) {
      const choice = entry.choices.find(({ trainNumber }) => trainNumber === trains[train]);
      const ticket = choice && take(train, choice.fromStop, choice.toStop, entry.passengers.length);
      if (!ticket) continue;
      servedIds.push(entry.entryId);
      end({ ...entry, state: "served", granted: { choice: choice.choice, seatClass: "second" }, endedAt: epochMs(at) });
      mayComeBack(ticket, at);
    }
    return servedIds;
  }

  function end(entry: WaitlistRecord) {
    line.splice(
      line.findIndex(({ entryId }) => entryId === entry.entryId),
      1,
    );
    ended.push(entry);
  }

  function join(at: number) {
    const { from, to } = anyWay();
    const party = prng.pick(shape.parties);
    const first = prng.below(trains.length);
    const named = Array.from(
      { length: 1 + (prng.chance(0.3) ? prng.below(3) : 0) },
      (_, n) => (first + n) % trains.length,
    );
    // What can be bought at once is not waited for.
    const bought = named.map((train) => take(train, from, to, party)).filter((ticket) => ticket !== null);
    for (const other of bought.slice(1)) for (const seat of other.seats) seats[other.train]![seat]! &= ~other.way;
    if (bought[0]) return mayComeBack(bought[0], at);
    const userId = (1 + prng.below(1_000_000)) as UserId;
    const entry = entryOf({
      entryId: ids.orderId(userId, epochMs(at)),
      userId,
      state: "waiting",
      passengers: Array.from({ length: party }, (_, n) => ({
        passengerId: n as PassengerId,
        ticketType: "adult" as const,
      })),
      choices: named.map((train, choice) =>
        choiceOf(choice, {
          runId: runId(trains[train]!, date),
          trainNumber: trains[train]!,
          originDate: date,
          fromStop: from,
          toStop: to,
          departAt,
        }),
      ),
      deadlineMinutes: prng.pick([20, 360, 360, 1_440]),
      place: at,
      createdAt: epochMs(at),
    });
    line.push(entry);
    const lastAt = departAt - entry.deadlineMinutes * minuteMs;
    const isThere = () => line.includes(entry);
    plan(lastAt, () => {
      if (!isThere()) return;
      const choices = entry.choices.map((choice) => ({
        ...choice,
        endedBecause: "WaitlistTooLate" as const,
        endedAt: epochMs(lastAt),
      }));
      end({ ...entry, state: "expired", choices, endedAt: epochMs(lastAt) });
    });
    if (prng.chance(0.1)) {
      const givesUpAt = at + (lastAt - at) * prng.next();
      plan(givesUpAt, () => isThere() && end({ ...entry, state: "cancelled", endedAt: epochMs(givesUpAt) }));
    }
    ask(entry, at);
    const againAt = at + (lastAt - at) * prng.next();
    plan(againAt, () => isThere() && ask(entry, againAt));
  }

  function ask(entry: WaitlistRecord, at: number) {
    const ahead = entry.choices.map(
      ({ runId: run, fromStop, toStop }) =>
        line.filter(
          (other) =>
            other.place! < entry.place! &&
            other.choices.some(
              (choice) => choice.runId === run && choice.fromStop < toStop && fromStop < choice.toStop,
            ),
        ).length,
    );
    asked.push({ entry, at: epochMs(at), ahead });
  }

  function sell(at: number) {
    const { from, to } = anyWay();
    const ticket = take(prng.below(trains.length), from, to, prng.pick([1, 1, 2, 2, 3]));
    if (ticket) mayComeBack(ticket, at);
  }

  for (let n = 0; n < 400; n++) plan(opensAt + n, () => sell(opensAt + n));
  const later = () => opensAt + (departAt - opensAt) * prng.next();
  for (let n = 0; n < 300; n++) {
    const at = later();
    plan(at, () => sell(at));
  }
  for (let n = 0; n < shape.waiting * trains.length * crowd; n++) {
    const at = opensAt + hourMs + (departAt - opensAt - hourMs) * 0.97 * prng.next();
    plan(at, () => join(at));
  }
  for (let event = events.shift(); event; event = events.shift()) event.happen();
  const outcome = new Map(ended.map((entry) => [entry.entryId, entry]));
  return {
    runs: trains.map((train) => ({
      runId: runId(train, date),
      entries: ended.filter(({ choices }) => choices.some(({ trainNumber }) => trainNumber === train)),
      releases: releases.filter((release) => release.runId === runId(train, date)),
    })),
    asked: asked.map((each) => ({ ...each, entry: outcome.get(each.entry.entryId)! })),
  };
}

export function* simulateSeason(shape: Shape, first: ServiceDate, days: number, prng: Prng): Generator<SimulatedDay> {
  for (let day = 0; day < days; day++) yield simulateDay(shape, addDays(first, day), prng);
}
