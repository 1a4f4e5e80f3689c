/** Journeys: those of the rounds are those of the twin, and what one is told of them. `RUNS=10000` asks that many questions of chance. */
import { expect, test } from "bun:test";
import {
  type Availability,
  type InventoryClient,
  type JourneysAnswer,
  journeySorts,
  type Leg,
  type PolicyChanges,
  type Refusal,
  type Reply,
  type Run,
  type SeatClass,
  seatsOf,
} from "@chepiao/contracts";
import {
  addDays,
  createPrng,
  epochMs,
  minuteMs,
  type OrderId,
  type Prng,
  type Result,
  serviceDayStart,
} from "@chepiao/kernel";
import { createMemorySeatStore } from "@chepiao/ports/seat-store";
import { createJourneys, type JourneysAsked } from "./index.ts";
import { journeysSlowly, type TwinPlan } from "./journeys.twin.ts";
import { drawRailway, type Railway, railwayOf, today, zone } from "./testing.ts";

const at = (minutes: number) => epochMs(serviceDayStart(today, zone) + minutes * minuteMs);
const eve = at(-12 * 60);

function createWorld(railway: Railway) {
  const timetable = railwayOf(railway);
  const seats = createMemorySeatStore();
  let holds = 0;
  const availableNow = (leg: Leg): Availability => seats.availableNow!(leg, eve);
  const here: Pick<InventoryClient, "available" | "availableNow" | "changes"> = {
    available: (legs) => seats.available(legs, eve),
    availableNow,
    changes: (run) => seats.changes!(run),
  };
  return {
    timetable,
    seats,
    availableNow,
    here,
    /** As another process has it. */
    there: { available: here.available, changes: here.changes! } satisfies typeof here,
    async hold(run: Run, seatClass: SeatClass, fromStop: number, toStop: number, count: number) {
      const holdId = (holds += 2_048) as OrderId;
      const preferences = Array.from({ length: count }, () => null);
      const command = { holdId, line: 0, run, seatClass, fromStop, toStop, preferences, deadline: at(10_000) };
      const [held] = await seats.hold([command], eve);
      return { holdId, seatIndexes: held!.ok ? held!.value.seatIndexes : [] };
    },
  };
}
type World = ReturnType<typeof createWorld>;

const question = (
  from: readonly string[],
  to: readonly string[],
  more: Partial<JourneysAsked> = {},
): JourneysAsked => ({
  from,
  to,
  date: today,
  passengers: 1,
  seatClass: null,
  changesMax: 1,
  sort: "arrival",
  ...more,
});

const answerIn = (found: Result<Reply, Refusal>): JourneysAnswer => {
  if (!found.ok) throw new Error(found.error.code);
  return JSON.parse(new TextDecoder().decode(found.value.body as Uint8Array)) as JourneysAnswer;
};

const countsOf = ({ departAt, arriveAt, fareFen, changes }: TwinPlan) =>
  [new Date(departAt).toISOString(), new Date(arriveAt).toISOString(), fareFen, changes].join(" ");

async function sellByChance({ timetable, hold }: World, prng: Prng, share: number) {
  for (let day = -1; day < 4; day++) {
    for (const run of timetable.runsOn(addDays(today, day))) {
      for (const [seatClass, places] of seatsOf(run.train.composition)) {
        for (let n = 0; n < places.length; n++) {
          if (!prng.chance(share)) continue;
          // The shorter, the more likely: what is left is in pieces.
          const fromStop = prng.below(run.train.stops.length - 1);
          const toStop = fromStop + 1 + Math.floor(prng.next() ** 2 * (run.train.stops.length - 1 - fromStop));
          await hold(run, seatClass, fromStop, toStop, 1);
        }
      }
    }
  }
}

/** What is told is checked by what it names: seats, times between trains, sums. */
function expectSound({ timetable, availableNow }: World, asked: JourneysAsked, { plans }: JourneysAnswer) {
  for (const { legs, fareFen, totalFen, changes, kind, departAt, arriveAt, transfers } of plans) {
    expect(legs.length).toBe(changes + 1);
    expect(legs.reduce((sum, leg) => sum + leg.fareFen, 0)).toBe(fareFen);
    expect(totalFen).toBe(fareFen * asked.passengers);
    expect([legs[0]!.departAt, legs.at(-1)!.arriveAt]).toEqual([departAt, arriveAt]);
    expect(transfers.map((each) => each.kind === "seat")).toEqual(transfers.map(() => kind === "sameTrain"));
    for (const leg of legs) {
      const run = timetable.run(leg.trainNumber, leg.originDate as Run["originDate"])!;
      const free = availableNow({ run, fromStop: leg.from.stop, toStop: leg.to.stop }).get(leg.seatClass)!.sellable;
      expect(free).toBe(leg.free);
      expect(free).toBeGreaterThanOrEqual(asked.passengers);
      expect(timetable.fare(run, leg.seatClass, leg.from.stop, leg.to.stop, "adult")).toBe(leg.fareFen as never);
    }
  }
}

const policies: readonly PolicyChanges[] = [
  {},
  { transfer: { stations: { C1a: { minutes: 5, otherStationMinutes: 90 }, C2a: { otherStationMinutes: 200 } } } },
  { transfer: null, trips: { gapMinutes: 15, otherStationGapMinutes: null } },
  { order: { perDocumentDay: 1 } },
];

/** Questions of chance to railways of chance, of which some seats are sold. */
async function askByChance(seed: number, count: number, changesMax: 1 | 2) {
  const perRailway = 20;
  const met = new Set<string>();
  for (let n = 0; n < count; n++) {
    const prng = createPrng(seed + Math.floor(n / perRailway));
    const trainCount = changesMax === 1 ? 10 + prng.below(40) : 5 + prng.below(20);
    const world = createWorld(drawRailway(prng, trainCount, policies[Math.floor(n / perRailway) % policies.length]));
    await sellByChance(world, prng, prng.pick([0, 0.5, 1]));
    const ask = [world.here, world.there].map((inventory) =>
      createJourneys({ timetable: () => world.timetable, inventory }),
    );
    const places = Object.values(world.timetable.stations.map(({ city }) => city));
    for (const last = Math.min(count, n + perRailway); n < last; n++) {
      const draw = createPrng(seed * 1_000 + n);
      const place = () => {
        const name = draw.pick(places);
        const ids = world.timetable.resolvePlace(name);
        return draw.chance(0.5) ? ids : [draw.pick(ids)];
      };
      const asked = question(place(), place(), {
        changesMax,
        passengers: 1 + draw.below(4),
        seatClass: draw.chance(0.3) ? draw.pick(["second", "hardSeat", "standing"] as const) : null,
        date: addDays(today, draw.below(2)),
      });
      const now = draw.chance(0.5) ? eve : at(draw.below(1_440));
      const slowly = journeysSlowly(world.timetable, world.availableNow, asked, now).map(countsOf).sort();
      for (const journeys of ask) {
        const answer = answerIn(await journeys(asked, now, "127.0.0.1"));
        const told = answer.plans.map((plan) =>
          countsOf({
            departAt: epochMs(Date.parse(plan.departAt)),
            arriveAt: epochMs(Date.parse(plan.arriveAt)),
            fareFen: plan.fareFen,
            changes: plan.changes,
          }),
        );
        if (slowly.length <= 50) expect({ n, seed, plans: told.sort() }).toEqual({ n, seed, plans: slowly });
        expect(answer.complete).toBe(true);
        expectSound(world, asked, answer);
        for (const { kind, transfers } of answer.plans)
          for (const each of [kind, ...transfers.map((transfer) => transfer.kind)]) met.add(each);
      }
    }
    n--;
  }
  if (count >= 600 && changesMax === 1)
    expect([...met].sort()).toEqual(["city", "direct", "sameTrain", "seat", "station", "transfer"]);
}

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const runs = Number(process.env["RUNS"] ?? 0);

test(`with one change, the rounds find what the twin finds (SEED=${seed})`, () => askByChance(seed, runs || 300, 1), {
  timeout: 3_600_000,
});
test(
  `with two changes, the rounds find what the twin finds (SEED=${seed})`,
  () => askByChance(seed, Math.ceil((runs || 300) / 4), 2),
  { timeout: 3_600_000 },
);

/** Beside the river and beyond it: two stations in one city, and one train that takes an hour longer. */
const riverside: Railway = {
  cities: { start: ["S"], river: ["Rn", "Rs"], end: ["E"] },
  trains: [
    {
      trainNumber: "G1",
      calls: [
        ["S", 480, 480],
        ["Rn", 540, 545],
        ["E", 660, 660],
      ],
    },
    {
      trainNumber: "G2",
      calls: [
        ["Rn", 559, 559],
        ["E", 640, 640],
      ],
    },
    {
      trainNumber: "G3",
      calls: [
        ["Rn", 560, 560],
        ["E", 641, 641],
      ],
    },
    {
      trainNumber: "G4",
      calls: [
        ["Rs", 599, 599],
        ["E", 642, 642],
      ],
    },
    {
      trainNumber: "G5",
      calls: [
        ["Rs", 600, 600],
        ["E", 643, 643],
      ],
    },
  ],
};
const trainsOf = ({ plans }: JourneysAnswer) => plans.map(({ legs }) => legs.map((leg) => leg.trainNumber).join(" "));
const runIn = ({ timetable }: World, trainNumber: string) => timetable.run(trainNumber, today)!;
const askIn = async (world: World, more: Partial<JourneysAsked> = {}, now = eve) =>
  answerIn(
    await createJourneys({ timetable: () => world.timetable, inventory: world.here })(
      question(["S"], ["E"], more),
      now,
      "127.0.0.1",
    ),
  );

test("a change takes the railway's time, and more where one goes to another station", async () => {
  const world = createWorld(riverside);
  expect(trainsOf(await askIn(world))[0]).toBe("G1 G3");
  await world.hold(runIn(world, "G3"), "first", 0, 1, 4);
  await world.hold(runIn(world, "G3"), "second", 0, 1, 5);
  const answer = await askIn(world);
  expect(trainsOf(answer)).toEqual(["G1 G5", "G1"]);
  expect(answer.plans[0]).toMatchObject({ kind: "transfer", transfers: [{ kind: "city", waitMinutes: 60 }] });
});

test("less time than one document needs between two trains is never offered", async () => {
  const transfer = { minutes: 5, otherStationMinutes: 5 };
  expect(trainsOf(await askIn(createWorld({ ...riverside, policy: { transfer } })))[0]).toBe("G1 G2");
  const trips = { gapMinutes: 20, otherStationGapMinutes: 60 };
  expect(trainsOf(await askIn(createWorld({ ...riverside, policy: { transfer, trips } })))[0]).toBe("G1 G3");
});

/** One train, with one second-class seat free on each half and none all the way. */
async function createHalves() {
  const trains = riverside.trains.filter(({ trainNumber }) => trainNumber === "G1");
  const world = createWorld({ ...riverside, trains });
  const run = runIn(world, "G1");
  const seats = seatsOf(run.train.composition).get("second")!.length;
  const [there, onwards] = [await world.hold(run, "second", 0, 1, seats), await world.hold(run, "second", 1, 2, seats)];
  const [left, right] = there.seatIndexes;
  await world.seats.release({ runId: run.runId, holdId: there.holdId, line: 0 }, eve, [left!]);
  await world.seats.release({ runId: run.runId, holdId: onwards.holdId, line: 0 }, eve, [right!]);
  return { world, run, held: 2 * (seats - 1) };
}

test("where no seat of a class is free all the way, one to a stop and another from there is offered first", async () => {
  const { world } = await createHalves();
  const { plans } = await askIn(world, { seatClass: "second", sort: "price" });
  expect(plans.map(({ kind }) => kind)).toEqual(["sameTrain"]);
  expect(plans[0]).toMatchObject({
    kind: "sameTrain",
    changes: 1,
    transfers: [{ kind: "seat", waitMinutes: 5 }],
    legs: [
      { trainNumber: "G1", seatClass: "second", to: { stationId: "Rn" } },
      { trainNumber: "G1", seatClass: "second", from: { stationId: "Rn" } },
    ],
  });
});

test("two seats on one train are not offered where a quota with a limit to come may have one left for both", async () => {
  const { world, run, held } = await createHalves();
  const offered = async () => (await askIn(world, { seatClass: "second" })).plans.length;
  const release = { since: at(10_000), seats: null };
  const quota = { fromStops: [0, 1], toStops: [1, 2], limits: [{ since: at(-10_000), seats: held + 1 }, release] };
  expect(await offered()).toBe(1);
  expect(await world.seats.setOffers([{ run, seatClass: "second", quotas: [quota] }], eve)).toEqual([null]);
  expect(world.availableNow({ run, fromStop: 0, toStop: 1 }).get("second")!.sellable).toBe(1);
  expect(await offered()).toBe(0);
});

test("nobody is offered to stand who did not ask for it, nor a place for some of a party", async () => {
  const world = createWorld(riverside);
  for (const trainNumber of ["G1", "G2", "G3", "G4", "G5"]) {
    const run = runIn(world, trainNumber);
    await world.hold(run, "first", 0, run.train.stops.length - 1, 2);
    await world.hold(run, "second", 0, run.train.stops.length - 1, 5);
  }
  expect(trainsOf(await askIn(world, { passengers: 3 }))).toEqual([]);
  expect((await askIn(world, { passengers: 2 })).plans.map(({ legs }) => legs[0]!.seatClass)).not.toContain("second");
  expect((await askIn(world, { seatClass: "standing" })).plans.length).toBeGreaterThan(0);
});

test("a party that no order may have is refused", async () => {
  const world = createWorld({ ...riverside, policy: { order: { ticketsMax: 4 } } });
  const journeys = createJourneys({ timetable: () => world.timetable, inventory: world.here });
  const ask = (passengers: number, now = eve) => journeys(question(["S"], ["E"], { passengers }), now, "127.0.0.1");
  expect(await ask(5)).toMatchObject({ ok: false, error: { code: "OrderTooLarge", facts: { limit: 4 } } });
  expect(await ask(4)).toMatchObject({ ok: true });
});

test("a party is not offered more rides than one order has tickets", async () => {
  const changesOf = async (passengers: number, ticketsMax: number) => {
    const world = createWorld({ ...drawRailway(createPrng(7), 40), policy: { order: { ticketsMax, perUserRun: 99 } } });
    const journeys = createJourneys({ timetable: () => world.timetable, inventory: world.here });
    const { resolvePlace } = world.timetable;
    const places = Array.from({ length: 6 }, (_, n) => resolvePlace(`C${n}`)).filter((ids) => ids.length > 0);
    const most = await Promise.all(
      places.flatMap((from) =>
        places.map(async (to) =>
          from === to
            ? 0
            : Math.max(
                0,
                ...answerIn(
                  await journeys(question(from, to, { passengers, changesMax: 2 }), eve, "127.0.0.1"),
                ).plans.map(({ changes }) => changes),
              ),
        ),
      ),
    );
    return Math.max(...most);
  };
  expect([await changesOf(3, 9), await changesOf(3, 3)]).toEqual([2, 1]);
});

test("plans are in the order that is asked for", async () => {
  const world = createWorld(drawRailway(createPrng(7), 40));
  for (const sort of journeySorts) {
    const journeys = createJourneys({ timetable: () => world.timetable, inventory: world.here });
    const { resolvePlace } = world.timetable;
    const answer = answerIn(
      await journeys(question(resolvePlace("C0"), resolvePlace("C3"), { sort }), eve, "127.0.0.1"),
    );
    const by = {
      arrival: ({ arriveAt }: JourneysAnswer["plans"][number]) => Date.parse(arriveAt),
      duration: ({ durationMinutes }: JourneysAnswer["plans"][number]) => durationMinutes,
      price: ({ fareFen }: JourneysAnswer["plans"][number]) => fareFen,
      changes: ({ changes }: JourneysAnswer["plans"][number]) => changes,
    }[sort];
    const values = answer.plans.filter(({ kind }) => kind !== "sameTrain").map(by);
    expect(values.length).toBeGreaterThan(2);
    expect(values).toEqual(values.toSorted((one, other) => one - other));
  }
});

test("who asks first is told of trains that run on other days alone, too", async () => {
  const night = {
    trainNumber: "Z9",
    calls: [
      ["S", -600, -600],
      ["N", 60, 70],
      ["E", 300, 300],
    ] as const,
    everyDays: 2,
  };
  const world = createWorld({ cities: { start: ["S"], night: ["N"], end: ["E"] }, trains: [night] });
  const date = addDays(today, -1);
  expect(trainsOf(await askIn(world, { date }, at(-20 * 60)))).toEqual(["Z9"]);
});
