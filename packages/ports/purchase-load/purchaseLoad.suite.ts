/** What all that tell of load keep to. */
import { expect, test } from "bun:test";
import { runId } from "@chepiao/contracts";
import { epochMs, secondMs, serviceDate } from "@chepiao/kernel";
import { loadFreshMs, type ProcessLoad, type PurchaseLoad } from "./purchaseLoad.ts";

const now = epochMs(1_800_000_000_000);
const run = runId("G1", serviceDate("2027-01-20"));
const load = (waiting: number): ProcessLoad => ({ waiting, unwrittenMs: 1_500, tries: { [run]: 7 } });

export function purchaseLoadSuite(adapter: string, open: () => PurchaseLoad): void {
  test(`${adapter}: of each process that has spoken lately there is what it said last`, async () => {
    const told = open();
    expect(await told.recent(now)).toEqual([]);
    await told.note("one", load(3), now);
    await told.note("other", load(8), epochMs(now + secondMs));
    await told.note("one", load(5), epochMs(now + secondMs));
    const both = await told.recent(epochMs(now + 2 * secondMs));
    expect(both.toSorted((a, b) => a.waiting - b.waiting)).toEqual([load(5), load(8)]);
    await told.note("other", load(9), epochMs(now + 2 * secondMs));
    expect(await told.recent(epochMs(now + secondMs + loadFreshMs))).toEqual([load(9)]);
    expect(await told.recent(epochMs(now + 2 * secondMs + loadFreshMs))).toEqual([]);
  });
}
