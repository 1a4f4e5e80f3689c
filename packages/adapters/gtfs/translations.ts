/** `translations.txt`, in either form that it has had: how stations are called in English and other languages, and how a name is read. */
import type { Problems } from "./problems.ts";
import type { Read } from "./table.ts";

export type Translations = {
  /** Of a station: by its own id, by those of its platforms, by its name. Empty where there is none. */
  english(stopIds: readonly string[], name: string): string;
  /** Of a Japanese name, in kana. */
  reading(stopIds: readonly string[], name: string): string;
  /** In every other language: what people may type, too. */
  others(stopIds: readonly string[], name: string): readonly string[];
};

const columns = {
  required: [],
  optional: ["table_name", "field_name", "language", "translation", "record_id", "field_value", "trans_id", "lang"],
} as const;

export async function readTranslations(read: Read, problems: Pick<Problems, "warn">): Promise<Translations> {
  const english = createTexts();
  const readings = createTexts();
  const others = new Map<string, ReturnType<typeof createTexts>>();
  const passedOver = new Set<string>();
  const otherIn = (language: string) => {
    const known = others.get(language);
    if (known) return known;
    if (others.size >= otherLanguagesMax) {
      if (!passedOver.has(language)) problems.warn(tooManyLanguages, language);
      passedOver.add(language);
      return undefined;
    }
    const texts = createTexts();
    others.set(language, texts);
    return texts;
  };
  await read("translations.txt", columns, (row) => {
    if (row.table_name !== "" && (row.table_name !== "stops" || row.field_name !== "stop_name")) return;
    const language = (row.language || row.lang).toLowerCase();
    const isReading = /^ja-(hrkt|hira|kana)\b/.test(language);
    const texts = /^en\b/.test(language) ? english : isReading ? readings : otherIn(language);
    texts?.add(row.record_id, row.field_value || row.trans_id, row.translation);
  });
  return {
    english: english.of,
    reading: readings.of,
    others: (stopIds, name) => Array.from(others.values(), (texts) => texts.of(stopIds, name)),
  };
}

/** A station has no more other names than these anyway. */
const otherLanguagesMax = 12;
const tooManyLanguages = `languages of translations.txt are passed over: beside English, stations are found in ${otherLanguagesMax}, the first that the file names`;

function createTexts() {
  const byRecord = new Map<string, string>();
  const byName = new Map<string, string>();
  return {
    add(recordId: string, name: string, text: string) {
      if (recordId !== "") byRecord.set(recordId, text);
      else if (name !== "") byName.set(name, text);
    },
    of(stopIds: readonly string[], name: string): string {
      const record = stopIds.find((id) => byRecord.has(id));
      return (record === undefined ? byName.get(name) : byRecord.get(record)) ?? "";
    },
  };
}
