/**
 * What stations are called. Answers carry the local name; a page in English asks for the other names once, many at a time, and
 * keeps them. A place in an address is a station's id or a city's local name, as the search takes them.
 */
import type { StationFound } from "@chepiao/contracts";
import { type QueryClient, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask } from "./api.ts";
import { isRecord, keep, kept } from "./storage.ts";
import { useLanguage } from "./messages.tsx";

export type Named = { readonly stationId: string; readonly name: string };

/** English names by station id, one list for each way of writing them: what was kept of an older one is asked for again. */
type Names = Record<string, string>;
const storageKey = "stationNames.2";
const isNames = (value: unknown): value is Names =>
  isRecord(value) && Object.values(value).every((name) => typeof name === "string");
let names: Names | null = null;
const known = (): Names => (names ??= kept("local", storageKey, isNames) ?? {});
/** Of what is asked for at once: an address may not be longer. */
const idsLengthMax = 1_500;
const namesMax = 2_000;

async function learn(ids: readonly string[]): Promise<Names> {
  const missing = [...new Set(ids)].filter((id) => known()[id] === undefined);
  for (const some of inParts(missing)) {
    const { stations } = await ask("GET /api/search/stations", { query: { ids: some.join(",") } });
    remember(stations);
    for (const id of some) known()[id] ??= "";
  }
  return { ...known() };
}

function inParts(ids: readonly string[]): string[][] {
  const parts: string[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const id of ids) {
    length += encodeURIComponent(id).length + 1;
    if (length > idsLengthMax) {
      parts.push([]);
      length = encodeURIComponent(id).length;
    }
    parts.at(-1)!.push(id);
  }
  return parts;
}

export function remember(stations: readonly StationFound[]): void {
  const all = Object.keys(known()).length > namesMax ? {} : known();
  for (const { stationId, nameEn } of stations) all[stationId] = nameEn;
  names = all;
  keep("local", storageKey, all);
}

/** A function from station to name in the page's language; `ready` once no name will change under the reader's eyes. */
export function useStationNames(stations: readonly Named[]): {
  readonly ready: boolean;
  readonly nameOf: (station: Named) => string;
} {
  const { language } = useLanguage();
  const ids = useMemo(() => [...new Set(stations.map(({ stationId }) => stationId))].sort(), [stations]);
  const allKnown = ids.every((id) => known()[id] !== undefined);
  const wanted = useQuery({
    queryKey: ["stationNames", ids],
    queryFn: () => learn(ids),
    enabled: language === "en" && ids.length > 0 && !allKnown,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return {
    ready: language === "zh" || allKnown || wanted.isFetched,
    nameOf: ({ stationId, name }) => (language === "en" && known()[stationId]) || name,
  };
}

export type PlaceName = {
  readonly zh: string;
  readonly en: string;
  /** All the stations of a city that has several. */
  readonly isCity: boolean;
};

/** What a place of an address is called: null until known, and where there is no such place. */
export function usePlaceName(place: string): PlaceName | null {
  const found = useQuery({
    queryKey: ["place", place],
    queryFn: async () =>
      placeName(place, (await ask("GET /api/search/stations", { query: { q: place, limit: 20 } })).stations),
    enabled: place !== "",
    staleTime: Number.POSITIVE_INFINITY,
  });
  return found.data ?? null;
}

/** A place that was just chosen from a list need not be asked for. */
export const notePlaceName = (client: QueryClient, place: string, name: PlaceName): void =>
  void client.setQueryData(["place", place], name);

export function placeName(place: string, stations: readonly StationFound[]): PlaceName | null {
  const station = stations.find(({ stationId }) => stationId === place);
  if (station) return { zh: station.name, en: station.nameEn, isCity: false };
  // Links are written by people, too: `?from=beijing`.
  const isMeant = (text: string) => text.toLowerCase().replaceAll(" ", "") === place.toLowerCase().replaceAll(" ", "");
  const inCity = stations.filter(({ city, cityEn }) => city === place || isMeant(cityEn));
  if (inCity.length > 0) return { zh: inCity[0]!.city, en: inCity[0]!.cityEn, isCity: inCity.length > 1 };
  const byName = stations.find((each) => [each.name, each.nameEn, each.pinyin, each.stationId].some(isMeant));
  return byName ? { zh: byName.name, en: byName.nameEn, isCity: false } : null;
}
