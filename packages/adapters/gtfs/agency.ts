/** `agency.txt`: whose feed it is, the zone of its times, and the language of its names. */
import { parseZone, type ZoneName } from "@chepiao/kernel";
import type { Problems } from "./problems.ts";
import type { Read } from "./table.ts";

export type Agency = {
  readonly feedName: string;
  readonly zone: ZoneName;
  /** The letters in train numbers mean what they do in China. */
  readonly isOfChina: boolean;
  /** Names in Chinese characters are Chinese, and neither Japanese nor Korean. */
  readonly isChinese: boolean;
};

const columns = { required: ["agency_name", "agency_timezone"], optional: ["agency_lang"] } as const;

export async function readAgency(read: Read, problems: Problems): Promise<Agency | null> {
  const names = new Set<string>();
  let zone: ZoneName | null = null;
  let language = "";
  await read("agency.txt", columns, (row, line) => {
    const { agency_name: name, agency_timezone: text } = row;
    const known = parseZone(text);
    if (!known || text === "")
      problems.error("agency.txt", line, `agency_timezone "${text}" is not an IANA time zone, as Asia/Shanghai is one`);
    else if (zone !== null && zone !== known)
      problems.error(
        "agency.txt",
        line,
        `agency_timezone ${known} differs from ${zone} of the agency before: a feed has one zone, see stop_timezone`,
      );
    else zone = known;
    language ||= row.agency_lang.toLowerCase();
    if (name !== "") names.add(name);
  });
  if (zone === null && !problems.isSpoilt("agency.txt"))
    problems.error("agency.txt", null, "there is no agency in it: it needs a row with agency_name and agency_timezone");
  return (
    zone && {
      zone,
      feedName: joined([...names]),
      isOfChina: zonesOfChina.has(zone),
      isChinese: zonesOfChina.has(zone) || isChineseElsewhere(language, zone),
    }
  );
}

const feedNameLengthMax = 200;
const andMore = " …";

/** Cut between names. */
function joined(names: readonly string[]): string {
  let text = "";
  for (const [index, name] of names.entries()) {
    const longer = index === 0 ? name.slice(0, feedNameLengthMax - andMore.length) : `${text}, ${name}`;
    const room = index === names.length - 1 ? feedNameLengthMax : feedNameLengthMax - andMore.length;
    if (longer.length > room) return text + andMore;
    text = longer;
  }
  return text;
}

const zonesOfChina = new Set<string>(
  ["Shanghai", "Urumqi", "Chongqing", "Harbin", "Kashgar", "Hong_Kong", "Macau"].map((city) => `Asia/${city}`),
);
const zonesOfOtherCharacters = new Set<string>(["Asia/Tokyo", "Asia/Seoul", "Asia/Pyongyang", "Japan", "ROK"]);

const isChineseElsewhere = (language: string, zone: ZoneName): boolean =>
  language === "" ? !zonesOfOtherCharacters.has(zone) : /^(zh|cmn|yue)\b/.test(language);
