/** A train loses a coach by an operator's word, which says who is moved where, is confirmed where they are many, and is taken back. */
import { expect, test } from "bun:test";
import { runId } from "@chepiao/contracts";
import { epochMs, type OrderId, type OrderNo, type ServiceDate } from "@chepiao/kernel";
import { loseCoach, loseCoachOn, type LoseWish } from "./lose.ts";
import { run, soldRun } from "./soldRun.suite.ts";
import { reinstateCoach, withdrawCoach } from "./withdraw.ts";

async function world(seats: readonly number[]) {
  const sold = await soldRun(seats);
  const does = (over: Partial<LoseWish> = {}, what = loseCoach) =>
    sold.does({ run, coachNos: [1], reason: "", isTrial: false, confirmed: null, ...over }, what);
  return { ...sold, does };
}

test("a dry run says who is moved where and changes nothing; done, the coach is withdrawn and lost, and status says who is left", async () => {
  const { does, withdrawnCoaches, noted, status } = await world([0, 25]);
  const trial = await does({ isTrial: true });
  expect(trial).toMatch(
    /move +1\n[^]*find no seat +0\n[^]*1-1 +second 01车01A +second 02车01F\n[^]*Nothing was changed/,
  );
  expect([await withdrawnCoaches.version(), noted]).toEqual([0, []]);
  expect(await does({ reason: "no heating" })).toContain("People are given other seats from 5 s on");
  expect(noted[0]).toBe("lost coach 1, run G1/2026-12-01: no heating");
  const [said] = await withdrawnCoaches.ofRuns([run]);
  expect(said).toMatchObject({ coachNos: [1], lost: [{ no: 1 }] });
  expect(await status()).toContain("runs without coach 1: tickets that still have seats there: 1 in coach 1.");
  await withdrawnCoaches.noteReseats(run, [
    { orderId: 1 as OrderId, ticketNos: ["1-1"], why: "SoldOut", at: epochMs(0) },
  ]);
  expect(await status()).toMatch(
    /Orders that had seats there: 1\.[^]*1 have no other seat\.\n[^]* 0 +0 +0 +1 +SoldOut/,
  );
  expect(await does()).toMatch(/runs without coach 1 already[^]*1 in coach 1/);
  expect(await does({}, reinstateCoach)).toContain("sold again");
  expect((await withdrawnCoaches.ofRuns([run]))[0]).toMatchObject({ coachNos: [], lost: [] });
  expect(await status()).not.toContain("runs without");
});

test("nobody is planned into a coach that is withdrawn, and a coach that was withdrawn before may be lost", async () => {
  const { does, withdrawnCoaches } = await world([0, 25]);
  await does({ coachNos: [2] }, withdrawCoach);
  expect(await does({ isTrial: true })).toMatch(/1-1 +second 01车01A +second 03车01/);
  await does({ coachNos: [1] }, withdrawCoach);
  await does();
  expect((await withdrawnCoaches.ofRuns([run]))[0]).toMatchObject({ coachNos: [1, 2], lost: [{ no: 1 }] });
});

test("of several coaches that are lost at once nobody is planned into another, and one that was lost before stays so", async () => {
  const { does, withdrawnCoaches } = await world([0, 25, 30]);
  const trial = await does({ coachNos: [1, 2], isTrial: true });
  expect(trial).toMatch(/without coach 1, 2\n[^]*1-1 +second 01车01A +second 03车/);
  expect(trial).toMatch(/2-1 +second 02车01A +second 03车/);
  await does({ coachNos: [2] });
  await does({ coachNos: [1, 2] });
  expect((await withdrawnCoaches.ofRuns([run]))[0]).toMatchObject({ coachNos: [1, 2], lost: [{ no: 1 }, { no: 2 }] });
  expect(await does({ coachNos: [2, 1] })).toContain("runs without coach 2, 1 already");
  expect(await does({ coachNos: [1, 9] })).toContain("has no coach 9");
});

test("many people are moved only by who has said how many, and who finds no seat is named before", async () => {
  const { does, withdrawnCoaches } = await world([...Array(25).keys()]);
  expect(await does({ isTrial: true })).toMatch(/move +10\n[^]*find no seat +15\n/);
  expect(await does()).toContain("more than 20 tickets: say --confirm 25");
  expect(await does({ confirmed: 24 })).toContain("--confirm says 24 tickets, and now there are 25");
  expect(await withdrawnCoaches.version()).toBe(0);
  expect(await does({ confirmed: 25 })).toContain("People are given other seats");
});

test("whom a gate has let in is counted as inside, and not among those who move", async () => {
  const { does, status, enter } = await world([0, 1, 25]);
  enter(2);
  const trial = await does({ isTrial: true });
  expect(trial).toMatch(/tickets with seats +2\n[^]*move +1\n[^]*inside already, and not moved +1\n/);
  expect(trial).not.toContain("2-1");
  await does();
  expect(await status()).toContain("2 in coach 1");
});

test("asked for a row for each order, status says of each what it has become", async () => {
  const { does, status, withdrawnCoaches, become } = await world([0, 1, 2]);
  await does();
  const result = (n: number) => ({ orderId: n as OrderId, ticketNos: [`${n}-1`], why: null, at: epochMs(0) });
  await withdrawnCoaches.noteReseats(run, [1, 2, 3].map(result));
  become(1, { state: "changed", replacedBy: "EE2026" as OrderNo });
  become(2, { state: "refunded" });
  expect(await status(true)).toMatch(/1 became others, 1 were given back, 0 are inside, 1 have no other seat/);
  expect(await status(true)).toMatch(/ 1 +0 +0 +0 +EE2026\n[^]* 0 +1 +0 +0\n[^]* 0 +0 +0 +1/);
});

test("who did not move from a coach that runs again has the seat that he had", async () => {
  const { does, status, withdrawnCoaches } = await world([0, 25]);
  await does();
  await does({ coachNos: [2] });
  const result = (n: number) => ({ orderId: n as OrderId, ticketNos: [`${n}-1`], why: "SoldOut", at: epochMs(0) });
  await withdrawnCoaches.noteReseats(run, [1, 2].map(result));
  expect(await status()).toContain("2 have no other seat");
  await does({}, reinstateCoach);
  expect(await status()).toMatch(/Orders that had seats there: 1\.[^]* 1 have no other seat/);
});

test("a coach that the train does not have and a train that is not known are refused, and nothing is changed", async () => {
  const { does, withdrawnCoaches, noted } = await world([0]);
  expect(await does({ coachNos: [9] })).toContain("has no coach 9: it is made of 1, 2, 3");
  expect(await does({ run: runId("G9", "2026-12-01" as ServiceDate) })).toContain("does not know G9/2026-12-01");
  expect([await withdrawnCoaches.version(), noted]).toEqual([0, []]);
});

test("of several days all are planned and confirmed together before any is said, and said again what is left is gone on with", async () => {
  const days = ["2026-12-01", "2026-12-02", "2026-12-03"].map((day) => runId("G1", day as ServiceDate));
  const { does, withdrawnCoaches, noted } = await world(Array.from({ length: 21 }, (_, n) => n));
  const onDays = (over: Partial<LoseWish> = {}) =>
    does(over, (stores, wish, say) => loseCoachOn(stores, days, wish, say));
  expect(await onDays({ isTrial: true })).toMatch(/On 3 days: 21 tickets lose their seats\.\nNothing was changed/);
  expect(await onDays()).toMatch(/say --confirm 21/);
  expect([await withdrawnCoaches.version(), noted]).toEqual([0, []]);
  // One of them was said before, or the process died behind it.
  await does({ run: days[1]! });
  expect(await onDays({ confirmed: 21 })).toMatch(
    /12-02 runs without coach 1 already[^]*On 2 days: 21[^]*run status G1 2026-12-03/,
  );
  const all = await withdrawnCoaches.ofRuns(days);
  expect(all.map(({ lost }) => lost.map(({ no }) => no))).toEqual([[1], [1], [1]]);
  expect(await withdrawnCoaches.version()).toBe(3);
  expect(await onDays({ confirmed: 21 })).toMatch(/already[^]*already[^]*already/);
});

test("a day that somebody else says something of between its plan and its turn is refused, and nothing of it is changed", async () => {
  const days = ["2026-12-01", "2026-12-02"].map((day) => runId("G1", day as ServiceDate));
  const { does, withdrawnCoaches, noted, stores } = await world([]);
  const { withdrawnCoaches: store } = stores;
  const answer = await does({}, (own, wish, say) =>
    loseCoachOn(
      {
        ...own,
        withdrawnCoaches: {
          ...store,
          async set(after, said) {
            const version = await store.set(after, said);
            // Between the first day and the second.
            if (said.runId === days[0]) await store.set(version!, { runId: days[1]!, coachNos: [3], lost: [] });
            return version;
          },
        },
      },
      days,
      wish,
      say,
    ),
  );
  expect(answer).toMatch(/refused: Somebody else [^]*Of G1\/2026-12-02 nothing was changed/);
  const all = await withdrawnCoaches.ofRuns(days);
  expect(all.map(({ coachNos }) => coachNos)).toEqual([[1], [3]]);
  expect(noted.at(-1)).toMatch(/refused/);
});
