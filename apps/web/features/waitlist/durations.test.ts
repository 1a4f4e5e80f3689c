/** A time before departure is never said in parts of an hour or a day. */
import { expect, test } from "bun:test";
import { en } from "../../messages/en.ts";
import { waitlistEn } from "../../messages/waitlist.en.ts";
import { beforeText } from "./durations.ts";

test("minutes unless whole hours, hours unless whole days", () => {
  const told = (minutes: number) => beforeText(minutes, en, waitlistEn);
  const minutes = (count: number) => waitlistEn.beforeDeparture(waitlistEn.minutes(count));
  for (const count of [0, 20, 90, 100, 1_441]) expect(told(count)).toBe(minutes(count));
  for (const hours of [1, 6, 23, 25, 36])
    expect(told(hours * 60)).toBe(waitlistEn.beforeDeparture(en.help.hours(hours)));
  for (const days of [1, 2]) expect(told(days * 1_440)).toBe(waitlistEn.beforeDeparture(en.help.days(days)));
});
