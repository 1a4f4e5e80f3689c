/** What every store of withdrawn coaches keeps to. */
import { expect, test } from "bun:test";
import { runId } from "@chepiao/contracts";
import { epochMs, type OrderId, serviceDate } from "@chepiao/kernel";
import type { ReseatResult, WithdrawnCoaches, WithdrawnCoachStore } from "./withdrawnCoaches.ts";

const on = (train: string, coachNos: readonly number[], date = "2026-12-01"): WithdrawnCoaches => ({
  runId: runId(train, serviceDate(date)),
  coachNos,
  lost: [],
});
const lost = (no: number, since: number) => ({ no, since: epochMs(since) });
const byRun = (runs: readonly WithdrawnCoaches[]) => runs.toSorted((a, b) => (a.runId < b.runId ? -1 : 1));

export function withdrawnCoachStoreSuite(adapter: string, open: () => Promise<WithdrawnCoachStore>): void {
  test(`${adapter}: withdrawn coaches are read as they were set, each once, and replaced run by run`, async () => {
    const store = await open();
    expect(await store.all()).toEqual({ version: 0, runs: [] });
    expect([await store.version(), await store.ofRuns([on("G1", []).runId])]).toEqual([0, []]);
    expect(await store.set(0, on("G1", [12, 3, 12]))).toBe(1);
    expect(await store.set(1, on("G2", [1]))).toBe(2);
    expect(await store.set(2, on("G1", [3]))).toBe(3);
    expect([await store.version(), await store.ofRuns([on("G1", []).runId])]).toEqual([3, [on("G1", [3])]]);
    expect(await store.ofRuns([])).toEqual([]);
    const { version, runs } = await store.all();
    expect([version, byRun(runs)]).toEqual([3, [on("G1", [3]), on("G2", [1])]]);
  });

  test(`${adapter}: who follows hears of a run of which all was put on sale again`, async () => {
    const store = await open();
    await store.set(0, on("G1", [3]));
    await store.set(1, on("G1", []));
    expect(await store.all()).toEqual({ version: 2, runs: [on("G1", [])] });
  });

  test(`${adapter}: those that are lost are among those that are withdrawn, each since its moment`, async () => {
    const store = await open();
    const both = { ...on("G1", [4, 2]), lost: [lost(4, 1_700_000_000_000), lost(2, 5), lost(7, 5)] };
    await store.set(0, both);
    const kept = { ...on("G1", [2, 4]), lost: [lost(2, 5), lost(4, 1_700_000_000_000)] };
    expect(await store.ofRuns([both.runId, on("G2", []).runId, both.runId])).toEqual([kept]);
    expect(await store.all()).toEqual({ version: 1, runs: [kept] });
    await store.set(1, { ...kept, coachNos: [4] });
    expect(await store.ofRuns([both.runId])).toEqual([{ ...kept, coachNos: [4], lost: [lost(4, 1_700_000_000_000)] }]);
  });

  test(`${adapter}: what a run was exchanged for is kept with the coaches that are withdrawn of it, until that is said otherwise`, async () => {
    const store = await open();
    const composition = (code: string, no: number) => ({
      code,
      coaches: [{ no, sections: [{ seatClass: "second" as const, rows: 2 }] }],
    });
    const exchange = {
      compositions: [composition("A", 1), composition("B", 2)] as const,
      since: epochMs(1_700_000_000_000),
      closedAt: null,
      openedAt: null,
    };
    const exchanged = { ...on("G1", []), exchange };
    await store.set(0, exchanged);
    await store.set(1, on("G2", [1]));
    expect(await store.ofRuns([exchanged.runId])).toEqual([exchanged]);
    const further = { ...on("G1", [2]), exchange: { ...exchange, closedAt: epochMs(5), openedAt: epochMs(6) } };
    await store.set(2, further);
    expect(byRun((await store.all()).runs)).toEqual([further, on("G2", [1])]);
    await store.set(3, on("G1", [2]));
    expect(await store.ofRuns([exchanged.runId])).toEqual([on("G1", [2])]);
  });

  test(`${adapter}: of two who withdraw at once, one hears that somebody was quicker and has changed nothing`, async () => {
    const store = await open();
    await store.set(0, on("G1", [1]));
    const both = await Promise.all([store.set(1, on("G1", [2])), store.set(1, on("G2", [3]))]);
    expect(both.filter((each) => each === null)).toHaveLength(1);
    expect(await store.set(0, on("G4", [4]))).toBeNull();
    const expected = both[0] !== null ? [on("G1", [2])] : [on("G1", [1]), on("G2", [3])];
    const { version, runs } = await store.all();
    expect([version, byRun(runs)]).toEqual([2, expected]);
  });

  test(`${adapter}: runs of days before are forgotten, and versions go on`, async () => {
    const store = await open();
    await store.set(0, on("G1", [1], "2026-12-02"));
    await store.set(1, on("G1", [1]));
    expect(await store.forgetBefore(serviceDate("2026-12-02"))).toBe(1);
    expect(await store.all()).toEqual({ version: 2, runs: [on("G1", [1], "2026-12-02")] });
    expect(await store.set(1, on("G2", [2]))).toBeNull();
    expect(await store.set(2, on("G2", [2]))).toBe(3);
  });

  test(`${adapter}: what became of an order is one row, in which tickets gather and the last reason stands, and is forgotten with its run`, async () => {
    const store = await open();
    const [run, other] = [on("G1", []).runId, on("G1", [], "2026-12-02").runId];
    const result = (orderId: number, ticketNos: readonly string[], why: string | null, at = 5): ReseatResult => ({
      orderId: orderId as OrderId,
      ticketNos,
      why,
      at: epochMs(at),
    });
    await store.noteReseats(run, []);
    expect(await store.reseats(run)).toEqual([]);
    const many = Array.from({ length: 250 }, (_, n) => result(1_000 + n, [`${n}-1`], null));
    await store.noteReseats(run, [result(7, ["7-2"], "SoldOut"), result(2 ** 50, ["8-1"], null), ...many]);
    await store.noteReseats(run, [result(7, ["7-1", "7-2"], "x".repeat(600), 1_700_000_000_000)]);
    await store.noteReseats(other, [result(7, ["7-3"], null)]);
    const rows = await store.reseats(run);
    expect(rows).toHaveLength(252);
    expect(rows[0]).toMatchObject({ orderId: 7, ticketNos: ["7-1", "7-2"], at: 1_700_000_000_000 });
    expect(rows[0]!.why).toStartWith("x".repeat(500));
    expect(rows.at(-1)).toEqual(result(2 ** 50, ["8-1"], null));
    await store.noteReseats(run, [result(7, ["7-2"], null)]);
    expect((await store.reseats(run))[0]).toEqual(result(7, ["7-1", "7-2"], null));
    await store.forgetBefore(serviceDate("2026-12-02"));
    expect([await store.reseats(run), (await store.reseats(other)).length]).toEqual([[], 1]);
  });
}
