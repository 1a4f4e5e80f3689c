/** When the sale of trains opens that are not sold yet. */
import type { TrainOffer } from "@chepiao/contracts";

type Sale = Pick<TrainOffer, "sale" | "saleOpensAt">;

/** Null for one that is on sale, or was. */
export const openingsOf = (trains: readonly Sale[]): (string | null)[] =>
  trains.map(({ sale, saleOpensAt }) => (sale === "notYet" ? saleOpensAt : null));

/** Said once where it is the same for all, and not on each train. */
export function sharedOpeningOf(trains: readonly Sale[]): string | null {
  const openings = new Set(openingsOf(trains));
  return openings.size === 1 ? [...openings][0]! : null;
}
