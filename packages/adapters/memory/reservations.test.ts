/** The compact limits keep the rules, and say what the simple ones say, whatever is claimed and given back. */
import { expect, test } from "bun:test";
import { type RunId, runId } from "@chepiao/contracts";
import {
  addDays,
  createPrng,
  dateOfDayNumber,
  dayMs,
  epochMs,
  hourMs,
  linesPerOrderMax,
  minuteMs,
  type OrderId,
  orderNoOf,
  serviceDate,
  type UserId,
} from "@chepiao/kernel";
import { type Reservation, createMemoryReservations, type Reservations } from "@chepiao/ports/reservations";
import { reservationsSuite } from "@chepiao/ports/reservations/reservations.suite.ts";
import { createCompactReservations } from "./reservations.ts";

reservationsSuite("compact", () => createCompactReservations());

const seeds = Number(process.env["SEED"] ?? Math.floor(Math.random() * 1e6));

test(`compact: says what the simple one says, seeds from ${seeds}`, async () => {
  for (let seed = seeds; seed < seeds + 20; seed++) {
    const prng = createPrng(seed);
    const [compact, simple] = [createCompactReservations(), createMemoryReservations()];
    let made: Reservation[] = [];
    const draw = drawing(prng);
    const limits = {
      unpaidMax: prng.below(4),
      cancelsPerDay: prng.below(5),
      standingCancelsPerOne: prng.below(4),
      ticketsPerUserRun: prng.pick([5, 9]),
      ticketsPerDocumentDay: prng.pick([0, 2, 10]),
      gapMs: prng.pick([0, 10]) * minuteMs,
      otherStationGapMs: prng.pick([10, 40, 70]) * minuteMs,
      students: null,
    };
    for (let step = 0; step < 1_500; step++) {
      const turn = prng.below(12);
      if (turn === 10 && made.length > 0) {
        const { orderId } = prng.pick(made);
        for (const each of [compact, simple]) await each.endUnpaid(orderId);
        // It does not come back.
        made = made.filter((reservation) => reservation.orderId !== orderId);
      } else if (turn === 11 && made.length > 0) {
        const reservation = prng.pick(made);
        for (const each of [compact, simple]) await each.paid([reservation]);
      } else if (turn < 6) {
        const reservations = Array.from({ length: 1 + prng.below(4) }, () => maybeReplacing(prng, made, draw(made)));
        expect(said(await compact.reserve(reservations, limits))).toEqual(
          said(await simple.reserve(reservations, limits)),
        );
        made.push(...reservations);
      } else if (turn < 9 && made.length > 0) {
        const reservation = prng.pick(made);
        const some =
          prng.below(2) === 0
            ? undefined
            : reservation.trips.filter(() => prng.below(2) === 0).map((trip) => trip.ticketNo);
        for (const each of [compact, simple]) await each.release(reservation, some);
      } else if (turn === 9 && prng.below(10) === 0) {
        const instant = epochMs(start + prng.below(15 * 24) * hourMs);
        for (const each of [compact, simple]) await each.forgetBefore(instant);
      } else {
        const reservations = [draw(made)];
        for (const each of [compact, simple]) await each.reload(reservations);
        made.push(...reservations);
      }
    }
  }
});

/** Now and then it is to replace what another claim has, or some of it. */
function maybeReplacing(
  prng: ReturnType<typeof createPrng>,
  made: readonly Reservation[],
  next: Reservation,
): Reservation {
  if (made.length === 0 || made.includes(next) || next.line > 0 || prng.below(3) > 0) return next;
  const { orderId, line, userId, runId: run, trips } = prng.pick(made);
  const replaced = trips.filter((_, n) => n === 0 || prng.below(3) > 0);
  return {
    ...next,
    userId,
    trips: replaced.map(({ documentHash }, n) => ({ ticketNo: `new-${next.orderId}-${n}`, documentHash })),
    replaces: { orderId, line, runId: run, ticketNos: replaced.map(({ ticketNo }) => ticketNo) },
  };
}

/** Of several trips in the way, which one is named is not promised. */
const said = (answers: Awaited<ReturnType<Reservations["reserve"]>>) =>
  answers.map((answer) =>
    answer.ok ? "ok" : [answer.error.code, answer.error.facts?.["ticket"], answer.error.facts?.["orderNo"]],
  );

const first = serviceDate("2026-12-01");
const start = Date.UTC(2026, 11, 1);

/** Few people, few runs: limits are met often. Sometimes an order comes twice, or with further lines. */
function drawing(prng: ReturnType<typeof createPrng>) {
  let count = 0;
  return (made: readonly Reservation[]): Reservation => drawReservation(prng, made, ++count);
}

function drawReservation(
  prng: ReturnType<typeof createPrng>,
  made: readonly Reservation[],
  count: number,
): Reservation {
  if (made.length > 0 && prng.below(10) === 0) return prng.pick(made);
  const of = made.length > 0 && prng.below(2) === 0 ? prng.pick(made) : null;
  const orderId = of?.orderId ?? ((1e9 + count * 4_096 + prng.below(2_000)) as OrderId);
  const day = prng.below(14);
  const hour = prng.below(20);
  const people = new Set(Array.from({ length: 1 + prng.below(5) }, () => prng.below(300)));
  const run: RunId = runId(`G${prng.below(30)}`, addDays(first, day));
  // Long before whatever is forgotten, on three days, and now and then a purchase that was overtaken.
  const boughtAt = of?.boughtAt ?? epochMs(start - 20 * dayMs + count * 2 * minuteMs - prng.below(10) * minuteMs);
  return {
    orderId,
    boughtAt,
    boughtOn: dateOfDayNumber(Math.floor(boughtAt / dayMs)),
    unpaidUntil: of ? of.unpaidUntil : prng.below(5) === 0 ? null : epochMs(boughtAt + prng.below(200) * minuteMs),
    isStanding: of?.isStanding ?? prng.below(4) === 0,
    line: of ? 1 + prng.below(linesPerOrderMax - 1) : 0,
    userId: of?.userId ?? (prng.below(40) as UserId),
    runId: run,
    boardingDate: addDays(first, day),
    departAt: epochMs(start + (day * 24 + hour) * hourMs),
    arriveAt: epochMs(start + (day * 24 + hour + 1 + prng.below(6)) * hourMs - prng.below(4) * 20 * minuteMs),
    ...(prng.below(4) === 0 ? {} : { stations: { from: prng.pick(["A", "B", "C"]), to: prng.pick(["A", "B", "C"]) } }),
    trips: [...people].map((person, n) => ({
      ticketNo: prng.below(5) === 0 ? `other-${orderId}-${n}` : `${orderNoOf(orderId)}-${n + 1}`,
      documentHash: person % 2 === 0 ? `person ${person}` : person.toString(16).padStart(64, "0"),
    })),
  };
}
