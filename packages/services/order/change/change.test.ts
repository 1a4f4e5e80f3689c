/** Tickets that become others, through the whole order room. Fares of the world: 5,000 fen a stop in second class, 8,000 in first. */
import { expect, test } from "bun:test";
import { runId } from "@chepiao/contracts";
import { addDays, dayMs, hourMs, minuteMs } from "@chepiao/kernel";
import { cancellationStandsMs, operatorSays } from "@chepiao/ports/run-states";
import {
  child,
  createWorld,
  departure,
  noon,
  passengersOf,
  requestOf,
  sold,
  travelDate,
  type World,
  type WorldOptions,
} from "../order.twin.ts";

/** Two adults in second class by G1 from A to C, paid: 20,000 fen. */
async function ticketed(options: WorldOptions = {}, over: Parameters<typeof requestOf>[1] = {}) {
  const world = await createWorld(options);
  const { orderNo, totalFen } = sold(await world.submit(1, requestOf(1, { to: "C", people: [0, 1], ...over })));
  await world.rest();
  await world.pay(orderNo, totalFen);
  const { paymentNo, tickets } = await world.load(orderNo);
  return { world, orderNo, paymentNo: paymentNo!, nos: tickets.map(({ ticketNo }) => ticketNo) };
}
const statesOf = async (world: World, orderNo: string) => {
  const { state, tickets } = await world.load(orderNo);
  return [state, ...tickets.map((ticket) => ticket.state)];
};
const refundsOf = (world: World) =>
  [...world.bank.refunds.values()].map(({ refundNo, paymentNo, amountFen, feeFen, reason }) => [
    refundNo,
    paymentNo,
    amountFen as number,
    feeFen as number,
    reason,
  ]);
const dearer = { to: "C", seatClass: "first" } as const;
const cheaper = { trainNumber: "K9", to: "C", seatClass: "hardSleeper" } as const;
const earlier = { trainNumber: "G3", to: "C", originDate: addDays(travelDate, -1) };

test("a dearer ticket is paid in full, and the old one is valid until it is: then its fare goes back to its payment", async () => {
  const { world, orderNo, paymentNo, nos } = await ticketed();
  const answer = sold(await world.change(1, orderNo, [nos[0]!], dearer));
  expect(answer.totalFen).toBe(16_000);
  await world.rest();
  expect(await statesOf(world, answer.orderNo)).toEqual(["pendingPayment", "held"]);
  expect(await statesOf(world, orderNo)).toEqual(["ticketed", "issued", "issued"]);
  expect(sold(await world.get(1, orderNo)).tickets[0]!.code).toBeString();

  await world.pay(answer.orderNo, 16_000);
  expect(await statesOf(world, answer.orderNo)).toEqual(["ticketed", "issued"]);
  expect(await statesOf(world, orderNo)).toEqual(["ticketed", "changed", "issued"]);
  expect(refundsOf(world)).toEqual([[`${nos[0]}-change`, paymentNo, 10_000, 0, "ticketChanged"]]);
  const [old, fresh] = [sold(await world.get(1, orderNo)), sold(await world.get(1, answer.orderNo))];
  expect(old.tickets[0]).toMatchObject({ state: "changed", feeFen: 0, refundFen: 10_000, replacedBy: answer.orderNo });
  expect(old.tickets[0]!.code).toBeUndefined();
  expect(fresh.replaces).toEqual({
    orderNo: old.orderNo,
    kind: "reschedule",
    nth: 1,
    isCarried: false,
    tickets: [{ ticketNo: nos[0]!, feeFen: 0, refundFen: 10_000 }],
  });
});

test("tickets of which none is dearer cost nothing: the old payment carries them, and what they cost less goes back without the refund's fee", async () => {
  const { world, orderNo, paymentNo, nos } = await ticketed();
  // Nine days before: nothing is kept of a refund either. A berth costs 8,000, a lower one 1,000 more.
  const answer = sold(await world.change(1, orderNo, nos, cheaper));
  await world.rest();
  expect(await statesOf(world, answer.orderNo)).toEqual(["ticketed", "issued", "issued"]);
  expect(await statesOf(world, orderNo)).toEqual(["changed", "changed", "changed"]);
  const order = await world.load(answer.orderNo);
  expect(order.paymentNo).toBe(paymentNo);
  const fares = order.tickets.map(({ fareFen }) => fareFen);
  expect(refundsOf(world).map(([, , amount]) => amount)).toEqual(fares.map((fare) => 10_000 - fare));
  expect(await world.life().room.client.payable(1 as never, answer.orderNo)).toMatchObject({ ok: false });
  // A ticket that is carried is given back from the payment that carries it.
  sold(await world.refund(1, answer.orderNo, [order.tickets[0]!.ticketNo]));
  await world.rest();
  expect(refundsOf(world).at(-1)).toEqual([
    `${order.tickets[0]!.ticketNo}-back`,
    paymentNo,
    fares[0]!,
    0,
    "ticketReturned",
  ]);
  world.settle([...world.bank.refunds.values()].map((due) => ({ ...due, orderNo: orderNo as never })));
  await world.rest();
  expect(await statesOf(world, answer.orderNo)).toEqual(["ticketed", "refunded", "issued"]);
});

test("30 hours before, a cheaper ticket gives back the difference without a tenth; to a later day 5 % of the lower fare are kept, too", async () => {
  const at = { at: (departure - 30 * hourMs) as never };
  const one = await ticketed(at);
  sold(await one.world.change(1, one.orderNo, one.nos, cheaper));
  await one.world.rest();
  for (const [, , amountFen, feeFen] of refundsOf(one.world)) {
    const lessFen = (amountFen as number) + (feeFen as number);
    expect([1_000, 2_000]).toContain(lessFen);
    expect(feeFen).toBe(lessFen / 10);
  }
  const two = await ticketed(at);
  const later = { ...cheaper, originDate: addDays(travelDate, 1) };
  const quote = sold(await two.world.changeQuote(1, two.orderNo, [two.nos[0]!], later));
  expect(quote).toMatchObject({ rule: "grade", feeBasisPoints: 500, differenceBasisPoints: 1_000, payFen: 0 });
  expect(quote.tickets[0]).toMatchObject({ fareFen: 10_000, newFareFen: 8_000, feeFen: 400, differenceFeeFen: 200 });
  expect([quote.netFen, quote.backFen]).toEqual([-1_400, 1_400]);
});

test("an equal fare costs nothing and moves no money; with a fee it is paid in full, and the old fare less the fee goes back", async () => {
  const same = await ticketed();
  sold(await same.world.change(1, same.orderNo, same.nos, { to: "C" }));
  await same.world.rest();
  expect(await statesOf(same.world, same.orderNo)).toEqual(["changed", "changed", "changed"]);
  expect(refundsOf(same.world)).toEqual([]);

  const late = await ticketed({ at: (departure - 20 * hourMs) as never });
  const later = { to: "C", originDate: addDays(travelDate, 1) };
  expect(await late.world.changeQuote(1, late.orderNo, late.nos, later)).toMatchObject({
    netFen: 3_000,
    payFen: 20_000,
    backFen: 17_000,
  });
  const { orderNo } = sold(await late.world.change(1, late.orderNo, late.nos, later));
  await late.world.rest();
  await late.world.pay(orderNo, 20_000);
  expect(refundsOf(late.world).map(([, , amountFen, feeFen]) => [amountFen, feeFen])).toEqual([
    [8_500, 1_500],
    [8_500, 1_500],
  ]);
});

test("another destination is a change as well: once, early, from the same station", async () => {
  const { world, orderNo, nos } = await ticketed();
  expect(await world.changeQuote(1, orderNo, nos, { trainNumber: "G1", to: "D" })).toMatchObject({
    kind: "destination",
    rule: "destination",
    netFen: 10_000,
  });
  expect(await world.change(1, orderNo, nos, { from: "B", to: "D" })).toBe("ChangeOrigin");
  const answer = sold(await world.change(1, orderNo, nos, { trainNumber: "G1", to: "B" }));
  await world.rest();
  expect(sold(await world.get(1, answer.orderNo))).toMatchObject({
    state: "ticketed",
    replaces: { kind: "destination", isCarried: true },
  });
  const again = (await world.load(answer.orderNo)).tickets.map(({ ticketNo }) => ticketNo);
  expect(await world.change(1, answer.orderNo, again, { to: "B" })).toBe("ChangedBefore");
  const late = await ticketed({ at: (departure - 47 * hourMs) as never });
  expect(await late.world.change(1, late.orderNo, late.nos, { to: "D" })).toBe("ChangeTooLate");
});

test("what cannot be changed is refused with its reason, and changes nothing", async () => {
  const { world, orderNo, nos } = await ticketed();
  const before = await world.load(orderNo);
  expect(await world.change(1, orderNo, nos, { trainNumber: "G1", to: "C" })).toBe("ChangeOfNothing");
  expect(await world.change(1, orderNo, [`${orderNo}-9`], { to: "C" })).toBe("TicketUnknown");
  expect(await world.change(2, orderNo, nos, { to: "C" })).toBe("OrderUnknown");
  expect(await world.change(1, orderNo, nos, { trainNumber: "X9", to: "C" })).toBe("RunUnknown");
  expect(await world.load(orderNo)).toEqual(before);
  const unpaid = sold(await world.submit(3));
  await world.rest();
  expect(await world.change(3, unpaid.orderNo, [`${unpaid.orderNo}-1`])).toBe("TicketNotChangeable");
  sold(await world.refund(1, orderNo, [nos[0]!]));
  expect(await world.change(1, orderNo, nos, { to: "C" })).toBe("TicketNotChangeable");
  const never = await ticketed({ policy: { change: null } });
  expect(await never.world.change(1, never.orderNo, never.nos, { to: "C" })).toBe("ChangeNotOffered");
});

test("a station of the same city is as good for a new train, and another destination keeps the very station", async () => {
  const { world, orderNo, nos } = await ticketed({}, { to: "B" });
  const city = (stationId: string) => ({ A: "1", B: "2", C: "2", D: "3" })[stationId];
  world.timetable.station = (stationId) => ({ city: city(stationId) }) as never;
  expect(await world.changeQuote(1, orderNo, nos, { to: "C" })).toMatchObject({ kind: "reschedule" });
  expect(await world.changeQuote(1, orderNo, nos, { to: "D" })).toMatchObject({ kind: "destination" });
  expect(await world.changeQuote(1, orderNo, nos, { from: "B", to: "C" })).toBe("ChangeOrigin");
  world.timetable.station = () => ({ city: "all of them" }) as never;
  expect(await world.changeQuote(1, orderNo, nos, { from: "B", to: "C" })).toMatchObject({ kind: "reschedule" });
  world.timetable.station = (stationId) => ({ city: stationId < "C" ? "1" : "2" }) as never;
  expect(await world.changeQuote(1, orderNo, nos, { from: "B", to: "C" })).toBe("ChangeOrigin");
});

test("what a changed ticket costs later goes by how it was changed: from a near day, after departure, in a festival", async () => {
  const hours = (n: number) => ({ at: (departure - n * hourMs) as never });
  const rules = async ({ world, orderNo, nos }: Awaited<ReturnType<typeof ticketed>>, way: object) => {
    const answer = sold(await world.change(1, orderNo, [nos[0]!], { to: "C", ...way }));
    await world.rest();
    if ((await world.load(answer.orderNo)).state === "pendingPayment") await world.pay(answer.orderNo, answer.totalFen);
    return sold(await world.quote(1, answer.orderNo)).tickets.map(({ rule, refundable }) => [rule, refundable]);
  };
  const far = { originDate: addDays(travelDate, 9) };
  // Nothing is kept of a ticket eight days ahead, but for one that was two days ahead until then.
  expect(await rules(await ticketed(hours(50)), far)).toEqual([["changedFar", true]]);
  expect(await rules(await ticketed(hours(200)), {})).toEqual([["grade", true]]);
  const late = await ticketed();
  await late.world.advance(departure - noon + 30 * minuteMs);
  expect(await rules(late, {})).toEqual([["changedAfterDeparture", false]]);
  const periods = [{ from: "2026-11-01", to: "2026-12-31" }];
  const festival = await ticketed({ ...hours(50), policy: { refund: { festival: { periods, percent: 20 } } } });
  expect(await rules(festival, {})).toEqual([["festival", true]]);
});

test("tickets of two trips are not changed at once; those of one trip of several are", async () => {
  const world = await createWorld();
  const { orderNo, totalFen } = sold(
    await world.submitLines(1, [
      requestOf(1, { to: "C", people: [0, 1] }),
      requestOf(1, { trainNumber: "G3", from: "B", seatClass: "first", people: [0, 1] }),
    ]),
  );
  await world.rest();
  await world.pay(orderNo, totalFen);
  const nos = (await world.load(orderNo)).tickets.map(({ ticketNo }) => ticketNo);
  expect(await world.change(1, orderNo, [nos[0]!, nos[2]!], { to: "C" })).toBe("ChangeOfOneTrip");
  // The other trip of the same traveller is in the way as ever.
  expect(await world.change(1, orderNo, [nos[0]!], { to: "C" })).toBe("TripOverlaps");
  const answer = sold(await world.change(1, orderNo, [nos[1]!], { trainNumber: "G2", to: "C" }));
  await world.rest();
  expect(await statesOf(world, answer.orderNo)).toEqual(["ticketed", "issued"]);
  expect(await statesOf(world, orderNo)).toEqual(["ticketed", "issued", "changed", "issued", "issued"]);
});

test("I6: the old trip is no overlap of the new one, counts until the change is made, and goes back with it", async () => {
  const { world, orderNo, nos } = await ticketed();
  // G2 runs at the same time, and first class of G1 is the same train.
  const answer = sold(await world.change(1, orderNo, nos, { trainNumber: "G2", to: "C", seatClass: "first" }));
  await world.rest();
  expect(await world.submit(1, requestOf(1, { people: [0] }))).toBe("TripOverlaps");
  expect(await world.submit(1, requestOf(1, { trainNumber: "G2", people: [0] }))).toBe("TripOverlaps");
  expect(world.store.counted()).toHaveLength(2);
  await world.pay(answer.orderNo, answer.totalFen);
  expect(world.store.counted()).toHaveLength(1);
  expect(await world.free("G1")).toBe(10);
  expect(await world.submit(1, requestOf(1, { trainNumber: "G2", people: [0] }))).toBe("TripOverlaps");
});

test("I6: five tickets of a train, as many as an account may have, become five others of the same train", async () => {
  const { world, orderNo, nos } = await ticketed({}, { people: [0, 1, 2, 3] });
  const more = sold(await world.submit(1, requestOf(1, { people: [4] })));
  await world.rest();
  await world.pay(more.orderNo, more.totalFen);
  const answer = sold(await world.change(1, orderNo, nos, { trainNumber: "G1", to: "B" }));
  await world.rest();
  expect(await statesOf(world, answer.orderNo)).toEqual(["ticketed", "issued", "issued", "issued", "issued"]);
  expect(await world.submit(1, requestOf(1, { people: [5], passengers: [{ passengerId: 107 }] }))).toBe("UserRunLimit");
});

test("a change that is not paid in time ends, and the old tickets stand", async () => {
  const { world, orderNo, nos } = await ticketed();
  const free = await world.free("G3", "first");
  const answer = sold(await world.change(1, orderNo, nos, dearer));
  await world.rest();
  await world.advance(16 * minuteMs);
  await world.sweep();
  await world.rest();
  expect(await statesOf(world, answer.orderNo)).toEqual(["expired", "released", "released"]);
  expect(await statesOf(world, orderNo)).toEqual(["ticketed", "issued", "issued"]);
  expect(await world.free("G3", "first")).toBe(free);
  // It may be tried again; money that comes too late goes back.
  await world.pay(answer.orderNo, answer.totalFen);
  expect(refundsOf(world).map(([, , amountFen, , reason]) => [amountFen, reason])).toEqual([[32_000, "latePayment"]]);
  sold(await world.change(1, orderNo, nos, dearer));
});

test("I3: a ticket that is given back while its change waits for money ends the change, and the money goes back", async () => {
  const { world, orderNo, nos } = await ticketed();
  const answer = sold(await world.change(1, orderNo, nos, dearer));
  await world.rest();
  sold(await world.refund(1, orderNo, [nos[1]!]));
  expect(await world.room().client.payable(1 as never, answer.orderNo)).toMatchObject({
    ok: false,
    error: { code: "OrderNotPayable" },
  });
  await world.pay(answer.orderNo, answer.totalFen);
  expect(await world.load(answer.orderNo)).toMatchObject({ state: "cancelled", endedBecause: "TicketNotChangeable" });
  expect(await statesOf(world, orderNo)).toEqual(["ticketed", "issued", "refunding"]);
  expect(refundsOf(world).map(([, , amountFen, , reason]) => [amountFen, reason])).toEqual([
    [10_000, "ticketReturned"],
    [32_000, "latePayment"],
  ]);
  expect(await world.free("G3", "first")).toBe(4);
});

test("I7: a change that is asked for again under its key is the same, also once it is made; under another it is refused", async () => {
  const { world, orderNo, nos } = await ticketed();
  const [one, other] = await Promise.all([1, 2].map(() => world.change(1, orderNo, nos, { to: "C" }, "k")));
  expect(sold(one!)).toEqual(sold(other!));
  await world.rest();
  expect(await world.change(1, orderNo, nos, { to: "C" }, "k")).toEqual(sold(one!));
  expect(await world.change(1, orderNo, nos, { to: "B" }, "k")).toBe("IdempotencyKeyReused");
  expect(await world.change(1, orderNo, nos, { to: "C" }, "another")).toBe("TicketNotChangeable");
  expect((await world.all()).length).toBe(2);
});

test("of two changes of one ticket that wait for money at once, the one that is paid first is made", async () => {
  const { world, orderNo, nos } = await ticketed();
  const answers = [
    sold(await world.change(1, orderNo, [nos[0]!], dearer)),
    sold(await world.change(1, orderNo, [nos[1]!], { ...dearer, trainNumber: "G2" })),
  ];
  await world.rest();
  for (const { orderNo: no, totalFen } of answers) await world.pay(no, totalFen);
  expect(await statesOf(world, orderNo)).toEqual(["changed", "changed", "changed"]);
  const rival = await ticketed();
  const first = sold(await rival.world.change(1, rival.orderNo, [rival.nos[0]!], dearer));
  const second = await rival.world.change(1, rival.orderNo, [rival.nos[0]!], { ...earlier, seatClass: "first" });
  await rival.world.rest();
  await rival.world.pay(sold(second).orderNo, sold(second).totalFen);
  await rival.world.pay(first.orderNo, first.totalFen);
  expect((await statesOf(rival.world, first.orderNo))[0]).toBe("cancelled");
  expect((await statesOf(rival.world, sold(second).orderNo))[0]).toBe("ticketed");
});

test("a ticket that is named twice is priced once, and what is no ticket is refused", async () => {
  const { world, orderNo, nos } = await ticketed();
  const [once, twice] = [[nos[0]!], [nos[0]!, nos[0]!]];
  expect(await world.changeQuote(1, orderNo, twice, dearer)).toEqual(await world.changeQuote(1, orderNo, once, dearer));
  for (const none of [[""], ["", nos[0]!], ["__proto__"], [`${orderNo}-01`]])
    expect(await world.changeQuote(1, orderNo, none, dearer)).toBe("TicketUnknown");
});

test("what costs more than was shown is refused, and nothing is held", async () => {
  const { world, orderNo, nos } = await ticketed();
  const { netFen } = sold(await world.changeQuote(1, orderNo, nos, dearer));
  expect(netFen).toBe(12_000);
  expect(await world.change(1, orderNo, nos, { ...dearer, netFenMax: netFen - 1 })).toBe("OrderChanged");
  expect(await world.free("G3", "first")).toBe(4);
  sold(await world.change(1, orderNo, nos, { ...dearer, netFenMax: netFen }));
});

test("after departure a ticket is changed until it is used, and so until its train has arrived", async () => {
  const { world, orderNo, nos } = await ticketed();
  await world.advance(departure - noon + 30 * minuteMs);
  const quote = sold(await world.changeQuote(1, orderNo, nos, { to: "C", originDate: addDays(travelDate, 1) }));
  expect(quote).toMatchObject({ rule: "afterDeparture", feeBasisPoints: 4_000, netFen: 8_000 });
  const answer = sold(await world.change(1, orderNo, [nos[0]!], { to: "C" }));
  await world.rest();
  expect((await world.load(answer.orderNo)).replaces).toMatchObject({ departAt: departure });
  await world.advance(3 * hourMs);
  await world.sweep();
  expect(await statesOf(world, orderNo)).toEqual(["completed", "changed", "used"]);
  expect(await world.change(1, orderNo, [nos[1]!], { to: "C" })).toBe("TicketNotChangeable");
});

test("tickets are changed at the hours at which they are sold", async () => {
  const hours = { from: "05:00", to: "11:00" };
  const bought = await ticketed({ at: (noon - 4 * hourMs) as never, policy: { service: { hours } } });
  await bought.world.advance(5 * hourMs);
  expect(await bought.world.change(1, bought.orderNo, bought.nos, { to: "C" })).toBe("ServiceClosed");
});

test("a ticket goes by the policy that it was bought under, and its change by today's", async () => {
  const { world, orderNo, nos } = await ticketed({ later: [{ change: null }] });
  world.putInForce(2);
  const answer = sold(await world.change(1, orderNo, nos, { to: "C" }));
  await world.rest();
  expect(await world.load(answer.orderNo)).toMatchObject({ policyVersion: 2, state: "ticketed" });
});

test("I1, I6: after a restart old and new tickets of a change that waits are both held, and it is made when the money comes", async () => {
  const { world, orderNo, nos } = await ticketed();
  const answer = sold(await world.change(1, orderNo, nos, dearer));
  await world.rest();
  await world.restart();
  expect(world.life().lost).toEqual([]);
  expect([await world.free("G1"), await world.free("G3", "first")]).toEqual([8, 2]);
  await world.pay(answer.orderNo, answer.totalFen);
  expect(await statesOf(world, orderNo)).toEqual(["changed", "changed", "changed"]);
  await world.restart();
  expect([await world.free("G1"), await world.free("G3", "first")]).toEqual([10, 2]);
  await world.advance(dayMs);
});

/** As of now the train does not run. */
function cancelRuns(world: World, trainNumber: string) {
  world.timetable.stateOf = (asked) =>
    asked.startsWith(`${trainNumber}/`) ? { runId: asked, isCancelled: true, stops: [] } : null;
}

test("nobody gives up a good ticket for a train that does not run any more: what was paid for it goes back whole", async () => {
  const { world, orderNo, nos } = await ticketed();
  const paid = sold(await world.change(1, orderNo, [nos[0]!], { ...dearer, trainNumber: "G3" }));
  await world.rest();
  cancelRuns(world, "G3");
  expect(await world.life().room.client.payable(1 as never, paid.orderNo)).toMatchObject({ ok: false });
  await world.pay(paid.orderNo, paid.totalFen);
  expect(await statesOf(world, paid.orderNo)).toEqual(["cancelled", "released"]);
  expect(refundsOf(world).map(([, , amountFen, , reason]) => [amountFen, reason])).toEqual([[16_000, "latePayment"]]);

  const carried = sold(await world.change(1, orderNo, [nos[1]!], cheaper));
  cancelRuns(world, "K9");
  await world.rest();
  expect(await statesOf(world, carried.orderNo)).toEqual(["cancelled", "released"]);
  expect(await statesOf(world, orderNo)).toEqual(["ticketed", "issued", "issued"]);
});

/** As a feed says it, which has meant it: nobody goes through the orders. */
async function doesNotRun({ runStates, clock, advance }: World, trainNumber: string) {
  const run = runId(trainNumber, travelDate);
  await runStates.replace("feed", operatorSays(run, true, clock.now()), clock.now());
  await advance(cancellationStandsMs);
}

test("who changes from a train that does not run pays no fee, and all that the new one costs less comes back", async () => {
  const { world, orderNo, nos } = await ticketed();
  await world.advance(departure - noon - hourMs);
  const tomorrow = { to: "C", originDate: addDays(travelDate, 1) };
  expect(sold(await world.changeQuote(1, orderNo, nos, tomorrow))).toMatchObject({ rule: "grade", netFen: 3_000 });
  await doesNotRun(world, "G1");
  const quote = sold(
    await world.changeQuote(1, orderNo, nos, { ...tomorrow, trainNumber: "K9", seatClass: "hardSleeper" }),
  );
  expect(quote).toMatchObject({ rule: "runCancelled", feeBasisPoints: 0, differenceBasisPoints: 0, netFen: -4_000 });
});

test("who changes from a train that does not run to a dearer one pays no more, and has only bought it once", async () => {
  const { world, orderNo, paymentNo, nos } = await ticketed();
  await doesNotRun(world, "G1");
  const quote = sold(await world.changeQuote(1, orderNo, nos, { ...dearer, trainNumber: "G3" }));
  expect(quote).toMatchObject({ rule: "runCancelled", netFen: 0, payFen: 0, backFen: 0 });
  expect(quote.tickets[0]).toMatchObject({ fareFen: 10_000, newFareFen: 16_000, notCollectedFen: 6_000, netFen: 0 });
  const { orderNo: second } = sold(await world.change(1, orderNo, nos, { ...dearer, trainNumber: "G3", netFenMax: 0 }));
  await world.rest();
  expect(await statesOf(world, second)).toEqual(["ticketed", "issued", "issued"]);
  expect(refundsOf(world)).toEqual([]);
  const fresh = await world.load(second);
  expect([fresh.paymentNo, fresh.tickets.map(({ fareFen }) => Number(fareFen))]).toEqual([paymentNo, [10_000, 10_000]]);

  // It was no change of the traveller's: he has his own still, and not another free one.
  const again = fresh.tickets.map(({ ticketNo }) => ticketNo);
  const { orderNo: third } = sold(await world.change(1, second, again, { ...cheaper, trainNumber: "K9" }));
  await world.rest();
  expect(refundsOf(world).every(([, , , feeFen]) => feeFen === 0)).toBe(true);
  const last = (await world.load(third)).tickets.map(({ ticketNo }) => ticketNo);
  expect(await world.change(1, third, last, { to: "C" })).toBe("ChangedBefore");
  await doesNotRun(world, "K9");
  expect(sold(await world.changeQuote(1, third, last, { to: "C" }))).toMatchObject({ rule: "runCancelled", netFen: 0 });
  expect(await world.changeQuote(1, third, last, { to: "D" })).toBe("ChangedBefore");
});

test("of a train that runs after all nobody takes its own dearer class for nothing, and the free way ends when it leaves", async () => {
  const { world, orderNo, nos } = await ticketed();
  await doesNotRun(world, "G1");
  const run = runId("G1", travelDate);
  await world.runStates.replace("feed", operatorSays(run, false, world.clock.now()), world.clock.now());
  const itself = { ...dearer, trainNumber: "G1" };
  expect(sold(await world.changeQuote(1, orderNo, nos, itself))).toMatchObject({ rule: "notLater", netFen: 12_000 });
  const other = { ...dearer, trainNumber: "G3" };
  expect(sold(await world.changeQuote(1, orderNo, nos, other))).toMatchObject({ rule: "runCancelled", netFen: 0 });
  await world.advance(departure - world.clock.now());
  const later = { ...other, originDate: addDays(travelDate, 1) };
  expect(sold(await world.changeQuote(1, orderNo, nos, later))).toMatchObject({ rule: "afterDeparture" });
});

test("a child is neither changed alone nor left behind alone", async () => {
  const { world, orderNo, nos } = await ticketed({}, { people: [0, child] });
  const [grown, young] = [nos[0]!, nos[1]!];
  for (const alone of [grown, young]) expect(await world.change(1, orderNo, [alone], dearer)).toBe("ChildWithoutAdult");
  expect(sold(await world.change(1, orderNo, [grown, young], dearer)).totalFen).toBe(24_000);
});

test("a child with the ticket of an adult is a child, too: neither changed alone nor left behind", async () => {
  const [grown, young] = [0, child].map((n) => passengersOf(1)[n]!.passengerId);
  const asAdult = { passengers: [{ passengerId: grown! }, { passengerId: young!, ticketType: "adult" as const }] };
  const { world, orderNo, nos } = await ticketed({}, asAdult);
  for (const alone of nos) expect(await world.change(1, orderNo, [alone], dearer)).toBe("ChildWithoutAdult");
  expect(await world.changeQuote(1, orderNo, [nos[0]!], dearer)).toBe("ChildWithoutAdult");
  expect(sold(await world.change(1, orderNo, nos, dearer)).totalFen).toBe(32_000);
});

test("whether a child needs an adult on a change is a rule of the tickets that are changed", async () => {
  const [free, bound] = [{ fares: { childWithAdult: false } }, { fares: { childWithAdult: true } }];
  const before = await ticketed({ policy: free, later: [bound] }, { people: [child] });
  before.world.putInForce(2);
  expect(await before.world.submit(1, requestOf(1, { people: [child] }))).toBe("ChildWithoutAdult");
  sold(await before.world.changeQuote(1, before.orderNo, before.nos, dearer));
  sold(await before.world.change(1, before.orderNo, before.nos, dearer));
  const after = await ticketed({ policy: bound, later: [free] }, { people: [0, child] });
  after.world.putInForce(2);
  expect(await after.world.change(1, after.orderNo, [after.nos[1]!], dearer)).toBe("ChildWithoutAdult");
});

test("a child whose adult has given the ticket back is changed alone only from a train that does not run", async () => {
  const { world, orderNo, nos } = await ticketed({}, { people: [0, child] });
  const [grown, young] = [nos[0]!, nos[1]!];
  sold(await world.refund(1, orderNo, [grown]));
  await world.rest();
  const other = { ...dearer, trainNumber: "G3" };
  expect(await world.change(1, orderNo, [young], other)).toBe("ChildWithoutAdult");
  await doesNotRun(world, "G1");
  sold(await world.change(1, orderNo, [young], other));

  // While somebody is there to go along, nobody goes without the other.
  const both = await ticketed({}, { people: [0, child] });
  await doesNotRun(both.world, "G1");
  for (const alone of both.nos)
    expect(await both.world.change(1, both.orderNo, [alone], other)).toBe("ChildWithoutAdult");
  sold(await both.world.change(1, both.orderNo, both.nos, other));
});
