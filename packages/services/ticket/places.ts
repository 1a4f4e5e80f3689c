/** What people type, and the stations they mean. */
import type { Station } from "@chepiao/contracts";

export type Places = {
  resolve(text: string): readonly string[];
  suggest(text: string, limit: number): readonly Station[];
};

type Entry = {
  readonly station: Station;
  readonly id: string;
  readonly name: string;
  readonly city: string;
  readonly pinyin: string;
  readonly initials: string;
  readonly english: string;
};

export function createPlaces(stations: readonly Station[], callsOf: (stationId: string) => number): Places {
  const callsOfCity = new Map<string, number>();
  for (const { city, stationId } of stations) callsOfCity.set(city, (callsOfCity.get(city) ?? 0) + callsOf(stationId));
  // Of equal matches the busier city comes first, and in it the busier station.
  const entries = stations
    .toSorted(
      (a, b) =>
        callsOfCity.get(b.city)! - callsOfCity.get(a.city)! ||
        callsOf(b.stationId) - callsOf(a.stationId) ||
        (a.stationId < b.stationId ? -1 : 1),
    )
    .map((station): Entry => ({
      station,
      id: station.stationId.toLowerCase(),
      name: folded(station.name),
      city: folded(station.city),
      pinyin: folded(station.pinyin),
      initials: folded(station.initials),
      english: folded(station.nameEn),
    }));

  const byId = new Map(entries.map((entry) => [entry.station.stationId, entry]));
  const byCity = Map.groupBy(entries, (entry) => entry.city);
  const byName = Map.groupBy(entries, (entry) => entry.name);
  const cityPinyin = new Map<string, readonly Entry[]>();
  for (const inCity of byCity.values()) {
    // The city is spelled as its station of the same name is, else as what its stations' spellings share.
    const namesake = inCity.find((entry) => entry.name === entry.city);
    const spelling = namesake?.pinyin ?? commonPrefix(inCity.map((entry) => entry.pinyin));
    if (inCity.length > 1 && spelling) cityPinyin.set(spelling, inCity);
  }
  const byPinyin = Map.groupBy(entries, (entry) => entry.pinyin);
  const byEnglish = Map.groupBy(entries, (entry) => entry.english);

  return {
    resolve(text) {
      const exact = byId.get(text.trim());
      if (exact) return [exact.station.stationId];
      const wanted = folded(text);
      if (wanted === "") return [];
      for (const key of [wanted, withoutSuffix(wanted)]) {
        const found =
          byCity.get(key) ?? byName.get(key) ?? cityPinyin.get(key) ?? byPinyin.get(key) ?? byEnglish.get(key);
        if (found) return found.map((entry) => entry.station.stationId);
      }
      return [];
    },
    suggest(text, limit) {
      const wanted = folded(text);
      if (wanted === "") return entries.slice(0, limit).map((entry) => entry.station);
      // Entries are in order of traffic, and sorting keeps it within a rank.
      const ranked: { rank: number; station: Station }[] = [];
      for (const entry of entries) {
        const rank = rankOf(entry, wanted);
        if (rank !== null) ranked.push({ rank, station: entry.station });
      }
      return ranked
        .sort((a, b) => a.rank - b.rank)
        .slice(0, limit)
        .map((match) => match.station);
    },
  };
}

function rankOf(entry: Entry, wanted: string): number | null {
  if (entry.name === wanted || entry.id === wanted) return 0;
  if (entry.city === wanted || entry.pinyin === wanted || entry.english === wanted) return 1;
  if (entry.initials === wanted) return 2;
  if (entry.name.startsWith(wanted)) return 3;
  if (entry.pinyin.startsWith(wanted) || entry.english.startsWith(wanted)) return 4;
  if (entry.initials.startsWith(wanted)) return 5;
  if (entry.city.startsWith(wanted)) return 6;
  return entry.name.includes(wanted) || entry.english.includes(wanted) ? 7 : null;
}

/** Without case, accents, spaces and the marks that spellings differ in: `Xi'an North` is `xiannorth`. */
const folded = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[\s'’·.,/()（）-]/gu, "");

/** `北京市` and `北京站` mean 北京. Tried only where the text itself means nothing. */
const withoutSuffix = (text: string): string => (text.length > 2 ? text.replace(/[市站]$/u, "") : text);

function commonPrefix(texts: readonly string[]): string {
  let prefix = texts[0] ?? "";
  for (const text of texts) while (!text.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix;
}
