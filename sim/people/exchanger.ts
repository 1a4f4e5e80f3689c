/** Who has a sold run run as another train, as `run exchange` says it, perhaps as a third before that has ended, and often back. */
import { type Run, runId, type RunId, type Timetable, trainAndDateOf } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import { exchangeRun } from "../../apps/server/commands/run/exchange.ts";
import { firstOf } from "../audit/withdrawn.ts";
import { exchangedFor, wishes } from "../railway.ts";
import { runStoresOf, say, sayUntil } from "./saying.ts";
import { soldSeats, type WithdrawerDeps } from "./withdrawer.ts";

export type ExchangerDeps = WithdrawerDeps & { readonly hear: () => Promise<boolean> };

/** More tickets than there are seats. */
const confirmed = 1_000;

export async function exchangeSomeRun(deps: ExchangerDeps): Promise<void> {
  const { world, life, timetable, hear, dates } = deps;
  const { chance, clock } = life;
  await hear();
  const sold = soldSeats(world);
  const run =
    sold.length > 0 && chance.chance(0.9) ? chance.pick(sold).run : runId(chance.pick(wishes)[0], chance.pick(dates));
  const known = timetable.run(...trainAndDateOf(run));
  if (!known) return;
  const planned = firstOf(known.train.composition);
  const others = exchangedFor[planned.code]!;
  await exchange(deps, run, chance.pick(others).code);
  while (chance.chance(0.6)) {
    await sleep(clock, chance.next() * 20 * secondMs);
    await exchange(deps, run, chance.pick([planned, planned, ...others]).code);
  }
}

async function exchange({ world, told, life, timetable, hear }: ExchangerDeps, run: RunId, composition: string) {
  await hear();
  const stores = { ...runStoresOf(world, life, timetable), timetable: withOthers(timetable) };
  const wish = { run, composition, reason: "", isTrial: false, confirmed };
  told.count(`exchanged a run: ${await sayUntil(life, () => exchangeRun(stores, wish, say))}`);
}

/** Other trains of the day have those compositions. */
const withOthers = (timetable: Timetable): Timetable => ({
  ...timetable,
  *runsOn(date) {
    const runs = [...timetable.runsOn(date)];
    yield* runs;
    for (const composition of Object.values(exchangedFor).flat())
      if (runs[0]) yield { ...runs[0], train: { ...runs[0].train, composition } } satisfies Run;
  },
});
