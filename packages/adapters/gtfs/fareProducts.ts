/** `fare_products.txt` and what belongs to it (GTFS-Fares v2): fares by network and by areas where a leg begins and ends. */
import type { Currency, TicketType } from "@chepiao/contracts";
import type { Fen } from "@chepiao/kernel";
import { amountOf } from "./currency.ts";
import type { FareRow, PricedFare, PricedWay, PriceList } from "./priceList.ts";
import type { Problems } from "./problems.ts";
import type { Read } from "./table.ts";
import type { Route } from "./trip.ts";

const productsFile = "fare_products.txt";
const rulesFile = "fare_leg_rules.txt";

type Product = FareRow & Omit<PricedFare, "fareFen"> & { readonly fareFen: Fen; readonly media: string };
type LegRule = {
  readonly line: number;
  readonly network: string;
  readonly from: string;
  readonly to: string;
  readonly isTimed: boolean;
  readonly productId: string;
  readonly priority: number;
};
/** Where no rule has a priority, one that names nothing means whatever the others do not name. */
type Named = { readonly networks: Set<string>; readonly froms: Set<string>; readonly tos: Set<string> };

export type FareProductsOf = {
  /** The stop itself, and the station that it belongs to. */
  readonly idsOf: (stopId: string) => readonly string[];
  readonly isStop: (stopId: string) => boolean;
  readonly routes: ReadonlyMap<string, Route>;
  readonly has: (file: string) => boolean;
  readonly accept: (row: FareRow, fareFen: Fen, trip: string) => boolean;
  readonly currency: Currency;
  readonly problems: Problems;
};

export async function readFareProducts(read: Read, given: FareProductsOf): Promise<PriceList | null> {
  const { idsOf, accept, problems } = given;
  const products = await readProducts(read, given);
  const areas = await readAreas(read, given);
  const networks = await readNetworks(read, given);
  const { rules, named } = await readLegRules(read, products, problems);
  if (rules.length === 0) return null;
  for (const file of ["fare_transfer_rules.txt", "fare_leg_join_rules.txt"])
    if (given.has(file)) problems.warn("fares that hold over a change of trains are sold train by train", file);

  const areasOf = (stopId: string) => new Set(idsOf(stopId).flatMap((id) => areas.get(id) ?? []));

  function fits(value: string, values: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
    if (value !== "") return values.has(value);
    return !named || values.size === 0 || [...values].some((each) => !others.has(each));
  }

  function rulesFor({ calls, routes }: PricedWay): LegRule[] {
    const from = areasOf(calls[0]!.stopId);
    const to = areasOf(calls.at(-1)!.stopId);
    const ofRoutes = [...routes].map((route) => networks(route));
    const fitting = rules.filter(
      (rule) =>
        fits(rule.from, from, named?.froms ?? none) &&
        fits(rule.to, to, named?.tos ?? none) &&
        ofRoutes.every((own) => fits(rule.network, own, named?.networks ?? none)),
    );
    const first = Math.max(...fitting.map((rule) => rule.priority));
    return fitting.filter((rule) => rule.priority === first);
  }

  return {
    faresOf(way, trip) {
      const fitting = rulesFor(way);
      const timed = fitting.find((rule) => rule.isTimed);
      if (timed) {
        problems.errorOnce(
          rulesFile,
          timed.line,
          `trip ${trip} costs more or less by the hour (timeframes), which is not sold: import with --without-fares, and give its fares with --fares`,
        );
        return [];
      }
      return fitting
        .flatMap((rule) => products.get(rule.productId) ?? [])
        .filter((product) => accept(product, product.fareFen, trip));
    },
  };
}

const none: ReadonlySet<string> = new Set();

const productColumns = {
  required: ["fare_product_id", "amount", "currency"],
  optional: ["fare_product_name", "rider_category_id", "fare_media_id"],
} as const;

async function readProducts(read: Read, given: FareProductsOf): Promise<Map<string, Product[]>> {
  const { problems } = given;
  const riders = await readRiders(read, problems);
  const products = new Map<string, Product[]>();
  await read(productsFile, productColumns, (row, line) => {
    const { fare_product_id: id, fare_product_name: name, amount, currency, fare_media_id: media } = row;
    const wrong = (message: string) => problems.error(productsFile, line, message);
    const fareFen = amountOf(amount, currency, given.currency);
    if (id === "") return wrong("a fare product without fare_product_id");
    if (fareFen === null)
      return wrong(`amount "${amount}" is not an amount with ${given.currency.minorUnits} decimals at most`);
    const known = products.get(id) ?? [];
    products.set(id, known);
    const ticketType = row.rider_category_id === "" ? "adult" : riders.get(row.rider_category_id);
    if (ticketType === undefined && problems.isSpoilt(ridersFile)) return;
    if (ticketType === undefined) return wrong(`rider_category_id ${row.rider_category_id} is not in ${ridersFile}`);
    // What its line in rider_categories.txt was told of.
    if (ticketType === null) return;
    if (media !== "")
      problems.warn("fare_media are passed over: tickets are sold here, by whatever medium the fare is for", id);
    const product = {
      file: productsFile,
      line,
      currency,
      seatClass: classOf(`${name} ${id}`),
      ticketType,
      fareFen,
      media,
    };
    const same = known.findIndex((each) => each.ticketType === ticketType);
    if (same < 0) return void known.push(product);
    if (known[same]!.fareFen !== fareFen)
      problems.warnAt(productsFile, line, `${id} costs differently by fare_media: the dearest is sold`);
    if (known[same]!.fareFen < fareFen) known[same] = product;
  });
  return products;
}

/** GTFS knows no classes: names tell them where they do. */
const classNames: readonly (readonly [RegExp, NonNullable<Product["seatClass"]>])[] = [
  [/business|商务/i, "business"],
  [/\bfirst([ _-]?class)?\b|\b1st\b|一等/i, "first"],
  [/\bsecond([ _-]?class)?\b|\b2nd\b|二等/i, "second"],
  [/soft[ _-]?sleeper|软卧/i, "softSleeper"],
  [/hard[ _-]?sleeper|硬卧/i, "hardSleeper"],
  [/hard[ _-]?seat|硬座/i, "hardSeat"],
];
const classOf = (name: string) => classNames.find(([pattern]) => pattern.test(name))?.[1] ?? null;

const ridersFile = "rider_categories.txt";
const riderColumns = {
  required: ["rider_category_id", "rider_category_name"],
  optional: ["is_default_fare_category"],
} as const;
const riderNames: readonly (readonly [RegExp, TicketType])[] = [
  [/\bchild(ren)?\b|\bkids?\b|儿童/i, "child"],
  [/\bstudents?\b|学生/i, "student"],
  [/\badults?\b|成人|\bregular\b/i, "adult"],
];

/** Kinds of passengers; null for those that there are none of here. */
async function readRiders(read: Read, problems: Problems): Promise<Map<string, TicketType | null>> {
  const riders = new Map<string, TicketType | null>();
  await read(ridersFile, riderColumns, (row, line) => {
    const { rider_category_id: id, rider_category_name: name } = row;
    const isDefault = row.is_default_fare_category === "1";
    const type = isDefault ? "adult" : (riderNames.find(([pattern]) => pattern.test(`${name} ${id}`))?.[1] ?? null);
    riders.set(id, type);
    if (type === null)
      problems.warnAt(ridersFile, line, `${name} are no kind of passenger here: their fares are left out`);
  });
  return riders;
}

async function readAreas(read: Read, { isStop, problems }: FareProductsOf): Promise<Map<string, string[]>> {
  const areas = new Map<string, string[]>();
  const columns = { required: ["area_id", "stop_id"], optional: [] } as const;
  await read("stop_areas.txt", columns, ({ area_id: area, stop_id: stopId }, line) => {
    if (!isStop(stopId)) {
      if (!problems.isSpoilt("stops.txt"))
        problems.warnAt("stop_areas.txt", line, `stop_id ${stopId} is not in stops.txt: the row is not used`);
      return;
    }
    const known = areas.get(stopId);
    if (known) known.push(area);
    else areas.set(stopId, [area]);
  });
  return areas;
}

/** The networks of a route: its own column, or the rows of a file. */
async function readNetworks(read: Read, { routes, problems }: FareProductsOf) {
  const networks = new Map<string, string>();
  const columns = { required: ["network_id", "route_id"], optional: [] } as const;
  await read("route_networks.txt", columns, ({ network_id: network, route_id: routeId }, line) => {
    if (routes.has(routeId)) networks.set(routeId, network);
    else if (!problems.isSpoilt("routes.txt"))
      problems.warnAt("route_networks.txt", line, `route_id ${routeId} is not in routes.txt: the row is not used`);
  });
  return (route: Route): ReadonlySet<string> => {
    const network = networks.get(route.id) ?? route.networkId;
    return network === "" ? none : new Set([network]);
  };
}

const ruleColumns = {
  required: ["fare_product_id"],
  optional: [
    "network_id",
    "from_area_id",
    "to_area_id",
    "from_timeframe_group_id",
    "to_timeframe_group_id",
    "rule_priority",
  ],
} as const;

async function readLegRules(read: Read, products: ReadonlyMap<string, unknown>, problems: Problems) {
  const rules: LegRule[] = [];
  let hasPriorities = false;
  await read(rulesFile, ruleColumns, (row, line) => {
    const { fare_product_id: productId, rule_priority: priority } = row;
    if (!products.has(productId) && !problems.isSpoilt(productsFile))
      return problems.error(rulesFile, line, `fare_product_id ${productId || "(empty)"} is not in ${productsFile}`);
    if (!/^\d{0,9}$/.test(priority))
      return problems.error(rulesFile, line, `rule_priority "${priority}" is not a whole number`);
    hasPriorities ||= priority !== "";
    rules.push({
      line,
      network: row.network_id,
      from: row.from_area_id,
      to: row.to_area_id,
      isTimed: row.from_timeframe_group_id !== "" || row.to_timeframe_group_id !== "",
      productId,
      priority: Number(priority),
    });
  });
  const named: Named | null = hasPriorities
    ? null
    : {
        networks: new Set(rules.map((rule) => rule.network)),
        froms: new Set(rules.map((rule) => rule.from)),
        tos: new Set(rules.map((rule) => rule.to)),
      };
  return { rules, named };
}
