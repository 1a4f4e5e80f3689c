/** The rules of an order store about trips at the student fare: exact, whatever else happens, and given back with the ticket (rules 3.17, 5.11). */
import { expect, test } from "bun:test";
import { type OrderAccepted, type Replaces, runId, type TicketState } from "@chepiao/contracts";
import { addDays, createPrng, dayMs, epochMs, fen, serviceDate } from "@chepiao/kernel";
import { type TripLimits, tripLimitsDefault } from "@chepiao/ports/reservations";
import type { OrderRecord, OrderStore } from "./orderStore.ts";
import {
  freedOf,
  sampleDate,
  sampleDeparture,
  sampleNow as now,
  sampleOrder,
  type SampleOptions,
} from "./samples.suite.ts";
import { schoolYearOf, studentTripsOf } from "./studentTrips.ts";

const students = { perYear: 2, yearStart: "10-01" };
const limits: TripLimits = { ...tripLimitsDefault, ticketsPerDocumentDay: 0, students };
const yearFrom = serviceDate("2026-10-01");

/** One of a student, that many days after the first. */
function tripOf(documents: readonly string[], day: number, over: Partial<SampleOptions> = {}): OrderAccepted {
  const order = sampleOrder({
    train: `G${day}`,
    boardingDate: addDays(sampleDate, day),
    departAt: epochMs(sampleDeparture + day * dayMs),
    seats: documents.map((_, n) => n),
    documents,
    ...over,
  });
  return { ...order, tickets: order.tickets.map((ticket) => ({ ...ticket, ticketType: "student" })) };
}

const inState = (order: OrderRecord, state: OrderRecord["state"], ofTickets: TicketState): OrderRecord => ({
  ...order,
  state,
  tickets: order.tickets.map((ticket) => ({ ...ticket, state: ofTickets })),
});

export function studentTripsSuite(
  adapter: string,
  create: () => Promise<{ readonly store: OrderStore }> | { readonly store: OrderStore },
): void {
  const loaded = async (store: OrderStore, { orderId }: OrderAccepted) => (await store.load(orderId))!;
  async function outcomeOf(store: OrderStore, order: OrderAccepted, by = limits) {
    await store.accept([order], now, by);
    const { state, endedBecause } = await loaded(store, order);
    return endedBecause ?? state;
  }
  const leftOf = async (store: OrderStore, documentHash: string) =>
    students.perYear - (await store.studentTrips([{ documentHash, yearFrom }]))[0]!.length;

  test(`I6 ${adapter}: a document has so many student trips a school year, by its days of travel, and each ticket is one`, async () => {
    const { store } = await create();
    expect(await outcomeOf(store, tripOf(["a"], 0))).toBe("pendingPayment");
    const line = {
      train: "G50",
      boardingDate: addDays(sampleDate, 50),
      departAt: epochMs(sampleDeparture + 50 * dayMs),
    };
    const twoLines = (document: string) => tripOf([document, document], 1, { seats: [0], furtherLines: [line] });
    expect(await outcomeOf(store, twoLines("a"))).toBe("StudentTripsUsed");
    expect(await leftOf(store, "a")).toBe(1);
    expect(await outcomeOf(store, twoLines("b"))).toBe("pendingPayment");
    expect([await leftOf(store, "a"), await leftOf(store, "b"), await leftOf(store, "c")]).toEqual([1, 0, 2]);
    // Whoever is refused keeps nobody's seat, and takes no trip of those who go along.
    const refused = tripOf(["c", "b"], 2);
    expect(await outcomeOf(store, refused)).toBe("StudentTripsUsed");
    expect(await leftOf(store, "c")).toBe(2);
    expect(await outcomeOf(store, tripOf(["c"], 2))).toBe("pendingPayment");
    // The next year begins anew; and where there is no limit nothing is counted.
    expect(schoolYearOf(addDays(sampleDate, 303), students)).toBe(yearFrom);
    expect(schoolYearOf(addDays(sampleDate, 304), students)).toBe(serviceDate("2027-10-01"));
    expect(await outcomeOf(store, tripOf(["b"], 304))).toBe("pendingPayment");
    expect(await outcomeOf(store, tripOf(["b"], 3), { ...limits, students: null })).toBe("pendingPayment");
    expect(await leftOf(store, "b")).toBe(0);
  });

  test(`I6 ${adapter}: a student trip is given back with its ticket, also when the train did not run, and stays used where it was`, async () => {
    const { store } = await create();
    const [first, second] = [tripOf(["a"], 0), tripOf(["a"], 1)];
    await store.accept([first, second], now, limits);
    const one = await loaded(store, first);
    await store.change([{ order: inState(one, "cancelled", "released"), freedSeats: freedOf(one), messages: [] }], now);
    expect(await leftOf(store, "a")).toBe(1);
    const two = inState(await loaded(store, second), "completed", "used");
    await store.change([{ order: two, freedSeats: [], messages: [] }], now);
    await store.forgetRuns(addDays(sampleDate, 60), 100);
    expect(await leftOf(store, "a")).toBe(1);
    const over = await loaded(store, second);
    await store.change([{ order: inState(over, "refunded", "refunding"), freedSeats: [], messages: [] }], now);
    expect(await leftOf(store, "a")).toBe(2);
    // Of a school year that is over nothing is kept.
    await store.accept([tripOf(["a"], 2)], now, limits);
    await store.forgetRuns(serviceDate("2027-10-01"), 100);
    expect(await leftOf(store, "a")).toBe(1);
    await store.forgetRuns(serviceDate("2027-10-03"), 100);
    expect(await leftOf(store, "a")).toBe(2);
  });

  test(`I6 ${adapter}: a ticket that is to become another does not count against that one, and gives its trip back when it does`, async () => {
    const { store } = await create();
    const [first, second] = [tripOf(["a"], 0), tripOf(["a"], 1)];
    await store.accept([first, second], now, limits);
    const replaces: Replaces = {
      orderId: first.orderId,
      line: 0,
      runId: runId("G0", sampleDate),
      kind: "reschedule",
      nth: 1,
      departAt: sampleDeparture,
      isCarried: false,
      tickets: [{ ticketNo: first.tickets[0]!.ticketNo, feeFen: fen(0), refundFen: fen(0) }],
    };
    const next = { ...tripOf(["a"], 2), replaces };
    expect(await outcomeOf(store, tripOf(["a"], 2))).toBe("StudentTripsUsed");
    expect(await outcomeOf(store, next)).toBe("pendingPayment");
    const old = await loaded(store, first);
    await store.change([{ order: inState(old, "changed", "changed"), freedSeats: freedOf(old), messages: [] }], now);
    expect(await leftOf(store, "a")).toBe(0);
  });

  test(`I6 I7 ${adapter}: of orders that are written at once and twice as many are taken as there are trips, and as often as some are given back`, async () => {
    const { store } = await create();
    const seed = Number(process.env["SEED"] ?? 20261130);
    const prng = createPrng(seed);
    const known = new Map<string, OrderAccepted>();
    const taken = (document: string) =>
      [...known.values()].filter((order) =>
        studentTripsOf(order, limits).some((trip) => trip.documentHash === document),
      ).length;
    for (let round = 0; round < 6; round++) {
      const asked = Array.from({ length: 4 }, (_, n) => tripOf([prng.pick(["a", "b", "c"])], round * 4 + n));
      await Promise.all([store.accept(asked.slice(0, 2), now, limits), store.accept(asked.slice(2), now, limits)]);
      await store.accept(asked, now, limits);
      for (const order of asked) {
        const { state, endedBecause } = await loaded(store, order);
        if (state === "pendingPayment") known.set(order.orderNo, order);
        else expect([seed, endedBecause]).toEqual([seed, "StudentTripsUsed"]);
      }
      for (const document of ["a", "b", "c"]) {
        const wanted = asked.filter(({ tickets }) => tickets[0]!.documentHash === document);
        expect([seed, await leftOf(store, document)]).toEqual([seed, students.perYear - taken(document)]);
        const refused = wanted.filter(({ orderNo }) => !known.has(orderNo));
        if (refused.length > 0) expect([seed, taken(document)]).toEqual([seed, students.perYear]);
      }
      const given = known.size > 0 ? prng.pick([...known.values()]) : null;
      if (!given) continue;
      const order = await loaded(store, given);
      await store.change(
        [{ order: inState(order, "expired", "released"), freedSeats: freedOf(order), messages: [] }],
        now,
      );
      known.delete(given.orderNo);
    }
  });
}
