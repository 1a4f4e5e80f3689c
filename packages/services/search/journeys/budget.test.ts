/** What questions may take of the thread that answers them: each, those of one network, all of a second, and what is asked elsewhere for them. */
import { expect, test } from "bun:test";
import {
  type Availability,
  availabilityOfUntouched,
  type InventoryClient,
  type JourneysAnswer,
  type Leg,
} from "@chepiao/contracts";
import { createPrng, dayNumber, epochMs, minuteMs, serviceDayStart } from "@chepiao/kernel";
import { createBudget, floorSteps, networkStepsMax, secondStepsMax } from "./budget.ts";
import { createCalls } from "./calls.ts";
import { createJourneys, type JourneysAsked, unknownMax } from "./index.ts";
import { createNetwork, floorMax } from "./network.ts";
import { createRides } from "./rides.ts";
import { drawRailway, railwayOf, today, zone } from "./testing.ts";

const eve = epochMs(serviceDayStart(today, zone) - 720 * minuteMs);
const later = (seconds: number) => epochMs(eve + seconds * 1_000);

test("one network has its share of a second, whatever address of it asks, and leaves the rest to others", () => {
  const begin = createBudget();
  const turn = begin("2001:db8:0:1::1", eve)!;
  turn.charge(networkStepsMax);
  turn.end();
  expect(begin("2001:db8:0:1::2", eve)).toBeNull();
  const other = begin("2001:db8:0:2::1", eve)!;
  expect(other.isSecondSpent()).toBe(false);
  other.charge(secondStepsMax - networkStepsMax);
  expect(other.isSecondSpent()).toBe(true);
  expect(begin("192.0.2.1", eve)).toBeNull();
  expect(begin("127.0.0.1", eve)).toBeNull();
  expect(begin("2001:db8:0:1::1", later(1))).not.toBeNull();
});

test("behind a proxy that is not believed, all have what the second has", () => {
  const begin = createBudget();
  begin("127.0.0.1", eve)!.charge(secondStepsMax - 2 * floorSteps);
  expect(begin("127.0.0.1", eve)).not.toBeNull();
  expect(begin("127.0.0.1", eve)).toBeNull();
});

test("a question costs something before it is worked on, and few of one network are open at one time", () => {
  const begin = createBudget();
  const turns = Array.from({ length: 100 }, (_, n) => begin("192.0.2.1", later(n)));
  const open = turns.filter((turn) => turn !== null);
  expect(open.length).toBeGreaterThan(1);
  expect(open.length).toBeLessThan(20);
  expect(begin("192.0.2.2", later(200))).not.toBeNull();
  open[0]!.end();
  expect(begin("192.0.2.1", later(201))).not.toBeNull();
  expect(begin("192.0.2.1", later(202))).toBeNull();
  const cheap = createBudget();
  let count = 0;
  for (let turn = cheap("192.0.2.1", eve); turn; turn = cheap("192.0.2.1", eve), count++) turn.end();
  expect(count).toBe(Math.ceil(networkStepsMax / floorSteps));
});

/** So many trains between so few stations that no question comes to its end. */
const dense = railwayOf(drawRailway(createPrng(11), 700));
const [from, to] = [dense.resolvePlace("C0"), dense.resolvePlace("C3")];
const dear = (passengers: number): JourneysAsked => ({
  from,
  to,
  date: today,
  passengers,
  seatClass: null,
  changesMax: 2,
  sort: "arrival",
});
const stockOf = ({ run, fromStop }: Leg): Availability =>
  (run.train.trainVersionId + fromStop) % 3 === 0 ? availabilityOfUntouched(run.train.composition) : new Map();

const here: Pick<InventoryClient, "available" | "availableNow" | "changes"> = {
  available: async (legs) => legs.map(stockOf),
  availableNow: stockOf,
};

test("a question that is too dear is answered with what was found; one network cannot have the others refused", async () => {
  const journeys = createJourneys({ timetable: () => dense, inventory: here });
  const first = await journeys(dear(1), eve, "192.0.2.1");
  expect(bodyOf(first).complete).toBe(false);
  expect(bodyOf(first).plans.length).toBeGreaterThan(0);
  const overloaded = { ok: false, error: { code: "Overloaded", facts: { retryAfterSeconds: 1 } } };
  expect(await journeys(dear(3), eve, "192.0.2.1")).toMatchObject(overloaded);
  // What is ready costs nothing, and others have their own share.
  expect(await journeys(dear(1), eve, "192.0.2.1")).toMatchObject({ ok: true });
  expect(await journeys(dear(3), eve, "192.0.2.9")).toMatchObject({ ok: true });
  expect(await journeys(dear(3), later(1), "192.0.2.1")).toMatchObject({ ok: true });
});

test("in another process a question asks for so many rides, and tells nothing that it only hoped", async () => {
  const asked: Leg[] = [];
  let [now, most] = [0, 0];
  const inventory: typeof here = {
    async available(legs) {
      most = Math.max(most, ++now);
      await Promise.resolve();
      now--;
      asked.push(...legs);
      return legs.map(stockOf);
    },
  };
  const journeys = createJourneys({ timetable: () => dense, inventory });
  const answer = bodyOf(await journeys(dear(1), eve, "192.0.2.1"));
  expect(answer.complete).toBe(false);
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.length).toBeLessThanOrEqual(unknownMax);
  expect(most).toBe(1);
  for (const { legs } of answer.plans) for (const { free } of legs) expect(free).toBeGreaterThan(0);
});

test("of more rides than may be asked for, the rest counts as not to be had", () => {
  const network = createNetwork(dense);
  const question = { from: new Set<number>(), to: new Set<number>(), dayNumber: dayNumber(today), now: eve };
  const calls = createCalls(network, question);
  const party = { passengers: 1, seatClass: null, now: eve };
  const rides = createRides(network, calls, party, () => undefined, true, 2);
  const keys = [...calls.running(eve / 1_000 + 86_400, eve / 1_000 + 100_000)].map(({ runKey }) => runKey);
  const found = keys.slice(0, 10).map((runKey) => rides.best(runKey, 0, 1));
  expect(rides.unknown.length).toBe(2);
  expect(rides.isCut()).toBe(true);
  expect(found.filter((ride) => ride !== null).length).toBeLessThanOrEqual(2);
});

test("of a class that a train does not have no fares are kept", () => {
  const network = createNetwork(dense);
  network.day(dayNumber(today));
  expect(network.floorOf(0, 0, 1, "softSleeper")).toBe(floorMax);
  expect(network.patterns[0]!.floors.size).toBe(0);
  expect(network.floorOf(0, 0, 1, null)).toBeLessThan(floorMax);
  expect(network.patterns[0]!.floors.size).toBe(1);
});

function bodyOf(found: Awaited<ReturnType<ReturnType<typeof createJourneys>>>): JourneysAnswer {
  if (!found.ok) throw new Error(found.error.code);
  return JSON.parse(new TextDecoder().decode(found.value.body as Uint8Array)) as JourneysAnswer;
}
