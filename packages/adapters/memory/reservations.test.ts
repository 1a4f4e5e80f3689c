/** The compact limits keep the rules, and say what the simple ones say, whatever is claimed and given back. */
import { expect, test } from "bun:test";
import { type RunId, runId } from "@chepiao/contracts";
import {
  addDays,
  createPrng,
  epochMs,
  hourMs,
  type OrderId,
  orderNoOf,
  serviceDate,
  type UserId,
} from "@chepiao/kernel";
import { type Claim, createMemoryReservations, type Reservations } from "@chepiao/ports/reservations";
import { reservationsSuite } from "@chepiao/ports/reservations/reservations.suite.ts";
import { createCompactReservations } from "./reservations.ts";

reservationsSuite("compact", () => createCompactReservations());

const seeds = Number(process.env["SEED"] ?? Math.floor(Math.random() * 1e6));

test(`compact: says what the simple one says, seeds from ${seeds}`, async () => {
  for (let seed = seeds; seed < seeds + 20; seed++) {
    const prng = createPrng(seed);
    const [compact, simple] = [createCompactReservations(), createMemoryReservations()];
    const made: Claim[] = [];
    for (let step = 0; step < 1_500; step++) {
      const draw = prng.below(10);
      if (draw < 6) {
        const claims = Array.from({ length: 1 + prng.below(4) }, () => drawClaim(prng, made));
        expect(said(await compact.claim(claims))).toEqual(said(await simple.claim(claims)));
        made.push(...claims);
      } else if (draw < 9 && made.length > 0) {
        const { orderId, trips } = prng.pick(made);
        const some =
          prng.below(2) === 0 ? undefined : trips.filter(() => prng.below(2) === 0).map((trip) => trip.ticketNo);
        for (const each of [compact, simple]) await each.giveBack(orderId, some);
      } else if (draw === 9 && prng.below(10) === 0) {
        const instant = epochMs(start + prng.below(15 * 24) * hourMs);
        for (const each of [compact, simple]) await each.forgetBefore(instant);
      } else {
        const claims = [drawClaim(prng, made)];
        for (const each of [compact, simple]) await each.restore(claims);
        made.push(...claims);
      }
    }
  }
});

/** Of several trips in the way, which one is named is not promised. */
const said = (answers: Awaited<ReturnType<Reservations["claim"]>>) =>
  answers.map((answer) => (answer.ok ? "ok" : [answer.error.code, answer.error.facts?.["ticket"]]));

const first = serviceDate("2026-12-01");
const start = Date.UTC(2026, 11, 1);

/** Few people, few runs: limits are met often. Sometimes an order comes twice. */
function drawClaim(prng: ReturnType<typeof createPrng>, made: readonly Claim[]): Claim {
  if (made.length > 0 && prng.below(10) === 0) return prng.pick(made);
  const orderId = (1e9 + made.length * 4_096 + prng.below(2_000)) as OrderId;
  const day = prng.below(14);
  const hour = prng.below(20);
  const people = new Set(Array.from({ length: 1 + prng.below(5) }, () => prng.below(300)));
  const run: RunId = runId(`G${prng.below(30)}`, addDays(first, day));
  return {
    orderId,
    userId: prng.below(40) as UserId,
    runId: run,
    boardingDate: addDays(first, day),
    departAt: epochMs(start + (day * 24 + hour) * hourMs),
    arriveAt: epochMs(start + (day * 24 + hour + 1 + prng.below(6)) * hourMs),
    trips: [...people].map((person, n) => ({
      ticketNo: prng.below(5) === 0 ? `other-${orderId}-${n}` : `${orderNoOf(orderId)}-${n + 1}`,
      documentHash: person % 2 === 0 ? `person ${person}` : person.toString(16).padStart(64, "0"),
    })),
  };
}
