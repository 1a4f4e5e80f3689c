/**
 * Fares of the feed, put to its trains: by class, kind of passenger and way. What a feed does not say keeps being computed, and is told.
 * What it says and cannot be sold as it says refuses the feed, for a train at another price than the railway's is worse than none.
 */
import {
  type Currency,
  type SeatClass,
  type StopSide,
  type TicketType,
  type TrainFare,
  wayCount,
  wayIndex,
} from "@chepiao/contracts";
import type { Fen } from "@chepiao/kernel";
import type { Archive } from "./archive.ts";
import { currencyRefusal } from "./currency.ts";
import { readFareAttributes } from "./fareAttributes.ts";
import { readFareProducts } from "./fareProducts.ts";
import type { FareRow, PricedCall, PricedFare, PriceList } from "./priceList.ts";
import type { Problems } from "./problems.ts";
import type { StationTable } from "./stations.ts";
import type { Read } from "./table.ts";
import type { Route } from "./trip.ts";

export type FeedFaresOf = {
  readonly archive: Pick<Archive, "has">;
  readonly stations: StationTable;
  readonly routes: ReadonlyMap<string, Route>;
  readonly currency: Currency;
  readonly isLeftOut: boolean;
  readonly problems: Problems;
};

/** Null where the feed has no fares, or they are left out. */
export async function readFeedFares(read: Read, given: FeedFaresOf): Promise<PriceList | null> {
  const { archive, stations, routes, problems } = given;
  const isNewer = archive.has("fare_products.txt") && archive.has("fare_leg_rules.txt");
  const isOlder = archive.has("fare_attributes.txt");
  if (!isNewer && !isOlder) return null;
  if (given.isLeftOut) {
    problems.warn(
      "fares of the feed are left out, as was asked for",
      isNewer ? "fare_products.txt" : "fare_attributes.txt",
    );
    return null;
  }
  if (isNewer && isOlder)
    problems.warn("of two forms of fares the newer is read, fare_products.txt", "fare_attributes.txt");
  const accept = createAcceptance(given);
  if (isNewer)
    return readFareProducts(read, {
      routes,
      accept,
      currency: given.currency,
      problems,
      has: archive.has,
      isStop: (stopId) => stations.stationOf(stopId) !== null,
      idsOf: (stopId) => [...new Set([stopId, stations.stationOf(stopId)!])],
    });
  return readFareAttributes(read, {
    routes,
    accept,
    currency: given.currency,
    problems,
    zoneOf: stations.zoneOf,
    zones: stations.zones,
  });
}

/** A fare is looked at when the first train is sold at it: those of buses may be in whatever money they like. */
function createAcceptance({ currency, problems }: FeedFaresOf) {
  const known = new Map<FareRow, boolean>();
  const currencies = new Set<string>();
  return (row: FareRow, fareFen: Fen, trip: string): boolean => {
    let isAccepted = known.get(row);
    if (isAccepted !== undefined) return isAccepted;
    const refusal =
      currencyRefusal(row.currency, currency) ??
      (fareFen > 0
        ? null
        : `trip ${trip} is free by this row, and a ticket for nothing cannot be sold: give a fare above 0, or leave its route out`);
    known.set(row, (isAccepted = refusal === null));
    const isTold = isAccepted || (row.currency !== "" && currencies.has(row.currency) && fareFen > 0);
    if (!isTold && refusal !== null) problems.error(row.file, row.line, refusal);
    currencies.add(row.currency);
    return isAccepted;
  };
}

export type TrainToPrice = {
  readonly trip: string;
  readonly calls: readonly PricedCall[];
  readonly closed: readonly (StopSide | undefined)[];
  readonly seatClasses: ReadonlySet<SeatClass>;
};

/** Puts fares to trains; those that call alike on the same routes share them. */
export function createPricing(list: PriceList, problems: Problems): (train: TrainToPrice) => readonly TrainFare[] {
  const known = new Map<string, readonly TrainFare[]>();
  return (train) => {
    const key = keyOf(train);
    let fares = known.get(key);
    if (!fares) known.set(key, (fares = priced(train, list, problems)));
    return fares;
  };
}

function keyOf({ calls, closed, seatClasses }: TrainToPrice): string {
  let key = [...seatClasses].join();
  for (const [at, { stopId, route }] of calls.entries()) key += `\n${stopId}\n${route.id}\n${closed[at] ?? ""}`;
  return key;
}

function priced({ trip, calls, closed, seatClasses }: TrainToPrice, list: PriceList, problems: Problems): TrainFare[] {
  const cheapest = cheapestOf(seatClasses);
  const fares = new Map<string, { seatClass: TrainFare["seatClass"]; ticketType: TicketType; byWay: (Fen | null)[] }>();
  for (let from = 0; from < calls.length - 1; from++) {
    if (closed[from] === "boarding") continue;
    const routes = new Set<Route>();
    for (let to = from + 1; to < calls.length; to++) {
      routes.add(calls[to - 1]!.route);
      if (closed[to] === "alighting") continue;
      const offers = list.faresOf({ calls: calls.slice(from, to + 1), routes }, trip);
      if (!offers.some(({ ticketType }) => ticketType === "adult"))
        problems.warn(
          "ways without a fare in the feed are sold at computed fares",
          `${trip} from ${calls[from]!.stopId} to ${calls[to]!.stopId}`,
        );
      for (const offer of offers) put(offer, wayIndex(from, to, calls.length));
    }
  }
  const unnamed = [...seatClasses].filter(
    (each) => each !== "standing" && !fares.values().some(({ seatClass }) => seatClass === each),
  );
  if (fares.size > 0 && unnamed.length > 0)
    problems.warn(
      "classes without a fare in the feed are as much dearer than the one that has it as computed fares are: see --fares",
      `${unnamed.join(", ")} on ${trip}`,
    );
  return [...fares.values()];

  /** Of several the cheapest, as a passenger would choose. */
  function put({ seatClass, ticketType, fareFen }: PricedFare, way: number): void {
    const paid = seatClass ?? cheapest;
    if (!seatClasses.has(paid))
      return problems.warn("fares of classes that a train does not have are left out", `${paid} on ${trip}`);
    const key = `${paid} ${ticketType}`;
    let fare = fares.get(key);
    if (!fare) {
      const byWay = Array.from({ length: wayCount(calls.length) }, () => null);
      fares.set(key, (fare = { seatClass: paid, ticketType, byWay }));
    }
    const before = fare.byWay[way]!;
    if (before === null || fareFen < before) fare.byWay[way] = fareFen;
  }
}

/** A fare that names no class is that of the plainest: the others never were cheaper. */
const plainestFirst = ["second", "hardSeat", "first", "hardSleeper", "softSleeper", "business"] as const;
const cheapestOf = (seatClasses: ReadonlySet<SeatClass>): TrainFare["seatClass"] =>
  plainestFirst.find((each) => seatClasses.has(each))!;
