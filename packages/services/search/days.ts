/**
 * What each day on sale has on a way: how many trains, and the lowest fare that can be had. It is for looking around, so it may be
 * half a minute old; it is kept by itself, apart from the pages of searches, and a way is worked out once for all who ask meanwhile.
 */
import {
  type Availability,
  type DayOffer,
  type InventoryClient,
  type Leg,
  type Refusal,
  refusal,
  type SeatClass,
  type Timetable,
} from "@chepiao/contracts";
import { type EpochMs, ok, refuse, type Result, secondMs, type ServiceDate } from "@chepiao/kernel";
import { createGenerationCache } from "./generationCache.ts";
import { departureOf, isCancelled } from "./offers.ts";

export const daysKeptMs = 30 * secondMs;
/** Some 5,000 ways. */
const daysBytesMax = 8 * 2 ** 20;
const dayBytes = 100;
/** Ways that are worked out at a time: each looks at the stock of every day on sale, and who buys or searches shall not wait for them. */
export const daysUnderWayMax = 32;

export type DaysAsked = {
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Those that are on sale. */
  readonly dates: readonly ServiceDate[];
};

export type DaysDeps = {
  readonly timetable: () => Timetable;
  readonly inventory: Pick<InventoryClient, "available">;
};

const isOnSale = (timetable: Timetable, { run, fromStop }: Leg, now: EpochMs): boolean =>
  timetable.saleOpensAt(run, fromStop) <= now && now < timetable.saleClosesAt(run, fromStop);

type Kept = { readonly madeAt: EpochMs; readonly days: Promise<readonly DayOffer[]> };

export function createDays({ timetable, inventory }: DaysDeps) {
  const kept = createGenerationCache<Kept>(daysBytesMax);

  let underWay = 0;

  async function dayOf(date: ServiceDate, { from, to }: DaysAsked, now: EpochMs): Promise<DayOffer> {
    const current = timetable();
    const legs = current.legs(from, to, date).filter((leg) => departureOf(leg) > now && !isCancelled(leg, current));
    const onSale = legs.filter((leg) => isOnSale(current, leg, now));
    const stock = onSale.length > 0 ? await inventory.available(onSale) : [];
    const fares = onSale.flatMap((leg, n) => faresOf(leg, stock[n]!, current));
    return { date, trains: legs.length, lowestFen: fares.length === 0 ? null : Math.min(...fares) };
  }

  async function daysOf(asked: DaysAsked, now: EpochMs): Promise<readonly DayOffer[]> {
    const days: DayOffer[] = [];
    underWay++;
    try {
      // One day after the other: who asks for seats of one run in between does not wait for all of them.
      for (const date of asked.dates) days.push(await dayOf(date, asked, now));
      return days;
    } finally {
      underWay--;
    }
  }

  return async function days(asked: DaysAsked, now: EpochMs): Promise<Result<readonly DayOffer[], Refusal>> {
    const key = JSON.stringify([timetable().version, asked.from, asked.to, asked.dates]);
    const known = kept.get(key);
    // A clock may be set back.
    if (known && known.madeAt <= now && now < known.madeAt + daysKeptMs) return ok(await known.days);
    if (underWay >= daysUnderWayMax) return refuse(refusal("Overloaded", { retryAfterSeconds: 1 }));
    const made = { madeAt: now, days: daysOf(asked, now) };
    kept.put(key, made, dayBytes * (asked.dates.length + 1));
    // What failed is not kept: the next to ask tries again.
    made.days.catch(() => kept.put(key, { ...made, madeAt: (now - daysKeptMs) as EpochMs }, dayBytes));
    return ok(await made.days);
  };
}

function faresOf({ run, fromStop, toStop }: Leg, stock: Availability, timetable: Timetable): number[] {
  const free = [...stock].filter(([, { sellable }]) => sellable > 0);
  return free.map(([seatClass]: [SeatClass, unknown]) => timetable.fare(run, seatClass, fromStop, toStop, "adult"));
}
