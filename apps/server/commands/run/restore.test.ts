/** A cancellation is taken back by two words, and may be broken off between any of its steps: saying it again ends it. */
import { expect, test } from "bun:test";
import { policyDefault, type Run, runId } from "@chepiao/contracts";
import { epochMs, hourMs, minuteMs, type ServiceDate } from "@chepiao/kernel";
import { createMemoryAuditTrail } from "@chepiao/ports/audit-trail";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryOrderStore } from "@chepiao/ports/order-store";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createCancelledRuns, createMemoryRunStateStore, notRunIn, operatorSays } from "@chepiao/ports/run-states";
import { createMemoryWaitlistStore } from "@chepiao/ports/waitlist-store";
import { createMemoryWithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { cancelRun, type CancelWish, restoreRun, runStatus } from "./cancel.ts";
import { stopsBeyond } from "./shorten.ts";
import type { RunStores } from "./stores.ts";

const run = runId("G1", "2026-12-01" as ServiceDate);
const wish = { run, reason: "", isTrial: false, confirmed: null };
const stops = ["A", "B", "C", "D"].map((stationId) => ({ stationId }));

function world() {
  const clock = createManualClock(epochMs(Date.UTC(2026, 10, 30)));
  const outbox = createMemoryOutbox();
  const runStates = createMemoryRunStateStore();
  const refunded: (string | null)[] = [];
  let wordsLeft = Number.POSITIVE_INFINITY;
  const dying = () => {
    if (wordsLeft-- <= 0) throw new Error("killed");
  };
  const stores: RunStores = {
    orders: {
      ...createMemoryOrderStore(outbox),
      runRefunds: async () =>
        refunded.map(
          (why, n) => ({ orderId: n, ticketCount: why === "nothing yet" ? 0 : 1, amountFen: 1, why }) as never,
        ),
    },
    waitlist: createMemoryWaitlistStore(outbox),
    withdrawnCoaches: createMemoryWithdrawnCoachStore(),
    runStates: {
      ...runStates,
      replace: async (...word) => (dying(), runStates.replace(...word)),
      forgetEnded: async (id) => (dying(), runStates.forgetEnded(id)),
    },
    auditTrail: createMemoryAuditTrail(),
    timetable: {
      run: () => ({ train: { stops } }) as unknown as Run,
      resolvePlace: (text) => [text],
      runsOn: () => [],
      station: () => null,
    },
    currency: policyDefault.currency,
    clock,
  };
  const said: string[] = [];
  /** Killed after so many words; time goes on by itself. */
  async function does(what: typeof restoreRun, words = Number.POSITIVE_INFINITY): Promise<string> {
    wordsLeft = words;
    said.length = 0;
    let isOver = false;
    const done = what(stores, run, (line) => void said.push(line)).then(
      () => said.join("\n"),
      (error: Error) => error.message,
    );
    void done.then(() => void (isOver = true));
    while (!isOver) {
      await clock.advance(500);
      await new Promise(setImmediate);
    }
    return done;
  }
  const isRefunding = async () =>
    (await createCancelledRuns(runStates).due(epochMs(clock.now() + minuteMs))).length > 0;
  const isSold = async () => [...(await runStates.read()).values()].every(({ runs }) => runs.length === 0);
  return {
    clock,
    runStates,
    does,
    cancel: (more: Partial<CancelWish> = {}) => does((all, _, say) => cancelRun(all, { ...wish, ...more }, say)),
    shorten: (from: string, to: string, words?: number, more: Partial<CancelWish> = {}) =>
      does(
        async (all, _, say) => cancelRun(all, { ...wish, ...more, skipped: stopsBeyond(all, run, { from, to }) }, say),
        words,
      ),
    /** Stops at which nobody is sold a way; `all` where it does not run. */
    off: async () =>
      [...(await runStates.read()).values()].flatMap(({ runs }) =>
        runs.map((each) => notRunIn(each)?.skipped ?? "all"),
      ),
    refund: (why: string | null = null) => void refunded.push(why),
    refundsFrom: async () => Number((await createCancelledRuns(runStates).now())[0]!.refundsFrom),
    seen: async () => [await isSold(), await isRefunding()],
  };
}

test.each([0, 1, 2, 3])("restoring that is killed after %d words is ended by saying it again", async (words) => {
  const { cancel, does, seen } = world();
  await cancel();
  expect(await seen()).toEqual([false, true]);
  expect(await does(restoreRun, words)).toBe("killed");
  // Until then nobody buys, and once it has begun nobody's money goes back.
  expect(await seen()).toEqual([false, words === 0]);
  if (words > 0) expect(await does(runStatus)).toContain("is being restored");
  expect(await does(restoreRun)).toContain("runs, and is sold again");
  expect(await seen()).toEqual([true, false]);
  expect(await does(restoreRun)).toContain("No operator has cancelled");
});

test("restoring that was broken off is taken back by cancelling", async () => {
  const { cancel, does, seen } = world();
  await cancel();
  await does(restoreRun, 1);
  expect(await cancel()).toContain("is cancelled already");
  expect(await seen()).toEqual([false, true]);
});

test.each([null, "the disk is full"])("where money has gone back, it stays cancelled and goes on: %s", async (why) => {
  const { cancel, does, refund, seen } = world();
  await cancel();
  await does(restoreRun, 1);
  refund("nothing yet");
  refund(why);
  expect(await does(restoreRun)).toContain("have been refunded (1): it stays cancelled");
  expect(await does(runStatus)).toContain("1 orders refunded, 1 tickets");
  expect(await seen()).toEqual([false, true]);
});

test("a train that loses more keeps the time that people were given to choose, unless it is named anew", async () => {
  const { clock, shorten, cancel, refundsFrom } = world();
  await shorten("A", "C", undefined, { chooseMs: 12 * hourMs });
  const until = await refundsFrom();
  await clock.advance(2 * hourMs);
  expect(await shorten("B", "C", undefined, { isTrial: true })).toMatch(/choose for 600 min more: that stands/);
  const other = await shorten("B", "C", undefined, { isTrial: true, chooseMs: 0 });
  expect(other).toContain("--choose says otherwise");
  expect(await shorten("B", "C")).toContain("that stands");
  // No sooner, and later by no more than the command takes.
  const within = async () => (await refundsFrom()) - until;
  expect(await within()).toBeGreaterThanOrEqual(0);
  expect(await within()).toBeLessThan(minuteMs);
  await cancel();
  expect(await within()).toBeGreaterThanOrEqual(0);
  expect(await within()).toBeLessThan(minuteMs);
  const named = world();
  await named.shorten("A", "C", undefined, { chooseMs: 12 * hourMs });
  await named.cancel({ chooseMs: 0 });
  expect((await named.refundsFrom()) - named.clock.now()).toBeLessThan(minuteMs);
});

test("where no time to choose was given, or it is over, nothing is said of it", async () => {
  const { clock, shorten, cancel, refundsFrom } = world();
  await shorten("A", "C", undefined, { chooseMs: hourMs });
  await clock.advance(2 * hourMs);
  expect(await shorten("B", "C")).not.toContain("choose");
  expect(await cancel()).not.toContain("choose");
  expect((await refundsFrom()) - clock.now()).toBeLessThan(minuteMs);
});

test("a feed that has taken back its word is forgotten, too, and one that stands is named", async () => {
  const { clock, cancel, does, runStates } = world();
  const feed = (isCancelled: boolean) =>
    runStates.replace("feed", operatorSays(run, isCancelled, clock.now()), clock.now());
  await feed(true);
  await clock.advance(20 * minuteMs);
  await feed(false);
  expect(await runStates.cancellationsOf([run])).toHaveLength(1);
  expect(await does(restoreRun)).toContain("had been cancelled by feed");
  expect(await runStates.cancellationsOf([run])).toEqual([]);
  await cancel();
  await feed(true);
  expect(await does(restoreRun)).toContain("as long as feed says so");
});

test("a train is shortened to what lies between two of its stations, further, and not at all; to more only once it was restored", async () => {
  const { shorten, cancel, does, off } = world();
  for (const [from, to, why] of [
    ["A", "D", "is the whole way"],
    ["C", "B", "does not go from C to B"],
    ["B", "B", "does not go from B to B"],
    ["B", "Z", "does not call at Z"],
  ] as const)
    expect(await shorten(from, to)).toContain(why);
  expect(await off()).toEqual([]);
  expect(await shorten("A", "C")).toContain("only A–C");
  expect(await off()).toEqual([[3]]);
  expect(await shorten("A", "C")).toContain("shortened so already");
  expect(await shorten("B", "D")).toContain("Restore it first");
  expect(await shorten("B", "C")).toContain("only B–C");
  expect(await off()).toEqual([[0, 3]]);
  expect(await shorten("A", "C")).toContain("Restore it first");
  expect(await cancel()).toContain("is cancelled");
  expect(await off()).toEqual(["all"]);
  expect(await shorten("B", "C")).toContain("restore it first");
  expect(await does(restoreRun)).toContain("runs, and is sold again");
  expect(await off()).toEqual([]);
});

test.each([1, 2, 3])(
  "restoring a shortened train takes nothing else off sale, and is ended when it was killed after %d words",
  async (words) => {
    const { shorten, does, off, seen } = world();
    await shorten("A", "C");
    expect(await does(restoreRun, words)).toBe("killed");
    expect(new Set((await off()).map(String))).toEqual(new Set(["3"]));
    expect((await seen())[1]).toBe(false);
    // Shortened so again it stays so, and is gone through.
    expect(await shorten("A", "C")).toContain("shortened so already");
    expect(await seen()).toEqual([false, true]);
    expect(await does(restoreRun)).toContain("runs all the way");
    expect(await seen()).toEqual([true, false]);
  },
);
