/** The rules of a store of run states. */
import { expect, test } from "bun:test";
import type { Notice, RunId, RunState } from "@chepiao/contracts";
import { type EpochMs, epochMs } from "@chepiao/kernel";
import type { RunStates, RunStateStore } from "./run-states.ts";

const at = (minute: number): EpochMs => epochMs(Date.parse("2026-12-01T08:00:00Z") + minute * 60_000);
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
    expect(await store.replace("a", all)).toBe(true);
    expect(await store.read()).toEqual(new Map([["a", all]]));
    expect(await store.version()).toBeGreaterThan(before);
  });

  test(`${adapter}: what is not said any more is taken back, of that source alone`, async () => {
    const store = await create();
    const others = said(0, [run("G9/2026-12-01", { isCancelled: true })]);
    await store.replace("b", others);
    await store.replace("a", said(0, [run("G1/2026-12-01", { stops: late }), run("G2/2026-12-01")], [notice]));
    const newer = said(1, [run("G1/2026-12-01", { stops: late.slice(1) }), run("G3/2026-12-01")]);
    const version = await store.version();
    expect(await store.replace("a", newer)).toBe(true);
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
    await store.replace("a", newer);
    const version = await store.version();
    expect(await store.replace("a", said(0, []))).toBe(false);
    expect(await store.replace("a", said(1, []))).toBe(false);
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
    await store.replace("a", many(0, 60));
    await store.replace("a", many(1, 120));
    expect((await store.read()).get("a")).toEqual(many(1, 120));
  });
}
