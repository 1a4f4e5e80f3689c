/**
 * Who takes a coach off sale, before the sale or while people buy, as `run withdraw` says it, or has the train run without it, as `run lose-coach` does;
 * and often puts it back.
 */
import { lineOf, runId, type Timetable } from "@chepiao/contracts";
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
const soldSeats = ({ sql }: World) =>
  sql.within.orders
    .all()
    .filter(({ state }) => state === "ticketed")
    .flatMap((order) =>
      order.tickets
        .filter(({ state }) => state === "issued")
        .map((ticket) => ({ run: lineOf(order, ticket).runId, coachNo: ticket.coachNo })),
    );

export async function withdrawSomeCoach({ world, told, life, timetable, dates }: WithdrawerDeps): Promise<void> {
  const { chance, clock } = life;
  const stores = runStoresOf(world, life, timetable);
  const any = { run: runId(chance.pick(wishes)[0], chance.pick(dates)), coachNo: chance.pick(coachNos) };
  const seats = soldSeats(world);
  const { run, coachNo } = seats.length > 0 && chance.chance(0.7) ? chance.pick(seats) : any;
  const wish = { run, coachNo, reason: "", isTrial: false };
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
