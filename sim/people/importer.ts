/**
 * Who imports a newer timetable while people wait: it brings a further train on a day or two on sale. A cluster goes on meanwhile; a platform in
 * one process is stopped for it, as its operator is told to.
 */
import { type RunId, runId } from "@chepiao/contracts";
import { addDays, dateIn, secondMs, type ServiceDate } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import type { ReplaceOptions } from "@chepiao/ports/timetable-store";
import type { Chance } from "../core/chance.ts";
import type { Life } from "../core/life.ts";
import { furtherClasses, furtherNumbers, withRuns, zone } from "../railway.ts";
import type { World } from "../world.ts";

const saleWindowDays = 14;
const triesMax = 20;
const stopsWithinMs = 5 * secondMs;

/** Where nobody answers it is done again: what was added then is known already. */
export async function importTimetable(world: World, life: Life, dates: readonly ServiceDate[]): Promise<boolean> {
  const { chance, clock } = life;
  const { added, within, portsOf } = world.sql;
  for (let count = chance.between(1, 3); count > 0; count--) added.decided.add(anyRun(world, chance, dates));
  // Of two operators the later has the newer feed, whenever it is written.
  const feed = {
    ...withRuns([]),
    get trains() {
      return withRuns([...added.decided]).trains;
    },
  };
  const today = dateIn(zone, clock.now());
  const options: ReplaceOptions = {
    soldRuns: within.orders.soldRuns,
    onSale: { from: today, until: addDays(today, saleWindowDays) },
  };
  if (!world.cluster) return whileStopped(world, life, () => within.timetable.replace(feed, options));
  for (let tries = 0; tries < triesMax; tries++) {
    try {
      await portsOf(life).timetable.replace(feed, options);
      return true;
    } catch {
      await sleep(clock, chance.next() * 2 * secondMs);
    }
  }
  return false;
}

/** Mostly where somebody would take it. */
function anyRun({ sql }: World, chance: Chance, dates: readonly ServiceDate[]): RunId {
  const wishes = sql.added.wishes();
  if (wishes.length === 0 || chance.chance(0.3)) return runId(chance.pick(furtherNumbers), chance.pick(dates));
  const { addedTrains, choices } = chance.pick(wishes);
  const classes = choices.flatMap(({ seatClasses }) => seatClasses);
  const fitting = furtherNumbers.filter((each) => furtherClasses[each]!.some((other) => classes.includes(other)));
  return runId(chance.pick(fitting.length > 0 ? fitting : furtherNumbers), addedTrains!.dates[0] as ServiceDate);
}

/** One that does not end in time, or has died, is ended. */
async function whileStopped(world: World, { clock }: Life, work: () => Promise<unknown>): Promise<boolean> {
  const machine = world.machines[0]!;
  await Promise.race([world.stop(machine), sleep(clock, stopsWithinMs)]);
  world.kill(machine);
  await work();
  world.start(machine);
  return true;
}
