/** How stations are spelled for search, and which city they belong to. */
import { withoutAccents } from "@chepiao/kernel";
import { englishNameOf } from "./english.ts";
import { readingsOfPlaces } from "./readings.ts";

export type Spelling = {
  readonly pinyin: string;
  readonly initials: string;
  readonly nameEn: string;
  /** Other ways in which a passenger may spell it. */
  readonly aliases?: readonly string[];
};

const isHan = (text: string) => /\p{Script=Han}/u.test(text);
const isKana = (text: string) => /^[\p{Script=Hiragana}\p{Script=Katakana}ー\s・]+$/u.test(text);
const isAscii = (text: string) => /^[\x20-\x7e]+$/.test(text);

type Pinyin = {
  syllables(text: string): string[];
  /** All of a character, the common one first. */
  readings(character: string): string[];
};

/** Loaded only for feeds with Chinese names: its dictionary takes a tenth of a second. */
export async function loadPinyin(names: Iterable<string>): Promise<Pinyin | null> {
  for (const name of names) {
    if (!isHan(name)) continue;
    const { customPinyin, pinyin } = await import("pinyin-pro");
    customPinyin(readingsOfPlaces);
    return {
      syllables: (text) => pinyin(text, { toneType: "none", type: "array", nonZh: "consecutive" }),
      readings: (character) => [...new Set(pinyin(character, { toneType: "none", type: "array", multiple: true }))],
    };
  }
  return null;
}

/** What the feed says besides the name; each may be empty. */
type Said = {
  /** `tts_stop_name`. */
  readonly spoken: string;
  /** In kana. */
  readonly reading: string;
  readonly english: string;
  /** In further languages. */
  readonly others: readonly string[];
};

/** `pinyin` is null where characters are not Chinese: a name is then found as it is written. */
export function spellingOf(
  name: string,
  city: string,
  { spoken, reading, english, others }: Said,
  pinyin: Pinyin | null,
): Spelling {
  if (!isHan(name) || !pinyin) {
    const words = folded(name).split(" ").filter(Boolean);
    const kana = reading || (isKana(spoken) ? spoken : "");
    const latin = isHan(name) && isAscii(spoken) ? spoken : "";
    return {
      pinyin: words.join(""),
      initials: words.map((word) => Array.from(word)[0]).join(""),
      nameEn: english || latin || name,
      ...withAliases([kana, ...[name, ...others].map(withoutUmlauts), ...others].filter((each) => each !== name)),
    };
  }
  const syllables = pinyin
    .syllables(name)
    .map((syllable) => folded(syllable).replaceAll(" ", ""))
    .filter(Boolean);
  const read = syllables.join("");
  const joined = isAscii(spoken) ? folded(spoken).replaceAll(" ", "") : read;
  return {
    pinyin: joined,
    initials: syllables.map((syllable) => syllable[0]).join(""),
    nameEn: english || englishNameOf(name, city, spokenSyllables(spoken, syllables)) || name,
    ...withAliases(
      [read, ...others, ...otherReadings(name, syllables, pinyin)].filter((each) => each !== joined && each !== name),
    ),
  };
}

const withAliases = (texts: readonly string[]) => {
  const aliases = [...new Set(texts.filter(Boolean))].slice(0, aliasesMax);
  return aliases.length === 0 ? {} : { aliases };
};
const aliasesMax = 16;

const umlauts: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue", Ä: "Ae", Ö: "Oe", Ü: "Ue" };

/** As it is typed where the keyboard has none: Koeln. The index finds Koln by itself. */
const withoutUmlauts = (name: string): string => name.normalize("NFC").replace(/[äöü]/gi, (letter) => umlauts[letter]!);

/** With one character read otherwise: a dictionary that errs in a name does so in one, and so do people. */
function otherReadings(name: string, syllables: readonly string[], { readings }: Pinyin): string[] {
  const characters = Array.from(name);
  if (characters.length !== syllables.length) return [];
  return characters.flatMap((character, at) =>
    isHan(character)
      ? readings(character).map((reading) => syllables.with(at, folded(reading).replaceAll(" ", "")).join(""))
      : [],
  );
}

/** As the feed spells it where that is as many syllables, else by pinyin. */
function spokenSyllables(spoken: string, syllables: readonly string[]): readonly string[] {
  const own = isAscii(spoken) ? folded(spoken).split(" ").filter(Boolean) : [];
  return own.length === syllables.length ? own : syllables;
}

const letters: Readonly<Record<string, string>> = { ß: "ss", ø: "o", æ: "ae", œ: "oe", ł: "l", đ: "d", ı: "i" };

/** Lower case, without accents, everything but letters and digits a space. */
const folded = (text: string): string =>
  withoutAccents(text)
    .toLowerCase()
    .replace(/[ßøæœłđı]/g, (letter) => letters[letter]!)
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ");

/**
 * Stations of one city are searched together. GTFS names no cities, so: what the caller knows of the station; the name itself
 * where it is a city's; a Chinese name without its 东西南北 where the rest is a station, a city, or shared by several stations.
 */
export function citiesOf(
  names: readonly string[],
  knownCity: (stationName: string) => string | null,
  isCity: (name: string) => boolean,
): (name: string) => string {
  const all = new Set(names);
  const siblings = new Map<string, number>();
  for (const name of all) {
    const base = withoutDirection(name);
    if (base) siblings.set(base, (siblings.get(base) ?? 0) + 1);
  }
  const cityOf = (name: string): string => {
    const known = knownCity(name);
    if (known !== null || isCity(name)) return known ?? name;
    const base = withoutDirection(name);
    if (base === null || !(all.has(base) || isCity(base) || siblings.get(base)! > 1)) return name;
    return knownCity(base) ?? base;
  };
  return cityOf;
}

/** Two characters at least must be left: 济南 is not the south of anything. */
const withoutDirection = (name: string): string | null => /^(\p{Script=Han}{2,})[东東西南北]$/u.exec(name)?.[1] ?? null;
