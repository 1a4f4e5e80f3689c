/**
 * Who asked how much of which route in this minute. Memory is bounded: beyond so many askers, the requests of further ones are one number.
 * Addresses and accounts are forgotten with the minute; what is told is how many askers made how many requests.
 */
import type { GatewayUsage, RouteUsage, UsageBucket } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";

/** About 10 MB. */
const askersMaxDefault = 50_000;
/** A bucket is a third of a doubling wide: half of an asker's requests, or twice as many, are never taken for them. */
const bucketsPerDoubling = 3;
const bucketsMax = 64;

type OfAddress = { all: number; anonymous: number };
type OfRoute = { addresses: Map<string, OfAddress>; accounts: Map<number, number> };
/**
 * @param address an asker: of IPv6 a /64
 * @param atMs by a clock that only ever grows
 */
export type CountRequest = (address: string, userId: number | null, atMs: number) => void;

export type Usage = {
  /** Counts requests of that route. */
  of(route: string): CountRequest;
  /** What was counted since the last time, as of the minute in which that began; null where there was nothing. */
  take(now: EpochMs): Omit<GatewayUsage, "source"> | null;
};

export function createUsage(now: EpochMs, askersMax = askersMaxDefault): Usage {
  let since = now;
  const routes = new Map<string, OfRoute>();
  let seen: { readonly firstMs: number; lastMs: number } | null = null;
  let askers = 0;
  let uncounted = 0;

  function countOfAddress({ addresses }: OfRoute, address: string, isAnonymous: boolean): boolean {
    const found = addresses.get(address);
    if (found) {
      found.all++;
      if (isAnonymous) found.anonymous++;
    } else if (askers < askersMax) {
      addresses.set(address, { all: 1, anonymous: isAnonymous ? 1 : 0 });
      askers++;
    } else return false;
    return true;
  }

  function countOfAccount({ accounts }: OfRoute, userId: number): boolean {
    const found = accounts.get(userId);
    if (found === undefined && askers >= askersMax) return false;
    if (found === undefined) askers++;
    accounts.set(userId, (found ?? 0) + 1);
    return true;
  }

  return {
    of(name) {
      const route = routes.get(name) ?? { addresses: new Map(), accounts: new Map() };
      routes.set(name, route);
      return (address, userId, atMs) => {
        seen ??= { firstMs: atMs, lastMs: atMs };
        seen.lastMs = atMs;
        const isCounted = countOfAddress(route, address, userId === null);
        if (!(userId === null ? isCounted : countOfAccount(route, userId) && isCounted)) uncounted++;
      };
    },
    take(at) {
      const usages = [...routes].flatMap(usagesOf);
      const spanMs = seen && Math.ceil(seen.lastMs - seen.firstMs);
      const told = spanMs === null ? null : { minute: since, spanMs, routes: usages, uncounted };
      seen = null;
      since = at;
      for (const route of routes.values()) [route.addresses, route.accounts] = [new Map(), new Map()];
      askers = 0;
      uncounted = 0;
      return told;
    },
  };
}

function usagesOf([route, { addresses, accounts }]: [string, OfRoute]): readonly RouteUsage[] {
  const all = [...addresses.values()];
  const byAccount = [...accounts.values()];
  return [
    { route, who: "address" as const, buckets: bucketsOf(all.map((each) => each.all)) },
    { route, who: "account" as const, buckets: bucketsOf(byAccount) },
    { route, who: "both" as const, buckets: bucketsOf([...byAccount, ...all.map(({ anonymous }) => anonymous)]) },
  ].filter(({ buckets }) => buckets.length > 0);
}

function bucketsOf(counts: readonly number[]): UsageBucket[] {
  const buckets = new Map<number, [askers: number, requests: number]>();
  for (const count of counts) {
    if (count === 0) continue;
    const at = Math.min(bucketsMax - 1, Math.floor(Math.log2(count) * bucketsPerDoubling));
    const bucket = buckets.get(at) ?? [0, 0];
    bucket[0]++;
    bucket[1] += count;
    buckets.set(at, bucket);
  }
  return [...buckets].toSorted(([a], [b]) => a - b).map(([, bucket]) => bucket);
}
