/** The trains of a day on a way, asked for in one form: pages that show the same trains share what was answered. */
import { ask } from "../../lib/api.ts";

export const trainOffers = (from: string, to: string, date: string) => ({
  queryKey: ["tickets", from, to, date],
  queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
    ask("GET /api/search/tickets", { query: { from, to, date } }, { signal }),
});
