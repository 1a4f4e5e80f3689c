/** 4.15: at which hours tickets are bought. */
import { expect, test } from "bun:test";
import { type EpochMs, epochMs, formatInZone, type ZoneName } from "@chepiao/kernel";
import type { ServiceHours } from "./policy.ts";
import { serviceOpensAt, servicePause } from "./serviceHours.ts";

const shanghai = "Asia/Shanghai" as ZoneName;
/** As 12306 sells: 2026-12-01 is a Tuesday. */
const ofChina: ServiceHours = { from: "05:00", to: "01:00", weekdays: { tuesday: { to: "24:00" } } };

function said(hours: ServiceHours | undefined, at: string, zone: ZoneName = shanghai): string {
  const opensAt = serviceOpensAt(hours, zone, epochMs(Date.parse(at)));
  return opensAt === null ? "open" : formatInZone(opensAt, zone);
}

test("4.15: from five in the morning to one at night, to the millisecond", () => {
  expect(said(ofChina, "2026-11-30T00:59:59.999+08:00")).toBe("open");
  expect(said(ofChina, "2026-11-30T01:00:00+08:00")).toBe("2026-11-30T05:00:00+08:00");
  expect(said(ofChina, "2026-11-30T04:59:59.999+08:00")).toBe("2026-11-30T05:00:00+08:00");
  expect(said(ofChina, "2026-11-30T05:00:00+08:00")).toBe("open");
  expect(said(ofChina, "2026-11-30T23:59:59+08:00")).toBe("open");
});

test("4.15: an end of its own is that of the hours that begin on the weekday, and the evening before lasts into it", () => {
  expect(said(ofChina, "2026-12-01T00:59:00+08:00")).toBe("open");
  expect(said(ofChina, "2026-12-01T23:59:59.999+08:00")).toBe("open");
  expect(said(ofChina, "2026-12-02T00:00:00+08:00")).toBe("2026-12-02T05:00:00+08:00");
  expect(said(ofChina, "2026-12-03T00:30:00+08:00")).toBe("open");
});

test("hours within a day end on it, and the next begin on the day after, when that weekday says", () => {
  const office: ServiceHours = { from: "09:00", to: "17:30", weekdays: { tuesday: { from: "10:00" } } };
  expect(said(office, "2026-11-30T17:29:59+08:00")).toBe("open");
  expect(said(office, "2026-11-30T17:30:00+08:00")).toBe("2026-12-01T10:00:00+08:00");
  expect(said(office, "2026-12-01T17:30:00+08:00")).toBe("2026-12-02T09:00:00+08:00");
});

test("tickets are bought at any hour where there are none, and where hours begin as they end", () => {
  for (let hour = 0; hour < 24; hour++) {
    const at = `2026-12-02T${String(hour).padStart(2, "0")}:00:00+08:00`;
    expect([said(undefined, at), said({ from: "05:00", to: "05:00" }, at)]).toEqual(["open", "open"]);
    expect(said({ from: "00:00", to: "24:00" }, at)).toBe("open");
  }
});

test("a weekday on which nothing is sold has no hours that begin on it; the evening before still ends on it", () => {
  const noSunday: ServiceHours = { from: "05:00", to: "01:00", weekdays: { sunday: "closed" } };
  // 2026-12-06 is a Sunday.
  expect(said(noSunday, "2026-12-06T00:59:59+08:00")).toBe("open");
  expect(said(noSunday, "2026-12-06T01:00:00+08:00")).toBe("2026-12-07T05:00:00+08:00");
  expect(said(noSunday, "2026-12-07T00:30:00+08:00")).toBe("2026-12-07T05:00:00+08:00");
  expect(said(noSunday, "2026-12-07T05:00:00+08:00")).toBe("open");
});

test("no pause where tickets are sold all the time", () => {
  const at = epochMs(Date.parse("2026-12-02T12:00:00+08:00"));
  expect(servicePause(undefined, shanghai, at)).toBeNull();
  expect(servicePause({ from: "00:00", to: "24:00" }, shanghai, at)).toBeNull();
});

test("hours are those of the clock on the railway's wall, also in the nights on which it is changed", () => {
  const berlin = "Europe/Berlin" as ZoneName;
  const night: ServiceHours = { from: "05:00", to: "02:30" };
  // 02:00 becomes 03:00, and half past two is as long after that as it would have been.
  expect(said(night, "2027-03-28T00:59:59Z", berlin)).toBe("open");
  expect(said(night, "2027-03-28T01:30:00Z", berlin)).toBe("2027-03-28T05:00:00+02:00");
  // 03:00 becomes 02:00: the first half past two is the end.
  expect(said(night, "2027-10-31T00:29:59Z", berlin)).toBe("open");
  expect(said(night, "2027-10-31T00:30:00Z", berlin)).toBe("2027-10-31T05:00:00+01:00");
  expect(said(night, "2027-10-31T01:15:00Z", berlin)).toBe("2027-10-31T05:00:00+01:00");
});

test("at every fifth minute of a week hours say what a look at the clock and the weekday says", () => {
  const days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
  const minute = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  /** The slow way, where no clock is changed. */
  function isOpen(hours: ServiceHours, at: EpochMs): boolean {
    const local = new Date(at + 8 * 3_600_000);
    const now = local.getUTCHours() * 60 + local.getUTCMinutes();
    const of = (day: number) => {
      const own = hours.weekdays?.[days[(day + 7) % 7]!];
      return own === "closed" ? null : { ...hours, ...own };
    };
    const [today, yesterday] = [of(local.getUTCDay()), of(local.getUTCDay() - 1)];
    const isLong = ({ from, to }: ServiceHours) => minute(to) <= minute(from);
    const begun = today !== null && now >= minute(today.from) && (isLong(today) || now < minute(today.to));
    return begun || (yesterday !== null && isLong(yesterday) && now < minute(yesterday.to));
  }
  const start = Date.parse("2026-11-30T00:00:00+08:00");
  const others: ServiceHours = {
    from: "22:15",
    to: "03:45",
    weekdays: { friday: { from: "00:00" }, sunday: { to: "22:40" } },
  };
  const oneDay = Object.fromEntries(days.map((day) => [day, day === "thursday" ? {} : "closed"]));
  const closed: ServiceHours = { ...others, weekdays: { ...others.weekdays, saturday: "closed", sunday: "closed" } };
  for (const hours of [ofChina, others, closed, { ...ofChina, weekdays: oneDay }])
    for (let at = start; at < start + 7 * 86_400_000; at += 5 * 60_000) {
      const opensAt = serviceOpensAt(hours, shanghai, epochMs(at));
      expect([at, opensAt === null]).toEqual([at, isOpen(hours, epochMs(at))]);
      const pause = servicePause(hours, shanghai, epochMs(at))!;
      // Now where nothing is open, else ahead; between its ends nothing is sold, and beside them something is.
      expect([at, pause.closesAt <= at]).toEqual([at, opensAt !== null]);
      expect(pause.opensAt).toBeGreaterThan(at);
      expect(
        [pause.closesAt - 1, pause.closesAt, pause.opensAt - 1, pause.opensAt].map((each) =>
          isOpen(hours, epochMs(each)),
        ),
      ).toEqual([true, false, false, true]);
      if (opensAt === null) continue;
      expect(opensAt).toBe(pause.opensAt);
      expect(opensAt).toBeGreaterThan(at);
      expect(serviceOpensAt(hours, shanghai, opensAt)).toBeNull();
      expect(serviceOpensAt(hours, shanghai, epochMs(opensAt - 1))).toBe(opensAt);
    }
});
