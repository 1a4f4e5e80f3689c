/** A sold run is exchanged by an operator's word, which says who is moved where, is confirmed where they are many, and is taken back by another. */
import { expect, test } from "bun:test";
import type { Composition } from "@chepiao/contracts";
import { epochMs, type OrderId } from "@chepiao/kernel";
import { exchangeRun, type ExchangeWish } from "./exchange.ts";
import { loseCoach } from "./lose.ts";
import { composition, run, soldRun } from "./soldRun.suite.ts";
import { withdrawCoach } from "./withdraw.ts";

const section = (rows: number, seatClass: "first" | "second" = "second") => [{ seatClass, rows }];
/** Coach 1 has fewer rows, coach 2 is first class, and coach 4 is new: of 35 seats of second class it has 15, and 5 that are new. */
const other: Composition = {
  code: "OTHER",
  coaches: [
    { no: 1, sections: section(2) },
    { no: 2, sections: section(1, "first") },
    { no: 3, sections: section(1) },
    { no: 4, sections: section(1) },
  ],
};
const small: Composition = { code: "SMALL", coaches: [{ no: 1, sections: section(1) }] };

async function world(seats: readonly number[]) {
  const sold = await soldRun(seats, [composition, other, small]);
  const exchange = (to: string, over: Partial<ExchangeWish> = {}) =>
    sold.does({ run, composition: to, reason: "", isTrial: false, confirmed: null, ...over }, exchangeRun);
  const said = async () => (await sold.withdrawnCoaches.ofRuns([run]))[0];
  return { ...sold, exchange, said };
}

test("a dry run says who stays and who is moved where, and changes nothing; done, the run is another, and status says how far it is", async () => {
  const { exchange, said, noted, status, withdrawnCoaches, hear } = await world([0, 24, 25, 30]);
  const trial = await exchange("OTHER", { isTrial: true });
  expect(trial).toMatch(
    /tickets with seats +4\n[^]*stay on their seats +2\n[^]*move +2\n[^]*find no seat +0\n[^]*who wait for seats +0\n[^]*Nothing was changed/,
  );
  expect(trial).toMatch(/2-1 +second 01车05F +second \d\d车/);
  expect([await withdrawnCoaches.version(), noted]).toEqual([0, []]);
  expect(await exchange("OTHER", { reason: "stock is elsewhere" })).toContain(
    "To take it back: run exchange G1 2026-12-01 T",
  );
  expect(noted[0]).toBe("runs as OTHER in place of T, run G1/2026-12-01: stock is elsewhere");
  expect(await said()).toMatchObject({
    exchange: { compositions: [{ code: "T" }, { code: "OTHER" }], closedAt: null, openedAt: null },
  });
  expect(await status()).toContain("has not begun");
  await hear();
  const exchanged = (await said())!;
  const now = epochMs(1);
  await withdrawnCoaches.set(1, { ...exchanged, exchange: { ...exchanged.exchange!, closedAt: now } });
  expect(await status()).toMatch(
    /runs as OTHER, and was sold as T: tickets that still have seats which it does not have: 2\. They are given others now/,
  );
  await withdrawnCoaches.noteReseats(run, [{ orderId: 2 as OrderId, ticketNos: ["2-1"], why: "SoldOut", at: now }]);
  await withdrawnCoaches.set(2, { ...exchanged, exchange: { ...exchanged.exchange!, closedAt: now, openedAt: now } });
  expect(await status()).toMatch(/All have been asked for[^]*1 have no other seat\.\n[^]*SoldOut/);
  expect(await exchange("OTHER")).toMatch(/runs as OTHER already[^]*: 2\. All/);
});

test("a smaller train leaves people without a seat, who are counted with their fares; many are moved only by who says how many", async () => {
  const seats = Array.from({ length: 25 }, (_, n) => n);
  const { exchange, said } = await world(seats);
  expect(await exchange("SMALL", { isTrial: true })).toMatch(/stay on their seats +5\n[^]*find no seat +20\n/);
  // Of 25 those in row 1 stay.
  expect(await exchange("OTHER", { isTrial: true })).toMatch(/stay on their seats +10\n/);
  const { exchange: more, said: none } = await world([...seats, 25]);
  expect(await more("SMALL")).toContain("say --confirm 21");
  expect(await more("SMALL", { confirmed: 20 })).toContain("now there are 21");
  expect(await none()).toBeUndefined();
  expect(await more("SMALL", { confirmed: 21 })).toContain("Nobody is sold a seat");
  expect(await said()).toBeUndefined();
});

test("exchanged again and back before anybody was moved, each is planned of the train as it is; what was said of its coaches ends", async () => {
  const { exchange, said, does, hear, status } = await world([24, 25]);
  await does({ run, coachNos: [2], reason: "", isTrial: false }, withdrawCoach);
  expect(await exchange("OTHER")).toContain("Coach 2 was withdrawn from sale");
  expect(await said()).toMatchObject({ coachNos: [], lost: [] });
  // A command that began before the timetable was read anew plans of it all the same.
  expect(await exchange("SMALL", { isTrial: true })).toContain("as SMALL in place of OTHER");
  await hear();
  expect(await does({ run, coachNos: [9], reason: "", isTrial: false }, withdrawCoach)).toContain("made of 1, 2, 3, 4");
  expect(await exchange("T")).toMatch(/as T in place of OTHER\n[^]*stay on their seats +2\n/);
  await hear();
  expect((await said())!.exchange!.compositions.map(({ code }) => code)).toEqual(["T", "OTHER", "T"]);
  expect(await status()).toContain("which it does not have: 0.");
  // Coach 2 is that of the first train again, with its five seats.
  expect(await does({ run, coachNos: [2], reason: "", isTrial: true }, withdrawCoach)).toMatch(/second +5 +1\n/);
  expect(await exchange("NONE")).toContain("There are OTHER, SMALL, T");
});

test("a coach that the exchanged train loses is planned of its own seats, and counted apart from what it never had", async () => {
  const { exchange, does, hear, status } = await world([0, 24, 30]);
  await exchange("OTHER");
  await hear();
  const lose = (isTrial: boolean) => does({ run, coachNos: [3], reason: "", isTrial, confirmed: null }, loseCoach);
  // Who has not been moved yet goes with them.
  expect(await lose(true)).toMatch(/stay on their seats +1\n[^]*move +2\n/);
  await lose(false);
  expect(await status()).toMatch(/which it does not have: 1\.[^]*runs without coach 3: [^]*: 1 in coach 3\./);
});

test("of two who say something of it at once, one is told to say it again", async () => {
  const { stores, exchange, withdrawnCoaches, noted } = await world([0]);
  const { version } = withdrawnCoaches;
  stores.withdrawnCoaches.version = async () => (await version()) - 1;
  expect(await exchange("OTHER")).toContain("say it again");
  expect(noted.at(-1)).toMatch(/^refused: .*Nothing was changed/);
});
