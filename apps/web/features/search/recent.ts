/** Searches and places used lately, in this browser only. */
import { isRecord, keep, kept } from "../../lib/storage.ts";

export type RecentPlace = {
  readonly place: string;
  readonly zh: string;
  readonly en: string;
  /** All stations of a city. */
  readonly isCity?: boolean;
};
export type RecentSearch = { readonly from: RecentPlace; readonly to: RecentPlace };

const searchesMax = 4;
const placesMax = 6;

const isPlace = (value: unknown): value is RecentPlace =>
  isRecord(value) &&
  [value["place"], value["zh"], value["en"]].every((text) => typeof text === "string" && text !== "");
const isSearch = (value: unknown): value is RecentSearch =>
  isRecord(value) && isPlace(value["from"]) && isPlace(value["to"]);
const areSearches = (value: unknown): value is RecentSearch[] => Array.isArray(value) && value.every(isSearch);
const arePlaces = (value: unknown): value is RecentPlace[] => Array.isArray(value) && value.every(isPlace);

export const recentSearches = (): readonly RecentSearch[] => kept("local", "searches", areSearches) ?? [];
export const recentPlaces = (): readonly RecentPlace[] => kept("local", "places", arePlaces) ?? [];

export function noteSearch(search: RecentSearch): void {
  const same = (one: RecentSearch) => one.from.place === search.from.place && one.to.place === search.to.place;
  keep("local", "searches", [search, ...recentSearches().filter((one) => !same(one))].slice(0, searchesMax));
}
export function notePlace(place: RecentPlace): void {
  keep("local", "places", [place, ...recentPlaces().filter((one) => one.place !== place.place)].slice(0, placesMax));
}
