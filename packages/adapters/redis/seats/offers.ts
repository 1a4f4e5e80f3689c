/** What may be sold of a run, as offers.lua reads it and as functions.lua answers it. */
import type {
  Availability,
  ClassAvailability,
  OdGroup,
  OfferChange,
  SaleChannel,
  SaleRefusal,
} from "@chepiao/contracts";
import { epochMs } from "@chepiao/kernel";
import { classNumber, type Layout } from "./layout.ts";

/** A part that a change leaves out. */
const unchanged = "=";

/** Stored with runs: what they say keeps its meaning for ever. */
export function textsOfOffer(
  { seatClass, waitlistGate, quotas, withdrawn }: OfferChange,
  layout: Layout,
): (string | number)[] {
  const gate = waitlistGate?.map(stopsOf);
  const limited = quotas?.map((quota) => [
    ...stopsOf(quota),
    quota.limits.map(({ since, seats }) => [since, seats ?? -1]),
  ]);
  // One text for the same seats, so that what is set already is known to be.
  const seats = withdrawn && [...new Set(withdrawn)].toSorted((a, b) => a - b);
  return [classNumber(layout, seatClass), textOf(gate), textOf(limited), textOf(seats)];
}

const stopsOf = ({ fromStops, toStops }: OdGroup) => [fromStops, toStops];
const textOf = (list: readonly unknown[] | undefined): string =>
  list === undefined ? unchanged : list.length === 0 ? "" : JSON.stringify(list);

const channelLetters: Record<SaleChannel, string> = { public: "p", waitlist: "w", change: "c", reseat: "r" };
export const channelLetter = (channel: SaleChannel = "public"): string => channelLetters[channel];

/** "seats" or "seats refusal changesAt" of each class, in the order of the layout. Behind those that it knows may be some of a run that has grown. */
export function availabilityIn(text: string, { classes }: Layout): Availability {
  const texts = text.split(",");
  return new Map(classes.map((seatClass, cls) => [seatClass, classAvailability(texts[cls]!)]));
}

export const nothingForSale = ({ classes }: Layout): Availability =>
  new Map(classes.map((seatClass) => [seatClass, classAvailability("0")]));

function classAvailability(text: string): ClassAvailability {
  const [seats, refusal = "SoldOut", changesAt = "0"] = text.split(" ");
  const sellable = Number(seats);
  return {
    sellable,
    refusal: sellable > 0 ? null : (refusal as SaleRefusal),
    changesAt: changesAt === "0" ? null : epochMs(Number(changesAt)),
  };
}
