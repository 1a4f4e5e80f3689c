/** The rules of a store of run states. */
import { expect, test } from "bun:test";
import type { Notice, RunId, RunState } from "@chepiao/contracts";
import { type EpochMs, epochMs, type ServiceDate } from "@chepiao/kernel";
import { operatorSource } from "./cancelledRuns.ts";
import type { RunStates, RunStateStore } from "./run-states.ts";

const at = (minute: number): EpochMs => epochMs(Date.parse("2026-12-01T08:00:00Z") + minute * 60_000);
const serviceDate = (text: string) => text as ServiceDate;
const run = (id: string, more: Partial<RunState> = {}): RunState => ({
  runId: id as RunId,
  isCancelled: false,
  stops: [],
  ...more,
});
const said = (minute: number, runs: readonly RunState[], notices: readonly Notice[] = []): RunStates => ({
  at: at(minute),
  staleAt: at(minute + 10),
  runs,
  notices,
});
const late: RunState["stops"] = [
  { stop: 2, arriveDelayS: 540, departDelayS: null, isSkipped: false },
  { stop: 3, arriveDelayS: -60, departDelayS: 0, isSkipped: true },
];
const notice: Notice = {
  title: { zh: "大风", en: "Wind" },
  text: { zh: "", en: "Slow, and 'late'" },
  url: "https://example.org/a",
  from: at(0),
  until: null,
  trainNumbers: ["G1"],
  stationIds: [],
};

export function runStateStoreSuite(adapter: string, create: () => Promise<RunStateStore> | RunStateStore): void {
  test(`${adapter}: what a source says comes back, and moves the version`, async () => {
    const store = await create();
    expect(await store.read()).toEqual(new Map());
    const before = await store.version();
    const all = said(0, [run("G1/2026-12-01", { stops: late }), run("G2/2026-12-01", { isCancelled: true })], [notice]);
    expect(await store.replace("a", all, at(0))).toBe(true);
    expect(await store.read()).toEqual(new Map([["a", all]]));
    expect(await store.version()).toBeGreaterThan(before);
  });

  test(`${adapter}: what is not said any more is taken back, of that source alone`, async () => {
    const store = await create();
    const others = said(0, [run("G9/2026-12-01", { isCancelled: true })]);
    await store.replace("b", others, at(0));
    await store.replace("a", said(0, [run("G1/2026-12-01", { stops: late }), run("G2/2026-12-01")], [notice]), at(0));
    const newer = said(1, [run("G1/2026-12-01", { stops: late.slice(1) }), run("G3/2026-12-01")]);
    const version = await store.version();
    expect(await store.replace("a", newer, at(0))).toBe(true);
    expect(await store.version()).toBeGreaterThan(version);
    expect(await store.read()).toEqual(
      new Map([
        ["a", newer],
        ["b", others],
      ]),
    );
  });

  test(`${adapter}: what comes late changes nothing`, async () => {
    const store = await create();
    const newer = said(1, [run("G1/2026-12-01")]);
    await store.replace("a", newer, at(0));
    const version = await store.version();
    expect(await store.replace("a", said(0, []), at(0))).toBe(false);
    expect(await store.replace("a", said(1, []), at(0))).toBe(false);
    expect([await store.version(), await store.read()]).toEqual([version, new Map([["a", newer]])]);
  });

  test(`${adapter}: thousands of runs are said at once`, async () => {
    const store = await create();
    const many = (minute: number, delay: number) =>
      said(
        minute,
        Array.from({ length: 3_000 }, (_, n) =>
          run(`G${String(n).padStart(4, "0")}/2026-12-01`, {
            stops: [{ stop: 0, arriveDelayS: null, departDelayS: n % 2 === 0 ? delay : 0, isSkipped: false }],
          }),
        ),
      );
    await store.replace("a", many(0, 60), at(0));
    await store.replace("a", many(1, 120), at(0));
    expect((await store.read()).get("a")).toEqual(many(1, 120));
  });

  test(`${adapter}: that a run does not run is remembered when it is said no more, if it was said for long enough`, async () => {
    const store = await create();
    const [g1, g2] = ["G1/2026-12-01", "G2/2026-12-01"] as const;
    const off = (...ids: string[]) => ids.map((id) => run(id, { isCancelled: true }));
    await store.replace("a", said(0, off(g1)), at(0));
    await store.replace("a", said(8, off(g1, g2)), at(8));
    expect(await cancellations(store, g1, g2)).toEqual([`a ${g1} 0 - all`, `a ${g2} 8 - all`]);
    await store.replace("a", said(12, []), at(12));
    expect(await cancellations(store, g1, g2)).toEqual([`a ${g1} 0 12 all`]);
    // Said again, it begins anew.
    await store.replace("a", said(13, off(g1)), at(13));
    await store.replace("b", said(0, off(g1)), at(14));
    expect(await cancellations(store, g1)).toEqual([`a ${g1} 0 12 all`, `a ${g1} 13 - all`, `b ${g1} 14 - all`]);
    expect(await store.replace("a", said(1, []), at(30))).toBe(false);
    await store.forgetEnded(g2 as RunId);
    await store.forgetEnded(g1 as RunId);
    expect(await cancellations(store, g1)).toEqual([`a ${g1} 13 - all`, `b ${g1} 14 - all`]);
    expect(await store.cancellationsOf([])).toEqual([]);
  });

  test(`${adapter}: what an operator says is remembered at once, also of some stops, and not at all when it is taken back`, async () => {
    const store = await create();
    const id = "G1/2026-12-01" as RunId;
    const source = operatorSource(id);
    await store.replace(source, said(0, [run(id, { stops: late })]), at(0));
    expect(await cancellations(store, id)).toEqual([`${source} ${id} 0 - 3`]);
    await store.replace(source, said(1, [run(id, { isCancelled: true })]), at(1));
    expect(await cancellations(store, id)).toEqual([`${source} ${id} 1 - all`]);
    await store.replace(source, said(2, []), at(60));
    expect(await cancellations(store, id)).toEqual([]);
    // Of a feed stops that it skips are not.
    await store.replace("a", said(0, [run(id, { stops: late })]), at(0));
    expect(await cancellations(store, id)).toEqual([]);
  });

  test(`${adapter}: runs of long ago are forgotten, what is remembered of them later, and the version is never one that was`, async () => {
    const store = await create();
    const ids = ["G1/2026-12-01", "G1/2026-12-02"] as const;
    const versions = new Set([await store.version()]);
    const isNew = async () => {
      expect(versions).not.toContain(await store.version());
      versions.add(await store.version());
    };
    for (const id of ids) {
      await store.replace(operatorSource(id as RunId), said(0, [run(id, { isCancelled: true })]), at(0));
      await isNew();
    }
    const both = ids.map((id) => run(id, { isCancelled: true }));
    await store.replace("a", said(0, both), at(0));
    await isNew();
    await store.forgetBefore(serviceDate("2026-12-02"), serviceDate("2026-12-01"));
    await isNew();
    const left = await store.read();
    expect([...left.keys()].sort()).toEqual(["a", operatorSource(ids[1] as RunId)]);
    expect(left.get("a")!.runs.map(({ runId }) => runId as string)).toEqual([ids[1]]);
    expect(await cancellations(store, ids[0])).toHaveLength(2);
    await store.forgetBefore(serviceDate("2026-12-02"), serviceDate("2026-12-02"));
    expect(await cancellations(store, ...ids)).toEqual([`a ${ids[1]} 0 - all`, `operator ${ids[1]} ${ids[1]} 0 - all`]);
    for (const minute of [1, 2, 3]) {
      await store.replace("a", said(minute, both.slice(1)), at(minute));
      await isNew();
    }
    await store.forgetBefore(serviceDate("2027-12-02"), serviceDate("2027-12-02"));
    await isNew();
    expect([[...(await store.read()).keys()], await cancellations(store, ...ids)]).toEqual([["a"], []]);
  });
}

/** Source, run, since and until in minutes, and where. */
const cancellations = async (store: RunStateStore, ...ids: readonly string[]): Promise<string[]> => {
  const minutes = (time: EpochMs | null) => (time === null ? "-" : String((time - at(0)) / 60_000));
  return (await store.cancellationsOf(ids as readonly RunId[])).map(({ source, runId, since, endedAt, skipped }) =>
    [source, runId, minutes(since), minutes(endedAt), skipped?.join() ?? "all"].join(" "),
  );
};
