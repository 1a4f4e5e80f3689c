/** Settings of the waitlist room. */
import { setting, wholeNumber } from "@chepiao/room";

/** Who puts a request together on the site asks anew with each train, class and passenger. */
export const chancesPerMinuteDefault = 30;

export const chancesPerAccountMinute = setting(
  "WAITLIST_CHANCES_PER_ACCOUNT_MINUTE",
  String(chancesPerMinuteDefault),
  "How often an account may ask in a minute how likely seats are: each answer looks into the seats of up to 60 trains.",
  wholeNumber(1, 1_000),
);
