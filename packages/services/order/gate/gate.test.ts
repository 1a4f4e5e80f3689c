/** Gates and the order room: what is heard of passages, and what it means for the ticket from then on. */
import { expect, test } from "bun:test";
import { runId, ServiceUnavailable } from "@chepiao/contracts";
import { epochMs, hourMs, minuteMs, trainLateMaxMs } from "@chepiao/kernel";
import { cancellationStandsMs, operatorSays, operatorSource } from "@chepiao/ports/run-states";
import { type GateEventSaid, signedGate } from "./gate.twin.ts";
import { createWorld, departure, requestOf, sold, travelDate } from "../order.twin.ts";

const everyConflict = { since: epochMs(0), until: null, outcome: null };
const anHourBefore = epochMs(departure - hourMs);

async function ticketed() {
  const world = await createWorld();
  const { orderNo, totalFen } = sold(await world.submit(1, requestOf(1, { people: [0, 1] })));
  await world.rest();
  await world.pay(orderNo, totalFen);
  await world.advance(anHourBefore - world.clock.now());
  const gate = await signedGate(world, "A1", "A");
  const tickets = async () => sold(await world.get(1, orderNo)).tickets;
  const [first] = await tickets();
  return { world, orderNo, gate, tickets, ticketNo: first!.ticketNo, code: first!.code! };
}

test("a gate lets in by the ticket's code: the ticket is used, and is neither given back nor changed any more, by that rule's name", async () => {
  const { world, orderNo, gate, tickets, ticketNo, code } = await ticketed();
  expect(await gate.say({ eventId: "1", act: "enter", code })).toEqual([
    { eventId: "1", ticketNo, outcome: "entered", admit: true },
  ]);
  const [first] = await tickets();
  expect(first).toMatchObject({ state: "used", enteredAt: "2026-12-01T07:00:02+08:00" });
  // The inspector and the way out ask for it.
  expect(first!.code).toBe(code);
  expect(await world.refund(1, orderNo, [ticketNo])).toBe("TicketNotRefundable");
  expect(sold(await world.quote(1, orderNo)).tickets[0]).toMatchObject({ refundable: false, rule: "entered" });
  expect(await world.change(1, orderNo, [ticketNo])).toBe("TicketNotChangeable");
  expect((await world.load(orderNo)).state).toBe("ticketed");
  // The seat is its own until the train has arrived.
  const free = await world.free();
  await world.restart();
  expect(await world.free()).toBe(free);
  await world.advance(4 * hourMs);
  await world.sweep();
  expect((await world.load(orderNo)).state).toBe("completed");
});

test("a gate lets in by the document alone, whoever was proved to hold it, and out again; what it says twice is one passage", async () => {
  const { world, gate, tickets, ticketNo, orderNo } = await ticketed();
  const { documentHash } = (await world.load(orderNo)).tickets[0]!;
  const document = { type: "residentId", number: documentHash } as const;
  const enter = { eventId: "1", act: "enter", document, at: new Date(anHourBefore).toISOString() } as const;
  const answer = { eventId: "1", ticketNo, outcome: "entered", admit: true } as const;
  expect(await gate.say(enter, enter)).toEqual([answer, answer]);
  expect((await tickets())[0]).toMatchObject({ state: "used" });
  expect(await gate.say({ ...enter, eventId: "2" })).toMatchObject([{ outcome: "usedBefore", admit: false }]);
  const out = await signedGate(world, "D1", "D");
  await world.advance(4 * hourMs);
  expect(await out.say({ eventId: "1", act: "leave", document })).toMatchObject([{ ticketNo, outcome: "left" }]);
});

test("a document without a ticket is kept as a conflict that does not tell its number, and one that cannot be is refused", async () => {
  const { world, gate, ticketNo } = await ticketed();
  const number = "11010119900101001X";
  const answer = await gate.whole(
    { eventId: "1", act: "enter", document: { type: "residentId", number } },
    { eventId: "2", act: "enter", document: { type: "residentId", number: "no number" } },
    { eventId: "3", act: "enter", ticketNo, document: { type: "residentId", number } },
  );
  expect(answer.refused).toEqual(["2", "3"]);
  expect(answer.events).toMatchObject([{ eventId: "1", outcome: "ticketUnknown", admit: false }]);
  expect((await world.gates.conflicts(everyConflict, 10)).map(({ eventId }) => eventId)).toEqual(["1"]);
});

test("an event with a document of which nobody can be asked keeps none of the others out, is in no list, and alone is refused", async () => {
  const { world, gate, ticketNo } = await ticketed();
  world.onPort = (call) => {
    if (call === "users.documentHash") throw new ServiceUnavailable("user", "not started");
  };
  const shown = { eventId: "1", act: "enter", document: { type: "residentId", number: "1" } } as const;
  const answer = await gate.whole(shown, { eventId: "2", act: "enter", ticketNo });
  expect(answer).toMatchObject({ events: [{ eventId: "2", outcome: "entered" }], refused: [] });
  expect(answer.events).toHaveLength(1);
  expect(await gate.say(shown).catch((error: unknown) => error)).toBeInstanceOf(ServiceUnavailable);
});

test("I3: whom a gate has let in to a train that does not run may take another, until one lets him out elsewhere", async () => {
  const { world, orderNo, gate, tickets } = await ticketed();
  const [first, second] = await tickets();
  for (const { ticketNo } of [first!, second!]) await gate.say({ eventId: ticketNo, act: "enter", ticketNo });
  const other = { trainNumber: "G3", to: "D" };
  expect(await world.change(1, orderNo, [first!.ticketNo], other)).toBe("TicketNotChangeable");
  const run = runId("G1", travelDate);
  await world.runStates.replace(
    operatorSource(run),
    operatorSays(run, true, world.clock.now(), hourMs),
    world.clock.now(),
  );
  await world.advance(departure + 30 * minuteMs - world.clock.now());
  const further = await signedGate(world, "B1", "B");
  await gate.say({ eventId: "out", act: "leave", ticketNo: first!.ticketNo });
  await further.say({ eventId: "out", act: "leave", ticketNo: second!.ticketNo });
  expect((await tickets()).map(({ state, leftFrom }) => [state, leftFrom])).toEqual([
    ["used", "A"],
    ["used", "B"],
  ]);
  const both = [first!.ticketNo, second!.ticketNo];
  expect(await world.change(1, orderNo, both, other)).toBe("TicketNotChangeable");
  const { orderNo: next } = sold(await world.change(1, orderNo, [first!.ticketNo], other));
  await world.rest();
  expect((await tickets()).map(({ state }) => state)).toEqual(["changed", "used"]);
  expect(await world.load(next)).toMatchObject({ state: "ticketed", replaces: { nth: 0, because: "runCancelled" } });
});

test("who went in to a train that runs after all neither changes nor gives back free; who did not, or came out again, does", async () => {
  const { world, orderNo, gate, tickets } = await ticketed();
  const [first, second] = (await tickets()).map(({ ticketNo }) => ticketNo) as [string, string];
  const run = runId("G1", travelDate);
  const feedSays = (isCancelled: boolean) =>
    world.runStates.replace("feed", operatorSays(run, isCancelled, world.clock.now()), world.clock.now());
  await feedSays(true);
  await world.advance(cancellationStandsMs);
  await gate.say({ eventId: "in", act: "enter", ticketNo: first });
  const other = { trainNumber: "G3", to: "D" };
  const quoted = async () =>
    sold(await world.quote(1, orderNo)).tickets.map(({ refundable, rule }) => [refundable, rule]);
  // While it does not run, whoever is in may go, too.
  expect(await quoted()).toEqual([1, 2].map(() => [true, "runCancelled"]));
  expect(sold(await world.changeQuote(1, orderNo, [first], other))).toMatchObject({ rule: "runCancelled" });
  await feedSays(false);
  expect(await quoted()).toEqual([
    [false, "entered"],
    [true, "runCancelled"],
  ]);
  expect(await world.refund(1, orderNo, [first])).toBe("TicketNotRefundable");
  for (const nos of [[first], [first, second]])
    expect(await world.change(1, orderNo, nos, other)).toBe("TicketNotChangeable");
  expect(sold(await world.changeQuote(1, orderNo, [second], other))).toMatchObject({ rule: "runCancelled" });
  await world.advance(minuteMs);
  await gate.say({ eventId: "out", act: "leave", ticketNo: first });
  expect(await quoted()).toEqual([1, 2].map(() => [true, "runCancelled"]));
  sold(await world.change(1, orderNo, [first], other));
});

test("a ticket that time has taken for used shows its code for as long as its train may be late, and lets in", async () => {
  const { world, tickets, gate, code } = await ticketed();
  await world.advance(4 * hourMs);
  await world.sweep();
  const [late] = await tickets();
  expect(late).toMatchObject({ state: "used", code });
  expect(await gate.say({ eventId: "1", act: "enter", code })).toMatchObject([{ outcome: "entered", admit: true }]);
  await world.advance(trainLateMaxMs);
  expect((await tickets())[0]!.code).toBeUndefined();
});

test("a gate that says somebody left before the trip can have begun, or elsewhere, takes no refund away", async () => {
  const { world, orderNo, gate, ticketNo } = await ticketed();
  const early = { eventId: "1", act: "leave", ticketNo, at: new Date(departure - 48 * hourMs).toISOString() } as const;
  expect(await gate.say(early)).toMatchObject([{ outcome: "tooEarly", admit: false }]);
  const elsewhere = await signedGate(world, "Z1", "Z");
  expect(await elsewhere.say({ eventId: "1", act: "leave", ticketNo })).toMatchObject([
    { outcome: "otherStation", admit: false },
  ]);
  expect(await gate.say({ eventId: "2", act: "leave", ticketNo })).toMatchObject([{ outcome: "left", admit: true }]);
  expect(sold(await world.refund(1, orderNo, [ticketNo]))).toBeDefined();
});

test("I7: events come again, late and out of order: the ticket is used once, and each is told what it was told first", async () => {
  const { world, gate, ticketNo, orderNo } = await ticketed();
  const other = await signedGate(world, "D1", "D");
  const out = { eventId: "7", act: "leave", ticketNo, at: new Date(departure + 3 * hourMs).toISOString() } as const;
  const within = { eventId: "1", act: "enter", ticketNo, at: new Date(anHourBefore).toISOString() } as const;
  await world.advance(5 * hourMs);
  await world.sweep();
  for (let round = 0; round < 2; round++) {
    expect((await other.say(out)).map(({ outcome }) => outcome)).toEqual(["left"]);
    expect((await gate.say(within, within)).map(({ outcome }) => outcome)).toEqual(["entered", "entered"]);
  }
  expect((await world.load(orderNo)).tickets[0]).toMatchObject({
    state: "used",
    passages: { enter: { gateId: "A1" }, leave: { gateId: "D1" } },
  });
  expect(await world.gates.conflicts(everyConflict, 10)).toEqual([]);
});

test("two gates that asked nobody have let one ticket in: the second is told of the first, and staff find it", async () => {
  const { world, gate, ticketNo } = await ticketed();
  const other = await signedGate(world, "A2", "A");
  const at = new Date(anHourBefore).toISOString();
  await gate.say({ eventId: "1", act: "enter", ticketNo, at });
  await world.advance(10 * minuteMs);
  const again = { eventId: "1", act: "enter", ticketNo } as const;
  for (let round = 0; round < 2; round++)
    expect(await other.say(again)).toEqual([
      {
        eventId: "1",
        ticketNo,
        outcome: "usedBefore",
        admit: false,
        before: { at: "2026-12-01T07:00:00+08:00", gateId: "A1", stationId: "A" },
      },
    ]);
  expect(await world.gates.conflicts(everyConflict, 10)).toMatchObject([{ gateId: "A2", outcome: "usedBefore" }]);
});

test("what was given back before its entry was heard of, or is no ticket of ours, is kept for staff; the money stays where it went", async () => {
  const { world, orderNo, gate, ticketNo, code } = await ticketed();
  sold(await world.refund(1, orderNo, [ticketNo]));
  await world.rest();
  const forged = `${code.slice(0, -4)}AAAA`;
  const said: GateEventSaid[] = [
    { eventId: "1", act: "enter", code },
    { eventId: "2", act: "enter", code: forged },
    { eventId: "3", act: "enter", ticketNo: "E12345678901234567-1" },
  ];
  expect((await gate.say(...said)).map(({ outcome, admit }) => [outcome, admit])).toEqual([
    ["givenBack", false],
    ["ticketUnknown", false],
    ["ticketUnknown", false],
  ]);
  expect((await world.gates.conflicts(everyConflict, 10)).length).toBe(3);
  expect((await world.load(orderNo)).state).toBe("ticketed");
});

test("whoever has no key of a gate is refused, and so is an event that names no ticket or two; nothing is kept of either", async () => {
  const { world, gate, ticketNo, code } = await ticketed();
  const said = { eventId: "1", act: "enter", ticketNo } as const;
  for (const key of [null, "Bearer none", "Bearer A1:wrong", `Bearer A2:${gate.key}`])
    expect(await gate.sayAs(key, said)).toBe("GateUnknown");
  expect(await gate.sayAs(undefined, { ...said, code })).toBe("GateEventUnreadable");
  expect(await gate.sayAs(undefined, { eventId: "1", act: "enter" })).toBe("GateEventUnreadable");
  expect(await gate.sayAs(undefined, { ...said, at: "2026-12-31T23:59:60Z" })).toBe("GateEventUnreadable");
  await world.gates.retireGate("A1", world.clock.now());
  await world.advance(minuteMs);
  expect(await gate.sayAs(undefined, said)).toBe("GateUnknown");
  expect(await world.gates.pending(10)).toEqual([]);
});

test("an event that cannot be read keeps none of the others out, and the answer says which it was", async () => {
  const { gate, ticketNo, code } = await ticketed();
  const call = await gate.whole(
    { eventId: "1", act: "enter", ticketNo, at: "2026-12-01T23:59:60Z" },
    { eventId: "2", act: "enter", ticketNo },
    { eventId: "3", act: "enter", code: `${code.slice(0, -4)}AAAA` },
    { eventId: "4", act: "enter", code: `${code.slice(0, -4)}BBBB` },
  );
  expect(call.refused).toEqual(["1"]);
  expect(call.events.map(({ eventId, outcome }) => [eventId, outcome])).toEqual([
    ["2", "entered"],
    ["3", "ticketUnknown"],
    ["4", "ticketUnknown"],
  ]);
  // Two codes that nobody has signed are not one ticket.
  expect(call.events[1]!.ticketNo).not.toBe(call.events[2]!.ticketNo);
});

test("what was noted beside the platform, or by a process that died, is decided by a pass", async () => {
  const { world, orderNo, ticketNo } = await ticketed();
  const event = { gateId: "A1", eventId: "1", ticketNo, act: "enter", stationId: "A", at: anHourBefore } as const;
  await world.gates.note([event], world.clock.now());
  await world.sweep();
  expect((await world.load(orderNo)).tickets[0]!.state).toBe("used");
  expect(await world.gates.ofTicket(ticketNo, 10)).toMatchObject([{ outcome: "entered" }]);
});

test("a gate's list has the tickets of the train that board at its station and are valid, with who is in already", async () => {
  const { world, orderNo, gate, tickets } = await ticketed();
  const [first, second] = await tickets();
  await gate.say({ eventId: "1", act: "enter", ticketNo: first!.ticketNo });
  const listed = await gate.list("G1");
  expect(listed.map(({ ticketNo, entered }) => [ticketNo, entered])).toEqual([
    [first!.ticketNo, true],
    [second!.ticketNo, false],
  ]);
  expect(listed[0]).toMatchObject({ trainNumber: "G1", departAt: "2026-12-01T08:00:00+08:00", seat: first!.seat });
  sold(await world.refund(1, orderNo, [second!.ticketNo]));
  expect((await gate.list("G1")).length).toBe(1);
  expect(await (await signedGate(world, "B1", "B")).list("G1")).toEqual([]);
});
