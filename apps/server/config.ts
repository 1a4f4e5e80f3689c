/** Every setting of the platform: one table of names, defaults and meanings, read from the environment and nowhere else. */
import {
  dayMs,
  hourMs,
  minuteMs,
  paymentTimeoutMsDefault,
  saleClosesBeforeDepartureMs,
  saleWindowDaysDefault,
  secondMs,
} from "@chepiao/kernel";
import { type LogLevel, logLevels } from "@chepiao/runtime";
import { type RefundGrade, refundGradesDefault } from "@chepiao/services/order";

/** A setting that cannot be understood: for people, not for a stack trace. */
export class BadSetting extends Error {
  override readonly name = "BadSetting";
}

type Setting<T> = {
  readonly env: string;
  readonly about: string;
  readonly byDefault: string;
  /** Throws with what would be right. */
  readonly read: (text: string) => T;
};

const setting = <T>(env: string, byDefault: string, about: string, read: (text: string) => T): Setting<T> => ({
  env,
  byDefault,
  about,
  read,
});

const text = (value: string) => value;
const wholeNumber = (min: number, max: number) => (value: string) => {
  const number = Number(value);
  if (!Number.isInteger(number) || value.trim() === "" || number < min || number > max) {
    throw new BadSetting(`a whole number from ${min} to ${max}`);
  }
  return number;
};
const yesOrNo = (value: string) => {
  if (value !== "0" && value !== "1") throw new BadSetting("0 or 1");
  return value === "1";
};
const logLevel = (value: string): LogLevel => {
  const level = logLevels.find((known) => known === value);
  if (!level) throw new BadSetting(`one of ${logLevels.join(", ")}`);
  return level;
};
const timeOfDay = (value: string) => {
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(value)) throw new BadSetting("a time of day such as 08:00");
  return value;
};
/** `8d:0,48h:5,24h:10,0h:20`: from that long before departure, that many percent. */
function refundGrades(value: string): readonly RefundGrade[] {
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
const printGrades = (grades: readonly RefundGrade[]) =>
  grades.map(({ atLeastMs, feeBasisPoints }) => `${atLeastMs / hourMs}h:${feeBasisPoints / 100}`).join(",");

const settings = {
  port: setting("PORT", "8080", "Port to serve on; 0 takes any free one.", wholeNumber(0, 65_535)),
  host: setting("HOST", "0.0.0.0", "Address to listen on.", text),
  dataDir: setting("DATA_DIR", "data", "Folder for everything that must survive: database, log, keys.", text),
  publicUrl: setting("PUBLIC_URL", "", "How passengers reach this site; empty for http://localhost:PORT.", text),
  trustProxy: setting("TRUST_PROXY", "0", "1 behind a proxy whose X-Forwarded headers can be believed.", yesOrNo),
  logLevel: setting(
    "LOG_LEVEL",
    "",
    "debug, info, warn, error or silent; empty: warn on a terminal, else info.",
    (value) => (value === "" ? null : logLevel(value)),
  ),
  saleWindowDays: setting(
    "SALE_WINDOW_DAYS",
    String(saleWindowDaysDefault),
    "Days on sale, today included.",
    wholeNumber(1, 60),
  ),
  openingTime: setting("SALE_OPENING_TIME", "08:00", "Local time at which a new day opens for sale.", timeOfDay),
  saleClosesBeforeMs: setting(
    "SALE_CLOSES_MINUTES",
    String(saleClosesBeforeDepartureMs / minuteMs),
    "Sale ends this many minutes before departure.",
    (value) => wholeNumber(0, 1_440)(value) * minuteMs,
  ),
  paymentTimeoutMs: setting(
    "PAYMENT_TIMEOUT_SECONDS",
    String(paymentTimeoutMsDefault / secondMs),
    "An order that is not paid within this time expires.",
    (value) => wholeNumber(1, 86_400)(value) * secondMs,
  ),
  refundGrades: setting(
    "REFUND_GRADES",
    printGrades(refundGradesDefault),
    "Refund fees: time before departure : percent, longest first.",
    refundGrades,
  ),
  demoSeed: setting(
    "DEMO_SEED",
    "1",
    "Seed of the demo network made where no timetable was imported.",
    wholeNumber(0, 2 ** 31),
  ),
} as const;

type Settings = typeof settings;
export type Config = { readonly [Name in keyof Settings]: Settings[Name] extends Setting<infer T> ? T : never };

export function readConfig(environment: Record<string, string | undefined>): Config {
  const entries = Object.entries(settings).map(([name, each]) => {
    const given = environment[each.env];
    try {
      return [name, each.read(given ?? each.byDefault)];
    } catch (error) {
      if (!(error instanceof BadSetting)) throw error;
      throw new BadSetting(`${each.env}="${given}" cannot be used: it takes ${error.message}.`);
    }
  });
  return Object.fromEntries(entries) as Config;
}

export type ShownSetting = {
  readonly env: string;
  readonly value: string;
  readonly source: "default" | "environment";
  readonly about: string;
};

/** Every setting with its value and where it came from. */
export const showConfig = (environment: Record<string, string | undefined>): ShownSetting[] =>
  Object.values(settings).map(({ env, byDefault, about }) => {
    const given = environment[env];
    return { env, value: given ?? byDefault, source: given === undefined ? "default" : "environment", about };
  });
