/** The trains of several legs, live: each is found among those of its own way and day. */
import type { ClassOffer, TrainOffer } from "@chepiao/contracts";
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { isRefused } from "../../lib/api.ts";
import { addDays } from "../../lib/format.ts";
import type { LegAddress } from "../../lib/legsAddress.ts";
import { trainOffers } from "../search/trainOffers.ts";

export type LegOffer = { readonly leg: LegAddress; readonly train: TrainOffer; readonly offer: ClassOffer };

const liveEveryMs = 8_000;
/** A train is named by the day on which it leaves its first station, and may be boarded days later. */
const daysAfterMax = 3;

export type LegOffers = {
  /** Leg by leg; null where it is not on sale, and while it is not known. */
  readonly offers: readonly (LegOffer | null)[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly refetch: () => void;
};

export function useLegOffers(legs: readonly LegAddress[]): LegOffers {
  const client = useQueryClient();
  const found = useQueries({
    queries: legs.map((leg) => ({
      queryKey: ["tickets", "leg", leg.trainNumber, leg.originDate, leg.from, leg.to],
      queryFn: async (): Promise<TrainOffer | null> => {
        for (let day = 0; day <= daysAfterMax; day++) {
          const asked = trainOffers(leg.from, leg.to, addDays(leg.originDate, day));
          const trains = await client.fetchQuery({ ...asked, staleTime: 3_000 }).then(
            (answer) => answer.trains,
            (error: unknown) => {
              // It left its first station before today, or nothing is sold for so late a day.
              if (isRefused(error, "DateOutOfRange")) return [];
              throw error;
            },
          );
          const train = trains.find((each) => isOf(each, leg));
          if (train) return train;
        }
        return null;
      },
      refetchInterval: liveEveryMs,
      staleTime: 3_000,
    })),
  });
  return {
    offers: legs.map((leg, n) => offerOf(leg, found[n]!.data ?? null)),
    isPending: found.some(({ isPending }) => isPending),
    error: found.find(({ data, error }) => data === undefined && error !== null)?.error ?? null,
    refetch: () => found.forEach((each) => void each.refetch()),
  };
}

const isOf = (train: TrainOffer, leg: LegAddress): boolean =>
  train.trainNumber === leg.trainNumber &&
  train.originDate === leg.originDate &&
  train.from.stationId === leg.from &&
  train.to.stationId === leg.to;

function offerOf(leg: LegAddress, train: TrainOffer | null): LegOffer | null {
  const offer = train?.classes.find(({ seatClass }) => seatClass === leg.seatClass);
  return train && offer ? { leg, train, offer } : null;
}
