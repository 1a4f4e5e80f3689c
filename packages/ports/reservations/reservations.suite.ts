/** The rules of purchase limits (I6). */
import { expect, test } from "bun:test";
import { type RunId, runId } from "@chepiao/contracts";
import {
  addDays,
  createPrng,
  dayMs,
  epochMs,
  hourMs,
  minuteMs,
  type OrderId,
  orderNoOf,
  paymentTimeoutMsDefault,
  serviceDate,
  slotCount,
  slotOfUser,
  type UserId,
} from "@chepiao/kernel";
import { moveLimitsOf, noHoardingLimits, type PurchaseLimits, purchaseLimitsDefault as defaults } from "./limits.ts";
import type { Reservation, Reservations } from "./reservations.ts";
import type { TripClaim } from "./counted.ts";

const date = serviceDate("2026-12-01");
const start = Date.UTC(2026, 11, 1);
const boughtOn = serviceDate("2026-11-20");
const bought = Date.UTC(2026, 10, 20, 4);
let orderCount = 0;

function reservationOf(options: {
  user?: number;
  run?: RunId;
  documents: string[];
  hour?: number;
  hours?: number;
  day?: string;
  /** Minutes after a noon at the railway, and days after that day. */
  minute?: number;
  later?: number;
  standing?: boolean;
  /** Of whose order it is a further line. */
  first?: Reservation;
  line?: number;
}): Reservation {
  const userId = (options.user ?? 1) as UserId;
  const orderId = options.first?.orderId ?? ((++orderCount * slotCount + slotOfUser(userId)) as OrderId);
  const line = options.line ?? 0;
  const departAt = epochMs(start + Math.round((options.hour ?? 8) * hourMs));
  const { minute = 0, later = 0 } = options;
  const boughtAt = epochMs(bought + later * dayMs + minute * minuteMs);
  return {
    orderId,
    line,
    userId,
    boughtAt,
    boughtOn: addDays(boughtOn, later),
    unpaidUntil: epochMs(boughtAt + paymentTimeoutMsDefault),
    isStanding: options.standing ?? false,
    runId: options.run ?? runId("G1", date),
    boardingDate: options.day ? serviceDate(options.day) : date,
    departAt,
    arriveAt: epochMs(departAt + (options.hours ?? 4) * hourMs),
    trips: options.documents.map((documentHash, n) => ({ ticketNo: `${orderId}-${line}${n}`, documentHash })),
  };
}
/** Whatever is set against hoarding is set apart. */
const claimFreely = (limits: Reservations, reservations: readonly Reservation[]) =>
  limits.reserve(reservations, purchaseLimitsWithoutHoarding);
const codes = (answers: Awaited<ReturnType<Reservations["reserve"]>>) =>
  answers.map((answer) => (answer.ok ? "ok" : answer.error.code));

/** Small numbers, so that few claims reach them. */
const small = { ticketsPerUserRun: 5, gapMs: 0 };
const purchaseLimitsDefault: PurchaseLimits = { ...defaults, ...small };
const purchaseLimitsWithoutHoarding: PurchaseLimits = { ...purchaseLimitsDefault, ...noHoardingLimits };

export function reservationsSuite(adapter: string, create: () => Promise<Reservations> | Reservations): void {
  test(`I6 ${adapter}: from one train to another a document needs its time, on one train none; an overlap is told first`, async () => {
    const gapMs = 10 * minuteMs;
    const trip = (train: string, hour: number, hours: number) =>
      reservationOf({ documents: ["a"], run: runId(train, date), hour, hours });
    const asked = async (gap: number, ...later: readonly Reservation[]) => {
      const limits = await create();
      const apart = { ...purchaseLimitsWithoutHoarding, gapMs: gap };
      return codes(await limits.reserve([trip("G1", 8, 4), ...later], apart)).slice(1);
    };
    const tenMinutes = 10 / 60;
    expect(await asked(gapMs, trip("G2", 12, 1))).toEqual(["TripsTooClose"]);
    expect(await asked(gapMs, trip("G2", 12 + tenMinutes, 1))).toEqual(["ok"]);
    expect(await asked(gapMs + 1, trip("G2", 12 + tenMinutes, 1))).toEqual(["TripsTooClose"]);
    expect(await asked(gapMs, trip("G2", 7, 1))).toEqual(["TripsTooClose"]);
    expect(await asked(gapMs, trip("G2", 7 - tenMinutes, 1))).toEqual(["ok"]);
    expect(await asked(gapMs, trip("G1", 12, 2))).toEqual(["ok"]);
    expect(await asked(gapMs, trip("G1", 11, 2))).toEqual(["TripOverlaps"]);
    expect(await asked(0, trip("G2", 12, 1))).toEqual(["ok"]);
    // Close to the first, and on the way of the second.
    expect(await asked(gapMs, trip("G1", 13, 2), trip("G3", 12, 2))).toEqual(["ok", "TripOverlaps"]);
    expect(await asked(gapMs, trip("G1", 12, 2), trip("G4", 14, 2))).toEqual(["ok", "TripsTooClose"]);
  });

  test(`I6 ${adapter}: from another station than where one arrives it takes longer, whichever of the trips is bought first, and after a reload`, async () => {
    const limits = { ...purchaseLimitsWithoutHoarding, gapMs: 10 * minuteMs, otherStationGapMs: 40 * minuteMs };
    const between = (from: string, to: string, train: string, hour: number, hours: number): Reservation => ({
      ...reservationOf({ documents: ["a"], run: runId(train, date), hour, hours }),
      stations: { from, to },
    });
    const first = () => between("A", "B", "G1", 8, 2);
    const asked = async (known: "reserved" | "reloaded" | "kept", next: Reservation) => {
      const adapted = await create();
      if (known === "reloaded") await adapted.reload([first()]);
      else {
        const reserved = first();
        await adapted.reserve([reserved], limits);
        if (known === "kept") await adapted.keep([reserved]);
      }
      return codes(await adapted.reserve([next], limits));
    };
    for (const known of ["reserved", "reloaded", "kept"] as const) {
      const minutes = (count: number) => count / 60;
      const behind = (from: string, count: number) => between(from, "Z", "G2", 10 + minutes(count), 1);
      expect(await asked(known, behind("B", 9))).toEqual(["TripsTooClose"]);
      expect(await asked(known, behind("B", 10))).toEqual(["ok"]);
      expect(await asked(known, behind("Bee Jn.", 39))).toEqual(["TripsTooClose"]);
      expect(await asked(known, behind("Bee Jn.", 40))).toEqual(["ok"]);
      const before = (to: string, count: number) => between("A", to, "G0", 7 - minutes(count), 1);
      expect(await asked(known, before("A", 10))).toEqual(["ok"]);
      expect(await asked(known, before("B", 39))).toEqual(["TripsTooClose"]);
      expect(await asked(known, before("B", 40))).toEqual(["ok"]);
      // On one train nobody changes; of where it is not known, it is taken for the same.
      expect(await asked(known, between("C", "Z", "G1", 10, 1))).toEqual(["ok"]);
      const anywhere = reservationOf({ documents: ["a"], run: runId("G2", date), hour: 10 + minutes(10) });
      expect(await asked(known, anywhere)).toEqual(["ok"]);
    }
  });

  test(`I6 ${adapter}: an order may be for nine, and the tenth ticket of a run is refused where nine may be bought`, async () => {
    const limits = await create();
    const nine = { ...purchaseLimitsWithoutHoarding, ticketsPerUserRun: 9 };
    const party = reservationOf({ documents: "abcdefghi".split("") });
    const tenth = () => reservationOf({ documents: ["j"] });
    expect(codes(await limits.reserve([party, tenth()], nine))).toEqual(["ok", "UserRunLimit"]);
    await limits.release(party, [party.trips[8]!.ticketNo]);
    expect(codes(await limits.reserve([tenth(), reservationOf({ documents: ["k"] })], nine))).toEqual([
      "ok",
      "UserRunLimit",
    ]);
  });

  test(`I6 ${adapter}: an account buys at most five tickets of one run, however the orders come`, async () => {
    const limits = await create();
    const reservations = Array.from({ length: 8 }, (_, n) => reservationOf({ documents: [`person ${n}`] }));
    expect(codes(await claimFreely(limits, reservations))).toEqual([
      ...Array(5).fill("ok"),
      ...Array(3).fill("UserRunLimit"),
    ]);
    expect(codes(await claimFreely(limits, [reservationOf({ user: 2, documents: ["somebody"] })]))).toEqual(["ok"]);
  });

  test(`I6 ${adapter}: a claim is taken whole or not at all`, async () => {
    const limits = await create();
    await claimFreely(limits, [reservationOf({ documents: ["a", "b", "c"] })]);
    expect(codes(await claimFreely(limits, [reservationOf({ documents: ["d", "e", "f"] })]))).toEqual(["UserRunLimit"]);
    expect(codes(await claimFreely(limits, [reservationOf({ documents: ["d", "e"] })]))).toEqual(["ok"]);
  });

  test(`I6 ${adapter}: one document, one place at a time; the end of one trip may be the start of the next`, async () => {
    const limits = await create();
    const other = runId("G2", date);
    await claimFreely(limits, [reservationOf({ documents: ["a"], hour: 8, hours: 4 })]);
    expect(
      codes(await claimFreely(limits, [reservationOf({ user: 2, run: other, documents: ["a"], hour: 11 })])),
    ).toEqual(["TripOverlaps"]);
    expect(
      codes(await claimFreely(limits, [reservationOf({ user: 2, run: other, documents: ["a"], hour: 12 })])),
    ).toEqual(["ok"]);
    expect(
      codes(await claimFreely(limits, [reservationOf({ user: 3, run: other, documents: ["a"], hour: 4, hours: 4 })])),
    ).toEqual(["ok"]);
  });

  test(`${adapter}: which trip is in the way is said to the account that bought it, and to no other`, async () => {
    const limits = await create();
    const run = runId("G2", date);
    await claimFreely(limits, [reservationOf({ documents: ["a"] })]);
    const facts = async (user: number) => {
      const [answer] = await claimFreely(limits, [reservationOf({ user, run, documents: ["b", "a"] })]);
      return answer!.ok ? null : answer!.error.facts;
    };
    expect(await facts(1)).toEqual({ ticket: 1, runId: runId("G1", date) });
    expect(await facts(2)).toEqual({ ticket: 1 });
  });

  test(`I6 ${adapter}: at most ten tickets per document and boarding day`, async () => {
    const limits = await create();
    const hop = (n: number, day?: string) =>
      reservationOf({
        user: n,
        run: runId(`G${n}`, date),
        documents: ["a"],
        hour: n,
        hours: 1,
        ...(day ? { day } : {}),
      });
    const answers = await claimFreely(
      limits,
      Array.from({ length: 11 }, (_, n) => hop(n)),
    );
    expect(codes(answers)).toEqual([...Array(10).fill("ok"), "DocumentDayLimit"]);
    expect(codes(await claimFreely(limits, [hop(30, "2026-12-02")]))).toEqual(["ok"]);
  });

  test(`I6 ${adapter}: what ends gives its share back, ticket by ticket, once`, async () => {
    const limits = await create();
    const five = reservationOf({ documents: ["a", "b", "c", "d", "e"] });
    await claimFreely(limits, [five]);
    await limits.release(five, [five.trips[0]!.ticketNo]);
    await limits.release(five, [five.trips[0]!.ticketNo]);
    expect(codes(await claimFreely(limits, [reservationOf({ documents: ["f", "g"] })]))).toEqual(["UserRunLimit"]);
    expect(codes(await claimFreely(limits, [reservationOf({ documents: ["a"] })]))).toEqual(["ok"]);
    await limits.release(five);
    await limits.release(five);
    expect(codes(await claimFreely(limits, [reservationOf({ documents: ["b", "c", "d", "e"] })]))).toEqual(["ok"]);
  });

  test(`I6 ${adapter}: what a claim is to replace is not in its way, and counts against others until it is given back`, async () => {
    const limits = await create();
    const people = ["a", "b", "c", "d", "e"];
    const old = reservationOf({ documents: people });
    const trips = old.trips.slice(0, 2);
    const replaces = {
      orderId: old.orderId,
      line: 0,
      runId: old.runId,
      ticketNos: trips.map(({ ticketNo }) => ticketNo),
    };
    const change = (run: RunId, documents: string[], hour = 9): Reservation => ({
      ...reservationOf({ documents, run, hour }),
      replaces,
    });
    const other = runId("G2", date);
    expect(codes(await claimFreely(limits, [old]))).toEqual(["ok"]);
    expect(codes(await claimFreely(limits, [reservationOf({ documents: ["a"], run: other })]))).toEqual([
      "TripOverlaps",
    ]);
    // The same train is full for its account, but for what it gives in return.
    expect(codes(await claimFreely(limits, [change(old.runId, ["a", "b", "f"])]))).toEqual(["UserRunLimit"]);
    const [onSame, onOther] = [change(old.runId, ["a", "b"]), change(other, ["a"], 13)];
    expect(codes(await claimFreely(limits, [onSame]))).toEqual(["ok"]);
    expect(codes(await claimFreely(limits, [onOther]))).toEqual(["ok"]);
    await limits.release(onOther);
    expect(codes(await claimFreely(limits, [reservationOf({ documents: ["f"] })]))).toEqual(["UserRunLimit"]);
    // Others of the account are moved by the railway meanwhile.
    const others = { ...replaces, ticketNos: old.trips.slice(2, 4).map(({ ticketNo }) => ticketNo) };
    const move = { ...reservationOf({ documents: ["c", "d"] }), replaces: others };
    expect(codes(await claimFreely(limits, [move]))).toEqual(["UserRunLimit"]);
    expect(codes(await limits.reserve([move], moveLimitsOf(purchaseLimitsDefault)))).toEqual(["ok"]);
    await limits.release(move);
    // The change is made: what was replaced is given back.
    await limits.release(old, replaces.ticketNos);
    expect(codes(await claimFreely(limits, [reservationOf({ documents: ["a"], run: other })]))).toEqual([
      "TripOverlaps",
    ]);
    await limits.release(onSame);
    expect(codes(await claimFreely(limits, [reservationOf({ documents: ["a", "b"], run: other })]))).toEqual(["ok"]);
  });

  test(`I7 ${adapter}: claiming a line twice counts once`, async () => {
    const limits = await create();
    const reservation = reservationOf({ documents: ["a", "b"] });
    expect(codes(await claimFreely(limits, [reservation, reservation]))).toEqual(["ok", "ok"]);
    expect(codes(await claimFreely(limits, [reservationOf({ documents: ["c", "d", "e"] })]))).toEqual(["ok"]);
  });

  test(`I6 ${adapter}: each line of an order is claimed and given back by itself, and stands in the way of the others`, async () => {
    const limits = await create();
    const line = (n: number, more: Parameters<typeof reservationOf>[0]) =>
      reservationOf({ first: there, line: n, ...more });
    const there = reservationOf({ documents: ["a", "b"], hour: 8, hours: 4 });
    const connection = line(1, { documents: ["a", "b"], run: runId("G2", date), hour: 12, hours: 2 });
    const overlapping = line(2, { documents: ["b"], run: runId("G3", date), hour: 13, hours: 2 });
    expect(codes(await claimFreely(limits, [there, connection, overlapping]))).toEqual(["ok", "ok", "TripOverlaps"]);
    // Tickets of one run, whichever line they are of.
    const more = line(3, { documents: ["c", "d", "e", "f"], hour: 8 });
    expect(codes(await claimFreely(limits, [more]))).toEqual(["UserRunLimit"]);
    await limits.keep([there, connection]);
    expect(codes(await claimFreely(limits, [there, connection]))).toEqual(["ok", "ok"]);
    await limits.release(connection, [connection.trips[1]!.ticketNo]);
    expect(codes(await claimFreely(limits, [overlapping]))).toEqual(["ok"]);
    await limits.release(there);
    expect(codes(await claimFreely(limits, [more]))).toEqual(["ok"]);
    const late = reservationOf({ documents: ["a"], run: runId("G4", date), hour: 13 });
    expect(codes(await claimFreely(limits, [late]))).toEqual(["TripOverlaps"]);
    await limits.release(connection);
    expect(codes(await claimFreely(limits, [late]))).toEqual(["ok"]);
  });

  test(`${adapter}: reloaded trips count, and past ones are forgotten`, async () => {
    const limits = await create();
    const sold = reservationOf({ documents: ["a", "b", "c", "d", "e"] });
    await limits.reload([sold]);
    expect(codes(await claimFreely(limits, [reservationOf({ documents: ["f"] })]))).toEqual(["UserRunLimit"]);
    await limits.forgetBefore(epochMs(sold.arriveAt + 1));
    expect(codes(await claimFreely(limits, [reservationOf({ documents: ["f"] })]))).toEqual(["ok"]);
  });

  test(`I7 ${adapter}: a claim is kept as often as one likes, and not once it was given back`, async () => {
    const limits = await create();
    const five = reservationOf({ documents: ["a", "b", "c", "d", "e"] });
    await claimFreely(limits, [five]);
    await limits.keep([five]);
    await limits.release(five, [five.trips[0]!.ticketNo]);
    await limits.keep([five]);
    expect(codes(await claimFreely(limits, [reservationOf({ documents: ["f", "g"] })]))).toEqual(["UserRunLimit"]);
    expect(codes(await claimFreely(limits, [reservationOf({ user: 2, documents: ["a"] })]))).toEqual(["ok"]);
    await limits.release(five);
    await limits.keep([five]);
    expect(codes(await claimFreely(limits, [reservationOf({ documents: ["b", "c", "d", "e", "f"] })]))).toEqual(["ok"]);
  });

  /** As a platform sets them. */
  const guarded = async (limits: Reservations, ...reservations: Reservation[]) =>
    codes(await limits.reserve(reservations, purchaseLimitsDefault));
  const over = (reservations: readonly Reservation[]) =>
    reservations.map((each): Reservation => ({ ...each, unpaidUntil: null }));

  test(`I6 ${adapter}: an account has one order at a time that waits for its money, and is told which`, async () => {
    const limits = await create();
    const first = reservationOf({ documents: ["a"] });
    expect(await guarded(limits, first, reservationOf({ run: runId("G2", date), documents: ["b"] }))).toEqual([
      "ok",
      "UnpaidOrderOpen",
    ]);
    const [told] = await limits.reserve([reservationOf({ documents: ["c"], minute: 1 })], purchaseLimitsDefault);
    expect(told).toMatchObject({ ok: false, error: { facts: { orderNo: orderNoOf(first.orderId) } } });
    expect(await guarded(limits, first, reservationOf({ user: 2, documents: ["b"] }))).toEqual(["ok", "ok"]);
  });

  test(`I6 ${adapter}: the next order may be opened once the first is paid, given back, or out of time`, async () => {
    const limits = await create();
    const paid = reservationOf({ documents: ["a"] });
    const returned = reservationOf({ documents: ["b"] });
    const late = reservationOf({ documents: ["c"] });
    expect(await guarded(limits, paid)).toEqual(["ok"]);
    await limits.paid([paid]);
    expect(await guarded(limits, returned)).toEqual(["ok"]);
    await limits.release(returned);
    expect(await guarded(limits, late, reservationOf({ documents: ["d"], minute: 14 }))).toEqual([
      "ok",
      "UnpaidOrderOpen",
    ]);
    expect(await guarded(limits, reservationOf({ documents: ["d"], minute: 15 }))).toEqual(["ok"]);
  });

  test(`I7 ${adapter}: late word that an order is written opens it again neither when it is paid nor when it has ended`, async () => {
    const limits = await create();
    const paid = reservationOf({ documents: ["a"] });
    const ended = reservationOf({ user: 2, documents: ["b"] });
    expect(await guarded(limits, paid, ended)).toEqual(["ok", "ok"]);
    await limits.paid([paid]);
    await limits.endUnpaid(ended.orderId);
    await limits.keep([paid, ended]);
    await limits.paid([paid]);
    expect(
      await guarded(
        limits,
        reservationOf({ documents: ["c"], minute: 1 }),
        reservationOf({ user: 2, documents: ["b"], minute: 1 }),
      ),
    ).toEqual(["ok", "ok"]);
  });

  /** Buys and lets go, so many times. */
  async function cancel(limits: Reservations, times: number, options: Parameters<typeof reservationOf>[0]) {
    for (let n = 0; n < times; n++) {
      const one = reservationOf(options);
      await claimFreely(limits, [one]);
      await limits.endUnpaid(one.orderId);
      await limits.endUnpaid(one.orderId);
    }
  }

  test(`I6 ${adapter}: whose three orders of a day ended unpaid buys none more of that day, with whomever`, async () => {
    const limits = await create();
    await cancel(limits, 2, { documents: ["a"] });
    expect(await guarded(limits, reservationOf({ documents: ["b"] }))).toEqual(["ok"]);
    await cancel(limits, 1, { documents: ["c"], minute: 20 });
    expect(await guarded(limits, reservationOf({ documents: ["d"], minute: 40 }))).toEqual(["CancelledTooOften"]);
    expect(await guarded(limits, reservationOf({ documents: ["d"], later: 1 }))).toEqual(["ok"]);
    expect(
      await guarded(limits, reservationOf({ user: 2, documents: ["d"], run: runId("G3", date), hour: 20 })),
    ).toEqual(["ok"]);
  });

  test(`I6 ${adapter}: for a passenger it is the same, by whichever accounts`, async () => {
    const limits = await create();
    for (const user of [1, 2, 3]) await cancel(limits, 1, { user, documents: ["b", "a"] });
    const [answer] = await limits.reserve([reservationOf({ user: 4, documents: ["c", "a"] })], purchaseLimitsDefault);
    expect(answer).toMatchObject({ ok: false, error: { code: "CancelledTooOften", facts: { ticket: 1 } } });
    expect(await guarded(limits, reservationOf({ user: 4, documents: ["c"] }))).toEqual(["ok"]);
    expect(await guarded(limits, reservationOf({ user: 5, documents: ["a"], later: 1 }))).toEqual(["ok"]);
  });

  test(`I6 ${adapter}: an order of several lines waits for its money once, and is cancelled once`, async () => {
    const limits = await create();
    const first = reservationOf({ documents: ["a", "b"] });
    const second = reservationOf({ first, line: 1, documents: ["a", "b"], run: runId("G2", date), hour: 13 });
    expect(codes(await limits.reserve([first, second], purchaseLimitsDefault))).toEqual(["ok", "ok"]);
    const next = reservationOf({ documents: ["c"], minute: 1 });
    expect(codes(await limits.reserve([next], purchaseLimitsDefault))).toEqual(["UnpaidOrderOpen"]);
    await limits.keep([first, second]);
    await limits.endUnpaid(first.orderId);
    await limits.endUnpaid(first.orderId);
    const twice = { ...purchaseLimitsWithoutHoarding, cancelsPerDay: 2 };
    expect(codes(await limits.reserve([reservationOf({ documents: ["a"] })], twice))).toEqual(["ok"]);
    const once = { ...purchaseLimitsWithoutHoarding, cancelsPerDay: 1 };
    expect(codes(await limits.reserve([reservationOf({ documents: ["d"] })], once))).toEqual(["CancelledTooOften"]);
    expect(codes(await limits.reserve([reservationOf({ user: 2, documents: ["b"] })], once))).toEqual([
      "CancelledTooOften",
    ]);
    expect(codes(await limits.reserve([reservationOf({ user: 2, documents: ["b"] })], twice))).toEqual(["ok"]);
  });

  test(`I6 ${adapter}: an order of several lines that is paid lets its account buy again`, async () => {
    const limits = await create();
    const first = reservationOf({ documents: ["a"] });
    const second = reservationOf({ first, line: 1, documents: ["a"], run: runId("G2", date), hour: 13 });
    await limits.reserve([first, second], purchaseLimitsDefault);
    await limits.paid([first]);
    await limits.keep([first, second].map((reservation) => ({ ...reservation, unpaidUntil: null })));
    expect(
      codes(await limits.reserve([reservationOf({ documents: ["c"], minute: 1 })], purchaseLimitsDefault)),
    ).toEqual(["ok"]);
  });

  test(`${adapter}: five orders for standing room count as one, and one that was paid or found no seat as none`, async () => {
    const limits = await create();
    await cancel(limits, 2, { documents: ["a"] });
    await cancel(limits, 4, { documents: ["a"], standing: true });
    const paid = reservationOf({ documents: ["a"] });
    await claimFreely(limits, [paid]);
    await limits.paid([paid]);
    await limits.release(paid, [paid.trips[0]!.ticketNo]);
    const unseated = reservationOf({ documents: ["a"] });
    expect(await guarded(limits, unseated)).toEqual(["ok"]);
    await limits.release(unseated);
    await cancel(limits, 1, { documents: ["a"], standing: true });
    expect(await guarded(limits, reservationOf({ documents: ["a"] }))).toEqual(["CancelledTooOften"]);
  });

  test(`${adapter}: what is against hoarding can be set, and switched off`, async () => {
    const limits = await create();
    const open = Array.from({ length: 4 }, (_, n) => reservationOf({ documents: [`${n}`] }));
    const two = { ...purchaseLimitsDefault, unpaidMax: 2 };
    expect(codes(await limits.reserve(open.slice(0, 3), two))).toEqual(["ok", "ok", "UnpaidOrderOpen"]);
    expect(codes(await claimFreely(limits, open.slice(2)))).toEqual(["ok", "ok"]);
    await cancel(limits, 6, { user: 2, documents: ["x"], standing: true });
    const standing = { ...purchaseLimitsDefault, unpaidMax: 0, cancelsPerDay: 1, standingCancelsPerOne: 0 };
    expect(codes(await limits.reserve([reservationOf({ user: 2, documents: ["x"] })], standing))).toEqual(["ok"]);
    expect(
      codes(
        await limits.reserve([reservationOf({ user: 2, documents: ["y"] })], { ...standing, standingCancelsPerOne: 6 }),
      ),
    ).toEqual(["CancelledTooOften"]);
  });

  test(`${adapter}: restored orders wait for their money where theirs do, and cancelled ones count`, async () => {
    const limits = await create();
    const [open, paid] = [reservationOf({ documents: ["a"] }), reservationOf({ user: 2, documents: ["b"] })];
    await limits.reload([open, ...over([paid])]);
    expect(
      await guarded(
        limits,
        reservationOf({ documents: ["c"], minute: 1 }),
        reservationOf({ user: 2, documents: ["d"], minute: 1 }),
      ),
    ).toEqual(["UnpaidOrderOpen", "ok"]);
    const gone = [1, 2, 3].map(() => reservationOf({ user: 3, documents: ["e"] }));
    await limits.restoreUnpaid(gone.slice(0, 2));
    expect(await guarded(limits, reservationOf({ user: 3, documents: ["f"], minute: 2 }))).toEqual(["ok"]);
    await limits.restoreUnpaid(gone.slice(2));
    expect(
      await guarded(
        limits,
        reservationOf({ user: 3, documents: ["f"], minute: 20 }),
        reservationOf({ user: 4, documents: ["e"] }),
      ),
    ).toEqual(["CancelledTooOften", "CancelledTooOften"]);
  });

  test(`I6 ${adapter}: of an account's purchases that race one is taken`, async () => {
    const limits = await create();
    const reservations = Array.from({ length: 12 }, (_, n) =>
      reservationOf({ run: runId(`G${n}`, date), documents: [`${n}`] }),
    );
    const answers = await Promise.all(reservations.map((each) => guarded(limits, each)));
    expect(answers.flat().filter((code) => code === "ok").length).toBe(1);
  });

  test(`I6 ${adapter}: however claims race, no limit is exceeded, and all is free again in the end`, async () => {
    const limits = await create();
    const random = createPrng(Number(process.env["SEED"] ?? 6));
    const people = ["a", "b", "c", "d", "e", "f"];
    const anyReservation = () => {
      const first = random.below(people.length);
      return reservationOf({
        user: 1 + random.below(3),
        run: runId(`G${random.below(3)}`, date),
        documents: Array.from({ length: 1 + random.below(3) }, (_, n) => people[(first + n) % people.length]!),
        hour: 6 + random.below(10),
        hours: 1 + random.below(3),
      });
    };
    const standing = new Set<Reservation>();
    for (let round = 0; round < 12; round++) {
      const reservations = Array.from({ length: 12 }, anyReservation);
      const answers = await Promise.all(reservations.map((reservation) => claimFreely(limits, [reservation])));
      reservations.forEach((reservation, n) => answers[n]![0]!.ok && standing.add(reservation));
      expect(excesses([...standing])).toEqual([]);
      const leaving = [...standing].filter(() => random.chance(0.4));
      await Promise.all(leaving.map((reservation) => limits.release(reservation)));
      for (const reservation of leaving) standing.delete(reservation);
    }
    await Promise.all([...standing].map((reservation) => limits.release(reservation)));
    const whole = people.slice(0, 5);
    expect(
      codes(
        await claimFreely(limits, [reservationOf({ run: runId("G0", date), documents: whole, hour: 0, hours: 24 })]),
      ),
    ).toEqual(["ok"]);
  });
}

/** Limits that these claims together exceed. */
export function excesses(reservations: readonly TripClaim[]): string[] {
  const found: string[] = [];
  for (const [account, own] of Map.groupBy(reservations, ({ userId, runId: run }) => `${userId} ${run}`)) {
    const tickets = own.reduce((sum, { trips }) => sum + trips.length, 0);
    if (tickets > small.ticketsPerUserRun) found.push(`${account}: ${tickets} tickets`);
  }
  const travels = reservations.flatMap((reservation) =>
    reservation.trips.map(({ documentHash }) => ({ reservation, documentHash })),
  );
  for (const [document, own] of Map.groupBy(travels, ({ documentHash }) => documentHash)) {
    const inOrder = own.map(({ reservation }) => reservation).sort((a, b) => a.departAt - b.departAt);
    for (const [n, { departAt }] of inOrder.entries()) {
      if (n > 0 && departAt < inOrder[n - 1]!.arriveAt) found.push(`${document} is on two trains`);
    }
  }
  return found;
}
