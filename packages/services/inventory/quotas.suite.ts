/** A railway for tests of quotas: G1 runs on three days over four stops, an hour apart, and its sale opens at 08:00 fourteen days before. */
import { type Run, type RunId, runId, type Timetable } from "@chepiao/contracts";
import { addDays, dayMs, daysBetween, epochMs, hourMs, type ServiceDate, type ZoneName } from "@chepiao/kernel";
import { coachesOf, testRun } from "@chepiao/ports/seat-store/seatStore.suite.ts";

export const firstRun = testRun(coachesOf(["second", 10], ["first", 4]), 4);
export const opening = epochMs(firstRun.dayStart - 14 * dayMs + 8 * hourMs);
export const saleDays = 14;
const days = 3;

export const runAfter = (n: number): Run => {
  const originDate = addDays(firstRun.originDate, n);
  return { ...firstRun, originDate, runId: runId("G1", originDate), dayStart: epochMs(firstRun.dayStart + n * dayMs) };
};

export const railway = {
  zone: "UTC" as ZoneName,
  knowsTrain: (trainNumber: string) => trainNumber === "G1",
  resolvePlace: (text: string) => (/^S\d$/.test(text) ? [text] : text === "城" ? ["S1", "S2"] : []),
  run(trainNumber: string, date: ServiceDate) {
    const n = daysBetween(firstRun.originDate, date);
    return trainNumber === "G1" && n >= 0 && n < days ? runAfter(n) : null;
  },
  saleOpensAt: ({ dayStart }: Run) => epochMs(dayStart - 14 * dayMs + 8 * hourMs),
} satisfies Partial<Timetable>;

export const idOf = (n: number): RunId => runAfter(n).runId;
