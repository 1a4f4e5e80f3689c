/**
 * The roles of the platform: what one process may be. `all` in one process, or each in any number of processes of its own, which
 * share nothing but the engines.
 *
 * A consumer of the log stands apart from the door at which people wait, where it has much to do: the `writer` may fall behind or
 * be started again without a buyer noticing, and doors come and go without the log's groups sharing their runs out anew.
 */
import { orderRoutes, paymentRoutes, type RouteSpec, searchRoutes, ticketRoutes, userRoutes } from "@chepiao/contracts";
import { BadSetting } from "./readers.ts";

export const roles = [
  "gateway",
  "user",
  "search",
  "order",
  "inventory",
  "payment",
  "writer",
  "relay",
  "sweeper",
  "cdc",
  "bank",
] as const;
export type RoleName = (typeof roles)[number];
export type EngineName = "mysql" | "redis" | "kafka" | "rabbitmq" | "elasticsearch";

export type RoleSpec = {
  readonly about: string;
  readonly needs: readonly EngineName[];
  /** Used where it is there, and not waited for. */
  readonly wants?: readonly EngineName[];
  /** Roles whose clients it is handed: calls between processes. */
  readonly asks: readonly RoleName[];
  /** What the street asks of it, through the gateway. */
  readonly routes: readonly Readonly<Record<string, RouteSpec>>[];
  readonly pages?: readonly `/${string}/*`[];
  /** It gives out ids, and so needs a node number that no other process has. */
  readonly makesIds?: true;
};

export const roleTable: Readonly<Record<RoleName, RoleSpec>> = {
  gateway: { about: "the street's door: passes each request on, and serves the site", needs: [], asks: [], routes: [] },
  user: {
    about: "accounts, sessions, saved passengers",
    needs: ["mysql", "redis"],
    asks: [],
    routes: [userRoutes],
    makesIds: true,
  },
  search: {
    about: "stations, trains with their stock, facts about runs",
    needs: ["mysql"],
    asks: ["inventory"],
    routes: [searchRoutes, ticketRoutes],
  },
  order: {
    about: "buying, following, cancelling, giving back",
    needs: ["mysql", "redis", "kafka"],
    asks: ["user", "inventory"],
    routes: [orderRoutes],
    makesIds: true,
  },
  inventory: { about: "the seats of every run", needs: ["mysql", "redis"], asks: [], routes: [] },
  payment: {
    about: "taking money and giving it back",
    needs: ["mysql", "redis", "kafka"],
    asks: ["user", "order", "bank"],
    routes: [paymentRoutes],
    makesIds: true,
  },
  writer: {
    about: "what the log says becomes rows",
    needs: ["mysql", "redis", "kafka"],
    wants: ["rabbitmq"],
    asks: [],
    routes: [],
  },
  relay: { about: "carries messages from SQL to the log", needs: ["mysql", "kafka"], asks: [], routes: [] },
  sweeper: {
    about: "what time alone brings about: orders expire, forgotten holds end",
    needs: ["mysql", "redis"],
    wants: ["rabbitmq"],
    asks: [],
    routes: [],
  },
  cdc: {
    about: "keeps read models of orders true, by the binlogs of MySQL's primaries",
    needs: ["mysql", "redis"],
    wants: ["elasticsearch"],
    asks: [],
    routes: [],
  },
  bank: {
    about: "a bank to practise with; one copy, with its own books",
    needs: ["mysql"],
    asks: [],
    routes: [],
    pages: ["/sandbox/pay/*"],
  },
};

/** Has it doors to the street, behind the gateway? */
export function isForTheStreet(role: RoleName): boolean {
  const { routes, pages } = roleTable[role];
  return routes.length > 0 || pages !== undefined;
}

/** Each role with what it is, a line each. */
export const describeRoles = () => roles.map((name) => `  ${name.padEnd(10)} ${roleTable[name].about}`).join("\n");

/** `all`, or a list: `gateway,search`. */
export function parseRoles(text: string): readonly RoleName[] {
  if (text.trim() === "all") return roles;
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !roles.includes(name as RoleName));
  if (unknown !== undefined) throw new BadSetting(`all, or a list of these separated by commas:\n${describeRoles()}\n`);
  return roles.filter((role) => names.includes(role));
}

/** The setting that says where copies of a role listen: `ORDER_URL`. */
export const addressSetting = (role: RoleName): string => `${role.toUpperCase()}_URL`;
