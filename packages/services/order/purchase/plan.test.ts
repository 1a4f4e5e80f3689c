/** What may be bought, by whom and when. */
import { expect, test } from "bun:test";
import { type OrderRequest, policyDefault, refusals, type StopSide, type Timetable } from "@chepiao/contracts";
import {
  epochMs,
  type EpochMs,
  formatInZone,
  hourMs,
  minuteMs,
  serviceDate,
  serviceDayStart,
  type ZoneName,
} from "@chepiao/kernel";
import {
  child,
  createTimetable,
  departure,
  noon,
  passengersOf,
  person,
  requestOf,
  sameAsFirst,
  student,
  travelDate,
  zone,
} from "../order.twin.ts";
import { rulesOf } from "../rules.ts";
import { payByOf, planPurchase } from "./plan.ts";

const timetable = createTimetable();
const rules = rulesOf(timetable.policy);
const saleClosesBeforeDepartureMs = policyDefault.sale.closesMinutes * minuteMs;
const planOf = (over: Parameters<typeof requestOf>[1], now: EpochMs = noon) =>
  planPurchase(requestOf(1, over), passengersOf(1), timetable, now, rules);

function said(over: Parameters<typeof requestOf>[1], now?: EpochMs): string {
  const plan = planOf(over, now);
  if (plan.ok) return `${plan.value.fromStop}-${plan.value.toStop} ${plan.value.boardingDate}`;
  expect(refusals).toHaveProperty(plan.error.code);
  return plan.error.code;
}

test("a purchase is of a run that exists, from one of its stations to a later one", () => {
  expect(said({})).toBe("0-3 2026-12-01");
  expect(said({ from: "B", to: "C" })).toBe("1-2 2026-12-01");
  expect(said({ trainNumber: "G404" })).toBe("RunUnknown");
  expect(said({ from: "Z" })).toBe("NotOnRoute");
  expect(said({ to: "Z" })).toBe("NotOnRoute");
  expect(said({ from: "D", to: "A" })).toBe("NotOnRoute");
  expect(said({ from: "A", to: "A" })).toBe("NotOnRoute");
  expect(said({ seatClass: "hardSleeper" })).toBe("ClassNotOffered");
});

test("after midnight the boarding date is the next day's, and the origin date stays", () => {
  const plan = planOf({ trainNumber: "K9", from: "B", to: "C", seatClass: "hardSleeper" });
  expect(plan).toMatchObject({ ok: true, value: { boardingDate: "2026-12-02", run: { runId: "K9/2026-12-01" } } });
  expect(said({ trainNumber: "K9", to: "C", seatClass: "hardSleeper" })).toBe("0-2 2026-12-01");
});

test("the child of the boarding date counts, not of the origin date", () => {
  const born = serviceDate("2012-12-02");
  const [own, ...others] = passengersOf(1);
  const saved = [{ ...own!, birthDate: born, ticketType: "child" as const }, ...others];
  const night = { trainNumber: "K9", seatClass: "hardSeat" as const, to: "C", people: [0, 1] };
  const buy = (from: string) => planPurchase(requestOf(1, { ...night, from }), saved, timetable, noon, rules);
  expect(buy("A").ok).toBe(true);
  expect(buy("B")).toMatchObject({ ok: false, error: { code: "TicketTypeNotAllowed", facts: { ticket: 0 } } });
});

test("sale opens at its millisecond, and says when", () => {
  const opens = timetable.saleOpensAt(timetable.run("G1", travelDate)!, 0);
  const early = planOf({}, epochMs(opens - 1));
  expect(early).toMatchObject({
    ok: false,
    error: { code: "SaleNotOpen", facts: { opensAt: "2026-11-17T08:00:00+08:00" } },
  });
  expect(said({}, opens)).toBe("0-3 2026-12-01");
});

test("sale closes at its millisecond, counted from where one boards", () => {
  const closes = departure - saleClosesBeforeDepartureMs;
  expect(said({}, epochMs(closes - 1))).toBe("0-3 2026-12-01");
  // As search shows it.
  expect(said({}, epochMs(closes))).toBe("SaleClosed");
  const later = closes + hourMs + 2 * minuteMs;
  expect(said({ from: "B" }, epochMs(later - 1))).toBe("1-3 2026-12-01");
  expect(said({ from: "B" }, epochMs(later))).toBe("SaleClosed");
});

test("what the waitlist was given is bought at any hour, and what nobody sells is refused for that at any", () => {
  const night = epochMs(noon + 15 * hourMs);
  const byHours = { ...rules, hours: { from: "05:00", to: "01:00" } };
  const buy = (over: object) => planPurchase({ ...requestOf(1), ...over }, passengersOf(1), timetable, night, byHours);
  expect(buy({})).toMatchObject({
    ok: false,
    error: { code: "ServiceClosed", facts: { opensAt: formatInZone(epochMs(noon + 17 * hourMs), zone) } },
  });
  expect(buy({ fromStop: 0 }).ok).toBe(true);
  expect(buy({ trainNumber: "G404" })).toMatchObject({ ok: false, error: { code: "RunUnknown" } });
});

test("the time to pay ends with the sale of the first train that leaves, however long it is", () => {
  const closing = (saleClosesAt: number) => {
    const plan = planOf({});
    if (!plan.ok) throw new Error(plan.error.code);
    return { ...plan.value, saleClosesAt: epochMs(saleClosesAt) };
  };
  const quarter = { timeToPayMs: () => 15 * minuteMs };
  const soon = noon + 45_000;
  expect(payByOf([closing(soon)], noon, quarter)).toBe(epochMs(soon));
  expect(payByOf([closing(noon + hourMs), closing(soon)], noon, quarter)).toBe(epochMs(soon));
  expect(payByOf([closing(noon + hourMs)], noon, quarter)).toBe(epochMs(noon + 15 * minuteMs));
});

test("a train that calls twice is boarded where search says: at the last call before the same arrival", () => {
  const loop = { trainNumber: "C5" };
  expect(said({ ...loop, from: "A", to: "C" })).toBe("2-3 2026-12-01");
  expect(said({ ...loop, from: "A", to: "B" })).toBe("0-1 2026-12-01");
  expect(said({ ...loop, from: "B", to: "A" })).toBe("1-2 2026-12-01");
  expect(said({ ...loop, from: "A", to: "A" })).toBe("NotOnRoute");
  const gone = epochMs(serviceDayStart(travelDate, zone) + 9 * hourMs);
  expect(said({ ...loop, from: "A", to: "C" }, gone)).toBe("2-3 2026-12-01");
  expect(said({ ...loop, from: "A", to: "B" }, gone)).toBe("SaleClosed");
});

test("a stop that is closed to boarding or alighting is not sold on that side", () => {
  const withB = (closedTo: StopSide): Timetable => ({
    ...timetable,
    run(trainNumber, date) {
      const run = timetable.run(trainNumber, date);
      const stops = run?.train.stops.map((stop) => (stop.stationId === "B" ? { ...stop, closedTo } : stop));
      return run && { ...run, train: { ...run.train, stops: stops! } };
    },
  });
  const sold = (closedTo: StopSide, from: string, to: string) => {
    const asked = requestOf(1, { from, to });
    const plan = planPurchase(asked, passengersOf(1), withB(closedTo), noon, rules);
    return plan.ok || plan.error.code;
  };
  expect(sold("boarding", "B", "C")).toBe("NotOnRoute");
  expect(sold("boarding", "A", "B")).toBe(true);
  expect(sold("alighting", "A", "B")).toBe("NotOnRoute");
  expect(sold("alighting", "B", "C")).toBe(true);
});

test("the boarding date is what the clock shows where one boards", () => {
  const abroad: Timetable = {
    ...timetable,
    run(trainNumber, date) {
      const run = timetable.run(trainNumber, date);
      const newYork = "America/New_York" as ZoneName;
      const stops = run?.train.stops.map((stop) => (stop.stationId === "B" ? { ...stop, zone: newYork } : stop));
      return run && { ...run, train: { ...run.train, stops: stops! } };
    },
  };
  const boards = (from: string, to: string) => {
    const asked = requestOf(1, { from, to });
    const plan = planPurchase(asked, passengersOf(1), abroad, noon, rules);
    return plan.ok && String(plan.value.boardingDate);
  };
  // In the morning of Shanghai it is the evening before.
  expect([boards("A", "B"), boards("B", "C")]).toEqual(["2026-12-01", "2026-11-30"]);
});

test("passengers are the account's own, and each only once, by document", () => {
  expect(said({ people: [0, 99] })).toBe("PassengerUnknown");
  expect(said({ people: [0, 0] })).toBe("DuplicatePassenger");
  expect(planOf({ people: [1, 0, sameAsFirst] })).toMatchObject({
    error: { code: "DuplicatePassenger", facts: { ticket: 2 } },
  });
  const foreign: OrderRequest = { ...requestOf(1), passengers: [{ passengerId: person(2, 0) }] };
  expect(planPurchase(foreign, passengersOf(1), timetable, noon, rules)).toMatchObject({
    error: { code: "PassengerUnknown", facts: { ticket: 0 } },
  });
});

test("the ticket type is the saved one unless another is asked for, and must be allowed", () => {
  const types = (over: Parameters<typeof requestOf>[1]) => {
    const plan = planOf(over);
    return plan.ok ? plan.value.passengers.map((each) => each.ticketType) : plan.error;
  };
  expect(types({ people: [0, child, student] })).toEqual(["adult", "child", "student"]);
  const onAdultFare = { passengerId: person(1, child), ticketType: "adult" as const };
  expect(types({ passengers: [{ passengerId: person(1, 0) }, onAdultFare] })).toEqual(["adult", "adult"]);
  const alone = { code: "ChildWithoutAdult" as const, facts: { ticket: 0 } };
  expect(types({ people: [child] })).toEqual(alone);
  expect(types({ passengers: [onAdultFare] })).toEqual(alone);
  expect(types({ passengers: [{ passengerId: person(1, 0), ticketType: "student" }] })).toEqual({
    code: "TicketTypeNotAllowed",
    facts: { ticket: 0, ticketType: "student" },
  });
  expect(types({ passengers: [{ passengerId: person(1, 0), ticketType: "child" }] })).toMatchObject({
    code: "TicketTypeNotAllowed",
  });
  expect(types({ people: [student], seatClass: "business" })).toMatchObject({ code: "TicketTypeNotAllowed" });
});

test("wishes go with their passengers", () => {
  const plan = planOf({
    trainNumber: "K9",
    to: "C",
    seatClass: "hardSleeper",
    passengers: [{ passengerId: person(1, 1), preference: "lower" }, { passengerId: person(1, 0) }],
  });
  expect(
    plan.ok && plan.value.passengers.map(({ passenger, preference }) => [passenger.passengerId, preference]),
  ).toEqual([
    [person(1, 1), "lower"],
    [person(1, 0), null],
  ] as never);
});

test("a run that is cancelled is not sold, nor a way from or to a stop that is skipped today", () => {
  const { runId } = timetable.run("G1", travelDate)!;
  const saidOf = (isCancelled: boolean, skipped: readonly number[], over: Parameters<typeof requestOf>[1] = {}) => {
    const stops = skipped.map((stop) => ({ stop, arriveDelayS: null, departDelayS: null, isSkipped: true }));
    const told: Timetable = {
      ...timetable,
      stateOf: (asked) => (asked === runId ? { runId, isCancelled, stops } : null),
    };
    const plan = planPurchase(requestOf(1, over), passengersOf(1), told, noon, rules);
    return plan.ok ? "sold" : plan.error.code;
  };
  expect(saidOf(true, [])).toBe("RunCancelled");
  expect(saidOf(false, [1])).toBe("sold");
  expect(saidOf(false, [1], { from: "B", to: "C" })).toBe("RunCancelled");
  expect(saidOf(false, [2], { from: "B", to: "C" })).toBe("RunCancelled");
});
