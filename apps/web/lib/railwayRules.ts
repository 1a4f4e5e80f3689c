/** What the railway's rules ask of a buyer, for pages that sell: asked for when one is opened. */
import type { Railway, TrainType } from "@chepiao/contracts";
import { useQuery } from "@tanstack/react-query";
import { ask } from "./api.ts";
import { useLanguage, useMessages } from "./messages.tsx";

export const railwayRulesKey = ["railway rules"] as const;

/** For what cannot do without them, and says so while they are not there. */
export const useRailwayRulesQuery = () =>
  useQuery({
    queryKey: railwayRulesKey,
    queryFn: () => ask("GET /api/policy", {}),
    staleTime: 5 * 60_000,
  });

export const useRailwayRules = (): Railway | undefined => useRailwayRulesQuery().data;

/** What passengers of this railway call a kind of train. */
export function useTrainTypeName(): (type: TrainType) => string {
  const { messages, language } = useLanguage();
  const names = useRailwayRules()?.trainTypes;
  return (type) => names?.[type]?.[language] ?? messages.types[type];
}

/** Where nobody may wait, nothing leads to the waitlist. Until the rules are there it does, as on most railways, and no list jumps. */
export const useHasWaitlist = (): boolean => (useRailwayRules()?.waitlist.pendingMax ?? 1) > 0;

/** Until the railway has said up to which number it counts: none is shown that would go away again. */
const countedToAtFirst = 20;

/** How many seats are left, in words. */
export function useSeatsLeft(): (free: number) => string {
  const messages = useMessages();
  const rules = useRailwayRules();
  const countedTo = rules ? rules.seatsCountedTo : countedToAtFirst;
  return (free) => (countedTo === null || free <= countedTo ? messages.search.left(free) : messages.search.someLeft);
}
