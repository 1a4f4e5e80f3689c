/**
 * Case `journeys`: ways between two cities drawn by chance, with at most one change and with two, while most seats of most ways are sold:
 * nothing prunes them, and the seats of many rides have to be looked at. On the demo network, or on the GTFS feed that FEED names, moved to
 * today. Reference: the direct trains of the same ways and their seats.
 */
import { createMemoryTimetableStore } from "@chepiao/ports/timetable-store";
import type { InventoryClient, RunId, SeatClass, Timetable } from "@chepiao/contracts";
import { seatsOf } from "@chepiao/contracts";
import {
  addDays,
  createPrng,
  dateIn,
  epochMs,
  minuteMs,
  type OrderId,
  parseZone,
  passengersPerOrderMax,
  type Prng,
  secondMs,
  type ServiceDate,
} from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createEngineSeats } from "@chepiao/services/inventory";
import { createSearch } from "@chepiao/services/search";
import { createTimetableRoom } from "@chepiao/services/timetable";
import { importGtfs } from "../apps/server/commands/import.ts";
import { demoDays, generateDemoNetwork } from "../apps/server/data/demo/generate.ts";
import { type BenchSettings, type CaseResult, type Figures, percentile, type Round, settle } from "./lib/rounds.ts";

const zone = parseZone("Asia/Shanghai")!;
const daysSold = 15;
/** Parties of nine that have bought on each run, over ways drawn by chance. */
const partiesPerClass = 11;
const questionsOf = { 1: 2_000, 2: 400 } as const;
const feed = process.env["FEED"];

export async function run({ rounds, say }: BenchSettings): Promise<CaseResult[]> {
  const world = await createWorld();
  const { trains, cities } = world;
  say(`journeys: ${trains} trains, ${cities.length} cities, ${feed ?? "demo network"}`);
  const results: CaseResult[] = [];
  for (const changes of [1, 2] as const) {
    const done: Round[] = [];
    // What is read of the timetable once is not measured.
    await world.ask(createPrng(99), questionsOf[changes] / 4, changes);
    for (let n = 0; n < rounds; n++) {
      const { figures, cpuP99Ms, found } = await world.ask(createPrng(n), questionsOf[changes], changes);
      const reference = (await world.ask(createPrng(n), questionsOf[changes], null)).figures;
      done.push({ ...figures, reference, more: { cpuP99Ms, found } });
      say(
        `journeys with ${changes}, ${n + 1}/${rounds}: p50 ${figures.p50Ms.toFixed(2)} ms, p99 ${figures.p99Ms.toFixed(2)} ms, ` +
          `by processor time ${cpuP99Ms.toFixed(2)} ms, ${found.toFixed(1)} plans`,
      );
    }
    results.push(settle(`journeys ${changes}`, { changes, trains, questions: questionsOf[changes] }, done));
  }
  return results;
}

async function createWorld() {
  const now = epochMs(Math.floor(Date.now() / minuteMs) * minuteMs);
  const today = dateIn(zone, now);
  const store = createMemoryTimetableStore();
  const soldRuns = async () => new Set<RunId>();
  if (feed === undefined) await store.replace(generateDemoNetwork(1, today, demoDays), { soldRuns });
  else await importGtfs({ path: feed, rebase: today, days: "30", store, soldRuns, now }, () => {});
  let at = now;
  const clock = { ...createManualClock(now), now: () => at };
  const { timetable, saleOpensAt } = await createTimetableRoom({ store, clock });
  const seats = createEngineSeats({ holdCapacity: 2 ** 22 });
  const trains = await sell(timetable, seats, today, now);
  const inventory: Pick<InventoryClient, "available" | "availableNow" | "freeSeats" | "changes"> = {
    available: (legs) => seats.available(legs, at),
    availableNow: (leg) => seats.availableNow!(leg, at),
    freeSeats: (leg, seatClass) => seats.freeSeats(leg, seatClass),
    changes: (each) => seats.changes!(each),
  };
  const search = createSearch({ timetable: () => timetable, inventory, clock, saleOpensAt });
  const cities = [...new Set(timetable.stations.map(({ city }) => city))];

  async function ask(prng: Prng, count: number, changes: 1 | 2 | null) {
    const took: number[] = [];
    const cpu: number[] = [];
    let found = 0;
    while (took.length < count) {
      const [from, to] = [prng.pick(cities), prng.pick(cities)];
      if (from === to) continue;
      const date = addDays(today, 1 + prng.below(daysSold - 2));
      const passengers = 1 + prng.below(3);
      // Nothing that was answered before is sent again.
      at = epochMs(at + secondMs);
      const [started, cpuBefore] = [performance.now(), process.cpuUsage()];
      if (changes === null) {
        const legs = timetable.legs(timetable.resolvePlace(from), timetable.resolvePlace(to), date);
        await seats.available(legs, at);
      } else {
        const answer = await search.journeys({
          query: { from, to, date, passengers, changes },
          clientAddress: "127.0.0.1",
        } as never);
        const body = (answer as { readonly value: { readonly body: Uint8Array } }).value.body;
        found += (JSON.parse(new TextDecoder().decode(body)) as { plans: unknown[] }).plans.length;
      }
      const { user, system } = process.cpuUsage(cpuBefore);
      took.push(performance.now() - started);
      cpu.push((user + system) / 1_000);
    }
    const sorted = took.toSorted((one, other) => one - other);
    const figures: Figures = {
      perSecond: (took.length * 1_000) / took.reduce((sum, each) => sum + each, 0),
      p50Ms: percentile(sorted, 0.5),
      p99Ms: percentile(sorted, 0.99),
    };
    return {
      figures,
      cpuP99Ms: percentile(
        cpu.toSorted((one, other) => one - other),
        0.99,
      ),
      found: found / count,
    };
  }
  return { ask, cities, trains };
}

async function sell(
  timetable: Timetable,
  seats: ReturnType<typeof createEngineSeats>,
  today: ServiceDate,
  now: ReturnType<typeof epochMs>,
): Promise<number> {
  const prng = createPrng(5);
  let [orders, trains] = [0, 0];
  const preferences = Array.from({ length: passengersPerOrderMax }, () => null);
  for (let day = 0; day < daysSold; day++) {
    for (const each of timetable.runsOn(addDays(today, day))) {
      if (day === 0) trains++;
      const stops = each.train.stops.length;
      const classes = [...seatsOf(each.train.composition).keys()].filter((of): of is SeatClass => of !== "standing");
      const commands = classes.flatMap((seatClass) =>
        Array.from({ length: partiesPerClass }, () => {
          const fromStop = prng.below(stops - 1);
          const toStop = fromStop + 1 + prng.below(stops - 1 - fromStop);
          const holdId = (++orders * 2_048) as OrderId;
          return { holdId, line: 0, run: each, seatClass, fromStop, toStop, preferences, deadline: epochMs(now * 2) };
        }),
      );
      await seats.hold(commands, now);
    }
  }
  return trains;
}
