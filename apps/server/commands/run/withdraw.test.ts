/** A coach is taken off sale and put back by an operator's word, which says what it means and is noted; a wrong one changes nothing. */
import { expect, test } from "bun:test";
import { policyDefault, type Run, runId } from "@chepiao/contracts";
import { addDays, epochMs, type ServiceDate } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemoryOrderStore } from "@chepiao/ports/order-store";
import { createMemoryOutbox } from "@chepiao/ports/outbox";
import { createMemoryRunStateStore } from "@chepiao/ports/run-states";
import { createMemoryWaitlistStore } from "@chepiao/ports/waitlist-store";
import { createMemoryWithdrawnCoachStore } from "@chepiao/ports/withdrawn-coaches";
import { runStatus } from "./cancel.ts";
import type { RunStores } from "./stores.ts";
import { type CoachWish, reinstateCoach, withdrawCoach } from "./withdraw.ts";
import { createNotedTrail } from "../../testing/auditTrail.ts";

const date = "2026-12-01" as ServiceDate;
const run = runId("G1", date);
const composition = {
  code: "T",
  coaches: [
    { no: 1, sections: [{ seatClass: "first", rows: 2 }] },
    { no: 2, sections: [{ seatClass: "second", rows: 2 }] },
  ],
};

function world() {
  const clock = createManualClock(epochMs(Date.UTC(2026, 10, 30)));
  const outbox = createMemoryOutbox();
  const withdrawnCoaches = createMemoryWithdrawnCoachStore();
  const { trail: auditTrail, noted } = createNotedTrail();
  const stores: RunStores = {
    orders: createMemoryOrderStore(outbox),
    waitlist: createMemoryWaitlistStore(outbox),
    withdrawnCoaches,
    runStates: createMemoryRunStateStore(),
    auditTrail,
    timetable: {
      run: (train) => (train === "G1" ? ({ runId: run, train: { composition, stops: [] } } as unknown as Run) : null),
      resolvePlace: (text) => [text],
      runsOn: () => [],
      station: () => null,
    },
    currency: policyDefault.currency,
    clock,
  };
  async function does(what: typeof withdrawCoach, over: Partial<CoachWish> = {}): Promise<string> {
    const said: string[] = [];
    const wish = { run, coachNos: [2], reason: "", isTrial: false, ...over };
    return what(stores, wish, (line) => void said.push(line)).then(
      () => said.join("\n"),
      (error: Error) => `refused: ${error.message}`,
    );
  }
  const status = async () => {
    const said: string[] = [];
    await runStatus(stores, run, (line) => void said.push(line));
    return said.join("\n");
  };
  const withdrawn = async () => (await withdrawnCoaches.ofRuns([run]))[0]?.coachNos ?? [];
  return { clock, stores, withdrawnCoaches, withdrawn, noted, does, status };
}

test("a coach is withdrawn beside others and reinstated, and what is withdrawn is in the status", async () => {
  const { does, withdrawnCoaches, withdrawn, noted, status } = world();
  expect(await does(withdrawCoach, { isTrial: true })).toMatch(/second +10 +0\nNothing was changed/);
  expect([await withdrawnCoaches.version(), noted]).toEqual([0, []]);
  expect(await does(withdrawCoach, { reason: "no heating" })).toContain("is for nobody");
  expect(noted[0]).toBe("withdrew coach 2, run G1/2026-12-01: no heating");
  await does(withdrawCoach, { coachNos: [1] });
  expect(await withdrawn()).toEqual([1, 2]);
  expect(await does(withdrawCoach)).toContain("withdrawn from sale already");
  expect(await status()).toContain("Withdrawn from sale: coach 1, 2 of G1/2026-12-01.");
  expect(await does(reinstateCoach, { isTrial: true })).toContain("Nothing was changed");
  expect(await does(reinstateCoach)).toContain("sold again");
  expect([await withdrawn(), noted.length]).toEqual([[1], 3]);
  expect(await does(reinstateCoach, { coachNos: [1] })).toContain("sold again");
  expect(await status()).not.toContain("Withdrawn");
});

test("a coach that the train does not have, a train that is not known or long over, and a coach that is for sale are refused", async () => {
  const { does, withdrawnCoaches, noted, clock } = world();
  expect(await does(withdrawCoach, { coachNos: [3] })).toBe(
    "refused: G1/2026-12-01 has no coach 3: it is made of 1, 2.",
  );
  expect(await does(withdrawCoach, { run: runId("G2", date) })).toContain("The timetable does not know G2/2026-12-01");
  expect(await does(reinstateCoach)).toContain("is not withdrawn from sale");
  await clock.advance(Date.parse(addDays(date, 30)) - clock.now());
  expect(await does(withdrawCoach)).toContain("was more than 14 days ago");
  expect([await withdrawnCoaches.version(), noted]).toEqual([0, []]);
});

test("who comes behind somebody else's change is told, and has changed nothing", async () => {
  const { does, withdrawnCoaches, withdrawn, stores, noted } = world();
  // Between his look and his word another withdraws a coach.
  const { auditTrail } = stores;
  const busy: RunStores["auditTrail"] = {
    ...auditTrail,
    append: async (entry) => {
      await withdrawnCoaches.set(0, { runId: run, coachNos: [1], lost: [] });
      await auditTrail.append(entry);
    },
  };
  Object.assign(stores, { auditTrail: busy });
  expect(await does(withdrawCoach)).toContain("say it again");
  expect(await withdrawn()).toEqual([1]);
  expect(noted.at(-1)).toMatch(/^refused: .*nothing was changed/);
  Object.assign(stores, { auditTrail });
  await does(withdrawCoach);
  expect(await withdrawn()).toEqual([1, 2]);
});
