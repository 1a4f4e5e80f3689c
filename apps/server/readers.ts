/** What settings may say: from the text of an environment variable to its value, or a sentence about what would be right. */
import { dayMs, hourMs } from "@chepiao/kernel";
import { type LogLevel, logLevels } from "@chepiao/runtime";
import type { RefundGrade } from "@chepiao/services/order";

/** A setting that cannot be understood: for people, not for a stack trace. */
export class BadSetting extends Error {
  override readonly name = "BadSetting";
}

export const text = (value: string) => value;

export const wholeNumber = (min: number, max: number) => (value: string) => {
  const number = Number(value);
  if (!Number.isInteger(number) || value.trim() === "" || number < min || number > max) {
    throw new BadSetting(`a whole number from ${min} to ${max}`);
  }
  return number;
};

/** Null where nothing is said. */
export const ifSaid =
  <T>(read: (value: string) => T) =>
  (value: string): T | null =>
    value.trim() === "" ? null : read(value);

export const yesOrNo = (value: string) => {
  if (value !== "0" && value !== "1") throw new BadSetting("0 or 1");
  return value === "1";
};

export const oneOf =
  <const T extends string>(...words: readonly T[]) =>
  (value: string): T => {
    const word = words.find((known) => known === value);
    if (word === undefined) throw new BadSetting(`one of ${words.join(", ")}`);
    return word;
  };

export const logLevel: (value: string) => LogLevel = oneOf(...logLevels);

export const timeOfDay = (value: string) => {
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(value)) throw new BadSetting("a time of day such as 08:00");
  return value;
};

const list = (value: string) =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** Where copies of a role listen: `http://10.0.0.5:8081,http://10.0.0.6:8081`. */
export const addresses = (value: string): readonly string[] =>
  list(value).map((part) => {
    const url = URL.canParse(part) ? new URL(part) : null;
    if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== "" || url.username !== "") {
      throw new BadSetting("addresses such as http://10.0.0.5:8081, separated by commas");
    }
    return url.origin;
  });

/** `10.0.0.5:6379,10.0.0.6:6379` */
export const hostPorts = (value: string): readonly string[] =>
  list(value).map((part) => {
    if (!/^[^\s:/]+:\d{1,5}$/.test(part)) throw new BadSetting("host:port pairs separated by commas");
    return part;
  });

/** The address of an engine, which may hold a password. */
export const engineUrl =
  (...schemes: readonly string[]) =>
  (value: string): string => {
    const url = URL.canParse(value) ? new URL(value) : null;
    if (!url || !schemes.includes(url.protocol.slice(0, -1)) || url.hostname === "") {
      // The value may hold a password and is not for the screen.
      throw new BadSetting(`an address such as ${schemes[0]}://user:password@host:port`);
    }
    return value;
  };

export const engineUrls =
  (...schemes: readonly string[]) =>
  (value: string): readonly string[] =>
    list(value).map(engineUrl(...schemes));

/** `8d:0,48h:5,24h:10,0h:20`: from that long before departure, that many percent. */
export function refundGrades(value: string): readonly RefundGrade[] {
  const grades = value.split(",").map((part) => {
    const match = /^(\d+)([dh]):(\d+(?:\.\d{1,2})?)$/.exec(part.trim());
    if (!match) throw new BadSetting("grades such as 8d:0,48h:5,24h:10,0h:20 (time before departure : percent)");
    return {
      atLeastMs: Number(match[1]) * (match[2] === "d" ? dayMs : hourMs),
      feeBasisPoints: Math.round(Number(match[3]) * 100),
    };
  });
  const falling = grades.every((grade, n) => n === 0 || grade.atLeastMs < grades[n - 1]!.atLeastMs);
  if (!falling || grades.at(-1)!.atLeastMs !== 0 || grades.some((grade) => grade.feeBasisPoints > 10_000)) {
    throw new BadSetting("grades from the longest time before departure down to 0h, at most 100 percent");
  }
  return grades;
}

export const printGrades = (grades: readonly RefundGrade[]) =>
  grades.map(({ atLeastMs, feeBasisPoints }) => `${atLeastMs / hourMs}h:${feeBasisPoints / 100}`).join(",");

/** A password inside an address, as it may be shown: rather too little of it than too much. */
export const withoutPassword = (value: string): string => value.replace(/(:\/\/[^/:@]*):.*@/, "$1:***@");
