/** What an operator may set about the waitlist, with its defaults. */
import { minuteMs, waitlistPendingMaxDefault, waitlistPrepayMsDefault } from "@chepiao/kernel";
import { BadSetting, setting, wholeNumber } from "@chepiao/room";

export const waitlistPendingMax = setting(
  "WAITLIST_PENDING_MAX",
  String(waitlistPendingMaxDefault),
  "Entries of one account that may wait at a time, for their prepayment or for seats.",
  wholeNumber(0, 100),
);

export const waitlistPrepayMs = setting(
  "WAITLIST_PREPAY_MINUTES",
  String(waitlistPrepayMsDefault / minuteMs),
  "An entry of the waitlist that is not prepaid within this time ends.",
  (value) => wholeNumber(1, 1_440)(value) * minuteMs,
);

export const waitlistCrowdingRatio = setting(
  "WAITLIST_CROWDING_RATIO",
  "0",
  "A class whose waiting passengers are more than so many times its seats takes no entries; 0 for any number.",
  (value) => {
    const ratio = Number(value);
    if (value.trim() === "" || !Number.isFinite(ratio) || ratio < 0 || ratio > 1_000)
      throw new BadSetting("a number from 0 to 1000");
    return ratio;
  },
);

export type WaitlistSettings = {
  readonly pendingMax: number;
  readonly prepayMs: number;
  /** 0: any number. */
  readonly crowdingRatio: number;
};
