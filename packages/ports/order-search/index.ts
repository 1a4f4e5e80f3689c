/** Looking for orders by what operators know of them: names, trains, days. */
import { port } from "@chepiao/ports/port";
import type { OrderSearch } from "./orderSearch.ts";

export { createMemoryOrderSearch } from "./orderSearch.memory.ts";
export { edits, editsAllowed, nameTokens, soundOf, tokensNeeded } from "./names.ts";
export {
  documentOf,
  hitsCountedMax,
  type OrderDocument,
  type OrderFilter,
  type OrderHits,
  type OrderQuery,
  type OrderSearch,
  type PageEnd,
  type PassengerDocument,
  type PassengerFilter,
  type Range,
  type Statistic,
  type StatisticsBy,
  statisticsBy,
  type WayDocument,
} from "./orderSearch.ts";

/** Null where there is none: operators search nothing then. */
export const orderSearchPort = port<OrderSearch | null>("order search");
