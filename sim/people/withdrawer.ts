/**
 * Who takes a coach off sale, before the sale or while people buy, as `run withdraw` says it, or has the train run without it, as `run lose-coach` does;
 * and often puts it back.
 */
import { lineOf, type RunId, runId, type Timetable, trainAndDateOf } from "@chepiao/contracts";
import { addDays, secondMs, type ServiceDate } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import type { WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";
import { loseCoach } from "../../apps/server/commands/run/lose.ts";
import { reinstateCoach, withdrawCoach } from "../../apps/server/commands/run/withdraw.ts";
import type { Chance } from "../core/chance.ts";
import type { Life } from "../core/life.ts";
import { firstDay, trainNumbers, wishes } from "../railway.ts";
import type { World } from "../world.ts";
import { runStoresOf, say, sayUntil } from "./saying.ts";
import type { Told } from "./told.ts";

export type WithdrawerDeps = {
  readonly world: World;
  readonly told: Told;
  readonly life: Life;
  readonly timetable: Timetable;
  readonly dates: readonly ServiceDate[];
};

/** Mostly one of two with seats of the same class. */
const coachNos = [1, 1, 2, 3, 3];
/** More tickets than there are seats. */
const confirmed = 1_000;
/** Of the first days, each train may have one. */
const daysAtFirst = 5;

export const withdrawnAtFirst = (chance: Chance): WithdrawnCoaches[] =>
  Array.from({ length: daysAtFirst }, (_, n) => addDays(firstDay, n)).flatMap((date) =>
    trainNumbers
      .filter(() => chance.chance(0.3))
      .map((train) => ({ runId: runId(train, date), coachNos: [chance.pick([1, 2])], lost: [] })),
  );

/** Where people sit: a coach without any is lost without much ado. */
export const soldSeats = ({ sql }: World) =>
  sql.within.orders
    .all()
    .filter(({ state }) => state === "ticketed")
    .flatMap((order) =>
      order.tickets
        .filter(({ state }) => state === "issued")
        .map((ticket) => ({ run: lineOf(order, ticket).runId, coachNo: ticket.coachNo })),
    );

export async function withdrawSomeCoach(deps: WithdrawerDeps): Promise<void> {
  const { world, told, life, timetable, dates } = deps;
  const { chance, clock } = life;
  const stores = runStoresOf(world, life, timetable);
  const any = { run: runId(chance.pick(wishes)[0], chance.pick(dates)), coachNo: chance.pick(coachNos) };
  const seats = soldSeats(world);
  const { run, coachNo } = seats.length > 0 && chance.chance(0.7) ? chance.pick(seats) : any;
  if (chance.chance(0.2)) return loseThemAll(deps, run, coachNo);
  const wish = { run, coachNos: [coachNo], reason: "", isTrial: false };
  const lose = () => loseCoach(stores, { ...wish, confirmed }, say);
  const isLost = chance.chance(0.7);
  if (!isLost || chance.chance(0.5)) {
    told.count(`withdrew a coach: ${await sayUntil(life, () => withdrawCoach(stores, wish, say))}`);
    await sleep(clock, chance.next() * 5 * secondMs);
  }
  if (isLost) told.count(`lost a coach: ${await sayUntil(life, lose)}`);
  if (chance.chance(0.7)) return;
  await sleep(clock, chance.next() * 20 * secondMs);
  told.count(`reinstated a coach: ${await sayUntil(life, () => reinstateCoach(stores, wish, say))}`);
}

/**
 * A train without any seat is left for a while: nobody finds another, and is refused. Then a coach comes back, and who sat in another of them is to be
 * asked for again.
 */
async function loseThemAll(
  { world, told, life, timetable }: WithdrawerDeps,
  run: RunId,
  coachNo: number,
): Promise<void> {
  const { chance, clock } = life;
  const stores = runStoresOf(world, life, timetable);
  const coaches = timetable.run(...trainAndDateOf(run))?.train.composition.coaches ?? [];
  const nos = coaches.map(({ no }) => no);
  const all = { run, coachNos: nos, reason: "", isTrial: false };
  told.count(`lost every coach: ${await sayUntil(life, () => loseCoach(stores, { ...all, confirmed }, say))}`);
  await sleep(clock, (10 + chance.next() * 20) * secondMs);
  const classesOf = (each: number) => coaches.find(({ no }) => no === each)?.sections.map(({ seatClass }) => seatClass);
  const alike = nos.filter((no) => no !== coachNo && String(classesOf(no)) === String(classesOf(coachNo)));
  const back = chance.pick(alike.length > 0 ? alike : nos);
  const wish = { ...all, coachNos: [back] };
  told.count(`reinstated one of every coach: ${await sayUntil(life, () => reinstateCoach(stores, wish, say))}`);
}
