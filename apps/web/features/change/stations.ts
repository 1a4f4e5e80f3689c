/** The stations at both ends of a trip: what they are called, and in which cities they are. */
import { ask } from "../../lib/api.ts";
import { remember } from "../../lib/places.ts";

export const stationsOfTrip = (ids: readonly string[]) => ({
  queryKey: ["stations", ...ids],
  queryFn: async () => {
    const { stations } = await ask("GET /api/search/stations", { query: { ids: ids.join(",") } });
    remember(stations);
    return stations;
  },
  staleTime: Number.POSITIVE_INFINITY,
});
