/** What a change of quotas would do is what it does. */
import { expect, test } from "bun:test";
import { epochMs, type OrderId } from "@chepiao/kernel";
import type { RecordedHold } from "@chepiao/contracts";
import type { StationQuota } from "@chepiao/ports/quota-store";
import { eve } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { quotaEffects } from "./quotaEffect.ts";
import { firstRun } from "./quotas.suite.ts";

const quota = (from: string[] | null, to: string[] | null, seats: number | null): StationQuota => ({
  fromStations: from,
  toStations: to,
  limits: [{ since: epochMs(0), seats }],
});
const held = (seats: number, fromStop: number, toStop: number, first = 0): RecordedHold => ({
  holdId: (100 + first) as OrderId,
  line: 0,
  run: firstRun,
  seatClass: "second",
  fromStop,
  toStop,
  seatIndexes: Array.from({ length: seats }, (_, n) => first + n),
  deadline: null,
});
const asked = { run: firstRun, seatClass: "second" as const };

test("of each group it says what is held, what may be sold before and after, and what is held beyond the quota", async () => {
  const holds = [held(9, 0, 3), held(6, 0, 1, 9), held(4, 2, 3, 9)];
  const before = [quota(["S0"], null, 30)];
  const after = [quota(["S0"], null, 12), quota(["S0"], ["S3"], 10), quota(null, ["S3"], null)];
  expect(await quotaEffects({ ...asked, before, after, holds }, eve)).toEqual([
    {
      group: { fromStations: ["S0"], toStations: null },
      held: 15,
      before: { limit: 30, sellable: 15, beyond: 0 },
      after: { limit: 12, sellable: 0, beyond: 3 },
    },
    {
      group: { fromStations: ["S0"], toStations: ["S3"] },
      held: 9,
      before: { limit: null, sellable: 15, beyond: 0 },
      // It has one left, and the group around it none.
      after: { limit: 10, sellable: 0, beyond: 0 },
    },
    {
      group: { fromStations: null, toStations: ["S3"] },
      held: 13,
      before: { limit: null, sellable: 41, beyond: 0 },
      after: { limit: null, sellable: 41, beyond: 0 },
    },
  ]);
});

test("quotas that are dropped are told with what may be sold then", async () => {
  const before = [quota(null, null, 0)];
  expect(await quotaEffects({ ...asked, before, after: [], holds: [] }, eve)).toEqual([
    {
      group: { fromStations: null, toStations: null },
      held: 0,
      before: { limit: 0, sellable: 0, beyond: 0 },
      after: { limit: null, sellable: 50, beyond: 0 },
    },
  ]);
});
