/** What an address says of journeys, and what becomes of a broken one. */
import { expect, test } from "bun:test";
import type { JourneyPlan } from "@chepiao/contracts";
import { legsOf, readChoices, withChange } from "./choices.ts";

test("choices are read from the address, and what cannot be is passed over", () => {
  const read = (text: string, partyMax = 9) => readChoices(new URLSearchParams(text), partyMax);
  expect(read("")).toEqual({ sort: "arrival", passengers: 1, seatClass: null, changes: 1 });
  expect(read("by=price&party=4&seat=first&changes=2")).toEqual({
    sort: "price",
    passengers: 4,
    seatClass: "first",
    changes: 2,
  });
  for (const broken of ["by=luck", "party=0", "party=10", "party=1.5", "party=", "seat=third", "changes=3"])
    expect(read(broken)).toEqual(read(""));
  expect(read("party=6", 5)).toEqual(read("party=1", 5));
});

test("direct trains are left to the list of trains, and a journey is bought leg by leg", () => {
  const leg = { trainNumber: "G1", originDate: "2026-12-01", seatClass: "second" };
  const plan = {
    kind: "transfer",
    legs: [
      { ...leg, from: { stationId: "A" }, to: { stationId: "B" } },
      { ...leg, trainNumber: "G5", from: { stationId: "C" }, to: { stationId: "D" } },
    ],
  } as unknown as JourneyPlan;
  expect(withChange([{ ...plan, kind: "direct" }, plan])).toEqual([plan]);
  expect(legsOf(plan)).toEqual([
    { trainNumber: "G1", originDate: "2026-12-01", from: "A", to: "B", seatClass: "second" },
    { trainNumber: "G5", originDate: "2026-12-01", from: "C", to: "D", seatClass: "second" },
  ]);
});
