/** What operators ask about the line of a run: how long it is, and whom one more coach would serve. */
import { expect, test } from "bun:test";
import type { Composition } from "@chepiao/contracts";
import { lengthsOf } from "./length.ts";
import { choiceOf, waitingEntry } from "./testing.ts";
import { oneMoreCoach } from "./whatIf.ts";

const composition: Composition = {
  code: "TEST",
  coaches: [
    { no: 1, sections: [{ seatClass: "first", rows: 1 }] },
    { no: 2, sections: [{ seatClass: "second", rows: 1 }] },
    { no: 3, sections: [{ seatClass: "second", rows: 1 }] },
  ],
};
const g1 = choiceOf(0).runId;
/** Two passengers each. */
const waiting = [
  waitingEntry({ choices: [choiceOf(0, { fromStop: 0, toStop: 2 })] }),
  waitingEntry({ choices: [choiceOf(0, { fromStop: 0, toStop: 1, toName: "乙", seatClasses: ["first", "second"] })] }),
  waitingEntry({ choices: [choiceOf(0, { fromStop: 1, toStop: 2, fromName: "乙" })] }),
  waitingEntry({ choices: [choiceOf(0, { fromStop: 0, toStop: 2 })] }),
  waitingEntry({ choices: [choiceOf(1)] }),
];

test("one more coach of a kind serves the line in its order, whole parties over whole ways, one seat after another", () => {
  expect(oneMoreCoach(composition, g1, waiting)).toEqual([
    { coachNo: 1, seats: [{ seatClass: "first", count: 4 }], entries: 1, passengers: 2 },
    { coachNo: 2, seats: [{ seatClass: "second", count: 5 }], entries: 3, passengers: 6 },
  ]);
});

test("the line of a run is as long as those who wait for it, by way and class", () => {
  expect(lengthsOf(g1, waiting)).toEqual([
    { from: "甲", to: "丙", seatClasses: ["second"], entries: 2, passengers: 4 },
    { from: "甲", to: "乙", seatClasses: ["first", "second"], entries: 1, passengers: 2 },
    { from: "乙", to: "丙", seatClasses: ["second"], entries: 1, passengers: 2 },
  ]);
});
