/** How stations are spelled for search, and which city they belong to. */
export type Spelling = { readonly pinyin: string; readonly initials: string; readonly nameEn: string };

const isHan = (text: string) => /\p{Script=Han}/u.test(text);
const isAscii = (text: string) => /^[\x20-\x7e]+$/.test(text);

/** Loaded only for feeds with Chinese names: its dictionary takes a tenth of a second. */
type Pinyin = (text: string) => string[];
export async function loadPinyin(names: Iterable<string>): Promise<Pinyin> {
  for (const name of names) {
    if (!isHan(name)) continue;
    const { pinyin } = await import("pinyin-pro");
    return (text) => pinyin(text, { toneType: "none", type: "array", nonZh: "consecutive" });
  }
  return (text) => [text];
}

/** `spoken` is the feed's `tts_stop_name`, `english` its translation; either may be empty. */
export function spellingOf(name: string, spoken: string, english: string, pinyin: Pinyin): Spelling {
  if (!isHan(name)) {
    const words = folded(name).split(" ").filter(Boolean);
    return { pinyin: words.join(""), initials: words.map((word) => word[0]).join(""), nameEn: english || name };
  }
  const syllables = pinyin(name)
    .map((syllable) => folded(syllable).replaceAll(" ", ""))
    .filter(Boolean);
  const joined = isAscii(spoken) ? folded(spoken).replaceAll(" ", "") : syllables.join("");
  return {
    pinyin: joined,
    initials: syllables.map((syllable) => syllable[0]).join(""),
    nameEn: english || (joined === "" ? name : joined[0]!.toUpperCase() + joined.slice(1)),
  };
}

const letters: Readonly<Record<string, string>> = { ß: "ss", ø: "o", æ: "ae", œ: "oe", ł: "l", đ: "d", ı: "i" };

/** Lower case, without accents, everything but letters and digits a space. */
const folded = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[ßøæœłđı]/g, (letter) => letters[letter]!)
    .replace(/[^\p{L}\p{N}]+/gu, " ");

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
const withoutDirection = (name: string): string | null => /^(\p{Script=Han}{2,})[东西南北]$/u.exec(name)?.[1] ?? null;
