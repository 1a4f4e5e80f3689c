/**
 * How much one asker may ask of this door: a token bucket for each account that is known here, and one for each address (of IPv6 a
 * /64) of everybody else. Behind one address there may be a campus, so an account has its own share beside it.
 *
 * Nobody is looked up for it. An account is known once a room has found it by its token, or a role has said so behind a gateway;
 * a token that was made up is nobody's, and counts for its address. This machine is not counted: behind a proxy that is not
 * believed everybody would be it.
 *
 * Beside that a route may have rules of its own, which operators change while it is asked.
 */
import { gatewayBurstMinutesMax, gatewayRulesMax, refusal } from "@chepiao/contracts";
import { countedNetwork, epochMs, isThisMachine, minuteMs, secondMs } from "@chepiao/kernel";
import { type Allowance, tryOnce } from "@chepiao/ports/rate-limiter";
import type { Observe, RouteFunction, RouteTable } from "./bind.ts";
import {
  addressOf,
  type Authenticate,
  forwardedAddress,
  isSecure,
  languageOf,
  type ServerSeen,
  tokenIn,
  traceIdOf,
  type Trust,
} from "./exchange.ts";
import type { DeclaredRoutes } from "./shedding.ts";
import { createMeters } from "./meters.ts";
import { problemResponse } from "./replies.ts";

export type RequestLimits = {
  /** Of an address, or of an IPv6 /64; null: without end. */
  readonly addressPerSecond: number | null;
  /** Of an account that is logged in. */
  readonly accountPerSecond: number | null;
};

export type AskerKind = "address" | "account";

/** Told when a client is turned away, once a minute for each address or account. */
export type Throttled = {
  readonly clientAddress: string;
  readonly userId: number | null;
  readonly traceId: string;
};

/** Of one route, at present. */
export type RouteRule = {
  readonly who: "address" | "account" | "both";
  readonly allowance: Allowance;
  /** Begins what tries are counted under. */
  readonly key: string;
  refused: number;
};

/** One for each route, and the same for as long as there is a process. */
export type RouteLimits = {
  /** Others whenever they are changed. */
  readonly rules: readonly RouteRule[];
  /** Told of every request that counts, whether or not it is let through. */
  count(address: string, userId: number | null, atMs: number): void;
};

export type RouteRules = { of(route: string): RouteLimits };

export type RequestLimitDeps = RequestLimits & {
  /** None where they are left out. */
  readonly rules?: RouteRules;
  /** Milliseconds that only ever grow. */
  readonly now: () => number;
  readonly told: (throttled: Throttled) => void;
  /** How many addresses are kept apart, and how many accounts; beyond twice as many, those that asked last are. All rules have four times as many. */
  readonly askersMax?: number;
  /** Told when askers were forgotten before their time, because there were too many to keep apart. */
  readonly forgotten?: (who: AskerKind) => void;
};

export type RequestLimit = {
  /** What rooms find out about who asks is remembered. */
  learning(authenticate: Authenticate): Authenticate;
  /** Behind a gateway, a role says whose the request was. */
  learn(request: Request, trust: Trust, userId: number): void;
  /** Every way of a table, but those that are not counted. */
  around(table: RouteTable, deps: AroundDeps): RouteTable;
  /** The same by rules of routes alone, where another listener has seen to the rest. */
  byRules(table: RouteTable, deps: AroundDeps): RouteTable;
  /** Any other answer. */
  counted<R extends Request, A>(
    answer: Answering<R, A>,
    deps: Pick<AroundDeps, "observe" | "trustProxy">,
  ): Answering<R, A | Response>;
};

type Answering<R extends Request, A> = (request: R, server: ServerSeen) => A;
type AroundDeps = {
  readonly observe: Observe;
  readonly trustProxy: Trust;
  readonly uncounted: ReadonlySet<string>;
  readonly declared: DeclaredRoutes;
};

/** What comes together, as the files of a page do, is as much as ten seconds have. */
const burstMs = 10 * secondMs;
/** About 10 MB of each. */
const askersMaxDefault = 50_000;
/** All rules together have so many times as much. */
const rulesShares = 4;
/** A burst of a rule may take as long to come back. */
const rulesKeptMs = gatewayBurstMinutesMax * minuteMs;
/** How long an account is known by its token. */
const knownMs = 10 * minuteMs;

export function createRequestLimit(deps: RequestLimitDeps): RequestLimit {
  const { now, rules, askersMax = askersMaxDefault } = deps;
  const allowances = { address: allowanceOf(deps.addressPerSecond), account: allowanceOf(deps.accountPerSecond) };
  // A client that did not ask for as long as a burst takes to come back begins anew anyway.
  const used = createUsed(() => askersMax, burstMs);
  // A rule that nobody was counted by for as long has given everything back, too.
  const usedOfRules = createTwoAges<string, Used>({ max: () => gatewayRulesMax, ageMs: rulesKeptMs, now });
  const accounts = createTwoAges<string | number | bigint, number>({ max: () => askersMax, ageMs: knownMs, now });
  const tellings = createTwoAges<string | number, true>({ max: () => askersMax, ageMs: minuteMs, now });

  const remember = (token: string, userId: number) => accounts.set(Bun.hash(token), userId);

  function accountOf(request: Request, trust: Trust): number | null {
    const token = tokenIn(request, isSecure(request, trust));
    return token === null ? null : (accounts.get(Bun.hash(token)) ?? null);
  }

  /** Many addresses push no account out. */
  function createUsed(max: () => number, ageMs: number): Used {
    const createOf = (who: AskerKind) => ({ max, ageMs, now, forgotten: () => deps.forgotten?.(who) });
    return {
      addresses: createTwoAges<string, number>(createOf("address")),
      accounts: createTwoAges<number, number>(createOf("account")),
    };
  }

  /** Nobody who is counted by one rule pushes out who is counted by another. */
  function usedOf({ key }: RouteRule): Used {
    const kept =
      usedOfRules.get(key) ??
      createUsed(() => Math.max(1, Math.floor((rulesShares * askersMax) / usedOfRules.size())), rulesKeptMs);
    usedOfRules.set(key, kept);
    return kept;
  }

  /** For how many milliseconds it is too early; else what to write down. */
  function tryFrom({ addresses, accounts: byAccount }: Used, asker: string | number, allowance: Allowance): Try {
    const before = typeof asker === "number" ? byAccount.get(asker) : addresses.get(asker);
    const { allBackAt, waitMs } = tryOnce(epochMs(before ?? 0), epochMs(now()), allowance);
    const write = (at: number) => (typeof asker === "number" ? byAccount.set(asker, at) : addresses.set(asker, at));
    return { waitMs, write: () => void (allBackAt !== null && write(allBackAt)) };
  }

  /** What one rule refuses is counted by no other: it would use up what neighbours have. */
  function takeByRules(route: RouteLimits, address: string, userId: number | null): number {
    route.count(address, userId, now());
    const passed: Try[] = [];
    for (const rule of route.rules) {
      const asker = rule.who === "address" ? address : (userId ?? (rule.who === "both" ? address : null));
      if (asker === null) continue;
      const tried = tryFrom(usedOf(rule), asker, rule.allowance);
      if (tried.waitMs > 0) {
        rule.refused++;
        return tried.waitMs;
      }
      passed.push(tried);
    }
    for (const { write } of passed) write();
    return 0;
  }

  function takeByAll(asker: string | number, allowance: Allowance): number {
    const { waitMs, write } = tryFrom(used, asker, allowance);
    write();
    return waitMs;
  }

  function turnAway(request: Request, secure: boolean, waitMs: number, throttled: Throttled): Response {
    const asker = throttled.userId ?? countedNetwork(throttled.clientAddress);
    if (tellings.get(asker) === undefined) {
      tellings.set(asker, true);
      deps.told(throttled);
    }
    const { traceId } = throttled;
    const language = languageOf(request.headers.get("accept-language"));
    const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / secondMs));
    return problemResponse(refusal("TooManyRequests", { retryAfterSeconds }), { language, traceId, secure });
  }

  /** Null where the request may go on. */
  function refused(request: Request, server: ServerSeen, trust: Trust, { route, byAll }: Held): Response | null {
    const clientAddress = addressOf(request, server, trust);
    // What a proxy says of its callers is counted, whoever they are: it vouches for the address, and not for the machine.
    if (isThisMachine(clientAddress) && forwardedAddress(request, trust) === null) return null;
    const userId = accountOf(request, trust);
    const allowance = !byAll ? null : userId === null ? allowances.address : allowances.account;
    const address = askerAt(clientAddress);
    const waitMs =
      (allowance === null ? 0 : takeByAll(userId ?? address, allowance)) ||
      (route === null ? 0 : takeByRules(route, address, userId));
    if (waitMs === 0) return null;
    const traceId = traceIdOf(request.headers.get("traceparent"));
    return turnAway(request, isSecure(request, trust), waitMs, { clientAddress, userId, traceId });
  }

  const limit: RequestLimit = {
    learning: (authenticate) => (token) => {
      const found = authenticate(token);
      if (found instanceof Promise)
        return found.then((session) => {
          if (session) remember(token, session.userId);
          return session;
        });
      if (found) remember(token, found.userId);
      return found;
    },
    learn(request, trust, userId) {
      const token = tokenIn(request, isSecure(request, trust));
      if (token !== null) remember(token, userId);
    },
    counted: (answer, around) => held(answer, around, { route: null, byAll: true }),
    around: (table, around) => heldAll(table, around, true),
    byRules: (table, around) => heldAll(table, around, false),
  };
  return limit;

  function held<R extends Request, A>(
    answer: Answering<R, A>,
    { observe, trustProxy }: Pick<AroundDeps, "observe" | "trustProxy">,
    by: Held,
  ): Answering<R, A | Response> {
    const hasLimits = by.byAll && (allowances.address !== null || allowances.account !== null);
    if (!hasLimits && by.route === null) return answer;
    const meterOf = createMeters(observe.metrics, "(throttled)");
    return (request, server) => {
      const response = refused(request, server, trustProxy, by);
      if (response === null) return answer(request, server);
      meterOf(request.method).observe(response.status, 0);
      return response;
    };
  }

  function heldAll(table: RouteTable, around: AroundDeps, byAll: boolean): RouteTable {
    function limitsOf(method: string, path: string): RouteLimits | null {
      const name = around.declared.get(`${method} ${path}`)?.name;
      return rules && name !== undefined ? rules.of(name) : null;
    }
    const methodsOf = (path: string, methods: RouteTable[string]): RouteTable[string] =>
      Object.fromEntries(
        Object.entries(methods).map(([method, answer]): [string, RouteFunction] => [
          method,
          held(answer, around, { route: limitsOf(method, path), byAll }),
        ]),
      );
    return Object.fromEntries(
      Object.entries(table).map(([path, methods]) => [
        path,
        around.uncounted.has(path) ? methods : methodsOf(path, methods),
      ]),
    );
  }
}

/** By which limits: those of a route, and those of the whole listener. */
type Held = { readonly route: RouteLimits | null; readonly byAll: boolean };

const allowanceOf = (perSecond: number | null): Allowance | null =>
  perSecond === null ? null : { triesMax: (perSecond * burstMs) / secondMs, windowMs: burstMs };

/** An address of IPv4 is an asker as it stands. */
const askerAt = (address: string): string => (address.includes(":") ? countedNetwork(address) : address);

type TwoAges<K, V> = { get(key: K): V | undefined; set(key: K, value: V): void; size(): number };
/** By asker, when all tries will have come back. */
type Used = { readonly addresses: TwoAges<string, number>; readonly accounts: TwoAges<number, number> };
type Try = { readonly waitMs: number; readonly write: () => void };
type Ages = {
  readonly max: () => number;
  readonly ageMs: number;
  readonly now: () => number;
  readonly forgotten?: () => void;
};

/**
 * Values by key, of which the newer half is kept for `ageMs` at least, unless more than `max` keys come in that time. Turning a page
 * once in a while is cheaper than keeping an order at each request.
 */
function createTwoAges<K, V>({ max, ageMs, now, forgotten = () => {} }: Ages): TwoAges<K, V> {
  let young = new Map<K, V>();
  let old = new Map<K, V>();
  let turnedAt = now();

  function turnWhenDue(): void {
    const at = now();
    const isFull = young.size >= max();
    if (at - turnedAt < ageMs && !isFull) return;
    if (at - turnedAt < ageMs && old.size > 0) forgotten();
    // What lay untouched for two ages is old, too.
    old = at - turnedAt < 2 * ageMs ? young : new Map();
    young = new Map();
    turnedAt = at;
  }
  return {
    get(key: K): V | undefined {
      turnWhenDue();
      return young.get(key) ?? old.get(key);
    },
    set(key: K, value: V): void {
      turnWhenDue();
      young.set(key, value);
    },
    /** About how many are kept. */
    size: () => Math.max(young.size, old.size),
  };
}
