/**
 * Who says that a train does not run, or not all the way, as `run cancel` and `run shorten` say it, while people buy it; and now and then takes
 * that back, as long as no money has gone back. Where nobody answers he says it again.
 */
import { type RunId, runId, type Timetable, trainAndDateOf } from "@chepiao/contracts";
import { secondMs, type ServiceDate } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import { cancelRun, restoreRun } from "../../apps/server/commands/run/cancel.ts";
import type { Life } from "../core/life.ts";
import { wishes } from "../railway.ts";
import type { World } from "../world.ts";
import { runStoresOf, say, sayUntil } from "./saying.ts";
import type { Told } from "./told.ts";

export type CancellerDeps = {
  readonly world: World;
  readonly told: Told;
  readonly life: Life;
  readonly timetable: Timetable;
  readonly dates: readonly ServiceDate[];
};

/** Who hears that his train does not run does not wait for what becomes of it; null where it is not cancelled in that time. */
export async function untilCancelled({ cancelled }: World, { clock }: Life, runIds: readonly RunId[], ms: number) {
  const until = clock.now() + ms;
  while (clock.now() < until) {
    const runs = runIds.filter((each) => cancelled.now().has(each));
    if (runs.length > 0) return true;
    await sleep(clock, secondMs / 4);
  }
  return false;
}

/** More tickets than there are seats. */
const confirmed = 1_000;

export async function cancelTrain({ world, told, life, timetable, dates }: CancellerDeps): Promise<void> {
  const { chance, clock } = life;
  const stores = runStoresOf(world, life, timetable);
  const run = runId(chance.pick(wishes)[0], chance.pick(dates));

  const until = (command: () => Promise<void>) => sayUntil(life, command);
  const refundsOf = async (of: RunId) =>
    (await world.sql.within.orders.runRefunds(of)).filter(({ ticketCount }) => ticketCount > 0).length;
  const chooseMs = chance.chance(0.4) ? chance.below(20) * secondMs : 0;
  const wish = { run, reason: "", isTrial: false, confirmed, chooseMs };
  const cancel = () => until(() => cancelRun(stores, wish, say));
  const { stops } = timetable.run(...trainAndDateOf(run))!.train;
  if (chance.chance(0.4)) {
    const skipped = chance.chance(0.5) ? [0] : [stops.length - 1];
    told.count(`shortened a train: ${await until(() => cancelRun(stores, { ...wish, skipped }, say))}`);
    await sleep(clock, chance.next() * 10 * secondMs);
    if (chance.chance(0.6)) return;
  }
  told.count(`cancelled a train: ${await cancel()}`);
  if (!chance.chance(0.3)) return;
  await sleep(clock, chance.next() * 7 * secondMs);
  const restored = await until(() => restoreRun(stores, run, say));
  const refunded = await refundsOf(run);
  told.count(`restored a train: ${restored}`);
  if (!chance.chance(0.3)) {
    await sleep(clock, 6 * secondMs);
    if (restored === "done" && (await refundsOf(run)) > refunded) told.count("restored a train while it was refunded");
    return;
  }
  await sleep(clock, chance.next() * 10 * secondMs);
  told.count(`cancelled a train once more: ${await cancel()}`);
}
