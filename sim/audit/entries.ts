/** What entries of the waitlist say, held against the invariants in their own words. */
import {
  classesOfNeed,
  type Run,
  type RunId,
  type SeatClass,
  seatsOf,
  standingParent,
  type Timetable,
} from "@chepiao/contracts";
import { type EpochMs, epochMs, minuteMs, secondMs, waitlistNoOf } from "@chepiao/kernel";
import type { OrderRecord } from "@chepiao/ports/order-store";
import type { SeatStore } from "@chepiao/ports/seat-store";
import { mayServe, type WaitlistChoice, type WaitlistRecord } from "@chepiao/ports/waitlist-store";
import type { BankTrade } from "../engines/bank.ts";
import type { Told } from "../people/told.ts";
import { liveTickets } from "./orders.ts";
import { leftOver, type QuotaBook, type Taken } from "./quotas.ts";
import type { WithdrawnBook } from "./withdrawn.ts";

const endStates: ReadonlySet<string> = new Set(["served", "expired", "cancelled", "failed"]);
const noOf = ({ entryId }: WaitlistRecord) => waitlistNoOf(entryId);

/** I7: an entry was served once, and then it is the order of its id, or not at all. */
export function entriesAreOrders(entries: readonly WaitlistRecord[], orders: readonly OrderRecord[]): string[] {
  const byId = new Map<number, OrderRecord>(orders.map((order) => [order.orderId, order]));
  return entries.flatMap((entry) => {
    const order = byId.get(entry.entryId);
    if (!order) return entry.state === "served" ? [`I7: ${noOf(entry)} was served, and has no order`] : [];
    const of = `${noOf(entry)} has order ${order.orderNo}, which is ${order.state}`;
    if (entry.state === "granted") return [];
    if (order.userId !== entry.userId) return [`I7: ${of}, of another account`];
    const isLost = entry.state === "failed" && ["rejected", "expired", "cancelled"].includes(order.state);
    return entry.state === "served" || isLost ? [] : [`I7: ${of}, and is ${entry.state}`];
  });
}

/** I2, I7: what was answered is there, under its key, once. */
export function entriesAsTold(entries: readonly WaitlistRecord[], { entries: told }: Told): string[] {
  const wrong: string[] = [];
  const byKey = Map.groupBy(entries, (entry) => entry.idempotencyKey);
  for (const [key, ofKey] of byKey) {
    if (ofKey.length > 1) wrong.push(`I7: key ${key} became ${ofKey.map(noOf).join(" and ")}`);
    if (!told.has(key)) wrong.push(`I7: ${noOf(ofKey[0]!)} was asked for by nobody`);
  }
  for (const [key, { answered, userId }] of told) {
    const ofKey = byKey.get(key) ?? [];
    for (const waitlistNo of answered)
      if (!ofKey.some((entry) => noOf(entry) === waitlistNo))
        wrong.push(`I2: ${waitlistNo} of key ${key} is forgotten`);
    for (const entry of ofKey)
      if (entry.userId !== userId) wrong.push(`I2: key ${key} became ${noOf(entry)} of another account`);
  }
  return wrong;
}

/** A process believes the time to be another by so much. */
const clocksDifferMs = 15 * secondMs;

/** I5: a place is the moment of the prepayment, as the bank has it in its own books. */
export function placesArePrepayments(entries: readonly WaitlistRecord[], trades: readonly BankTrade[]): string[] {
  const byPayment = Map.groupBy(trades, ({ paymentNo }) => paymentNo);
  return entries.flatMap((entry) => {
    if (entry.place === null || entry.captured === null) return [];
    const moments = (byPayment.get(entry.captured.paymentNo) ?? []).map(({ at }) => Math.max(at, entry.createdAt));
    const isOne = moments.some((moment) => entry.place! <= moment && entry.place! > moment - clocksDifferMs);
    return isOne ? [] : [`I5: ${noOf(entry)} was prepaid at ${moments.join(" and ")}, and its place is ${entry.place}`];
  });
}

/** I4: nobody is on the way from seats to an order, and nobody waits beyond his time. */
export const entriesGoOn = (entries: readonly WaitlistRecord[], now: EpochMs): string[] =>
  entries.flatMap((entry) => {
    if (entry.state === "granted") return [`I4: ${noOf(entry)} was given seats, and is no order yet`];
    const isLate = entry.nextAt !== null && entry.nextAt < now - minuteMs;
    return isLate ? [`I4: ${noOf(entry)} is still ${entry.state}, a minute after its time`] : [];
  });

export const entriesAreOver = (entries: readonly WaitlistRecord[]): string[] =>
  entries.filter(({ state }) => !endStates.has(state)).map((entry) => `I4: ${noOf(entry)} ends as ${entry.state}`);

type Waiting = { readonly entry: WaitlistRecord; readonly choice: WaitlistChoice; readonly run: Run };

/** Those that wait, by the train for which they do; of trains that have arrived nobody does. */
function waitingFor(entries: readonly WaitlistRecord[], timetable: Timetable, now: EpochMs): Map<RunId, Waiting[]> {
  const all = entries.flatMap((entry) =>
    entry.choices.flatMap((choice): Waiting[] => {
      const run = timetable.run(choice.trainNumber, choice.originDate);
      const isOver = !run || run.dayStart + run.train.stops.at(-1)!.arriveS * secondMs <= now;
      return entry.state === "waiting" && mayServe(entry, choice) && !isOver ? [{ entry, choice, run }] : [];
    }),
  );
  return Map.groupBy(all, ({ choice }) => choice.runId);
}

/**
 * I5: who waits is in the line of each of his trains. Who has ended may be there yet, where he could not leave: what he is given goes to the
 * next.
 */
export async function linesAreEntries(
  entries: readonly WaitlistRecord[],
  { waitlists }: Pick<SeatStore, "waitlists">,
  timetable: Timetable,
  now: EpochMs,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [runId, ofRun] of waitingFor(entries, timetable, now)) {
    const [{ run }] = ofRun as [Waiting, ...Waiting[]];
    const left = new Map(
      (await waitlists.groups(run)).map((group) => [
        textOf(group.seatClasses, group.fromStop, group.toStop, group.partySize),
        group.needs,
      ]),
    );
    for (const { entry, choice } of ofRun) {
      const text = textOf(
        classesOfNeed({ run, seatClasses: choice.seatClasses }),
        choice.fromStop,
        choice.toStop,
        entry.passengers.length,
      );
      const needs = left.get(text) ?? 0;
      if (needs === 0) wrong.push(`I5: ${noOf(entry)} waits, and is not in the line of ${runId}`);
      else left.set(text, needs - 1);
    }
  }
  return wrong;
}

/** From the moment at which a limit of a quota begins, where nobody comes. */
const servedWithinMs = 15 * secondMs;

const textOf = (seatClasses: readonly SeatClass[], fromStop: number, toStop: number, partySize: number): string =>
  `${partySize} ${seatClasses.join("/")} ${fromStop}–${toStop}`;

/** What is sold of which trains. */
export type Sold = {
  readonly timetable: Timetable;
  readonly book: QuotaBook;
  readonly withdrawn: WithdrawnBook;
  readonly now: EpochMs;
};

/** I5: nobody waits for what no ticket takes from him, no quota keeps back, and no operator has withdrawn. */
export function nobodyWaitsForFreeSeats(
  entries: readonly WaitlistRecord[],
  orders: readonly OrderRecord[],
  { timetable, book, withdrawn, now }: Sold,
): string[] {
  const live = liveTickets(orders);
  const wrong: string[] = [];
  for (const [runId, waiting] of waitingFor(entries, timetable, now)) {
    const onRun = live.filter(({ line }) => line.runId === runId);
    for (const { entry, choice, run } of waiting) {
      const freeIn = (seatClass: SeatClass): number => {
        const taken = onRun.filter(
          ({ line }) => line.seatClass === seatClass && line.fromStop < choice.toStop && choice.fromStop < line.toStop,
        );
        const gone = new Set(taken.map(({ ticket }) => ticket.seatIndex)).union(withdrawn.latest(run, seatClass));
        return seatsOf(run.train.composition).get(seatClass)!.length - gone.size;
      };
      for (const seatClass of classesOfNeed({ run, seatClasses: choice.seatClasses })) {
        const parent = seatClass === "standing" ? standingParent(run.train.composition) : null;
        if (parent !== null && freeIn(parent) > 0) continue;
        const taken = onRun.map(({ line, ticket }): Taken => ({ ...line, seatIndexes: [ticket.seatIndex] }));
        const left = leftOver(book.latest(run, seatClass), taken, seatClass, choice, epochMs(now - servedWithinMs));
        const free = Math.min(freeIn(seatClass), left);
        if (free >= entry.passengers.length)
          wrong.push(`I5: ${noOf(entry)} waits on ${runId} while ${free} ${seatClass} are free for it`);
      }
    }
  }
  return wrong;
}

/** What has become of an entry, as it is changed: seats are taken for it before its latest time, and its place stays what it was. */
export function changedWrongly(
  before: WaitlistRecord | null,
  after: WaitlistRecord,
  askedAgainAfterMs: number,
): string[] {
  if (!before) return [];
  const wrong: string[] = [];
  if (before.place !== null && after.place !== before.place)
    wrong.push(`I5: ${noOf(after)} had place ${before.place}, and has ${after.place}`);
  if (before.state === "waiting" && after.state === "granted") {
    const choice = after.choices[after.granted!.choice]!;
    const decidedAt = epochMs(after.nextAt! - askedAgainAfterMs);
    if (decidedAt >= choice.departAt - after.deadlineMinutes * minuteMs)
      wrong.push(`I5: ${noOf(after)} was given seats after the latest time of decision of ${choice.runId}`);
  }
  return wrong;
}
