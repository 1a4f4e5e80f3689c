/**
 * What people type, and the stations they mean: in any width, with marks that nobody sees, by name, sound, initials or in English.
 * What means nothing is tried again: as it sounds, which finds other ways of writing Chinese and a character that sounds the
 * same; by the readings that a character has elsewhere; and with a slip of the finger.
 */
import type { Station } from "@chepiao/contracts";
import { withoutAccents } from "@chepiao/kernel";
import { edits, editsAllowed, soundOf } from "@chepiao/ports/order-search";
import type { StoredStation } from "@chepiao/ports/timetable-store";
import { pinyin } from "pinyin-pro";

export type StationIndex = {
  resolve(text: string): readonly string[];
  suggest(text: string, limit: number): readonly Station[];
  cityEnglish(city: string): string;
};

type Entry = {
  readonly station: Station;
  readonly id: string;
  readonly name: string;
  readonly city: string;
  readonly pinyin: string;
  readonly initials: string;
  /** Of what follows the city: 虹桥 is known by its own. */
  readonly ownInitials: string;
  readonly english: string;
  readonly aliases: readonly string[];
};

export function createStationIndex(
  stations: readonly StoredStation[],
  callsOf: (stationId: string) => number,
): StationIndex {
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
    .map(({ aliases = [], zone: _zone, ...station }): Entry => ({
      station,
      id: station.stationId.toLowerCase(),
      aliases: aliases.map(folded),
      name: folded(station.name),
      city: folded(station.city),
      pinyin: folded(station.pinyin),
      initials: folded(station.initials),
      ownInitials: ownInitials(station),
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
  const byAlias = new Map<string, Entry[]>();
  for (const entry of entries)
    for (const alias of entry.aliases) byAlias.set(alias, [...(byAlias.get(alias) ?? []), entry]);
  const englishOfCities = new Map(
    [...Map.groupBy(stations, ({ city }) => city)].map(([city, inCity]) => [city, englishOfCity(city, inCity)]),
  );

  /** Entries are in order of traffic, and sorting keeps it within a rank. */
  function matches(rank: (entry: Entry) => number | null): Station[] {
    const ranked = entries.flatMap((entry) => {
      const of = rank(entry);
      return of === null ? [] : [{ of, station: entry.station }];
    });
    return ranked.sort((a, b) => a.of - b.of).map(({ station }) => station);
  }

  return {
    resolve(text) {
      const exact = byId.get(visible(text));
      if (exact) return [exact.station.stationId];
      const wanted = folded(text);
      if (wanted === "") return [];
      for (const key of [wanted, withoutSuffix(wanted)]) {
        const found =
          byCity.get(key) ??
          byName.get(key) ??
          cityPinyin.get(key) ??
          byPinyin.get(key) ??
          byEnglish.get(key) ??
          byAlias.get(key);
        if (found) return found.map((entry) => entry.station.stationId);
      }
      return [];
    },
    suggest(text, limit) {
      const wanted = folded(text);
      const id = visible(text).toLowerCase();
      if (id === "") return entries.slice(0, limit).map((entry) => entry.station);
      const asTyped: Rank = (entry) => (entry.id === id ? 0 : rankOf(entry, wanted));
      for (const rank of [() => asTyped, ...otherMeanings]) {
        const found = matches(rank(wanted));
        if (found.length > 0) return found.slice(0, limit);
      }
      return [];
    },
    cityEnglish: (city) => englishOfCities.get(city) ?? city,
  };
}

type Rank = (entry: Entry) => number | null;

/** How what means nothing as it was typed may be meant, the likeliest first: the first that finds something is it. */
const otherMeanings: readonly ((wanted: string) => Rank)[] = [
  (wanted) => {
    const short = withoutSuffix(wanted);
    return (entry) => (short === wanted ? null : rankOf(entry, short));
  },
  (wanted) => {
    const sound = soundOf(withoutSuffix(wanted));
    return (entry) => (sound === "" ? null : (rankOfStart(entry.pinyin, sound) ?? readAs(entry, sound)));
  },
  (wanted) => {
    const word = withoutSuffix(wanted);
    const sound = soundOf(word);
    return (entry) => nearest([entry.english, entry.pinyin], [word, sound]);
  },
];

const rankOfStart = (text: string, start: string): number | null =>
  text === start ? 0 : text.startsWith(start) ? 1 : null;

/** The letters by which one of the spellings is missed, as far as that is still a slip. */
function nearest(spellings: readonly string[], typed: readonly string[]): number | null {
  let fewest: number | null = null;
  for (const word of typed) {
    const allowed = editsAllowed(word);
    for (const spelling of spellings) {
      if (Math.abs(word.length - spelling.length) > allowed) continue;
      const missed = edits(word, spelling);
      if (missed <= allowed && missed < (fewest ?? Number.POSITIVE_INFINITY)) fewest = missed;
    }
  }
  return fewest;
}

const readings = new Map<string, readonly string[]>();
function readingsOf(letter: string): readonly string[] {
  let known = readings.get(letter);
  if (!known) {
    known = pinyin(letter, { multiple: true, toneType: "none", type: "array" }).map(folded);
    readings.set(letter, known);
  }
  return known;
}

/** 重庆 is taken for `zhongqing` and 六安 for `liuan` by who has only seen them written. Letter by letter, as far as it goes. */
function readAs({ station: { name } }: Entry, typed: string): number | null {
  let rests = [typed];
  for (const letter of name) {
    rests = rests.flatMap((rest) =>
      readingsOf(letter).flatMap((sound) => (rest.startsWith(sound) ? [rest.slice(sound.length)] : [])),
    );
    if (rests.includes("")) return 2;
    if (rests.length === 0) return null;
  }
  return null;
}

function rankOf(entry: Entry, wanted: string): number | null {
  if (wanted === "") return null;
  if (entry.name === wanted) return 0;
  if (entry.city === wanted || entry.pinyin === wanted || entry.english === wanted) return 1;
  if (entry.aliases.includes(wanted)) return 2;
  if (entry.initials === wanted) return 3;
  if (entry.name.startsWith(wanted)) return 4;
  if (entry.pinyin.startsWith(wanted) || entry.english.startsWith(wanted)) return 5;
  if (entry.initials.startsWith(wanted)) return 6;
  if (entry.city.startsWith(wanted) || entry.ownInitials === wanted) return 7;
  if (entry.name.includes(wanted) || entry.english.includes(wanted)) return 8;
  return entry.aliases.some((alias) => alias.startsWith(wanted)) ? 9 : null;
}

function ownInitials({ name, city, initials }: Station): string {
  const inCity = Array.from(city).length;
  const isSpelledOut = Array.from(name).length === initials.length;
  return isSpelledOut && name.startsWith(city) && initials.length - inCity > 1 ? folded(initials.slice(inCity)) : "";
}

/**
 * Without case, accents, spaces, marks that nobody sees and those that spellings differ in: `Xi'an North` is `xiannorth`. Keyboards
 * have no ü, and write v for it.
 */
const folded = (text: string): string =>
  withoutAccents(visible(text))
    .toLowerCase()
    .replace(/[\s\p{P}\p{S}\p{Cf}]/gu, "")
    .replace(/[ァ-ヶ]/g, asHiragana)
    .replace(/([ln])v/g, "$1u");

const visible = (text: string): string => text.replace(/\p{Default_Ignorable_Code_Point}|\p{Cc}/gu, "").trim();

/** Of a Japanese name one types the sound, and it is the same in either kana. */
const asHiragana = (kana: string): string => String.fromCharCode(kana.charCodeAt(0) - 0x60);

/** `北京市`, `北京站` and `Beijing Railway Station` mean 北京. Tried only where the text itself means nothing. */
const withoutSuffix = (text: string): string =>
  text.length > 2 ? text.replace(/(?:火车站|车站|[市站]|(?:railway|train)?station|city)$/u, "") : text;

/** As its station of the same name is, else as what its stations' names begin with; a name that is no station's as it sounds. */
function englishOfCity(city: string, inCity: readonly Station[]): string {
  const namesake = inCity.find(({ name }) => name === city);
  if (namesake) return namesake.nameEn;
  const words = inCity.filter(({ name }) => name.startsWith(city)).map(({ nameEn }) => nameEn.split(" "));
  // Characters that are not read as Chinese stay as they are.
  if (!inCity.every(({ pinyin: spelled }) => /^[a-z]/i.test(spelled))) return city;
  if (words.length === 0) return capitalSound(city);
  if (words.length === 1) return words[0]!.join(" ").replace(/(?<=\S) (?:East|West|South|North)$/, "");
  const shared = words[0]!.findIndex((word, n) => words.some((each) => each[n] !== word));
  return shared === 0 ? capitalSound(city) : words[0]!.slice(0, shared < 0 ? undefined : shared).join(" ");
}

function capitalSound(city: string): string {
  const sound = /\p{Script=Han}/u.test(city) ? soundOf(city) : city;
  return sound === "" ? city : sound[0]!.toUpperCase() + sound.slice(1);
}

function commonPrefix(texts: readonly string[]): string {
  let prefix = texts[0] ?? "";
  for (const text of texts) while (!text.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix;
}
