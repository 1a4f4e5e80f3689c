/** What it costs to ask how likely seats are. */
import { expect, test } from "bun:test";
import { policyDefault, type WaitingPlace } from "@chepiao/contracts";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryWaitlistStore } from "@chepiao/ports/waitlist-store";
import { createChances } from "./chances.ts";
import { timetableOf, trainsOn } from "./railwayRules.suite.ts";
import { day, now } from "./testing.ts";

test("of many trains each is asked about as a whole, and the classes of the first six by themselves", async () => {
  const asked: WaitingPlace[] = [];
  const chances = createChances({
    clock: { now: () => now },
    timetable: () => timetableOf(policyDefault),
    store: createMemoryWaitlistStore(createMemoryOutbox()),
    inventory: {
      async ahead(places) {
        asked.push(...places);
        return places.map((_, n) => n);
      },
    },
  });
  const answer = await chances.asked({ from: "A", to: "C", choices: trainsOn([day], 8), passengerCount: 1 });
  const choices = answer.ok ? answer.value.choices : [];
  expect(choices.map(({ choice }) => choice)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(choices.map(({ seatClasses }) => seatClasses.map(({ ahead }) => ahead).join())).toEqual([
    "1",
    "3",
    "5",
    "7",
    "9",
    "11",
    "",
    "",
  ]);
  expect(asked.map(({ run }) => run.train.trainNumber).slice(-4)).toEqual(["G6", "G6", "G7", "G8"]);
});
