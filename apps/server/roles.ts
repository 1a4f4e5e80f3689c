/**
 * The roles of the platform: what one process may be. `all` in one process, or each in any number of processes of its own, which
 * share nothing but the engines.
 *
 * A consumer of the log stands apart from the door at which people wait, where it has much to do: the `writer` may fall behind or
 * be started again without a buyer noticing, and doors come and go without the log's groups sharing their runs out anew.
 */
import type { RoleParts } from "@chepiao/runtime";
import { BadSetting, type Part, type RoomSpec, type Routes } from "@chepiao/room";
import { rooms } from "./rooms/index.ts";

/** One of the table below, or a room's own. */
export type RoleName = string;
export type EngineName = "mysql" | "redis" | "kafka" | "rabbitmq" | "elasticsearch";

export type RoleSpec = {
  readonly about: string;
  /** What of which rooms it does. A room that is named with nothing is open here for the others. */
  readonly rooms: RoleParts;
  readonly needs: readonly EngineName[];
  /** Used where it is there, and not waited for. */
  readonly wants?: readonly EngineName[];
  /** Roles whose clients it is handed: calls between processes. */
  readonly asks: readonly RoleName[];
};

const table: Readonly<Record<RoleName, RoleSpec>> = {
  gateway: {
    about: "the public listener: passes each request on, and serves the site",
    rooms: { gateway: ["work"] },
    needs: [],
    asks: ["search"],
  },
  user: {
    about: "accounts, sessions, saved passengers",
    rooms: { user: ["routes", "calls", "work"], messages: ["pages"], register: ["pages"] },
    needs: ["mysql", "redis"],
    asks: [],
  },
  search: {
    about:
      "stations, trains with their stock, facts about runs, the railway's rules, ticket keys, rules for the gateway",
    rooms: {
      search: ["routes"],
      policy: ["routes"],
      timetable: ["routes"],
      ticketKeys: ["routes"],
      gatewayRules: ["calls"],
    },
    needs: ["mysql"],
    asks: ["inventory"],
  },
  order: {
    about: "buying, following, cancelling, giving back",
    rooms: { order: ["routes", "calls"], risk: [] },
    needs: ["mysql", "redis", "kafka"],
    asks: ["user", "inventory"],
  },
  inventory: {
    about: "the seats of every run",
    rooms: { inventory: ["calls"] },
    needs: ["mysql", "redis", "kafka"],
    asks: [],
  },
  payment: {
    about: "taking money, giving it back, and holding it against tickets and statements",
    rooms: { payment: ["routes", "calls", "consumers", "work"], reconciliation: ["work"] },
    needs: ["mysql", "redis", "kafka"],
    asks: ["user", "order", "waitlist", "bank"],
  },
  waitlist: {
    about: "waiting for seats that are sold out, and other seats for who has lost his",
    rooms: { waitlist: ["routes", "calls", "consumers", "work"], payment: [], reseats: ["work"] },
    needs: ["mysql", "redis", "kafka"],
    asks: ["user", "inventory", "order"],
  },
  notification: {
    about: "what accounts are told of their orders",
    rooms: { notification: ["routes", "consumers", "work"] },
    needs: ["mysql", "redis", "kafka"],
    asks: ["user", "order", "waitlist"],
  },
  operations: {
    about: "what staff look at and do",
    rooms: { operations: ["routes", "work"] },
    needs: ["mysql", "redis"],
    // Orders are found by the one, dead letters lie in the other.
    wants: ["elasticsearch", "kafka"],
    asks: ["user"],
  },
  queue: {
    about: "waiting until an opening lets one buy",
    rooms: { queue: ["routes", "work"], announcedQueues: [] },
    needs: ["mysql", "redis"],
    asks: ["user", "inventory"],
  },
  challenges: {
    about: "puzzles that tell people from programs, and appeals against blocks",
    rooms: { challenges: ["routes"] },
    needs: ["mysql", "redis"],
    asks: ["user"],
  },
  writer: {
    about: "what the log says becomes rows",
    rooms: { order: ["consumers"], inventory: [], payment: [] },
    needs: ["mysql", "redis", "kafka"],
    wants: ["rabbitmq"],
    asks: [],
  },
  relay: {
    about: "carries messages from SQL to the log",
    rooms: { relay: ["work"] },
    needs: ["mysql", "kafka"],
    asks: [],
  },
  sweeper: {
    about: "what time alone brings about: orders expire, forgotten holds end, messages about trains are read",
    rooms: { order: ["work"], inventory: ["work"], trainMessages: ["work"] },
    needs: ["mysql", "redis", "kafka"],
    wants: ["rabbitmq"],
    asks: ["waitlist"],
  },
  cdc: {
    about: "keeps read models of orders true, by the binlogs of MySQL's primaries",
    rooms: { projections: ["work"] },
    needs: ["mysql", "redis"],
    wants: ["elasticsearch"],
    asks: [],
  },
  bank: {
    about: "a bank to practise with; one replica, with its own books",
    rooms: { bank: ["pages"] },
    needs: ["mysql"],
    asks: [],
  },
};

/** The roles of a list of rooms, and what follows from it for each. */
export type RoleTable = {
  readonly names: readonly RoleName[];
  spec(role: RoleName): RoleSpec;
  /** What passengers ask of it, through the gateway. */
  routesOf(role: RoleName): readonly Routes[];
  pagesOf(role: RoleName): readonly `/${string}/*`[];
  /** Has it public routes or pages, behind the gateway? */
  isPublic(role: RoleName): boolean;
  /** Is it asked by others, or are requests passed on to it? */
  isAsked(role: RoleName): boolean;
  /** Rooms elsewhere or here that it calls. */
  called(role: RoleName): readonly string[];
  /** Rooms whose calls it answers. */
  answered(role: RoleName): readonly string[];
  /** The role that answers calls of this room. */
  answering(room: string): RoleName;
  /** Roles that call this room. */
  callersOf(room: string): readonly RoleName[];
  /** It gives out ids, and so needs a node number that no other process has. */
  makesIds(role: RoleName): boolean;
  /** Roles elsewhere whom those of a process ask, or pass requests on to. */
  askedElsewhere(roles: readonly RoleName[]): readonly RoleName[];
};

/** The table above, with a role for each room that no role names: all of the room, on the engines that every room may need. */
export function rolesOf(declared: readonly RoomSpec[]): RoleTable {
  const named = new Set(Object.values(table).flatMap((role) => Object.keys(role.rooms)));
  const own = declared.filter(({ name }) => !named.has(name)).map((room) => [room.name, ownRole(room)] as const);
  const specs = new Map<RoleName, RoleSpec>([...Object.entries(table), ...own]);
  const names = [...specs.keys()];
  const spec = (role: RoleName) => specs.get(role)!;
  const doing = (role: RoleName, part: Part) => declared.filter(({ name }) => spec(role).rooms[name]?.includes(part));
  const routesOf = (role: RoleName) => doing(role, "routes").flatMap((room) => (room.routes ? [room.routes] : []));
  const pagesOf = (role: RoleName) => doing(role, "pages").flatMap((room) => room.pages ?? []);
  const answered = (role: RoleName) =>
    doing(role, "calls")
      .filter(({ client }) => client)
      .map(({ name }) => name);
  function called(role: RoleName): readonly string[] {
    const routes = routesOf(role).flatMap((some) => Object.values(some));
    // Who is asking is the user room's to say.
    const asksWho = routes.some(({ anonymous }) => !anonymous) ? ["user"] : [];
    const here = answered(role);
    return [...new Set([...spec(role).asks.flatMap(answered), ...asksWho])].filter((room) => !here.includes(room));
  }
  const isPublic = (role: RoleName) => routesOf(role).length > 0 || pagesOf(role).length > 0;
  return {
    names,
    spec,
    routesOf,
    pagesOf,
    isPublic,
    called,
    answered,
    answering: (room) => names.find((role) => answered(role).includes(room))!,
    callersOf: (room) => names.filter((role) => called(role).includes(room)),
    isAsked: (role) => role === "gateway" || isPublic(role) || names.some((other) => spec(other).asks.includes(role)),
    makesIds: (role) => doing(role, "routes").some((room) => room.makesIds === true),
    askedElsewhere(roles) {
      const asked = new Set(roles.flatMap((role) => spec(role).asks));
      const isGateway = roles.includes("gateway");
      return names.filter((role) => !roles.includes(role) && (asked.has(role) || (isGateway && isPublic(role))));
    },
  };
}

const ownRole = ({ name, about, asks }: RoomSpec): RoleSpec => ({
  about,
  rooms: { [name]: ["routes", "calls", "consumers", "work", "pages"] },
  needs: ["mysql", "redis", "kafka"],
  asks: Object.values(asks).map(({ room }) => room),
});

export const roleTable = rolesOf(rooms);
export const roles = roleTable.names;

/** Each role with what it is, a line each. */
export const describeRoles = () => roles.map((name) => `  ${name.padEnd(10)} ${roleTable.spec(name).about}`).join("\n");

/** `all`, or a list: `gateway,search`. */
export function parseRoles(text: string): readonly RoleName[] {
  if (text.trim() === "all") return roles;
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !roles.includes(name));
  if (unknown !== undefined) throw new BadSetting(`all, or a list of these separated by commas:\n${describeRoles()}\n`);
  return roles.filter((role) => names.includes(role));
}

/** The setting that says where replicas of a role listen: `ORDER_URL`. */
export const addressSetting = (role: RoleName): string => `${role.toUpperCase()}_URL`;
