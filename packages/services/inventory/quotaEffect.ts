/**
 * What quotas would do to a run that is being sold: of each group, what is held, what may be sold now under what is in force and under
 * what is to be, and by how much what is held exceeds it. Worked out on a seat store of its own, by the rules of any other.
 */
import type { Leg, RecordedHold, Run, SeatClass } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";
import type { StationQuota } from "@chepiao/ports/quota-store";
import { createEngineSeats } from "./engineSeats.ts";
import { groupOf, limitAt, offerChangeOf } from "./quotas.ts";

export type GroupEffect = {
  readonly group: Omit<StationQuota, "limits">;
  /** Over ways of the group. */
  readonly held: number;
  readonly before: GroupSale;
  readonly after: GroupSale;
};

export type GroupSale = {
  /** In force at the moment; null where any number may be held, because no quota is set or its last limit has begun. */
  readonly limit: number | null;
  /** What the public may buy over that way of the group over which it may buy most. */
  readonly sellable: number;
  /** Held beyond the limit: nobody loses a seat, and none is sold before as many came back. */
  readonly beyond: number;
};

export type EffectAsked = {
  readonly run: Run;
  readonly seatClass: SeatClass;
  readonly before: readonly StationQuota[];
  readonly after: readonly StationQuota[];
  /** All of the run's. */
  readonly holds: readonly RecordedHold[];
};

export async function quotaEffects(
  { run, seatClass, before, after, holds }: EffectAsked,
  now: EpochMs,
): Promise<GroupEffect[]> {
  const seats = createEngineSeats();
  await seats.reload(holds);
  const sellableUnder = async (quotas: readonly StationQuota[]) => {
    await seats.setOffers([offerChangeOf(run, { seatClass, quotas })], now);
    const legs = legsOf(run);
    const stock = await seats.available(legs, now);
    return legs.map((leg, n) => ({ ...leg, sellable: stock[n]!.get(seatClass)?.sellable ?? 0 }));
  };
  const [soldBefore, soldAfter] = [await sellableUnder(before), await sellableUnder(after)];
  const groups = new Map([...before, ...after].map((quota) => [groupText(quota), quota]));
  return [...groups].map(([text, quota]) => {
    const { fromStops, toStops } = groupOf(run, quota);
    const isIn = ({ fromStop, toStop }: Pick<Leg, "fromStop" | "toStop">) =>
      fromStops.includes(fromStop) && toStops.includes(toStop);
    const held = holds
      .filter((hold) => hold.seatClass === seatClass && isIn(hold))
      .reduce((sum, { seatIndexes }) => sum + seatIndexes.length, 0);
    const saleUnder = (quotas: readonly StationQuota[], sold: typeof soldBefore): GroupSale => {
      const own = quotas.find((each) => groupText(each) === text);
      const limit = own ? limitAt(own, now) : null;
      const sellable = Math.max(0, ...sold.filter(isIn).map((leg) => leg.sellable));
      return { limit, sellable, beyond: limit === null ? 0 : Math.max(0, held - limit) };
    };
    return {
      group: { fromStations: quota.fromStations, toStations: quota.toStations },
      held,
      before: saleUnder(before, soldBefore),
      after: saleUnder(after, soldAfter),
    };
  });
}

const groupText = ({ fromStations, toStations }: Omit<StationQuota, "limits">): string =>
  JSON.stringify([fromStations, toStations]);

const legsOf = (run: Run): Leg[] =>
  run.train.stops.flatMap((_, fromStop) =>
    run.train.stops.flatMap((__, toStop) => (fromStop < toStop ? [{ run, fromStop, toStop }] : [])),
  );
