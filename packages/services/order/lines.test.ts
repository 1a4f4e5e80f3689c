/** Orders of several lines: two trains, or two classes on one; all lines or none, and each with its own seats, limits and end. */
import { describe, expect, test } from "bun:test";
import type { OrderLines, OrderRequest, SeatClass } from "@chepiao/contracts";
import { dayMs, hourMs, minuteMs, type UserId } from "@chepiao/kernel";
import { child, createWorld, departure, person, requestOf, shared, sold, student, type World } from "./order.twin.ts";

/** Two adults by G1, and by G3 in the afternoon. */
const twoTrains = (user: number): OrderLines<OrderRequest> => [
  requestOf(user, { to: "C", people: [0, 1] }),
  requestOf(user, { trainNumber: "G3", from: "B", seatClass: "first", people: [0, 1] }),
];
const twoClasses = (user: number): OrderLines<OrderRequest> => [
  requestOf(user, { people: [0, 1] }),
  requestOf(user, { seatClass: "first", people: [2] }),
];
const kinds = [
  ["two trains", twoTrains, ["G1", "second"], ["G3", "first"], 2],
  ["two classes on one train", twoClasses, ["G1", "second"], ["G1", "first"], 1],
] as const;

/** What is free in the seat engine on both lines, and what the ledger has as taken. */
async function seen(world: World, ...places: readonly (readonly [string, SeatClass])[]) {
  const free = await Promise.all(places.map(([train, seatClass]) => world.free(train, seatClass)));
  return [...free, world.store.taken().size];
}
const states = async (world: World, orderNo: string) =>
  (await world.load(orderNo)).tickets.map(({ line, state }) => `${line} ${state}`);

describe.each(kinds)("an order for %s", (_, linesOf, first, second, onSecond) => {
  const created = async () => {
    const world = await createWorld();
    const empty = await seen(world, first, second);
    return { world, empty, now: () => seen(world, first, second) };
  };
  const secondLine = onSecond === 2 ? ["1 issued", "1 issued"] : ["1 issued"];

  test("has seats on each line, one price, and tickets that know their line", async () => {
    const { world, empty, now } = await created();
    const answer = sold(await world.submitLines(1, linesOf(1)));
    await world.rest();
    const order = await world.load(answer.orderNo);
    expect(order.lines.map(({ trainNumber, seatClass }) => [trainNumber, seatClass])).toEqual(
      [first, second].map((each) => [...each]),
    );
    expect(order.tickets.map(({ line, ticketNo }) => `${line} ${ticketNo}`)).toEqual(
      [0, 0, 1, 1].slice(0, 2 + onSecond).map((line, n) => `${line} ${order.orderNo}-${n + 1}`),
    );
    expect(answer.totalFen).toBe(order.tickets.reduce((sum, { fareFen }) => sum + fareFen, 0));
    expect(answer.seats).toEqual(order.tickets.map(({ seat }) => seat));
    const [freeOnFirst, freeOnSecond] = await now();
    expect([empty[0]! - freeOnFirst!, empty[1]! - freeOnSecond!]).toEqual([2, onSecond]);
  });

  test("cancelled, all of it is free again", async () => {
    const { world, empty, now } = await created();
    const { orderNo } = sold(await world.submitLines(1, linesOf(1)));
    await world.rest();
    await world.cancel(1, orderNo);
    await world.rest();
    expect(await now()).toEqual(empty);
    // Its limits, too.
    sold(await world.submitLines(1, linesOf(1)));
  });

  test("I4: not paid in time, it expires and all of it is free again", async () => {
    const { world, empty, now } = await created();
    const { orderNo } = sold(await world.submitLines(1, linesOf(1)));
    await world.rest();
    await world.advance(15 * minuteMs);
    await world.sweep();
    await world.rest();
    expect((await world.load(orderNo)).state).toBe("expired");
    expect(await now()).toEqual(empty);
    sold(await world.submitLines(1, linesOf(1)));
  });

  test("one ticket given back frees its own seat and limit, and no other", async () => {
    const { world, now } = await created();
    const { orderNo, totalFen } = sold(await world.submitLines(1, linesOf(1)));
    await world.rest();
    await world.pay(orderNo, totalFen);
    const before = await now();
    const last = (await world.load(orderNo)).tickets.at(-1)!;
    sold(await world.refund(1, orderNo, [last.ticketNo]));
    await world.rest();
    const after = await now();
    expect([after[0]! - before[0]!, after[1]! - before[1]!]).toEqual([0, 1]);
    expect(await states(world, orderNo)).toEqual(["0 issued", "0 issued", ...secondLine.slice(1), "1 refunding"]);
    // The traveller may go there again, and not where he still goes.
    const { passengerId } = last;
    const [lineOfFirst, lineOfLast] = linesOf(1);
    const single = (line: OrderRequest) => ({ ...line, passengers: [{ passengerId }] });
    sold(await world.submit(1, single(lineOfLast!)));
    if (onSecond === 2) expect(await world.submit(1, single(lineOfFirst))).toBe("TripOverlaps");
  });

  test("I1, I6: after a restart its seats are sold and its limits count, on every line", async () => {
    const { world, now } = await created();
    const { orderNo, totalFen } = sold(await world.submitLines(1, linesOf(1)));
    await world.rest();
    const before = await now();
    await world.restart();
    expect(world.life().lost).toEqual([]);
    expect(await now()).toEqual(before);
    for (const line of linesOf(1)) expect(await world.submit(1, line)).toBe("TripOverlaps");
    await world.pay(orderNo, totalFen);
    await world.restart();
    expect(await now()).toEqual(before);
    // Confirmed holds do not end.
    await world.advance(hourMs);
    await world.sweep();
    expect(await now()).toEqual(before);
    expect(await states(world, orderNo)).toEqual(["0 issued", "0 issued", ...secondLine]);
  });

  test("I2: when a line is refused for its seats, what was held for the others is given back before the answer", async () => {
    const { world } = await created();
    // Everything of the second line's class is gone.
    for (let user = 10; (await world.free(second[0], second[1])) > 0; user++)
      sold(
        await world.submit(
          user,
          requestOf(user, {
            trainNumber: second[0],
            seatClass: second[1],
            people: [0, 1, 2, 3].slice(0, await world.free(second[0], second[1])),
          }),
        ),
      );
    await world.rest();
    const before = await seen(world, first, second);
    expect(await world.submitLines(1, linesOf(1))).toBe("SoldOut");
    expect(await seen(world, first, second)).toEqual(before);
    // And its limits: the first line alone can be bought.
    sold(await world.submit(1, linesOf(1)[0]));
  });

  test("I6: when a line is refused by a limit, nothing is held or counted for any", async () => {
    const { world, empty, now } = await created();
    const [lineOfFirst, lineOfSecond] = linesOf(1);
    // The second line's last traveller is on that train already.
    const traveller = lineOfSecond!.passengers.at(-1)!;
    const { orderNo } = sold(await world.submit(1, { ...lineOfSecond!, passengers: [traveller] }));
    await world.rest();
    const before = await now();
    expect(await world.submitLines(1, [lineOfFirst, lineOfSecond!])).toBe("TripOverlaps");
    expect(await now()).toEqual(before);
    await world.cancel(1, orderNo);
    await world.rest();
    expect(await now()).toEqual(empty);
    sold(await world.submitLines(1, [lineOfFirst, lineOfSecond!]));
  });

  test("I1: where the ledger has a seat of one line as another's, the order is rejected whole", async () => {
    const { world } = await created();
    const rival = sold(await world.submit(2, requestOf(2, { trainNumber: second[0], seatClass: second[1] })));
    await world.rest();
    await world.loseSeats(rival.orderNo);
    const before = world.store.taken().size;
    const { orderNo } = sold(await world.submitLines(1, linesOf(1)));
    await world.rest();
    expect(await world.get(1, orderNo)).toMatchObject({ state: "rejected", endedBecause: "SeatLost" });
    expect(world.store.taken().size).toBe(before);
    // What it had on the other line is for sale, and its limits are free.
    sold(await world.submit(1, linesOf(1)[0]));
  });
});

test("a ticket is used when its own train has arrived and an order is over with the last of them; each ticket is paid back by its own departure", async () => {
  const world = await createWorld();
  const { orderNo, totalFen } = sold(await world.submitLines(1, twoTrains(1)));
  await world.rest();
  await world.pay(orderNo, totalFen);
  // G1 has left, G3 has not.
  await world.advance(departure - world.clock.now() + minuteMs);
  const { tickets } = await world.quote(1, orderNo).then(sold);
  expect(tickets.map(({ refundable }) => refundable)).toEqual([false, false, true, true]);
  await world.advance(5 * hourMs);
  await world.sweep();
  expect((await world.load(orderNo)).state).toBe("ticketed");
  expect(await states(world, orderNo)).toEqual(["0 used", "0 used", "1 issued", "1 issued"]);
  await world.advance(dayMs);
  await world.sweep();
  expect(await states(world, orderNo)).toEqual(["0 used", "0 used", "1 used", "1 used"]);
});

test("its owner reads every line, which tickets are on it and until when they go back for what; the first line is the order's own", async () => {
  const world = await createWorld();
  const accepted = sold(await world.submitLines(1, twoTrains(1)));
  expect(accepted.lines.map(({ trainNumber, seatClass, seats }) => [trainNumber, seatClass, seats.length])).toEqual([
    ["G1", "second", 2],
    ["G3", "first", 2],
  ]);
  expect(accepted.lines.flatMap(({ seats }) => seats)).toEqual(accepted.seats);
  await world.rest();
  await world.pay(accepted.orderNo, accepted.totalFen);
  const order = sold(await world.get(1, accepted.orderNo));
  expect(order.lines).toMatchObject([
    { line: 0, trainNumber: "G1", from: { stationId: "A" }, to: { stationId: "C" }, seatClass: "second" },
    { line: 1, trainNumber: "G3", from: { stationId: "B" }, to: { stationId: "D" }, seatClass: "first" },
  ]);
  const { line: _, ...first } = order.lines[0]!;
  expect(order).toMatchObject({ ...first, preferencesUnmet: 0 });
  expect(order.tickets.map(({ line }) => line)).toEqual([0, 0, 1, 1]);
  const quote = sold(await world.quote(1, accepted.orderNo));
  expect(quote.lines.map(({ steps }) => steps.at(-1)!.until)).toEqual(order.lines.map(({ departAt }) => departAt));
  expect(quote.steps).toEqual(quote.lines[0]!.steps);
  expect(quote.tickets.map(({ line }) => line)).toEqual([0, 0, 1, 1]);
});

test("the payer reads every trip once, in however many classes it is bought", async () => {
  const world = await createWorld();
  const subjectOf = async (lines: OrderLines<OrderRequest>) => {
    const { orderNo } = sold(await world.submitLines(1, lines));
    await world.rest();
    const payable = await world.room().client.payable(1 as UserId, orderNo);
    await world.cancel(1, orderNo);
    return payable.ok ? payable.value.subject.zh : payable.error.code;
  };
  expect(await subjectOf(twoTrains(1))).toBe("G1 A站–C站 2026-12-01；G3 B站–D站 2026-12-01");
  expect(await subjectOf(twoClasses(1))).toBe("G1 A站–D站 2026-12-01");
});

test("a line by itself and a list of it are one request: asked for twice under one key, it is one order", async () => {
  const world = await createWorld();
  const one = sold(await world.submit(1, requestOf(1), "k"));
  expect(sold(await world.submitLines(1, [requestOf(1)], "k"))).toEqual(one);
});

test("a refusal says of which line it speaks, and of which of its passengers", async () => {
  const world = await createWorld();
  const [first, second] = twoTrains(1);
  const refusedFor = (over: Partial<OrderRequest>) => world.whyNot(1, [first, { ...second!, ...over }]);
  expect(await refusedFor({ trainNumber: "X9" })).toMatchObject({ code: "RunUnknown", line: 1 });
  expect(await refusedFor({ from: "D", to: "A" })).toMatchObject({ code: "NotOnRoute", line: 1 });
  const stranger = { passengerId: person(2, 0) };
  expect(await refusedFor({ passengers: [...second!.passengers, stranger] })).toMatchObject({
    code: "PassengerUnknown",
    line: 1,
    ticket: 2,
  });
  expect(await world.whyNot(1, [first, { ...first, passengers: [first.passengers[1]!] }])).toMatchObject({
    code: "TripOverlaps",
    line: 1,
    ticket: 0,
  });
  const nine = (user: number) =>
    requestOf(user, { trainNumber: "G3", people: [0, 1, 2, 3, 4, 6, 7, 8, 9].slice(0, 9) });
  expect(await world.whyNot(1, [first, nine(1)])).toMatchObject({ code: "DuplicatePassenger", line: 1 });
});

test("an order is for so many people as the railway says, however many lines they are spread over", async () => {
  const world = await createWorld({ policy: { order: { ticketsMax: 3 } } });
  const [first, second] = twoTrains(1);
  const third = { ...second!, passengers: [2].map((n) => ({ passengerId: person(1, n) })) };
  expect(
    await world.whyNot(1, [first, { ...third, passengers: [2, 3].map((n) => ({ passengerId: person(1, n) })) }]),
  ).toMatchObject({ code: "OrderTooLarge", limit: 3 });
  sold(await world.submitLines(1, [first, second!, third]));
});

test("an order has no more tickets than a full party needs for one change of trains", async () => {
  const world = await createWorld({ policy: { order: { ticketsMax: 3, perUserRun: 9 } } });
  const way = { people: [0, 1, 2], seatClass: "first" } as const;
  const onThree = (people: readonly number[]): OrderLines<OrderRequest> => [
    requestOf(1, { ...way, people, to: "B" }),
    requestOf(1, { ...way, people, from: "B", to: "C" }),
    requestOf(1, { ...way, people, from: "C" }),
  ];
  expect(await world.whyNot(1, onThree([0, 1, 2]))).toMatchObject({ code: "OrderTooLarge", ticketsLimit: 6 });
  sold(await world.submitLines(1, onThree([0, 1])));
});

test("a change of seats half-way on one train is two lines, and nobody is in two places at once", async () => {
  const world = await createWorld();
  const halfWay = (user: number): OrderLines<OrderRequest> => [
    requestOf(user, { to: "B" }),
    requestOf(user, { from: "B", seatClass: "first" }),
  ];
  const { orderNo } = sold(await world.submitLines(1, halfWay(1)));
  await world.rest();
  expect(
    (await world.load(orderNo)).lines.map(({ fromStop, toStop, seatClass }) => [fromStop, toStop, seatClass]),
  ).toEqual([
    [0, 1, "second"],
    [1, 3, "first"],
  ]);
  expect(await world.submitLines(2, [requestOf(2, { to: "C" }), requestOf(2, { from: "B" })])).toBe("TripOverlaps");
});

test("a purchase of more lines than an order can have is malformed, and a line that cannot be says why", async () => {
  const world = await createWorld();
  const many = Array.from({ length: 5 }, () => requestOf(1)) as unknown as OrderLines<OrderRequest>;
  expect(await world.submitLines(1, many)).toBe("MalformedRequest");
  expect(await world.submitLines(1, [requestOf(1), requestOf(1, { trainNumber: "X9" })])).toBe("RunUnknown");
  const unknown = { passengerId: person(2, 0) };
  const [first, second] = twoTrains(1);
  expect(await world.submitLines(1, [first, { ...second!, passengers: [unknown] }])).toBe("PassengerUnknown");
  expect(await world.free()).toBe(10);
});

test("I7: an order of several lines that is asked for twice under one key is one order", async () => {
  const world = await createWorld();
  const [one, other] = await Promise.all([1, 2].map(() => world.submitLines(1, twoTrains(1), "k")));
  expect(sold(one!)).toEqual(sold(other!));
  await world.rest();
  expect((await world.all()).length).toBe(1);
  expect(await world.submitLines(1, twoClasses(1), "k")).toBe("IdempotencyKeyReused");
});

test("nine travel by one order: five of them choose their seats and have them, and the others sit in the same coach", async () => {
  const world = await createWorld({ policy: { order: { perUserRun: 9 } } });
  const wishes = ["A", "F", "A", "F", "C"] as const;
  const people = [0, 1, 2, 3, 4, child, student, shared, shared + 1];
  const request = requestOf(1, { people });
  const passengers = request.passengers.map((each, n) => ({ ...each, ...(wishes[n] && { preference: wishes[n] }) }));
  const { orderNo, totalFen } = sold(await world.submit(1, { ...request, passengers }));
  await world.rest();
  await world.pay(orderNo, totalFen);
  const { state, tickets, lines } = await world.load(orderNo);
  expect([state, lines[0].together, lines[0].preferencesUnmet]).toEqual(["ticketed", "coach", 0]);
  expect(wishes.map((wish, n) => tickets[n]!.seat.endsWith(wish))).toEqual(wishes.map(() => true));
  expect(tickets.map(({ coachNo }) => coachNo)).toEqual(people.map(() => 1));
  expect(new Set(tickets.map(({ seatIndex }) => seatIndex)).size).toBe(9);
  expect(await world.whyNot(2, [requestOf(2, { people: [...people, 10] })])).toMatchObject({ code: "OrderTooLarge" });
});
