/**
 * What stations are called. Answers carry the local name; a page in English asks for the other names once, many at a time, and
 * keeps them. A place in an address is a station's id or a city's local name, as the search takes them.
 */
import type { Station } from "@chepiao/contracts";
import { type QueryClient, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask } from "./api.ts";
import { isRecord, keep, kept } from "./storage.ts";
import { useSpeech } from "./words.tsx";

export type Named = { readonly stationId: string; readonly name: string };

/** English names by station id. */
type Names = Record<string, string>;
const shelf = "stationNames";
const isNames = (value: unknown): value is Names =>
  isRecord(value) && Object.values(value).every((name) => typeof name === "string");
let names: Names | null = null;
const known = (): Names => (names ??= kept("local", shelf, isNames) ?? {});
const idsAtOnce = 60;
const namesMax = 2_000;

async function learn(ids: readonly string[]): Promise<Names> {
  const missing = [...new Set(ids)].filter((id) => known()[id] === undefined);
  for (let at = 0; at < missing.length; at += idsAtOnce) {
    const some = missing.slice(at, at + idsAtOnce);
    const { stations } = await ask("GET /api/search/stations", { query: { ids: some.join(",") } });
    remember(stations);
    for (const id of some) known()[id] ??= "";
  }
  return { ...known() };
}

export function remember(stations: readonly Station[]): void {
  const all = Object.keys(known()).length > namesMax ? {} : known();
  for (const { stationId, nameEn } of stations) all[stationId] = nameEn;
  names = all;
  keep("local", shelf, all);
}

/** A function from station to name in the page's language; `ready` once no name will change under the reader's eyes. */
export function useStationNames(stations: readonly Named[]): {
  readonly ready: boolean;
  readonly nameOf: (station: Named) => string;
} {
  const { language } = useSpeech();
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

export type PlaceName = { readonly zh: string; readonly en: string; readonly isCity: boolean };

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

export function placeName(place: string, stations: readonly Station[]): PlaceName | null {
  const station = stations.find(({ stationId }) => stationId === place);
  if (station) return { zh: station.name, en: station.nameEn, isCity: false };
  const inCity = stations.filter(({ city }) => city === place);
  if (inCity.length > 0) return { zh: place, en: cityEnglish(place, inCity), isCity: true };
  const byName = stations.find(({ name, nameEn }) => name === place || nameEn === place);
  return byName ? { zh: byName.name, en: byName.nameEn, isCity: false } : null;
}

/** A city is spelled as its station of the same name is, else as the shortest of its stations. */
export function cityEnglish(city: string, stations: readonly Station[]): string {
  const inCity = stations.filter((station) => station.city === city);
  const namesake = inCity.find(({ name }) => name === city);
  const shortest = inCity.map(({ nameEn }) => nameEn).sort((a, b) => a.length - b.length)[0];
  return namesake?.nameEn ?? shortest ?? city;
}
