/** What the railway's rules ask of a buyer, for pages that sell: asked for when one is opened. */
import type { Railway } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { ask } from "./api.ts";

export const railwayRulesKey = ["railway rules"] as const;

/** For what cannot do without them, and says so while they are not there. */
export const useRailwayRulesQuery = () =>
  useQuery({
    queryKey: railwayRulesKey,
    queryFn: () => ask("GET /api/policy", {}),
    staleTime: 5 * 60_000,
  });

export const useRailwayRules = (): Railway | undefined => useRailwayRulesQuery().data;

/** Where nobody may wait, nothing leads to the waitlist. Until the rules are there it does, as on most railways, and no list jumps. */
export const useHasWaitlist = (): boolean => (useRailwayRules()?.waitlist.pendingMax ?? 1) > 0;
