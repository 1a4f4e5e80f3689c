/** A request of an operation, drawn from its declaration: mostly one that could be answered with success. */
import type { Prng } from "@chepiao/kernel";
import type { ApiDocument, Operation } from "./document.ts";
import type { Known } from "./known.ts";
import type { Place } from "./platform.ts";
import type { Account, FuzzRequest } from "./request.ts";
import { type Draw, strangeText, strangeValue, valueFor } from "./values.ts";

/** What can be bought: what of one train fits together, drawn apart, hardly ever would. */
export type Trips = Pick<Place, "trains" | "dates">;

export function drawTrip({ trains, dates }: Trips, prng: Prng) {
  const { trainNumber, stations, seatsOfClass } = prng.pick(trains);
  const start = prng.below(stations.length - 1);
  const end = start + 1 + prng.below(stations.length - 1 - start);
  const date: string = prng.pick(dates);
  const seatClass = prng.pick(Object.keys(seatsOfClass));
  return { trainNumber, originDate: date, date, from: stations[start]!, to: stations[end]!, seatClass };
}

/** Words that are right only beside each other. */
const together = ({ trips }: World, prng: Prng): Readonly<Record<string, string>> => ({
  documentType: "residentId",
  ...(trips.trains.length > 0 ? drawTrip(trips, prng) : {}),
});

export type World = {
  readonly trips: Trips;
  readonly document: ApiDocument;
  readonly accounts: readonly Account[];
  /** Whose sessions may be ended. */
  readonly spares: Account[];
  /** Whose passengers may be removed. */
  readonly leavers: readonly Account[];
  readonly known: Known;
};

/** Hashing a password takes as long as hundreds of other requests; ending a session is final. */
const seldom: Readonly<Record<string, number>> = {
  "user.register": 0.06,
  "user.login": 0.1,
  "user.logout": 0.2,
  "order.events": 0.3,
};
const endings: ReadonlySet<string> = new Set([
  "user.logout",
  "user.endSession",
  "user.endSessions",
  "user.changePassword",
  "user.deleteAccount",
]);
/** Sessions and passengers end only in the name of accounts that nobody needs afterwards. */
function whoFor({ accounts, spares, leavers }: World, { id }: Operation, prng: Prng): readonly Account[] {
  if (id === "user.removePassenger" || (id === "user.addPassenger" && prng.chance(0.3))) return leavers;
  const isSpare = endings.has(id) || (id === "user.listSessions" && prng.chance(0.6));
  return isSpare ? spares : accounts;
}

export function drawOperation({ document }: World, prng: Prng): Operation {
  for (;;) {
    const operation = prng.pick(document.operations);
    if (prng.chance(seldom[operation.id] ?? 1)) return operation;
  }
}

/** `strangeness`: how likely each value is one that does not belong there. */
export function drawRequest(world: World, operation: Operation, prng: Prng, strangeness: number): FuzzRequest {
  const account = prng.pick(whoFor(world, operation, prng));
  const fixed = prng.chance(0.6) ? together(world, prng) : {};
  const draw: Draw = { prng, known: world.known, owner: account.userId, fixed };
  const isStrange = () => prng.chance(strangeness);
  const how: string[] = [];
  const headers: FuzzRequest["headers"] = [["x-forwarded-for", addressOf(prng)]];
  const isLoggedIn = operation.needsLogin ? !prng.chance(0.04) : prng.chance(0.1);
  if (isLoggedIn) headers.push(...credentials(account, operation, prng));
  let path = operation.path;
  const query: string[] = [];
  for (const { name, in: place, required, schema } of operation.parameters) {
    if (!required && !prng.chance(0.5)) continue;
    const odd = isStrange();
    const text = odd ? strangeText(prng) : String(valueFor(schema, name, draw));
    if (odd) how.push(`strange ${name}`);
    // An empty part of a path, or one of dots, is another path: that is for the mutations of paths.
    if (place === "path") path = path.replace(`{${name}}`, /^\.{0,2}$/.test(text) ? "x" : encoded(text));
    else if (place === "query") query.push(`${name}=${encoded(text)}`);
    else headers.push([name, odd ? headerText(text) : keyOf(prng)]);
  }
  const request: FuzzRequest = {
    method: operation.method,
    target: path + (query.length > 0 ? `?${query.join("&")}` : ""),
    headers,
    body: null,
    chunkBytes: null,
    account: isLoggedIn ? account : null,
    operation,
    strict: true,
    how,
  };
  if (operation.body === "raw") {
    request.body = Buffer.from(strangeText(prng).repeat(1 + prng.below(20)));
    headers.push(["content-type", prng.pick(["application/json", "text/plain", "application/x-www-form-urlencoded"])]);
  } else if (operation.body) {
    const value = valueFor(operation.body, "", draw);
    if (isStrange()) how.push(disturb(value, prng));
    request.body = Buffer.from(textOf(value));
    headers.push(["content-type", "application/json"]);
  }
  return request;
}

/** Lone halves of letters have no UTF-8 of their own. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());
/** Letters that only break the head of a request belong to the raw ones. */
const headerText = (text: string): string => text.replaceAll(/[\0\r\n]/g, "?").toWellFormed();
export const keyOf = (prng: Prng): string =>
  `f-${prng.below(2 ** 31).toString(36)}-${prng.below(2 ** 31).toString(36)}`;
const addressOf = (prng: Prng): string => `10.${prng.below(250)}.${prng.below(250)}.${prng.below(250)}`;

function credentials({ token }: Account, { method }: Operation, prng: Prng): [string, string][] {
  if (prng.chance(0.85)) return [["authorization", `Bearer ${token}`]];
  const site: [string, string][] = method === "GET" || prng.chance(0.2) ? [] : [["sec-fetch-site", "same-origin"]];
  return [["cookie", `chepiao_session=${token}`], ...site];
}

/** JSON in which lone halves of letters stay as they are. */
export const textOf = (value: unknown): string => JSON.stringify(value) ?? "null";

/** Puts something strange in one place of a value. */
export function disturb(value: unknown, prng: Prng): string {
  if (typeof value !== "object" || value === null) return "as it is";
  const holder = value as Record<string, unknown>;
  const keys = Object.keys(holder);
  const key = keys.length === 0 || prng.chance(0.1) ? strangeText(prng) : prng.pick(keys);
  const inner = holder[key];
  if (typeof inner === "object" && inner !== null && prng.chance(0.6)) return disturb(inner, prng);
  if (prng.chance(0.2)) {
    delete holder[key];
    return `without ${key}`;
  }
  const odd = strangeValue(prng);
  Object.defineProperty(holder, key, { value: odd, enumerable: true, configurable: true, writable: true });
  return `strange ${key}`;
}
