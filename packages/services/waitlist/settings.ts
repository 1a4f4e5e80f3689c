/** Settings of the waitlist room. */
import { dayMs, waitlistEntriesKeptDaysDefault, waitlistEntriesKeptDaysMin } from "@chepiao/kernel";
import { setting, wholeNumber } from "@chepiao/room";

/** Who puts a request together on the site asks anew with each train, class and passenger. */
export const chancesPerMinuteDefault = 30;

export const chancesPerAccountMinute = setting(
  "WAITLIST_CHANCES_PER_ACCOUNT_MINUTE",
  String(chancesPerMinuteDefault),
  "How often an account may ask in a minute how likely seats are: each answer looks into the seats of up to 60 trains.",
  wholeNumber(1, 1_000),
);

export const entriesKeptMs = setting(
  "WAITLIST_ENTRIES_KEPT_DAYS",
  String(waitlistEntriesKeptDaysDefault),
  "Entries of the waitlist are deleted so many days after they ended; what they paid and got back stays in the books.",
  (value) => wholeNumber(waitlistEntriesKeptDaysMin, 36_500)(value) * dayMs,
);
