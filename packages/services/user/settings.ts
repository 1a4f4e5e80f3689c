/** Settings of the user room. */
import {
  dayMs,
  hourMs,
  registrationsPerAddressDayDefault,
  registrationsPerAddressHourDefault,
  sessionLifetimeMsDefault,
  unprovedAccountsKeptDaysDefault,
  unprovedAccountsKeptDaysMin,
} from "@chepiao/kernel";
import { setting, wholeNumber } from "@chepiao/room";

export const registrationsPerAddressHour = setting(
  "REGISTRATIONS_PER_ADDRESS_HOUR",
  String(registrationsPerAddressHourDefault),
  "Registrations that one address (of IPv6 one /64) may send in an hour; more where a school has one address.",
  wholeNumber(1, 1_000_000),
);

export const registrationsPerAddressDay = setting(
  "REGISTRATIONS_PER_ADDRESS_DAY",
  String(registrationsPerAddressDayDefault),
  "The same of a day.",
  wholeNumber(1, 1_000_000),
);

export const unprovedAccountsKeptMs = setting(
  "UNPROVED_ACCOUNTS_KEPT_DAYS",
  String(unprovedAccountsKeptDaysDefault),
  "An account that has proved neither phone, mail address nor document, and bought nothing, is erased so many days after it was opened.",
  (value) => wholeNumber(unprovedAccountsKeptDaysMin, 36_500)(value) * dayMs,
);

export const sessionLifetimeMs = setting(
  "SESSION_LIFETIME_HOURS",
  String(sessionLifetimeMsDefault / hourMs),
  "A session ends so long after it was opened, however much it is used; unused it ends after 30 minutes.",
  (value) => wholeNumber(1, 24 * 30)(value) * hourMs,
);
