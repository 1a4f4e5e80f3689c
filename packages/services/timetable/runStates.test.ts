/** What every process believes of a run that several speak of. */
import { expect, test } from "bun:test";
import { type RunState, runId } from "@chepiao/contracts";
import { type EpochMs, epochMs, minuteMs, serviceDate } from "@chepiao/kernel";
import { createMemoryRunStateStore, operatorSays, operatorShortens, operatorSource } from "@chepiao/ports/run-states";
import { createMemoryWithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { createRunStates } from "./runStates.ts";

const run = runId("G1", serviceDate("2026-12-01"));
const at = (minute: number): EpochMs => epochMs(minute * minuteMs);
const late = (stop: number, isSkipped = false): RunState["stops"][number] => ({
  stop,
  arriveDelayS: 300,
  departDelayS: 300,
  isSkipped,
});

async function world() {
  let now = at(0);
  const store = createMemoryRunStateStore();
  const withdrawn = createMemoryWithdrawnCoachStore();
  const states = createRunStates(store, withdrawn, { now: () => now });
  const stateOf = async () => {
    await states.refresh();
    return states.stateOf(run);
  };
  return {
    states,
    withdrawn,
    stateOf,
    wait: (minute: number) => void (now = at(minute)),
    operator: (minute: number, skipped: readonly number[] | null) =>
      store.replace(
        operatorSource(run),
        skipped ? operatorShortens(run, skipped, at(minute)) : operatorSays(run, false, at(minute)),
        now,
      ),
    feed: (minute: number, ...stops: RunState["stops"]) =>
      store.replace(
        "feed",
        { at: at(minute), staleAt: at(minute + 10), runs: [{ runId: run, isCancelled: false, stops }], notices: [] },
        now,
      ),
  };
}

test("where an operator has shortened a train it does not call, whatever a feed says before or after; how late it is elsewhere the feed says", async () => {
  for (const feedAt of [1, 3]) {
    const { operator, feed, stateOf, states, wait } = await world();
    await feed(feedAt, late(1), late(2));
    const before = (await stateOf(), states.cancellations());
    await operator(2, [2, 3]);
    const state = (await stateOf())!;
    expect(state.stops.map(({ stop, isSkipped, isCut }) => [stop, isSkipped, isCut])).toEqual([
      [1, false, undefined],
      [2, true, true],
      [3, true, true],
    ]);
    expect(state.stops[0]!.arriveDelayS).toBe(300);
    expect(states.cancellations()).toBe(before + 1);
    // Nobody knows any more how late it is; that it is shortened stands.
    wait(60);
    expect((await stateOf())!.stops.map(({ stop }) => stop)).toEqual([2, 3]);
    await operator(61, null);
    expect(await stateOf()).toBeNull();
    expect(states.cancellations()).toBe(before + 2);
  }
});

test("a stop that only a feed skips is no stop that was cut", async () => {
  const { feed, stateOf } = await world();
  await feed(1, late(1, true));
  expect((await stateOf())!.stops.map(({ isSkipped, isCut }) => [isSkipped, isCut])).toEqual([[true, undefined]]);
});

test("coaches without which a run runs are known as long as they are lost, beside all else that is said of it", async () => {
  const { withdrawn, operator, stateOf, states } = await world();
  const say = async (coachNos: readonly number[], lost: readonly number[]) =>
    withdrawn.set(await withdrawn.version(), {
      runId: run,
      coachNos,
      lost: lost.map((no) => ({ no, since: at(0) })),
    });
  await say([4], []);
  expect(await stateOf()).toBe(null);
  await say([4, 5], [5]);
  expect(await stateOf()).toEqual({ runId: run, isCancelled: false, stops: [], lostCoaches: [5] });
  const before = states.cancellations();
  await operator(1, [2]);
  expect(await stateOf()).toMatchObject({ stops: [{ stop: 2, isCut: true }], lostCoaches: [5] });
  expect(states.cancellations()).toBe(before + 1);
  await say([4], []);
  expect((await stateOf())?.lostCoaches).toBeUndefined();
});
