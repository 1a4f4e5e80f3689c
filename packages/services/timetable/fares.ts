/**
 * What a journey costs. The tables follow the published idea of Chinese fares: a rate per kilometre by class and train type,
 * lower the longer the way; a supplement by berth level. The rates are chosen so that known fares
 * come out close (Beijing South–Shanghai Hongqiao, 1,318 km: second class ¥553). What is
 * rounded to what, and what a child, a student or a disabled veteran pays, is the railway's policy. Pure: no clock, no timetable.
 */
import type { FareOverride } from "@chepiao/ports/timetable-store";
import {
  discountOf,
  type Policy,
  type SeatClass,
  type SeatKind,
  type TicketType,
  type TrainType,
} from "@chepiao/contracts";
import { type Fen, fen, unreachable } from "@chepiao/kernel";

export type FareRules = Policy["fares"];

/** Up to `km`, each kilometre costs this many hundredths of a fen. The last band has no end. */
type Band = { readonly km: number; readonly perKm: number };

/** Second class by kind of multiple unit. First and business are shares of it. */
const highSpeedBands: readonly Band[] = [
  { km: 500, perKm: 4_545 },
  { km: 1_000, perKm: 4_154 },
  { km: 1_500, perKm: 3_710 },
  { km: Number.POSITIVE_INFINITY, perKm: 3_030 },
];
const emuBands: readonly Band[] = [
  { km: 500, perKm: 3_085 },
  { km: 1_000, perKm: 2_820 },
  { km: Number.POSITIVE_INFINITY, perKm: 2_400 },
];
const intercityBands: readonly Band[] = [{ km: Number.POSITIVE_INFINITY, perKm: 4_000 }];

/** The hard seat base fare of conventional trains: 5.861 fen a kilometre, less 10 % for every further band. */
const conventionalBands: readonly Band[] = [
  { km: 200, perKm: 586 },
  { km: 500, perKm: 528 },
  { km: 1_000, perKm: 469 },
  { km: 1_500, perKm: 410 },
  { km: 2_500, perKm: 352 },
  { km: Number.POSITIVE_INFINITY, perKm: 293 },
];

const secondClassBands: Record<TrainType, readonly Band[]> = {
  highSpeed: highSpeedBands,
  emu: emuBands,
  intercity: intercityBands,
  express: emuBands,
  fast: emuBands,
  ordinary: emuBands,
};
const firstShare = 16_875;
const businessShare = 31_600;

/** Hard seat as a share of the base: speed and air-conditioning supplements are in it. */
const hardSeatShare: Record<TrainType, number> = {
  highSpeed: 33_600,
  emu: 33_600,
  intercity: 22_400,
  express: 22_400,
  fast: 22_400,
  ordinary: 15_000,
};

/** Berth supplements, shares of the base. Beijing–Shanghai, 1,463 km: hard sleeper middle about ¥290. */
const berthShares: Partial<Record<SeatClass, Partial<Record<SeatKind, number>>>> = {
  hardSleeper: { upper: 18_100, middleBerth: 19_600, lower: 21_100 },
  softSleeper: { upper: 42_900, lower: 45_700 },
};

/** A shorter way is paid as this one: seats, and berths, which are made up for one passenger. */
const seatKmMin = 20;
const berthKmMin = 400;
/** Shares are of 10,000; bands count hundredths of a fen. */
const whole = 10_000;

export type FareRequest = {
  readonly trainType: TrainType;
  readonly distanceM: number;
  /** Never `standing`: that is sold at the fare of the class it stands in. */
  readonly seatClass: Exclude<SeatClass, "standing">;
  /** Berth level; anything else, or nothing, asks for the lowest fare of the class. */
  readonly kind: SeatKind | undefined;
  readonly ticketType: TicketType;
  readonly override: FareOverride["set"] | undefined;
};

export function fareOf(request: FareRequest, rules: FareRules): Fen {
  const { seatPart, berthPart, published } = adultParts(request, rules);
  const adult = seatPart + berthPart;
  // A share of a small fare may round to nothing, and no bank takes that: the smallest coin is left to pay.
  const smallest = Math.min(adult || rules.rounding, rules.rounding);
  return fen(Math.max(smallest, discounted(request, rules, { seatPart, adult, published })));
}

type Parts = { readonly seatPart: number; readonly berthPart: number };

/**
 * The two parts of the adult fare that is asked now, each rounded, so that discounts of a part come out even; and the published fare, of
 * which a floating one is a share.
 */
function adultParts(request: FareRequest, rules: FareRules): Parts & { readonly published: number } {
  const { override } = request;
  const parts = tableParts(request, rules);
  const published = parts.seatPart + parts.berthPart;
  if (!override) return { ...parts, published };
  if ("rateBasisPoints" in override) {
    const rated = (part: number) => rounded((part * override.rateBasisPoints) / whole, rules);
    return { seatPart: rated(parts.seatPart), berthPart: rated(parts.berthPart), published };
  }
  // A fare set by hand is that of the cheapest berth; the others stay as much dearer as the table makes them.
  const cheapest = tableParts({ ...request, kind: undefined }, rules);
  const dearer = published - cheapest.seatPart - cheapest.berthPart;
  const seatPart = Math.min(cheapest.seatPart, override.fareFen);
  return { seatPart, berthPart: override.fareFen - seatPart + dearer, published: override.fareFen + dearer };
}

function tableParts({ trainType, distanceM, seatClass, kind }: FareRequest, rules: FareRules): Parts {
  const share = (amount: number, basisPoints: number) =>
    rounded((((amount * basisPoints) / whole) * rules.tablePercent) / 100, rules);
  const metres = Math.max(distanceM, seatKmMin * 1_000);
  switch (seatClass) {
    case "second":
      return { seatPart: share(alongBands(secondClassBands[trainType], metres), whole), berthPart: 0 };
    case "first":
      return { seatPart: share(alongBands(secondClassBands[trainType], metres), firstShare), berthPart: 0 };
    case "business":
      return { seatPart: share(alongBands(secondClassBands[trainType], metres), businessShare), berthPart: 0 };
    case "hardSeat":
      return { seatPart: share(alongBands(conventionalBands, metres), hardSeatShare[trainType]), berthPart: 0 };
    case "hardSleeper":
    case "softSleeper": {
      const base = alongBands(conventionalBands, Math.max(metres, berthKmMin * 1_000));
      const levels = berthShares[seatClass]!;
      return {
        seatPart: share(base, hardSeatShare[trainType]),
        berthPart: share(base, (kind && levels[kind]) ?? levels.upper!),
      };
    }
    default:
      return unreachable(seatClass);
  }
}

/** Half up. */
const rounded = (amount: number, { rounding }: FareRules): number => Math.floor(amount / rounding + 0.5) * rounding;

/** The base over a distance, in fen (not yet whole): each band is paid at its own rate. */
function alongBands(bands: readonly Band[], metres: number): number {
  let hundredths = 0;
  let from = 0;
  for (const { km, perKm } of bands) {
    const until = Math.min(metres, km * 1_000);
    hundredths += (until - from) * perKm;
    if (until === metres) break;
    from = until;
  }
  return hundredths / 1_000 / 100;
}

/** What a discount leaves to pay, never below the floor, and never above what an adult pays. */
function discounted(
  { trainType, seatClass, ticketType }: FareRequest,
  rules: FareRules,
  { seatPart, adult, published }: { readonly seatPart: number; readonly adult: number; readonly published: number },
): number {
  const discount = discountOf(rules, trainType, ticketType, seatClass);
  if (discount === undefined) return adult;
  const percentOf = (amount: number, percent: number) => rounded((amount * percent) / 100, rules);
  const paid =
    typeof discount === "number"
      ? percentOf(adult, discount)
      : percentOf(seatPart, discount.seatPart) + adult - seatPart;
  return Math.min(adult, Math.max(paid, percentOf(published, rules.floorPercent)));
}
