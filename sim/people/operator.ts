/**
 * Who sets quotas: before a sale for many trains at once, and in the middle of it for a few, more, fewer or none. What is let go of by time
 * begins within the minutes in which people buy.
 */
import type { QuotaLimit, SeatClass } from "@chepiao/contracts";
import { runId } from "@chepiao/contracts";
import { addDays, type EpochMs, epochMs, secondMs, type ServiceDate } from "@chepiao/kernel";
import { sleep } from "@chepiao/ports/clock";
import type { ClassQuotas, QuotaStore, StationQuota } from "@chepiao/ports/quota-store";
import { type Chance, weighed } from "../core/chance.ts";
import type { Life } from "../core/life.ts";
import { callsOf, firstDay, trainNumbers, wishes } from "../railway.ts";

/** Of the first days, each train and class may have some. */
const daysAtFirst = 5;
const classShare = 0.6;
const triesMax = 20;

export const quotasAtFirst = (chance: Chance, now: EpochMs): ClassQuotas[] =>
  Array.from({ length: daysAtFirst }, (_, n) => addDays(firstDay, n)).flatMap((date) =>
    trainNumbers.flatMap((train) =>
      classesOf(train)
        .filter(() => chance.chance(classShare))
        .map((seatClass) => ({ runId: runId(train, date), seatClass, quotas: anyQuotas(chance, train, now) })),
    ),
  );

const classesOf = (train: string): SeatClass[] => [
  ...new Set(wishes.flatMap(([other, seatClass]) => (other === train ? [seatClass] : []))),
];

/** One to three, nested: a way may belong to several. */
function anyQuotas(chance: Chance, train: string, now: EpochMs): StationQuota[] {
  const calls = callsOf(train);
  const some = (): string[] | null => (chance.chance(0.5) ? null : [chance.pick(calls)]);
  return Array.from({ length: chance.between(1, 4) }, () => ({
    fromStations: some(),
    toStations: some(),
    limits: anyLimits(chance, now),
  }));
}

/** More and more, and most of them in the end any number. */
function anyLimits(chance: Chance, now: EpochMs): QuotaLimit[] {
  let seats = chance.below(4);
  const limits: QuotaLimit[] = [{ since: epochMs(0), seats }];
  let since: number = now;
  const later = () => epochMs(Math.floor((since += chance.between(5, 50) * secondMs)));
  while (chance.chance(0.5) && limits.length < 4)
    limits.push({ since: later(), seats: (seats += chance.between(1, 4)) });
  if (chance.chance(0.6)) limits.push({ since: later(), seats: null });
  return limits;
}

function anyChange(chance: Chance, dates: readonly ServiceDate[], now: EpochMs): ClassQuotas[] {
  const train = chance.pick(trainNumbers);
  const date = chance.pick(dates);
  const some = classesOf(train).filter((_, n) => n === 0 || chance.chance(0.6));
  return some.map((seatClass) => ({
    runId: runId(train, date),
    seatClass,
    quotas: weighed(chance, [
      [3, () => anyQuotas(chance, train, now)],
      [1, () => []],
    ])(),
  }));
}

/** As a command does it: on what it has read; who was quicker is looked at anew. Where nobody answers it is done again. */
export async function changeQuotas(life: Life, store: QuotaStore, dates: readonly ServiceDate[]): Promise<boolean> {
  const { chance, clock } = life;
  const changes = anyChange(chance, dates, clock.now());
  for (let tries = 0; tries < triesMax && changes.length > 0; tries++) {
    try {
      if ((await store.set(await store.version(), changes)) !== null) return true;
    } catch {
      await sleep(clock, chance.next() * 2 * secondMs);
    }
  }
  return false;
}
