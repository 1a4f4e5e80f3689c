/** What each day on sale costs at least on a way. For looking around: the platform keeps it for half a minute, a page for one. */
import { ask } from "../../lib/api.ts";

const staleMs = 60_000;

export const dayOffers = (from: string, to: string) => ({
  queryKey: ["days", from, to],
  queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
    ask("GET /api/search/days", { query: { from, to } }, { signal }),
  staleTime: staleMs,
});
