/**
 * How a Chinese station is written in English, as the signs of the railway write it: the city, then which of its stations. 北京南 is
 * `Beijing South`, 上海虹桥 `Shanghai Hongqiao`, 西安 `Xi'an`. Names from other languages than Chinese go back to those.
 */

const directions: Readonly<Record<string, string>> = { 东: "East", 西: "West", 南: "South", 北: "North" };

/** Not spelled by pinyin, on maps and by the railway alike. */
const spelledOtherwise: Readonly<Record<string, string>> = {
  哈尔滨: "Harbin",
  齐齐哈尔: "Qiqihar",
  呼和浩特: "Hohhot",
  呼伦贝尔: "Hulunbuir",
  海拉尔: "Hailar",
  鄂尔多斯: "Ordos",
  乌兰察布: "Ulanqab",
  乌兰浩特: "Ulanhot",
  锡林浩特: "Xilinhot",
  二连浩特: "Erenhot",
  阿尔山: "Arxan",
  拉萨: "Lhasa",
  日喀则: "Xigazê",
  林芝: "Nyingchi",
  那曲: "Nagqu",
  乌鲁木齐: "Ürümqi",
  吐鲁番: "Turpan",
  库尔勒: "Korla",
  库车: "Kuqa",
  阿克苏: "Aksu",
  喀什: "Kashgar",
  和田: "Hotan",
  阿勒泰: "Altay",
  克拉玛依: "Karamay",
  哈密: "Hami",
  格尔木: "Golmud",
  香港: "Hong Kong",
  西九龙: "West Kowloon",
  机场: "Airport",
  市: "City",
};

/** A syllable of the pinyin for each character; `city` is the one that the station is counted to. */
export function englishNameOf(name: string, city: string, syllables: readonly string[]): string {
  const letters = Array.from(name);
  // Something in it is no Chinese character, and what sounds how cannot be told apart.
  if (letters.length !== syllables.length) return capital(syllables.join(""));
  const cut = cutOf(name, city);
  const parts =
    cut === 0
      ? [[0, letters.length]]
      : [
          [0, cut],
          [cut, letters.length],
        ];
  return parts.map(([from, to]) => wordOf(letters.slice(from, to).join(""), syllables.slice(from, to))).join(" ");
}

/** Where the first word ends: after the city, else before a direction, which needs two characters to be the direction of. */
function cutOf(name: string, city: string): number {
  const { length } = Array.from(name);
  if (Object.hasOwn(spelledOtherwise, name)) return 0;
  if (city !== "" && city !== name && name.startsWith(city)) return Array.from(city).length;
  const known = Object.keys(spelledOtherwise).find((each) => name.startsWith(each));
  if (known) return Array.from(known).length;
  return length > 2 && directions[Array.from(name).at(-1)!] ? length - 1 : 0;
}

function wordOf(text: string, syllables: readonly string[]): string {
  if (directions[text]) return directions[text];
  if (spelledOtherwise[text]) return spelledOtherwise[text];
  const letters = Array.from(text);
  const direction = letters.length > 2 ? directions[letters.at(-1)!] : undefined;
  if (direction) return `${wordOf(letters.slice(0, -1).join(""), syllables.slice(0, -1))} ${direction}`;
  return capital(joined(syllables));
}

/** `xi an` is Xi'an, which without the mark would be one syllable. */
const joined = (syllables: readonly string[]): string =>
  syllables.map((syllable, n) => (n > 0 && /^[aeo]/.test(syllable) ? `'${syllable}` : syllable)).join("");

const capital = (text: string): string => (text === "" ? "" : text[0]!.toUpperCase() + text.slice(1));
