/** Who may buy which ticket, and what it costs of an adult's, as the railway's rules have it. Pure. */
import type { DiscountClass, Discounts, Railway, TicketType, TrainType } from "@chepiao/contracts";
import type { Messages } from "../messages/zh.ts";

type Rules = Pick<Railway, "childBelow" | "discounts"> &
  Partial<Pick<Railway, "childWithAdult" | "multipleUnitDiscounts" | "studentTrips">>;

const multipleUnits = ["highSpeed", "emu", "intercity"] as const;

/** Those that the railway sells; until its rules are known, all. */
export function typesSold(rules: Rules | undefined, messages: Messages): readonly TicketType[] {
  const all = Object.keys(messages.ticketTypes) as TicketType[];
  return rules ? all.filter((type) => type === "adult" || rules.discounts[type] !== undefined) : all;
}

/** @param trainType what passengers of this railway call a kind of train */
export function typeRule(
  type: TicketType,
  rules: Rules | undefined,
  messages: Messages,
  trainType: (type: TrainType) => string,
): string {
  const who = type === "child" && rules ? messages.book.childBelow(rules.childBelow) : messages.ticketTypeRules[type];
  const discounts = type === "adult" ? undefined : rules?.discounts[type];
  if (type === "adult" || !rules || !discounts) return who;
  const ofUnits = sharesOf(rules.multipleUnitDiscounts?.[type], messages);
  const units = multipleUnits.map(trainType);
  return [
    who,
    messages.book.pays(messages.listOf(sharesOf(discounts, messages))),
    ...(ofUnits.length === 0 ? [] : [messages.book.onUnits(messages.listOf(units), messages.listOf(ofUnits))]),
    ...(type === "child" && rules.childWithAdult ? [messages.book.childWithAdult] : []),
    ...(type === "student" && rules.studentTrips
      ? [messages.book.studentTripsPerYear(rules.studentTrips.perYear)]
      : []),
  ].join(" ");
}

const sharesOf = (discounts: Discounts["child"], messages: Messages): string[] =>
  Object.entries(discounts ?? {}).map(([seatClass, discount]) => {
    const name = messages.classes[seatClass as DiscountClass];
    return typeof discount === "number"
      ? messages.book.share(name, discount)
      : messages.book.seatShare(name, discount.seatPart);
  });
