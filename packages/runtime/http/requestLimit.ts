/**
 * How much one asker may ask of this door: a token bucket for each account that is known here, and one for each address (of IPv6 a
 * /64) of everybody else. Behind one address there may be a campus, so an account has its own share beside it.
 *
 * Nobody is looked up for it. An account is known once a room has found it by its token, or a role has said so behind a gateway;
 * a token that was made up is nobody's, and counts for its address. This machine is not counted: behind a proxy that is not
 * believed everybody would be it.
 */
import { refusal } from "@chepiao/contracts";
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
import { createMeters } from "./meters.ts";
import { problemResponse } from "./replies.ts";

export type RequestLimits = {
  /** Of an address, or of an IPv6 /64; null: without end. */
  readonly addressPerSecond: number | null;
  /** Of an account that is logged in. */
  readonly accountPerSecond: number | null;
};

/** Told when a client is turned away, once a minute for each address or account. */
export type Throttled = {
  readonly clientAddress: string;
  readonly userId: number | null;
  readonly traceId: string;
};

export type RequestLimitDeps = RequestLimits & {
  /** Milliseconds that only ever grow. */
  readonly now: () => number;
  readonly told: (throttled: Throttled) => void;
  /** How many askers are kept apart; beyond twice as many, those that asked last are. */
  readonly askersMax?: number;
};

export type RequestLimit = {
  /** What rooms find out about who asks is remembered. */
  learning(authenticate: Authenticate): Authenticate;
  /** Behind a gateway, a role says whose the request was. */
  learn(request: Request, trust: Trust, userId: number): void;
  /** Every way of a table, but those that are not counted. */
  around(table: RouteTable, deps: AroundDeps): RouteTable;
  /** Any other answer. */
  counted<R extends Request, A>(
    answer: Answering<R, A>,
    deps: Pick<AroundDeps, "observe" | "trustProxy">,
  ): Answering<R, A | Response>;
};

type Answering<R extends Request, A> = (request: R, server: ServerSeen) => A;
type AroundDeps = { readonly observe: Observe; readonly trustProxy: Trust; readonly uncounted: ReadonlySet<string> };

/** What comes together, as the files of a page do, is as much as ten seconds have. */
const burstMs = 10 * secondMs;
/** About 10 MB of each. */
const askersMaxDefault = 50_000;
/** How long an account is known by its token. */
const knownMs = 10 * minuteMs;

export function createRequestLimit(deps: RequestLimitDeps): RequestLimit {
  const { now, askersMax = askersMaxDefault } = deps;
  const allowances = { address: allowanceOf(deps.addressPerSecond), account: allowanceOf(deps.accountPerSecond) };
  // A client that did not ask for as long as a burst takes to come back begins anew anyway.
  const used = createTwoAges<string | number, number>(askersMax, burstMs, now);
  const accounts = createTwoAges<string | number | bigint, number>(askersMax, knownMs, now);
  const tellings = createTwoAges<string | number, true>(askersMax, minuteMs, now);

  const remember = (token: string, userId: number) => accounts.set(Bun.hash(token), userId);

  function accountOf(request: Request, trust: Trust): number | null {
    const token = tokenIn(request, isSecure(request, trust));
    return token === null ? null : (accounts.get(Bun.hash(token)) ?? null);
  }

  /** For how many milliseconds it is too early. */
  function take(asker: string | number, allowance: Allowance): number {
    const { allBackAt, waitMs } = tryOnce(epochMs(used.get(asker) ?? 0), epochMs(now()), allowance);
    if (allBackAt !== null) used.set(asker, allBackAt);
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
  function refused(request: Request, server: ServerSeen, trust: Trust): Response | null {
    const clientAddress = addressOf(request, server, trust);
    // What a proxy says of its callers is counted, whoever they are: it vouches for the address, and not for the machine.
    if (isThisMachine(clientAddress) && forwardedAddress(request, trust) === null) return null;
    const userId = accountOf(request, trust);
    const allowance = userId === null ? allowances.address : allowances.account;
    if (allowance === null) return null;
    const waitMs = take(userId ?? askerAt(clientAddress), allowance);
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
    counted(answer, { observe, trustProxy }) {
      if (!allowances.address && !allowances.account) return answer;
      const meterOf = createMeters(observe.metrics, "(throttled)");
      return (request, server) => {
        const response = refused(request, server, trustProxy);
        if (response === null) return answer(request, server);
        meterOf(request.method).observe(response.status, 0);
        return response;
      };
    },
    around: (table, around) =>
      Object.fromEntries(
        Object.entries(table).map(([path, methods]) => [
          path,
          around.uncounted.has(path) ? methods : countedAll(limit, methods, around),
        ]),
      ),
  };
  return limit;
}

const countedAll = (limit: RequestLimit, methods: RouteTable[string], deps: AroundDeps): RouteTable[string] =>
  Object.fromEntries(
    Object.entries(methods).map(([method, answer]): [string, RouteFunction] => [method, limit.counted(answer, deps)]),
  );

const allowanceOf = (perSecond: number | null): Allowance | null =>
  perSecond === null ? null : { triesMax: (perSecond * burstMs) / secondMs, windowMs: burstMs };

/** An address of IPv4 is an asker as it stands. */
const askerAt = (address: string): string => (address.includes(":") ? countedNetwork(address) : address);

/**
 * Values by key, of which the newer half is kept for `ageMs` at least, unless more than `max` keys come in that time. Turning a page
 * once in a while is cheaper than keeping an order at each request.
 */
function createTwoAges<K, V>(max: number, ageMs: number, now: () => number) {
  let young = new Map<K, V>();
  let old = new Map<K, V>();
  let turnedAt = now();

  function turnWhenDue(): void {
    const at = now();
    if (at - turnedAt < ageMs && young.size < max) return;
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
  };
}
