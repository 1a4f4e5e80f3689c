/** `fare_attributes.txt` and `fare_rules.txt`: fares by route and by the zones where a way begins, ends and passes. */
import type { Currency } from "@chepiao/contracts";
import type { Fen } from "@chepiao/kernel";
import { amountOf } from "./currency.ts";
import type { FareRow, PricedFare, PricedWay, PriceList } from "./priceList.ts";
import type { Problems } from "./problems.ts";
import { createRepeats } from "./repeats.ts";
import type { Read } from "./table.ts";
import type { Route } from "./trip.ts";

const file = "fare_attributes.txt";
const rulesFile = "fare_rules.txt";
const columns = {
  required: ["fare_id", "price", "currency_type"],
  optional: ["transfers", "agency_id"],
} as const;
const ruleColumns = {
  required: ["fare_id"],
  optional: ["route_id", "origin_id", "destination_id", "contains_id"],
} as const;

type Fare = FareRow & {
  readonly id: string;
  readonly fareFen: Fen;
  readonly agencyId: string;
  readonly hasTransfers: boolean;
  hasRules: boolean;
};
type Rule = {
  readonly fare: Fare;
  readonly routeId: string;
  readonly origin: string;
  readonly destination: string;
  /** Just these zones are passed; none where it does not matter. */
  readonly contains: Set<string>;
};

export type FareRulesOf = {
  readonly zoneOf: (stopId: string) => string;
  readonly zones: () => ReadonlySet<string>;
  readonly routes: ReadonlyMap<string, Route>;
  /** A fare is used for the first time: says whether it can be sold. */
  readonly accept: (row: FareRow, fareFen: Fen, trip: string) => boolean;
  readonly currency: Currency;
  readonly problems: Problems;
};

export async function readFareAttributes(read: Read, given: FareRulesOf): Promise<PriceList | null> {
  const { zoneOf, accept, problems } = given;
  const fares = new Map<string, Fare>();
  const repeats = createRepeats(file, problems);
  await read(file, columns, (row, line) => {
    const { fare_id: id, price, currency_type: currency, transfers, agency_id: agencyId } = row;
    const wrong = (message: string) => problems.error(file, line, message);
    const known = repeats.see(id, row, line);
    if (known === "same") return;
    if (id === "") return wrong("a fare without fare_id");
    if (known === "other")
      return wrong(`fare_id ${id} comes twice, and not alike: leave one row, or give the other an id of its own`);
    const fareFen = amountOf(price, currency, given.currency);
    if (fareFen === null)
      return wrong(`price "${price}" is not an amount with ${given.currency.minorUnits} decimals at most`);
    const hasTransfers = transfers !== "0";
    fares.set(id, { id, file, line, currency, fareFen, agencyId, hasTransfers, hasRules: false });
  });
  const rules = await readRules(read, fares, given);
  // Some have the files with nothing in them.
  if (fares.size === 0) return null;
  const everywhere = [...fares.values()].filter((fare) => !fare.hasRules);

  return {
    faresOf(way, trip) {
      const zones = way.calls.map(({ stopId }) => zoneOf(stopId));
      const passed = new Set(zones);
      const ruled = ["", zones[0]!].flatMap((origin) =>
        ["", zones.at(-1)!].flatMap((destination) => rules.get(keyOf(origin, destination)) ?? []),
      );
      const fitting = ruled.filter((rule) => isOn(way, rule.routeId) && isPassed(rule.contains, passed));
      const found = new Set([...everywhere, ...fitting.map((rule) => rule.fare)]);
      const sold = [...found].filter((fare) => isOf(way, fare.agencyId) && accept(fare, fare.fareFen, trip));
      if (sold.some((fare) => fare.hasTransfers))
        problems.warn("fares that hold over a change of trains are sold train by train", sold[0]!.id);
      return sold.map(({ fareFen }): PricedFare => ({ seatClass: null, ticketType: "adult", fareFen }));
    },
  };
}

async function readRules(read: Read, fares: ReadonlyMap<string, Fare>, given: FareRulesOf) {
  const { zones, routes, problems } = given;
  const rules = new Map<string, Rule>();
  const knownZones = zones();
  await read(rulesFile, ruleColumns, (row, line) => {
    const { fare_id: id, route_id: routeId, origin_id: origin, destination_id: destination, contains_id: zone } = row;
    const fare = fares.get(id);
    if (!fare && problems.isSpoilt(file)) return;
    if (!fare) return problems.error(rulesFile, line, `fare_id ${id || "(empty)"} is not in ${file}`);
    fare.hasRules = true;
    if (routeId !== "" && !routes.has(routeId))
      return problems.warnAt(rulesFile, line, `route_id ${routeId} is not in routes.txt: the rule is not used`);
    const unknown = [origin, destination, zone].find((each) => each !== "" && !knownZones.has(each));
    if (unknown !== undefined)
      return problems.warnAt(rulesFile, line, `no stop is in zone ${unknown}: the rule is not used`);
    const key = JSON.stringify([id, routeId, origin, destination]);
    const rule = rules.get(key) ?? { fare, routeId, origin, destination, contains: new Set<string>() };
    rules.set(key, rule);
    if (zone !== "") rule.contains.add(zone);
  });
  return Map.groupBy(rules.values(), ({ origin, destination }) => keyOf(origin, destination));
}

const keyOf = (origin: string, destination: string) => JSON.stringify([origin, destination]);
const isOn = ({ routes }: PricedWay, routeId: string) =>
  routeId === "" || (routes.size === 1 && [...routes].every((route) => route.id === routeId));
const isOf = ({ routes }: PricedWay, agencyId: string) =>
  agencyId === "" || [...routes].every((route) => route.agencyId === "" || route.agencyId === agencyId);
const isPassed = (contains: ReadonlySet<string>, passed: ReadonlySet<string>) =>
  contains.size === 0 || (contains.size === passed.size && contains.isSubsetOf(passed));
