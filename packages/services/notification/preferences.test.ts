/** Quiet hours by the clock of the person, held against a twin that looks at every minute. */
import { expect, test } from "bun:test";
import { preferencesDefault } from "@chepiao/contracts";
import { type EpochMs, epochMs, formatInZone, hourMs, minuteMs, type ZoneName } from "@chepiao/kernel";
import fc from "fast-check";
import { decideWanted, quietUntil } from "./preferences.ts";

type Quiet = NonNullable<Parameters<typeof quietUntil>[0]>;
const clockAt = (at: EpochMs, zone: string) => formatInZone(at, zone as ZoneName).slice(11, 16);

/** Is it quiet at that minute of the clock? Goes round the clock from `from`. */
function isQuiet({ from, until, zone }: Quiet, at: EpochMs): boolean {
  const now = clockAt(at, zone);
  return from <= until ? from <= now && now < until : now >= from || now < until;
}

const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":"));
const instant = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }).map(epochMs);

test("quiet hours end at the first minute that is not quiet, across midnight and in zones of half hours, too", () => {
  const zone = fc.constantFrom("Asia/Shanghai", "Asia/Kathmandu", "UTC", "America/Phoenix");
  fc.assert(
    fc.property(clock, clock, zone, instant, (from, until, where, now) => {
      const quiet = { from, until, zone: where };
      let end = epochMs(now - (now % minuteMs));
      while (isQuiet(quiet, end)) end = epochMs(end + minuteMs);
      expect(quietUntil(quiet, now)).toBe(isQuiet(quiet, now) ? end : null);
    }),
    { numRuns: 200 },
  );
});

test("where clocks are changed in the night, what is held back is asked about again, and no more than an hour too late", () => {
  const quiet = { from: "22:00", until: "07:00", zone: "Europe/Berlin" };
  for (const evening of ["2026-03-28T22:30:00+01:00", "2026-10-24T22:30:00+02:00"]) {
    let at = epochMs(Date.parse(evening));
    for (let next = quietUntil(quiet, at); next !== null; next = quietUntil(quiet, at)) at = next;
    expect(clockAt(at, quiet.zone) >= "07:00" && clockAt(at, quiet.zone) <= "08:00").toBe(true);
    expect(at - Date.parse(evening)).toBeLessThan(11 * hourMs);
  }
});

test("no hour is quiet where both ends are one, and what nobody can do without is wanted whatever was chosen", () => {
  const now = epochMs(Date.parse("2026-11-20T23:00:00+08:00"));
  const quiet = { from: "22:00", until: "07:00", zone: "Asia/Shanghai" };
  expect(quietUntil({ ...quiet, from: "07:00" }, now)).toBeNull();
  expect(decideWanted("orderExpired", preferencesDefault, now)).toEqual({ kind: "now" });
  expect(decideWanted("orderExpired", { ...preferencesDefault, notMailed: ["orderExpired"], quiet }, now)).toEqual({
    kind: "never",
  });
  expect(decideWanted("ticketsBooked", { ...preferencesDefault, quiet }, now)).toEqual({
    kind: "later",
    at: epochMs(Date.parse("2026-11-21T07:00:00+08:00")),
  });
  for (const kind of ["trainCancelled", "trainShortened"] as const)
    expect(decideWanted(kind, { ...preferencesDefault, quiet }, now)).toEqual({ kind: "now" });
});
