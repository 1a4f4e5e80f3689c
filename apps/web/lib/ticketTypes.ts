/** Who may buy which ticket, and what it costs of an adult's, as the railway's rules have it. Pure. */
import type { DiscountClass, Railway, TicketType } from "@chepiao/contracts";
import type { Messages } from "../messages/zh.ts";

type Rules = Pick<Railway, "childBelow" | "discounts">;

/** Those that the railway sells; until its rules are known, all. */
export function typesSold(rules: Rules | undefined, messages: Messages): readonly TicketType[] {
  const all = Object.keys(messages.ticketTypes) as TicketType[];
  return rules ? all.filter((type) => type === "adult" || rules.discounts[type] !== undefined) : all;
}

export function typeRule(type: TicketType, rules: Rules | undefined, messages: Messages): string {
  const who = type === "child" && rules ? messages.book.childBelow(rules.childBelow) : messages.ticketTypeRules[type];
  const discounts = type === "adult" ? undefined : rules?.discounts[type];
  const shares = Object.entries(discounts ?? {}).map(([seatClass, discount]) => {
    const name = messages.classes[seatClass as DiscountClass];
    return typeof discount === "number"
      ? messages.book.share(name, discount)
      : messages.book.seatShare(name, discount.seatPart);
  });
  return shares.length === 0 ? who : `${who} ${messages.book.pays(messages.listOf(shares))}`;
}
