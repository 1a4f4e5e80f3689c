/** The words of a notification, in the language of whoever reads it. */
import { type NotificationFacts, type NotificationKind, type Timetable, type ToldTrip } from "@chepiao/contracts";
import { fen, formatMoney } from "@chepiao/kernel";
import { notificationTexts, type Variable } from "./texts.ts";

export type Language = "zh" | "en";
export type WordsOf = {
  readonly language: Language;
  readonly timetable: Pick<Timetable, "policy" | "station">;
};
export type Words = { readonly title: string; readonly text: string };

export function wordsOf(kind: NotificationKind, facts: NotificationFacts, around: WordsOf): Words {
  const { language } = around;
  const { title, text } = notificationTexts[kind];
  const values = valuesOf(facts, around);
  return {
    title: title[language],
    text: text[language].replaceAll(/\{(\w+)\}/g, (_, name: Variable) => values[name]),
  };
}

function valuesOf(facts: NotificationFacts, { language, timetable }: WordsOf): Readonly<Record<Variable, string>> {
  const { currency } = timetable.policy.policy;
  const money = (amount = fen(0)) => formatMoney(amount, { language, currency });
  const trips = new Set(facts.trips.map((trip) => tripText(trip, language, timetable)));
  const more = facts.moreTrips ?? 0;
  return {
    orderNo: facts.orderNo ?? "",
    trips: [...trips, ...(more > 0 ? [moreText[language](more)] : [])].join(language === "zh" ? "；" : "; "),
    count: String(facts.count ?? 0),
    money: money(facts.moneyFen),
    fee: money(facts.feeFen),
  };
}

const moreText = { zh: (count: number) => `另有 ${count} 趟列车`, en: (count: number) => `${count} more trains` };

/** `2026-12-01T08:00:00+08:00`: the date and the minute that the clock of the station shows. */
const clockOf = (instant: string) => `${instant.slice(0, 10)} ${instant.slice(11, 16)}`;

function tripText(trip: ToldTrip, language: Language, timetable: WordsOf["timetable"]): string {
  const { trainNumber, fromStationId, fromName, toStationId, toName, departAt } = trip;
  if (language === "zh") return `${trainNumber} ${fromName}–${toName}，${clockOf(departAt)} 开`;
  const english = (stationId: string, name: string) => timetable.station(stationId)?.nameEn ?? name;
  return `${trainNumber} ${english(fromStationId, fromName)} – ${english(toStationId, toName)}, departs ${clockOf(departAt)}`;
}
