/** What a source has said of a run, and until when a ticket is given back for it. */
import { expect, test } from "bun:test";
import { runId } from "@chepiao/contracts";
import { type EpochMs, epochMs, minuteMs, type ServiceDate } from "@chepiao/kernel";
import { cancellationStandsMs, owedUntil } from "./cancellations.ts";
import { operatorSource } from "./cancelledRuns.ts";
import type { Cancellation } from "./run-states.ts";

const run = runId("G1", "2026-12-01" as ServiceDate);
const at = (minute: number): EpochMs => epochMs(minute * minuteMs);
const lastAt = at(100_000);
const departAt = at(1_000);
const byFeed: Cancellation = { source: "a", runId: run, since: at(0), endedAt: null, skipped: null };
const byOperator: Cancellation = { ...byFeed, source: operatorSource(run) };
const owed = (
  cancellation: Cancellation,
  now: number,
  boughtAt = -1,
  [fromStop, toStop]: readonly [number, number] = [1, 3],
) => owedUntil(cancellation, { fromStop, toStop, departAt }, at(boughtAt), at(now), lastAt);

test("a feed that says it for a moment frees nobody of a fee; an operator does at once", () => {
  const stands = cancellationStandsMs / minuteMs;
  expect([owed(byFeed, stands - 1), owed(byFeed, stands)]).toEqual([null, lastAt]);
  expect(owed({ ...byFeed, endedAt: at(stands - 1) }, 50_000)).toBeNull();
  expect(owed(byOperator, 0)).toBe(lastAt);
});

test("a feed that does not name a train any more after its day takes nothing from anybody", () => {
  expect(owed({ ...byFeed, endedAt: at(1_500) }, 50_000)).toBe(lastAt);
  expect(owed({ ...byFeed, endedAt: departAt }, 50_000)).toBe(lastAt);
});

test("a train that runs after all is given back free until it leaves, by those who had bought it while it did not run", () => {
  const ended = { ...byFeed, endedAt: at(600) };
  expect([owed(ended, 700), owed(ended, 700, 599), owed(ended, 700, 600)]).toEqual([departAt, departAt, null]);
});

test("where it does not call somewhere, only who gets in or out there is owed anything", () => {
  const shortened = { ...byOperator, skipped: [0, 3] };
  expect(owed(shortened, 5, -1, [1, 2])).toBeNull();
  const ways: readonly [number, number][] = [
    [0, 3],
    [0, 1],
    [1, 3],
  ];
  for (const way of ways) expect(owed(shortened, 5, -1, way)).toBe(lastAt);
});
