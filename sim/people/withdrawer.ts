/** Who takes a coach off sale, before the sale or while people buy, as `run withdraw` says it, and often puts it back. */
import { runId, type Timetable } from "@chepiao/contracts";
import { addDays, secondMs, type ServiceDate } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import type { WithdrawnCoaches } from "@chepiao/ports/withdrawn-coaches";
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

/** Of the first days, each train may have one. */
const daysAtFirst = 5;

export const withdrawnAtFirst = (chance: Chance): WithdrawnCoaches[] =>
  Array.from({ length: daysAtFirst }, (_, n) => addDays(firstDay, n)).flatMap((date) =>
    trainNumbers
      .filter(() => chance.chance(0.3))
      .map((train) => ({ runId: runId(train, date), coachNos: [chance.pick([1, 2])] })),
  );

export async function withdrawSomeCoach({ world, told, life, timetable, dates }: WithdrawerDeps): Promise<void> {
  const { chance, clock } = life;
  const stores = runStoresOf(world, life, timetable);
  const [run, coachNo] = [runId(chance.pick(wishes)[0], chance.pick(dates)), chance.pick([1, 2, 3])];
  const wish = { run, coachNo, reason: "", isTrial: false };
  told.count(`withdrew a coach: ${await sayUntil(life, () => withdrawCoach(stores, wish, say))}`);
  if (chance.chance(0.4)) return;
  await sleep(clock, chance.next() * 20 * secondMs);
  told.count(`reinstated a coach: ${await sayUntil(life, () => reinstateCoach(stores, wish, say))}`);
}
