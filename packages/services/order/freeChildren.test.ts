/** Children who travel free with an adult, without a seat, through the whole order room (rules 5.2, 5.5). */
import { expect, test } from "bun:test";
import { type Call, type orderRoutes, type Receipt, runId } from "@chepiao/contracts";
import { addDays, hourMs } from "@chepiao/kernel";
import { operatorSays, operatorSource } from "@chepiao/ports/run-states";
import { signedGate } from "./gate/gate.twin.ts";
import {
  child,
  createWorld,
  departure,
  fiveYearsOld,
  person,
  requestOf,
  sameAsFirst,
  shared,
  sold,
  threeYearsOld,
  travelDate,
  type World,
  type WorldOptions,
} from "./order.twin.ts";

const withFree = (...freeChildren: readonly number[]) => ({ freeChildren: freeChildren.map((n) => person(1, n)) });

/** Why it is not sold, with the facts. */
const whyNot = (world: World, over: Parameters<typeof requestOf>[1]): Promise<object | null> =>
  world.whyNot(1, [requestOf(1, over)]);

async function ticketed(over: Parameters<typeof requestOf>[1], options: WorldOptions = {}) {
  const world = await createWorld(options);
  const { orderNo, totalFen } = sold(await world.submit(1, requestOf(1, over)));
  await world.rest();
  await world.pay(orderNo, totalFen);
  const { tickets } = await world.load(orderNo);
  return { world, orderNo, totalFen, nos: tickets.map(({ ticketNo }) => ticketNo) };
}

test("a free child is named on the ticket, the receipt and the gate's list, and has neither seat nor fare", async () => {
  const { world, orderNo, totalFen } = await ticketed(withFree(threeYearsOld));
  expect(totalFen).toBe(15_000);
  expect(await world.free("G1")).toBe(9);
  const named = {
    passengerId: person(1, threeYearsOld),
    name: `乘客${threeYearsOld}`,
    documentType: "residentId",
    documentMasked: "1101**********0012",
  } as const;
  const { tickets } = sold(await world.get(1, orderNo));
  expect(tickets.map(({ freeChild }) => freeChild)).toEqual([named]);

  const call = { session: { sessionId: "s", userId: 1, role: "passenger" }, params: { orderNo } };
  const answer = await world.room().handlers.receipt(call as unknown as Call<typeof orderRoutes.receipt>);
  const receipt = (answer.ok ? answer.value.body : null) as Receipt | null;
  expect(receipt).toMatchObject({ paidFen: 15_000, tickets: [{ freeChild: named }] });

  await world.advance(departure - hourMs - world.clock.now());
  const gate = await signedGate(world, "A1", "A");
  const { documentType, documentMasked } = named;
  expect((await gate.list("G1")).map(({ freeChild }) => freeChild)).toEqual([{ documentType, documentMasked }]);
});

test("free children go with the adults in their order; who has a child's ticket, or is young enough for one, takes none along", async () => {
  const { world, orderNo } = await ticketed({ people: [child, 0, 1], ...withFree(threeYearsOld, fiveYearsOld) });
  const { tickets } = sold(await world.get(1, orderNo));
  expect(tickets.map(({ freeChild }) => freeChild?.passengerId)).toEqual([
    undefined,
    person(1, threeYearsOld),
    person(1, fiveYearsOld),
  ]);
  // A child that pays the full fare is none either.
  const grown = [0, child].map((n) => ({ passengerId: person(1, n), ticketType: "adult" as const }));
  const asked = { trainNumber: "G3", passengers: grown, ...withFree(threeYearsOld, fiveYearsOld) };
  expect(await whyNot(world, asked)).toEqual({ code: "FreeChildrenTooMany", limit: 1 });
});

test("whoever cannot travel free is refused by his place among them, and nothing is held", async () => {
  const world = await createWorld({ proof: (_, n) => (n === shared ? "refused" : "proved") });
  const why = (over: Parameters<typeof requestOf>[1]) => whyNot(world, over);
  expect(await why(withFree(threeYearsOld, child))).toEqual({ code: "FreeChildNotAllowed", freeChild: 1 });
  expect(await why(withFree(1))).toEqual({ code: "FreeChildNotAllowed", freeChild: 0 });
  const later = { originDate: addDays(travelDate, 1), ...withFree(fiveYearsOld) };
  expect(await why(later)).toEqual({ code: "FreeChildNotAllowed", freeChild: 0 });
  expect(await why({ freeChildren: [person(2, threeYearsOld)] })).toEqual({ code: "PassengerUnknown", freeChild: 0 });
  for (const twice of [withFree(threeYearsOld, threeYearsOld), withFree(threeYearsOld, sameAsFirst)])
    expect(await why(twice)).toEqual({ code: "DuplicatePassenger", freeChild: 1 });
  const alsoSeated = { people: [0, threeYearsOld], ...withFree(threeYearsOld) };
  expect(await why(alsoSeated)).toEqual({ code: "DuplicatePassenger", freeChild: 0 });
  expect(await why(withFree(shared))).toEqual({ code: "IdentityRefused", freeChild: 0 });
  expect(await why({ people: [threeYearsOld], ...withFree(fiveYearsOld) })).toMatchObject({
    code: "ChildWithoutAdult",
  });
  expect(await world.free("G1")).toBe(10);
});

test("a free child moves with the ticket of its adult, and not to a day on which it is too old", async () => {
  const { world, orderNo, nos } = await ticketed({ people: [0, 1], ...withFree(fiveYearsOld) });
  const [adult, other] = [nos[0]!, nos[1]!];
  const nextDay = { originDate: addDays(travelDate, 1) };
  expect(await world.changeQuote(1, orderNo, [adult], nextDay)).toBe("FreeChildNotAllowed");
  expect(await world.change(1, orderNo, [adult], nextDay)).toBe("FreeChildNotAllowed");
  sold(await world.changeQuote(1, orderNo, [other], nextDay));
  for (const originDate of [travelDate, addDays(travelDate, -1)])
    sold(await world.changeQuote(1, orderNo, [adult], { originDate }));
  const { orderNo: next } = sold(await world.change(1, orderNo, [adult]));
  await world.rest();
  const { state, tickets } = sold(await world.get(1, next));
  expect([state, tickets[0]!.freeChild?.passengerId]).toEqual(["ticketed", person(1, fiveYearsOld)]);
});

test("from a train that does not run an adult takes along also a child that is too old on the new day", async () => {
  const { world, orderNo, nos } = await ticketed(withFree(fiveYearsOld));
  const run = runId("G1", travelDate);
  const now = world.clock.now();
  await world.runStates.replace(operatorSource(run), operatorSays(run, true, now, hourMs), now);
  const { orderNo: next } = sold(await world.change(1, orderNo, nos, { originDate: addDays(travelDate, 1) }));
  await world.rest();
  expect(sold(await world.get(1, next)).tickets[0]!.freeChild?.passengerId).toBe(person(1, fiveYearsOld));
});

test("a free child falls with the ticket of its adult", async () => {
  const { world, orderNo, nos } = await ticketed({ people: [0, 1], ...withFree(threeYearsOld) });
  sold(await world.refund(1, orderNo, [nos[0]!]));
  await world.rest();
  await world.advance(departure - hourMs - world.clock.now());
  const gate = await signedGate(world, "A1", "A");
  const listed = await gate.list("G1");
  expect(listed.map(({ ticketNo, freeChild }) => [ticketNo, freeChild])).toEqual([[nos[1]!, undefined]]);
});

test("the same request with another free child is another purchase under the key", async () => {
  const world = await createWorld();
  const asked = requestOf(1, withFree(threeYearsOld));
  const { orderNo } = sold(await world.submit(1, asked, "one key"));
  expect(sold(await world.submit(1, asked, "one key")).orderNo).toBe(orderNo);
  expect(await world.submit(1, requestOf(1, withFree(fiveYearsOld)), "one key")).toBe("IdempotencyKeyReused");
  expect(await world.submit(1, requestOf(1), "one key")).toBe("IdempotencyKeyReused");
});
